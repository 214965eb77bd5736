//! Answers to the requests for tokens.

use crate::check::{self, Shown};
use crate::holds;
use crate::input::Input;
use crate::world::{CALL_TIMEOUT, SECRET, TOKEN, World};
use proofpoint_core::ctr::incidents::IncidentQuery;
use serde_json::Value;

/// Makes calls to both products, whose tokens come from the input, as does all else.
pub fn run(data: &[u8]) {
    // The token of other targets is none here.
    let Some(input) = Input::read(data).filter(|_| !holds(data, TOKEN)) else { return };
    let operation = input.operation;
    let tokens: Vec<String> = input.answers.iter().flat_map(|answer| told(&answer.body)).collect();
    let world = World::answering(input);
    world.answers_tokens.set(true);
    for _ in 0..2 {
        let ended = match operation % 4 {
            0 => world.ctr(async |ctr| ctr.incident_count(&IncidentQuery::default()).await).map(drop),
            1 => world.itm(async |itm| itm.ticket_get("fqid", &[]).await).map(drop),
            2 => world.ctr(async |ctr| ctr.test_connectivity().await).map(drop),
            _ => world.itm(async |itm| itm.test_connectivity().await).map(drop),
        };
        // The token endpoint is given the secret and may repeat it.
        if let (Err(error), true) = (&ended, world.sent.get() == 0 || !holds(data, SECRET)) {
            check::error(error, Shown::Bounded);
            let shown = tokens.iter().any(|token| world.sent.get() == 0 && error.message().contains(token));
            assert!(!shown, "{error} shows a token");
        }
        assert!(world.elapsed() <= CALL_TIMEOUT * world.calls.get());
    }
}

/// The tokens in a body that do not stand in an error by chance: long ones, without the spaces of its words.
fn told(body: &[u8]) -> Vec<String> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let tokens = ["access_token", "refresh_token"].into_iter().filter_map(|key| body.get(key)?.as_str());
    tokens.filter(|token| token.len() > 20 && !token.contains(' ')).map(str::to_owned).collect()
}
