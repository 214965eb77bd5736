//! The token endpoint, and which tokens are good.

use std::collections::HashMap;

use chrono::TimeDelta;
use serde_json::json;

use crate::chance::Chance;
use crate::options::{Options, TokenBody};
use crate::time::Timestamp;
use crate::wire::{Reply, Request};

/// The tokens that were issued, with the end of their life.
pub(crate) struct Tokens {
    issued: HashMap<String, Timestamp>,
    chance: Chance,
}

impl Tokens {
    pub(crate) fn new(seed: u64) -> Tokens {
        Tokens { issued: HashMap::new(), chance: Chance::new(!seed) }
    }

    pub(crate) fn issue(&mut self, options: &Options, now: Timestamp) -> String {
        let token = format!("sim-{:016x}{:016x}", self.chance.number(), self.chance.number());
        let life = TimeDelta::seconds(options.token_life_seconds.into());
        self.issued.insert(token.clone(), now.checked_add_signed(life).unwrap_or(Timestamp::MAX_UTC));
        token
    }

    pub(crate) fn revoke(&mut self) {
        self.issued.clear();
    }

    /// Whether the request carries a token that is good now.
    pub(crate) fn accepts(&self, now: Timestamp, request: &Request) -> bool {
        let Some((scheme, token)) = request.header("authorization").and_then(|value| value.split_once(' '))
        else {
            return false;
        };
        scheme.eq_ignore_ascii_case("bearer") && self.issued.get(token).is_some_and(|end| now < *end)
    }

    /// Answers a token request: a form of exactly `grant_type`, `client_id` and `client_secret`.
    pub(crate) fn answer(&mut self, options: &Options, now: Timestamp, request: &Request) -> Reply {
        if request.method != "POST" {
            return Reply::error(405, "Method not allowed.");
        }
        let media_type = request.header("content-type").and_then(|value| value.split(';').next());
        if !media_type.is_some_and(|it| it.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")) {
            return Reply::error(400, "The body must be form-encoded.");
        }
        let mut fields: Vec<(String, String)> = form_urlencoded::parse(&request.body).into_owned().collect();
        fields.sort();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(key, value)| (&**key, &**value)).collect();
        match fields.as_slice() {
            [("client_id", id), ("client_secret", secret), ("grant_type", "client_credentials")] => {
                if *id != options.client_id || *secret != options.client_secret {
                    return Reply::error(401, "Invalid client credentials.");
                }
                self.granted(options, now)
            }
            _ => Reply::error(400, "Expected grant_type=client_credentials, client_id and client_secret."),
        }
    }

    fn granted(&mut self, options: &Options, now: Timestamp) -> Reply {
        let token = self.issue(options, now);
        let life = options.token_life_seconds;
        let body = match &options.token_body {
            TokenBody::Usual => json!({"access_token": token, "token_type": "Bearer", "expires_in": life}),
            TokenBody::LowerCaseType => {
                json!({"access_token": token, "token_type": "bearer", "expires_in": life})
            }
            TokenBody::WithoutToken => json!({"token_type": "Bearer", "expires_in": life}),
            TokenBody::WithoutExpiry => json!({"access_token": token, "token_type": "Bearer"}),
            TokenBody::Text(text) => return Reply::json_text(text.as_str()),
        };
        Reply::json_value(200, &body)
    }
}
