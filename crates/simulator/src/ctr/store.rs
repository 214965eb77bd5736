//! The incidents, kept in the order of their creation.

use std::collections::{BTreeMap, HashMap};

use super::incident::Incident;
use super::rows;
use crate::options::NullStyle;
use crate::time::{self, Timestamp};

/// An incident's place: its creation, then the order in which incidents were added.
pub(crate) type Place = (Timestamp, u64);

/// The incidents by place and by id.
#[derive(Default)]
pub(crate) struct Store {
    kept: BTreeMap<Place, Kept>,
    places: HashMap<String, Place>,
    added: u64,
}

struct Kept {
    incident: Incident,
    /// The row as last written, and what it depends on beside the incident.
    row: Option<(bool, NullStyle, Vec<u8>)>,
}

impl Store {
    /// Adds an incident; one with the same id gives way, and leaves its place among ties.
    pub(crate) fn add(&mut self, mut incident: Incident) {
        incident.created_at = time::to_millisecond(incident.created_at);
        let number = match self.places.remove(&incident.id) {
            Some(place) => {
                self.kept.remove(&place);
                place.1
            }
            None => {
                self.added += 1;
                self.added
            }
        };
        let place = (incident.created_at, number);
        self.places.insert(incident.id.clone(), place);
        self.kept.insert(place, Kept { incident, row: None });
    }

    pub(crate) fn change(&mut self, id: &str, change: impl FnOnce(&mut Incident)) {
        if let Some(mut incident) = self.get(id).cloned() {
            change(&mut incident);
            if incident.id != id {
                self.remove(id);
            }
            self.add(incident);
        }
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<Incident> {
        let place = self.places.remove(id)?;
        self.kept.remove(&place).map(|kept| kept.incident)
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Incident> {
        let place = self.places.get(id)?;
        self.kept.get(place).map(|kept| &kept.incident)
    }

    /// Every incident, visible or not, oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (Place, &Incident)> {
        self.kept.iter().map(|(place, kept)| (*place, &kept.incident))
    }

    /// The incident's row as JSON text, written anew only where it has changed.
    pub(crate) fn row(&mut self, place: Place, style: NullStyle, now: Timestamp) -> &[u8] {
        let Some(Kept { incident, row }) = self.kept.get_mut(&place) else {
            return b"null";
        };
        let closed = incident.closed_at(now).is_some();
        if row.as_ref().is_some_and(|(was_closed, in_style, _)| (*was_closed, *in_style) != (closed, style)) {
            *row = None;
        }
        let (_, _, text) = row.get_or_insert_with(|| {
            (closed, style, rows::incident(incident, style, now).to_string().into_bytes())
        });
        text
    }

    /// The number that the next incident is shown under.
    pub(crate) fn next_display_id(&self) -> u64 {
        self.iter().map(|(_, incident)| incident.display_id).max().unwrap_or_default().saturating_add(1)
    }
}
