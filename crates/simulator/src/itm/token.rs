//! The token endpoint, and which tokens are good.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::envelope;
use super::options::{ItmOptions, RefreshTokens};
use crate::chance::Chance;
use crate::options::TokenBody;
use crate::time::Timestamp;
use crate::wire::{Reply, Request};

/// The tokens that were issued, with the end of their life, and the refresh tokens, which have none.
pub(crate) struct Tokens {
    issued: HashMap<String, Timestamp>,
    refresh: HashSet<String>,
    chance: Chance,
}

/// The fields of a token request, as a form or as JSON.
type Fields = BTreeMap<String, String>;

impl Tokens {
    pub(crate) fn new(seed: u64) -> Tokens {
        Tokens { issued: HashMap::new(), refresh: HashSet::new(), chance: Chance::new(seed.rotate_left(32)) }
    }

    pub(crate) fn issue(&mut self, options: &ItmOptions, now: Timestamp) -> String {
        let token = format!("sim-itm-{:016x}{:016x}", self.chance.number(), self.chance.number());
        let life = TimeDelta::seconds(options.token_life_seconds.into());
        self.issued.insert(token.clone(), now.checked_add_signed(life).unwrap_or(Timestamp::MAX_UTC));
        token
    }

    /// Ends the life of all tokens; refresh tokens stay good.
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

    /// Answers a token request.
    pub(crate) fn answer(
        &mut self,
        options: &ItmOptions,
        now: Timestamp,
        request: &Request,
    ) -> Result<Reply, Reply> {
        if request.method != "POST" {
            return Err(envelope::error(405, "Method not allowed."));
        }
        let fields = fields(options, request)?;
        let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        match field("grant_type") {
            "client_credentials" => {
                if field("scope") != "*" {
                    return Err(envelope::error(400, "scope must be *."));
                }
                if field("client_id") != options.client_id || field("client_secret") != options.client_secret
                {
                    return Err(envelope::error(401, "Invalid client credentials."));
                }
                let refresh = options.refresh_tokens != RefreshTokens::Never;
                Ok(self.granted(options, now, refresh))
            }
            "refresh_token" => {
                let taken = match options.refresh_tokens {
                    RefreshTokens::Given | RefreshTokens::OmittedOnRefresh => true,
                    RefreshTokens::Never | RefreshTokens::Refused => false,
                };
                let known = self.refresh.contains(field("refresh_token"));
                if !taken || !known || field("client_id") != options.client_id {
                    return Err(envelope::error(401, "Invalid refresh token."));
                }
                let refresh = options.refresh_tokens == RefreshTokens::Given;
                Ok(self.granted(options, now, refresh))
            }
            _ => Err(envelope::error(400, "grant_type must be client_credentials or refresh_token.")),
        }
    }

    fn granted(&mut self, options: &ItmOptions, now: Timestamp, refresh: bool) -> Reply {
        let mut body = json!({
            "access_token": self.issue(options, now),
            "token_type": "Bearer",
            "expires_in": options.token_life_seconds,
            "_status": envelope::fine(200),
        });
        if refresh && let Some(body) = body.as_object_mut() {
            let token = format!("sim-itm-refresh-{:016x}", self.chance.number());
            self.refresh.insert(token.clone());
            body.insert("refresh_token".into(), token.into());
        }
        shaped(body, &options.token_body)
    }
}

/// The usual answer in one of the odd shapes.
fn shaped(mut body: Value, shape: &TokenBody) -> Reply {
    if let TokenBody::Text(text) = shape {
        return Reply::json_text(text.as_str());
    }
    if let Some(fields) = body.as_object_mut() {
        match shape {
            TokenBody::Usual | TokenBody::Text(_) => {}
            TokenBody::LowerCaseType => {
                fields.insert("token_type".into(), "bearer".into());
            }
            TokenBody::WithoutToken => {
                fields.remove("access_token");
            }
            TokenBody::WithoutExpiry => {
                fields.remove("expires_in");
            }
        }
    }
    Reply::json_value(200, &body)
}

/// Reads the form. JSON is told by its brace, whatever the header says: one client sends it as a form.
fn fields(options: &ItmOptions, request: &Request) -> Result<Fields, Reply> {
    if request.body.starts_with(b"{") {
        let fields = serde_json::from_slice::<Fields>(&request.body).ok();
        return fields
            .filter(|_| options.json_token_body)
            .ok_or_else(|| envelope::error(400, "The body must be form-encoded."));
    }
    let media_type = request.header("content-type").and_then(|value| value.split(';').next());
    if !media_type.is_some_and(|it| it.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")) {
        return Err(envelope::error(400, "The body must be form-encoded."));
    }
    Ok(form_urlencoded::parse(&request.body).into_owned().collect())
}
