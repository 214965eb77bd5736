//! Searching messages, and one message in full.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::Ctr;
use super::filter::{Facts, Filter, Scope};
use super::incident::Incident;
use super::message::{Found, Message};
use super::message_row;
use super::options::{MessageShape, MessageTime};
use super::search::{self, Page};
use crate::chance::{Chance, mix};
use crate::options::{Options, TieOrder};
use crate::time::Timestamp;
use crate::wire::Reply;

impl Ctr {
    /// `POST /messages`: a page of rows, with the number of all matches and the echo of the rows asked.
    pub(crate) fn search_messages(
        &mut self,
        options: &Options,
        now: Timestamp,
        body: &Value,
    ) -> Result<Reply, Reply> {
        let page = Page::parse(body, options)?;
        let ascending = search::ascending(body, "received_time")?;
        let filter = Filter::parse(body, Scope::Messages, options)?;
        self.searches += 1;

        let mut matches = self.found(now);
        matches.retain(|found| filter.matches(&facts(found, options)));
        if options.tie_order == TieOrder::Shuffled {
            let salt = mix(options.seed ^ self.searches);
            matches.sort_by_cached_key(|found| mix(salt ^ Chance::of(&found.message.id).number()));
        }
        matches.sort_by_key(|found| found.message.created_at);
        if !ascending {
            matches.reverse();
        }

        let style = options.null_style;
        let rows: Vec<Value> =
            page.of(&matches).iter().map(|found| message_row::snake(found, style)).collect();
        let answer = json!({
            "total": matches.len(),
            "startRow": page.start_row,
            "endRow": page.end_row,
            "messages": rows,
        });
        Ok(Reply::json_value(200, &answer))
    }

    /// `GET /messages/{id}`.
    pub(crate) fn message(&self, options: &Options, now: Timestamp, id: &str) -> Result<Reply, Reply> {
        let found = self.find(now, id)?;
        let style = options.null_style;
        let answer = match options.response.message_shape {
            MessageShape::Details => {
                let details = message_row::details(&found, style);
                json!({ "details": details, "timeline": [], "comments": [] })
            }
            MessageShape::SnakeCase => message_row::snake(&found, style),
            MessageShape::CamelCase => message_row::camel(&found, style),
        };
        Ok(Reply::json_value(200, &answer))
    }

    /// The message, where the endpoints know it by now.
    pub(crate) fn find(&self, now: Timestamp, id: &str) -> Result<Found<'_>, Reply> {
        let found = self.found(now).into_iter().find(|found| found.message.id == id);
        found.ok_or_else(|| Reply::error(404, "Message not found."))
    }

    /// A message as it stands in an incident.
    pub(crate) fn found_in<'a>(&self, incident: &'a Incident, message: &'a Message) -> Found<'a> {
        Found { message, incidents: vec![incident], loaded: self.is_loaded(&message.id) }
    }

    /// Every message that the endpoints know by now, once, in the order in which they were added.
    fn found(&self, now: Timestamp) -> Vec<Found<'_>> {
        let mut all: Vec<Found<'_>> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        let incidents = self.store.iter().map(|(_, incident)| incident);
        for incident in incidents.filter(|incident| incident.visible_at <= now) {
            for message in &incident.messages {
                match places.get(message.id.as_str()).and_then(|place| all.get_mut(*place)) {
                    Some(found) => found.incidents.push(incident),
                    None => {
                        places.insert(&message.id, all.len());
                        all.push(self.found_in(incident, message));
                    }
                }
            }
        }
        let loose = self.loose.iter().filter(|message| !places.contains_key(message.id.as_str()));
        all.extend(loose.map(|message| Found {
            message,
            incidents: Vec::new(),
            loaded: self.is_loaded(&message.id),
        }));
        all
    }

    /// Every message there is, visible or not.
    pub(crate) fn all_messages(&self) -> impl Iterator<Item = &Message> {
        let in_incidents = self.store.iter().flat_map(|(_, incident)| &incident.messages);
        in_incidents.chain(&self.loose)
    }

    /// Changes a message wherever it is.
    pub(crate) fn change_message(&mut self, id: &str, mut change: impl FnMut(&mut Message)) {
        let holds = |incident: &Incident| incident.messages.iter().any(|message| message.id == id);
        let incidents: Vec<String> = self
            .store
            .iter()
            .filter(|(_, incident)| holds(incident))
            .map(|(_, incident)| incident.id.clone())
            .collect();
        for incident in incidents {
            self.store.change(&incident, |incident| {
                incident.messages.iter_mut().filter(|message| message.id == id).for_each(&mut change);
            });
        }
        self.loose.iter_mut().filter(|message| message.id == id).for_each(change);
    }
}

/// What filters look at.
pub(crate) fn facts<'a>(found: &Found<'a>, options: &Options) -> Facts<'a> {
    let message = found.message;
    Facts {
        at: match options.response.message_time {
            MessageTime::ReceivedTime => message.created_at,
            MessageTime::ReceivedAt => message.received_at,
        },
        display_id: 0,
        closed: false,
        vap: found.vap(),
        priority: &[],
        sources: found.sources(),
        dispositions: std::slice::from_ref(&message.disposition),
        verdicts: message.verdict.as_slice(),
        confidences: message.confidence.as_slice(),
        message: Some(message),
    }
}
