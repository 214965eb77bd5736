//! The switches: what may be configured, and every point on which accounts of the services differ.

use std::fmt;

use chrono::TimeDelta;

use crate::ctr::options::ResponseOptions;
use crate::itm::ItmOptions;
use crate::time::Timestamp;

/// How the vendor behaves: what both products have in common, and what is Cloud Threat Response's own. Each
/// may be changed at any time through [`crate::Vendor::options`].
#[derive(Clone)]
pub struct Options {
    /// Seeds everything that looks random: ids, tokens, [`crate::Vendor::seed`],
    /// [`crate::Vendor::seed_tickets`], shuffled ties.
    pub seed: u64,
    /// The only API key's id. Default `simulator-client`.
    pub client_id: String,
    /// The only API key's secret. Default `simulator-secret`.
    pub client_secret: String,
    /// Seconds that a token is good for. Default 3600, as the service says.
    pub token_life_seconds: u32,
    /// Shape of the token endpoint's 200.
    pub token_body: TokenBody,
    /// Where time comes from. Default a fixed instant, which only the test moves.
    pub clock: Clock,
    /// How far the `Date` header is ahead of the vendor's clock. Default zero.
    pub clock_skew: TimeDelta,
    /// Whether answers carry a `Date` header. Default true.
    pub date_header: bool,
    /// How absent values are written. Default [`NullStyle::Explicit`], the newer of the two.
    pub null_style: NullStyle,
    /// Rows given at once at most. Default 200; 500 has been seen to work too.
    pub page_cap: u32,
    /// What happens to a request for more rows. Default [`OverCap::Clamp`].
    pub over_cap: OverCap,
    /// Whether the row numbered `endRow` is part of the page. Default [`EndRow::Exclusive`].
    pub end_row: EndRow,
    /// The key that filters by disposition. Default `disposition_filters`; the service
    /// ignores the key `disposition`, which some clients send.
    pub disposition_key: String,
    /// What a value outside a filter's vocabulary does. Default [`UnknownValues::Ignored`].
    pub unknown_values: UnknownValues,
    /// Whether filters have any effect. Default true; false shows whether a client notices.
    pub honour_filters: bool,
    /// Keys of `filters`, and parameters of the list of workflows, that have no effect. Default none.
    pub ignored_filters: Vec<String>,
    /// Whether a row created exactly at a time filter's `start` is in. Default true.
    pub start_inclusive: bool,
    /// Whether a row created exactly at a time filter's `end` is in. Default true.
    pub end_inclusive: bool,
    /// How precisely time filters compare. Default [`TimePrecision::Millisecond`].
    pub time_precision: TimePrecision,
    /// Order of rows that have the sort column's value in common. Default [`TieOrder::Stable`].
    pub tie_order: TieOrder,
    /// Calls that any 60 seconds may hold; more are answered 429. Default 10. Token requests do not
    /// count, nor do refused ones.
    pub calls_per_minute: Option<u32>,
    /// Calls that any 24 hours may hold. Default none: only one account mentions such a limit.
    pub calls_per_day: Option<u32>,
    /// `Retry-After` on a 429. Default none: the service does not send it.
    pub retry_after: Option<String>,
    /// Whether the API key may use incidents, messages and workflows; 403 where not. Default true.
    pub entitled_incidents: bool,
    /// Whether the API key may use the organisational lists; 403 where not. Default true.
    pub entitled_email_protection: bool,
    /// Status of a created incident. Default 200; 201 is possible too.
    pub create_status: u16,
    /// Messages, workflows and the organisational lists.
    pub response: ResponseOptions,
    /// What is Insider Threat Management's own: keys, limits and switches.
    pub itm: ItmOptions,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            seed: 0,
            client_id: "simulator-client".into(),
            client_secret: "simulator-secret".into(),
            token_life_seconds: 3600,
            token_body: TokenBody::Usual,
            clock: Clock::Manual(Timestamp::UNIX_EPOCH + TimeDelta::seconds(1_780_000_000)),
            clock_skew: TimeDelta::zero(),
            date_header: true,
            null_style: NullStyle::Explicit,
            page_cap: 200,
            over_cap: OverCap::Clamp,
            end_row: EndRow::Exclusive,
            disposition_key: "disposition_filters".into(),
            unknown_values: UnknownValues::Ignored,
            honour_filters: true,
            ignored_filters: Vec::new(),
            start_inclusive: true,
            end_inclusive: true,
            time_precision: TimePrecision::Millisecond,
            tie_order: TieOrder::Stable,
            calls_per_minute: Some(10),
            calls_per_day: None,
            retry_after: None,
            entitled_incidents: true,
            entitled_email_protection: true,
            create_status: 200,
            response: ResponseOptions::default(),
            itm: ItmOptions::default(),
        }
    }
}

impl fmt::Debug for Options {
    /// Names the clock and the seed; never the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("seed", &self.seed)
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}

/// Where time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// It is this instant until the test says otherwise.
    Manual(Timestamp),
    /// This machine's clock. Setting or advancing the vendor's time sets it ahead or back from there.
    System,
}

/// How values that are absent are written; it goes with the age of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NullStyle {
    /// 2024 and 2025: the key is missing, lists are `[]`, rows carry `sid` and `vip`.
    Omit,
    /// 2026: the key is there and null, some empty lists too; rows carry `titlePII`, not `sid` or `vip`.
    Explicit,
}

/// What happens to a request for more than [`Options::page_cap`] rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverCap {
    /// It gets as many as the cap, and still the echo of what it asked for.
    Clamp,
    /// It gets a 400.
    Reject,
}

/// How `endRow` is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndRow {
    /// `0` to `2` are two rows.
    Exclusive,
    /// `0` to `2` are three rows.
    Inclusive,
}

/// What a filter value outside the vocabulary does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownValues {
    /// It is as if it were not there; a list of nothing else does not filter.
    Ignored,
    /// No row has it; a list of nothing else matches nothing.
    MatchNothing,
}

/// How precisely creation times are compared with a time filter, whose ends are whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimePrecision {
    /// The row's time is cut down to its second first.
    Second,
    /// As it is.
    Millisecond,
}

/// Order of rows that the sort column does not tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TieOrder {
    /// Always the same.
    Stable,
    /// Another one on every call.
    Shuffled,
}

/// Shape of the token endpoint's 200.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenBody {
    /// `access_token`, `token_type` `Bearer` and `expires_in`.
    Usual,
    /// `token_type` is `bearer`.
    LowerCaseType,
    /// There is no `access_token`.
    WithoutToken,
    /// There is no `expires_in`.
    WithoutExpiry,
    /// This text, whatever it is.
    Text(String),
}
