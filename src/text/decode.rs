//! Turns bytes into text, by what they are first and by what they claim second.
//!
//! Declarations lie: feeds declare UTF-8 and hold Windows-1252, declare Latin-1 and hold UTF-8.
//! So bytes that are valid UTF-8 are UTF-8; a declared encoding counts only if it decodes without
//! error; bytes that are mostly UTF-8 have their strays patched; only then is the encoding guessed.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, ISO_2022_JP, KOI8_R, KOI8_U, REPLACEMENT,
    SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_874, WINDOWS_1252,
};

/// How far into a document a declaration of its encoding is looked for, in bytes. HTML allows
/// 1,024; real pages put scripts in front.
const DECLARED_WITHIN: usize = 4096;

/// Decodes a feed document: XML or JSON.
#[must_use]
pub fn feed(bytes: &[u8], content_type: Option<&str>) -> String {
    text(bytes, [content_type.and_then(http_charset), xml_encoding(bytes)])
}

/// Decodes a page.
#[must_use]
pub fn page(bytes: &[u8], content_type: Option<&str>) -> String {
    text(bytes, [content_type.and_then(http_charset), meta_charset(bytes)])
}

fn text(bytes: &[u8], declared: [Option<&'static Encoding>; 2]) -> String {
    if let Some(text) = wide(bytes) {
        return text;
    }
    let (bytes, marked) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (rest, true),
        None => (bytes, false),
    };
    // ISO-2022-JP is ASCII with escapes, and so valid UTF-8.
    let escaped = bytes.contains(&0x1b) && declared.contains(&Some(ISO_2022_JP));
    if !escaped && let Ok(text) = str::from_utf8(bytes) {
        return text.to_owned();
    }
    for encoding in declared.into_iter().flatten() {
        let unicode = [UTF_8, UTF_16BE, UTF_16LE, REPLACEMENT].contains(&encoding);
        if !unicode && !marked {
            let decoded = encoding.decode_without_bom_handling_and_without_replacement(bytes);
            if let Some(text) = decoded {
                return text.into_owned();
            }
        }
    }
    if marked || is_mostly_utf8(bytes) {
        return patched(bytes);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Allow).decode_without_bom_handling(bytes).0.into_owned()
}

/// Text of two or four bytes a character, told by its byte order mark or by its first `<`.
fn wide(bytes: &[u8]) -> Option<String> {
    let four_bytes = |bytes: &[u8], read: fn([u8; 4]) -> u32| {
        let (units, _) = bytes.as_chunks::<4>();
        let text = units.iter().map(|unit| char::from_u32(read(*unit)).unwrap_or('\u{fffd}'));
        Some(text.collect())
    };
    let two_bytes = |bytes, encoding: &'static Encoding| {
        Some(encoding.decode_without_bom_handling(bytes).0.into_owned())
    };
    match bytes {
        [0, 0, 0xfe, 0xff, rest @ ..] => four_bytes(rest, u32::from_be_bytes),
        [0xff, 0xfe, 0, 0, rest @ ..] => four_bytes(rest, u32::from_le_bytes),
        [0, 0, 0, b'<' | b'{', ..] => four_bytes(bytes, u32::from_be_bytes),
        [b'<' | b'{', 0, 0, 0, ..] => four_bytes(bytes, u32::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => two_bytes(rest, UTF_16BE),
        [0xff, 0xfe, rest @ ..] => two_bytes(rest, UTF_16LE),
        [0, b'<' | b'{', 0, _, ..] => two_bytes(bytes, UTF_16BE),
        [b'<' | b'{', 0, _, 0, ..] => two_bytes(bytes, UTF_16LE),
        _ => None,
    }
}

/// Whether most characters beyond ASCII are valid UTF-8.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut valid, mut invalid) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        invalid += usize::from(!chunk.invalid().is_empty());
    }
    valid > invalid
}

/// UTF-8 whose stray bytes are read as Windows-1252, the usual source of strays.
fn patched(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    text
}

/// The `charset` of a Content-Type header.
fn http_charset(content_type: &str) -> Option<&'static Encoding> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| labelled(value)).flatten()
    })
}

/// The `encoding` of an XML declaration.
fn xml_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = head(bytes);
    let (_, declaration) = head.split_once("<?xml")?;
    let (declaration, _) = declaration.split_once('>')?;
    let (_, value) = declaration.split_once("encoding")?;
    labelled(value.trim_start().strip_prefix('=')?)
}

/// The `charset` of a page's `<meta>`, in either spelling.
fn meta_charset(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = head(bytes).to_ascii_lowercase();
    head.split("<meta").skip(1).find_map(|meta| {
        let (meta, _) = meta.split_once('>')?;
        let (_, value) = meta.split_once("charset")?;
        labelled(value.trim_start().strip_prefix('=')?)
    })
}

fn head(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes.get(..DECLARED_WITHIN).unwrap_or(bytes))
}

/// The encoding a label names, quoted or not.
fn labelled(value: &str) -> Option<&'static Encoding> {
    let value = value.trim_start().trim_start_matches(['"', '\'']);
    let label = value.split(['"', '\'', ';', ' ', '\t', '\r', '\n', '?', '/', '>']).next()?;
    let encoding = Encoding::for_label(label.as_bytes()).or_else(|| misnamed(label))?;
    // What claims the smaller set often uses the larger.
    Some(if encoding == GBK { GB18030 } else { encoding })
}

/// Labels outside the Encoding standard that feeds use: Python's and Windows' names.
fn misnamed(label: &str) -> Option<&'static Encoding> {
    let letters: String = label.chars().filter(char::is_ascii_alphanumeric).collect();
    let letters = letters.to_ascii_lowercase();
    Some(match letters.as_str() {
        "utf8" | "u8" | "utf" => UTF_8,
        "shiftjis" | "cp932" | "mskanji" => SHIFT_JIS,
        "eucjp" | "ujis" => EUC_JP,
        "euckr" | "cp949" | "uhc" | "johab" => EUC_KR,
        "gb2312" | "cp936" | "gb18030" | "hz" => GB18030,
        "big5" | "cp950" | "big5hkscs" => BIG5,
        "koi8r" => KOI8_R,
        "koi8u" | "koi8t" => KOI8_U,
        "tis620" | "cp874" => WINDOWS_874,
        "ascii" | "646" => WINDOWS_1252,
        _ => return numbered(&letters),
    })
}

/// `cp1251`, `windows1251`, `win1251`, `iso88592` and the like.
fn numbered(letters: &str) -> Option<&'static Encoding> {
    if let Some(part) = letters.strip_prefix("iso8859") {
        return Encoding::for_label(format!("iso-8859-{part}").as_bytes());
    }
    let page = ["cp", "windows", "win"].iter().find_map(|prefix| letters.strip_prefix(prefix))?;
    Encoding::for_label(format!("windows-{page}").as_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "<t>Größe, “čaj”</t>";

    fn check(bytes: &[u8], content_type: Option<&str>, expected: &str) {
        assert_eq!(feed(bytes, content_type), expected);
        assert_eq!(page(bytes, content_type), expected);
    }

    fn encoded(text: &str, encoding: &'static Encoding) -> Vec<u8> {
        let (bytes, _, lossy) = encoding.encode(text);
        assert!(!lossy, "{text} is not in {}", encoding.name());
        bytes.into_owned()
    }

    fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn valid_utf8_is_utf8_whatever_is_declared() {
        check(TEXT.as_bytes(), None, TEXT);
        check(TEXT.as_bytes(), Some("text/xml; charset=iso-8859-1"), TEXT);
        check(&[b"\xef\xbb\xbf", TEXT.as_bytes()].concat(), Some("text/xml;charset=koi8-r"), TEXT);
        check(b"", None, "");
    }

    #[test]
    fn text_of_two_or_four_bytes_is_recognised() {
        check(&utf16(TEXT, u16::to_le_bytes), None, TEXT);
        check(&utf16(TEXT, u16::to_be_bytes), Some("text/xml; charset=utf-8"), TEXT);
        check(&utf16(&format!("\u{feff}{TEXT}"), u16::to_le_bytes), None, TEXT);
        check(&utf16(&format!("\u{feff}{TEXT}"), u16::to_be_bytes), None, TEXT);
        let utf32: Vec<u8> = TEXT.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
        check(&utf32, None, TEXT);
        check(&[&[0, 0, 0xfe, 0xff], utf32.as_slice()].concat(), None, TEXT);
    }

    #[test]
    fn a_declared_encoding_counts_if_it_decodes() {
        let russian = "<t>Цапля села на ратушу</t>";
        let bytes = encoded(russian, KOI8_R);
        check(&bytes, Some("text/html; Charset=\"KOI8-R\""), russian);
        check(&bytes, Some("text/html; charset=koi8_r"), russian);
        let japanese = "<t>鷺が来た</t>";
        check(&encoded(japanese, ISO_2022_JP), Some("text/xml; charset=iso-2022-jp"), japanese);
        check(&encoded(japanese, SHIFT_JIS), Some("a/b; charset=sjis"), japanese);
    }

    #[test]
    fn documents_declare_their_encoding_themselves() {
        let xml = "<?xml version='1.0' encoding='windows-1251'?><t>Цапля</t>";
        let windows_1251 = labelled("cp1251").unwrap();
        assert_eq!(feed(&encoded(xml, windows_1251), None), xml);
        for html in [
            "<html><META Charset=windows-1251><p>Цапля",
            "<meta http-equiv=Content-Type content='text/html; charset=windows-1251'>Цапля",
        ] {
            assert_eq!(page(&encoded(html, windows_1251), None), html);
        }
    }

    #[test]
    fn stray_bytes_in_utf8_are_patched() {
        check(
            "Größe café "
                .as_bytes()
                .iter()
                .chain(b"\x93ok\x94")
                .copied()
                .collect::<Vec<_>>()
                .as_slice(),
            None,
            "Größe café “ok”",
        );
        check(b"\xef\xbb\xbfna\xefve", Some("a/b; charset=koi8-r"), "naïve");
    }

    #[test]
    fn undeclared_bytes_are_guessed() {
        let text = "<p>Čtyřicet žáků přišlo do školy příliš pozdě, protože vlak zůstal stát.</p>";
        check(&encoded(text, labelled("windows-1250").unwrap()), None, text);
        check(b"caf\xe9 au lait \x96 d\xe9j\xe0 vu", None, "café au lait – déjà vu");
    }

    #[test]
    fn unknown_labels_are_ignored() {
        check(b"caf\xe9", Some("text/html; charset=unknown-8bit"), "café");
        check(b"caf\xe9", Some("text/html; charset"), "café");
        check(b"caf\xe9", Some(";;=;"), "café");
    }

    proptest! {
        #[test]
        fn every_text_survives_utf8(text in "[^\u{feff}\u{1b}\0]\\PC{0,40}") {
            prop_assert_eq!(feed(text.as_bytes(), Some("a/b; charset=big5")), text);
        }

        #[test]
        fn no_bytes_make_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), label in "[a-z0-9-]{0,12}") {
            let content_type = format!("a/b; charset={label}");
            let _text = (feed(&bytes, Some(&content_type)), page(&bytes, None));
        }
    }
}
