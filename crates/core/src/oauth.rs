//! Tokens: minted with client credentials, kept while they are good, bound to what minted them.
//!
//! `POST https://auth.proofpoint.com/v1/token`, a form of `grant_type=client_credentials`, `client_id`
//! and `client_secret`; the answer carries `access_token`, `token_type` (`Bearer`) and `expires_in`
//! (3600). There is no refresh token.

use crate::config::Secret;
use crate::http::{Method, Request, Response};
use crate::json::Object;
use crate::{Error, config};
use core::time::Duration;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// Who calls: everything that a token and a call budget belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Base URL of the API.
    pub base_url: String,
    /// URL that mints tokens.
    pub auth_url: String,
    /// Client id.
    pub client_id: String,
    /// Client secret.
    pub client_secret: Secret,
}

impl Account {
    /// The account of Cloud Threat Response, or which key is missing.
    pub fn ctr(ctr: &config::Ctr) -> Result<Self, Error> {
        let missing = |key: &str| Error::configuration(key, format!("`{key}` is not configured"));
        Ok(Self {
            base_url: ctr.base_url.clone(),
            auth_url: ctr.auth_url.clone(),
            client_id: ctr.client_id.clone().ok_or_else(|| missing("ctr_client_id"))?,
            client_secret: ctr.client_secret.clone().ok_or_else(|| missing("ctr_client_secret"))?,
        })
    }

    /// The request that mints a token.
    pub fn token_request(&self) -> Request {
        let [id, secret] = [self.client_id.as_str(), self.client_secret.expose()]
            .map(|text| utf8_percent_encode(text, NON_ALPHANUMERIC));
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        Request {
            method: Method::Post,
            url: self.auth_url.clone(),
            headers: vec![
                ("content-type", "application/x-www-form-urlencoded".into()),
                ("accept", "application/json".into()),
            ],
            body: Some(form.into_bytes()),
        }
    }
}

/// A bearer token and how long it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The token itself.
    pub value: Secret,
    /// From this uptime on it is not used any more.
    expires: Duration,
}

/// A token is renewed so long before it expires, so that none expires on its way.
const MARGIN: Duration = Duration::from_secs(60);

/// Life of a token whose answer does not tell; short, since a renewal costs little.
const UNKNOWN_LIFE: Duration = Duration::from_secs(300);

impl Token {
    /// Whether the token is still good at this uptime.
    pub fn is_fresh(&self, uptime: Duration) -> bool {
        uptime < self.expires
    }

    /// Reads the token endpoint's answer, whatever its status.
    ///
    /// The body is never repeated in an error: it holds a token, or an echo of the credentials.
    pub fn from_answer(response: &Response, uptime: Duration) -> Result<Self, Error> {
        let status = response.status;
        match status {
            200..=299 => {}
            400 | 401 | 403 => {
                return Err(Error::Unauthorized(format!(
                    "the token endpoint refused the credentials ({status}); check `ctr_client_id` and \
                     `ctr_client_secret`"
                )));
            }
            500.. => return Err(Error::Unavailable(format!("the token endpoint answered {status}"))),
            _ => {
                return Err(Error::configuration(
                    "ctr_auth_url",
                    format!("`ctr_auth_url` answered {status} instead of a token; check the URL"),
                ));
            }
        }
        let invalid = |what: &str| Error::InvalidResponse(format!("the token endpoint's answer {what}"));
        let value: Value = serde_json::from_slice(&response.body)
            .map_err(|_| invalid("is not JSON; check `ctr_auth_url`"))?;
        let object = Object::new(&value).ok_or_else(|| invalid("is not a JSON object"))?;
        let token = object.text(&["access_token"]).ok_or_else(|| invalid("holds no `access_token`"))?;
        if !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(invalid("holds an `access_token` that no header can carry"));
        }
        if object.text(&["token_type"]).is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
            return Err(invalid("holds a token that is not of type `Bearer`"));
        }
        let life = object
            .text(&["expires_in"])
            .and_then(|seconds| seconds.parse().ok())
            .map_or(UNKNOWN_LIFE, Duration::from_secs);
        // A token that lives shorter than two margins is used for half its life.
        let used = life.saturating_sub(MARGIN).max(life.checked_div(2).unwrap_or_default());
        Ok(Self { value: Secret::new(token), expires: uptime.saturating_add(used) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Result<Token, Error> {
        let response = Response { status, headers: Vec::new(), body: body.into() };
        Token::from_answer(&response, Duration::from_secs(1000))
    }

    fn used_until(body: &str) -> u64 {
        answer(200, body).unwrap().expires.as_secs() - 1000
    }

    #[test]
    fn a_token_is_used_until_sixty_seconds_before_it_expires() {
        assert_eq!(used_until(r#"{"access_token":"t","token_type":"Bearer","expires_in":3600}"#), 3540);
        assert_eq!(used_until(r#"{"access_token":"t","token_type":"bearer","expires_in":"3600"}"#), 3540);
    }

    #[test]
    fn a_short_token_is_used_for_half_its_life() {
        assert_eq!(used_until(r#"{"access_token":"t","expires_in":30}"#), 15);
    }

    #[test]
    fn a_life_that_is_not_told_is_taken_as_short() {
        assert_eq!(used_until(r#"{"access_token":"t"}"#), 240);
    }

    #[test]
    fn refused_credentials_are_unauthorized_and_never_echoed() {
        for status in [400, 401, 403] {
            let error = answer(status, "client_secret=hunter2 is wrong").unwrap_err();
            assert!(matches!(error, Error::Unauthorized(_)));
            assert!(!error.message().contains("hunter2"));
        }
    }

    #[test]
    fn an_answer_without_a_token_is_invalid() {
        for body in [
            "<html>login</html>",
            "{}",
            "[]",
            "",
            r#"{"access_token":null}"#,
            r#"{"access_token":""}"#,
            r#"{"access_token":"a\r\nx-evil: 1"}"#,
            r#"{"access_token":"t","token_type":"mac"}"#,
        ] {
            assert!(matches!(answer(200, body), Err(Error::InvalidResponse(_))), "{body}");
        }
    }

    #[test]
    fn a_wrong_url_names_its_key() {
        assert!(matches!(answer(404, ""), Err(Error::Configuration { key, .. }) if key == "ctr_auth_url"));
    }
}
