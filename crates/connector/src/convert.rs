//! The core's domain types and the contract's records, one for one: total functions, no decisions.

use crate::bindings::exports::proofpoint::connector::{health, incidents, types};
use proofpoint_core::Error;
use proofpoint_core::fetch::Event;
use proofpoint_core::ctr::{fetch, health as ctr_health, incidents as core, messages};
use std::time::Duration;

/// A record of the contract made of a domain type whose fields have the same names.
macro_rules! record {
    ($from:ty => $to:ty { $($field:ident),* $(,)? } $(with { $($special:ident: $value:expr),* $(,)? })?) => {
        impl From<$from> for $to {
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

impl From<ctr_health::Report> for health::ConnectivityReport {
    fn from(report: ctr_health::Report) -> Self {
        Self {
            product: report.product.to_owned(),
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

record!(messages::MessagePage => incidents::MessagePage { total, next, warnings } with { messages: all });

record!(fetch::FetchedIncident => incidents::FetchedIncident {
    name, occurred, incident_type, url, enrichment_error, warning,
} with {
    event: |event: Event| event.as_str().to_owned(),
    incident: Into::into,
    detail: |detail: Option<_>| detail.map(Into::into),
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
