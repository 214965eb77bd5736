//! The core's domain types and the contract's records, one for one: total functions, no decisions.

use crate::bindings::exports::proofpoint::connector::{
    dry_run, email_lists, health, incidents, messages as core_messages, tickets, types, users, workflows,
};
use proofpoint_core::Error;
use proofpoint_core::client::PlannedRequest;
use proofpoint_core::ctr::{fetch, incidents as core, lists, messages, workflows as core_workflows};
use proofpoint_core::fetch::Event;
use proofpoint_core::health as core_health;
use proofpoint_core::itm::{
    annotations, fetch as ticket_fetch, screenshots, search, ticket, users as core_users,
};
use proofpoint_core::mail;
use std::time::Duration;

/// A record of the contract made of a domain type whose fields have the same names.
macro_rules! record {
    ($from:ty => $to:ty { $($field:ident),* $(,)? } $(with { $($special:ident: $value:expr),* $(,)? })?) => {
        impl From<$from> for $to {
            #[inline(never)]
            fn from(value: $from) -> Self {
                Self {
                    $($field: value.$field,)*
                    $($($special: {
                        let convert: fn(_) -> _ = $value;
                        convert(value.$special)
                    },)*)?
                }
            }
        }
    };
}

fn milliseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

fn all<A: Into<B>, B>(items: Vec<A>) -> Vec<B> {
    items.into_iter().map(Into::into).collect()
}

fn optional<A: Into<B>, B>(item: Option<A>) -> Option<B> {
    item.map(Into::into)
}

impl From<Error> for types::Error {
    fn from(error: Error) -> Self {
        let failure = |message| types::Failure { message };
        match error {
            Error::InvalidArgument { argument, message, allowed } => {
                Self::InvalidArgument(types::InvalidArgument { argument, message, allowed })
            }
            Error::Configuration { key, message } => {
                Self::Configuration(types::ConfigurationProblem { key, message })
            }
            Error::Unauthorized(message) => Self::Unauthorized(failure(message)),
            Error::Forbidden(message) => Self::Forbidden(failure(message)),
            Error::NotFound(message) => Self::NotFound(failure(message)),
            Error::RateLimited { message, retry_after } => {
                Self::RateLimited(types::RateLimit { message, retry_after_ms: milliseconds(retry_after) })
            }
            Error::Timeout(message) => Self::Timeout(failure(message)),
            Error::Unavailable(message) => Self::Unavailable(failure(message)),
            Error::OutcomeUnknown(message) => Self::OutcomeUnknown(failure(message)),
            Error::Rejected { status, code, message } => {
                Self::Rejected(types::Rejection { status, code, message })
            }
            Error::InvalidResponse(message) => Self::InvalidResponse(failure(message)),
            Error::Unsupported(message) => Self::Unsupported(failure(message)),
        }
    }
}

impl From<core_health::Report> for health::ConnectivityReport {
    fn from(report: core_health::Report) -> Self {
        Self {
            product: report.product.as_str().to_owned(),
            module: report.module.to_owned(),
            ok: report.problem.is_none(),
            message: report.message,
            problem: report.problem.map(Into::into),
            latency_ms: report.latency.map(milliseconds),
            clock_skew_ms: report.clock_skew_ms,
        }
    }
}

record!(incidents::IncidentQuery => core::IncidentQuery {
    start_time, end_time, incident_id_filters, source_filters, other_filters, verdict_filters,
    disposition_filters, confidence_filters, priority_filters, sort, limit, cursor, include_raw,
});

record!(types::PageQuery => messages::PageQuery { limit, cursor, include_raw });

record!(incidents::FetchOptions => fetch::FetchOptions {
    first_fetch, max_fetch, fetch_states, fetch_delta_minutes, closed_lookback_days, incident_type,
    fetch_enrich, include_raw,
});

record!(incidents::NewIncident => core::NewIncident { title, description, priority });

record!(incidents::MessageUpload => core::MessageUpload {
    incident_id, rfc_message_id, recipient_addresses, sender, subject, disposition,
});

record!(core::IncidentSource => incidents::IncidentSource { kind, name });

record!(core::Incident => incidents::Incident {
    id, display_id, sid, tenant_id, title, description, state, priority, created_at, updated_at, opened_at,
    closed_at, assigned_team_id, assigned_team_name, assigned_user_id, assigned_user_name, message_count,
    comment_count, false_positive_count, vap, vip, source_types, abuse_source_ids, dispositions,
    clear_verdicts, clear_confidences, url, raw_json,
} with { sources: all });

record!(core::IncidentPage => incidents::IncidentPage { total, next, warnings } with { incidents: all });

record!(core::Comment => incidents::IncidentComment {
    id, author, author_id, text, deleted, created_at, updated_at,
});

record!(core::Activity => incidents::IncidentActivity {
    id, activity_type, content, cause_type, cause_name, occurred_at, details_json,
});

record!(core::IncidentDetail => incidents::IncidentDetail { raw_json } with {
    incident: Into::into, comments: all, activities: all,
});

record!(core::CreatedIncident => incidents::CreatedIncident { id, display_id, created_at, url });

record!(core::UploadedMessage => incidents::UploadedMessage {
    incident_id, incident_display_id, rfc_message_id, uploaded_recipients_count,
});

record!(messages::Message => types::Message {
    id, email_id, rfc_message_id, subject, sender_address, recipient_address, received_at, created_at,
    updated_at, disposition, clear_verdict, clear_confidence, remediation_status, delivered, read,
    permitted_clicks, source_types, tap_threat_types, incident_ids, content_present, raw_json,
});

record!(messages::MessagePage => types::MessagePage { total, next, warnings } with { messages: all });

record!(core_messages::MessageQuery => messages::MessageQuery {
    start_time, end_time, message_id_filters, recipient_address_filters, sender_address_filters, subject_filters,
    source_filters, other_filters, verdict_filters, disposition_filters, confidence_filters, status_filters,
    quarantine_filters, tap_threat_filters, tap_threat_type_filters, sort, limit, cursor, include_raw,
});

record!(core_workflows::Workflow => workflows::Workflow {
    id, name, description, enabled, kind, on_demand, created_at, updated_at, raw_json,
});

record!(core_workflows::Run => workflows::Run {
    id, workflow_id, state, created_at, updated_at, raw_json,
});

record!(lists::ListEntry => email_lists::ListEntry { attribute, operator, value, comment, raw_json });

record!(email_lists::ListEntry => lists::ListEntry { attribute, operator, value, comment, raw_json });

impl From<lists::Outcome> for email_lists::EntryReceipt {
    fn from(outcome: lists::Outcome) -> Self {
        Self { outcome: outcome.as_str().to_owned() }
    }
}

impl From<PlannedRequest> for dry_run::PlannedRequest {
    fn from(planned: PlannedRequest) -> Self {
        Self { method: planned.method.to_owned(), url: planned.url, body: planned.body }
    }
}

record!(fetch::FetchedIncident => incidents::FetchedIncident {
    name, occurred, incident_type, url, enrichment_error, warning,
} with {
    event: |event: Event| event.as_str().to_owned(),
    incident: Into::into,
    detail: optional,
});

impl From<fetch::IncidentBatch> for incidents::IncidentBatch {
    fn from(batch: fetch::IncidentBatch) -> Self {
        Self {
            incidents: all(batch.incidents),
            checkpoint: batch.checkpoint,
            more: batch.more,
            retry_after_ms: batch.retry_after.map(milliseconds),
            warnings: batch.warnings,
        }
    }
}

record!(mail::Attachment => types::Attachment { name, content_type, size, sha256 });

record!(mail::Mailbox => types::Mailbox { email, name });

record!(mail::AuthenticationResult => types::AuthenticationResult { server, method, outcome, detail });

record!(mail::MailSummary => types::MailSummary {
    rfc_message_id, subject, date, links, warnings,
} with {
    from_addresses: all, reply_to_addresses: all, to_addresses: all, cc_addresses: all, authentication: all,
    attachments: all,
});

record!(mail::Eml => types::Eml { content, size, sha256, content_type } with { summary: optional });

record!(tickets::TicketQuery => search::TicketQuery {
    start_time, end_time, status_filters, severity_filters, user_filters, name_filters, entity_types,
    filters_json, all_activity, sort, limit, cursor, include_raw,
});

record!(tickets::FetchOptions => ticket_fetch::FetchOptions {
    first_fetch, max_fetch, fetch_delta_minutes, ticket_type, severity_filters, entity_types, filters_json,
    include_raw,
});

record!(tickets::StatusChange => annotations::StatusChange {
    status_id, title, category, assignee, remediation_actions,
});

record!(ticket::TicketUser => tickets::TicketUser { id, email, name, username, display_name, aliases });

record!(ticket::Indicator => tickets::Indicator { id, name, kind });

record!(ticket::TicketMessage => tickets::TicketMessage { kind, subject, sent_at, attachments } with {
    sender: optional, recipients: all,
});

record!(ticket::TicketResource => tickets::TicketResource {
    id, kind, name, path, url, host, target, extension, size, content_type,
});

record!(ticket::TicketEndpoint => tickets::TicketEndpoint { hostname, fqdn, ip });

record!(ticket::TicketNote => tickets::TicketNote { id, kind, text, author, created_at });

record!(ticket::TicketWorkflow => tickets::TicketWorkflow {
    status_id, status_title, category, assignee_id, assignee_name, state_json,
});

record!(ticket::Screenshot => tickets::Screenshot { id, file, width, height, size, windows, host });

record!(screenshots::ScreenshotImage => tickets::ScreenshotImage {
    id, content, size, sha256, content_type,
});

record!(ticket::Ticket => tickets::Ticket {
    id, fqid, incident_id, incident_kind, incident_name, description, status, severity, severity_number,
    rules, observed_at, occurred_at, ingested_at, categories, application, tags, custom_json, timeline_url,
    raw_json,
} with {
    user: optional, endpoint: optional, indicators: all, messages: all, resources: all, comments: all,
    history: all, workflow: optional, screenshots: all,
});

record!(search::TicketPage => tickets::TicketPage { total, next, warnings } with { tickets: all });

record!(ticket_fetch::FetchedTicket => tickets::FetchedTicket { name, occurred, ticket_type, url, warning } with {
    ticket: Into::into,
});

impl From<ticket_fetch::TicketBatch> for tickets::TicketBatch {
    fn from(batch: ticket_fetch::TicketBatch) -> Self {
        Self {
            tickets: all(batch.tickets),
            checkpoint: batch.checkpoint,
            more: batch.more,
            retry_after_ms: batch.retry_after.map(milliseconds),
            warnings: batch.warnings,
        }
    }
}

record!(annotations::TicketReceipt => tickets::TicketReceipt {
    fqid, assignee_id, confirmed_by_reading,
});

record!(users::UserQuery => core_users::UserQuery {
    alias, status, assignments, include_inactive_policies, first_name, last_name, includes, parent_statuses,
    limit, cursor, include_raw,
});

record!(core_users::User => users::User {
    id, alias, email, first_name, last_name, name, status, kind, raw_json,
});

record!(core_users::UserPage => users::UserPage { total, next, warnings } with { users: all });
