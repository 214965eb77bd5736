//! Client secrets that stay with the host: the component is told placeholders, and the host puts the secrets
//! into its token requests.

use std::sync::Arc;

use http::header::CONTENT_LENGTH;
use http::{Method, Request, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use wasmtime_wasi_http::{Error, WasiBody};

use super::allow::{Origin, origin};
use crate::settings::{Settings, placeholder};

/// A token request is a form of some hundred bytes.
const LARGEST_FORM: usize = 64 << 10;

/// The secrets, each with the one place it is sent to. Not `Debug`, on purpose.
#[derive(Clone)]
pub(super) struct Vault(Arc<[Held]>);

struct Held {
    origin: Origin,
    /// How the path of the token endpoint ends.
    path: String,
    placeholder: String,
    secret: String,
}

impl Vault {
    pub(super) fn of(settings: &Settings) -> Self {
        let held = |key: &str, url: &str, path: Option<&str>| {
            let url: Uri = settings.get(url)?.trim().parse().ok()?;
            Some(Held {
                origin: origin(&url)?,
                path: path.unwrap_or_else(|| url.path()).trim_end_matches('/').to_owned(),
                placeholder: placeholder(key),
                secret: settings.get(key)?.trim().to_owned(),
            })
        };
        let ctr = held("ctr_client_secret", "ctr_auth_url", None);
        let itm = held("itm_client_secret", "itm_base_url", Some("/auth/oauth/token"));
        Self([ctr, itm].into_iter().flatten().collect())
    }

    /// The request with the secret in the place of its placeholder, where it is a token request to the
    /// configured host; else the request as it is.
    pub(super) async fn fill(&self, request: Request<WasiBody>) -> Result<Request<WasiBody>, Error> {
        let held: Vec<&Held> = self.0.iter().filter(|held| held.belongs_into(&request)).collect();
        if held.is_empty() {
            return Ok(request);
        }
        let (mut head, body) = request.into_parts();
        let body = Limited::new(body, LARGEST_FORM).collect().await;
        let body = body.map_err(|_| Error::HttpRequestBodySize(None))?.to_bytes();
        let body = match std::str::from_utf8(&body) {
            Ok(form) => Bytes::from(held.iter().fold(form.to_owned(), |form, held| held.fill(&form))),
            Err(_) => body,
        };
        if head.headers.contains_key(CONTENT_LENGTH) {
            head.headers.insert(CONTENT_LENGTH, body.len().into());
        }
        let body = Full::new(body).map_err(|never| match never {}).boxed_unsync();
        Ok(Request::from_parts(head, body))
    }
}

impl Held {
    fn belongs_into<B>(&self, request: &Request<B>) -> bool {
        let uri = request.uri();
        request.method() == Method::POST
            && origin(uri).as_ref() == Some(&self.origin)
            && uri.path().ends_with(&self.path)
    }

    fn fill(&self, form: &str) -> String {
        let pairs = form.split('&').map(|pair| match pair.split_once('=') {
            Some((name @ "client_secret", value))
                if percent_decode_str(value).eq(self.placeholder.bytes()) =>
            {
                format!("{name}={}", utf8_percent_encode(&self.secret, NON_ALPHANUMERIC))
            }
            _ => pair.to_owned(),
        });
        pairs.collect::<Vec<_>>().join("&")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "p&s=s wörd+";

    fn vault() -> Vault {
        let mut settings = Settings::default();
        for (key, value) in [
            ("ctr_auth_url", "https://auth.example.com/v1/token/"),
            ("ctr_client_secret", SECRET),
            ("itm_base_url", "https://tenant.example.com/v2/apis/"),
            ("itm_client_secret", "other"),
        ] {
            settings.set(key, value).unwrap();
        }
        Vault::of(&settings)
    }

    async fn sent(method: &str, url: &str, body: &str) -> String {
        let body = Full::new(Bytes::from(body.to_owned())).map_err(|never| match never {}).boxed_unsync();
        let request = Request::builder().method(method).uri(url).header("content-length", "1").body(body);
        let request = vault().fill(request.unwrap()).await.unwrap();
        let length = request.headers()["content-length"].to_str().unwrap().to_owned();
        let body = request.into_body().collect().await.unwrap().to_bytes();
        assert!(length == "1" || length == body.len().to_string(), "{length}");
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_secret_takes_the_place_of_its_placeholder_in_its_own_token_request_alone() {
        let (ctr, itm) =
            ("https://auth.example.com/v1/token", "https://tenant.example.com/v2/apis/auth/oauth/token");
        let form = |key: &str| format!("client_id=a&client_secret={}&scope=%2A", placeholder(key));
        let (ctr_form, itm_form) = (form("ctr_client_secret"), form("itm_client_secret"));
        let filled = "client_id=a&client_secret=p%26s%3Ds%20w%C3%B6rd%2B&scope=%2A";
        assert_eq!(sent("POST", ctr, &ctr_form).await, filled);
        assert_eq!(sent("POST", "https://AUTH.example.com:443/v1/token", &ctr_form).await, filled);
        assert_eq!(sent("POST", itm, &itm_form).await, "client_id=a&client_secret=other&scope=%2A");
        for (method, url, form) in [
            ("POST", itm, &ctr_form),
            ("POST", ctr, &itm_form),
            ("PUT", ctr, &ctr_form),
            ("POST", "https://auth.example.com/v1/echo", &ctr_form),
            ("POST", "https://auth.example.com:8443/v1/token", &ctr_form),
            ("POST", "http://auth.example.com/v1/token", &ctr_form),
            ("POST", "https://auth.example.com.evil.com/v1/token", &ctr_form),
            ("POST", "https://tenant.example.com/v2/apis/activity", &itm_form),
        ] {
            assert_eq!(&sent(method, url, form).await, form, "{method} {url}");
        }
    }

    #[tokio::test]
    async fn what_is_no_placeholder_in_its_place_stays_as_it_is() {
        let ctr = "https://auth.example.com/v1/token";
        let placeholder = placeholder("ctr_client_secret");
        for form in [
            String::new(),
            "client_secret=given".to_owned(),
            format!("client_id={placeholder}"),
            format!("client_secret=x{placeholder}"),
            placeholder,
        ] {
            assert_eq!(sent("POST", ctr, &form).await, form);
        }
    }

    #[tokio::test]
    async fn a_token_request_has_a_bounded_size() {
        let body = Full::new(Bytes::from(vec![b'x'; LARGEST_FORM + 1])).map_err(|never| match never {});
        let request = Request::post("https://auth.example.com/v1/token").body(body.boxed_unsync()).unwrap();
        let error = vault().fill(request).await.unwrap_err();
        assert!(matches!(error, Error::HttpRequestBodySize(_)), "{error:?}");
    }
}
