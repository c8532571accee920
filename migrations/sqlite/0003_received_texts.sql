-- What texts were made of, and why they were taken, so that both can be looked at and done again.

-- Received texts: what each sighting's text was read from, before extraction and cleaning; kept for
-- text.keep_received_days. A page stands without its scripts, styles and drawings, which is just
-- what the extractor reads.
CREATE TABLE received_texts (
  id             INTEGER PRIMARY KEY,
  sighting_id    INTEGER NOT NULL REFERENCES sightings (id) ON DELETE CASCADE,
  kind           TEXT NOT NULL CHECK (kind IN ('feed', 'page')), -- the entry's field, or the article's page
  url            TEXT,                              -- of a page: the address that answered
  received_at    TEXT NOT NULL,
  bytes          INTEGER NOT NULL,                  -- of the text, uncompressed
  text           BLOB NOT NULL,                     -- zstd: UTF-8, HTML or plain as it came
  -- What the page's server gave us to ask again with; each byte stands as one character (Latin-1).
  etag           TEXT,
  last_modified  TEXT,
  UNIQUE (sighting_id, kind)
) STRICT;
CREATE INDEX received_texts_by_time ON received_texts (received_at);

-- Text choices: which text each sighting gave, why, and when its page is asked for again.
CREATE TABLE text_choices (
  sighting_id  INTEGER PRIMARY KEY REFERENCES sightings (id) ON DELETE CASCADE,
  source       TEXT CHECK (source IN ('feed', 'page')), -- NULL: neither gave a usable text
  reason       TEXT NOT NULL,
  uncut_rule   TEXT,                                -- the rule whose anchor stands near the end, yet nothing was cut
  page_tries   INTEGER NOT NULL DEFAULT 0,          -- how often in vain
  next_try_at  TEXT                                 -- NULL: the page is not asked for again by itself
) STRICT;
CREATE INDEX text_choices_by_next_try ON text_choices (next_try_at) WHERE next_try_at IS NOT NULL;

-- Held pages: articles without a text, why, and when their pages are asked for again.
CREATE VIEW held_pages AS
SELECT a.id, a.title, a.url, a.hold_reason, f.url AS feed, c.page_tries, c.next_try_at, s.first_seen_at
FROM articles AS a
JOIN sightings AS s ON s.article_id = a.id
JOIN feeds AS f ON f.id = s.feed_id
LEFT JOIN text_choices AS c ON c.sighting_id = s.id
WHERE a.hold_reason IS NOT NULL
ORDER BY s.first_seen_at DESC, s.id DESC;
