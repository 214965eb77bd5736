//! The component's own `error` variant, as a call by name answers it.

use std::fmt;

use serde_json::{Value, json};

/// Why the component refused or failed a call: a case of the contract's `error` variant.
#[derive(Debug, Clone, PartialEq)]
pub struct GuestError {
    case: String,
    payload: Value,
}

impl GuestError {
    /// An error of this case, for example `rate-limited`, with this payload.
    pub fn new(case: impl Into<String>, payload: Value) -> Self {
        Self { case: case.into(), payload }
    }

    /// From its JSON form `{"case": …, "payload": …}`; none where the value is something else.
    pub fn from_json(value: &Value) -> Option<Self> {
        let case = value.get("case")?.as_str()?;
        Some(Self::new(case, value.get("payload").cloned().unwrap_or_default()))
    }

    /// Its JSON form.
    pub fn to_json(&self) -> Value {
        json!({ "case": self.case, "payload": self.payload })
    }

    /// The case: `invalid-argument`, `rate-limited`…
    pub fn case(&self) -> &str {
        &self.case
    }

    /// What happened, in one sentence.
    pub fn message(&self) -> &str {
        self.text("message").unwrap_or_default()
    }

    /// After how many milliseconds the call can be made again; only `rate-limited` says so.
    pub fn retry_after_ms(&self) -> Option<u64> {
        self.payload.get("retry-after-ms")?.as_u64()
    }

    fn text(&self, field: &str) -> Option<&str> {
        self.payload.get(field)?.as_str()
    }
}

impl fmt::Display for GuestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.case)?;
        if let Some(subject) = self.text("argument").or_else(|| self.text("key")) {
            write!(f, ": {subject}")?;
        }
        write!(f, ": {}", self.message())?;
        if let Some(status) = self.payload.get("status").and_then(Value::as_u64) {
            write!(f, " (status {status}")?;
            self.text("code").map_or(Ok(()), |code| write!(f, ", code {code}"))?;
            f.write_str(")")?;
        }
        let allowed = self.payload.get("allowed").and_then(Value::as_array);
        let allowed: Vec<&str> = allowed.into_iter().flatten().filter_map(Value::as_str).collect();
        if !allowed.is_empty() {
            write!(f, "; allowed: {}", allowed.join(", "))?;
        }
        let said = self.message().contains("try again");
        if let Some(wait) = self.retry_after_ms().filter(|_| !said) {
            write!(f, "; try again in {} s", wait.div_ceil(1000))?;
        }
        Ok(())
    }
}

impl std::error::Error for GuestError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_names_what_a_person_needs() {
        let line = |case: &str, payload: Value| GuestError::new(case, payload).to_string();
        assert_eq!(
            line("not-found", json!({ "message": "no such incident" })),
            "not-found: no such incident"
        );
        assert_eq!(
            line("invalid-argument", json!({ "argument": "limit", "message": "is 0", "allowed": [] })),
            "invalid-argument: limit: is 0"
        );
        assert_eq!(
            line(
                "invalid-argument",
                json!({ "argument": "sort", "message": "x", "allowed": ["asc", "desc"] })
            ),
            "invalid-argument: sort: x; allowed: asc, desc"
        );
        assert_eq!(
            line("rate-limited", json!({ "message": "budget spent", "retry-after-ms": 1200 })),
            "rate-limited: budget spent; try again in 2 s"
        );
        assert_eq!(
            line("rate-limited", json!({ "message": "spent; try again in 2 s", "retry-after-ms": 1200 })),
            "rate-limited: spent; try again in 2 s"
        );
        assert_eq!(
            line("rejected", json!({ "status": 409, "code": "dup", "message": "exists" })),
            "rejected: exists (status 409, code dup)"
        );
        assert_eq!(
            line("configuration", json!({ "key": "ctr_client_id", "message": "is missing" })),
            "configuration: ctr_client_id: is missing"
        );
    }
}
