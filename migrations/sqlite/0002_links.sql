-- Links that wait: whose answer they wait for, when that is asked next, and who must not be asked now.

-- Opaque links of Google News differ while their handle is one, so answers are found by both.
ALTER TABLE resolved_links ADD COLUMN handle TEXT;  -- of an opaque link: what identifies its target; else NULL
CREATE INDEX resolved_links_by_handle ON resolved_links (handle) WHERE handle IS NOT NULL;

-- Link queue: links of entries whose target, or whose page behind it, is still to be had.
CREATE TABLE link_queue (
  link           TEXT PRIMARY KEY,                  -- as in sightings.link or sightings.source_link
  handle         TEXT NOT NULL,                     -- where it got stuck; links with one handle have one target
  asks           TEXT NOT NULL CHECK (asks IN ('redirector', 'google-news', 'page')), -- who is asked next
  tries          INTEGER NOT NULL DEFAULT 0,        -- how often in a row in vain
  error          TEXT,                              -- of the last try
  queued_at      TEXT NOT NULL,
  tried_at       TEXT,                              -- NULL: not yet
  next_try_at    TEXT,                              -- NULL: given up, until `ingest links retry`
  -- Which process asks for it now, and until when it alone may.
  claimed_by     TEXT,
  claimed_until  TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX link_queue_by_handle ON link_queue (handle);
CREATE INDEX link_queue_by_next_try ON link_queue (asks, next_try_at) WHERE next_try_at IS NOT NULL;

-- A link resolved at last is mended wherever it was seen.
CREATE INDEX sightings_wrapped ON sightings (link) WHERE target IS NULL OR target <> link;
CREATE INDEX sightings_by_source_link ON sightings (source_link) WHERE source_link IS NOT NULL;

-- Breakers: services that limit us, how much they were asked, and until when they are left alone.
CREATE TABLE breakers (
  service       TEXT PRIMARY KEY,                   -- its host
  requests      INTEGER NOT NULL,                   -- since counted_from
  counted_from  TEXT,                               -- when the present hour of counting began
  failures      INTEGER NOT NULL,                   -- in a row
  rests         INTEGER NOT NULL,                   -- how often in a row it has been left alone
  open_until    TEXT,                               -- not asked before; NULL: it may be
  reason        TEXT                                -- why it is left alone
) STRICT, WITHOUT ROWID;

-- What waits already is taken into the queue; who must be asked is found out at the first try.
INSERT OR IGNORE INTO link_queue (link, handle, asks, queued_at, next_try_at)
SELECT link, link, 'redirector', min(first_seen_at), min(first_seen_at)
FROM sightings WHERE target IS NULL AND link IS NOT NULL GROUP BY link;

-- Pending links: wrapped links whose target is not known yet, and what they wait for.
DROP VIEW pending_links;
CREATE VIEW pending_links AS
SELECT s.link, s.article_id, a.title, f.url AS feed, s.first_seen_at,
       q.asks, q.tries, q.next_try_at, q.error
FROM sightings AS s
JOIN articles AS a ON a.id = s.article_id
JOIN feeds AS f ON f.id = s.feed_id
LEFT JOIN link_queue AS q ON q.link = s.link
WHERE s.target IS NULL AND s.link IS NOT NULL
ORDER BY s.first_seen_at DESC;
