//! Several things that are asked for by name, one call for each.

use proofpoint_host::GuestError;
use serde_json::Value;

use super::progress::Progress;
use super::{Failure, Session};

/// What came of each name.
pub(crate) type Results = Vec<(String, Result<Value, GuestError>)>;

/// Calls a function for each name and does something with the answer. One that fails does not hold up the
/// others, unless it `ends` them: then what is behind it is not tried.
pub(crate) async fn each(
    session: &mut Session,
    function: &str,
    names: &[String],
    parameters: impl Fn(&str) -> Value,
    ends: impl Fn(&GuestError) -> bool,
    mut then: impl FnMut(&str, Value) -> Result<Value, Failure>,
) -> Result<Results, Failure> {
    let progress = Progress::of_many(function, names.len());
    let mut results = Results::new();
    for name in names {
        let answer = session.step(&progress, function, parameters(name)).await;
        let result = match answer.and_then(|answer| then(name, answer)) {
            Ok(value) => Ok(value),
            Err(Failure::Error(error)) => Err(error),
            Err(other) => return Err(other),
        };
        let ended = result.as_ref().err().is_some_and(&ends);
        results.push((name.clone(), result));
        if ended {
            break;
        }
    }
    Ok(results)
}

/// Whether a read would fail for the names behind it as well.
pub(crate) fn concerns_all(error: &GuestError) -> bool {
    !matches!(
        error.case(),
        "invalid-argument" | "not-found" | "rejected" | "invalid-response" | "unsupported"
    )
}

/// Ids, each once, however it is spelt.
pub(crate) fn each_once(ids: Vec<String>) -> Vec<String> {
    let mut once: Vec<String> = Vec::new();
    for id in ids {
        if !once.iter().any(|known| known.eq_ignore_ascii_case(&id)) {
            once.push(id);
        }
    }
    once
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_wrong_with_one_name_says_nothing_about_the_others() {
        let of = |case: &str| concerns_all(&GuestError::new(case, json!({ "message": "m" })));
        assert!(["unauthorized", "forbidden", "rate-limited", "timeout", "unavailable"].into_iter().all(of));
        let one = ["invalid-argument", "not-found", "rejected", "invalid-response", "unsupported"];
        assert!(!one.into_iter().any(of));
    }

    #[test]
    fn an_id_counts_once_however_it_is_spelt() {
        let ids = ["a1", "A1", "b2", "a1"].map(str::to_owned).to_vec();
        assert_eq!(each_once(ids), ["a1", "b2"]);
    }
}
