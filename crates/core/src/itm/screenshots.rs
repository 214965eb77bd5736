//! Screenshots: listed with the ticket, loaded from presigned links.

use super::Itm;
use super::ticket::Screenshot;
use crate::Error;
use crate::config::is_loopback;
use crate::digest::sha256;
use crate::http::{Response, Transport, parts};
use crate::json::Object;
use crate::vocabulary::shown;
use core::fmt;

/// A screenshot, loaded. Fields as in the contract's `screenshot-image`.
#[derive(Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct ScreenshotImage {
    pub id: String,
    pub content: Vec<u8>,
    pub size: u32,
    pub sha256: String,
    pub content_type: String,
}

/// Shows id, size and hash only: it is a picture of what a person did.
impl fmt::Debug for ScreenshotImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "screenshot {} ({} bytes, {})", self.id, self.size, self.sha256)
    }
}

impl<T: Transport> Itm<'_, T> {
    /// Lists the screenshots of a ticket.
    pub async fn screenshot_list(&self, fqid: &str) -> Result<Vec<Screenshot>, Error> {
        let event = self.event(fqid, true).await?;
        let ui = Object::new(&event.value).and_then(|event| event.object(&["ui"]));
        Ok(ui.map(Screenshot::read_all).unwrap_or_default())
    }

    /// Loads a screenshot of a ticket from its link: without credentials, and only from configured hosts.
    pub async fn screenshot_get(&self, fqid: &str, id: &str) -> Result<ScreenshotImage, Error> {
        let event = self.event(fqid, true).await?;
        let ui = Object::new(&event.value).and_then(|event| event.object(&["ui"]));
        let found = ui.and_then(|ui| {
            ui.objects(&["screenshots"]).find(|screenshot| screenshot.text(&["id"]).as_deref() == Some(id))
        });
        let found =
            found.ok_or_else(|| Error::NotFound(format!("the ticket has no screenshot `{}`", shown(id))))?;
        let link = Screenshot::link(found).ok_or_else(|| {
            Error::InvalidResponse(format!("screenshot `{}` comes without a link", shown(id)))
        })?;
        self.check_host(&link)?;
        // A signature holds of a link as it is: it cannot be mended.
        if !link.bytes().all(|byte| byte.is_ascii_graphic()) {
            let what = format!("the link of screenshot `{}` has characters that no URL has", shown(id));
            return Err(Error::InvalidResponse(what));
        }
        let response = self.client.linked(&link).await?;
        let content_type = image_type(id, &response)?;
        Ok(ScreenshotImage {
            id: id.to_owned(),
            size: u32::try_from(response.body.len()).unwrap_or(u32::MAX),
            sha256: sha256(&response.body),
            content: response.body,
            content_type,
        })
    }

    /// A link comes from the service's data: it must not lead anywhere that was not allowed.
    fn check_host(&self, link: &str) -> Result<(), Error> {
        let shown_host = host(link).map(shown).unwrap_or_default();
        let allowed = host(link).is_some_and(|host| {
            let known = self.config.itm.screenshot_hosts.iter().any(|known| known.eq_ignore_ascii_case(host));
            let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
            known && (link.starts_with("https://") || is_loopback(name.trim_matches(['[', ']'])))
        });
        if allowed {
            return Ok(());
        }
        Err(Error::configuration(
            "itm_screenshot_hosts",
            format!(
                "the screenshot's link leads to `{shown_host}`, which is not among `itm_screenshot_hosts` (or is \
                 not https); add the host there if it is the service's"
            ),
        ))
    }
}

/// The host of a link, with its port where it names one.
pub(super) fn host(link: &str) -> Option<&str> {
    parts(link).map(|(_, authority, _)| authority).filter(|authority| !authority.contains('@'))
}

/// The media type of an answer that is a picture, or what it is instead.
fn image_type(id: &str, response: &Response) -> Result<String, Error> {
    let what = format!("screenshot `{}`", shown(id));
    match response.status {
        200 => {}
        401 | 403 => {
            return Err(Error::Unavailable(format!(
                "{what}: the link was refused ({}), it may have expired; try again",
                response.status
            )));
        }
        404 => return Err(Error::NotFound(format!("{what} is not stored any more"))),
        500.. => return Err(Error::Unavailable(format!("{what}: its host answered {}", response.status))),
        other => return Err(Error::InvalidResponse(format!("{what}: its host answered {other}"))),
    }
    let kind = response.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind.starts_with("image/") && !response.body.is_empty() {
        return Ok(kind);
    }
    Err(Error::InvalidResponse(format!("{what}: its host did not answer with a picture")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_what_the_request_would_reach() {
        assert_eq!(host("https://b.s3.amazonaws.com/a?x=1"), Some("b.s3.amazonaws.com"));
        assert_eq!(host("https://b.test:8443/a"), Some("b.test:8443"));
        assert_eq!(host("https://b.test?x"), Some("b.test"));
        for trick in ["https://good.test@evil.test/", "b.test/a", "https:///a", "//b.test", ""] {
            assert_eq!(host(trick), None, "{trick}");
        }
        assert_eq!(host("https://evil.test\\@good.test/"), Some("evil.test"));
    }
}
