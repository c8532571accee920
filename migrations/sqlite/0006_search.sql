-- Search in every script, indexed in larger batches.

-- Search texts: an article's title and body as the search index reads them. About each character of a
-- script that writes no spaces stands a zero-width space, which separates words, so that such a
-- character is a word of its own: ask for '"東 京"' to find 東京. A text is cut into pieces of 64
-- characters first, because finding the n-th character of a text means counting from its beginning.
CREATE VIEW search_texts AS
SELECT a.id,
  CASE WHEN a.title NOT GLOB s.some THEN a.title ELSE
    (WITH RECURSIVE
       place (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM place WHERE n < 64),
       piece (at, chars) AS (SELECT 1, substr(a.title, 1, 64)
         UNION ALL SELECT at + 64, substr(a.title, at + 64, 64) FROM piece WHERE at + 64 <= length(a.title))
     SELECT group_concat(CASE WHEN c GLOB s.one THEN char(0x200b) || c || char(0x200b) ELSE c END, '')
     FROM (SELECT substr(chars, n, 1) AS c FROM piece CROSS JOIN place ORDER BY at, n))
  END AS title,
  CASE WHEN a.body IS NULL OR a.body NOT GLOB s.some THEN a.body ELSE
    (WITH RECURSIVE
       place (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM place WHERE n < 64),
       piece (at, chars) AS (SELECT 1, substr(a.body, 1, 64)
         UNION ALL SELECT at + 64, substr(a.body, at + 64, 64) FROM piece WHERE at + 64 <= length(a.body))
     SELECT group_concat(CASE WHEN c GLOB s.one THEN char(0x200b) || c || char(0x200b) ELSE c END, '')
     FROM (SELECT substr(chars, n, 1) AS c FROM piece CROSS JOIN place ORDER BY at, n))
  END AS body
FROM articles AS a, (
  -- One such character, and a text with some: Thai, Lao, Burmese, Khmer, Kana, Han, with their extensions.
  SELECT '[' || chars || ']' AS one, '*[' || chars || ']*' AS some
  FROM (SELECT char(0x0e00, 0x2d, 0x0eff, 0x1000, 0x2d, 0x109f, 0x1780, 0x2d, 0x17ff, 0x3005, 0x2d, 0x3007,
                    0x3040, 0x2d, 0x30ff, 0x31f0, 0x2d, 0x31ff, 0x3400, 0x2d, 0x4dbf, 0x4e00, 0x2d, 0x9fff,
                    0xa9e0, 0x2d, 0xa9ff, 0xaa60, 0x2d, 0xaa7f, 0xf900, 0x2d, 0xfaff, 0x1b000, 0x2d, 0x1b16f,
                    0x20000, 0x2d, 0x323af) AS chars)
) AS s;

-- Search: SELECT … FROM search JOIN articles ON articles.id = search.rowid WHERE search MATCH '…'.
-- Marks belong to words: without them the vowel signs of Hindi or Thai would cut words to pieces.
DROP TRIGGER articles_search_delete;
DROP TRIGGER articles_search_update;
DROP TABLE search;
CREATE VIRTUAL TABLE search USING fts5 (
  title, body, content = 'search_texts', content_rowid = 'id',
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);
-- A batch becomes one segment of the index, as long as it is gathered in memory: 16 MiB at most.
INSERT INTO search (search, rank) VALUES ('hashsize', 16777216);

-- Search queue: articles that are not in the index yet. The more of them are indexed together, the
-- less often the index is merged with itself. An article is either here or in the index.
CREATE TABLE search_queue (
  article_id  INTEGER PRIMARY KEY
) STRICT;
INSERT INTO search_queue (article_id) SELECT id FROM articles;

CREATE TRIGGER articles_search_insert AFTER INSERT ON articles BEGIN
  INSERT INTO search_queue (article_id) VALUES (new.id);
END;
-- Whoever changes or deletes an article takes it out of the index as it stood there.
CREATE TRIGGER articles_search_update BEFORE UPDATE OF title, body ON articles
WHEN (old.title IS NOT new.title OR old.body IS NOT new.body)
  AND NOT EXISTS (SELECT 1 FROM search_queue WHERE article_id = old.id) BEGIN
  INSERT INTO search (search, rowid, title, body)
    SELECT 'delete', id, title, body FROM search_texts WHERE id = old.id;
  INSERT INTO search_queue (article_id) VALUES (old.id);
END;
CREATE TRIGGER articles_search_delete BEFORE DELETE ON articles BEGIN
  INSERT INTO search (search, rowid, title, body)
    SELECT 'delete', id, title, body FROM search_texts
    WHERE id = old.id AND NOT EXISTS (SELECT 1 FROM search_queue WHERE article_id = old.id);
  DELETE FROM search_queue WHERE article_id = old.id;
END;
