//! `proofpoint check`: is everything there that the connector needs?

use proofpoint_host::GuestError;
use serde_json::{Value, json};

use super::failure::exit_code;
use super::output::say;
use super::table::Column;
use super::text::{first_of, text};
use super::{Done, Failure, Global, Output, Session};

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// ctr or itm; default: every product whose credentials are configured
    #[arg(value_name = "PRODUCT")]
    products: Vec<String>,
}

const COLUMNS: [Column; 6] = [
    Column::new("", |row| if row["ok"] == true { "✓" } else { "✗" }.to_owned()),
    Column::new("PRODUCT", |row| text(&row["product"])),
    Column::new("MODULE", |row| text(&row["module"])),
    Column::new("LATENCY", |row| with_unit(&row["latency-ms"])).number(),
    Column::new("CLOCK SKEW", |row| with_unit(&row["clock-skew-ms"])).number(),
    Column::new("FOUND", |row| first_of(&[&row["message"], &row["problem"]["payload"]["message"]]))
        .wrapped()
        .linked(),
];

pub(crate) async fn run(global: &Global, output: &Output, args: Args) -> Done {
    let reports = reports(&mut Session::open(global)?, &args.products).await?;
    show(output, &reports)?;
    let problems: Vec<GuestError> = reports.iter().filter_map(problem).collect();
    for (problem, report) in problems.iter().zip(reports.iter().filter(|report| problem(report).is_some())) {
        say(format!("error: {} {}: {problem}", text(&report["product"]), text(&report["module"])));
    }
    match problems.iter().map(|problem| exit_code(problem.case())).max_by_key(|code| severity(*code)) {
        Some(worst) => Err(Failure::Reported(worst)),
        None => Ok(()),
    }
}

/// The reports of a connectivity test.
pub(crate) async fn reports(session: &mut Session, products: &[String]) -> Result<Vec<Value>, Failure> {
    let answer = session.call("health.test-connectivity", json!({ "products": products })).await?;
    Ok(answer.as_array().cloned().unwrap_or_default())
}

pub(crate) fn show(output: &Output, reports: &[Value]) -> Done {
    output.rows(&Value::from(reports), reports, &COLUMNS)
}

fn with_unit(milliseconds: &Value) -> String {
    milliseconds.as_i64().map(|number| format!("{number} ms")).unwrap_or_default()
}

fn problem(report: &Value) -> Option<GuestError> {
    GuestError::from_json(&report["problem"])
}

/// Problems that a person must solve weigh more than those that pass.
fn severity(code: u8) -> usize {
    [6, 7, 5, 1, 4, 3].iter().position(|known| *known == code).map_or(usize::MAX, |rank| rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_must_solve_outweighs_what_passes() {
        let worst = |codes: &[u8]| codes.iter().copied().max_by_key(|code| severity(*code));
        assert_eq!(worst(&[6, 7]), Some(7));
        assert_eq!(worst(&[7, 4, 6]), Some(4));
        assert_eq!(worst(&[4, 3]), Some(3));
    }
}
