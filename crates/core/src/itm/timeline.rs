//! Links into the console.

use crate::config;
use crate::http::encoded;
use crate::json::Object;

/// Link to a ticket's timeline; none where a part of it is missing.
///
/// `{apps}/search/timeline?contextId=…&activityId={partitionKey}&fqid=…&field=user.name&region=…&sources=…`,
/// where `{apps}` is the API's URL with its last segment, `apis`, exchanged.
pub(super) fn url(itm: &config::Itm, event: Object<'_>) -> Option<String> {
    let api = itm.api_url()?;
    let apps = api.strip_suffix("apis")?;
    let part = |key: &str| event.text(&[key]).map(|text| encoded(&text));
    Some(format!(
        "{apps}apps/search/timeline?contextId={}&activityId={}&fqid={}&field=user.name&region={}&sources={}",
        part("contextId")?,
        part("partitionKey")?,
        part("fqid")?,
        encoded(&itm.region),
        encoded(sources(event)),
    ))
}

/// Where the activity was seen, as the console names it; all of them where the event does not tell.
fn sources(event: Object<'_>) -> &'static str {
    if event.objects(&["messages"]).next().is_some() {
        "email:pps"
    } else if event.object(&["endpoint"]).is_some() {
        "endpoint:agent"
    } else {
        "cloud:isolation,email:pps,endpoint:agent,platform:analytics"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;
    use serde_json::{Value, json};

    fn link(base_url: &str, event: &Value) -> Option<String> {
        let config = Config::read(|key| {
            Ok(match key {
                "itm_base_url" => Some(base_url.to_owned()),
                "itm_region" => Some("eu-central-1".to_owned()),
                _ => None,
            })
        })
        .unwrap();
        url(&config.itm, Object::new(event).unwrap())
    }

    #[test]
    fn it_is_made_of_every_part_percent_encoded() {
        let event = json!({"contextId": "c 1", "partitionKey": "p&1", "fqid": "a/b+c=", "messages": [{}]});
        assert_eq!(
            link("https://t.example.com/", &event).unwrap(),
            "https://t.example.com/v2/apps/search/timeline?contextId=c%201&activityId=p%261&fqid=a%2Fb%2Bc%3D\
             &field=user.name&region=eu-central-1&sources=email%3Apps"
        );
    }

    #[test]
    fn only_the_last_apis_becomes_apps() {
        let event =
            json!({"contextId": "c", "partitionKey": "p", "fqid": "f", "endpoint": {"hostname": "h"}});
        for base in ["https://apis.example.com", "https://apis.example.com/v2/apis/"] {
            let link = link(base, &event).unwrap();
            assert!(link.starts_with("https://apis.example.com/v2/apps/search/timeline?"), "{link}");
            assert!(link.ends_with("sources=endpoint%3Aagent"), "{link}");
        }
    }

    #[test]
    fn without_one_of_its_parts_there_is_none() {
        for missing in ["contextId", "partitionKey", "fqid"] {
            let mut event = json!({"contextId": "c", "partitionKey": "p", "fqid": "f"});
            event[missing] = Value::Null;
            assert_eq!(link("https://t.example.com", &event), None, "{missing}");
        }
    }
}
