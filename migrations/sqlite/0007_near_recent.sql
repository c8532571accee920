-- Fingerprints are written where they fall by thousands, not text by text.

-- Recent near fingerprints: those of the latest texts, which are not in near_fingerprints yet. They
-- are random numbers, so each written by itself costs a page of the index; sorted, many share one.
CREATE TABLE near_recent (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice, so that others see what is new
  article_id    INTEGER NOT NULL,
  fingerprints  BLOB NOT NULL                       -- 32 bits each, the least significant byte first
) STRICT;
