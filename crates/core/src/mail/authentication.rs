//! What servers on its way found about where a mail comes from: `Authentication-Results` (RFC 8601).

use super::AuthenticationResult;

/// Results that are told of one mail.
const MOST: usize = 100;

/// The results of all fields, in their order.
pub(super) fn results(fields: &[String]) -> Vec<AuthenticationResult> {
    let mut found = Vec::new();
    for field in fields {
        let mut server = None;
        for (place, part) in parts(field).into_iter().enumerate() {
            match result(&part) {
                Some((method, outcome, detail)) if found.len() < MOST => {
                    found.push(AuthenticationResult { server: server.clone(), method, outcome, detail });
                }
                // Some servers leave themselves out and begin with a result.
                None if place == 0 => server = part.split_whitespace().next().map(str::to_owned),
                _ => {}
            }
        }
    }
    found
}

/// The parts between semicolons, of which those in quotes and comments do not count.
fn parts(field: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut quoted, mut comments) = (false, 0_u32);
    for c in field.chars() {
        match c {
            '"' if comments == 0 => quoted = !quoted,
            '(' if !quoted => comments = comments.saturating_add(1),
            ')' if !quoted => comments = comments.saturating_sub(1),
            ';' if !quoted && comments == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}

/// `method[/version]=outcome detail`.
fn result(part: &str) -> Option<(String, String, Option<String>)> {
    let (method, rest) = part.split_once('=')?;
    let method = method.split('/').next().unwrap_or_default().trim();
    let plain =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    let rest = rest.trim();
    let outcome: String =
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    if !plain(method) || outcome.is_empty() {
        return None;
    }
    let detail = rest.get(outcome.len()..).unwrap_or_default();
    let detail = detail.split_whitespace().collect::<Vec<_>>().join(" ");
    let detail = Some(detail).filter(|detail| !detail.is_empty());
    Some((method.to_ascii_lowercase(), outcome.to_ascii_lowercase(), detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_told_with_their_server() {
        let fields = [
            "mx.example.com 1; spf=Pass (sender; ok) smtp.mailfrom=a@example.net;\r\n dkim/1=fail reason=\"bad; sig\" \
             header.d=example.net; dmarc=none"
                .to_owned(),
            "spf=softfail smtp.mailfrom=b.example; dkim=none".to_owned(),
            "mx.example.org; none".to_owned(),
            ";;=;a=;=b;".to_owned(),
        ];
        let told: Vec<String> = results(&fields)
            .into_iter()
            .map(|r| {
                let server = r.server.unwrap_or_default();
                format!("{server}|{}|{}|{}", r.method, r.outcome, r.detail.unwrap_or_default())
            })
            .collect();
        assert_eq!(
            told,
            [
                "mx.example.com|spf|pass|(sender; ok) smtp.mailfrom=a@example.net",
                "mx.example.com|dkim|fail|reason=\"bad; sig\" header.d=example.net",
                "mx.example.com|dmarc|none|",
                "|spf|softfail|smtp.mailfrom=b.example",
                "|dkim|none|",
            ]
        );
    }
}
