-- Fewer look-ups in the index of near texts: most numbers asked for are nobody's.

-- Near filters: of each slice of near_fingerprints a bit for each value of the lowest bits of its numbers,
-- as many bits as suit it. A number whose bit is not set is not in the slice. A slice without a row has
-- no filter yet.
CREATE TABLE near_filters (
  slice  INTEGER PRIMARY KEY,                       -- the number's six highest bits of 31
  bits   BLOB NOT NULL                              -- in words of 64, the least significant byte first
) STRICT;
