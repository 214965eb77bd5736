//! The `$` language: which events match.

use serde_json::{Map, Value};

use super::path::Path;
use crate::options::TimePrecision;
use crate::time::Timestamp;

/// A clause of a filter that has been understood.
#[derive(Debug)]
pub(crate) enum Clause {
    All(Vec<Clause>),
    Any(Vec<Clause>),
    Not(Box<Clause>),
    In(Path, Vec<String>),
    From(Path, i64),
    Before(Path, i64),
    Null(Path, bool),
}

impl Clause {
    /// Reads a clause. Several operators or fields in one object all restrict.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, one by one.
    pub(crate) fn parse(filters: &Value, now: Timestamp) -> Result<Clause, Vec<String>> {
        let mut reader = Reader { now: now.timestamp_millis(), wrong: Vec::new() };
        let clause = reader.clause(filters, "filters");
        if reader.wrong.is_empty() { Ok(clause) } else { Err(reader.wrong) }
    }

    pub(crate) fn matches(&self, row: &Value, precision: TimePrecision) -> bool {
        let instant = |value: &Value| instant(value, precision);
        match self {
            Clause::All(clauses) => clauses.iter().all(|clause| clause.matches(row, precision)),
            Clause::Any(clauses) => clauses.iter().any(|clause| clause.matches(row, precision)),
            Clause::Not(clause) => !clause.matches(row, precision),
            Clause::In(path, wanted) => path.any(row, &mut |value| {
                value.as_str().is_some_and(|text| wanted.iter().any(|wanted| wanted == text))
            }),
            Clause::From(path, start) => {
                path.any(row, &mut |value| instant(value).is_some_and(|it| it >= *start))
            }
            Clause::Before(path, end) => {
                path.any(row, &mut |value| instant(value).is_some_and(|it| it < *end))
            }
            Clause::Null(path, null) => path.any(row, &mut |_| true) != *null,
        }
    }
}

/// A time of an event in milliseconds: text, or a number of them.
fn instant(value: &Value, precision: TimePrecision) -> Option<i64> {
    let millis = match value {
        Value::String(text) => text.parse::<Timestamp>().ok()?.timestamp_millis(),
        value => value.as_i64()?,
    };
    Some(match precision {
        TimePrecision::Millisecond => millis,
        TimePrecision::Second => millis.div_euclid(1000).saturating_mul(1000),
    })
}

/// Reads clauses, and goes on where one is wrong.
struct Reader {
    now: i64,
    wrong: Vec<String>,
}

impl Reader {
    fn clause(&mut self, value: &Value, at: &str) -> Clause {
        let Some(operators) = value.as_object().filter(|operators| !operators.is_empty()) else {
            self.wrong.push(format!("{at} must be an object with an operator."));
            return Clause::All(Vec::new());
        };
        let mut clauses = Vec::new();
        for (operator, operand) in operators {
            let at = format!("{at}.{operator}");
            match operator.as_str() {
                "$and" => clauses.push(Clause::All(self.clauses(operand, &at))),
                "$or" => clauses.push(Clause::Any(self.clauses(operand, &at))),
                "$not" => clauses.push(Clause::Not(Box::new(self.clause(operand, &at)))),
                "$stringIn" => self.fields(&mut clauses, operand, &at, |path, value, _| {
                    let texts = value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned));
                    Some(Clause::In(path, texts.collect::<Option<_>>()?))
                }),
                "$datetimeGE" => self.fields(&mut clauses, operand, &at, |path, value, _| {
                    Some(Clause::From(path, value.as_i64()?))
                }),
                "$datetimeLT" => self.fields(&mut clauses, operand, &at, |path, value, _| {
                    Some(Clause::Before(path, value.as_i64()?))
                }),
                "$dtRelativeGE" => self.fields(&mut clauses, operand, &at, |path, value, now| {
                    Some(Clause::From(path, now.saturating_add(value.as_i64()?)))
                }),
                "$isNull" => self.fields(&mut clauses, operand, &at, |path, value, _| {
                    Some(Clause::Null(path, value.as_bool()?))
                }),
                _ => self.wrong.push(format!("{at}: the operator is not known.")),
            }
        }
        match (clauses.pop(), clauses.is_empty()) {
            (Some(clause), true) => clause,
            (last, _) => {
                clauses.extend(last);
                Clause::All(clauses)
            }
        }
    }

    fn clauses(&mut self, operand: &Value, at: &str) -> Vec<Clause> {
        let Some(items) = operand.as_array() else {
            self.wrong.push(format!("{at} must be an array."));
            return Vec::new();
        };
        let item = |(index, item)| self.clause(item, &format!("{at}[{index}]"));
        items.iter().enumerate().map(item).collect()
    }

    /// Reads an operand, `{field: value}`.
    fn fields(
        &mut self,
        clauses: &mut Vec<Clause>,
        operand: &Value,
        at: &str,
        read: impl Fn(Path, &Value, i64) -> Option<Clause>,
    ) {
        let none = Map::new();
        let fields = operand.as_object().unwrap_or(&none);
        if fields.is_empty() {
            self.wrong.push(format!("{at} must be an object with a field."));
        }
        for (field, value) in fields {
            match read(Path::new(field), value, self.now) {
                Some(clause) => clauses.push(clause),
                None => self.wrong.push(format!("{at}.{field}: the value is of the wrong type.")),
            }
        }
    }
}
