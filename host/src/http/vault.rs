//! Client secrets that stay with the host: the component is told placeholders, and the host puts the secrets
//! into its token requests.

use std::sync::Arc;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{Method, Request, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use wasmtime_wasi_http::{Error, WasiBody};

use super::allow::{Origin, is_loopback, origin};
use crate::settings::{Settings, placeholder};

/// A token request is a form of some hundred bytes.
const LARGEST_FORM: usize = 64 << 10;

/// The secrets, each with the one place it is sent to. Not `Debug`, on purpose.
#[derive(Clone)]
pub(super) struct Vault(Arc<[Held]>);

struct Held {
    origin: Origin,
    /// The path of the token endpoint, without a slash at its end.
    path: String,
    placeholder: String,
    secret: String,
}

impl Vault {
    pub(super) fn of(settings: &Settings) -> Self {
        let held = |key: &str, url: &str, path: &dyn Fn(&str) -> String| {
            let url: Uri = settings.get(url)?.trim().parse().ok()?;
            let origin = origin(&url)?;
            // Anyone on the way could read it.
            if origin.0 != "https" && !is_loopback(&origin.1) {
                return None;
            }
            Some(Held {
                origin,
                path: path(url.path().trim_end_matches('/')),
                placeholder: placeholder(key),
                secret: settings.get(key)?.trim().to_owned(),
            })
        };
        let ctr = held("ctr_client_secret", "ctr_auth_url", &str::to_owned);
        let version = settings.get("itm_api_version").unwrap_or_default().trim().to_ascii_lowercase();
        let itm = held("itm_client_secret", "itm_base_url", &|base| match base.ends_with("/apis") {
            true => format!("{base}/auth/oauth/token"),
            false => format!("{base}/{version}/apis/auth/oauth/token"),
        });
        Self([ctr, itm].into_iter().flatten().collect())
    }

    /// The request with the secret in the place of its placeholder, where it is a form that is posted to the
    /// configured token endpoint; else the request as it is.
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
        let (uri, kind) = (request.uri(), request.headers().get(CONTENT_TYPE));
        request.method() == Method::POST
            && origin(uri).as_ref() == Some(&self.origin)
            && uri.path().trim_end_matches('/') == self.path
            && uri.query().is_none()
            && kind.is_some_and(|kind| kind == "application/x-www-form-urlencoded")
    }

    /// The form with the secret, where it has one place for it.
    fn fill(&self, form: &str) -> String {
        let pairs = form.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let places: Vec<&str> =
            pairs.filter(|(name, _)| *name == "client_secret").map(|(_, value)| value).collect();
        match places[..] {
            [value] if percent_decode_str(value).eq(self.placeholder.bytes()) => {
                let secret = utf8_percent_encode(&self.secret, NON_ALPHANUMERIC);
                let (taken, filled) = (format!("client_secret={value}"), format!("client_secret={secret}"));
                form.split('&')
                    .map(|pair| if pair == taken { &filled } else { pair })
                    .collect::<Vec<_>>()
                    .join("&")
            }
            _ => form.to_owned(),
        }
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
        let request = Request::builder().method(method).uri(url).header("content-length", "1");
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
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
            ("POST", "https://auth.example.com/other/v1/token", &ctr_form),
            ("POST", "https://auth.example.com/v1/token?echo=1", &ctr_form),
            ("POST", "https://auth.example.com/", &ctr_form),
            ("POST", "https://auth.example.com:8443/v1/token", &ctr_form),
            ("POST", "http://auth.example.com/v1/token", &ctr_form),
            ("POST", "https://auth.example.com.evil.com/v1/token", &ctr_form),
            ("POST", "https://tenant.example.com/v2/apis/activity", &itm_form),
            ("POST", "https://tenant.example.com/auth/oauth/token", &itm_form),
            ("POST", "https://tenant.example.com/v2/apis/x/auth/oauth/token", &itm_form),
            ("POST", "https://tenant.example.com/v1/apis/auth/oauth/token", &itm_form),
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
            // A server that reads the one and tells the other must not get it.
            format!("client_secret={placeholder}&client_secret={placeholder}"),
            format!("client_secret&client_secret={placeholder}"),
            placeholder,
        ] {
            assert_eq!(sent("POST", ctr, &form).await, form);
        }
    }

    #[tokio::test]
    async fn where_the_token_endpoint_has_no_path_it_is_the_root_alone_and_takes_a_form() {
        let mut settings = Settings::default();
        for (key, value) in [("ctr_auth_url", "https://api.example.com"), ("ctr_client_secret", SECRET)] {
            settings.set(key, value).unwrap();
        }
        let vault = Vault::of(&settings);
        let form = format!("client_secret={}", placeholder("ctr_client_secret"));
        for (path, kind, filled) in [
            ("", "application/x-www-form-urlencoded", true),
            ("/", "application/x-www-form-urlencoded", true),
            ("/incidents", "application/x-www-form-urlencoded", false),
            ("/", "application/json", false),
        ] {
            let body = Full::new(Bytes::from(form.clone())).map_err(|never| match never {}).boxed_unsync();
            let request =
                Request::post(format!("https://api.example.com{path}")).header("content-type", kind);
            let request = vault.fill(request.body(body).unwrap()).await.unwrap();
            let sent = request.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(sent != form.as_bytes(), filled, "{path} {kind}");
        }
    }

    #[test]
    fn the_token_endpoint_of_tickets_is_where_the_component_looks_for_it() {
        for (base, version, path) in [
            ("https://t.example.com", "", "/v2/apis/auth/oauth/token"),
            ("https://t.example.com/", "V3", "/v3/apis/auth/oauth/token"),
            ("https://t.example.com/v1/apis/", "", "/v1/apis/auth/oauth/token"),
        ] {
            let mut settings = Settings::default();
            for (key, value) in
                [("itm_base_url", base), ("itm_api_version", version), ("itm_client_secret", SECRET)]
            {
                settings.set(key, value).unwrap();
            }
            assert_eq!(Vault::of(&settings).0[0].path, path);
        }
    }

    #[tokio::test]
    async fn no_secret_goes_over_plain_http_but_to_this_machine() {
        for (url, filled) in [("http://auth.example.com", false), ("http://127.0.0.1:8080", true)] {
            let mut settings = Settings::default();
            settings.set("ctr_auth_url", url).unwrap();
            settings.set("ctr_client_secret", SECRET).unwrap();
            assert_eq!(Vault::of(&settings).0.len(), usize::from(filled), "{url}");
        }
    }

    #[tokio::test]
    async fn a_token_request_has_a_bounded_size() {
        let body = Full::new(Bytes::from(vec![b'x'; LARGEST_FORM + 1])).map_err(|never| match never {});
        let request = Request::post("https://auth.example.com/v1/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.boxed_unsync())
            .unwrap();
        let error = vault().fill(request).await.unwrap_err();
        assert!(matches!(error, Error::HttpRequestBodySize(_)), "{error:?}");
    }
}
