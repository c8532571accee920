-- The file of unique articles: what was polled, what was found, and where each piece was seen.
--
-- Times are ISO-8601 UTC text ('2026-04-07T16:54:00Z'), so they sort and compare as text. Columns
-- say whose fact they hold: a feed's own words (title, link, published_at) stand as the feed gave
-- them; what this program found out (url, body, verdict …) is named and described as such.

-- Feeds: one row for each address that is polled.
CREATE TABLE feeds (
  id                INTEGER PRIMARY KEY,
  url               TEXT NOT NULL UNIQUE,           -- what is asked for
  origin            TEXT NOT NULL CHECK (origin IN ('declared', 'added')), -- feeds file, or command line
  own_title         TEXT,                           -- the operator's title for it
  category          TEXT,                           -- the operator's category
  title             TEXT,                           -- the feed's own title
  site              TEXT,                           -- the site the feed belongs to
  added_at          TEXT NOT NULL,
  paused_at         TEXT,                           -- set: not polled until unpaused
  pause_reason      TEXT,
  removed_at        TEXT,                           -- set: no longer wanted; kept for its sightings
  -- What the server gave us to ask again with; each byte stands as one character (Latin-1).
  etag              TEXT,
  last_modified     TEXT,
  -- Where it is asked, if its server has moved it for good, and whether it is leaving.
  address           TEXT,                           -- NULL: it is asked for at url
  moving_to         TEXT,                           -- where permanent redirects lead; believed after a week
  moving_since      TEXT,
  gone_days         INTEGER NOT NULL DEFAULT 0,     -- on how many different days it was gone (410); paused at 3
  gone_on           TEXT,                           -- the last of them
  -- What its documents tell of when it is worth asking for.
  ttl_s             INTEGER,                        -- ttl
  period_s          INTEGER,                        -- sy:updatePeriod / sy:updateFrequency
  pace_s            INTEGER,                        -- the usual time between two entries
  span_s            INTEGER,                        -- how long an entry stays in the document
  skip_hours        INTEGER NOT NULL DEFAULT 0,     -- bit n: not in hour n (UTC)
  skip_days         INTEGER NOT NULL DEFAULT 0,     -- bit n: not on that day, Monday being bit 0
  -- When it is asked again, and why then.
  next_poll_at      TEXT NOT NULL,
  next_poll_reason  TEXT NOT NULL,
  -- How it has been.
  last_poll_at      TEXT,
  last_success_at   TEXT,
  last_error        TEXT,                           -- NULL after a success
  failures          INTEGER NOT NULL DEFAULT 0,     -- in a row
  -- Which process read it last, and until when it alone may (NULL: nobody is reading it now).
  claimed_by        TEXT,
  claimed_until     TEXT
) STRICT;
CREATE INDEX feeds_by_next_poll ON feeds (next_poll_at) WHERE paused_at IS NULL AND removed_at IS NULL;

-- Polls: the log of readings, kept for storage.poll_log_days.
CREATE TABLE polls (
  id            INTEGER PRIMARY KEY,
  feed_id       INTEGER NOT NULL REFERENCES feeds (id),
  started_at    TEXT NOT NULL,
  duration_ms   INTEGER NOT NULL,
  outcome       TEXT NOT NULL CHECK (outcome IN ('changed', 'not-modified', 'failed')),
  http_status   INTEGER,                            -- NULL when no answer came
  bytes         INTEGER NOT NULL DEFAULT 0,         -- of the document, decoded
  entries       INTEGER NOT NULL DEFAULT 0,         -- in the document
  new_articles  INTEGER NOT NULL DEFAULT 0,
  repaired      INTEGER NOT NULL DEFAULT 0,         -- faults of the document that were mended to read it
  error         TEXT
) STRICT;
CREATE INDEX polls_by_feed ON polls (feed_id, started_at);
CREATE INDEX polls_by_time ON polls (started_at);

-- Articles: each unique piece of writing once.
CREATE TABLE articles (
  id             INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice
  url            TEXT,                              -- canonical address; NULL when no entry gave a link
  url_standing   TEXT NOT NULL CHECK (url_standing IN ('copy', 'feed', 'publisher')), -- who vouched for it
  title          TEXT NOT NULL,
  author         TEXT,
  language       TEXT,
  published_at   TEXT,                              -- the publisher's claim; may lie in the future
  first_seen_at  TEXT NOT NULL,                     -- ours; order by this
  changed_at     TEXT NOT NULL,                     -- ours: when this row last changed
  body           TEXT,                              -- clean text, one paragraph a line; NULL: held without a text
  body_sha256    TEXT,                              -- lower-case hex over the hash text (docs/SCHEMA.md)
  words          INTEGER NOT NULL,                  -- of the body; letters, in scripts without spaces
  text_source    TEXT CHECK (text_source IN ('feed', 'page')), -- where the body was found
  text_copied    INTEGER NOT NULL CHECK (text_copied IN (0, 1)), -- 1: taken from a copy, until the original comes
  rules_version  TEXT NOT NULL,                     -- of the boilerplate rules that cleaned it
  summary        TEXT,                              -- of a held article: what the feed said of it
  hold_reason    TEXT,                              -- of a held article: why it has no body
  CHECK ((body IS NULL) = (body_sha256 IS NULL)),
  CHECK ((body IS NULL) = (text_source IS NULL)),
  CHECK ((body IS NULL) = (hold_reason IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX articles_by_text ON articles (body_sha256) WHERE body_sha256 IS NOT NULL;
CREATE INDEX articles_by_first_seen ON articles (first_seen_at);

-- Sightings: each entry of each feed, and the article it carried.
CREATE TABLE sightings (
  id             INTEGER PRIMARY KEY,
  feed_id        INTEGER NOT NULL REFERENCES feeds (id),
  entry_key      TEXT NOT NULL,                     -- guid or id, else link, else a hash
  article_id     INTEGER NOT NULL REFERENCES articles (id),
  title          TEXT NOT NULL,                     -- the entry's own
  link           TEXT,                              -- exactly as the feed gave it
  target         TEXT,                              -- what the link leads to, once unwrapped and resolved
  source_link    TEXT,                              -- the link to the original that stood in a copy's boilerplate
  published_at   TEXT,                              -- the entry's own claim
  entry_sha256   TEXT NOT NULL,                     -- of the entry as received
  verdict        TEXT NOT NULL CHECK (verdict IN ('new', 'same-url', 'same-text', 'near-text', 'same-title', 'held')), -- what it was when first judged
  similarity     REAL,                              -- of a near-text verdict, 0 to 1
  attempts       INTEGER NOT NULL DEFAULT 1,        -- how often its text was looked for
  first_seen_at  TEXT NOT NULL,
  last_seen_at   TEXT NOT NULL,                     -- when a document last listed it
  UNIQUE (feed_id, entry_key)
) STRICT;
CREATE INDEX sightings_by_article ON sightings (article_id);

-- Removed lines: what cleaning took from an entry's text, and the rule that did it.
CREATE TABLE removed_lines (
  sighting_id  INTEGER NOT NULL REFERENCES sightings (id) ON DELETE CASCADE,
  position     INTEGER NOT NULL,
  rule         TEXT NOT NULL,
  line         TEXT NOT NULL,
  PRIMARY KEY (sighting_id, position)
) STRICT, WITHOUT ROWID;

-- Revisions: earlier texts of an article; the oldest and the newest of them are always kept.
CREATE TABLE revisions (
  id           INTEGER PRIMARY KEY,
  article_id   INTEGER NOT NULL REFERENCES articles (id),
  title        TEXT NOT NULL,
  body         TEXT NOT NULL,
  body_sha256  TEXT NOT NULL,
  replaced_at  TEXT NOT NULL
) STRICT;
CREATE INDEX revisions_by_article ON revisions (article_id);

-- URL keys: every comparison form of an address known to be an article's.
CREATE TABLE url_keys (
  url_key     TEXT PRIMARY KEY,
  article_id  INTEGER NOT NULL REFERENCES articles (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX url_keys_by_article ON url_keys (article_id);

-- Resolved links: where a redirector said that a link leads; asked once, kept for ever.
CREATE TABLE resolved_links (
  link      TEXT PRIMARY KEY,
  target    TEXT,                                   -- NULL: not known yet
  attempts  INTEGER NOT NULL,
  error     TEXT,                                   -- of the last attempt; NULL once resolved
  asked_at  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Near fingerprints: at most 16 small numbers a text; copies share several. The numbers of earlier
-- texts stay, so that copies of those are found too. No foreign key: a number that points nowhere is
-- skipped, and every find is verified on the stored text.
CREATE TABLE near_fingerprints (
  fingerprint  INTEGER NOT NULL,
  article_id   INTEGER NOT NULL,
  PRIMARY KEY (fingerprint, article_id)
) STRICT, WITHOUT ROWID;

-- Search: SELECT … FROM search JOIN articles ON articles.id = search.rowid WHERE search MATCH '…'.
CREATE VIRTUAL TABLE search USING fts5 (
  title, body, content = 'articles', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER articles_search_insert AFTER INSERT ON articles BEGIN
  INSERT INTO search (rowid, title, body) VALUES (new.id, new.title, new.body);
END;
CREATE TRIGGER articles_search_delete AFTER DELETE ON articles BEGIN
  INSERT INTO search (search, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
END;
CREATE TRIGGER articles_search_update AFTER UPDATE OF title, body ON articles BEGIN
  INSERT INTO search (search, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
  INSERT INTO search (rowid, title, body) VALUES (new.id, new.title, new.body);
END;

-- Latest: unique articles, the newest first, with how many feeds carried each.
CREATE VIEW latest AS
SELECT a.id, a.first_seen_at, a.published_at, a.title, a.url, a.language, a.words,
       (SELECT count(DISTINCT s.feed_id) FROM sightings AS s WHERE s.article_id = a.id) AS feeds,
       (SELECT count(*) FROM sightings AS s WHERE s.article_id = a.id) AS sightings,
       a.hold_reason
FROM articles AS a
ORDER BY a.first_seen_at DESC, a.id DESC;

-- Duplicates: every sighting that brought an article already known, and why it counted as one.
CREATE VIEW duplicates AS
SELECT s.article_id, a.title, a.url, s.verdict, s.similarity, s.link, s.target,
       f.url AS feed, s.first_seen_at
FROM sightings AS s
JOIN articles AS a ON a.id = s.article_id
JOIN feeds AS f ON f.id = s.feed_id
WHERE s.verdict IN ('same-url', 'same-text', 'near-text', 'same-title')
ORDER BY s.first_seen_at DESC, s.id DESC;

-- Feed health: how each feed has been, the worst first.
CREATE VIEW feed_health AS
SELECT f.id, f.url, coalesce(f.own_title, f.title) AS title, f.failures, f.last_error,
       f.last_success_at, f.last_poll_at, f.next_poll_at, f.next_poll_reason, f.paused_at,
       (SELECT count(*) FROM sightings AS s WHERE s.feed_id = f.id) AS sightings
FROM feeds AS f
WHERE f.removed_at IS NULL
ORDER BY f.failures DESC, f.url;

-- Pending links: wrapped links whose target is not known yet.
CREATE VIEW pending_links AS
SELECT s.link, s.article_id, a.title, f.url AS feed, s.first_seen_at
FROM sightings AS s
JOIN articles AS a ON a.id = s.article_id
JOIN feeds AS f ON f.id = s.feed_id
WHERE s.target IS NULL AND s.link IS NOT NULL
ORDER BY s.first_seen_at DESC;
