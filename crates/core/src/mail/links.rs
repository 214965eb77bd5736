//! The links in a mail's text and HTML.
//!
//! A link is what a mail program would make one of: an address that begins with a scheme or `www.`, and the value
//! of an attribute that leads somewhere. Nothing is resolved, rewritten or opened.

use crate::seal::hash;
use std::collections::BTreeSet;

/// Links that are told of one mail.
const MOST: usize = 1000;

/// Longest link that is told; what is longer is cut off.
const LONGEST: usize = 4096;

/// How an address in running text begins.
const BEGINNINGS: [&str; 4] = ["https://", "http://", "ftp://", "www."];

/// Attributes that lead somewhere.
const ATTRIBUTES: [&str; 3] = ["href", "action", "src"];

/// Links, each once, in the order found.
#[derive(Debug, Default)]
pub(super) struct Links {
    pub(super) found: Vec<String>,
    known: BTreeSet<u64>,
    /// Whether there are more than are told.
    pub(super) more: bool,
}

impl Links {
    /// Finds the links of a text.
    pub(super) fn text(&mut self, text: &str) {
        self.scan(text, false);
    }

    /// Finds the links of an HTML text, in attributes and between tags.
    pub(super) fn html(&mut self, html: &str) {
        self.scan(html, true);
    }

    fn scan(&mut self, text: &str, html: bool) {
        let mut at: usize = 0;
        // A link begins where a word does.
        let mut inside_word = false;
        while let Some(rest) = text.get(at..)
            && let Some(c) = rest.chars().next()
            && !self.more
        {
            let mut end = at.saturating_add(c.len_utf8());
            if !inside_word && let Some(length) = starts(rest, &BEGINNINGS) {
                let link = address(rest);
                if link.len() > length {
                    self.add(&if html { without_entities(link) } else { link.to_owned() });
                    end = at.saturating_add(link.len());
                }
            } else if html
                && !inside_word
                && let Some(length) = starts(rest, &ATTRIBUTES)
            {
                let after = rest.get(length..).unwrap_or_default().trim_start();
                if let Some(value) = after.strip_prefix('=') {
                    let value = value.trim_start();
                    let begin = text.len().saturating_sub(value.len());
                    let (value, used) = attribute(value);
                    // As browsers read it: line breaks and tabs in a link are passed over.
                    let link: String = without_entities(value).trim().replace(['\t', '\r', '\n'], "");
                    if leads_out(&link) {
                        self.add(&link);
                    }
                    end = begin.saturating_add(used);
                }
            }
            inside_word = text
                .get(..end)
                .and_then(|t| t.chars().next_back())
                .is_some_and(|c| c.is_ascii_alphanumeric());
            at = end;
        }
    }

    fn add(&mut self, link: &str) {
        let cut = (0..=LONGEST).rev().find_map(|end| link.get(..end.min(link.len()))).unwrap_or_default();
        if self.known.insert(hash(cut.as_bytes())) {
            if self.found.len() < MOST {
                self.found.push(cut.to_owned());
            } else {
                self.more = true;
            }
        }
    }
}

/// The length of the first of these that a text begins with, without regard to case.
fn starts(text: &str, beginnings: &[&str]) -> Option<usize> {
    beginnings.iter().map(|beginning| beginning.len()).zip(beginnings).find_map(|(length, beginning)| {
        text.get(..length).filter(|begin| begin.eq_ignore_ascii_case(beginning)).map(|_| length)
    })
}

/// The address that a text begins with: up to white space, quotes or angle brackets, without what ends a sentence.
fn address(text: &str) -> &str {
    let ends = |c: char| c.is_whitespace() || c.is_control() || "\"'<>`".contains(c);
    let link = text.split(ends).next().unwrap_or_default();
    let trimmed = link.trim_end_matches(['.', ',', ';', ':', '!', '?', '*', ']', '}']);
    match trimmed.contains('(') {
        true => trimmed,
        false => trimmed.trim_end_matches([')', '.', ',']),
    }
}

/// An attribute's value, and how much of the text it takes.
fn attribute(text: &str) -> (&str, usize) {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            let value = inner.split(quote).next().unwrap_or_default();
            return (value, value.len().saturating_add(2).min(text.len()));
        }
    }
    let value = text.split(|c: char| c.is_whitespace() || c == '>').next().unwrap_or_default();
    (value, value.len())
}

/// Whether a value of an attribute leads out of the mail: it has a scheme, or a host.
fn leads_out(link: &str) -> bool {
    let scheme = link.split_once(':').map_or("", |(scheme, _)| scheme);
    let is_scheme =
        !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    link.starts_with("//") || (is_scheme && !scheme.eq_ignore_ascii_case("cid"))
}

/// HTML text whose entities stand for characters: those that links are written with, and all numeric ones.
fn without_entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        // A name is short; its end is not looked for beyond that.
        let end = after.bytes().take(11).position(|byte| byte == b';');
        let name = end.and_then(|end| after.get(..end).zip(after.get(end.saturating_add(1)..)));
        let known = name.and_then(|(name, tail)| {
            let number = |digits: &str, radix| char::from_u32(u32::from_str_radix(digits, radix).ok()?);
            let c = match name {
                "amp" => '&',
                "quot" => '"',
                "apos" => '\'',
                "lt" => '<',
                "gt" => '>',
                "colon" => ':',
                "sol" => '/',
                "period" => '.',
                _ => match name.strip_prefix('#')? {
                    hex if hex.starts_with(['x', 'X']) => number(hex.get(1..)?, 16)?,
                    digits => number(digits, 10)?,
                },
            };
            Some((c, tail))
        });
        match known {
            Some((c, tail)) => {
                out.push(c);
                rest = tail;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::{Duration, Instant};

    #[test]
    fn links_in_text_end_where_a_reader_would_end_them() {
        let mut links = Links::default();
        links.text(
            "See https://a.example/x?y=1&z=2. Or (http://b.example/), \"HTTPS://c.example\"; www.d.example!\n\
             https://a.example/x?y=1&z=2 again, https://e.example/w_(f), xhttps://no.example mailto:me@example.com \
             https:// www. <ftp://g.example/h>",
        );
        assert_eq!(
            links.found,
            [
                "https://a.example/x?y=1&z=2",
                "http://b.example/",
                "HTTPS://c.example",
                "www.d.example",
                "https://e.example/w_(f)",
                "ftp://g.example/h",
            ]
        );
    }

    #[test]
    fn links_in_html_are_those_a_browser_would_follow() {
        let mut links = Links::default();
        links.html(
            "<a href=\"https://a.example/?b=1&amp;c=2\">https://shown.example</a> <A HREF = 'ht\ntps://d.example'>\
             <a href=&#104;ttps://e.example/f>x</a><img src=\"cid:logo\"><img src=//g.example/p.gif>\
             <form action=\"javascript&colon;alert(1)\"><a href='#top'><a href=\"/relative\"> data-href=\"never closed",
        );
        assert_eq!(
            links.found,
            [
                "https://a.example/?b=1&c=2",
                "https://shown.example",
                "https://d.example",
                "https://e.example/f",
                "//g.example/p.gif",
                "javascript:alert(1)",
            ]
        );
    }

    #[test]
    fn ampersands_without_end_are_read_once() {
        let begin = Instant::now();
        let mut links = Links::default();
        links.html(&format!("<a href=\"https://a.example/{}\">", "&".repeat(1_000_000)));
        assert_eq!(links.found.len(), 1);
        assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    }

    #[test]
    fn no_more_than_a_thousand_links_are_told_and_none_is_endless() {
        let mut links = Links::default();
        let many: String = (0..2000).map(|n| format!("https://{n}.example ")).collect();
        links.text(&many);
        assert_eq!((links.found.len(), links.more), (MOST, true));
        let mut links = Links::default();
        links.text(&format!("https://{}", "ä".repeat(10_000)));
        assert!(links.found.iter().all(|link| link.len() <= LONGEST));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text: String, html: bool) {
            let mut links = Links::default();
            links.scan(&format!("<a href={text} www.{text} https://{text}&#x{text};"), html);
        }
    }
}
