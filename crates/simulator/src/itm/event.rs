//! One event in full.

use serde_json::Value;

use super::Itm;
use super::envelope;
use super::options::{ItmOptions, UnknownFqid};
use super::rows::{self, Style};
use super::search;
use super::ticket::Ticket;
use crate::time::Timestamp;
use crate::wire::{Reply, Request};

impl Itm {
    /// `GET /activity/events/{fqid}`.
    pub(crate) fn event(
        &self,
        options: &ItmOptions,
        now: Timestamp,
        request: &Request,
        fqid: &str,
    ) -> Result<Reply, Reply> {
        let ticket = self.visible(options, now, fqid)?;
        let mut row = rows::event(ticket, Style::of(options));
        if search::list(request, "includes").is_some_and(|it| it.iter().any(|it| it == "screenshots")) {
            row = self.with_screens(options, now, ticket, row);
        }
        Ok(whole(200, row))
    }

    /// The ticket, where the endpoints know it by now.
    pub(crate) fn visible(&self, options: &ItmOptions, now: Timestamp, fqid: &str) -> Result<&Ticket, Reply> {
        let ticket = self.store.get(fqid).filter(|ticket| ticket.visible_at <= now);
        ticket.ok_or_else(|| {
            let message = "The event was not found.";
            match options.unknown_fqid {
                UnknownFqid::Status404 => envelope::error(404, message),
                UnknownFqid::Inner404 => envelope::inside(200, 404, "it:error:not-found", message),
                UnknownFqid::Inner400 => envelope::inside(200, 400, "it:error:some-error", message),
            }
        })
    }
}

/// An event as an answer of its own, with `_status` beside its fields.
pub(crate) fn whole(status: u16, mut row: Value) -> Reply {
    if let Some(fields) = row.as_object_mut() {
        fields.insert("_status".into(), envelope::fine(status));
    }
    Reply::json_value(status, &row)
}
