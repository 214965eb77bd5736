//! Dotted paths into an event: `resources.classification.labels.name`.

use serde_json::Value;

/// A path, whose steps lead through arrays to each of their items.
#[derive(Debug)]
pub(crate) struct Path(Vec<String>);

impl Path {
    pub(crate) fn new(text: &str) -> Path {
        Path(text.split('.').map(str::to_owned).collect())
    }

    /// Whether one of the values at its end is as wanted. Null is no value.
    pub(crate) fn any(&self, row: &Value, wanted: &mut dyn FnMut(&Value) -> bool) -> bool {
        any(row, &self.0, wanted)
    }

    /// The values at its end.
    pub(crate) fn values<'a>(&self, row: &'a Value) -> Vec<&'a Value> {
        let mut found = Vec::new();
        collect(row, &self.0, &mut found);
        found
    }
}

fn any(value: &Value, steps: &[String], wanted: &mut dyn FnMut(&Value) -> bool) -> bool {
    match (value, steps) {
        (Value::Null, _) => false,
        (Value::Array(items), _) => items.iter().any(|item| any(item, steps, wanted)),
        (value, []) => wanted(value),
        (value, [step, rest @ ..]) => value.get(step).is_some_and(|value| any(value, rest, wanted)),
    }
}

fn collect<'a>(value: &'a Value, steps: &[String], found: &mut Vec<&'a Value>) {
    match (value, steps) {
        (Value::Null, _) => {}
        (Value::Array(items), _) => items.iter().for_each(|item| collect(item, steps, found)),
        (value, []) => found.push(value),
        (value, [step, rest @ ..]) => {
            if let Some(value) = value.get(step) {
                collect(value, rest, found);
            }
        }
    }
}
