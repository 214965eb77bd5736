//! People whom tickets are assigned to.

use serde_json::{Map, Value};

use crate::chance::{Chance, mix};
use crate::malformed::MalformedKind;
use crate::time::Timestamp;

/// A user of the console.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// A UUID.
    pub id: String,
    /// The user name, here an e-mail address.
    pub alias: Option<String>,
    /// `active`, `inactive`, `pending`, `deleted` or `error`.
    pub status: String,
    /// The service's kind of user.
    pub kind: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// What the parameter `assignments` finds the user by.
    pub assignments: Vec<String>,
    /// Status of what the user belongs to, for `parentStatuses`.
    pub parent_status: String,
    /// Policies, each with whether it is active.
    pub policies: Vec<(String, bool)>,
    /// When the user last signed in; shown where `lastLoginDate` is included.
    pub last_login: Option<Timestamp>,
    /// Keys that the row carries besides, in place of the usual ones where they are the same.
    pub extra: Map<String, Value>,
    /// What is wrong with the row, if anything.
    pub malformed: Option<MalformedKind>,
}

impl User {
    /// An active user, whose id and address follow from the name.
    pub fn named(first_name: &str, last_name: &str) -> User {
        let email = format!("{first_name}.{last_name}@example.com").to_ascii_lowercase();
        User {
            id: id(&email),
            alias: Some(email.clone()),
            status: "active".into(),
            kind: Some("it:auth:user".into()),
            first_name: Some(first_name.into()),
            last_name: Some(last_name.into()),
            email: Some(email),
            assignments: Vec::new(),
            parent_status: "active".into(),
            policies: Vec::new(),
            last_login: None,
            extra: Map::new(),
            malformed: None,
        }
    }

    /// This user in another status.
    pub fn status(self, status: &str) -> User {
        User { status: status.into(), ..self }
    }

    /// First and last name.
    pub fn name(&self) -> String {
        let names = [self.first_name.as_deref(), self.last_name.as_deref()];
        names.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// A UUID that is always the same for a text.
fn id(text: &str) -> String {
    Chance::new(text.bytes().fold(0, |number, byte| mix(number ^ u64::from(byte)))).uuid()
}
