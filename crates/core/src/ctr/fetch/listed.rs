//! Rows on their way from the list to a batch.

use super::Step;
use super::plan::Plan;
use crate::Error;
use crate::ctr::Ctr;
use crate::ctr::incidents::{Incident, by_creation};
use crate::ctr::paging::{PAGE_ROWS, Page, Row, time_range};
use crate::fetch::{Passed, Position};
use crate::http::Transport;
use crate::seal::hash;
use crate::time::{self, from_ms};
use serde_json::json;

/// A row on its way.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    /// Identity of the incident.
    pub(super) key: u64,
    /// Creation in milliseconds, or a later time: a row without a readable one borrows that of the row
    /// behind it, so that it is remembered for long enough.
    pub(super) at: i64,
    /// Second of creation, or an earlier one: a row without borrows that of the row before it, so that no
    /// reader passes anything by.
    pub(super) second: i64,
    /// Identity of its closing and when that was, if it is closed.
    pub(super) closing: Option<(u64, i64)>,
    pub(super) incident: Incident,
    pub(super) warning: Option<String>,
}

impl Passed for Listed {
    fn second(&self) -> i64 {
        self.second
    }
}

impl<T: Transport> Ctr<'_, T> {
    /// Lists a page, oldest first, and whether it is the last one. None ends the step: the page cannot
    /// be had, but others were.
    pub(super) async fn page(
        &self,
        plan: &Plan,
        step: &mut Step,
        position: Position,
        until: i64,
        state: Option<&str>,
    ) -> Result<Option<(Vec<Listed>, bool)>, Error> {
        let from = from_ms(position.list_from().saturating_mul(1000));
        // Fractions are cut off on the wire; the end is rounded up.
        let mut filters = json!({"time_range_filter": time_range(from, from_ms(until.saturating_add(999)))});
        if let (Some(state), Some(filters)) = (state, filters.as_object_mut()) {
            filters.insert("other_filters".into(), json!([state]));
        }
        let listing = by_creation("asc", Some(filters), PAGE_ROWS);
        let call = listing.call(position.row, PAGE_ROWS);
        let listed = match self.client.send(&call).await {
            Err(error) => Err(error),
            Ok(response) => match Page::read(&call, &response, listing.key) {
                Err(error) => Err(error),
                Ok(page) => {
                    self.listed(plan, &page, position, until).map(|rows| (rows, page.is_last(position.row)))
                }
            },
        };
        match listed {
            Ok(listed) => {
                step.pages = step.pages.saturating_add(1);
                Ok(Some(listed))
            }
            Err(error) if step.pages == 0 => Err(error),
            Err(error) => {
                step.stopped = Some(error);
                Ok(None)
            }
        }
    }

    fn listed(
        &self,
        plan: &Plan,
        page: &Page<'_>,
        position: Position,
        until: i64,
    ) -> Result<Vec<Listed>, Error> {
        let instant =
            |text: &Option<String>| text.as_deref().and_then(time::absolute).map(|t| t.timestamp_millis());
        let mut rows = Vec::with_capacity(page.rows.len());
        let mut second = position.second;
        let mut newest = i64::MIN;
        let mut misplaced: usize = 0;
        for raw in &page.rows {
            let row = Row::read(raw);
            let (mut incident, mut warning) =
                Incident::read(&row, plan.include_raw, &self.config.ctr.console_url);
            let created = instant(&incident.created_at);
            // A time that cannot stand here is as good as none: one odd row must not stop the others.
            let placed =
                created.filter(|at| *at <= until.saturating_add(2000) && at.div_euclid(1000) >= newest);
            if created.is_some() && placed.is_none() {
                misplaced = misplaced.saturating_add(1);
                incident.raw_json = Some(row.raw.clone());
                warning = Some(format!(
                    "incident {} is listed where its time of creation does not belong; it is passed on as it came",
                    incident.display_id.as_deref().unwrap_or(&incident.id)
                ));
            }
            if let Some(at) = placed {
                newest = at.div_euclid(1000);
                second = newest;
            }
            let key = row.identity();
            let closed = incident.state.as_deref().is_some_and(|state| state.eq_ignore_ascii_case("closed"));
            let closing = closed.then(|| {
                let ended = instant(&incident.closed_at).or_else(|| instant(&incident.updated_at));
                let when = ended.or(created).unwrap_or(plan.now);
                (hash(format!("{key} {when}").as_bytes()), when)
            });
            rows.push(Listed { key, at: placed.unwrap_or(i64::MIN), second, closing, incident, warning });
        }
        if misplaced > page.rows.len().div_euclid(2) {
            return Err(Error::InvalidResponse(
                "the service did not list incidents in the order asked".into(),
            ));
        }
        let mut behind = until;
        for row in rows.iter_mut().rev() {
            match row.at {
                i64::MIN => row.at = behind,
                at => behind = at,
            }
        }
        Ok(rows)
    }
}
