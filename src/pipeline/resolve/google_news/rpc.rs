//! Writes the question that Google answers with addresses, and reads its answer.
//!
//! The question is a form field with JSON in a string in JSON, the answer likewise, behind a line
//! that keeps scripts from reading it. One question may ask for several tokens; the rows of the
//! answer come in any order and are told apart by the tag that each was asked with. Where the answer
//! is cut into chunks, each has a line with its length before it, which is not to be trusted.

use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;

use super::page::Signature;

/// The name under which Google knows the question.
const RPC: &str = "Fbv4je";

/// What stands before every answer.
const PREFIX: &str = ")]}'";

/// What a time stamp or signature that is not (or no longer) good is answered with.
const INVALID: i64 = 3;

/// A token to be asked for, and what to ask with.
#[derive(Debug, Clone)]
pub(super) struct Question<'a> {
    /// Tells its row of the answer.
    pub(super) tag: String,
    pub(super) token: &'a str,
    pub(super) signature: Signature,
}

/// What an answer says of one token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// The address, not yet checked for being a publisher's.
    Address(String),
    /// The time stamp or signature was not good.
    BadSignature,
    /// Anything else; why it is no use.
    Nothing(String),
}

/// The body of the request: `f.req=` and the questions.
pub(super) fn form(questions: &[Question<'_>]) -> String {
    let rpcs: Vec<Value> = questions
        .iter()
        .map(|question| {
            let ts: Value = question.signature.ts.parse::<u64>().map_or(Value::Null, Value::from);
            let asked = json!([
                "garturlreq",
                [
                    [
                        "X",
                        "X",
                        ["X", "X"],
                        null,
                        null,
                        1,
                        1,
                        "US:en",
                        null,
                        1,
                        null,
                        null,
                        null,
                        null,
                        null,
                        0,
                        1
                    ],
                    "X",
                    "X",
                    1,
                    [1, 1, 1],
                    1,
                    1,
                    null,
                    0,
                    0,
                    null,
                    0
                ],
                question.token,
                ts,
                question.signature.sg,
            ]);
            json!([RPC, asked.to_string(), null, question.tag])
        })
        .collect();
    let written = json!([rpcs]).to_string();
    format!("f.req={}", byte_serialize(written.as_bytes()).collect::<String>())
}

/// What an answer says of each of the tags that were asked with.
pub(super) fn read(body: &str, tags: &[&str]) -> Vec<Said> {
    let rows = rows(body);
    tags.iter().map(|tag| said(&rows, tag, tags.len() == 1)).collect()
}

/// The rows of every chunk.
fn rows(body: &str) -> Vec<Vec<Value>> {
    let body = body.trim_start().strip_prefix(PREFIX).unwrap_or(body).trim();
    let whole: Option<Vec<Value>> = serde_json::from_str(body).ok();
    let chunks = whole.unwrap_or_else(|| {
        let lines = body.lines().filter(|line| line.starts_with('['));
        lines.filter_map(|line| serde_json::from_str::<Vec<Value>>(line).ok()).flatten().collect()
    });
    let arrays = chunks.into_iter().filter_map(|row| match row {
        Value::Array(row) => Some(row),
        _ => None,
    });
    arrays.collect()
}

/// What the rows of one tag say; two addresses for one tag say nothing.
fn said(rows: &[Vec<Value>], tag: &str, is_alone: bool) -> Said {
    let is_ours = |row: &&Vec<Value>| {
        let text = |place: usize| row.get(place).and_then(Value::as_str);
        // Errors in chunks have lost their tag.
        let is_tagged = text(6) == Some(tag) || (is_alone && text(6) == Some(""));
        text(0) == Some("wrb.fr") && text(1) == Some(RPC) && is_tagged
    };
    let mut found: Option<Said> = None;
    for row in rows.iter().filter(is_ours) {
        let here = of_row(row);
        match &found {
            Some(before) if *before != here => {
                return Said::Nothing("its answer contradicts itself".to_owned());
            }
            _ => found = Some(here),
        }
    }
    found.unwrap_or_else(|| Said::Nothing("its answer leaves this token out".to_owned()))
}

fn of_row(row: &[Value]) -> Said {
    if let Some(payload) = row.get(2).and_then(Value::as_str) {
        let payload: Option<Vec<Value>> = serde_json::from_str(payload).ok();
        let mut payload = payload.unwrap_or_default().into_iter();
        let is_answer = payload.next().is_some_and(|name| name == "garturlres");
        return match payload.next() {
            Some(Value::String(address)) if is_answer => Said::Address(address),
            _ => Said::Nothing("its answer cannot be read".to_owned()),
        };
    }
    match row.get(5).and_then(|error| error.get(0)).and_then(Value::as_i64) {
        Some(INVALID) => Said::BadSignature,
        Some(code) => Said::Nothing(format!("it answers with error {code}")),
        None => Said::Nothing("its answer cannot be read".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn address(text: &str) -> Said {
        Said::Address(text.to_owned())
    }

    fn nothing(why: &str) -> Said {
        Said::Nothing(why.to_owned())
    }

    fn check(body: &str, tags: &[&str], expected: &[Said]) {
        assert_eq!(read(body, tags), expected, "{body}");
    }

    #[test]
    fn the_question_is_json_in_json_in_a_form() {
        let signature = Signature { ts: "1791400000".to_owned(), sg: "Ab_-".to_owned() };
        let question = Question { tag: "1".to_owned(), token: "CBMiX", signature };
        let form = form(&[question]);
        assert!(
            form.starts_with("f.req=%5B%5B%5B%22Fbv4je%22%2C%22%5B%5C%22garturlreq%5C%22"),
            "{form}"
        );
        assert!(form.bytes().all(|b| b.is_ascii_alphanumeric() || b"%=._-".contains(&b)), "{form}");
        let (_, value) = url::form_urlencoded::parse(form.as_bytes()).next().unwrap();
        let value: Value = serde_json::from_str(&value).unwrap();
        assert_eq!((&value[0][0][0], &value[0][0][3]), (&json!("Fbv4je"), &json!("1")));
        let asked: Value = serde_json::from_str(value[0][0][1].as_str().unwrap()).unwrap();
        let expected = [json!("CBMiX"), json!(1_791_400_000), json!("Ab_-")];
        assert_eq!(asked.as_array().unwrap()[2..], expected);
        assert_eq!(asked[1][0][7], "US:en");
    }

    #[test]
    fn addresses_are_unescaped_twice_and_found_by_their_tag() {
        let one = r#"["wrb.fr","Fbv4je","[\"garturlres\",\"https://a.example/1?id\\u003d7\\u0026x\\u003d\u00e9\",1,\"https://a.example/amp\"]",null,null,null,"1"]"#;
        let two = r#"["wrb.fr","Fbv4je","[\"garturlres\",\"https://b.example/2\",1]",null,null,null,"2"]"#;
        let tail = r#"["di",19],["af.httprm",19,"-32",35]"#;
        let expected = [address("https://a.example/1?id=7&x=é"), address("https://b.example/2")];
        check(&format!(")]}}'\n\n[{two},{one},{tail}]"), &["1", "2"], &expected);
        let chunked = format!(
            ")]}}'\n\n93\n[{two}]\n7\n[{one}]\n38\n[{tail}]\n25\n[[\"e\",4,null,null,131]]\n"
        );
        check(&chunked, &["1", "2"], &expected);
        check(
            &format!(")]}}'\n\n[{one},{tail}]"),
            &["1", "2"],
            &[expected[0].clone(), nothing("its answer leaves this token out")],
        );
    }

    #[test]
    fn errors_are_told_apart() {
        let bad = r#"[["wrb.fr","Fbv4je",null,null,null,[3],"1"],["di",20]]"#;
        check(&format!(")]}}'\n\n{bad}"), &["1"], &[Said::BadSignature]);
        let untagged = ")]}'\n\n96\n[[\"wrb.fr\",\"Fbv4je\",null,null,null,[3],\"\"],[\"di\",18]]\n25\n[[\"e\",4]]\n";
        check(untagged, &["1"], &[Said::BadSignature]);
        check(untagged, &["1", "2"], &["its answer leaves this token out"; 2].map(nothing));
        let unknown = r#"[["wrb.fr","Fbv4je",null,null,null,[5],"1"]]"#;
        check(&format!(")]}}'\n{unknown}"), &["1"], &[nothing("it answers with error 5")]);
        let contradiction = r#"[["wrb.fr","Fbv4je","[\"garturlres\",\"https://a.example/\",1]",null,null,null,"1"],["wrb.fr","Fbv4je","[\"garturlres\",\"https://b.example/\",1]",null,null,null,"1"]]"#;
        check(contradiction, &["1"], &[nothing("its answer contradicts itself")]);
        let refused = ")]}'\n\n[[\"er\",null,null,null,null,400,null,null,null,3],[\"di\",10]]";
        check(refused, &["1"], &[nothing("its answer leaves this token out")]);
    }

    proptest! {
        #[test]
        fn any_answer_is_read_without_a_panic(body in ".{0,200}", json in r#"[\[\]"a-z,0-9\\]{0,80}"#) {
            for body in [body, format!(")]}}'\n\n{json}"), json] {
                prop_assert_eq!(read(&body, &["1", "2"]).len(), 2);
            }
        }
    }
}
