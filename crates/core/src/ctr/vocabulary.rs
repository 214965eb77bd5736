//! The vendor's vocabularies. The server silently ignores a value it does not know and answers
//! unfiltered rows, so every value is checked before it is sent.

use crate::Error;

/// A closed list of values, as a filter spells them.
#[derive(Clone, Copy, Debug)]
pub struct Vocabulary {
    /// What a value may be written without: rows spell `threat` where the filter wants `verdict_threat`.
    pub prefix: &'static str,
    /// What a value may be written without, at its end.
    pub suffix: &'static str,
    /// The values.
    pub values: &'static [&'static str],
}

/// `source_filters`.
pub const SOURCES: Vocabulary = Vocabulary {
    prefix: "",
    suffix: "_alert",
    values: &["abuse_mailbox", "tap", "smart_search", "message_csv_upload"],
};

/// The state that means open, in `other_filters`.
pub const OPEN: &str = "open_incidents";
/// The state that means closed, in `other_filters`.
pub const CLOSED: &str = "closed_incidents";

/// `other_filters`.
pub const OTHERS: Vocabulary =
    Vocabulary { prefix: "", suffix: "_incidents", values: &[OPEN, CLOSED, "vap"] };

/// The states a fetch delivers.
pub const STATES: Vocabulary = Vocabulary { prefix: "", suffix: "_incidents", values: &[OPEN, CLOSED] };

/// `verdict_filters`.
pub const VERDICTS: Vocabulary = Vocabulary {
    prefix: "verdict_",
    suffix: "",
    values: &["verdict_failed", "verdict_low_risk", "verdict_manual_review", "verdict_threat"],
};

/// `disposition_filters`, and the disposition of an uploaded message.
pub const DISPOSITIONS: Vocabulary = Vocabulary {
    prefix: "",
    suffix: "",
    values: &[
        "bulk",
        "clean",
        "impostor",
        "in_progress",
        "internal",
        "low_risk",
        "malware",
        "manual_review",
        "not_set",
        "phish",
        "scam",
        "simulated_phish",
        "spam",
        "suspicious",
        "tap_false_positive",
        "toad",
        "vendor",
    ],
};

/// `confidence_filters`.
pub const CONFIDENCES: Vocabulary = Vocabulary {
    prefix: "confidence_",
    suffix: "",
    values: &["confidence_high", "confidence_medium", "confidence_low"],
};

/// `priority_filters`, and the priority of a new incident.
pub const PRIORITIES: Vocabulary = Vocabulary { prefix: "", suffix: "", values: &["high", "medium", "low"] };

impl Vocabulary {
    /// The value as the filter spells it.
    pub fn find(&self, value: &str) -> Option<&'static str> {
        let value = value.trim().to_ascii_lowercase();
        self.values.iter().copied().find(|known| {
            *known == value
                || known.strip_prefix(self.prefix) == Some(&value)
                || known.strip_suffix(self.suffix) == Some(&value)
                || (!self.suffix.is_empty() && value.strip_suffix(self.suffix) == Some(known))
        })
    }

    /// The value as the filter spells it, or what is allowed.
    pub fn check(&self, argument: &str, value: &str) -> Result<&'static str, Error> {
        self.find(value).ok_or_else(|| {
            let shown: String = value.chars().take(60).collect();
            Error::InvalidArgument {
                argument: argument.to_owned(),
                message: format!("`{shown}` is not a value of `{argument}`"),
                allowed: self.values.iter().map(|v| (*v).to_owned()).collect(),
            }
        })
    }

    /// All values as the filter spells them, each once.
    pub fn check_all(&self, argument: &str, values: &[String]) -> Result<Vec<&'static str>, Error> {
        let mut checked = Vec::new();
        for value in values {
            let known = self.check(argument, value)?;
            if !checked.contains(&known) {
                checked.push(known);
            }
        }
        Ok(checked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_known_with_and_without_its_prefix() {
        for vocabulary in [SOURCES, OTHERS, STATES, VERDICTS, DISPOSITIONS, CONFIDENCES, PRIORITIES] {
            for value in vocabulary.values {
                assert_eq!(vocabulary.find(value), Some(*value));
                assert_eq!(vocabulary.find(&value.to_uppercase()), Some(*value));
                assert_eq!(vocabulary.find(value.strip_prefix(vocabulary.prefix).unwrap()), Some(*value));
            }
        }
        assert_eq!(OTHERS.find("open"), Some("open_incidents"));
        assert_eq!(SOURCES.find("tap_alert"), Some("tap"), "as rows spell it");
    }

    #[test]
    fn an_unknown_value_names_the_allowed_ones() {
        let Err(Error::InvalidArgument { argument, message, allowed }) =
            VERDICTS.check("verdict-filters", "verdict_evil")
        else {
            panic!("accepted");
        };
        assert_eq!(argument, "verdict-filters");
        assert!(message.contains("verdict_evil"));
        assert_eq!(allowed, VERDICTS.values);
        assert_eq!(PRIORITIES.find(""), None);
        assert_eq!(VERDICTS.find("verdict_"), None);
    }
}
