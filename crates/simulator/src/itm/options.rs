//! The switches of Insider Threat Management: little is known of it in public, so there are many.

use std::fmt;

use crate::options::{NullStyle, OverCap, TieOrder, TimePrecision, TokenBody};

/// How Insider Threat Management behaves. Part of [`crate::Options`].
#[derive(Clone)]
pub struct ItmOptions {
    /// The only API key's id. Default `simulator-itm-client`.
    pub client_id: String,
    /// The only API key's secret. Default `simulator-itm-secret`.
    pub client_secret: String,
    /// The only version that is served; others are 404. Default `v2`.
    pub api_version: String,
    /// Seconds that a token is good for. Default 86399, as seen of a live tenant.
    pub token_life_seconds: u32,
    /// Shape of the token endpoint's 200.
    pub token_body: TokenBody,
    /// Whether refresh tokens are given and taken. Default [`RefreshTokens::Given`].
    pub refresh_tokens: RefreshTokens,
    /// Whether a token request may be JSON, also where its header says it were a form. Default true.
    pub json_token_body: bool,
    /// How `_status` is written. Default [`StatusStyle::Number`].
    pub status_style: StatusStyle,
    /// How absent values of events and users are written. Default [`NullStyle::Omit`].
    pub null_style: NullStyle,
    /// Whether events carry `contextId` and `partitionKey`. Default true.
    pub timeline_keys: bool,
    /// Whether comments and history tell who wrote them and when; only their texts are known of the
    /// service. Default true.
    pub note_details: bool,
    /// Where `annotations.workflow.state` has the status. Default [`StateLayout::Disposition`].
    pub state_layout: StateLayout,
    /// What is done with `{"state":{"status":…}}`, as clients sent it until 2025. Default
    /// [`FlatWorkflow::Reject`].
    pub flat_workflow: FlatWorkflow,
    /// What a write is answered with. Default [`WriteReply::Event`].
    pub write_reply: WriteReply,
    /// Status of a write's answer that has a body. Default 200; 201 is possible too.
    pub write_status: u16,
    /// How an unknown fqid is answered. Default [`UnknownFqid::Status404`].
    pub unknown_fqid: UnknownFqid,
    /// What the raw e-mail comes as. Default [`MailForm::Octets`].
    pub mail_form: MailForm,
    /// Rows given at once at most, of events and of users. Default 1000.
    pub page_cap: u32,
    /// What happens to a request for more rows. Default [`OverCap::Clamp`].
    pub over_cap: OverCap,
    /// The row behind which nothing can be listed; a page that reaches further is a 400. Default none.
    pub offset_cap: Option<u64>,
    /// The highest total that is told unless `trackTotalHits=true`. Default 10000.
    pub total_cap: u64,
    /// Whether `filters` have any effect. Default true; false shows whether a client notices.
    pub honour_filters: bool,
    /// How precisely filters compare times. Default [`TimePrecision::Millisecond`].
    pub time_precision: TimePrecision,
    /// Order of rows that the sort does not tell apart. Default [`TieOrder::Stable`].
    pub tie_order: TieOrder,
    /// Whether filters of users compare names with regard to case. Default false.
    pub users_by_case: bool,
    /// Where links to screenshots point to, without a slash at the end. Default none: the server's own
    /// address; in memory `https://screenshots.example.com`.
    pub screenshot_origin: Option<String>,
    /// Seconds that a link to a screenshot is good for. Default 900.
    pub screenshot_link_seconds: u32,
    /// Calls that any 60 seconds may hold; more are answered 429. Default none: no limit is known.
    /// Requests for tokens and screenshots do not count, nor do refused ones.
    pub calls_per_minute: Option<u32>,
    /// `Retry-After` on a 429. Default none.
    pub retry_after: Option<String>,
    /// Whether the API key may use activity: events, their annotations, mails. 403 where not. Default
    /// true.
    pub entitled_activity: bool,
    /// Whether the API key may list users; 403 where not. Default true.
    pub entitled_users: bool,
}

impl Default for ItmOptions {
    fn default() -> ItmOptions {
        ItmOptions {
            client_id: "simulator-itm-client".into(),
            client_secret: "simulator-itm-secret".into(),
            api_version: "v2".into(),
            token_life_seconds: 86_399,
            token_body: TokenBody::Usual,
            refresh_tokens: RefreshTokens::Given,
            json_token_body: true,
            status_style: StatusStyle::Number,
            null_style: NullStyle::Omit,
            timeline_keys: true,
            note_details: true,
            state_layout: StateLayout::Disposition,
            flat_workflow: FlatWorkflow::Reject,
            write_reply: WriteReply::Event,
            write_status: 200,
            unknown_fqid: UnknownFqid::Status404,
            mail_form: MailForm::Octets,
            page_cap: 1000,
            over_cap: OverCap::Clamp,
            offset_cap: None,
            total_cap: 10_000,
            honour_filters: true,
            time_precision: TimePrecision::Millisecond,
            tie_order: TieOrder::Stable,
            users_by_case: false,
            screenshot_origin: None,
            screenshot_link_seconds: 900,
            calls_per_minute: None,
            retry_after: None,
            entitled_activity: true,
            entitled_users: true,
        }
    }
}

impl fmt::Debug for ItmOptions {
    /// Names the version; never the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItmOptions").field("api_version", &self.api_version).finish_non_exhaustive()
    }
}

/// What becomes of refresh tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshTokens {
    /// Every answer with a token has one; each stays good.
    Given,
    /// There are none: the key is missing, and the grant is refused.
    Never,
    /// The answer to a refresh has none; the former stays good.
    OmittedOnRefresh,
    /// They are given, and refused with a 401.
    Refused,
}

/// How `_status` is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusStyle {
    /// `{"status":200,…}`.
    Number,
    /// `{"status":"200",…}`, as one client's documentation shows it.
    Text,
    /// Not at all where all is well.
    Missing,
}

/// Where an event's workflow state has the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateLayout {
    /// `{"disposition":{"status":{"id":…},"category":…}}`, as it is written.
    Disposition,
    /// `{"status":"incident:status:new"}`, as one client shows it.
    Flat,
}

/// What is done with `{"state":{"status":…}}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlatWorkflow {
    /// A 400.
    Reject,
    /// It sets the status.
    Accept,
    /// It is answered as if it had been done.
    Ignore,
}

/// What a write is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteReply {
    /// The whole event.
    Event,
    /// `{"_status":…}`.
    StatusOnly,
    /// A 200 without a body.
    Empty,
    /// A 204.
    NoContent,
}

/// How an fqid that is not known is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownFqid {
    /// A 404.
    Status404,
    /// A 200 whose `_status.status` is 404.
    Inner404,
    /// A 200 whose `_status.status` is 400.
    Inner400,
}

/// What the raw e-mail comes as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailForm {
    /// The mail, as `application/octet-stream`.
    Octets,
    /// JSON with the mail in base64.
    Json,
    /// A 200 that is a page to sign in.
    Html,
}
