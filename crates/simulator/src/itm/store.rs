//! The tickets, kept in the order in which they were taken in.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::rows::{self, Style};
use super::ticket::Ticket;
use crate::time::{self, Timestamp};

/// A ticket's place: when it was taken in, then the order in which tickets were added.
pub(crate) type Place = (Timestamp, u64);

/// The tickets by place and by fqid.
#[derive(Default)]
pub(crate) struct Store {
    kept: BTreeMap<Place, Kept>,
    places: HashMap<String, Place>,
    added: u64,
}

/// A ticket, and its row as last written.
struct Kept {
    ticket: Ticket,
    row: Option<Row>,
}

/// An event as the endpoints show it.
pub(crate) struct Row {
    style: Style,
    pub(crate) value: Value,
    pub(crate) text: Vec<u8>,
}

impl Store {
    /// Adds a ticket; one with the same fqid gives way, and leaves its place among ties.
    pub(crate) fn add(&mut self, mut ticket: Ticket) {
        ticket.ingested_at = time::to_millisecond(ticket.ingested_at);
        let number = match self.places.remove(&ticket.fqid) {
            Some(place) => {
                self.kept.remove(&place);
                place.1
            }
            None => {
                self.added += 1;
                self.added
            }
        };
        let place = (ticket.ingested_at, number);
        self.places.insert(ticket.fqid.clone(), place);
        self.kept.insert(place, Kept { ticket, row: None });
    }

    pub(crate) fn change(&mut self, fqid: &str, change: impl FnOnce(&mut Ticket)) {
        if let Some(mut ticket) = self.get(fqid).cloned() {
            change(&mut ticket);
            if ticket.fqid != fqid {
                self.remove(fqid);
            }
            self.add(ticket);
        }
    }

    pub(crate) fn remove(&mut self, fqid: &str) -> Option<Ticket> {
        let place = self.places.remove(fqid)?;
        self.kept.remove(&place).map(|kept| kept.ticket)
    }

    pub(crate) fn get(&self, fqid: &str) -> Option<&Ticket> {
        let place = self.places.get(fqid)?;
        self.kept.get(place).map(|kept| &kept.ticket)
    }

    /// Every ticket, visible or not, in the order in which they were taken in.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Ticket> {
        self.kept.values().map(|kept| &kept.ticket)
    }

    /// Writes the rows anew that have changed, or are in another style.
    pub(crate) fn write_rows(&mut self, style: Style) {
        for Kept { ticket, row } in self.kept.values_mut() {
            if row.as_ref().is_none_or(|row| row.style != style) {
                let value = rows::event(ticket, style);
                let text = value.to_string().into_bytes();
                *row = Some(Row { style, value, text });
            }
        }
    }

    /// Every ticket with its row, as [`Store::write_rows`] left it.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (Place, &Ticket, &Row)> {
        self.kept.iter().filter_map(|(place, kept)| Some((*place, &kept.ticket, kept.row.as_ref()?)))
    }

    /// The number that the next ticket may have.
    pub(crate) fn next_number(&self) -> u64 {
        self.iter().map(|ticket| ticket.number).max().unwrap_or_default().saturating_add(1)
    }
}
