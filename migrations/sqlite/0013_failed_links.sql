-- What a wrong clock wrote about links is found without going through all links that were ever followed.

CREATE INDEX resolved_links_failed ON resolved_links (asked_at) WHERE target IS NULL;
