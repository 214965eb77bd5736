//! What is struck: each request of each exported function.

use proofpoint_simulator::itm::{User, WorkflowStatus};
use proofpoint_simulator::{
    AnswerBody, Incident, ListEntry, Matcher, Message, Options, OrgList, Place, Request, Ticket, Timestamp,
    Vendor, Workflow,
};
use proofpoint_tests::{INCIDENTS, fqid, id};
use serde_json::{Value, json};

/// What a request is for, and so what a fault of it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It reads.
    Read,
    /// It reads more about one of several things that are delivered in any case.
    Detail,
    /// It makes something, and the answer has to tell what.
    Creating,
    /// It changes something, and no certain answer is known of it.
    Changing,
    /// It changes something that can be read afterwards.
    Confirmed,
    /// One of two reads, of which each is reported on.
    Health,
    /// It would write, and is not sent.
    Dry,
}

impl Kind {
    pub(super) const ALL: [Kind; 7] =
        [Kind::Read, Kind::Detail, Kind::Creating, Kind::Changing, Kind::Confirmed, Kind::Health, Kind::Dry];
}

/// A request of a function.
#[derive(Clone)]
pub(super) struct Subject {
    pub(super) function: &'static str,
    /// Which of its requests; empty where there is one.
    pub(super) request: &'static str,
    pub(super) kind: Kind,
    pub(super) parameters: Value,
    /// The requests that a fault strikes.
    pub(super) on: Matcher,
    /// Other requests that come before.
    pub(super) before: usize,
    /// Other requests that follow where all goes well.
    pub(super) after: usize,
}

impl Subject {
    pub(super) fn name(&self) -> String {
        match self.request {
            "" => self.function.to_owned(),
            request => format!("{} ({request})", self.function),
        }
    }

    /// Whether it is Insider Threat Management that is asked.
    pub(super) fn is_itm(&self) -> bool {
        let itm = ["tickets.", "users.", "dry-run.ticket-"];
        self.request == "itm" || itm.iter().any(|prefix| self.function.starts_with(prefix))
    }

    /// Whether it goes to a host of its own, without a token.
    pub(super) fn is_link(&self) -> bool {
        self.request == "link"
    }

    /// Whether the function changes something.
    pub(super) fn writes(&self) -> bool {
        let writes = [Kind::Creating, Kind::Changing, Kind::Confirmed].contains(&self.kind);
        writes || self.function == "email-lists.entry-remove"
    }

    fn request(self, request: &'static str, before: usize, after: usize) -> Subject {
        Subject { request, before, after, ..self }
    }
}

/// What is in no text but the mails.
pub(super) const MAIL_TEXT: &str = "The mail itself, which is longer than";

/// The mail of the message and of the ticket.
fn mail() -> String {
    let text = format!("{MAIL_TEXT} all that stands above it, so that its middle is in the text.");
    format!("From: Ada <ada@example.net>\r\nSubject: Private\r\n\r\n{text}\r\n")
}

/// Rows of each list.
pub(super) const ROWS: usize = 3;

/// Everything that the functions ask for. Nothing in it takes time.
pub(super) fn furnish(vendor: &mut Vendor) {
    vendor.options().response.list_body = AnswerBody::Json(r#"{"status":"ok"}"#.into());
    let now = vendor.now();
    let minutes = |n: u64| now - chrono::TimeDelta::minutes(i64::try_from(n).unwrap());
    for n in 1..=3 {
        let message = |n: u64| Message::at(n, minutes(9)).mail(mail()).fetching(&["fetched"]);
        let messages = if n == 1 { (1..=3).map(message).collect() } else { Vec::new() };
        vendor.add_incident(Incident { messages, ..Incident::at(n, minutes(9 - n)) });
        vendor.add_ticket(Ticket { mail: Some(mail().into()), ..Ticket::full(n, minutes(9 - n)) });
        let listed = format!("{n}@example.net");
        vendor.add_entry(OrgList::Block, "example_hosted", ListEntry::new("$from", "equal", &listed));
        vendor.add_workflow(Workflow::on_incidents(n, now).running(&["SUCCESS"]));
    }
    for (first, last) in [("Ines", "Moreau"), ("Jonas", "Weber"), ("Lars", "Holm")] {
        vendor.add_user(User::named(first, last));
    }
    let run = Request::post_json(&run_path(), &json!({ "targetIds": [id(2)] }).to_string());
    let token = vendor.issue_token();
    assert_eq!(vendor.handle(&run.bearer(&token)).status / 100, 2);
    vendor.clear_requests();
}

/// How much was written, in all.
pub(super) fn written(vendor: &Vendor) -> usize {
    let messages: usize = vendor.incidents().map(|incident| incident.messages.len()).sum();
    let entries = vendor.entries(OrgList::Block, "example_hosted");
    // One that is gone counts like one that came.
    let kept = entries.iter().filter(|entry| entry.value != "new@example.net").count();
    let tickets = vendor.tickets().map(|ticket| {
        let workflow = ticket.workflow.as_ref();
        let assigned = workflow.is_some_and(|it| it.assignee.as_ref().is_some_and(|(id, _)| *id == ines()));
        let resolved = workflow.is_some_and(|workflow| workflow.status_id == resolved());
        ticket.comments.len() + ticket.tags.len() + usize::from(assigned) + usize::from(resolved)
    });
    let lists = (entries.len() - kept) + (3 - kept);
    vendor.incidents().count() + messages + vendor.runs().len() + lists + tickets.sum::<usize>()
}

fn workflow() -> String {
    Workflow::on_incidents(1, Timestamp::UNIX_EPOCH).id
}

fn run_path() -> String {
    format!("/api/v1/tric/workflows/{}/run", workflow())
}

/// The run that [`furnish`] began: the first run of any vendor has the same id.
fn run() -> String {
    let mut vendor = Vendor::new(Options::default());
    furnish(&mut vendor);
    vendor.runs()[0].id.clone()
}

fn ines() -> String {
    User::named("Ines", "Moreau").id
}

fn resolved() -> &'static str {
    WorkflowStatus::of_slug("resolved").unwrap().id
}

/// Each request of each function.
pub(super) fn subjects() -> Vec<Subject> {
    let subject = |function, kind, on, parameters| Subject {
        function,
        request: "",
        kind,
        parameters,
        on,
        before: 0,
        after: 0,
    };
    let read = |function, on, parameters| subject(function, Kind::Read, on, parameters);
    let at = |place: &Place| Matcher::place(place.clone());
    let incidents = |part: &str| Matcher::path(&format!("{INCIDENTS}/{part}"));
    let none = || Matcher::path("/none");
    let message = Message::at(1, Timestamp::UNIX_EPOCH).id;
    let entry = |value: &str| {
        let entry = json!({ "attribute": "from", "operator": "equal", "value": value });
        json!({ "list-name": "block", "entry": entry })
    };
    let upload = json!({ "message": {
        "incident-id": id(1), "rfc-message-id": "<a@b>", "recipient-addresses": ["u@example.com"],
    }});
    let start = json!({ "id": workflow(), "target-ids": [id(1)] });
    let by_run = json!({ "run-id": run() });
    let ticket = json!({ "fqid": fqid(1) });
    let with = |key: &str, value: Value| {
        let mut parameters = ticket.clone();
        parameters[key] = value;
        parameters
    };
    let resolve = with("change", json!({ "status-id": resolved() }));
    let (comment, tag) = (with("text", json!("looked at it")), with("tag", json!("tag-9")));
    let download = read("messages.message-download", at(&Place::MailFetch), json!({ "id": message }));
    let screenshot = with("id", json!("1-1"));
    let screenshot = read("tickets.screenshot-get", at(&Place::ItmEvent), screenshot);
    let removal =
        read("email-lists.entry-remove", at(&Place::OrgLists).method("GET"), entry("3@example.net"));
    let health = |product| json!({ "products": [product] });
    let of_two = json!({ "ids": [id(2), id(1)] });
    vec![
        subject("health.test-connectivity", Kind::Health, Matcher::api(), health("ctr")).request("ctr", 0, 0),
        subject("health.test-connectivity", Kind::Health, Matcher::api(), health("itm")).request("itm", 0, 0),
        read("incidents.incident-list", Matcher::search(), json!({ "query": {} })),
        read("incidents.incident-count", incidents("count"), json!({ "query": {} })),
        read("incidents.incident-get", incidents(&id(1)), json!({ "ids": [id(1)] })),
        read("incidents.incident-get", incidents(&id(1)), of_two).request("one of two", 1, 0),
        read("incidents.incident-fetch", Matcher::search(), json!({ "options": {} })),
        subject(
            "incidents.incident-fetch",
            Kind::Detail,
            incidents(&id(1)),
            json!({ "options": { "fetch-enrich": true } }),
        )
        .request("detail", 3, 0),
        read(
            "incidents.incident-messages",
            incidents(&format!("{}/messages", id(1))),
            json!({ "id": id(1), "page": {} }),
        ),
        subject(
            "incidents.incident-create",
            Kind::Creating,
            incidents("createIncident"),
            json!({ "incident": { "title": "once" } }),
        ),
        subject("incidents.incident-add-message", Kind::Creating, incidents("uploadMessage"), upload.clone()),
        read("messages.message-list", at(&Place::Messages), json!({ "query": {} })),
        read("messages.message-get", at(&Place::Message), json!({ "id": message })),
        download.clone().request("fetch", 0, 2),
        Subject { on: at(&Place::MailFetchStatus), ..download.clone() }.request("fetchStatus", 1, 1),
        Subject { on: at(&Place::MailDownload), ..download }.request("download", 2, 0),
        read("workflows.workflow-list", at(&Place::Workflows), json!({})),
        subject("workflows.workflow-run", Kind::Creating, at(&Place::WorkflowRun), start.clone()),
        read("workflows.workflow-run-get", at(&Place::WorkflowRunState), by_run.clone()),
        read("workflows.workflow-run-wait", at(&Place::WorkflowRunState), by_run),
        read("email-lists.entry-list", at(&Place::OrgLists), json!({ "list-name": "block" })),
        subject("email-lists.entry-add", Kind::Changing, at(&Place::OrgLists), entry("new@example.net")),
        Subject { kind: Kind::Changing, on: at(&Place::OrgLists).method("POST"), ..removal.clone() }
            .request("removal", 1, 0),
        removal.clone().request("list", 0, 1),
        read("tickets.ticket-get", at(&Place::ItmEvent), ticket.clone()),
        read("tickets.ticket-search", at(&Place::ItmSearch), json!({ "query": {} })),
        read("tickets.ticket-fetch", at(&Place::ItmSearch), json!({ "options": {} })),
        subject(
            "tickets.ticket-assign-owner",
            Kind::Confirmed,
            at(&Place::ItmWrite),
            with("assignee", json!(ines())),
        ),
        subject("tickets.ticket-set-status", Kind::Confirmed, at(&Place::ItmWrite), resolve.clone()),
        subject("tickets.ticket-add-comment", Kind::Changing, at(&Place::ItmWrite), comment.clone()),
        subject("tickets.ticket-add-tag", Kind::Changing, at(&Place::ItmWrite), tag.clone()),
        read("tickets.email-get", at(&Place::ItmMail), ticket.clone()),
        read("tickets.screenshot-list", at(&Place::ItmEvent), ticket.clone()),
        screenshot.clone().request("event", 0, 1),
        Subject { on: at(&Place::ItmScreenshot), ..screenshot }.request("link", 1, 0),
        read("users.user-list", at(&Place::ItmUsers), json!({ "query": {} })),
        read("users.user-find", at(&Place::ItmUsers), json!({ "name-or-email": "ines.moreau@example.com" })),
        subject("dry-run.incident-create", Kind::Dry, none(), json!({ "incident": { "title": "none" } })),
        subject("dry-run.incident-add-message", Kind::Dry, none(), upload),
        subject("dry-run.workflow-run", Kind::Dry, none(), start),
        subject("dry-run.entry-add", Kind::Dry, none(), entry("new@example.net")),
        Subject { function: "dry-run.entry-remove", ..removal },
        read(
            "dry-run.ticket-assign-owner",
            at(&Place::ItmUsers),
            with("assignee", json!("ines.moreau@example.com")),
        ),
        subject("dry-run.ticket-add-comment", Kind::Dry, none(), comment),
        subject("dry-run.ticket-set-status", Kind::Dry, none(), resolve),
        subject("dry-run.ticket-add-tag", Kind::Dry, none(), tag),
    ]
}
