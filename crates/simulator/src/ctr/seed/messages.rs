//! What believable messages have besides, and messages outside of incidents.

use chrono::TimeDelta;

use super::{PEOPLE, SENDERS, SUBJECTS, before};
use crate::chance::Chance;
use crate::ctr::filter::{DISPOSITIONS, REMEDIATIONS};
use crate::ctr::message::{Message, TapThreat};
use crate::time::Timestamp;

const SOURCES: [&str; 5] = ["abuse_mailbox", "tap_alert", "smart_search", "message_csv_upload", "mail_bomb"];
const VERDICTS: [&str; 4] = ["failed", "low_risk", "manual_review", "threat"];
const CONFIDENCES: [&str; 3] = ["high", "medium", "low"];
const THREATS: [&str; 4] = [
    "delivered_attachment_threat",
    "delivered_message_threat",
    "delivered_url_threat",
    "unprotected_url_threat",
];

/// A message with what follows from its id: when it was received, what its recipient did, its link, and its
/// threat if it is from Targeted Attack Protection.
pub(super) fn detailed(message: Message, from_tap: bool) -> Message {
    let mut chance = Chance::of(&message.id);
    let url = format!("https://{}/login?id={:08x}", message.sender_domain(), chance.number() >> 32);
    let delivered = chance.percent(85);
    let read = [None, Some(true), Some(false)];
    let threat = |chance: &mut Chance| TapThreat {
        tap_id: (0..4).map(|_| format!("{:016x}", chance.number())).collect(),
        kind: chance.pick(&THREATS).into(),
        value: url.clone(),
    };
    Message {
        received_at: before(message.created_at, TimeDelta::seconds(chance.below(600) as i64)),
        delivered,
        read: read.get(chance.below(3) as usize).copied().flatten().filter(|_| delivered),
        permitted_clicks: if delivered && chance.percent(20) { chance.below(3) as u32 + 1 } else { 0 },
        threats: if from_tap { vec![threat(&mut chance)] } else { Vec::new() },
        urls: vec![url],
        ..message
    }
}

/// The message of this number outside of incidents. So many of them as the longest vocabulary has words hold
/// every word of each.
pub(super) fn loose(number: usize, now: Timestamp) -> Message {
    let mut chance = Chance::of(&format!("loose message {number}"));
    let word = |words: &[&str]| words.get(number % words.len()).copied().unwrap_or_default().to_owned();
    let source = word(&SOURCES);
    let status = word(&REMEDIATIONS);
    // Rows sometimes drop the prefix.
    let status = match status.strip_prefix("quarantine_") {
        Some(short @ ("mailbox_not_found" | "message_not_found")) => short.to_owned(),
        _ => status,
    };
    let sender = chance.pick(&SENDERS);
    let created_at = before(now, TimeDelta::milliseconds(chance.below(7 * 24 * 3_600_000) as i64));
    let from_tap = source == "tap_alert";
    let message = Message {
        id: chance.uuid(),
        rfc_message_id: format!("<{:016x}@{}>", chance.number(), crate::ctr::message::domain(sender)),
        subject: chance.pick(&SUBJECTS).into(),
        sender: sender.into(),
        recipient: format!("{}@example.com", chance.pick(&PEOPLE)),
        disposition: word(&DISPOSITIONS),
        verdict: Some(word(&VERDICTS)).filter(|_| !from_tap),
        confidence: Some(word(&CONFIDENCES)).filter(|_| !from_tap),
        remediation_status: Some(status),
        reporter: source == "abuse_mailbox" && chance.percent(50),
        sources: vec![source],
        ..Message::at(0, created_at)
    };
    detailed(message, from_tap)
}
