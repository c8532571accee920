-- Which text each sighting gave, so that an article's text can be traced to its witness, and how far
-- the rules of today were applied to what is stored.

ALTER TABLE sightings ADD COLUMN body_sha256 TEXT;      -- of the text it gave when last read; NULL: none, or not known
ALTER TABLE sightings ADD COLUMN text_source TEXT CHECK (text_source IN ('feed', 'page')); -- where that text was found

-- Of what was stored before, only this much is known: an article with one text in all its life has
-- the text of whoever brought it first and of whoever brought exactly the same.
UPDATE sightings
SET body_sha256 = (SELECT body_sha256 FROM articles WHERE id = sightings.article_id)
WHERE verdict IN ('new', 'same-text')
  AND article_id NOT IN (SELECT article_id FROM revisions)
  AND article_id NOT IN (SELECT article_id FROM variants);

-- Redo progress: how far `ingest redo` has come. A redo that reached the end leaves no row.
CREATE TABLE redo_progress (
  recipe      TEXT PRIMARY KEY,                         -- version of the rules and of the program
  article_id  INTEGER NOT NULL,                         -- the last article that was done
  started_at  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
