//! A query for incidents: checked against the vocabularies before it is sent, and against the rows after.

use super::{Incident, by_creation};
use crate::Error;
use crate::ctr::listing::{Listing, time_range, whole_seconds};
use crate::ctr::vocabulary as words;
use crate::paging;
use crate::time::{self, Timestamp, from_ms};
use crate::vocabulary::shown;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Which incidents are wanted. Fields as in the contract's `incident-query`.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct IncidentQuery {
    pub start_time: Option<String>,
    pub end_time: Option<String>,
    pub incident_id_filters: Vec<String>,
    pub source_filters: Vec<String>,
    pub other_filters: Vec<String>,
    pub verdict_filters: Vec<String>,
    pub disposition_filters: Vec<String>,
    pub confidence_filters: Vec<String>,
    pub priority_filters: Vec<String>,
    pub sort: Option<String>,
    pub limit: Option<u32>,
    pub cursor: Option<String>,
    pub include_raw: bool,
}

/// A query that was checked: values as the vendor spells them, times as instants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checked {
    /// Milliseconds since 1970, both or none.
    range: Option<(i64, i64)>,
    ids: Vec<String>,
    sources: Vec<String>,
    others: Vec<String>,
    verdicts: Vec<String>,
    dispositions: Vec<String>,
    confidences: Vec<String>,
    priorities: Vec<String>,
    column: String,
    direction: String,
}

impl IncidentQuery {
    /// Identity of the query without what may differ from page to page; none where nothing is asked.
    pub(super) fn given(&self) -> Option<u64> {
        paging::given(&[
            &self.incident_id_filters,
            &self.source_filters,
            &self.other_filters,
            &self.verdict_filters,
            &self.disposition_filters,
            &self.confidence_filters,
            &self.priority_filters,
            self.start_time.as_slice(),
            self.end_time.as_slice(),
            self.sort.as_slice(),
        ])
    }

    pub(super) fn check(&self, now: Timestamp) -> Result<Checked, Error> {
        let owned = |values: Vec<&str>| values.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let (column, direction) = paging::sort(self.sort.as_deref(), &["createdAt", "closedAt"])?;
        let range = time::range(self.start_time.as_deref(), self.end_time.as_deref(), now)?;
        let mut others = words::OTHERS.check_all("other-filters", &self.other_filters)?;
        // Both states together match nothing at the vendor; here they mean what they say: any state.
        if others.contains(&words::OPEN) && others.contains(&words::CLOSED) {
            others.retain(|other| *other != words::OPEN && *other != words::CLOSED);
        }
        Ok(Checked {
            range: range.map(whole_seconds),
            ids: display_ids(&self.incident_id_filters)?,
            sources: owned(words::SOURCES.check_all("source-filters", &self.source_filters)?),
            others: owned(others),
            verdicts: owned(words::VERDICTS.check_all("verdict-filters", &self.verdict_filters)?),
            dispositions: owned(
                words::DISPOSITIONS.check_all("disposition-filters", &self.disposition_filters)?,
            ),
            confidences: owned(words::CONFIDENCES.check_all("confidence-filters", &self.confidence_filters)?),
            priorities: owned(words::PRIORITIES.check_all("priority-filters", &self.priority_filters)?),
            column: column.to_owned(),
            direction: direction.to_owned(),
        })
    }
}

impl Checked {
    /// The vendor's `filters` object.
    pub(super) fn filters(&self) -> Value {
        let mut filters = Map::new();
        if let Some((start, end)) = self.range {
            filters.insert("time_range_filter".into(), time_range(from_ms(start), from_ms(end)));
        }
        for (key, values) in [
            ("incident_id_filters", &self.ids),
            ("source_filters", &self.sources),
            ("other_filters", &self.others),
            ("verdict_filters", &self.verdicts),
            ("disposition_filters", &self.dispositions),
            ("confidence_filters", &self.confidences),
            ("priority_filters", &self.priorities),
        ] {
            if !values.is_empty() {
                filters.insert(key.into(), json!(values));
            }
        }
        Value::Object(filters)
    }

    pub(super) fn listing(&self, limit: u32) -> Listing {
        Listing { column: self.column.clone(), ..by_creation(&self.direction, Some(self.filters()), limit) }
    }

    /// Ends a list that runs back from the newest incident at that very incident, so that later ones do not
    /// shift it while it is read on.
    pub(super) fn pin(&mut self, newest: Option<&Incident>) {
        let created = newest.and_then(|incident| time::absolute(incident.created_at.as_deref()?));
        if let Some(created) = created
            && self.column == "createdAt"
            && self.direction == "desc"
        {
            let end = created.timestamp_millis().saturating_add(1000);
            let (start, given_end) = self.range.unwrap_or((0, end));
            self.range = Some((start, given_end.min(end)));
        }
    }

    /// The filter that a row does not match, if it certainly does not: then the service ignored it.
    ///
    /// A field that is missing, empty or of an unknown spelling proves nothing.
    pub(super) fn mismatch(&self, row: &Incident) -> Option<&'static str> {
        let state = row.state.as_deref().map(str::to_ascii_lowercase);
        let other = |name: &str| self.others.iter().any(|o| o == name);
        let created = row.created_at.as_deref().and_then(time::absolute).map(|t| t.timestamp_millis());
        if let (Some((start, end)), Some(at)) = (self.range, created)
            && (at < start.saturating_sub(1000) || at > end.saturating_add(1000))
        {
            return Some("time_range_filter");
        }
        if let Some(id) = &row.display_id
            && !self.ids.is_empty()
            && !self.ids.contains(id)
        {
            return Some("incident_id_filters");
        }
        let open = state.as_deref() == Some("open");
        let closed = state.as_deref() == Some("closed");
        if (other(words::OPEN) && closed)
            || (other(words::CLOSED) && open)
            || (other("vap") && row.vap == Some(false))
        {
            return Some("other_filters");
        }
        let priority: Vec<String> = row.priority.iter().cloned().collect();
        [
            ("source_filters", words::SOURCES.excludes(&self.sources, &row.source_types)),
            ("verdict_filters", words::VERDICTS.excludes(&self.verdicts, &row.clear_verdicts)),
            ("disposition_filters", words::DISPOSITIONS.excludes(&self.dispositions, &row.dispositions)),
            ("confidence_filters", words::CONFIDENCES.excludes(&self.confidences, &row.clear_confidences)),
            ("priority_filters", words::PRIORITIES.excludes(&self.priorities, &priority)),
        ]
        .into_iter()
        .find_map(|(key, excluded)| excluded.then_some(key))
    }
}

/// Display numbers, with or without the console's `INC-`.
fn display_ids(values: &[String]) -> Result<Vec<String>, Error> {
    values
        .iter()
        .map(|value| {
            let text = value.trim();
            let number = match text.split_at_checked(4) {
                Some((prefix, number)) if prefix.eq_ignore_ascii_case("INC-") => number,
                _ => text,
            };
            if !number.is_empty() && number.len() <= 18 && number.bytes().all(|b| b.is_ascii_digit()) {
                let significant = number.trim_start_matches('0');
                return Ok(if significant.is_empty() { "0" } else { significant }.to_owned());
            }
            Err(Error::argument(
                "incident-id-filters",
                format!("`{}` is not a display number such as `781` or `INC-781`", shown(value)),
            ))
        })
        .collect()
}
