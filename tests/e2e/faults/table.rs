//! What goes wrong, and what is expected then.

use std::time::Duration;

use proofpoint_simulator::{Cut, FaultKind, MalformedKind};

use super::door::Trouble;
use super::subjects::{Kind, Subject};

/// Something that goes wrong.
#[derive(Clone)]
pub(super) struct Fault {
    pub(super) name: &'static str,
    pub(super) how: How,
    /// Settings that it needs.
    pub(super) settings: &'static [(&'static str, &'static str)],
    /// Requests for a token, where the token is needed.
    tokens: usize,
    /// What comes of it, by [`Kind`]: outcome, requests that were struck, and whether the write was done.
    pub(super) cells: [&'static str; 6],
}

#[derive(Clone)]
pub(super) enum How {
    /// No connection comes about.
    Door(Trouble),
    /// The first request is struck.
    Once(FaultKind),
    /// Every one is.
    Always(FaultKind),
    /// Every one is led to another host.
    Redirect,
    /// The token's answer holds none.
    NoToken,
}

/// Requests that differ from their kind under some faults, and why.
pub(super) struct Exception {
    pub(super) subjects: &'static [&'static str],
    pub(super) faults: &'static [&'static str],
    pub(super) cell: &'static str,
    /// Requests for a token, where the number differs, too.
    pub(super) tokens: Option<usize>,
    pub(super) why: &'static str,
}

/// Those that are struck by 64 MiB with the usual bound on answers, which costs time: one of each kind.
const AT_THE_USUAL_BOUND: [&str; 5] = [
    "health.test-connectivity (ctr)",
    "incidents.incident-list",
    "incidents.incident-create",
    "tickets.email-get",
    "tickets.ticket-set-status",
];

/// Answers that a fault leaves as they are: what is no list has no rows, and a number of one digit is not cut off.
const UNTOUCHED: [(&str, &[&str]); 2] = [
    (
        WRONG_ROW,
        &[
            "incidents.incident-count",
            "messages.message-download (download)",
            "tickets.email-get",
            "tickets.screenshot-get (link)",
        ],
    ),
    ("truncated JSON", &["incidents.incident-count"]),
];

/// Those whose answer is a list of several rows.
const LISTS: [&str; 11] = [
    "incidents.incident-list",
    "incidents.incident-fetch",
    "incidents.incident-messages",
    "messages.message-list",
    "workflows.workflow-list",
    "email-lists.entry-list",
    "email-lists.entry-remove (list)",
    "tickets.ticket-search",
    "tickets.ticket-fetch",
    "users.user-list",
    "dry-run.entry-remove",
];

const WRONG_ROW: &str = "wrong JSON types within a row";
const ROW_AMONG_GOOD_ONES: &str = "malformed row among good ones";
const USUAL_BOUND: &str = "64 MiB body at the default bound";
const EXPIRES: &str = "token that expires in between";

impl Fault {
    /// Whether it can strike a request.
    pub(super) fn strikes(&self, subject: &Subject) -> bool {
        let first = subject.before == 0;
        let name = subject.name();
        let is_among = |names: &[&str]| names.contains(&name.as_str());
        match &self.how {
            _ if subject.kind == Kind::Dry => true,
            // All that goes to a host strikes the first request there.
            How::Door(_) => first || subject.is_link(),
            How::NoToken => first,
            // Others that go out beside it may come before or after.
            How::Once(FaultKind::RevokeTokens) => {
                subject.kind != Kind::Detail && subject.request != "one of two"
            }
            _ if self.name == ROW_AMONG_GOOD_ONES => is_among(&LISTS),
            _ if self.name == USUAL_BOUND => is_among(&AT_THE_USUAL_BOUND),
            _ => !UNTOUCHED.iter().any(|(fault, names)| *fault == self.name && is_among(names)),
        }
    }

    /// Whether the vendor sees it strike.
    pub(super) fn strikes_at_the_vendor(&self, subject: &Subject) -> bool {
        subject.kind != Kind::Dry && !matches!(self.how, How::Door(_) | How::NoToken)
    }

    /// What a fault makes of a request of its kind.
    pub(super) fn usual(&self, subject: &Subject) -> String {
        self.with(subject, self.cell(subject.kind), None)
    }

    /// What a fault makes of a request.
    pub(super) fn expected(&self, subject: &Subject) -> String {
        let name = subject.name();
        let exceptions = exceptions();
        let exception = exceptions.iter().find(|exception| {
            exception.faults.contains(&self.name) && exception.subjects.contains(&name.as_str())
        });
        match exception {
            Some(exception) => self.with(subject, exception.cell, exception.tokens),
            None => self.usual(subject),
        }
    }

    fn cell(&self, kind: Kind) -> &'static str {
        let [read, detail, creating, changing, confirmed, health] = self.cells;
        match kind {
            Kind::Read => read,
            Kind::Detail => detail,
            Kind::Creating => creating,
            Kind::Changing => changing,
            Kind::Confirmed => confirmed,
            Kind::Health => health,
            Kind::Dry => "ok 0",
        }
    }

    fn with(&self, subject: &Subject, cell: &str, tokens: Option<usize>) -> String {
        let tokens = match self.how {
            _ if subject.kind == Kind::Dry => 0,
            // Its tokens come from the same host.
            How::Door(_) if subject.is_itm() && !subject.is_link() => 0,
            _ => tokens.unwrap_or(self.tokens),
        };
        // What only reads here, and goes well, is followed by the write.
        let then = if subject.writes() && subject.kind == Kind::Read && cell.starts_with("ok") {
            " done"
        } else {
            ""
        };
        format!("{cell}{then}, tokens {tokens}")
    }
}

/// A body of JSON that is right at the top and wrong below.
const WRONG_BELOW: &str = r#"{"incidents":"x","messages":"x","workflows":"x","entries":"x","data":"x","total":"x",
    "id":[],"summary":7,"details":7,"event":7,"state":{},"messageStatus":[],"rfcMessageId":[],"incident_id":[]}"#;

fn instead(status: u16, content_type: &str, body: &str) -> How {
    How::Always(FaultKind::Instead(status, content_type.into(), body.into()))
}

fn malformed(kind: MalformedKind, row: usize) -> How {
    How::Always(FaultKind::MalformedRow { kind, row })
}

/// All faults. Each cell tells the outcome, how many requests were struck (or read to confirm), and `done` where
/// the vendor did what was asked. An outcome is an error's case or
///
/// * `ok`, and with a warning `warning`,
/// * `confirmed`: ok, because reading showed the change,
/// * `without`: ok, but for the detail, whose error is told,
/// * `early`: the fetch ended before the thing whose detail it lacks.
#[rustfmt::skip]
pub(super) fn faults() -> Vec<Fault> {
    use FaultKind::{ContentType, Delay, Drop, Endless, EnvelopeStatus, Html, HtmlStatus, InvalidUtf8, Large,
        RetryAfter, RevokeTokens, Status, Truncate};
    use How::{Always, Door, NoToken, Once, Redirect};
    let fault = |name, how, settings, tokens, cells| Fault { name, how, settings, tokens, cells };
    let minute = || Always(Delay(Duration::from_secs(60)));
    let inside = EnvelopeStatus { status: 409, code: "it:error:conflict".into(), message: "no".into() };
    let json = "application/json";
    vec![
        //     name, what happens, settings, tokens,
        //     [reads, reads a detail, creates, changes, changes what can be read, health]
        fault("connection refused", Door(Trouble::Refused), &[], 1,
            ["unavailable 0", "-", "unavailable 0", "unavailable 0", "unavailable 0", "unavailable 0"]),
        fault("TLS failure", Door(Trouble::Tls), &[], 1,
            ["unavailable 0", "-", "unavailable 0", "unavailable 0", "unavailable 0", "unavailable 0"]),
        fault("DNS failure", Door(Trouble::Dns), &[], 1,
            ["unavailable 0", "-", "unavailable 0", "unavailable 0", "unavailable 0", "unavailable 0"]),
        fault("reset before the request", Always(Drop(Cut::BeforeRequest)), &[], 1,
            ["unavailable 3", "without 3", "outcome-unknown 1", "outcome-unknown 1", "outcome-unknown 2", "unavailable 6"]),
        fault("reset after the request", Always(Drop(Cut::BeforeReply)), &[], 1,
            ["unavailable 3", "without 3", "outcome-unknown 1 done", "outcome-unknown 1 done", "confirmed 2 done", "unavailable 6"]),
        fault("reset in the answer", Always(Drop(Cut::InBody(1))), &[], 1,
            ["unavailable 3", "without 3", "outcome-unknown 1 done", "outcome-unknown 1 done", "confirmed 2 done", "unavailable 6"]),
        fault("delay past the request's timeout", minute(), &[("request_timeout_ms", "4000")], 1,
            ["timeout 1", "without 3", "outcome-unknown 1 done", "outcome-unknown 1 done", "confirmed 2 done", "timeout 2"]),
        fault("delay past the call's timeout", minute(), &[("call_timeout_ms", "6000")], 1,
            ["timeout 1", "early 1", "outcome-unknown 1 done", "outcome-unknown 1 done", "outcome-unknown 1 done", "timeout 1"]),
        fault("400", Always(Status(400)), &[], 1,
            ["rejected 1", "without 3", "rejected 1", "rejected 1", "rejected 1", "rejected 2"]),
        fault("401 once", Once(Status(401)), &[], 2,
            ["ok 2", "ok 2", "ok 2 done", "ok 2 done", "ok 2 done", "ok 3"]),
        fault("401 always", Always(Status(401)), &[], 2,
            ["unauthorized 2", "early 2", "unauthorized 2", "unauthorized 2", "unauthorized 2", "unauthorized 2"]),
        fault("403", Always(Status(403)), &[], 1,
            ["forbidden 1", "without 3", "forbidden 1", "forbidden 1", "forbidden 1", "forbidden 2"]),
        fault("404", Always(Status(404)), &[], 1,
            ["not-found 1", "without 1", "not-found 1", "not-found 1", "not-found 1", "not-found 2"]),
        fault("409", Always(Status(409)), &[], 1,
            ["rejected 1", "without 3", "rejected 1", "rejected 1", "rejected 1", "rejected 2"]),
        fault("429 once, with time to wait", Once(RetryAfter(429, "1".into())), &[("quota_wait_ms", "5000")], 1,
            ["ok 2", "ok 2", "ok 2 done", "ok 2 done", "ok 2 done", "ok 3"]),
        fault("429 once", Once(Status(429)), &[("call_timeout_ms", "20000")], 1,
            ["rate-limited 1", "early 1", "rate-limited 1", "rate-limited 1", "rate-limited 1", "rate-limited 1"]),
        fault("429 always", Always(Status(429)), &[("call_timeout_ms", "20000")], 1,
            ["rate-limited 1", "early 1", "rate-limited 1", "rate-limited 1", "rate-limited 1", "rate-limited 1"]),
        fault("500, though it was done", instead(500, json, "{}"), &[], 1,
            ["unavailable 3", "without 3", "outcome-unknown 1 done", "outcome-unknown 1 done", "confirmed 2 done", "unavailable 6"]),
        fault("502", Always(Status(502)), &[], 1,
            ["unavailable 3", "without 3", "outcome-unknown 1", "outcome-unknown 1", "outcome-unknown 2", "unavailable 6"]),
        fault("503", Always(Status(503)), &[], 1,
            ["unavailable 3", "without 3", "outcome-unknown 1", "outcome-unknown 1", "outcome-unknown 2", "unavailable 6"]),
        fault("HTML page with 200", Always(Html), &[], 1,
            ["invalid-response 1", "without 3", "outcome-unknown 1", "outcome-unknown 1", "outcome-unknown 2", "invalid-response 2"]),
        fault("HTML page with 502", Always(HtmlStatus(502)), &[], 1,
            ["unavailable 3", "without 3", "outcome-unknown 1", "outcome-unknown 1", "outcome-unknown 2", "unavailable 6"]),
        fault("empty body with 200", instead(200, json, ""), &[], 1,
            ["invalid-response 1", "without 3", "outcome-unknown 1 done", "ok 1 done", "ok 1 done", "invalid-response 2"]),
        fault("empty body with 204", instead(204, json, ""), &[], 1,
            ["invalid-response 1", "without 3", "outcome-unknown 1 done", "ok 1 done", "ok 1 done", "invalid-response 2"]),
        fault("truncated JSON", Always(Truncate(10)), &[], 1,
            ["invalid-response 1", "without 3", "outcome-unknown 1 done", "outcome-unknown 1 done", "confirmed 2 done", "invalid-response 2"]),
        fault("wrong JSON type at the top", instead(200, json, "\"text\""), &[], 1,
            ["invalid-response 1", "without 3", "outcome-unknown 1 done", "outcome-unknown 1 done", "confirmed 2 done", "invalid-response 2"]),
        fault("wrong JSON type under the key", instead(200, json, WRONG_BELOW), &[], 1,
            ["invalid-response 1", "without 3", "outcome-unknown 1 done", "ok 1 done", "ok 1 done", "ok 2"]),
        fault(WRONG_ROW, malformed(MalformedKind::WrongTypes, 0), &[], 1,
            ["ok 1", "ok 1", "ok 1 done", "ok 1 done", "ok 1 done", "ok 2"]),
        fault(ROW_AMONG_GOOD_ONES, malformed(MalformedKind::NotAnObject, 1), &[], 1,
            ["warning 1", "-", "-", "-", "-", "-"]),
        fault("error `_status` inside 200", Always(inside), &[], 1,
            ["rejected 1", "without 3", "rejected 1", "rejected 1", "rejected 1", "rejected 2"]),
        fault("64 MiB body", Always(Large(64 << 20)), &[("max_response_bytes", "1048576")], 1,
            ["invalid-response 1", "without 3", "outcome-unknown 1", "outcome-unknown 1", "outcome-unknown 2", "invalid-response 2"]),
        fault(USUAL_BOUND, Always(Large(64 << 20)), &[], 1,
            ["invalid-response 1", "-", "outcome-unknown 1", "outcome-unknown 1", "outcome-unknown 2", "invalid-response 2"]),
        fault("endless body", Always(Endless(65536)), &[("max_response_bytes", "1048576")], 1,
            ["invalid-response 1", "without 3", "outcome-unknown 1", "outcome-unknown 1", "outcome-unknown 2", "invalid-response 2"]),
        fault("invalid UTF-8", Always(InvalidUtf8), &[], 1,
            ["ok 1", "ok 1", "ok 1 done", "ok 1 done", "ok 1 done", "ok 2"]),
        fault("wrong content type", Always(ContentType("text/plain".into())), &[], 1,
            ["ok 1", "ok 1", "ok 1 done", "ok 1 done", "ok 1 done", "ok 2"]),
        fault("redirect to another host", Redirect, &[], 1,
            ["invalid-response 1", "without 3", "outcome-unknown 1", "outcome-unknown 1", "outcome-unknown 2", "invalid-response 2"]),
        fault("token answer without access_token", NoToken, &[], 1,
            ["invalid-response 0", "-", "invalid-response 0", "invalid-response 0", "invalid-response 0", "invalid-response 0"]),
        fault(EXPIRES, Once(RevokeTokens), &[], 2,
            ["ok 2", "-", "ok 2 done", "ok 2 done", "ok 2 done", "ok 3"]),
    ]
}

/// Where a request differs from its kind.
#[rustfmt::skip]
pub(super) fn exceptions() -> Vec<Exception> {
    let exception = |subjects, faults, cell, why| Exception { subjects, faults, cell, tokens: None, why };
    const LINK: &[&str] = &["tickets.screenshot-get (link)"];
    vec![
        exception(
            &["workflows.workflow-list", "email-lists.entry-list", "email-lists.entry-remove (list)",
              "dry-run.entry-remove"],
            &[ROW_AMONG_GOOD_ONES],
            "ok 1", "These answers have no warnings; the row is passed on as it came."),
        exception(
            &["incidents.incident-count"], &["reset in the answer"],
            "ok 1", "A number of one digit cannot be cut off."),
        exception(
            &["incidents.incident-count"], &["invalid UTF-8"],
            "invalid-response 1", "There is no text in a number."),
        exception(
            &["messages.message-download (fetch)"],
            &["empty body with 200", "empty body with 204", "wrong JSON type at the top",
              "wrong JSON type under the key"],
            "ok 1", "Nothing is known of this answer: `fetchStatus` tells whether the mail is loaded."),
        exception(
            &["messages.message-download (fetchStatus)"], &[WRONG_ROW],
            "unavailable 1", "A status that is not known is told, and not waited for."),
        exception(
            &["messages.message-download (download)"], &["wrong JSON type at the top"],
            "unsupported 1", "A short text instead of the mail is what tenants outside the US get."),
        exception(
            &["messages.message-download (download)", "tickets.email-get", "tickets.screenshot-get (link)"],
            &["truncated JSON"],
            "ok 1", "It is no JSON, and nothing tells that a file is cut off."),
        exception(
            &["email-lists.entry-add", "email-lists.entry-remove (removal)"], &["wrong JSON type at the top"],
            "ok 1 done", "What the service answers to a change of a list is not known: any words will do."),
        exception(
            LINK, &["400", "409", "error `_status` inside 200", "wrong content type"],
            "invalid-response 1", "It is a store of files, not the API: it answers a picture, or nothing that could be read."),
        exception(
            LINK, &["403"],
            "unavailable 1", "The link has expired; another call gets a new one."),
        Exception { tokens: Some(1), ..exception(
            LINK, &["401 once", "401 always"],
            "unavailable 1", "A link goes without a token, so that none is renewed.") },
        Exception { tokens: Some(1), ..exception(
            LINK, &[EXPIRES],
            "ok 1", "A link goes without a token.") },
        exception(
            &["workflows.workflow-run-wait"], &[WRONG_ROW],
            "invalid-response 1", "A state that is not known is not waited for."),
        exception(
            &["tickets.screenshot-get (event)"], &[WRONG_ROW],
            "not-found 1", "Of screenshots that cannot be read there is none of this id."),
        exception(
            &["users.user-find", "dry-run.ticket-assign-owner"], &[WRONG_ROW],
            "invalid-argument 2", "Nobody is taken for the user whose row cannot be read."),
    ]
}
