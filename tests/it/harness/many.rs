//! Invents a file of many articles at once, for what only shows in a large one.
//!
//! The rows are written straight into the tables, as a set of feeds would leave them in ninety days
//! or so: most articles are seen once and some in thirty feeds, a few have no text or wait for their
//! link, a few hosts publish much and many a little.

use chrono::{DateTime, SecondsFormat};
use rusqlite::{Connection, Result, Statement, named_params, params};

/// How much is invented.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) articles: i64,
    /// How many of them a day brings; the last was seen just now.
    pub(crate) a_day: i64,
    pub(crate) feeds: i64,
    /// How many words an article has, more or less.
    pub(crate) words: u64,
}

/// The article that stories are told of: it has an earlier text, copies, and lines that were removed.
pub(crate) const KNOWN_ARTICLE: i64 = 2;

const DAY_S: i64 = 86_400;

/// How many days the log of polls is kept, and how many polls of a feed a day has.
const POLL_DAYS: i64 = 30;
const POLLS_A_DAY: i64 = 24;

/// There are a thousand hosts, and thirty thousand words.
const HOST_BITS: u32 = 10;
const WORD_BITS: u32 = 15;

/// Languages and how many of a hundred articles have them.
const LANGUAGES: [(Option<&str>, u64); 8] = [
    (Some("en"), 45),
    (Some("id"), 15),
    (Some("de"), 10),
    (Some("es"), 10),
    (Some("fr"), 7),
    (Some("zh"), 5),
    (Some("ar"), 4),
    (None, 4),
];

/// Fills an empty file of the present schema, the full-text index excepted.
pub(crate) fn fill(db: &mut Connection, extent: Extent) -> Result<()> {
    let now: i64 =
        db.query_row("SELECT CAST(strftime('%s', 'now') AS INTEGER)", [], |row| row.get(0))?;
    let tx = db.transaction()?;
    feeds(&tx, extent, now)?;
    let mut rows = Rows::prepare(&tx)?;
    for number in 0..extent.articles {
        let age = (extent.articles - 1 - number) * DAY_S / extent.a_day;
        rows.article(extent, number, now - age)?;
    }
    drop(rows);
    tx.commit()
}

/// Adds every article to the full-text index.
pub(crate) fn index(db: &Connection) -> Result<()> {
    db.execute_batch(
        "INSERT INTO search (rowid, title, body) SELECT id, title, body FROM articles;
         DELETE FROM search_queue;",
    )
}

fn feeds(db: &Connection, extent: Extent, now: i64) -> Result<()> {
    let mut feed = db.prepare(
        "INSERT INTO feeds (id, url, origin, title, category, added_at, next_poll_at,
                            next_poll_reason, last_poll_at, last_success_at, last_error, failures)
         VALUES (:id, :url, 'added', :title, :category, :added_at, :now, 'its own rhythm', :now,
                 :success, :error, :failures)",
    )?;
    let mut poll = db.prepare(
        "INSERT INTO polls (feed_id, started_at, duration_ms, outcome, http_status, entries,
                            new_articles, error)
         VALUES (?1, ?2, 130, ?3, ?4, 20, ?5, ?6)",
    )?;
    for id in 1..=extent.feeds {
        // One in ten fails, and one in twenty always has.
        let fails = id % 10 == 0;
        let error = fails.then_some("it answers 404: there is no such feed");
        feed.execute(named_params! {
            ":id": id,
            ":url": feed_url(id),
            ":title": format!("Feed {id}"),
            ":category": ["local", "world", "science"][usize_of(id) % 3],
            ":added_at": moment(now - 90 * DAY_S),
            ":now": moment(now),
            ":success": (id % 20 != 0).then(|| moment(now)),
            ":error": error,
            ":failures": if fails { 3 } else { 0 },
        })?;
        for back in 0..POLL_DAYS * POLLS_A_DAY {
            let started_at = moment(now - back * DAY_S / POLLS_A_DAY);
            // One in ten has fallen silent.
            let new = if id % 10 == 1 { 0 } else { mixed(id * 1_000 + back) % 3 };
            let outcome = match (fails, new) {
                (true, _) => "failed",
                (false, 0) => "not-modified",
                (false, _) => "changed",
            };
            let status = if fails { 404 } else { 200 };
            poll.execute(params![id, started_at, outcome, status, cast(new), error])?;
        }
    }
    Ok(())
}

struct Rows<'a> {
    article: Statement<'a>,
    url_key: Statement<'a>,
    sighting: Statement<'a>,
    evidence: Statement<'a>,
    choice: Statement<'a>,
    removed: Statement<'a>,
    revision: Statement<'a>,
    queued: Statement<'a>,
    sightings: i64,
}

impl<'a> Rows<'a> {
    fn prepare(db: &'a Connection) -> Result<Self> {
        Ok(Self {
            article: db.prepare(
                "INSERT INTO articles (id, url, url_standing, title, author, language, published_at,
                                       first_seen_at, changed_at, body, body_sha256, words,
                                       text_source, text_copied, rules_version, summary, hold_reason)
                 VALUES (:id, :url, 'feed', :title, 'A. Reporter', :language, :at, :at, :at, :body,
                         :sha256, :words, :source, 0, 'invented', :summary, :hold_reason)",
            )?,
            url_key: db.prepare("INSERT INTO url_keys (url_key, article_id) VALUES (?1, ?2)")?,
            sighting: db.prepare(
                "INSERT INTO sightings (id, feed_id, entry_key, article_id, title, link, target,
                                        published_at, headline, entry_sha256, body_sha256,
                                        text_source, verdict, similarity, first_seen_at, last_seen_at)
                 VALUES (:id, :feed, :key, :article, :title, :link, :target, :at, :headline, :sha256,
                         :body_sha256, 'feed', :verdict, :similarity, :at, :at)",
            )?,
            evidence: db.prepare(
                "INSERT INTO evidence (sighting_id, reason, article_id, containment, shared, runs)
                 VALUES (?1, 'contained', ?2, ?3, 142, 153)",
            )?,
            choice: db.prepare(
                "INSERT INTO text_choices (sighting_id, source, reason, page_tries, next_try_at)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?,
            removed: db.prepare(
                "INSERT INTO removed_lines (sighting_id, position, rule, line) VALUES (?1, ?2, ?3, ?4)",
            )?,
            revision: db.prepare(
                "INSERT INTO revisions (article_id, title, body, body_sha256, replaced_at)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?,
            queued: db.prepare(
                "INSERT INTO link_queue (link, handle, asks, tries, error, queued_at, next_try_at)
                 VALUES (?1, ?1, 'redirector', 1, 'it answers 503', ?2, ?2)",
            )?,
            sightings: 0,
        })
    }

    /// Invents an article that was first seen at this second, and everything that belongs to it.
    fn article(&mut self, extent: Extent, number: i64, seen_s: i64) -> Result<()> {
        let (id, draw) = (number + 1, mixed(number));
        let at = moment(seen_s);
        // A few hosts publish much, many publish little.
        let host = format!("paper{}.example", rank(draw, HOST_BITS));
        let url = format!("https://{host}/2026/story-{number}");
        let is_held = draw.is_multiple_of(33) && id != KNOWN_ARTICLE;
        let words = extent.words / 2 + draw % extent.words.max(1);
        let body = (!is_held).then(|| prose(draw, words));
        let sha256 = body.as_ref().map(|_| hex(draw));
        let title = prose(draw ^ 0x4d, 8);
        self.article.execute(named_params! {
            ":id": id,
            ":url": url,
            ":title": title,
            ":language": language(mixed(number ^ 0x1a)),
            ":at": at,
            ":body": body,
            ":sha256": sha256,
            ":words": if is_held { 0 } else { cast(words) },
            ":source": body.as_ref().map(|_| "feed"),
            ":summary": is_held.then_some("What the feed says of it."),
            ":hold_reason": is_held.then_some(["short", "page-failed", "paywall"][usize_of(id) % 3]),
        })?;
        self.url_key.execute(params![format!("{host}/2026/story-{number}"), id])?;
        if id == KNOWN_ARTICLE || draw % 50 == 1 {
            self.revision.execute(params![id, title, prose(draw ^ 1, words), hex(draw ^ 1), at])?;
        }
        let story = Story { id, title: &title, url: &url, sha256: sha256.as_deref(), seen_s };
        self.sighting(extent, &story, 0)?;
        for copy in 1..carriers(mixed(number ^ 0xfeed), id) {
            self.sighting(extent, &story, copy)?;
        }
        Ok(())
    }

    fn sighting(&mut self, extent: Extent, story: &Story<'_>, copy: i64) -> Result<()> {
        self.sightings += 1;
        let (id, draw) = (self.sightings, mixed(self.sightings ^ 0x5ee));
        let at = moment(story.seen_s + copy * 1_500);
        let verdict = match (copy, story.sha256, draw % 3) {
            (0, Some(_), _) => "new",
            (0, None, _) => "held",
            (_, Some(_), 0) => "same-text",
            (_, Some(_), 1) => "near-text",
            _ => "same-url",
        };
        // One entry in sixty still waits for its link.
        let waits = draw.is_multiple_of(60);
        let link = match (waits, copy) {
            (true, _) => format!("https://short.example/{id}"),
            (false, 0) => story.url.to_owned(),
            (false, _) => format!("https://copies{}.example/{id}?from=feed", draw % 200),
        };
        let similarity = (verdict == "near-text")
            .then(|| f64::from(80 + u8::try_from(draw % 20).expect("it is below 20")) / 100.0);
        self.sighting.execute(named_params! {
            ":id": id,
            ":feed": 1 + cast(mixed(story.id + copy * 7_919)) % extent.feeds,
            ":key": format!("{link}#{id}"),
            ":article": story.id,
            ":title": story.title,
            ":link": link,
            ":target": (!waits).then_some(&link),
            ":headline": draw.cast_signed(),
            ":sha256": hex(draw),
            ":body_sha256": story.sha256.filter(|_| matches!(verdict, "new" | "same-text")),
            ":verdict": verdict,
            ":similarity": similarity,
            ":at": at,
        })?;
        if waits {
            self.queued.execute(params![link, at])?;
        }
        if copy > 0 {
            self.evidence.execute(params![id, story.id, similarity])?;
        }
        let (source, reason) = match story.sha256 {
            Some(_) => (Some("feed"), "feed-is-full"),
            None => (None, "page-not-had"),
        };
        let next_try_at = story.sha256.is_none().then_some(&at);
        self.choice.execute(params![id, source, reason, source.is_none(), next_try_at])?;
        for position in 1..=cast(draw % 4) {
            let rule = ["theme.share", "ifttt.feed", "wire.credit"][usize_of(position) % 3];
            self.removed.execute(params![id, position, rule, format!("{} of the day", rule)])?;
        }
        Ok(())
    }
}

/// What the sightings of an article have in common.
struct Story<'a> {
    id: i64,
    title: &'a str,
    url: &'a str,
    sha256: Option<&'a str>,
    seen_s: i64,
}

/// In how many entries an article was seen: seven in ten in one, a few in thirty.
fn carriers(draw: u64, article: i64) -> i64 {
    match draw % 100 {
        _ if article == KNOWN_ARTICLE => 4,
        0..70 => 1,
        70..90 => 2,
        90..98 => 3 + cast(draw / 100 % 3),
        _ => 6 + cast(draw / 100 % 25),
    }
}

fn language(draw: u64) -> Option<&'static str> {
    let mut rest = draw % 100;
    for (language, share) in LANGUAGES {
        if rest < share {
            return language;
        }
        rest -= share;
    }
    None
}

/// Invented prose: words of a vocabulary, the rarer the later, as in a language. The tenth
/// word is "ferry" in one text of forty.
fn prose(seed: u64, words: u64) -> String {
    let mut text = String::new();
    for position in 0..words {
        let draw = mixed(seed.cast_signed().wrapping_mul(1_000_003).wrapping_add(cast(position)));
        if position == 10 && draw.is_multiple_of(40) {
            text.push_str("ferry ");
            continue;
        }
        let name = mixed(cast(rank(draw, WORD_BITS)));
        for syllable in 0..2 + name % 3 {
            let piece = name >> (8 * syllable + 8);
            text.push(char::from(b"bdfghklmnprstvwz"[(piece & 15) as usize]));
            text.push(char::from(b"aeiou"[(piece >> 4) as usize % 5]));
        }
        text.push(if position % 60 == 59 { '\n' } else { ' ' });
    }
    text.truncate(text.trim_end().len());
    text
}

/// Sixty-four digits, as of a hash.
fn hex(seed: u64) -> String {
    let part = |n: u64| format!("{:016x}", mixed((seed ^ n << 60).cast_signed()));
    (0..4).map(part).collect()
}

pub(crate) fn feed_url(id: i64) -> String {
    format!("http://paper{id}.example/feed")
}

fn moment(seconds: i64) -> String {
    let moment = DateTime::from_timestamp(seconds, 0).expect("a moment in range");
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A number of so many bits, the rarer the higher: as many draws fall on 1 as on 2 and 3 together.
fn rank(draw: u64, bits: u32) -> u64 {
    let first = 1 << (draw % u64::from(bits));
    first + (draw >> 8) % first
}

/// A number as SQLite knows them, never below nought.
fn cast(number: u64) -> i64 {
    (number & (u64::MAX >> 1)).cast_signed()
}

fn usize_of(number: i64) -> usize {
    usize::try_from(number).expect("it is no less than nought")
}

/// The finaliser of `SplitMix64`.
fn mixed(number: i64) -> u64 {
    let number = number.cast_unsigned().wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
