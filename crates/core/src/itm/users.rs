//! Users: listing them, and finding the one of a name.

use super::Itm;
use super::vocabulary as words;
use crate::Error;
use crate::client::Call;
use crate::http::{Transport, encoded};
use crate::json::Object;
use crate::paging::{self, List, Row, limit};
use crate::seal::Seal;
use crate::vocabulary::shown;
use serde::{Deserialize, Serialize};

/// What the key must be entitled to for users, as a person knows it.
pub(super) const USERS: &str = "Insider Threat Management users";

/// Which users are wanted. Fields as in the contract's `user-query`.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct UserQuery {
    pub alias: Option<String>,
    pub status: Vec<String>,
    pub assignments: Option<String>,
    pub include_inactive_policies: Option<bool>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub includes: Option<String>,
    pub parent_statuses: Vec<String>,
    pub limit: Option<u32>,
    pub cursor: Option<String>,
    pub include_raw: bool,
}

/// A user. Fields as in the contract's `user`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct User {
    pub id: String,
    pub alias: Option<String>,
    pub email: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub name: Option<String>,
    pub status: Option<String>,
    pub kind: Option<String>,
    pub raw_json: Option<String>,
}

/// A page of users. Fields as in the contract's `user-page`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct UserPage {
    pub users: Vec<User>,
    pub total: u32,
    pub next: Option<String>,
    pub warnings: Vec<String>,
}

const CURSOR: Seal = Seal { kind: "itm-user-list", version: 1, argument: "cursor" };

/// Users a list gives where nothing else is asked for.
const DEFAULT_LIMIT: u32 = 100;

/// Users that are looked through for one name.
const CANDIDATES: u32 = 200;

/// A query as it goes on the wire, without the part of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Checked {
    parameters: String,
}

struct Users<'a> {
    parameters: &'a str,
    limit: u32,
}

impl List for Users<'_> {
    fn key(&self) -> &'static str {
        "data"
    }

    fn limit(&self) -> u32 {
        self.limit
    }

    fn call(&self, start: u32, rows: u32) -> Call {
        Call::get(USERS, format!("/auth/users?{}limit={rows}&offset={start}", self.parameters))
    }
}

impl<T: Transport> Itm<'_, T> {
    /// Lists users that match a query.
    pub async fn user_list(&self, query: &UserQuery) -> Result<UserPage, Error> {
        let limit = limit(query.limit, DEFAULT_LIMIT)?;
        let mut cursor =
            paging::open_cursor(&CURSOR, query.cursor.as_deref(), query.given(), || query.check())?;
        let parameters = cursor.query.parameters.clone();
        let mut page = UserPage::default();
        let mut take = |row: &Row| {
            let (user, warning) = User::read(row, query.include_raw);
            page.users.push(user);
            page.warnings.extend(warning);
            Ok(true)
        };
        let users = Users { parameters: &parameters, limit };
        let more = self.client.rows(&users, &mut cursor, &mut take).await?;
        page.total = cursor.total;
        if more {
            page.next = Some(CURSOR.seal(&cursor)?);
        }
        Ok(page)
    }

    /// Finds the one active user of a name, a user name or an e-mail address.
    pub async fn user_find(&self, name_or_email: &str) -> Result<User, Error> {
        self.find("name-or-email", name_or_email).await
    }

    pub(super) async fn find(&self, argument: &str, text: &str) -> Result<User, Error> {
        let text = text.trim();
        if text.is_empty() || text.contains('*') {
            return Err(Error::argument(
                argument,
                format!("`{}` is not a name or an e-mail address", shown(text)),
            ));
        }
        let mut seen: Vec<User> = Vec::new();
        for together in questions(text) {
            let mut all = true;
            for query in together {
                let page = self.user_list(&UserQuery { limit: Some(CANDIDATES), ..query }).await?;
                all &= page.next.is_none();
                for user in page.users {
                    if user.is_active() && !user.id.is_empty() && !seen.contains(&user) {
                        seen.push(user);
                    }
                }
            }
            let matches: Vec<&User> = seen.iter().filter(|user| user.is_called(text)).collect();
            match matches.as_slice() {
                [] => {}
                [user] if all => return Ok((*user).clone()),
                _ => return Err(not_one(argument, text, "several users are", matches)),
            }
        }
        Err(not_one(argument, text, "no active user is", seen.iter().collect()))
    }
}

/// What to ask the service to find a name, step by step: one word may be a user name, else a first or a last
/// name, of which neither counts for more.
fn questions(text: &str) -> Vec<Vec<UserQuery>> {
    let by_alias = UserQuery { alias: Some(text.to_owned()), ..UserQuery::default() };
    if text.contains('@') {
        return vec![vec![by_alias]];
    }
    let name = |first: Option<&str>, last: Option<&str>| UserQuery {
        first_name: first.map(str::to_owned),
        last_name: last.map(str::to_owned),
        ..UserQuery::default()
    };
    match text.rsplit_once(char::is_whitespace) {
        Some((first, last)) => vec![vec![name(Some(first.trim()), Some(last))], vec![by_alias]],
        None => vec![vec![by_alias], vec![name(None, Some(text)), name(Some(text), None)]],
    }
}

fn not_one(argument: &str, text: &str, what: &str, candidates: Vec<&User>) -> Error {
    let allowed: Vec<String> = candidates.into_iter().take(20).map(User::candidate).collect();
    let hint =
        if allowed.is_empty() { "`user-list` shows who there is" } else { "give one of these by its id" };
    Error::InvalidArgument {
        argument: argument.to_owned(),
        message: format!("{what} called `{}`; {hint}", shown(text)),
        allowed,
    }
}

impl UserQuery {
    fn given(&self) -> Option<u64> {
        let inactive = self.include_inactive_policies.map(|flag| flag.to_string());
        paging::given(&[
            self.alias.as_slice(),
            &self.status,
            self.assignments.as_slice(),
            inactive.as_slice(),
            self.first_name.as_slice(),
            self.last_name.as_slice(),
            self.includes.as_slice(),
            &self.parent_statuses,
        ])
    }

    fn check(&self) -> Result<Checked, Error> {
        let statuses = words::USER_STATUSES.check_all("status", &self.status)?.join(",");
        let parents = words::PARENT_STATUSES.check_all("parent-statuses", &self.parent_statuses)?.join(",");
        let includes = self
            .includes
            .as_deref()
            .map(|value| words::USER_INCLUDES.check("includes", value))
            .transpose()?;
        let inactive = self.include_inactive_policies.map(|flag| if flag { "true" } else { "false" });
        let mut parameters = String::new();
        for (name, value) in [
            ("alias", self.alias.as_deref()),
            ("status", Some(statuses.as_str())),
            ("assignments", self.assignments.as_deref()),
            ("includeInactivePolicies", inactive),
            ("details.user.firstName", self.first_name.as_deref()),
            ("details.user.lastName", self.last_name.as_deref()),
            ("includes", includes),
            ("parentStatuses", Some(parents.as_str())),
        ] {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                parameters.push_str(&format!("{name}={}&", encoded(value)));
            }
        }
        Ok(Checked { parameters })
    }
}

impl User {
    fn read(row: &Row, include_raw: bool) -> (Self, Option<String>) {
        let mut user = Object::new(&row.value).map(Self::from_object).unwrap_or_default();
        let warning = user.id.is_empty().then(|| "a user has no id; it is passed on as it came".to_owned());
        user.raw_json = (include_raw || warning.is_some()).then(|| row.raw.clone());
        (user, warning)
    }

    fn from_object(o: Object<'_>) -> Self {
        let details = o.object(&["details"]).and_then(|details| details.object(&["user"]));
        let either = |key: &str| details.and_then(|d| d.text(&[key])).or_else(|| o.text(&[key]));
        let (first_name, last_name) = (either("firstName"), either("lastName"));
        let parts: Vec<&str> = [&first_name, &last_name].into_iter().flatten().map(String::as_str).collect();
        let full = (!parts.is_empty()).then(|| parts.join(" "));
        let alias = o.text(&["alias"]);
        Self {
            id: o.text(&["id"]).unwrap_or_default(),
            email: either("email").or_else(|| alias.clone().filter(|alias| alias.contains('@'))),
            name: either("displayName").or_else(|| either("name")).or(full),
            status: o.text(&["status"]),
            kind: o.text(&["kind"]),
            raw_json: None,
            alias,
            first_name,
            last_name,
        }
    }

    /// Only such users are listed by default; where a row does not tell, that is taken for granted.
    fn is_active(&self) -> bool {
        self.status.as_deref().is_none_or(|status| status.eq_ignore_ascii_case("active"))
    }

    /// Whether a text is a name of this user.
    fn is_called(&self, text: &str) -> bool {
        let text = folded(text);
        let full =
            [&self.first_name, &self.last_name].map(|part| part.as_deref().unwrap_or_default()).join(" ");
        let names = [&self.alias, &self.email, &self.name, &self.first_name, &self.last_name];
        names.into_iter().flatten().any(|name| folded(name) == text) || folded(&full) == text
    }

    /// How an error lists a user.
    fn candidate(&self) -> String {
        let name = self.name.as_deref().unwrap_or("(no name)");
        let address = self.email.as_ref().or(self.alias.as_ref());
        let address = address.map(|address| format!(" <{address}>")).unwrap_or_default();
        format!("{name}{address} id:{}", self.id)
    }
}

/// A name for comparing: lower case, single spaces.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().flat_map(char::to_lowercase).collect()
}

/// Whether a text has the shape of an id.
pub(super) fn is_uuid(text: &str) -> bool {
    let shape = text.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    shape && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}
