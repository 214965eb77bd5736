//! Believable incidents, for demonstrations.

use chrono::TimeDelta;
use serde_json::json;

mod messages;
mod response;

use super::Ctr;
use super::incident::{Activity, Comment, Incident, User};
use super::message::{Message, domain};
use super::write::defang;
use crate::chance::{Chance, mix};
use crate::options::Options;
use crate::time::Timestamp;

const PEOPLE: [&str; 8] = ["amara", "bruno", "chen", "dalia", "emeka", "freja", "goran", "hana"];
const ANALYSTS: [&str; 3] = ["Ines Moreau", "Jonas Weber", "Kavita Rao"];
const SUBJECTS: [&str; 8] = [
    "Your invoice is overdue",
    "Password expires today",
    "Shared document waiting",
    "Updated bank details",
    "Parcel could not be delivered",
    "Payroll correction",
    "Voicemail from +1 202 555 0143",
    "Quick favour?",
];
const SENDERS: [&str; 5] = [
    "billing@pay-portal.test",
    "it@helpdesk-login.test",
    "share@docs-view.test",
    "ceo@exec-mail.test",
    "hr@payrol1.test",
];
const WEEK: TimeDelta = TimeDelta::weeks(1);

impl Ctr {
    /// Adds so many incidents, created in the week before now, numbered on from the newest there is, as many
    /// messages outside of them, and workflows and entries of lists where there are none.
    pub(crate) fn seed(&mut self, options: &Options, now: Timestamp, count: usize) {
        let first = self.store.next_display_id();
        let mut chance = Chance::new(mix(options.seed).wrapping_add(first));
        let mut ages: Vec<i64> =
            (0..count).map(|_| chance.below(WEEK.num_milliseconds().unsigned_abs()) as i64).collect();
        ages.sort_unstable_by(|one, other| other.cmp(one));
        for (display_id, age) in (first..).zip(ages) {
            let created_at = before(now, TimeDelta::milliseconds(age));
            let incident = believable(&mut chance, display_id, created_at, now);
            self.store.add(incident);
        }
        let first = self.loose.len();
        self.loose.extend((first..first + count).map(|number| messages::loose(options.seed, number, now)));
        self.seed_workflows(now);
        self.seed_lists(options);
    }
}

fn believable(chance: &mut Chance, display_id: u64, created_at: Timestamp, now: Timestamp) -> Incident {
    let from_tap = chance.percent(45);
    let (subject, sender) = (chance.pick(&SUBJECTS), chance.pick(&SENDERS));
    let disposition = if from_tap {
        chance.pick(&["phish", "malware", "impostor", "toad"])
    } else {
        chance.pick(&["low_risk", "manual_review", "phish", "spam", "bulk", "suspicious"])
    };
    let verdict = match disposition {
        _ if from_tap => None,
        "low_risk" | "bulk" => Some("low_risk"),
        "phish" => Some("threat"),
        _ => Some("manual_review"),
    };
    let confidence = verdict.map(|_| chance.pick(&["high", "medium", "low"]));
    let messages: Vec<Message> = (0..=chance.below(4))
        .map(|_| Message {
            id: chance.uuid(),
            rfc_message_id: format!("<{:016x}@{}>", chance.number(), domain(sender)),
            subject: subject.into(),
            sender: sender.into(),
            recipient: format!("{}@example.com", chance.pick(&PEOPLE)),
            disposition: disposition.into(),
            verdict: verdict.map(str::to_owned),
            confidence: confidence.map(str::to_owned),
            remediation_status: from_tap.then(|| "quarantine_pending".to_owned()),
            ..Message::at(0, created_at)
        })
        .map(|message| messages::detailed(message, from_tap))
        .collect();
    let recipient = messages.first().map(|message| message.recipient.clone()).unwrap_or_default();
    let title = if from_tap {
        defang(&format!("Message Delivered to {recipient} with link https://{}/login", domain(sender)))
    } else {
        format!("{} reported a message \"{subject}\"", defang(&recipient))
    };
    let analyst = chance.percent(50).then(|| analyst(chance));
    let handled = created_at.checked_add_signed(TimeDelta::minutes(chance.below(36 * 60) as i64 + 5));
    let closed_at = handled.filter(|at| *at <= now && analyst.is_some());
    let priority = chance.pick(&["high", "medium", "low", ""]);

    Incident {
        id: chance.uuid(),
        title,
        closed_at,
        priority: Some(priority.to_owned()).filter(|priority| !priority.is_empty()),
        sources: vec![if from_tap { "tap_alert" } else { "abuse_mailbox" }.into()],
        dispositions: vec![disposition.into()],
        verdicts: verdict.into_iter().map(str::to_owned).collect(),
        confidences: confidence.into_iter().map(str::to_owned).collect(),
        vap: chance.percent(10),
        comments: analyst.iter().zip(closed_at).map(|(author, at)| remark(author, at)).collect(),
        activities: if from_tap {
            vec![quarantine(chance, created_at, "Quarantine delivered threats")]
        } else {
            Vec::new()
        },
        assigned_user: analyst,
        messages,
        ..Incident::at(display_id, created_at)
    }
}

/// An analyst, whose id is always the same.
fn analyst(chance: &mut Chance) -> User {
    let name = chance.pick(&ANALYSTS);
    User { id: Chance::of(name).uuid(), name: name.into() }
}

fn remark(author: &User, at: Timestamp) -> Comment {
    Comment { at, author: author.clone(), text: "Checked and dealt with.".into(), deleted: false }
}

/// What a workflow that quarantines leaves behind.
pub(super) fn quarantine(chance: &mut Chance, at: Timestamp, workflow: &str) -> Activity {
    Activity {
        at,
        kind: "quarantine".into(),
        cause: "history".into(),
        cause_name: Some(workflow.into()),
        details: json!({
            "quarantine_attempts": [{
                "id": chance.uuid(),
                "state": "complete",
                "disposition": "message_moved",
                "destination_folder": null,
            }],
        }),
    }
}

fn before(now: Timestamp, age: TimeDelta) -> Timestamp {
    now.checked_sub_signed(age).unwrap_or(now)
}
