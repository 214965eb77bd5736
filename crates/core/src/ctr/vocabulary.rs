//! The vendor's vocabularies. The server silently ignores a value it does not know and answers
//! unfiltered rows, so every value is checked before it is sent.

use crate::vocabulary::Vocabulary;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

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
