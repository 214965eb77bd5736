//! Searching events: which rows, in which order, and which page of them.

use std::borrow::Cow;

use serde_json::Value;

use super::Itm;
use super::envelope;
use super::filter::Clause;
use super::options::ItmOptions;
use super::rows::Style;
use super::sort::Sort;
use crate::chance::mix;
use crate::options::{OverCap, TieOrder};
use crate::time::Timestamp;
use crate::wire::{Reply, Request};

/// Rows of a page that does not say how many.
const USUAL_LIMIT: u64 = 100;

/// The rows that a request asks for.
pub(crate) struct Page {
    offset: usize,
    limit: usize,
}

impl Page {
    /// Reads `offset` and `limit`.
    pub(crate) fn parse(options: &ItmOptions, request: &Request) -> Result<Page, Reply> {
        let number = |name: &str, usual: u64| match request.parameter(name) {
            None => Ok(usual),
            Some(text) => text
                .parse::<u64>()
                .map_err(|_| envelope::invalid(&[format!("{name} must be an integer of at least 0.")])),
        };
        let cap = u64::from(options.page_cap);
        let (offset, limit) = (number("offset", 0)?, number("limit", USUAL_LIMIT.min(cap))?);
        if limit > cap && options.over_cap == OverCap::Reject {
            return Err(envelope::invalid(&[format!("limit must not exceed {cap}.")]));
        }
        if let Some(last) = options.offset_cap
            && offset.saturating_add(limit) > last
        {
            return Err(envelope::invalid(&[format!("offset and limit must not exceed {last} together.")]));
        }
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Ok(Page { offset: size(offset), limit: size(limit.min(cap)) })
    }

    /// The page's part of all the matches.
    pub(crate) fn of<'a, T>(&self, matches: &'a [T]) -> &'a [T] {
        let start = self.offset.min(matches.len());
        let end = start.saturating_add(self.limit).min(matches.len());
        matches.get(start..end).unwrap_or_default()
    }
}

impl Itm {
    /// `POST /activity/event-queries`.
    pub(crate) fn search(
        &mut self,
        options: &ItmOptions,
        now: Timestamp,
        request: &Request,
        body: &Value,
    ) -> Result<Reply, Reply> {
        let page = Page::parse(options, request)?;
        let filter = body
            .get("filters")
            .filter(|filters| !filters.is_null())
            .map(|filters| Clause::parse(filters, now))
            .transpose()
            .map_err(|wrong| envelope::invalid(&wrong))?
            .filter(|_| options.honour_filters);
        let sort = Sort::parse(body.get("sort")).map_err(|wrong| envelope::invalid(&wrong))?;
        let types = list(request, "entityTypes");
        let sources = list(request, "sources");
        self.searches += 1;
        self.store.write_rows(Style::of(options));

        let mut matches: Vec<_> = self
            .store
            .rows()
            .filter(|(_, ticket, row)| {
                ticket.visible_at <= now
                    && types.as_ref().is_none_or(|types| types.contains(&ticket.entity_type))
                    && sources.as_ref().is_none_or(|sources| sources.contains(&ticket.source))
                    && filter.as_ref().is_none_or(|filter| filter.matches(&row.value, options.time_precision))
            })
            .map(|found| (sort.key(&found.2.value), found))
            .collect();
        matches.sort_by(|(one, _), (other, _)| sort.compare(one, other));
        if options.tie_order == TieOrder::Shuffled {
            let salt = mix(self.secret ^ self.searches);
            for tie in matches.chunk_by_mut(|(one, _), (other, _)| sort.compare(one, other).is_eq()) {
                tie.sort_unstable_by_key(|(_, (place, ..))| mix(salt ^ place.1));
            }
        }

        let screens = list(request, "includes").is_some_and(|it| it.iter().any(|it| it == "screenshots"));
        let rows: Vec<Cow<'_, [u8]>> = page
            .of(&matches)
            .iter()
            .map(|(_, (_, ticket, row))| {
                if screens {
                    Cow::Owned(self.with_screens(options, now, ticket, row.value.clone()).to_string().into())
                } else {
                    Cow::Borrowed(row.text.as_slice())
                }
            })
            .collect();
        if request.header("accept").is_some_and(|accept| accept.contains("application/jsonl")) {
            return Ok(Reply::new(200, "application/jsonl", lines(&rows)));
        }
        let total = matches.len() as u64;
        let exact = request.parameter("trackTotalHits").as_deref() == Some("true");
        let total = if exact { total } else { total.min(options.total_cap) };
        Ok(envelope::list(rows.iter().map(AsRef::as_ref), total))
    }
}

/// The values of a comma-separated parameter; none where it is missing or empty.
pub(crate) fn list(request: &Request, name: &str) -> Option<Vec<String>> {
    let text = request.parameter(name).filter(|text| !text.is_empty())?;
    Some(text.split(',').map(|value| value.trim().to_owned()).collect())
}

/// One row a line.
fn lines(rows: &[Cow<'_, [u8]>]) -> Vec<u8> {
    let mut body = Vec::new();
    for row in rows {
        body.extend_from_slice(row);
        body.push(b'\n');
    }
    body
}
