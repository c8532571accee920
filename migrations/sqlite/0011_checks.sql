-- Faster inserts: for a list of three values or more SQLite makes a table of its own each time it checks
-- a row. The checks say what they said before, so no row is touched
-- (https://www.sqlite.org/lang_altertable.html#making_other_kinds_of_table_schema_changes).

PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(sql,
  'CHECK (url_standing IN (''copy'', ''feed'', ''publisher''))',
  'CHECK (url_standing = ''publisher'' OR url_standing = ''feed'' OR url_standing = ''copy'')')
WHERE type = 'table' AND name = 'articles';
UPDATE sqlite_schema
SET sql = replace(sql,
  'CHECK (verdict IN (''new'', ''same-url'', ''same-text'', ''near-text'', ''same-title'', ''held''))',
  'CHECK (verdict = ''new'' OR verdict = ''same-text'' OR verdict = ''near-text'' OR verdict = ''same-url'' OR verdict = ''same-title'' OR verdict = ''held'')')
WHERE type = 'table' AND name = 'sightings';
PRAGMA writable_schema = RESET;
