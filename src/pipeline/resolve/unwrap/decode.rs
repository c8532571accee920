//! Decodes a target from the way its wrapper writes it.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use crate::config::links::Encoding;

/// Wrappers write base64url with and without padding, and some leave stray bits at the end.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// What a written target says; `None` when it is not written this way.
pub(super) fn decode(written: &str, encoding: Encoding, json_keys: &[String]) -> Option<String> {
    match encoding {
        Encoding::Percent => Some(percent(written)),
        Encoding::Base64 => String::from_utf8(base64(&percent(written))?).ok(),
        Encoding::Base64Json => base64_json(&percent(written), json_keys),
        Encoding::Feedsportal => feedsportal(written),
        Encoding::ProofpointV1 => Some(proofpoint_v1(written)),
        Encoding::ProofpointV2 => Some(proofpoint_v2(written)),
        Encoding::ProofpointV3 => proofpoint_v3(written),
    }
}

/// Percent-decodes once; what is malformed or no UTF-8 stays as it is written, `+` stays `+`.
pub(super) fn percent(written: &str) -> String {
    let mut bytes = Vec::with_capacity(written.len());
    let mut left = written.as_bytes();
    while let [first, after @ ..] = left {
        let byte = match after {
            [high, low, ..] if *first == b'%' => hex(*high).zip(hex(*low)),
            _ => None,
        };
        if let Some((high, low)) = byte {
            bytes.push(high << 4 | low);
            left = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            left = after;
        }
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| format!("%{byte:02X}")));
    }
    text
}

/// Decodes base64 of either alphabet.
pub(in crate::pipeline::resolve) fn base64(written: &str) -> Option<Vec<u8>> {
    let url_safe = written.replace('+', "-").replace('/', "_");
    BASE64_URL.decode(url_safe).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Follows the keys into a JSON object; a string on the way is JSON again (Mandrill).
fn base64_json(written: &str, keys: &[String]) -> Option<String> {
    let payload = written.split('.').next()?;
    let mut value: Value = serde_json::from_slice(&base64(payload)?).ok()?;
    for key in keys {
        if let Value::String(inner) = &value {
            value = serde_json::from_str(inner).ok()?;
        }
        value = value.get_mut(key)?.take();
    }
    match value {
        Value::String(target) => Some(target),
        _ => None,
    }
}

/// `FeedsPortal`'s digraphs, read off archived feeds: the service is gone and documented nothing.
fn feedsportal(written: &str) -> Option<String> {
    let mut target = String::with_capacity(written.len());
    let mut chars = written.chars();
    while let Some(c) = chars.next() {
        if c != '0' {
            target.push(c);
            continue;
        }
        target.push_str(match chars.next()? {
            'A' => "0",
            'B' => ".",
            'C' => "/",
            'D' => "?",
            'E' => "-",
            'F' => "=",
            'G' => "&",
            'H' => ",",
            'I' => "_",
            'J' => "%",
            'K' => "+",
            'L' => "http://",
            'M' => "https://",
            'N' => ".com",
            'O' => ".co.uk",
            'P' => ";",
            'Q' => "|",
            'R' => ":",
            'S' => "www.",
            'T' => "#",
            'U' => "$",
            'V' => "~",
            'W' => "!",
            'X' => "(",
            'Y' => ")",
            'Z' => "Z",
            _ => return None,
        });
    }
    Some(target)
}

/// Version 1 is plain percent-encoding, but some gateways write it as version 2. No host of a
/// website has an underscore, so one before the first slash tells which it is.
fn proofpoint_v1(written: &str) -> String {
    let plain = percent(written);
    let host =
        plain.split_once("://").map_or("", |(_, rest)| rest.split('/').next().unwrap_or(rest));
    if host.contains('_') { proofpoint_v2(written) } else { plain }
}

/// Version 2 writes `-` for `%` and `_` for `/`.
fn proofpoint_v2(written: &str) -> String {
    percent(&written.replace('-', "%").replace('_', "/"))
}

/// Version 3 is `__URL__;BYTES!!signature$`: each `*` in the URL stands for the next character of
/// the base64url text, and `**x` for a run of them, `A` being two.
fn proofpoint_v3(written: &str) -> Option<String> {
    let (url, bytes) = written.strip_prefix("__")?.split_once("__;")?;
    let (bytes, _signature) = bytes.split_once('!')?;
    let replaced = String::from_utf8(base64(bytes)?).ok()?;
    let mut replaced = replaced.chars();
    let mut target = String::with_capacity(url.len());
    let mut chars = url.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '*' {
            target.push(c);
            continue;
        }
        let run = if chars.next_if_eq(&'*').is_some() { run_length(chars.next()?)? } else { 1 };
        let before = target.len();
        target.extend(replaced.by_ref().take(run));
        if target.len() == before {
            target.push('*');
        }
    }
    Some(target)
}

/// The place of a character in base64url's alphabet, counted from two.
fn run_length(c: char) -> Option<usize> {
    alphabet::URL_SAFE.as_str().find(c).map(|place| place + 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(encoding: Encoding, written: &str, expected: Option<&str>) {
        let keys = ["p".to_owned(), "url".to_owned()];
        assert_eq!(decode(written, encoding, &keys).as_deref(), expected, "{written}");
    }

    #[test]
    fn percent_encoding_is_taken_off_once() {
        check(Encoding::Percent, "a%3Fb%3d1+2", Some("a?b=1+2"));
        check(Encoding::Percent, "a%2520b", Some("a%20b"));
        check(Encoding::Percent, "100%", Some("100%"));
        check(Encoding::Percent, "%zz%4", Some("%zz%4"));
        check(Encoding::Percent, "caf%c3%a9", Some("café"));
        check(Encoding::Percent, "caf%e9", Some("caf%E9"));
    }

    #[test]
    fn base64_of_either_alphabet_is_read() {
        check(Encoding::Base64, "aHR0cDovL2EuZXhhbXBsZS8_YQ", Some("http://a.example/?a"));
        check(Encoding::Base64, "aHR0cDovL2EuZXhhbXBsZS8/YQ%3D%3D", Some("http://a.example/?a"));
        check(Encoding::Base64, "not base64", None);
        check(Encoding::Base64, "_w", None);
    }

    #[test]
    fn json_is_followed_into_strings() {
        let nested = r#"{"p":"{\"url\":\"https://a.example\"}"}"#;
        let written = BASE64_URL.encode(nested);
        check(Encoding::Base64Json, &format!("{written}.signature"), Some("https://a.example"));
        check(Encoding::Base64Json, &BASE64_URL.encode(r#"{"p":{"url":7}}"#), None);
        check(Encoding::Base64Json, &BASE64_URL.encode("[]"), None);
    }

    #[test]
    fn digraphs_are_spelled_out() {
        let written = "0L0Swire0Bexample0C20A120Ca0Eb0Dc0F1";
        check(Encoding::Feedsportal, written, Some("http://www.wire.example/2012/a-b?c=1"));
        check(Encoding::Feedsportal, "0z", None);
        check(Encoding::Feedsportal, "a0", None);
    }

    #[test]
    fn url_defense_is_read_in_its_three_versions() {
        check(Encoding::ProofpointV1, "http://a.example/b-c_d", Some("http://a.example/b-c_d"));
        check(Encoding::ProofpointV1, "http://a.example_b_c-3Fd", Some("http://a.example/b/c?d"));
        check(Encoding::ProofpointV2, "https-3A__a.example_b-2Dc", Some("https://a.example/b-c"));
        check(
            Encoding::ProofpointV3,
            "__http://a.example/*b__;Iw!!x$",
            Some("http://a.example/#b"),
        );
        check(
            Encoding::ProofpointV3,
            "__http://a.example/**Bb*__;w6nDqMOgIQ!!x$",
            Some("http://a.example/éèàb!"),
        );
        check(Encoding::ProofpointV3, "__http://a.example/*__;!!x$", Some("http://a.example/*"));
        check(Encoding::ProofpointV3, "http://a.example/", None);
    }

    proptest! {
        #[test]
        fn decoding_never_panics_and_stays_small(written in "\\PC{0,80}") {
            for encoding in [
                Encoding::Percent,
                Encoding::Base64,
                Encoding::Base64Json,
                Encoding::Feedsportal,
                Encoding::ProofpointV1,
                Encoding::ProofpointV2,
                Encoding::ProofpointV3,
            ] {
                if let Some(target) = decode(&written, encoding, &["e".to_owned()]) {
                    prop_assert!(target.len() <= 4 * written.len());
                }
            }
        }
    }
}
