//! An e-mail of either product: in short, or saved.

use std::path::PathBuf;

use serde_json::Value;

use super::output::{Format, Output, say_set_out};
use super::save::{self, Force, Target};
use super::{Done, Session, mail_view};

/// Where a mail is saved.
#[derive(Debug, clap::Args)]
pub(crate) struct Save {
    /// Save the mail in this file; `-` writes it to standard output
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    #[command(flatten)]
    force: Force,
}

/// Gets a mail through the function that answers it, and shows or saves it.
pub(crate) async fn show(
    session: &mut Session,
    output: &Output,
    function: &str,
    parameters: Value,
    save: Save,
) -> Done {
    let target = save.save.map(|path| Target::named(&path, save.force)).transpose()?;
    let answer = session.call(function, parameters).await;
    let mail = match (&target, answer) {
        // Whoever takes the mail from standard output must not take an error for it.
        (Some(Target::Stdout), Err(failure)) => return Err(failure.said()),
        (_, answer) => answer?,
    };
    let Some(target) = target else {
        return output.view(&mail, |output| mail_view::mail(output, &mail));
    };
    target.save(&save::content(&mail)?)?;
    match target {
        Target::Stdout => {
            let beside = Output { format: Format::Table, colours: false, width: None };
            say_set_out(&mail_view::mail(&beside, &mail));
            Ok(())
        }
        Target::File(path, _) => {
            let saved = save::saved(mail, &path);
            output.view(&saved, |output| mail_view::mail(output, &saved))
        }
    }
}
