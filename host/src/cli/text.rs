//! Values as a person reads them.

use std::fmt::Write as _;

use serde_json::Value;
use unicode_width::UnicodeWidthStr;

/// Of longer lists so many are shown; the rest is counted.
pub(crate) const SHOWN: usize = 10;

/// A text or number on one line; empty where there is none. What a vendor's text could do to a
/// terminal is taken out.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => one_line(text),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// The first of these that says anything.
pub(crate) fn first_of(values: &[&Value]) -> String {
    values.iter().map(|value| text(value)).find(|text| !text.is_empty()).unwrap_or_default()
}

/// Those that say anything, side by side.
pub(crate) fn joined(parts: &[String]) -> String {
    let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

/// A time to the minute: `2026-01-02 03:04`.
pub(crate) fn time(value: &Value) -> String {
    let time = text(value);
    match (time.get(..10), time.get(10..11), time.get(11..16)) {
        (Some(date), Some("T"), Some(minute)) => format!("{date} {minute}"),
        _ => time,
    }
}

/// The number that the console shows.
pub(crate) fn number(value: &Value) -> String {
    match text(value) {
        none if none.is_empty() => none,
        number => format!("INC-{number}"),
    }
}

/// Without characters that move a cursor, colour, turn the reading direction, or hide in a word; runs of white
/// space are one blank.
pub(crate) fn one_line(text: &str) -> String {
    let readable: String = text.chars().filter(|c| c.is_whitespace() || is_readable(*c)).collect();
    readable.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same, but lines stay lines.
pub(crate) fn lines(text: &str) -> Vec<String> {
    text.lines().map(one_line).collect()
}

/// JSON on one line. What [`one_line`] takes out is escaped, so that a program still gets all of it.
pub(crate) fn json(value: &Value) -> String {
    harmless(&value.to_string())
}

/// The same, spread out.
pub(crate) fn pretty_json(value: &Value) -> String {
    harmless(&format!("{value:#}"))
}

/// All but the line ends between values stands within strings, where an escape means the same.
fn harmless(json: &str) -> String {
    json.chars().fold(String::with_capacity(json.len()), |mut harmless, c| {
        if c == '\n' || is_readable(c) {
            harmless.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string does not fail.
                let _ = write!(harmless, "\\u{unit:04x}");
            }
        }
        harmless
    })
}

fn is_readable(c: char) -> bool {
    let turns_direction = matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    // Joiners are left: scripts and pictures are made of them.
    let hides = matches!(
        c,
        '\u{ad}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    );
    !c.is_control() && !turns_direction && !hides
}

/// Breaks a text between words. A word that is longer stays whole, so that it can be copied.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        if !line.is_empty() && line.width() + 1 + word.width() > width {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// `12,345`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A size as people read it: `999 B`, `1.2 MB`.
pub(crate) fn bytes(number: &Value) -> String {
    let Some(number) = number.as_u64() else { return String::new() };
    let mut scaled = number as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        // What would be shown as 1000 is shown in the next unit.
        if scaled < 999.5 || unit == "GB" {
            let decimals = usize::from(unit != "B" && scaled < 9.95);
            return format!("{scaled:.decimals$} {unit}");
        }
        scaled /= 1000.0;
    }
    String::new()
}

/// `1 incident`, `2 incidents`.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", thousands(number), if number == 1 { "" } else { "s" })
}

/// `Ann Example <ann@example.com>`; a name that says no more than the address is left out.
pub(crate) fn mailbox(name: &str, email: &str) -> String {
    match (name, email) {
        (name, "") => name.to_owned(),
        ("", email) => email.to_owned(),
        (name, email) if email.split('@').next() == Some(name) || name == email => email.to_owned(),
        (name, email) => format!("{name} <{email}>"),
    }
}

/// The first few, and how many more there are.
pub(crate) fn some(names: &[String]) -> String {
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// A link that leads nowhere: `hxxps://evil[.]example/`.
pub(crate) fn defanged(link: &str) -> String {
    unlinked(&link.replace('.', "[.]"))
}

/// A text in which nothing is a link to a terminal; what was defanged stays as it is.
pub(crate) fn unlinked(text: &str) -> String {
    let mut parts = text.split("://").peekable();
    let mut unlinked = String::new();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            unlinked.push_str(part);
            break;
        }
        let before = part.trim_end_matches(|c: char| c.is_ascii_alphanumeric());
        let scheme = part.strip_prefix(before).unwrap_or_default();
        unlinked.push_str(before);
        match scheme.to_ascii_lowercase().as_str() {
            "http" => unlinked.push_str("hxxp://"),
            "https" => unlinked.push_str("hxxps://"),
            "ftp" => unlinked.push_str("fxp://"),
            "hxxp" | "hxxps" | "fxp" => unlinked.extend([scheme, "://"]),
            _ => unlinked.extend([scheme, "[://]"]),
        }
    }
    unlinked.replace("www.", "www[.]").replace("WWW.", "WWW[.]")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_could_command_a_terminal_is_taken_out() {
        for (hostile, harmless) in [
            ("a\x1b[31mred\x1b[0m", "a[31mred[0m"),
            ("a\x1b]0;title\x07b", "a]0;titleb"),
            ("a\u{9b}31mb", "a31mb"),
            ("over\rwritten\x08\x7f", "over written"),
            ("two\n\tlines", "two lines"),
            ("exe\u{202e}gpj", "exegpj"),
            ("exe\u{61c}gpj", "exegpj"),
            ("pay\u{200b}p\u{ad}al\u{feff}\u{2060}\u{e0041}", "paypal"),
            ("می‌روم 👩‍👧", "می‌روم 👩‍👧"),
            ("Grüße 你好 🎉", "Grüße 你好 🎉"),
        ] {
            assert_eq!(one_line(hostile), harmless, "{hostile:?}");
        }
        assert_eq!(lines("a\x1b\nb\r\nc"), ["a", "b", "c"]);
    }

    #[test]
    fn json_holds_all_and_commands_no_terminal() {
        let hostile: String =
            ('\0'..='\u{a0}').chain("\u{61c}\u{200e}\u{202e}\u{2069}ü你🎉".chars()).collect();
        let value = json!({ "a": [&hostile], &hostile: 1 });
        for (shown, lines) in [(json(&value), 1), (pretty_json(&value), 6)] {
            assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), value);
            assert_eq!(shown.lines().count(), lines, "{shown:?}");
            assert!(shown.chars().all(|c| c == '\n' || is_readable(c)), "{shown:?}");
        }
        assert_eq!(json(&json!("a\u{9b}\u{7f}\u{202e}ü🎉")), r#""a\u009b\u007f\u202eü🎉""#);
    }

    #[test]
    fn a_defanged_link_leads_nowhere() {
        for (link, defanged) in [
            ("https://evil.example/a.html?b", "hxxps://evil[.]example/a[.]html?b"),
            ("HTTP://EVIL.EXAMPLE", "hxxp://EVIL[.]EXAMPLE"),
            ("ftp://evil.example", "fxp://evil[.]example"),
            ("www.evil.example", "www[.]evil[.]example"),
            ("https://a.b/?u=http://c.d", "hxxps://a[.]b/?u=hxxp://c[.]d"),
            ("smb://files.example/x", "smb[://]files[.]example/x"),
            ("://x", "[://]x"),
            ("mailto:a@b.c", "mailto:a@b[.]c"),
            ("", ""),
        ] {
            assert_eq!(super::defanged(link), defanged, "{link}");
        }
        for (text, unlinked) in [
            ("See https://a.b/ or a.b.", "See hxxps://a.b/ or a.b."),
            ("www.a.b, WWW.a.b", "www[.]a.b, WWW[.]a.b"),
            ("hxxps://a[.]b fxp://c hxxp://www[.]d", "hxxps://a[.]b fxp://c hxxp://www[.]d"),
        ] {
            assert_eq!(super::unlinked(text), unlinked);
        }
    }

    #[test]
    fn lines_break_between_words_and_never_within_one() {
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
        assert_eq!(wrapped("a https://example.com/long b", 8), ["a", "https://example.com/long", "b"]);
        assert_eq!(wrapped("日本 語", 6), ["日本", "語"], "of double width");
        assert_eq!(wrapped("", 8), [""]);
    }

    #[test]
    fn values_read_well() {
        assert_eq!(time(&json!("2026-01-02T03:04:05.678Z")), "2026-01-02 03:04");
        assert_eq!(time(&json!("yesterday")), "yesterday");
        assert_eq!(time(&json!(null)), "");
        assert_eq!(text(&json!(["a", "b"])), "a, b");
        assert_eq!(text(&json!(7)), "7");
        assert_eq!(number(&json!("781")), "INC-781");
        assert_eq!(number(&json!(null)), "");
        assert_eq!(first_of(&[&json!(null), &json!("x")]), "x");
        assert_eq!(["1", "12", "123", "1,234", "1,234,567"], [1, 12, 123, 1234, 1_234_567].map(thousands));
        let sizes = [0_u64, 999, 1000, 1234, 9_949, 9_950, 999_499, 999_500, 12_345_678, 5_000_000_000_000];
        assert_eq!(
            sizes.map(|number| bytes(&json!(number))),
            ["0 B", "999 B", "1.0 kB", "1.2 kB", "9.9 kB", "10 kB", "999 kB", "1.0 MB", "12 MB", "5000 GB"],
        );
        assert_eq!(bytes(&json!(null)), "");
        assert_eq!(joined(&["a".to_owned(), String::new(), "b".to_owned()]), "a · b");
        assert_eq!(counted(1, "incident"), "1 incident");
        assert_eq!(counted(0, "incident"), "0 incidents");
    }
}
