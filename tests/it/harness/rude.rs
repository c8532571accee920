//! Serves what no good server would, byte by byte.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// How long a server that drips lets pass between two bytes.
const DRIP: Duration = Duration::from_millis(20);

/// A server that treats whoever asks in one manner. It is gone when it is dropped.
#[derive(Debug)]
pub(crate) struct Rude {
    root: String,
    _server: JoinSet<()>,
}

/// How a rude server answers.
#[derive(Debug, Clone)]
pub(crate) enum Manner {
    /// Breaks the connection off before the request is read.
    Resets,
    /// Says these bytes and hangs up.
    Says(Vec<u8>),
    /// Says these bytes, and then nothing for ever.
    FallsSilent(Vec<u8>),
    /// Says these bytes, and then a blank now and then for ever.
    Drips(Vec<u8>),
    /// Says these bytes, and then blanks for ever, as fast as they are taken.
    Floods(Vec<u8>),
    /// Begins an answer whose headers never end.
    NeverEndsHeaders,
}

impl Rude {
    pub(crate) async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let mut server = JoinSet::new();
        server.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (connection, _) = listener.accept().await.unwrap();
                connections.spawn(answer(connection, manner.clone()));
            }
        });
        Self { root, _server: server }
    }

    /// The address of `path` here; every path is answered alike.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.root)
    }
}

/// Ends when the client hangs up.
async fn answer(mut connection: TcpStream, manner: Manner) -> std::io::Result<()> {
    if matches!(manner, Manner::Resets) {
        // Closing a socket with unread bytes in it resets the connection.
        return connection.readable().await;
    }
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(connection.read_u8().await?);
    }
    match manner {
        Manner::Resets => Ok(()),
        Manner::Says(bytes) => {
            connection.write_all(&bytes).await?;
            connection.shutdown().await
        }
        Manner::FallsSilent(bytes) => {
            connection.write_all(&bytes).await?;
            connection.read_u8().await.map(drop)
        }
        Manner::Drips(bytes) => {
            connection.write_all(&bytes).await?;
            let mut drips = tokio::time::interval(DRIP);
            loop {
                drips.tick().await;
                connection.write_all(b" ").await?;
            }
        }
        Manner::NeverEndsHeaders => {
            connection.write_all(b"HTTP/1.1 200 OK\r\n").await?;
            loop {
                connection.write_all(b"x-more: and more\r\n").await?;
            }
        }
        Manner::Floods(bytes) => {
            connection.write_all(&bytes).await?;
            let blanks = [b' '; 4_096];
            loop {
                connection.write_all(&blanks).await?;
            }
        }
    }
}
