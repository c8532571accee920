//! Keeps what was polled and found: the deeds a store can do, whichever database is behind it.
//!
//! The trait speaks the program's deeds, never rows. One feed's reading is admitted in one write
//! transaction, and the judge runs inside it, so two feeds that bring one story at the same
//! moment cannot both be new.

mod corrections;
mod error;
mod feed_list;
mod library;
mod links;
mod pages;
mod retention;
mod sqlite;
mod upkeep;

pub use corrections::{
    ArticleDetails, Asked, Brief, Burial, Corrections, Fingerprinter, Fresh, FreshVariant,
    KeptText, Merged, MergedText, ReceivedText, RedoOutcome, Redoing, Redone, Rest,
    SightingDetails, Split, SplitOff,
};
pub use error::StoreError;
pub use feed_list::{Arrival, FeedDetails, ListedFeed, PollRecord, Switched};
pub use library::{
    Article, Change, ChangeOrder, Changes, DayCount, FeedCounts, Fragment, Hit, HitOrder, Library,
    Marks, Revision, Search, SeenArticle, Selection, Share, Sighting, Statistics,
};
pub use links::{
    LateEntry, LinkClaim, LinkStore, Mend, QueuedLink, ResolvedLink, SettledLink, Settlement,
    UnreadEntry, WaitingLink,
};
pub use pages::{HeldPage, HeldPages, HostedText, KeptPage, PagesOf, UncutRule};
pub use retention::{Forgotten, Keep, Place, Retention};
pub use sqlite::{SqliteStore, back_up, examine, is_same_file, merge_search, vacuum};
pub use upkeep::{BackupError, Depth, Finding, Grade, Progress, Vacuumed};

use std::collections::HashSet;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::config::DeclaredFeed;
use crate::model::{
    ArticleId, Candidate, EntryKey, FeedId, FeedOrigin, FeedUrl, Habits, HoldReason, Judgement,
    Known, Validators, Verdict, Waiting, Whereabouts,
};

/// Decides what a candidate is; pure, so it can run inside the write transaction.
pub type Judge = fn(&Candidate, &Known) -> Judgement;

/// A database of feeds and unique articles.
#[async_trait]
pub trait Store:
    Corrections + Library + LinkStore + Retention + Send + Sync + std::fmt::Debug
{
    /// Makes the declared feeds exactly these: adds, renames and unpauses them, and pauses those
    /// that left the file.
    async fn declare_feeds(
        &self,
        feeds: Vec<DeclaredFeed>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// Adds feeds by hand; answers for each whether it was not there before.
    async fn add_feeds(
        &self,
        urls: Vec<FeedUrl>,
        now: DateTime<Utc>,
    ) -> Result<Vec<bool>, StoreError>;

    /// Adds feeds of somebody's list, with the titles and categories it gives to them. Feeds that
    /// are there stay as they are, paused ones too.
    async fn import_feeds(
        &self,
        feeds: Vec<ListedFeed>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Arrival>, StoreError>;

    /// Stops polling a feed until it is resumed, whatever the feeds file says.
    async fn pause_feed(&self, url: &FeedUrl, now: DateTime<Utc>) -> Result<Switched, StoreError>;

    /// Polls a paused feed again; one that left the feeds file counts as added by hand then.
    async fn resume_feed(&self, url: &FeedUrl) -> Result<Switched, StoreError>;

    /// Everything known of a wanted feed, with its last polls.
    async fn feed_details(&self, url: &FeedUrl) -> Result<Option<FeedDetails>, StoreError>;

    /// Stops wanting a feed. Its articles and sightings stay.
    async fn remove_feed(&self, url: &FeedUrl, now: DateTime<Utc>) -> Result<Removal, StoreError>;

    /// Every wanted feed with its state (or those of `only` among them), by address. Costs as much as
    /// there are sightings, which are counted.
    async fn feeds(&self, only: Option<Vec<FeedUrl>>) -> Result<Vec<FeedStatus>, StoreError>;

    /// How many feeds are wanted, and are due at `now`.
    async fn feeds_due(&self, now: DateTime<Utc>) -> Result<FeedsDue, StoreError>;

    /// Claims feeds for one worker until a moment; nobody else gets them before that.
    async fn claim(&self, claim: Claim) -> Result<Vec<ClaimedFeed>, StoreError>;

    /// Moves the end of a worker's claims on these feeds, as far as they stand.
    async fn renew_claims(
        &self,
        worker: &str,
        feeds: Vec<FeedId>,
        until: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// Gives back every claim of a worker, on feeds and on links.
    async fn release_claims(&self, worker: &str) -> Result<(), StoreError>;

    /// Gives back a worker's claims on these feeds.
    async fn give_back(&self, worker: &str, feeds: Vec<FeedId>) -> Result<(), StoreError>;

    /// Makes due what was put off, and lets go of what others have claimed, by a clock far ahead of this
    /// one; answers whether there was anything.
    async fn put_clock_right(&self, worker: &str, now: DateTime<Utc>) -> Result<bool, StoreError>;

    /// When the next feed may be read: it is due, and no claim on it stands.
    async fn next_due(&self) -> Result<Option<DateTime<Utc>>, StoreError>;

    /// Which of these entries (key and SHA-256 as received) need no second look: they were seen
    /// just so, and their text was found or looked for often enough.
    async fn settled(
        &self,
        feed: FeedId,
        entries: Vec<(EntryKey, String)>,
    ) -> Result<HashSet<EntryKey>, StoreError>;

    /// Stores one reading of one feed: its state, its articles and sightings, and the log.
    async fn admit(&self, reading: Reading, judge: Judge) -> Result<Admission, StoreError>;

    /// Waits for what readings left to be done, and goes on beside them. Nothing depends on it but how
    /// large the files are when the program ends.
    async fn settle_down(&self);

    /// Deletes near fingerprints of articles first seen before a moment, or before its day; the articles
    /// stay.
    async fn forget_near(&self, before: DateTime<Utc>) -> Result<(), StoreError>;

    /// Indexes for search a batch of the articles that wait for it; answers whether more wait.
    async fn index_for_search(&self) -> Result<bool, StoreError>;

    /// The page that an entry's text was read from last, if it was kept and the entry's link is the
    /// same.
    async fn kept_page(
        &self,
        feed: FeedId,
        entry: &EntryKey,
        link: Option<&str>,
    ) -> Result<Option<KeptPage>, StoreError>;

    /// Takes pages that were asked for in vain and may be asked again; each counts as tried, and
    /// nobody gets it again before its next time. Those of articles that have a page's text by now are
    /// asked for no more.
    async fn take_held_pages(&self, wanted: HeldPages) -> Result<Vec<HeldPage>, StoreError>;

    /// Stores what came of asking again for a page, unless its entry was read anew meanwhile.
    async fn admit_held_page(
        &self,
        page: &HeldPage,
        entry: LateEntry,
        judge: Judge,
    ) -> Result<Option<Admitted>, StoreError>;

    /// Notes why a page was asked for in vain again.
    async fn still_held(&self, page: &HeldPage, reason: HoldReason) -> Result<(), StoreError>;

    /// Texts before a number, the latest first, with their hosts.
    async fn texts_before(
        &self,
        article: ArticleId,
        at_most: usize,
    ) -> Result<Vec<HostedText>, StoreError>;

    /// Rules whose anchors stand near the end of texts, although nothing was cut.
    async fn uncut_rules(&self) -> Result<Vec<UncutRule>, StoreError>;

    /// Deletes polls from the log that started before a moment.
    async fn forget_polls(&self, before: DateTime<Utc>) -> Result<(), StoreError>;

    /// Deletes texts as received before a moment, at most so many; answers how many went.
    async fn forget_received(
        &self,
        before: DateTime<Utc>,
        at_most: usize,
    ) -> Result<usize, StoreError>;
}

/// Which feeds a worker asks for.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Who asks; a name no other process has.
    pub worker: String,
    /// The present moment.
    pub now: DateTime<Utc>,
    /// When the claim runs out unless renewed.
    pub until: DateTime<Utc>,
    /// How many feeds at most.
    pub at_most: usize,
    /// Only these feeds; `None` for all.
    pub urls: Option<Vec<FeedUrl>>,
    /// Which of them.
    pub wanted: Wanted,
}

/// Which feeds a claim is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Those that are due, the longest overdue first.
    Due,
    /// Those that are due, in the order of their numbers from the next after this one: so a pass
    /// takes each once, whatever other processes do meanwhile.
    DueAfter(FeedId),
    /// The same, due or not.
    AllAfter(FeedId),
}

/// A feed that this worker, and no other, is to read now.
#[derive(Debug, Clone)]
pub struct ClaimedFeed {
    /// Its number.
    pub id: FeedId,
    /// What to ask for.
    pub url: FeedUrl,
    /// What to ask again with.
    pub validators: Validators,
    /// How often in a row it has failed.
    pub failures: u32,
    /// Whether it was ever read; nothing is known of its entries otherwise.
    pub was_read: bool,
    /// What its documents have told so far.
    pub habits: Habits,
    /// Where it is asked for, and whether it is leaving.
    pub whereabouts: Whereabouts,
}

impl ClaimedFeed {
    /// The address to ask.
    #[must_use]
    pub fn address(&self) -> &FeedUrl {
        self.whereabouts.address.as_ref().unwrap_or(&self.url)
    }
}

/// What `feeds remove` found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// The feed was wanted and is no longer.
    Removed,
    /// The feed is declared in the feeds file and would come back from there.
    Declared,
    /// No such feed is wanted.
    Unknown,
}

/// A feed and how it has been.
#[derive(Debug, Clone, Serialize)]
pub struct FeedStatus {
    /// Its address.
    pub url: FeedUrl,
    /// Where the wish to poll it comes from.
    pub origin: FeedOrigin,
    /// The operator's title, else its own.
    pub title: Option<String>,
    /// The operator's category.
    pub category: Option<String>,
    /// The site it belongs to.
    pub site: Option<String>,
    /// Why it is not polled at present, if so.
    pub paused: Option<String>,
    /// When it was last polled.
    pub last_poll_at: Option<DateTime<Utc>>,
    /// What went wrong last time; `None` after a success.
    pub last_error: Option<String>,
    /// How often in a row it has failed.
    pub failures: u32,
    /// When it is polled next.
    pub next_poll_at: DateTime<Utc>,
    /// Why then.
    pub next_poll_reason: String,
    /// How many entries of it are known.
    pub sightings: u64,
}

/// How many feeds there are to poll.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FeedsDue {
    /// Those that are wanted.
    pub wanted: u64,
    /// Of these, those that are not paused.
    pub polled: u64,
    /// Of these, those that are due.
    pub due: u64,
    /// When the first of those that are polled is due, or was.
    pub next_poll_at: Option<DateTime<Utc>>,
}

/// One reading of one feed, from its answer to its last entry.
#[derive(Debug)]
pub struct Reading {
    /// The feed.
    pub feed: FeedId,
    /// Who read it; the reading counts only while this worker holds the claim.
    pub worker: String,
    /// When the reading began.
    pub now: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The status of the answer, if one came.
    pub http_status: Option<u16>,
    /// When the feed is asked again.
    pub next_poll: NextPoll,
    /// Where it is now asked for, and whether it is leaving; a feed that is gone is paused.
    pub whereabouts: Whereabouts,
    /// Nearly equal texts are looked for among the articles first seen since this moment.
    pub near_since: DateTime<Utc>,
    /// What came of it.
    pub outcome: Outcome,
}

/// When a feed is asked again, and why then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextPoll {
    /// The moment.
    pub at: DateTime<Utc>,
    /// The reason, for people.
    pub reason: String,
}

/// What came of asking a feed.
#[derive(Debug)]
pub enum Outcome {
    /// The server says that nothing changed.
    NotModified {
        /// The validators it sent along; what it did not send stays as it was.
        validators: Validators,
    },
    /// No document could be had or read.
    Failed {
        /// Why, in one line.
        error: String,
    },
    /// A document was read.
    Changed(Box<Delivery>),
}

/// What a document brought.
#[derive(Debug, Default)]
pub struct Delivery {
    /// The validators to ask again with; `None` when entries were left over, so that the whole
    /// document comes again.
    pub validators: Option<Validators>,
    /// The feed's own title.
    pub title: Option<String>,
    /// The site it belongs to.
    pub site: Option<String>,
    /// How large the document was, decoded, in bytes.
    pub bytes: u64,
    /// How many entries it held.
    pub entries: usize,
    /// How many of its faults were mended to read it.
    pub repaired: u64,
    /// What it tells of the feed's habits.
    pub habits: Habits,
    /// Entries that need no second look; their sightings are dated anew.
    pub settled: Vec<EntryKey>,
    /// The others, ready to be judged.
    pub candidates: Vec<Candidate>,
    /// The links of these that do not say yet where they lead; they are queued.
    pub waiting: Vec<(String, Waiting)>,
}

/// Whether a reading was stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Admission {
    /// It was; each candidate in order.
    Stored(Vec<Admitted>),
    /// The claim had passed to another process meanwhile; nothing was written.
    ClaimLost,
}

/// What a candidate turned out to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Admitted {
    /// The verdict.
    pub verdict: Verdict,
    /// The article it belongs to; `None` if nothing of it was kept.
    pub article: Option<ArticleId>,
    /// How alike the texts are, from 0 to 1, where that decided.
    pub similarity: Option<f64>,
}

/// How many entries turned out to be what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Articles nobody brought before, with their text.
    pub new: u64,
    /// Articles nobody brought before, kept without a text.
    pub held: u64,
    /// Entries that carried an article already known from elsewhere.
    pub duplicates: u64,
    /// Entries whose text changed.
    pub revised: u64,
    /// Entries with nothing new in them.
    pub unchanged: u64,
}

impl Counts {
    /// Counts one more entry.
    pub fn count(&mut self, verdict: Verdict) {
        *match verdict {
            Verdict::New => &mut self.new,
            Verdict::Held => &mut self.held,
            Verdict::Revised => &mut self.revised,
            Verdict::Unchanged | Verdict::Deleted => &mut self.unchanged,
            Verdict::SameUrl | Verdict::SameText | Verdict::NearText | Verdict::SameTitle => {
                &mut self.duplicates
            }
        } += 1;
    }

    /// How many entries were counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.new + self.held + self.duplicates + self.revised + self.unchanged
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, more: Self) {
        self.new += more.new;
        self.held += more.held;
        self.duplicates += more.duplicates;
        self.revised += more.revised;
        self.unchanged += more.unchanged;
    }
}
