-- What people ask of the file: views that answer it, and the two small indexes they need.

-- Hosts are read from addresses whenever they are asked for; they take no room.
ALTER TABLE articles ADD COLUMN host TEXT GENERATED ALWAYS AS ( -- of url, with its port if it has one
  CASE WHEN instr(url, '://') > 0 THEN
    lower(substr(url, instr(url, '://') + 3,
                 instr(replace(replace(substr(url, instr(url, '://') + 3), '?', '/'), '#', '/') || '/', '/') - 1))
  END
) VIRTUAL;
ALTER TABLE sightings ADD COLUMN host TEXT GENERATED ALWAYS AS ( -- of target, likewise; NULL while that is not known
  CASE WHEN instr(target, '://') > 0 THEN
    lower(substr(target, instr(target, '://') + 3,
                 instr(replace(replace(substr(target, instr(target, '://') + 3), '?', '/'), '#', '/') || '/', '/') - 1))
  END
) VIRTUAL;

-- Both hold only the few rows that wait for something, so that the many others cost nothing when they
-- are stored. Without them the two views of what waits would read all of a table to find these rows.
CREATE INDEX articles_held ON articles (first_seen_at, hold_reason) WHERE hold_reason IS NOT NULL;
CREATE INDEX sightings_pending ON sightings (first_seen_at) WHERE target IS NULL AND link IS NOT NULL;

-- Latest: unique articles, the newest first, with how many feeds and hosts carried each.
DROP VIEW latest;
CREATE VIEW latest AS
SELECT a.id, a.first_seen_at, a.published_at, a.title, a.url, a.host, a.language, a.words,
       (SELECT count(DISTINCT s.feed_id) FROM sightings AS s WHERE s.article_id = a.id) AS feeds,
       (SELECT count(DISTINCT s.host) FROM sightings AS s WHERE s.article_id = a.id) AS hosts,
       (SELECT count(*) FROM sightings AS s WHERE s.article_id = a.id) AS sightings,
       a.hold_reason
FROM articles AS a
ORDER BY a.first_seen_at DESC, a.id DESC;

-- Stories: articles that more than one feed carried, those in most feeds first. Ask for a span of
-- first_seen_at: of all time, every article is counted.
CREATE VIEW stories AS
SELECT a.id, a.first_seen_at, a.title, a.url, a.host, a.language,
       count(DISTINCT s.feed_id) AS feeds,
       count(DISTINCT s.host) AS hosts,
       count(*) AS sightings,
       max(s.first_seen_at) AS last_carried_at
FROM articles AS a
JOIN sightings AS s ON s.article_id = a.id
GROUP BY a.first_seen_at, a.id
HAVING count(DISTINCT s.feed_id) > 1
ORDER BY feeds DESC, hosts DESC, a.id DESC;

-- Duplicates: every sighting that brought an article already known, and why it counted as one, the
-- last stored first.
DROP VIEW duplicates;
CREATE VIEW duplicates AS
SELECT s.article_id, a.title, a.url, s.id AS sighting_id, s.verdict, e.reason, s.similarity, e.shared, e.runs,
       s.title AS copy_title, s.link, s.target, s.host, f.url AS feed, s.first_seen_at,
       CAST(strftime('%s', s.first_seen_at) AS INTEGER) - CAST(strftime('%s', a.first_seen_at) AS INTEGER) AS later_s
FROM sightings AS s
JOIN articles AS a ON a.id = s.article_id
JOIN feeds AS f ON f.id = s.feed_id
LEFT JOIN evidence AS e ON e.sighting_id = s.id
WHERE s.verdict IN ('same-url', 'same-text', 'near-text', 'same-title')
ORDER BY s.id DESC;

-- Articles per day: new articles of each day (UTC), by the feed that brought them first and by language.
-- The days come first, so that asking for one reads only its articles.
CREATE VIEW articles_per_day AS
WITH RECURSIVE days (day) AS (
  SELECT date(min(first_seen_at)) FROM articles
  UNION ALL
  SELECT date(day, '+1 day') FROM days WHERE day < (SELECT date(max(first_seen_at)) FROM articles)
)
SELECT d.day, s.feed_id, f.url AS feed, a.language, count(*) AS articles, sum(a.hold_reason IS NOT NULL) AS held
FROM days AS d
CROSS JOIN articles AS a ON a.first_seen_at >= d.day AND a.first_seen_at < date(d.day, '+1 day')
CROSS JOIN sightings AS s ON s.article_id = a.id AND s.verdict IN ('new', 'held')
CROSS JOIN feeds AS f ON f.id = s.feed_id
GROUP BY d.day, s.feed_id, a.language;

-- Feed health: how each feed has been, the worst first.
DROP VIEW feed_health;
CREATE VIEW feed_health AS
SELECT f.id, f.url, coalesce(f.own_title, f.title) AS title,
       CASE
         WHEN f.paused_at IS NOT NULL THEN 'paused'
         WHEN f.last_poll_at IS NULL THEN 'not-polled'
         WHEN f.last_success_at IS NULL THEN 'never-worked'
         WHEN f.failures > 0 THEN 'failing'
         ELSE 'well'
       END AS state,
       f.failures, f.last_error, f.last_success_at, f.last_poll_at, f.next_poll_at, f.next_poll_reason, f.paused_at,
       (SELECT p.started_at FROM polls AS p WHERE p.feed_id = f.id AND p.new_articles > 0
        ORDER BY p.started_at DESC LIMIT 1) AS last_new_at,
       (SELECT count(*) FROM sightings AS s WHERE s.feed_id = f.id) AS sightings
FROM feeds AS f
WHERE f.removed_at IS NULL
ORDER BY f.failures DESC, f.url;

-- Pending links: wrapped links whose target is not known yet, and what they wait for, the newest first.
DROP VIEW pending_links;
CREATE VIEW pending_links AS
SELECT s.link, s.article_id, a.title, f.url AS feed, s.first_seen_at,
       q.asks, q.tries, q.next_try_at, q.error
FROM sightings AS s
JOIN articles AS a ON a.id = s.article_id
JOIN feeds AS f ON f.id = s.feed_id
LEFT JOIN link_queue AS q ON q.link = s.link
WHERE s.target IS NULL AND s.link IS NOT NULL
ORDER BY s.first_seen_at DESC, s.id DESC;

-- Held pages: articles without a text, why, and when their pages are asked for again, the newest first.
DROP VIEW held_pages;
CREATE VIEW held_pages AS
SELECT a.id, a.title, a.url, a.hold_reason, f.url AS feed, c.page_tries, c.next_try_at, s.first_seen_at
FROM articles AS a INDEXED BY articles_held -- or the planner goes through all articles to find the held ones
CROSS JOIN sightings AS s ON s.article_id = a.id
JOIN feeds AS f ON f.id = s.feed_id
LEFT JOIN text_choices AS c ON c.sighting_id = s.id
WHERE a.hold_reason IS NOT NULL
ORDER BY a.first_seen_at DESC, a.id DESC, s.id;

-- Stripped: what cleaning took from each entry's text, and the rule that did it, the last stored first.
CREATE VIEW stripped AS
SELECT s.article_id, s.title, f.url AS feed, r.sighting_id, r.position, r.rule, r.line, s.first_seen_at
FROM removed_lines AS r
JOIN sightings AS s ON s.id = r.sighting_id
JOIN feeds AS f ON f.id = s.feed_id
ORDER BY r.sighting_id DESC, r.position;
