-- Words of the search index are written again less often.

-- Sixteen segments of a size are merged, the most that FTS5 merges little by little: each word is
-- written again for each time the index grew sixteenfold. A search looks into some more segments.
INSERT INTO search (search, rank) VALUES ('automerge', 16);
-- At so many FTS5 merges them at one blow, which takes seconds in a large file. It begins with sixteen,
-- and then nothing would be merged little by little.
INSERT INTO search (search, rank) VALUES ('crisismerge', 64);
