//! Believable tickets and users, for demonstrations.

use chrono::TimeDelta;

use super::parts::{Endpoint, Incident, Indicator, Message, Note, Person, Resource, Screenshot, Workflow};
use super::status::WorkflowStatus;
use super::ticket::{Ticket, fqid};
use super::user::User;
use super::{Itm, mail};
use crate::chance::{Chance, mix};
use crate::time::Timestamp;

const PEOPLE: [&str; 8] = [
    "Amara Okafor",
    "Bruno Silva",
    "Chen Li",
    "Dalia Haddad",
    "Emeka Eze",
    "Freja Lund",
    "Goran Petrov",
    "Hana Sato",
];
const ANALYSTS: [(&str, &str, &str); 6] = [
    ("Ines", "Moreau", "active"),
    ("Jonas", "Weber", "active"),
    ("Jonas", "Keller", "active"),
    ("Kavita", "Rao", "active"),
    ("Lars", "Holm", "inactive"),
    ("Mina", "Park", "pending"),
];
/// Incidents raised by e-mail: name, indicator, attachment.
const MAILS: [(&str, &str, &str); 4] = [
    ("EMAIL-DLP-PCI", "PCI numbers", "card-numbers.csv"),
    ("EMAIL-DLP-PII", "National ids", "staff-list.csv"),
    ("EMAIL-DLP-SOURCE", "Source code", "billing-service.pdf"),
    ("EMAIL-DLP-HEALTH", "Medical records", "lab-results.pdf"),
];
/// Incidents raised on a machine: name, indicator, file.
const COPIES: [(&str, &str, &str); 3] = [
    ("USB-COPY-CONFIDENTIAL", "Confidential label", "roadmap-2027.pptx"),
    ("WEB-UPLOAD-CUSTOMERS", "Customer records", "customers-q3.xlsx"),
    ("PRINT-AFTER-HOURS", "Confidential label", "merger-terms.docx"),
];
/// Incidents raised in the cloud: name, indicator, file.
const SHARES: [(&str, &str, &str); 3] = [
    ("CLOUD-SHARE-PUBLIC", "Public link", "price-list.xlsx"),
    ("CLOUD-SHARE-PERSONAL", "Personal account", "contracts.zip"),
    ("CLOUD-MASS-DOWNLOAD", "Many files at once", "design-archive.zip"),
];
const SEVERITIES: [&str; 4] = ["850:critical", "700:high", "500:medium", "300:low"];
const WEEK: TimeDelta = TimeDelta::weeks(1);

impl Itm {
    /// Adds so many tickets, taken in during the week before now, and the users they may be assigned to.
    pub(crate) fn seed(&mut self, seed: u64, now: Timestamp, count: usize) {
        for (first, last, status) in ANALYSTS {
            self.add_user(User { last_login: Some(now), ..User::named(first, last).status(status) });
        }
        let first = self.store.next_number();
        let mut chance = Chance::new(mix(seed ^ 0x17).wrapping_add(first));
        let mut ages: Vec<i64> =
            (0..count).map(|_| chance.below(WEEK.num_milliseconds().unsigned_abs()) as i64).collect();
        ages.sort_unstable_by(|one, other| other.cmp(one));
        for (number, age) in (first..).zip(ages) {
            let ingested_at = now.checked_sub_signed(TimeDelta::milliseconds(age)).unwrap_or(now);
            let ticket = self.believable(&mut chance, number, ingested_at, now);
            self.store.add(ticket);
        }
    }

    fn believable(&self, chance: &mut Chance, number: u64, ingested_at: Timestamp, now: Timestamp) -> Ticket {
        let name = chance.pick(&PEOPLE);
        let user = Person {
            vap: chance.percent(10),
            aliases: chance.percent(30).then(|| format!("CORP\\{}", username(name))).into_iter().collect(),
            ..Person::named(name, &format!("{}@example.com", username(name)))
        };
        let id = chance.uuid();
        let mut ticket =
            Ticket { context_id: Some(chance.uuid()), user: Some(user), ..Ticket::bare(number, ingested_at) };
        ticket.fqid = fqid(ticket.partition_key.as_deref().unwrap_or_default(), &id);
        ticket.id = id;
        ticket.observed_at = ingested_at.checked_sub_signed(seconds(chance, 240));
        ticket.occurred_at = ticket.observed_at.and_then(|at| at.checked_sub_signed(seconds(chance, 60)));
        let raised = match chance.below(100) {
            0..45 => e_mail(chance, &mut ticket),
            45..80 => copy(chance, &mut ticket),
            _ => share(chance, &mut ticket),
        };
        if chance.percent(92) {
            self.raise(chance, &mut ticket, raised, now);
        }
        ticket
    }

    /// Makes an incident of the activity, which an analyst may have handled since.
    fn raise(&self, chance: &mut Chance, ticket: &mut Ticket, name: &str, now: Timestamp) {
        let start = ticket.ingested_at;
        ticket.incident = Some(Incident {
            id: chance.uuid(),
            kind: "it:platform:incident".into(),
            name: Some(name.into()),
            description: chance.percent(40).then(|| format!("Raised by the rule {name}.")),
            status: Some(WorkflowStatus::NEW.incident_status()),
            severity: Some(format!("incident:severity:{}", chance.pick(&SEVERITIES))),
            reasons: vec![format!("Rule {name}")],
            remediations: Vec::new(),
        });
        ticket.workflow = Some(Workflow::at(&WorkflowStatus::NEW));
        ticket.history.push(Note::new(start, "Status set to new"));

        let active: Vec<&User> = self.users.iter().filter(|user| user.status == "active").collect();
        let analyst = active.get(chance.below(active.len() as u64) as usize);
        let handled = start.checked_add_signed(seconds(chance, 36 * 3600));
        let slug =
            chance.pick(&["in-progress", "escalated", "resolved", "false-positive", "approved-by-manager"]);
        let (Some(analyst), Some(at), Some(status)) = (analyst, handled, WorkflowStatus::of_slug(slug))
        else {
            return;
        };
        if at > now || !chance.percent(60) {
            return;
        }
        let by = |note: Note| Note { author: Some(analyst.name()), ..note };
        ticket.workflow =
            Some(Workflow { assignee: Some((analyst.id.clone(), analyst.name())), ..Workflow::at(status) });
        if let Some(incident) = &mut ticket.incident {
            incident.status = Some(status.incident_status());
        }
        ticket.history.push(by(Note::new(at, &format!("Assigned to {}", analyst.name()))));
        ticket.history.push(by(Note::new(at, &format!("Status set to {slug}"))));
        let remark =
            chance.pick(&["Asked the user for a reason.", "Sent by mistake.", "Known to the manager."]);
        ticket.comments.push(by(Note { kind: Some("it:comment:note".into()), ..Note::new(at, remark) }));
        if chance.percent(30) {
            ticket.tags.push("follow-up".into());
        }
    }
}

/// A mail that left the company. Gives the name of the incident.
fn e_mail(chance: &mut Chance, ticket: &mut Ticket) -> &'static str {
    let (name, indicator, attachment) = pick(chance, &MAILS);
    let sender = ticket.user.as_ref().and_then(|user| user.email.clone()).unwrap_or_default();
    let recipient = format!("{}@freemail.test", username(chance.pick(&PEOPLE)));
    let subject = chance.pick(&["For tonight", "Backup", "As discussed", "Please check"]).to_owned();
    let attachments = vec![attachment.to_owned()];
    ticket.mail = Some(mail::written(&sender, &recipient, &subject, ticket.ingested_at, &attachments));
    ticket.categories = vec!["pfpt:incident:email:gateway:mta:message:outbound".into()];
    ticket.indicators = vec![found(indicator, "… 4111 1111 1111 1111 …")];
    ticket.messages = vec![Message {
        subject,
        sent_at: ticket.occurred_at,
        sender,
        recipients: vec![recipient],
        attachments,
    }];
    name
}

/// A file that left a machine, watched by its agent.
fn copy(chance: &mut Chance, ticket: &mut Ticket) -> &'static str {
    let (name, indicator, file) = pick(chance, &COPIES);
    let machine = format!("LT-{:04}", chance.below(10_000));
    ticket.source = "endpoint:agent".into();
    ticket.categories = vec!["it:endpoint:file:copy".into()];
    ticket.application = Some(chance.pick(&["Explorer", "Chrome", "Word"]).into());
    ticket.indicators = vec![found(indicator, "CONFIDENTIAL")];
    let size = chance.below(40_000_000);
    ticket.resources = vec![
        Resource {
            labels: vec!["Confidential".into()],
            ..Resource::file(&format!("C:\\Work\\{file}"), size)
        },
        Resource { target: true, ..Resource::file(&format!("E:\\{file}"), size) },
    ];
    ticket.screenshots = (0..=chance.below(3))
        .map(|_| Screenshot {
            windows: vec![format!("{file} on {machine}")],
            ..Screenshot::at(&chance.uuid())
        })
        .collect();
    ticket.endpoint = Some(Endpoint::named(&machine));
    name
}

/// A file that was shared in the cloud.
fn share(chance: &mut Chance, ticket: &mut Ticket) -> &'static str {
    let (name, indicator, file) = pick(chance, &SHARES);
    ticket.source = "cloud:isolation".into();
    ticket.categories = vec!["pfpt:cloud:share".into()];
    if chance.percent(30) {
        ticket.entity_type = "casbevent".into();
    }
    ticket.indicators = vec![Indicator::named(indicator)];
    ticket.resources = vec![
        Resource::file(&format!("/Shared/{file}"), chance.below(9_000_000)),
        Resource::page(&format!("https://drive.example.test/s/{:08x}", chance.number() >> 32)),
    ];
    name
}

fn found(name: &str, snippet: &str) -> Indicator {
    Indicator { snippet: Some(snippet.into()), ..Indicator::named(name) }
}

fn pick(
    chance: &mut Chance,
    choices: &[(&'static str, &'static str, &'static str)],
) -> (&'static str, &'static str, &'static str) {
    choices.get(chance.below(choices.len() as u64) as usize).copied().unwrap_or_default()
}

/// `bruno.silva` of Bruno Silva.
fn username(name: &str) -> String {
    name.to_lowercase().replace(' ', ".")
}

fn seconds(chance: &mut Chance, most: u64) -> TimeDelta {
    TimeDelta::seconds(chance.below(most) as i64 + 1)
}
