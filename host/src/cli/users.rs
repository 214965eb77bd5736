//! `proofpoint users`.

use clap::Subcommand;
use serde_json::{Value, json};

use super::query::users::UserQuery;
use super::table::Column;
use super::text::text;
use super::view::View;
use super::{Done, Global, Output, Session};

/// Commands about the users that a ticket can be assigned to.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List users
    List(UserQuery),
    /// Find the one active user of a name, a user name or an e-mail address
    Find {
        #[arg(value_name = "NAME-OR-EMAIL")]
        name_or_email: String,
    },
}

const USERS: [Column; 6] = [
    Column::new("NAME", |row| text(&row["name"])).flexible(),
    Column::new("E-MAIL", |row| text(&row["email"])).flexible(),
    Column::new("STATUS", |row| text(&row["status"])),
    Column::new("USER NAME", |row| text(&row["alias"])).spare(),
    Column::new("KIND", |row| text(&row["kind"])).spare(),
    Column::new("ID", |row| text(&row["id"])).spare(),
];

pub(crate) async fn run(global: &Global, output: &Output, command: Command) -> Done {
    let mut session = Session::open(global)?;
    match command {
        Command::List(query) => {
            let page = session.call("users.user-list", json!({ "query": query })).await?;
            output.page(&page, "users", &USERS)
        }
        Command::Find { name_or_email } => {
            let user = session.call("users.user-find", json!({ "name-or-email": name_or_email })).await?;
            output.view(&user, |output| view(output, &user))
        }
    }
}

fn view(output: &Output, user: &Value) -> String {
    let mut view = View::new(output);
    for (name, field) in [
        ("name", "name"),
        ("e-mail", "email"),
        ("user name", "alias"),
        ("kind", "kind"),
        ("status", "status"),
        ("id", "id"),
    ] {
        view.field(name, &text(&user[field]));
    }
    view.finish()
}
