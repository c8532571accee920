//! Knows the words of dates: months in a dozen languages, weekdays, zones.

use chrono::Weekday;

/// Writes a date of Chinese, Japanese or Korean form with separators, and the dotted `a.m.` as
/// `am`. Also says whether the date is Korean. Takes lower case.
pub(super) fn westernised(text: &str) -> (String, bool) {
    let mut western = text.replace("a.m", "am").replace("p.m", "pm");
    if western.is_ascii() {
        return (western, false);
    }
    let korean = KOREAN_MARKS.iter().any(|mark| western.contains(mark));
    for (mark, separator) in EAST_ASIAN {
        western = western.replace(mark, separator);
    }
    (western.replace("- ", "-"), korean)
}

/// The month a word names in one of the languages, 1 to 12. Takes lower case.
pub(super) fn month(word: &str) -> Option<u32> {
    (1..).zip(MONTHS).find(|(_, names)| names.contains(&word)).map(|(month, _)| month)
}

/// The weekday an English word names. Takes lower case.
pub(super) fn weekday(word: &str) -> Option<Weekday> {
    // chrono knows the full names and the short ones of three letters.
    let word = if word.len() == 4 || word.len() == 5 { word.get(..3)? } else { word };
    word.parse().ok()
}

/// The zone a word names, in minutes east of Greenwich. Takes lower case.
pub(super) fn zone(word: &str) -> Option<i32> {
    ZONES.iter().find(|(_, names)| names.contains(&word)).map(|(minutes, _)| *minutes)
}

/// Whether a word says nothing about the moment. Takes lower case.
pub(super) fn is_filler(word: &str) -> bool {
    FILLERS.contains(&word)
}

const KOREAN_MARKS: [&str; 3] = ["년", "오전", "오후"];

/// Marks of East Asian dates, and what takes their place.
const EAST_ASIAN: [(&str, &str); 12] = [
    ("年", "-"),
    ("년", "-"),
    ("月", "-"),
    ("월", "-"),
    ("日", " "),
    ("일", " "),
    ("上午", " am "),
    ("午前", " am "),
    ("오전", " am "),
    ("下午", " pm "),
    ("午後", " pm "),
    ("오후", " pm "),
];

/// Endings of ordinals and small words between the parts.
#[rustfmt::skip]
const FILLERS: &[&str] = &[
    "a", "at", "d", "da", "de", "del", "den", "di", "e", "er", "et", "h", "heures", "klo", "kl",
    "le", "nd", "o", "o'clock", "of", "om", "on", "os", "rd", "st", "t", "th", "the", "uhr", "um",
    "à", "г", "года", "в", "º",
];

/// Month names and their abbreviations in English, French, Spanish, Italian, Portuguese, German,
/// Dutch, the Scandinavian languages, Hungarian, Polish, Czech, Turkish, Indonesian, Russian,
/// Ukrainian and Greek.
#[rustfmt::skip]
const MONTHS: [&[&str]; 12] = [
    &[
        "jan", "january", "janvier", "janv", "enero", "ene", "gennaio", "gen", "janeiro", "januar",
        "jänner", "januari", "január", "stycznia", "styczeń", "sty", "ledna", "leden", "ocak", "oca",
        "января", "январь", "янв", "січня", "ιαν", "ιανουαρίου",
    ],
    &[
        "feb", "february", "février", "fevrier", "févr", "fév", "febrero", "febbraio", "fevereiro",
        "fev", "februar", "februari", "február", "febr", "lutego", "luty", "lut", "února", "únor",
        "şubat", "şub", "pebruari", "февраля", "февраль", "фев", "лютого", "φεβ", "φεβρουαρίου",
    ],
    &[
        "mar", "march", "mars", "marzo", "março", "märz", "mär", "maerz", "mrz", "maart", "mrt",
        "marts", "március", "márc", "marca", "marzec", "března", "březen", "mart", "maret", "марта",
        "март", "мар", "березня", "μάρ", "μαρ", "μάώ", "μαρτίου",
    ],
    &[
        "apr", "april", "avril", "avr", "abril", "abr", "aprile", "április", "ápr", "kwietnia",
        "kwiecień", "kwi", "dubna", "duben", "nisan", "nis", "апреля", "апрель", "апр", "квітня",
        "απρ", "απριλίου",
    ],
    &[
        "may", "mai", "mayo", "maggio", "mag", "maio", "mei", "maj", "május", "máj", "maja", "května",
        "květen", "mayıs", "мая", "май", "травня", "μάι", "μαϊ", "μαι", "μαΐου",
    ],
    &[
        "jun", "june", "juin", "junio", "giugno", "giu", "junho", "juni", "június", "jún", "czerwca",
        "czerwiec", "cze", "června", "červen", "haziran", "haz", "июня", "июнь", "июн", "червня",
        "ιούν", "ιον", "ιουν", "ιουνίου",
    ],
    &[
        "jul", "july", "juillet", "juil", "julio", "luglio", "lug", "julho", "juli", "július", "júl",
        "lipca", "lipiec", "lip", "července", "červenec", "temmuz", "tem", "июля", "июль", "июл",
        "липня", "ιούλ", "ιολ", "ιουλ", "ιουλίου",
    ],
    &[
        "aug", "august", "août", "aout", "agosto", "ago", "augustus", "augusti", "augusztus", "agt",
        "sierpnia", "sierpień", "sie", "srpna", "srpen", "ağustos", "ağu", "agustus", "августа",
        "август", "авг", "серпня", "αύγ", "αυγ", "αυγούστου",
    ],
    &[
        "sep", "sept", "september", "septembre", "septiembre", "setiembre", "settembre", "set",
        "setembro", "szeptember", "szept", "września", "wrzesień", "wrz", "září", "eylül", "eyl",
        "сентября", "сентябрь", "сен", "сент", "вересня", "σεπ", "σεπτεμβρίου",
    ],
    &[
        "oct", "october", "octobre", "octubre", "ottobre", "ott", "outubro", "out", "oktober", "okt",
        "október", "października", "październik", "paź", "října", "říjen", "ekim", "eki", "октября",
        "октябрь", "окт", "жовтня", "οκτ", "οκτωβρίου",
    ],
    &[
        "nov", "november", "novembre", "noviembre", "novembro", "listopada", "listopad", "lis",
        "listopadu", "kasım", "kas", "nopember", "ноября", "ноябрь", "ноя", "нояб", "листопада",
        "νοέ", "νοε", "νοεμβρίου",
    ],
    &[
        "dec", "december", "décembre", "decembre", "déc", "diciembre", "dic", "dicembre", "dezembro",
        "dez", "dezember", "desember", "des", "grudnia", "grudzień", "gru", "prosince", "prosinec",
        "aralık", "ara", "декабря", "декабрь", "дек", "грудня", "δεκ", "δεκεμβρίου",
    ],
];

/// Zone abbreviations in minutes east of Greenwich; of several meanings, the one that is common in
/// feeds (`IST` is India, `CST` is Chicago, `BST` is London).
#[rustfmt::skip]
const ZONES: &[(i32, &[&str])] = &[
    (0, &["gmt", "ut", "utc", "wet", "z", "zulu"]),
    (60, &["bst", "cet", "met", "mez", "wat", "west"]),
    (2 * 60, &["cat", "cest", "eet", "mest", "mesz", "sast"]),
    (3 * 60, &["eat", "eest", "msk", "trt"]),
    (4 * 60, &["gst", "msd"]),
    (5 * 60, &["pkt"]),
    (5 * 60 + 30, &["ist"]),
    (5 * 60 + 45, &["npt"]),
    (7 * 60, &["ict", "wib"]),
    (8 * 60, &["awst", "hkt", "myt", "pht", "sgt", "wita"]),
    (9 * 60, &["jst", "kst", "wit"]),
    (9 * 60 + 30, &["acst"]),
    (10 * 60, &["aest"]),
    (10 * 60 + 30, &["acdt"]),
    (11 * 60, &["aedt"]),
    (12 * 60, &["nzst"]),
    (13 * 60, &["nzdt"]),
    (-2 * 60 - 30, &["ndt"]),
    (-3 * 60, &["adt", "art", "brt"]),
    (-3 * 60 - 30, &["nst"]),
    (-4 * 60, &["ast", "clt", "edt"]),
    (-5 * 60, &["cdt", "cot", "est", "pet"]),
    (-6 * 60, &["cst", "ct", "mdt"]),
    (-7 * 60, &["mst", "mt", "pdt"]),
    (-8 * 60, &["akdt", "pst", "pt"]),
    (-9 * 60, &["akst"]),
    (-10 * 60, &["hst"]),
];
