//! Keeps strangers' links from making us ask our own network.
//!
//! Feeds and links come from anywhere, and whoever writes one chooses what we ask. The guard
//! stands behind DNS: it answers a name with allowed addresses only, and the connection is made
//! to exactly these, so a name cannot change between the check and the connect. Addresses written
//! as numbers (`http://0x7f.1/` too: the URL parser has normalised it) never reach DNS and are
//! checked before the request. Each redirect is a request of its own and passes here again.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// An address refused by the guard.
#[derive(Debug, Clone, thiserror::Error)]
#[error(
    "{host} is {address}, {kind}; set `http.allow_private_networks = true` if it is yours to ask"
)]
pub struct NotAllowed {
    host: String,
    address: IpAddr,
    kind: &'static str,
}

/// Asks for the addresses of a name.
type LookUp = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

#[derive(Clone)]
pub(super) struct Guard {
    allow_private: bool,
    look_up: LookUp,
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("allow_private", &self.allow_private).finish_non_exhaustive()
    }
}

impl Guard {
    pub(super) fn new(allow_private: bool) -> Self {
        let look_up: LookUp = Arc::new(|name| {
            Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
        });
        Self { allow_private, look_up }
    }

    /// Refuses an address written as a number; names are checked when they are resolved.
    pub(super) fn check_literal(&self, url: &Url) -> Result<(), NotAllowed> {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) | None => return Ok(()),
        };
        self.check(&address.to_string(), address)
    }

    fn check(&self, host: &str, address: IpAddr) -> Result<(), NotAllowed> {
        match special(address) {
            Some(kind) if !self.allow_private => {
                Err(NotAllowed { host: host.to_owned(), address, kind })
            }
            _ => Ok(()),
        }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let mut refused = None;
            let mut allowed: Vec<SocketAddr> = Vec::new();
            for address in (guard.look_up)(name.as_str().to_owned()).await? {
                match guard.check(name.as_str(), address.ip()) {
                    Ok(()) => allowed.push(address),
                    Err(error) => refused = Some(error),
                }
            }
            match refused {
                Some(error) if allowed.is_empty() => Err(error.into()),
                _ => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}

/// What kind of special address this is; `None` for one of the public Internet.
///
/// After the IANA registries of special-purpose addresses for IPv4 and IPv6 (RFC 6890 and its
/// successors). Addresses that carry an IPv4 address inside are judged by that one.
fn special(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => special_v4(address),
        IpAddr::V6(address) => special_v6(address),
    }
}

fn special_v4(address: Ipv4Addr) -> Option<&'static str> {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        (0, ..) => Some("an unspecified address"),
        (127, ..) => Some("a loopback address"),
        (10, ..) | (172, 16..=31, _) | (192, 168, _) => Some("a private address"),
        (100, 64..=127, _) => Some("a shared (CGNAT) address"),
        (169, 254, _) => Some("a link-local address"),
        (224..=239, ..) => Some("a multicast address"),
        (192, 0, 0 | 2)
        | (192, 88, 99)
        | (198, 18 | 19, _)
        | (198, 51, 100)
        | (203, 0, 113)
        | (240..=255, ..) => Some("a reserved address"),
        _ => None,
    }
}

fn special_v6(address: Ipv6Addr) -> Option<&'static str> {
    if let Some(inner) = carried_v4(address) {
        return special_v4(inner);
    }
    let [first, second, ..] = address.segments();
    match first {
        _ if address.is_unspecified() => Some("an unspecified address"),
        _ if address.is_loopback() => Some("a loopback address"),
        0xfe80..=0xfebf => Some("a link-local address"),
        0xfc00..=0xfdff | 0xfec0..=0xfeff => Some("a private address"),
        0xff00..=0xffff => Some("a multicast address"),
        0x2001 if second < 0x0200 || second == 0x0db8 => Some("a reserved address"),
        0x0000 | 0x0064 | 0x0100 | 0x3fff | 0x5f00 => Some("a reserved address"),
        _ => None,
    }
}

/// The IPv4 address inside a mapped, compatible, NAT64 or 6to4 address.
fn carried_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [s0, s1, s2, s3, s4, s5, high, low] = address.segments();
    let of = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match (s0, s1, s2, s3, s4, s5) {
        (0, 0, 0, 0, 0, 0xffff) | (0, 0, 0, 0, 0xffff, 0) | (0x64, 0xff9b, 0, 0, 0, 0) => {
            Some(of(high, low))
        }
        (0, 0, 0, 0, 0, 0) if high != 0 => Some(of(high, low)),
        (0x2002, ..) => Some(of(s1, s2)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn only_public_addresses_pass() {
        for (text, passes) in [
            ("http://93.184.215.14/", true),
            ("http://[2606:2800:21f:cb07::1]/", true),
            ("http://[::ffff:93.184.215.14]/", true),
            ("http://127.0.0.1/", false),
            ("http://0x7f.1/", false),
            ("http://2130706433/", false),
            ("http://017700000001/", false),
            ("http://0/", false),
            ("http://10.1.2.3/", false),
            ("http://172.31.255.255/", false),
            ("http://172.32.0.1/", true),
            ("http://192.168.0.1/", false),
            ("http://100.64.0.1/", false),
            ("http://169.254.169.254/latest/meta-data/", false),
            ("http://192.0.2.1/", false),
            ("http://198.18.0.1/", false),
            ("http://224.0.0.1/", false),
            ("http://255.255.255.255/", false),
            ("http://[::]/", false),
            ("http://[::1]/", false),
            ("http://[::ffff:127.0.0.1]/", false),
            ("http://[::ffff:0:127.0.0.1]/", false),
            ("http://[::127.0.0.1]/", false),
            ("http://[64:ff9b::7f00:1]/", false),
            ("http://[64:ff9b:1::1]/", false),
            ("http://[2002:7f00:1::]/", false),
            ("http://[fe80::1]/", false),
            ("http://[fd00:ec2::254]/", false),
            ("http://[fec0::1]/", false),
            ("http://[ff02::1]/", false),
            ("http://[2001:db8::1]/", false),
            ("http://[2001::1]/", false),
        ] {
            let url = Url::parse(text).unwrap();
            assert_eq!(Guard::new(false).check_literal(&url).is_ok(), passes, "{text}");
            assert!(Guard::new(true).check_literal(&url).is_ok(), "{text}");
        }
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_refused_after_dns() {
        let resolved = Guard::new(false).resolve("localhost".parse().unwrap()).await;
        assert!(resolved.is_err_and(|error| error.is::<NotAllowed>()));
        assert!(Guard::new(true).resolve("localhost".parse().unwrap()).await.is_ok());
    }

    /// A name server whose answers change, and how often it was asked.
    fn changing(answers: &'static [&'static str]) -> (LookUp, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let look_up = move |_: String| -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
            let turn = count.fetch_add(1, Ordering::Relaxed).min(answers.len() - 1);
            Box::pin(async move { Ok(vec![SocketAddr::new(answers[turn].parse().unwrap(), 0)]) })
        };
        (Arc::new(look_up), asked)
    }

    #[tokio::test]
    async fn the_address_that_was_checked_is_the_one_that_is_asked() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://rebind.example:{}/", listener.local_addr().unwrap().port());
        // The second answer would lead elsewhere; nobody asks for it.
        let (look_up, asked) = changing(&["127.0.0.1", "127.0.0.9"]);
        let guard = Guard { allow_private: true, look_up };
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder().no_proxy().dns_resolver(Arc::new(guard)).build();
        let client = client.unwrap();
        let request = client.get(&url).send();
        tokio::select! {
            _ = listener.accept() => {}
            answer = request => panic!("the server that was checked is not the one asked: {answer:?}"),
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_name_that_turns_private_is_refused_when_it_does() {
        let (look_up, _) = changing(&["93.184.215.14", "127.0.0.1"]);
        let guard = Guard { allow_private: false, look_up };
        assert!(guard.resolve("rebind.example".parse().unwrap()).await.is_ok());
        let second = guard.resolve("rebind.example".parse().unwrap()).await;
        assert!(second.is_err_and(|error| error.is::<NotAllowed>()));
    }
}
