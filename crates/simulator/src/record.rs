//! What came over the wire, for tests to look at.

use std::ops::Deref;

use serde_json::Value;

use crate::time::Timestamp;
use crate::wire::Request;

/// A request that was received, token requests included. It reads like its [`Request`].
#[derive(Debug, Clone)]
pub struct Recorded {
    /// When it came, by the vendor's clock.
    pub at: Timestamp,
    /// The request.
    pub request: Request,
    /// The status that was answered; 0 where the connection dropped without an answer.
    pub status: u16,
    /// Whether a fault struck it and made a difference.
    pub struck: bool,
}

impl Recorded {
    /// The body as JSON; null where it is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.request.body).unwrap_or_default()
    }

    /// The body as form fields, in their order.
    pub fn form(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(&self.request.body).into_owned().collect()
    }
}

impl Deref for Recorded {
    type Target = Request;

    fn deref(&self) -> &Request {
        &self.request
    }
}
