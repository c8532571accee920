//! Reads persons, who are written in more ways than any other field.
//!
//! Atom gives name, address and page an element each. RSS asks for `address (name)`, and feeds
//! write `name (address)`, `name <address>`, `mailto:address`, a name, or several names.

use super::super::names::Space;
use super::super::tree::Element;
use super::scope::Scope;
use super::{present, short_text};
use crate::model::Person;
use crate::text::html::plain_text;

/// The most persons that are kept of one entry or feed.
const PERSONS_MAX: usize = 100;

/// The person an element names.
pub(super) fn read(element: Element<'_, '_>, scope: &Scope) -> Option<Person> {
    if !element.has_children() {
        return of_text(&short_text(element)?);
    }
    let scope = scope.inside(element);
    let mut person = Person { name: None, email: None, uri: None };
    for child in element.children() {
        let text = short_text(child);
        match child.key() {
            (Space::Feed | Space::Itunes | Space::Other, "name") => {
                person.name = text.as_deref().and_then(name);
            }
            (Space::Feed | Space::Itunes | Space::Other, "email") => {
                let around = text.as_deref().and_then(around_email);
                person.email = around.map(|(_, email, _)| email.to_owned()).or(text);
            }
            (_, "uri" | "url" | "homepage" | "href") => {
                person.uri = text.map(|uri| scope.address(child, &uri));
            }
            _ => {}
        }
    }
    someone(person)
}

/// The person a text names: an e-mail address, wherever it stands, and a name around it.
pub(super) fn of_text(text: &str) -> Option<Person> {
    // Around an address, brackets are no tags.
    let text =
        plain_text(&if text.contains('@') { text.replace('<', "&lt;") } else { text.to_owned() });
    let Some((before, email, after)) = around_email(&text) else {
        return someone(Person { name: present(&text), email: None, uri: None });
    };
    let name = without_empty_brackets(&format!("{} {after}", before_mailto(before)));
    someone(Person { name, email: Some(email.to_owned()), uri: None })
}

/// Adds a person, and adds what is new of one who is known.
pub(super) fn push_new(persons: &mut Vec<Person>, person: Person) {
    let same = |one: &Option<String>, other: &Option<String>| {
        one.as_deref().zip(other.as_deref()).is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
    };
    let known = persons.iter_mut().find(|known| {
        same(&known.name, &person.name)
            || (known.name.is_none() || person.name.is_none()) && same(&known.email, &person.email)
    });
    if let Some(known) = known {
        known.name = known.name.take().or(person.name);
        known.email = known.email.take().or(person.email);
        known.uri = known.uri.take().or(person.uri);
    } else if persons.len() < PERSONS_MAX {
        persons.push(person);
    }
}

fn someone(person: Person) -> Option<Person> {
    let is_someone = person.name.is_some() || person.email.is_some() || person.uri.is_some();
    is_someone.then_some(person)
}

fn name(text: &str) -> Option<String> {
    present(&plain_text(text))
}

/// A text without the scheme of an e-mail address at its end.
fn before_mailto(text: &str) -> &str {
    let scheme = "mailto:";
    let at = text.len().saturating_sub(scheme.len());
    match text.split_at_checked(at) {
        Some((before, end)) if end.eq_ignore_ascii_case(scheme) => before,
        _ => text,
    }
}

/// The first e-mail address in a text, and what stands on both sides of it.
fn around_email(text: &str) -> Option<(&str, &str, &str)> {
    let (before, after) = text.split_once('@')?;
    let is_local = |c: char| c.is_ascii_alphanumeric() || "_.+-'".contains(c);
    let local_from = before.trim_end_matches(is_local).len();
    let is_domain = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
    let domain_len = after.len() - after.trim_start_matches(is_domain).len();
    let domain = after.get(..domain_len)?.trim_end_matches('.');
    let email = text.get(local_from..before.len() + '@'.len_utf8() + domain.len())?;
    let is_email = local_from < before.len() && domain.contains('.');
    is_email.then_some((before.get(..local_from)?, email, after.get(domain.len()..)?))
}

/// A name without the brackets that stood around it or around the address.
fn without_empty_brackets(text: &str) -> Option<String> {
    const PAIRS: [(char, char); 5] = [('(', ')'), ('<', '>'), ('[', ']'), ('（', '）'), ('"', '"')];
    let mut name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (open, close) in PAIRS {
        for empty in [format!("{open}{close}"), format!("{open} {close}")] {
            name = name.replace(&empty, "");
        }
    }
    let mut name = name.trim().trim_end_matches([',', ';']);
    for (open, close) in PAIRS {
        let bare = name.strip_prefix(open).and_then(|name| name.strip_suffix(close));
        name = bare.unwrap_or(name).trim();
    }
    present(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, name: Option<&str>, email: Option<&str>) {
        let person = of_text(text);
        let found = person.as_ref().map(|p| (p.name.as_deref(), p.email.as_deref()));
        assert_eq!(found, (name.is_some() || email.is_some()).then_some((name, email)), "{text}");
    }

    #[test]
    fn persons_are_read_in_their_spellings() {
        let (name, email) = (Some("Jo Marsh"), Some("jo.m@gazette.example"));
        check("jo.m@gazette.example (Jo Marsh)", name, email);
        check("Jo Marsh (jo.m@gazette.example)", name, email);
        check("Jo Marsh <jo.m@gazette.example>", name, email);
        check("\"Jo Marsh\" &lt;mailto:jo.m@gazette.example&gt;", name, email);
        check("mailto:jo.m@gazette.example", None, email);
        check("jo.m@gazette.example ()", None, email);
        check(" Jo   Marsh ", name, None);
        check("Jo Marsh, The Gazette", Some("Jo Marsh, The Gazette"), None);
        check("山田（taro@gazette.example）", Some("山田"), Some("taro@gazette.example"));
        check("@jomarsh", Some("@jomarsh"), None);
        check("Jo @ home", Some("Jo @ home"), None);
        check("  ", None, None);
    }

    #[test]
    fn who_is_named_twice_is_one_person() {
        let mut persons = Vec::new();
        for text in ["Jo Marsh", "jo@a.example (jo marsh)", "JO@a.example", "Ann"] {
            push_new(&mut persons, of_text(text).unwrap());
        }
        let jo = Person {
            name: Some("Jo Marsh".to_owned()),
            email: Some("jo@a.example".to_owned()),
            uri: None,
        };
        assert_eq!((persons.len(), &persons[0]), (2, &jo));
    }
}
