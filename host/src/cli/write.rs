//! Writes: made and told, or with `--dry-run` only shown.

use serde_json::Value;

use super::output::{Format, Output};
use super::text::{lines, pretty_json, text};
use super::{Done, Session};

/// Whether a write is only shown.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct DryRun {
    /// Show the request that would be sent, and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Calls a function that writes and tells what came of it, or shows what it would send.
pub(crate) async fn write(
    session: &mut Session,
    output: &Output,
    DryRun { dry_run }: DryRun,
    function: &str,
    parameters: Value,
    told: impl FnOnce(&Value) -> String,
) -> Done {
    if dry_run {
        return plan(session, output, function, parameters).await;
    }
    let receipt = session.call(function, parameters).await?;
    output.view(&receipt, |_| told(&receipt))
}

/// Shows what a function that writes would send.
pub(crate) async fn plan(session: &mut Session, output: &Output, function: &str, parameters: Value) -> Done {
    let name = function.split('.').next_back().unwrap_or_default();
    let planned = session.call(&format!("dry-run.{name}"), parameters).await?;
    output.view(&planned, |output| request(output, &planned))?;
    output.footer("nothing was sent")
}

/// A request as a person reads it: what would be done where, and with what.
fn request(output: &Output, planned: &Value) -> String {
    if planned.is_null() {
        return "nothing would be sent: it is so already".to_owned();
    }
    let to = format!("{} {}", text(&planned["method"]), text(&planned["url"]));
    let body = planned["body"].as_str().map(body).unwrap_or_default();
    match output.format {
        _ if body.is_empty() => to,
        Format::Markdown => format!("```\n{to}\n\n{body}\n```"),
        _ => format!("{}\n{body}", output.bold(&to)),
    }
}

/// JSON spread out; what is no JSON as it is.
fn body(body: &str) -> String {
    match serde_json::from_str::<Value>(body) {
        Ok(json) => pretty_json(&json),
        Err(_) => lines(body).join("\n"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(format: Format, planned: &Value) -> String {
        request(&Output { format, colours: false, width: None }, planned)
    }

    #[test]
    fn a_request_is_shown_with_its_body_spread_out() {
        let planned = json!({ "method": "POST", "url": "https://api.example.com/x?y=1", "body": r#"{"a":["\u001b"]}"# });
        let expected = "POST https://api.example.com/x?y=1\n{\n  \"a\": [\n    \"\\u001b\"\n  ]\n}";
        assert_eq!(shown(Format::Table, &planned), expected);
        let markdown = shown(Format::Markdown, &planned);
        assert!(markdown.starts_with("```\nPOST https://") && markdown.ends_with("\n}\n```"), "{markdown}");
    }

    #[test]
    fn a_request_without_a_body_is_one_line_and_none_says_so() {
        let planned = json!({ "method": "PATCH", "url": "https://api.example.com/x", "body": null });
        assert_eq!(shown(Format::Table, &planned), "PATCH https://api.example.com/x");
        assert_eq!(shown(Format::Markdown, &planned), "PATCH https://api.example.com/x");
        assert_eq!(shown(Format::Table, &Value::Null), "nothing would be sent: it is so already");
    }
}
