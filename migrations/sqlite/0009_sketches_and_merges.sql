-- Less work for each text: what is told of two texts without reading them, and how often words of the
-- search index are written again.

-- Near sketches: a sample of the runs of words of each text that is looked for copies of. Texts whose
-- samples have little in common are not compared. A text without a sketch is.
CREATE TABLE near_sketches (
  article_id   INTEGER NOT NULL,
  body_sha256  TEXT NOT NULL,                       -- the first 16 characters; tells which text's it is
  sketch       BLOB NOT NULL,                       -- 16 bits each, the least significant byte first
  PRIMARY KEY (article_id, body_sha256)
) STRICT, WITHOUT ROWID;

-- Eight segments of a size are merged, not four: each word is written again for each time the index
-- grew eightfold. A search looks into more segments for that, some dozens at most.
INSERT INTO search (search, rank) VALUES ('automerge', 8);
