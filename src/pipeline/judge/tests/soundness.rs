//! What holds after any judgement.

use proptest::prelude::*;

use super::*;

fn any_standing() -> impl Strategy<Value = Standing> {
    prop::sample::select(vec![Standing::Copy, Standing::Feed, Standing::Publisher])
}

/// A store of five articles with distinct texts, some held.
fn any_store() -> impl Strategy<Value = Vec<StoredArticle>> {
    prop::collection::vec((any::<bool>(), any_standing(), 0_usize..150), 5).prop_map(|articles| {
        let numbered = articles.into_iter().zip(1..);
        let stored = numbered.map(|((is_held, standing, words), number)| {
            let held = with_standing(standing, article(number, None));
            if is_held {
                return held;
            }
            StoredArticle { body_sha256: Some(format!("text {number}")), words, ..held }
        });
        stored.collect()
    })
}

fn any_candidate() -> impl Strategy<Value = Candidate> {
    (prop::option::of((1_i64..8, 0_usize..150)), any_standing()).prop_map(|(text, by)| {
        let brought =
            text.map_or_else(unusable, |(number, words)| usable(&format!("text {number}"), words));
        standing(by, brought)
    })
}

/// What a store tells: any of its articles for each sign, but for the text the one that has it.
fn told(candidate: &Candidate, store: &[StoredArticle], picks: &[bool]) -> Known {
    let picked = |from: usize| {
        store.iter().enumerate().filter(move |(i, _)| picks[from + i]).map(|(_, article)| article)
    };
    let fresh = fingerprint(candidate);
    Known {
        same_entry: picked(0)
            .next()
            .cloned()
            .map(|article| StoredSighting { article, is_decided: false }),
        same_url: picked(5).cloned().collect(),
        same_text: fresh
            .and_then(|fresh| store.iter().find(|other| is_text_of(fresh, other)))
            .cloned()
            .map(holder),
        near: picked(10).filter(|article| has_text(article)).cloned().map(with_its_text).collect(),
        ..Known::default()
    }
}

fn with_its_text(article: StoredArticle) -> NearArticle {
    let text = story(1, article.words.try_into().unwrap());
    proposed(&[&text], article)
}

proptest! {
    #[test]
    fn every_judgement_keeps_the_store_sound(
        candidate in any_candidate(),
        store in any_store(),
        picks in prop::collection::vec(prop::bool::weighted(0.3), 15),
    ) {
        let known = told(&candidate, &store, &picks);
        let judgement = judge(&candidate, &known);
        prop_assert_eq!(&judgement, &judge(&candidate, &known));

        let fresh = fingerprint(&candidate).map(|fresh| fresh.sha256.clone());
        prop_assert!(!judgement.takes_text || fresh.is_some());
        prop_assert!(judgement.absorbs.is_sorted_by(|left, right| left < right));

        let Some(id) = judgement.article else {
            let expected = if fresh.is_some() { Verdict::New } else { Verdict::Held };
            prop_assert_eq!(judgement.verdict, expected);
            prop_assert!(judgement.absorbs.is_empty() && !judgement.takes_text && !judgement.takes_url);
            return Ok(());
        };
        prop_assert!(!judgement.absorbs.contains(&id));

        let survivor = store.iter().find(|article| article.id == id).unwrap();
        let remaining = if judgement.takes_text { fresh } else { survivor.body_sha256.clone() };
        prop_assert!(remaining.is_some() || survivor.body_sha256.is_none(), "a text is never lost");
        for other in store.iter().filter(|other| other.id != id) {
            let is_absorbed = judgement.absorbs.contains(&other.id);
            let has_the_text = other.body_sha256.is_some() && other.body_sha256 == remaining;
            prop_assert!(!has_the_text || is_absorbed, "two articles would have one text");
            prop_assert!(!is_absorbed || has_the_text || !has_text(other), "a text would be lost");
        }
    }
}
