//! Tokens: minted with client credentials, kept while they are good, bound to what minted them.
//!
//! Cloud Threat Response: `POST https://auth.proofpoint.com/v1/token`, a form of
//! `grant_type=client_credentials`, `client_id` and `client_secret`; the answer carries `access_token`,
//! `token_type` (`Bearer`) and `expires_in` (3600). There is no refresh token.
//!
//! Insider Threat Management: `POST {api}/auth/oauth/token`, the same form with `scope=*`; the answer may
//! carry a `refresh_token` as well, which mints the next token without the secret.

use crate::config::{Product, Secret};
use crate::http::{Method, Request, Response, encoded};
use crate::json::Object;
use crate::{Error, config};
use core::time::Duration;
use serde_json::Value;

/// Who calls: everything that a token and a call budget belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The product.
    pub product: Product,
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
        Ok(Self {
            product: Product::Ctr,
            base_url: ctr.base_url.clone(),
            auth_url: ctr.auth_url.clone(),
            client_id: configured(&ctr.client_id, "ctr_client_id")?,
            client_secret: configured(&ctr.client_secret, "ctr_client_secret")?,
        })
    }

    /// The account of Insider Threat Management, or which key is missing.
    pub fn itm(itm: &config::Itm) -> Result<Self, Error> {
        let base_url = configured(&itm.api_url(), "itm_base_url")?;
        Ok(Self {
            product: Product::Itm,
            auth_url: format!("{base_url}/auth/oauth/token"),
            base_url,
            client_id: configured(&itm.client_id, "itm_client_id")?,
            client_secret: configured(&itm.client_secret, "itm_client_secret")?,
        })
    }

    /// The request that mints a token from the credentials.
    pub fn token_request(&self) -> Request {
        let [id, secret] = [self.client_id.as_str(), self.client_secret.expose()].map(encoded);
        let scope = match self.product {
            Product::Ctr => "",
            Product::Itm => "&scope=%2A",
        };
        self.form(format!("grant_type=client_credentials&client_id={id}&client_secret={secret}{scope}"))
    }

    /// The request that mints a token from the refresh token of the one before, where it has one.
    pub fn refresh_request(&self, token: &Token) -> Option<Request> {
        let [id, refresh] = [self.client_id.as_str(), token.refresh.as_ref()?.expose()].map(encoded);
        Some(self.form(format!("grant_type=refresh_token&client_id={id}&refresh_token={refresh}")))
    }

    fn form(&self, form: String) -> Request {
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

fn configured<V: Clone>(value: &Option<V>, key: &str) -> Result<V, Error> {
    value.clone().ok_or_else(|| Error::configuration(key, format!("`{key}` is not configured")))
}

/// A bearer token and how long it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The token itself.
    pub value: Secret,
    /// What mints the next token, where the service gave it.
    refresh: Option<Secret>,
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

    /// The token with the refresh token of the one before, unless it brought its own.
    pub fn refreshed_from(self, before: &Self) -> Self {
        Self { refresh: self.refresh.or_else(|| before.refresh.clone()), ..self }
    }

    /// Reads the token endpoint's answer, whatever its status.
    ///
    /// The body is never repeated in an error: it holds a token, or an echo of the credentials.
    pub fn from_answer(product: Product, response: &Response, uptime: Duration) -> Result<Self, Error> {
        let status = response.status;
        let url_key = match product {
            Product::Ctr => "ctr_auth_url",
            Product::Itm => "itm_base_url",
        };
        match status {
            200..=299 => {}
            400 | 401 | 403 => {
                return Err(Error::Unauthorized(format!(
                    "the token endpoint refused the credentials ({status}); check `{}` and `{}`",
                    product.key("client_id"),
                    product.key("client_secret")
                )));
            }
            500.. => return Err(Error::Unavailable(format!("the token endpoint answered {status}"))),
            _ => {
                return Err(Error::configuration(
                    url_key,
                    format!("the URL of `{url_key}` answered {status} instead of a token; check it"),
                ));
            }
        }
        let invalid = |what: &str| Error::InvalidResponse(format!("the token endpoint's answer {what}"));
        let value: Value = serde_json::from_slice(&response.body)
            .map_err(|_| invalid(&format!("is not JSON; check `{url_key}`")))?;
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
        Ok(Self {
            value: Secret::new(token),
            refresh: object.text(&["refresh_token"]).map(Secret::new),
            expires: uptime.saturating_add(used),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Result<Token, Error> {
        let response = Response { status, headers: Vec::new(), body: body.into() };
        Token::from_answer(Product::Ctr, &response, Duration::from_secs(1000))
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

    #[test]
    fn a_refresh_token_is_kept_until_another_one_comes() {
        let first = answer(200, r#"{"access_token":"a","refresh_token":"r1"}"#).unwrap();
        let second = answer(200, r#"{"access_token":"b"}"#).unwrap().refreshed_from(&first);
        assert_eq!((second.value.expose(), second.refresh.as_ref().unwrap().expose()), ("b", "r1"));
        let third = answer(200, r#"{"access_token":"c","refresh_token":"r3"}"#).unwrap();
        assert_eq!(third.refreshed_from(&second).refresh.unwrap().expose(), "r3");
        assert!(!format!("{first:?}").contains("r1"));
    }
}
