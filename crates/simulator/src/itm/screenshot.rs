//! Screenshots, which lie in a bucket of their own: links to them are signed, and want no token.

use chrono::{NaiveDateTime, TimeDelta};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::Itm;
use super::options::ItmOptions;
use super::rows;
use super::ticket::Ticket;
use crate::chance::mix;
use crate::time::Timestamp;
use crate::wire::{Reply, Request};

/// What is encoded in the name of a file.
const IN_A_NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where screenshots are in memory.
const ORIGIN: &str = "https://screenshots.example.com";

impl Itm {
    /// An event's row with its screenshots.
    pub(crate) fn with_screens(
        &self,
        options: &ItmOptions,
        now: Timestamp,
        ticket: &Ticket,
        mut row: Value,
    ) -> Value {
        let origin = options.screenshot_origin.as_deref().unwrap_or(ORIGIN);
        let (date, life) = (now.format(DATE).to_string(), options.screenshot_link_seconds);
        let link = |id: &str| {
            let signature = self.signature(&format!("{id}.jpg"), &date, &life.to_string());
            let name = utf8_percent_encode(id, IN_A_NAME);
            format!(
                "{origin}/screenshots/{name}.jpg?X-Amz-Date={date}&X-Amz-Expires={life}\
                 &X-Amz-Signature={signature}"
            )
        };
        if let Some(fields) = row.as_object_mut() {
            fields.insert("ui".into(), rows::screens(ticket, link));
        }
        row
    }

    /// `GET /screenshots/{file}`. Two ways to prove who one is are one too many.
    pub(crate) fn screenshot(&self, now: Timestamp, request: &Request, file: &str) -> Result<Reply, Reply> {
        if request.method != "GET" {
            return Err(refusal(405, "MethodNotAllowed"));
        }
        if request.header("authorization").is_some() {
            return Err(refusal(400, "InvalidArgument"));
        }
        let parameter = |name: &str| request.parameter(name).unwrap_or_default();
        let (date, life) = (parameter("X-Amz-Date"), parameter("X-Amz-Expires"));
        let end = end(&date, &life).filter(|end| now < *end);
        if end.is_none() || parameter("X-Amz-Signature") != self.signature(file, &date, &life) {
            return Err(refusal(403, "AccessDenied"));
        }
        let content = self
            .store
            .iter()
            .flat_map(|ticket| &ticket.screenshots)
            .find(|screenshot| file.strip_suffix(".jpg") == Some(&screenshot.id))
            .map(|screenshot| screenshot.content.clone())
            .ok_or_else(|| refusal(404, "NoSuchKey"))?;
        Ok(Reply::new(200, "image/jpeg", content))
    }

    fn signature(&self, file: &str, date: &str, life: &str) -> String {
        let signed = format!("{file}\n{date}\n{life}");
        let sum = signed.bytes().fold(self.secret, |sum, byte| mix(sum ^ u64::from(byte)));
        format!("{sum:016x}")
    }
}

const DATE: &str = "%Y%m%dT%H%M%SZ";

/// When a link that was made then ends.
fn end(date: &str, life: &str) -> Option<Timestamp> {
    let made = NaiveDateTime::parse_from_str(date, DATE).ok()?.and_utc();
    made.checked_add_signed(TimeDelta::seconds(life.parse::<u32>().ok()?.into()))
}

/// An error as a bucket tells it.
fn refusal(status: u16, code: &str) -> Reply {
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code></Error>");
    Reply::new(status, "application/xml", body)
}
