//! What believable messages have besides, and messages outside of incidents.

use chrono::TimeDelta;

use super::{PEOPLE, SENDERS, SUBJECTS, before};
use crate::chance::Chance;
use crate::ctr::message::{Message, TapThreat, domain};
use crate::ctr::vocabulary::{CONFIDENCES, DISPOSITIONS, REMEDIATIONS, SOURCES, THREATS, VERDICTS};
use crate::time::Timestamp;

const WEEK_IN_MILLISECONDS: u64 = 7 * 24 * 3_600_000;

/// A message with what follows from its id: when it was received, what its recipient did, its link, and its
/// threat if Targeted Attack Protection found one.
pub(super) fn detailed(message: Message, has_threat: bool) -> Message {
    let mut chance = Chance::of(&message.id);
    let url = format!("https://{}/login?id={:08x}", message.sender_domain(), chance.number() >> 32);
    let delivered = chance.percent(85);
    let read = chance.percent(70).then(|| chance.percent(50));
    let clicks = if chance.percent(25) { chance.below(3) as u32 + 1 } else { 0 };
    let threat = TapThreat {
        tap_id: (0..4).map(|_| format!("{:016x}", chance.number())).collect(),
        kind: chance.pick(&THREATS).into(),
        value: url.clone(),
    };
    Message {
        received_at: before(message.created_at, TimeDelta::seconds(chance.below(600) as i64)),
        delivered,
        read: read.filter(|_| delivered),
        permitted_clicks: if delivered { clicks } else { 0 },
        threats: if has_threat { vec![threat] } else { Vec::new() },
        urls: vec![url],
        ..message
    }
}

/// The message of this number outside of incidents. So many of them as the longest vocabulary has words hold
/// every source, verdict, confidence, disposition and remediation.
pub(super) fn loose(seed: u64, number: usize, now: Timestamp) -> Message {
    let mut chance = Chance::of(&format!("message {number} of {seed}"));
    let word = |words: &[&str]| words.get(number % words.len()).copied().unwrap_or_default().to_owned();
    let source = word(&SOURCES.map(|(_, row)| row));
    let from_tap = source == "tap_alert";
    // Rows sometimes drop the filters' prefix.
    let remediation = match word(&REMEDIATIONS).as_str() {
        "quarantine_mailbox_not_found" => "mailbox_not_found".into(),
        "quarantine_message_not_found" => "message_not_found".into(),
        other => other.to_owned(),
    };
    let sender = chance.pick(&SENDERS);
    let age = TimeDelta::milliseconds(chance.below(WEEK_IN_MILLISECONDS) as i64);
    let message = Message {
        id: chance.uuid(),
        rfc_message_id: format!("<{:016x}@{}>", chance.number(), domain(sender)),
        subject: chance.pick(&SUBJECTS).into(),
        sender: sender.into(),
        recipient: format!("{}@example.com", chance.pick(&PEOPLE)),
        disposition: word(&DISPOSITIONS),
        verdict: Some(word(&VERDICTS)).filter(|_| !from_tap),
        confidence: Some(word(&CONFIDENCES)).filter(|_| !from_tap),
        remediation_status: Some(remediation),
        reporter: source == "abuse_mailbox" && chance.percent(50),
        sources: vec![source],
        ..Message::at(0, before(now, age))
    };
    detailed(message, from_tap)
}
