//! Prints what is new in the file as it comes.

use super::arguments::{Arguments, WatchOptions};
use super::output::{data, json, moment, plain, reader_gone};
use super::{Ending, setup};
use crate::app::{Event, Viewer};

pub(super) async fn run(options: &WatchOptions, arguments: &Arguments) -> anyhow::Result<Ending> {
    let viewer = Viewer::open(setup::config(arguments)?).await?;
    let since = options.since.map(|since| since.moment(viewer.now()));
    let mut tell = |event: Event| {
        let printed = if options.jsonl { json(&event) } else { data(&line(&event)) };
        printed.map_err(anyhow::Error::new)
    };
    tokio::select! {
        ended = viewer.watch(since, options.sightings, &mut tell) => ended?,
        // Nothing may come for hours that would find the pipe closed.
        () = reader_gone() => {}
    }
    Ok(Ending::Done)
}

fn line(event: &Event) -> String {
    match event {
        Event::Article(article) => {
            let url = article.url.as_deref().map_or_else(String::new, plain);
            let (id, title) = (article.id.0, plain(&article.title));
            format!("{}  article {id}  {title}  {url}", moment(article.first_seen_at))
                .trim_end()
                .to_owned()
        }
        Event::Sighting(sighting) => format!(
            "{}  sighting {} of article {}: {} in {}",
            moment(sighting.first_seen_at),
            sighting.id.0,
            sighting.article_id.0,
            sighting.verdict,
            plain(&sighting.feed),
        ),
    }
}
