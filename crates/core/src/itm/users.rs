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

const CURSOR: Seal = Seal { kind: "itm-user-list", version: 2, argument: "cursor" };

/// Users a list gives where nothing else is asked for.
const DEFAULT_LIMIT: u32 = 100;

/// Users that are looked through for one name.
const CANDIDATES: u32 = 200;

/// A query that was checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Checked {
    /// As it goes on the wire, without the part of the page.
    parameters: String,
    /// What rows are compared with: statuses with commas between, then patterns of user name, first and last
    /// name; empty where nothing is asked.
    filters: Vec<String>,
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
        let (page, asked) = self.users(query).await?;
        match page.users.iter().find_map(|user| Some((asked.mismatch(user)?, &user.id))) {
            Some((filter, id)) => Err(Error::InvalidResponse(format!(
                "the service did not honour `{filter}`: it answered user {}, who does not match",
                shown(id)
            ))),
            None => Ok(page),
        }
    }

    /// Lists users as the service gives them, and the query that they should match.
    async fn users(&self, query: &UserQuery) -> Result<(UserPage, Checked), Error> {
        let limit = limit(query.limit, DEFAULT_LIMIT)?;
        let mut cursor =
            paging::open_cursor(&CURSOR, query.cursor.as_deref(), query.given(), || query.check())?;
        // They go on the wire as they stand, and whoever seals a cursor of his own may write anything there.
        if !cursor.query.parameters.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::argument("cursor", "it holds what no query can"));
        }
        let mut page = UserPage::default();
        let mut take = |row: &Row| {
            let (user, warning) = User::read(row, query.include_raw);
            page.users.push(user);
            page.warnings.extend(warning);
            Ok(true)
        };
        let users = Users { parameters: &cursor.query.parameters, limit };
        let more = self.client.rows(&users, &mut cursor.place, &mut take).await?;
        page.total = cursor.place.total;
        if more {
            page.next = Some(CURSOR.seal(&cursor)?);
        }
        Ok((page, cursor.query))
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
        let mut all = true;
        for (asked, settles) in questions(text) {
            let anyone = asked.iter().all(String::is_empty);
            let [alias, first_name, last_name] = asked.map(Some);
            let limit = Some(CANDIDATES);
            let query = UserQuery { alias, first_name, last_name, limit, ..UserQuery::default() };
            let (page, _) = self.users(&query).await?;
            // An address that one has, no other has.
            all &= page.next.is_none() || anyone;
            for user in page.users {
                let candidate = !anyone || user.is_called(text);
                if candidate && user.is_active() && !user.id.is_empty() && !seen.contains(&user) {
                    seen.push(user);
                }
            }
            if !settles {
                continue;
            }
            let matches: Vec<&User> = seen.iter().filter(|user| user.is_called(text)).collect();
            match matches.as_slice() {
                [] => all = true,
                [user] if all => return Ok((*user).clone()),
                _ => return Err(not_one(argument, text, "several users are", matches)),
            }
        }
        Err(not_one(argument, text, "no active user is", seen.iter().collect()))
    }
}

/// What to ask the service to find a name: user name, first and last name, and whether that settles it, or only
/// together with the next one.
///
/// One word may be a user name, else a first or a last name, of which neither counts for more; of more than two,
/// any may be part of either. The service may go by case, and an address that is nobody's user name can only be
/// looked for among all.
fn questions(text: &str) -> Vec<([String; 3], bool)> {
    let mut asked = Vec::new();
    let mut ask = |alias: &str, first: &str, last: &str, settles: bool| {
        asked.push(([alias, first, last].map(str::to_owned), settles));
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        [first, last] => ask("", first, last, true),
        [first, .., last] => ask("", &format!("{first}*"), &format!("*{last}"), true),
        _ => {}
    }
    ask(text, "", "", true);
    if words.len() == 1 {
        let address = text.contains('@');
        if !address {
            ask("", "", text, false);
            ask("", text, "", true);
        }
        let lower = folded(text);
        if lower != text {
            ask(&lower, "", "", true);
        }
        if address {
            ask("", "", "", true);
        }
    }
    asked
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
        let names = [&self.alias, &self.first_name, &self.last_name].map(|name| name.as_deref());
        let filters = [Some(statuses.as_str())].into_iter().chain(names);
        Ok(Checked { parameters, filters: filters.map(|text| folded(text.unwrap_or_default())).collect() })
    }
}

impl Checked {
    /// The filter that a user does not match, if that is certain: then the service ignored it.
    ///
    /// A field that is missing proves nothing.
    fn mismatch(&self, user: &User) -> Option<&'static str> {
        let names = ["status", "alias", "first-name", "last-name"].into_iter();
        let fields = [&user.status, &user.alias, &user.first_name, &user.last_name];
        names.zip(fields).zip(&self.filters).find_map(|((name, field), asked)| {
            let field = folded(field.as_ref()?);
            let is = match name {
                "status" => asked.split(',').any(|status| status == field),
                _ => is_like(field.as_bytes(), asked.as_bytes()),
            };
            (!is && !asked.is_empty()).then_some(name)
        })
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

/// Whether a text is as a pattern says, in which `*` stands for any text.
fn is_like(mut text: &[u8], mut pattern: &[u8]) -> bool {
    // Behind the last `*`, and where the text goes on should that `*` stand for more.
    let mut again: Option<(&[u8], &[u8])> = None;
    loop {
        match (pattern.split_first(), text.split_first()) {
            (Some((b'*', behind)), _) => {
                pattern = behind;
                again = Some((behind, text));
            }
            (Some((asked, behind)), Some((found, rest))) if asked == found => {
                (pattern, text) = (behind, rest)
            }
            (None, None) => return true,
            _ => {
                let Some((behind, rest)) = again.and_then(|(behind, text)| Some((behind, text.get(1..)?)))
                else {
                    return false;
                };
                (pattern, text) = (behind, rest);
                again = Some((behind, rest));
            }
        }
    }
}

/// Whether a text has the shape of an id.
pub(super) fn is_uuid(text: &str) -> bool {
    let shape = text.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    shape && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}
