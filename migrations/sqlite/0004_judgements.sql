-- What verdicts rest on, what people decided, and what was deleted; copies that differ much.

-- Whether an exact text is new is asked inside the write transaction, so no text is stored twice by
-- the program. A person may say that two articles with one text are two, so the file allows it.
DROP INDEX articles_by_text;
CREATE INDEX articles_by_text ON articles (body_sha256) WHERE body_sha256 IS NOT NULL;

-- New articles are indexed together at the end of their transaction: FTS5 writes a segment of its own
-- at each savepoint, and SQLite sets one for each statement that fires a trigger, so an index that is
-- kept by a trigger costs as much as everything else together.
DROP TRIGGER articles_search_insert;

ALTER TABLE sightings ADD COLUMN headline INTEGER;      -- xxh3-64 of publisher and title; NULL: no publisher known, or too short
ALTER TABLE sightings ADD COLUMN decided_at TEXT;       -- set: a person put it there; the program never moves it
CREATE INDEX sightings_by_headline ON sightings (headline) WHERE headline IS NOT NULL;

-- Evidence: what a sighting's first verdict rests on.
CREATE TABLE evidence (
  sighting_id          INTEGER PRIMARY KEY REFERENCES sightings (id) ON DELETE CASCADE,
  reason               TEXT NOT NULL,                   -- the rule that decided
  article_id           INTEGER,                         -- the article compared with, as it was numbered then
  containment          REAL,                            -- share of the shorter text that is in the other, 0 to 1
  shared               INTEGER,                         -- runs of five words in both texts
  runs                 INTEGER,                         -- runs of five words in the one with fewer
  lead                 REAL,                            -- share of one lead that is in the other text, 0 to 1
  conflicting_numbers  INTEGER,
  conflicting_names    INTEGER
) STRICT;

-- Variants: texts of copies that differ much from their article's; copies of those are found by them.
CREATE TABLE variants (
  id           INTEGER PRIMARY KEY,
  article_id   INTEGER NOT NULL REFERENCES articles (id),
  body         TEXT NOT NULL,
  body_sha256  TEXT NOT NULL,
  words        INTEGER NOT NULL,
  seen_at      TEXT NOT NULL,
  UNIQUE (article_id, body_sha256)
) STRICT;
CREATE INDEX variants_by_text ON variants (body_sha256);

-- Shared texts: words that stood under several headlines of one publisher; no article's text.
CREATE TABLE shared_texts (
  body_sha256  TEXT PRIMARY KEY,
  found_at     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Kept apart: pairs of articles that a person said are two. Each pair stands once, the smaller number first.
CREATE TABLE kept_apart (
  article_id  INTEGER NOT NULL,
  other_id    INTEGER NOT NULL,
  decided_at  TEXT NOT NULL,
  PRIMARY KEY (article_id, other_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX kept_apart_by_other ON kept_apart (other_id);

-- Tombstones: by what a deleted article is known when it comes back. DELETE FROM articles writes
-- them, whichever tool says it; to let an article come back, delete its tombstones.
CREATE TABLE tombstones (
  kind        TEXT NOT NULL CHECK (kind IN ('url', 'text', 'entry')),
  key         TEXT NOT NULL,                            -- URL key; body_sha256; feed number, blank, entry key
  deleted_at  TEXT NOT NULL,
  PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER articles_bury BEFORE DELETE ON articles BEGIN
  INSERT OR IGNORE INTO tombstones (kind, key, deleted_at)
    SELECT 'url', url_key, strftime('%Y-%m-%dT%H:%M:%SZ', 'now') FROM url_keys WHERE article_id = old.id
    UNION ALL SELECT 'text', old.body_sha256, strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE old.body_sha256 IS NOT NULL
    UNION ALL SELECT 'text', body_sha256, strftime('%Y-%m-%dT%H:%M:%SZ', 'now') FROM variants WHERE article_id = old.id
    UNION ALL SELECT 'entry', feed_id || ' ' || entry_key, strftime('%Y-%m-%dT%H:%M:%SZ', 'now') FROM sightings WHERE article_id = old.id;
  DELETE FROM url_keys WHERE article_id = old.id;
  DELETE FROM variants WHERE article_id = old.id;
  DELETE FROM revisions WHERE article_id = old.id;
  DELETE FROM kept_apart WHERE article_id = old.id OR other_id = old.id;
  DELETE FROM removed_lines WHERE sighting_id IN (SELECT id FROM sightings WHERE article_id = old.id);
  DELETE FROM evidence WHERE sighting_id IN (SELECT id FROM sightings WHERE article_id = old.id);
  DELETE FROM received_texts WHERE sighting_id IN (SELECT id FROM sightings WHERE article_id = old.id);
  DELETE FROM text_choices WHERE sighting_id IN (SELECT id FROM sightings WHERE article_id = old.id);
  DELETE FROM sightings WHERE article_id = old.id;
END;
