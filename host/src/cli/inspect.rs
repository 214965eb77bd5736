//! `proofpoint inspect`: what the component is.

use proofpoint_host::Connector;
use serde_json::{Value, json};

use super::text::thousands;
use super::{Done, Global, Output};

pub(crate) fn run(global: &Global, output: &Output) -> Done {
    let file = global.component();
    let connector = Connector::load(&file, &global.cache())?;
    let functions: Vec<&str> = connector.functions().collect();
    let answer = json!({
        "file": file.display().to_string(),
        "size": connector.size(),
        "sha256": connector.sha256(),
        "imports": connector.imports(),
        "exports": connector.exports(),
        "functions": functions,
    });
    output.view(&answer, |output| view(output, &answer))
}

fn view(output: &Output, answer: &Value) -> String {
    let text = |field: &str| answer[field].as_str().unwrap_or_default().to_owned();
    let mut lines = vec![
        format!("{}  {}", output.bold("component"), text("file")),
        format!("{}       {} bytes", output.bold("size"), thousands(answer["size"].as_u64().unwrap_or(0))),
        format!("{}     {}", output.bold("sha-256"), text("sha256")),
    ];
    for field in ["imports", "exports", "functions"] {
        lines.push(String::new());
        lines.push(output.bold(field));
        let names = answer[field].as_array().into_iter().flatten().filter_map(Value::as_str);
        lines.extend(names.map(|name| format!("  {name}")));
    }
    lines.join("\n")
}
