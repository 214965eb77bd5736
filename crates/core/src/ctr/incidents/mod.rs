//! Incidents: list, count, get; creating them stands in `create`.

mod create;
mod query;
mod record;

pub use create::{CreatedIncident, MessageUpload, NewIncident, UploadedMessage};
pub use query::IncidentQuery;
pub use record::{Activity, Comment, Incident, IncidentDetail, IncidentSource};

use super::listing::Listing;
use super::{Ctr, INCIDENT_IDS, uuid};
use crate::Error;
use crate::client::{Call, IN_FLIGHT};
use crate::http::{Transport, segment};
use crate::json::Object;
use crate::paging::{self, Row, limit};
use crate::seal::Seal;
use crate::vocabulary::shown;
use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};

pub(crate) const PATH: &str = "/api/v1/tric/incidents";
pub(crate) const MODULE: &str = "Threat Response incidents";

/// Ids one `incident-get` takes at most.
const MOST_IDS: usize = 1000;

/// Rows a list gives where nothing else is asked for.
const DEFAULT_LIMIT: u32 = 50;

const CURSOR: Seal = Seal { kind: "ctr-incident-list", version: 1, argument: "cursor" };

/// The list of incidents, by time of creation.
pub(crate) fn by_creation(direction: &str, filters: Option<Value>, limit: u32) -> Listing {
    Listing {
        module: MODULE,
        path: PATH.to_owned(),
        key: "incidents",
        column: "createdAt".to_owned(),
        direction: direction.to_owned(),
        filters,
        limit,
    }
}

/// A page of incidents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct IncidentPage {
    pub incidents: Vec<Incident>,
    pub total: u32,
    pub next: Option<String>,
    pub warnings: Vec<String>,
}

impl<T: Transport> Ctr<'_, T> {
    /// Lists incidents, page after page, until `limit` are found, none is left, or the budget ends.
    pub async fn incident_list(&self, query: &IncidentQuery) -> Result<IncidentPage, Error> {
        let limit = limit(query.limit, DEFAULT_LIMIT)?;
        let mut cursor = paging::open_cursor(&CURSOR, query.cursor.as_deref(), query.given(), || {
            query.check(self.client.transport().now())
        })?;
        let first = cursor.place.row == 0;
        let mut answer = IncidentPage::default();
        let mut take = |row: &Row| {
            let (incident, warning) = Incident::read(row, query.include_raw, &self.config.ctr.console_url);
            if let Some(key) = cursor.query.mismatch(&incident) {
                return Err(Error::InvalidResponse(format!(
                    "the service did not honour `{key}`: it answered incident {}, which does not match",
                    shown(incident.display_id.as_deref().unwrap_or(&incident.id))
                )));
            }
            answer.incidents.push(incident);
            answer.warnings.extend(warning);
            Ok(true)
        };
        let listing = cursor.query.listing(limit);
        let more = self.client.rows(&listing, &mut cursor.place, &mut take).await?;
        answer.total = cursor.place.total;
        if more {
            if first {
                cursor.query.pin(answer.incidents.first());
            }
            answer.next = Some(CURSOR.seal(&cursor)?);
        }
        Ok(answer)
    }

    /// Counts the incidents that match a query.
    pub async fn incident_count(&self, query: &IncidentQuery) -> Result<u32, Error> {
        let checked = query.check(self.client.transport().now())?;
        let call = Call::query(MODULE, format!("{PATH}/count"), json!({"filters": checked.filters()}));
        let response = self.client.send(&call).await?;
        // The answer is a bare integer.
        let answer: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let count = answer.as_u64().and_then(|count| u32::try_from(count).ok());
        count.ok_or_else(|| call.unreadable(&response, "it is not a number"))
    }

    /// Gets incidents in full, in the order of the ids; the same id costs one request.
    pub async fn incident_get(
        &self,
        ids: &[String],
        include_raw: bool,
    ) -> Result<Vec<Result<IncidentDetail, Error>>, Error> {
        if ids.is_empty() || ids.len() > MOST_IDS {
            return Err(Error::argument(
                "ids",
                format!("{} ids were given; give 1 to {MOST_IDS}", ids.len()),
            ));
        }
        for id in ids {
            uuid("ids", id, INCIDENT_IDS)?;
        }
        self.client.token(None).await?;
        // The budget may not be enough for all: it goes to the first ones, in the order asked.
        let first = |index: usize, id: &String| ids.iter().position(|other| other == id) == Some(index);
        let unique = ids.iter().enumerate().filter(|(index, id)| first(*index, id));
        let details: Vec<(&String, Result<IncidentDetail, Error>)> = stream::iter(unique)
            .map(|(_, id)| async move { (id, self.incident_detail(id, include_raw, false).await) })
            .buffered(IN_FLIGHT)
            .collect()
            .await;
        let detail_of = |id| details.iter().find(|(other, _)| *other == id).map(|(_, detail)| detail.clone());
        Ok(ids.iter().filter_map(detail_of).collect())
    }

    /// One incident in full; `once` sends a single request even if that fails.
    pub(crate) async fn incident_detail(
        &self,
        id: &str,
        include_raw: bool,
        once: bool,
    ) -> Result<IncidentDetail, Error> {
        let call = Call::get(MODULE, format!("{PATH}/{}", segment("ids", id)?));
        let call = if once { call.once() } else { call };
        let response = self.client.send(&call).await?;
        let value: Value = serde_json::from_slice(&response.body)
            .map_err(|_| call.unreadable(&response, "it is not JSON, or cut off"))?;
        let detail = Object::new(&value)
            .and_then(|object| IncidentDetail::read(object, &self.config.ctr.console_url))
            .filter(|detail| detail.incident.id.eq_ignore_ascii_case(id))
            .ok_or_else(|| call.unreadable(&response, "it has no `summary` with this `id`"))?;
        let raw = include_raw.then(|| String::from_utf8_lossy(&response.body).into_owned());
        Ok(IncidentDetail { raw_json: raw, ..detail })
    }
}
