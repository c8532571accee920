//! Decides what becomes of an article once one of its links is resolved at last.
//!
//! Until then the article stood under its wrapper's address. Now its own is known, and another
//! article may stand under that already: the same one, had the link been resolved at first. Which of
//! the two remains, and with which text, is decided here, as a function of both.
//!
//! A false merge is worse than a missed one, so an article that has an address of its own beside the
//! resolved link is never merged with another that has a text: that one of its entries leads
//! elsewhere makes the entry a copy, not the two articles one.

use crate::model::{Mending, Standing, StoredArticle};

/// A text is a teaser beside another when it has fewer than this many tenths of its words; the same
/// measure that the judge takes.
const TEASER_BELOW_TENTHS: usize = 6;

/// Decides between `article`, one of whose links has been resolved, and the `owner` of the address
/// it leads to, if another article stands there.
#[must_use]
pub fn mend(article: &StoredArticle, owner: Option<&StoredArticle>) -> Mending {
    let Some(owner) = owner.filter(|owner| owner.id != article.id) else {
        return Mending::Alone;
    };
    match (has_text(article), has_text(owner)) {
        // Numbers are shown and kept by people: the older one stays.
        (false, false) if article.id < owner.id => Mending::Absorbs(owner.id),
        (true, false) => Mending::Absorbs(owner.id),
        (true, true) if article.standing > Standing::Copy => Mending::Alone,
        (true, true) if is_better_text(article, owner) => Mending::Absorbs(owner.id),
        (false | true, _) => Mending::JoinedTo(owner.id),
    }
}

/// Whether the article's text is to remain, and not that which stands under the address already.
fn is_better_text(article: &StoredArticle, owner: &StoredArticle) -> bool {
    let is_teaser = |one: &StoredArticle, other: &StoredArticle| {
        one.words.saturating_mul(10) < other.words.saturating_mul(TEASER_BELOW_TENTHS)
    };
    let owner_is_copy = owner.copied && !article.copied && !is_teaser(article, owner);
    owner_is_copy || is_teaser(owner, article)
}

fn has_text(article: &StoredArticle) -> bool {
    article.body_sha256.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ArticleId;

    fn article(id: i64, standing: Standing, words: usize, copied: bool) -> StoredArticle {
        StoredArticle {
            id: ArticleId(id),
            url: None,
            standing,
            copied,
            title: String::new(),
            published_at: None,
            body_sha256: (words > 0).then(|| format!("{id}")),
            words,
        }
    }

    fn check(article: &StoredArticle, owner: &StoredArticle, expected: Mending) {
        assert_eq!(mend(article, Some(owner)), expected);
    }

    const COPY: Standing = Standing::Copy;

    #[test]
    fn an_address_nobody_has_makes_no_merge() {
        let one = article(1, COPY, 0, true);
        assert_eq!(mend(&one, None), Mending::Alone);
        check(&one, &one, Mending::Alone);
    }

    #[test]
    fn the_one_with_a_text_remains_and_of_two_without_the_older() {
        let (old, new) = (article(1, COPY, 0, true), article(9, Standing::Feed, 0, false));
        check(&old, &new, Mending::Absorbs(new.id));
        check(&new, &old, Mending::JoinedTo(old.id));
        let text = article(5, Standing::Feed, 200, false);
        check(&old, &text, Mending::JoinedTo(text.id));
        check(&article(9, Standing::Publisher, 0, false), &text, Mending::JoinedTo(text.id));
        check(&text, &new, Mending::Absorbs(new.id));
    }

    #[test]
    fn of_two_texts_that_under_the_address_remains_unless_it_is_a_copy_or_a_teaser() {
        let owner = article(1, Standing::Feed, 300, false);
        check(&article(2, COPY, 280, true), &owner, Mending::JoinedTo(owner.id));
        check(&article(2, COPY, 400, true), &owner, Mending::JoinedTo(owner.id));
        check(&article(2, COPY, 900, true), &owner, Mending::Absorbs(owner.id));
        let copied = article(1, Standing::Feed, 300, true);
        check(&article(2, COPY, 280, false), &copied, Mending::Absorbs(copied.id));
        check(&article(2, COPY, 60, false), &copied, Mending::JoinedTo(copied.id));
    }

    #[test]
    fn two_articles_with_texts_and_addresses_of_their_own_stay_apart() {
        let owner = article(1, Standing::Feed, 300, false);
        for standing in [Standing::Feed, Standing::Publisher] {
            check(&article(2, standing, 300, false), &owner, Mending::Alone);
        }
    }
}
