//! Rows on their way from the list to a batch.

use super::{Passed, Position, Source, Step};
use crate::Error;
use crate::paging::{List, PAGE_ROWS, Page, Row};
use crate::seal::hash;

/// A row as its source reads it. Times are milliseconds since 1970.
#[derive(Clone, Debug)]
pub(crate) struct Entry<R> {
    /// The record.
    pub(crate) record: R,
    /// When it appeared, by the column that the list is sorted by; none where the row does not tell.
    pub(crate) at: Option<i64>,
    /// When it closed, if it is closed.
    pub(crate) closed: Option<i64>,
    /// What is wrong with the row.
    pub(crate) warning: Option<String>,
}

/// A row on its way.
#[derive(Clone, Debug)]
pub(crate) struct Listed<R> {
    /// Identity of the record.
    pub(super) key: u64,
    /// When it appeared, or a later time: a row without a readable one borrows that of the row behind it, so
    /// that it is remembered for long enough.
    pub(super) at: i64,
    /// The second it appeared, or an earlier one: a row without borrows that of the row before it, so that no
    /// reader passes anything by.
    pub(super) second: i64,
    /// Identity of its closing and when that was, if it is closed.
    pub(super) closing: Option<(u64, i64)>,
    /// The record.
    pub(crate) record: R,
    /// What is wrong with the row.
    pub(crate) warning: Option<String>,
}

impl<R> Passed for Listed<R> {
    fn second(&self) -> i64 {
        self.second
    }
}

impl<S: Source> Step<'_, S> {
    /// Lists a page, oldest first, and whether it is the last one. None ends the step: the page cannot
    /// be had, but others were.
    pub(super) async fn page(
        &mut self,
        position: Position,
        until: i64,
        closed: bool,
    ) -> Result<Option<(Vec<Listed<S::Record>>, bool)>, Error> {
        let list = self.source.list(position.list_from().saturating_mul(1000), until, closed);
        let call = list.call(position.row, PAGE_ROWS);
        let listed = match self.source.client().send(&call).await {
            Err(error) => Err(error),
            Ok(response) => match Page::read(&call, &response, list.key(), PAGE_ROWS) {
                Err(error) => Err(error),
                Ok(page) => {
                    self.listed(&page, position, until).map(|rows| (rows, page.is_last(position.row)))
                }
            },
        };
        match listed {
            Ok(listed) => {
                self.pages = self.pages.saturating_add(1);
                Ok(Some(listed))
            }
            Err(error) if self.pages == 0 => Err(error),
            Err(error) => {
                self.stopped = Some(error);
                Ok(None)
            }
        }
    }

    fn listed(
        &self,
        page: &Page<'_>,
        position: Position,
        until: i64,
    ) -> Result<Vec<Listed<S::Record>>, Error> {
        let mut rows = Vec::with_capacity(page.rows.len());
        let mut second = position.second;
        let mut newest = i64::MIN;
        let mut misplaced: usize = 0;
        for raw in &page.rows {
            let row = Row::read(raw);
            let Entry { mut record, at, closed, mut warning } = self.source.read(&row);
            // A time that cannot stand here is as good as none: one odd row must not stop the others.
            let placed = at.filter(|at| *at <= until.saturating_add(2000) && at.div_euclid(1000) >= newest);
            if at.is_some() && placed.is_none() {
                misplaced = misplaced.saturating_add(1);
                warning = Some(format!(
                    "{} {} is listed where its time does not belong; it is passed on as it came",
                    S::NOUN,
                    self.source.keep_raw(&mut record, &row)
                ));
            }
            if let Some(at) = placed {
                newest = at.div_euclid(1000);
                second = newest;
            }
            let key = row.identity();
            let closing = closed.map(|when| (hash(format!("{key} {when}").as_bytes()), when));
            rows.push(Listed { key, at: placed.unwrap_or(i64::MIN), second, closing, record, warning });
        }
        if misplaced > page.rows.len().div_euclid(2) {
            return Err(Error::InvalidResponse(format!(
                "the service did not list {}s in the order asked",
                S::NOUN
            )));
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
