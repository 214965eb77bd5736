//! The `filters` object: which rows match.
//!
//! Values within a list are alternatives, keys restrict each other, and a key that an endpoint does not
//! know is ignored without a word. The one exception is `other_filters`, whose values restrict each other
//! too, so that open and closed together match nothing.

use serde_json::{Map, Value};

use super::message::Message;
use super::vocabulary::{CONFIDENCES, DISPOSITIONS, MAIL_BOMB, SOURCES, VERDICTS};
use crate::options::{Options, TimePrecision, UnknownValues};
use crate::time::{self, Timestamp};
use crate::wire::Reply;

mod message;

/// Which rows are being filtered, and so which keys are known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Incidents,
    MessagesOfIncident,
    Messages,
}

/// What a filter looks at in a row.
pub(crate) struct Facts<'a> {
    /// When it was created or received.
    pub(crate) at: Timestamp,
    pub(crate) display_id: u64,
    pub(crate) closed: bool,
    pub(crate) vap: bool,
    pub(crate) priority: &'a [String],
    pub(crate) sources: &'a [String],
    pub(crate) dispositions: &'a [String],
    pub(crate) verdicts: &'a [String],
    pub(crate) confidences: &'a [String],
    /// The message, where the row is one.
    pub(crate) message: Option<&'a Message>,
}

/// Whether a disposition is one of the vocabulary.
pub(crate) fn is_disposition(value: &str) -> bool {
    DISPOSITIONS.contains(&value)
}

/// A filter that has been understood.
pub(crate) struct Filter(Vec<Clause>);

enum Clause {
    Within { start: Timestamp, end: Timestamp, start_in: bool, end_in: bool, precision: TimePrecision },
    Number(Vec<u64>),
    AnyOf(Column, Vec<String>),
    Message(fn(&Message, &str) -> bool, Vec<String>),
    Reporter,
    Closed(bool),
    Vap,
    Nothing,
}

type Column = for<'a, 'b> fn(&'b Facts<'a>) -> &'a [String];

impl Filter {
    /// Reads the `filters` of a body. A time or a list in the wrong form is a 400.
    pub(crate) fn parse(body: &Value, scope: Scope, options: &Options) -> Result<Filter, Reply> {
        let filters = match body.get("filters") {
            None | Some(Value::Null) => return Ok(Filter(Vec::new())),
            Some(Value::Object(filters)) => filters,
            Some(_) => return Err(Reply::error(400, "filters must be an object.")),
        };
        let mut filter = Filter(Vec::new());
        let lists = Lists { filters, options };
        filter.read_window(&lists)?;
        filter.any_of(
            &lists,
            "source_filters",
            |facts| facts.sources,
            |value| {
                let known =
                    |filter: &str| filter == value && (filter != MAIL_BOMB || scope == Scope::Messages);
                SOURCES.iter().find(|(filter, _)| known(filter)).map(|(_, row)| (*row).into())
            },
        )?;
        filter.any_of(
            &lists,
            &options.disposition_key,
            |facts| facts.dispositions,
            |value| is_disposition(value).then(|| value.into()),
        )?;
        filter.any_of(
            &lists,
            "verdict_filters",
            |facts| facts.verdicts,
            |value| without_prefix(value, "verdict_", &VERDICTS),
        )?;
        filter.any_of(
            &lists,
            "confidence_filters",
            |facts| facts.confidences,
            |value| without_prefix(value, "confidence_", &CONFIDENCES),
        )?;
        if scope == Scope::Incidents {
            filter.any_of(
                &lists,
                "priority_filters",
                |facts| facts.priority,
                |value| without_prefix(value, "", &["high", "medium", "low"]),
            )?;
            if let Some(numbers) = lists.read("incident_id_filters", |value| value.parse().ok())? {
                filter.0.push(Clause::Number(numbers));
            }
            filter.read_others(&lists)?;
        }
        if scope == Scope::Messages {
            filter.read_message(&lists)?;
        }
        if !options.honour_filters {
            filter.0.clear();
        }
        Ok(filter)
    }

    /// Whether a row is wanted.
    pub(crate) fn matches(&self, facts: &Facts<'_>) -> bool {
        self.0.iter().all(|clause| match clause {
            Clause::Within { start, end, start_in, end_in, precision } => {
                let at = match precision {
                    TimePrecision::Second => time::to_second(facts.at),
                    TimePrecision::Millisecond => facts.at,
                };
                (*start < at || *start_in && *start == at) && (at < *end || *end_in && at == *end)
            }
            Clause::Number(numbers) => numbers.contains(&facts.display_id),
            Clause::AnyOf(column, wanted) => column(facts).iter().any(|value| wanted.contains(value)),
            Clause::Message(is, wanted) => {
                facts.message.is_some_and(|message| wanted.iter().any(|value| is(message, value)))
            }
            Clause::Reporter => facts.message.is_some_and(|message| message.reporter),
            Clause::Closed(closed) => facts.closed == *closed,
            Clause::Vap => facts.vap,
            Clause::Nothing => false,
        })
    }

    /// `time_range_filter` needs both ends, as `YYYY-MM-DD HH:MM:SS` in UTC.
    fn read_window(&mut self, lists: &Lists<'_>) -> Result<(), Reply> {
        let Some(window) = lists.get("time_range_filter") else {
            return Ok(());
        };
        let options = lists.options;
        let end_of = |key: &str| {
            window.get(key).and_then(Value::as_str).and_then(time::parse_filter_time).ok_or_else(|| {
                Reply::error(400, &format!("Invalid time_range_filter.{key}. Expected YYYY-MM-DD HH:MM:SS."))
            })
        };
        self.0.push(Clause::Within {
            start: end_of("start")?,
            end: end_of("end")?,
            start_in: options.start_inclusive,
            end_in: options.end_inclusive,
            precision: options.time_precision,
        });
        Ok(())
    }

    /// `other_filters`: every value restricts on its own.
    fn read_others(&mut self, lists: &Lists<'_>) -> Result<(), Reply> {
        let values = lists.read("other_filters", |value| match value {
            "open_incidents" => Some(Clause::Closed(false)),
            "closed_incidents" => Some(Clause::Closed(true)),
            "vap" => Some(Clause::Vap),
            _ => (lists.options.unknown_values == UnknownValues::MatchNothing).then_some(Clause::Nothing),
        })?;
        self.0.extend(values.into_iter().flatten());
        Ok(())
    }

    fn any_of(
        &mut self,
        lists: &Lists<'_>,
        key: &str,
        column: Column,
        row_spelling: impl Fn(&str) -> Option<String>,
    ) -> Result<(), Reply> {
        if let Some(wanted) = lists.read(key, row_spelling)? {
            self.0.push(Clause::AnyOf(column, wanted));
        }
        Ok(())
    }
}

/// The keys of a `filters` object.
struct Lists<'a> {
    filters: &'a Map<String, Value>,
    options: &'a Options,
}

impl Lists<'_> {
    /// The value of a key, unless it is null or to be ignored.
    fn get(&self, key: &str) -> Option<&Value> {
        let ignored = self.options.ignored_filters.iter().any(|it| it == key);
        self.filters.get(key).filter(|value| !value.is_null() && !ignored)
    }

    /// What a list asks for; none where it does not restrict.
    fn read<T>(&self, key: &str, known: impl Fn(&str) -> Option<T>) -> Result<Option<Vec<T>>, Reply> {
        let wrong = || Reply::error(400, &format!("{key} must be an array of strings."));
        let Some(values) = self.get(key) else {
            return Ok(None);
        };
        let values = values.as_array().ok_or_else(wrong)?;
        let mut wanted = Vec::new();
        for value in values {
            wanted.extend(known(value.as_str().ok_or_else(wrong)?));
        }
        let restricts = match self.options.unknown_values {
            UnknownValues::Ignored => !wanted.is_empty(),
            UnknownValues::MatchNothing => !values.is_empty(),
        };
        Ok(restricts.then_some(wanted))
    }
}

/// A value as rows spell it, where it has the prefix and is one of the words.
fn without_prefix(value: &str, prefix: &str, words: &[&str]) -> Option<String> {
    value.strip_prefix(prefix).filter(|word| words.contains(word)).map(str::to_owned)
}
