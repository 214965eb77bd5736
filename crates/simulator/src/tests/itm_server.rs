use http_body_util::{BodyExt, Full};
use hyper::Method;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use super::itm::Tenant;
use crate::Ticket;
use crate::itm::User;
use crate::server::Server;

/// A server with one full ticket and a user, and a token for it.
async fn started() -> (Server, String, String) {
    let mut tenant = Tenant::of(|at| Ticket::full(1, at));
    tenant.vendor.add_user(User::named("Ines", "Moreau"));
    let path = tenant.path("");
    (Server::start(tenant.vendor, 0).await.unwrap(), tenant.token, path)
}

/// Status and body of an answer.
async fn send(method: Method, url: String, token: Option<&str>, body: String) -> (u16, Bytes) {
    let mut request = hyper::Request::builder().method(method).uri(url);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let client = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request.body(Full::new(Bytes::from(body))).unwrap()).await.unwrap();
    (response.status().as_u16(), response.into_body().collect().await.unwrap().to_bytes())
}

#[tokio::test]
async fn puts_patches_and_queries_pass_and_are_recorded() {
    let (server, token, path) = started().await;
    let url = format!("{}{path}", server.url());
    let owner = json!({ "id": User::named("Ines", "Moreau").id });
    let assignment = format!("{url}/annotations/workflow/assignment");
    assert_eq!(send(Method::PUT, assignment, Some(&token), owner.to_string()).await.0, 200);
    let tagged = format!("{url}/tags?tagValue=a%2Fb");
    assert_eq!(send(Method::PATCH, tagged, Some(&token), String::new()).await.0, 200);

    let vendor = server.vendor();
    let [put, patch] = vendor.requests() else { panic!("two requests") };
    assert_eq!((put.method.as_str(), put.json()), ("PUT", owner));
    assert_eq!((patch.method.as_str(), patch.query.as_str()), ("PATCH", "tagValue=a%2Fb"));
    assert_eq!(vendor.tickets().next().unwrap().tags, ["tag-1", "a/b"]);
}

#[tokio::test]
async fn links_to_screenshots_lead_to_the_server_itself() {
    let (server, token, path) = started().await;
    let event = format!("{}{path}?includes=screenshots", server.url());
    let (_, event) = send(Method::GET, event, Some(&token), String::new()).await;
    let event: Value = serde_json::from_slice(&event).unwrap();
    let link = event["ui"]["screenshots"][0]["links"]["access"]["href"].as_str().unwrap().to_owned();
    assert!(link.starts_with(&server.url()), "{link}");
    let (status, picture) = send(Method::GET, link.clone(), None, String::new()).await;
    assert_eq!((status, picture.starts_with(b"\xff\xd8\xff")), (200, true));
    assert_eq!(send(Method::GET, link, Some(&token), String::new()).await.0, 400);
}

#[tokio::test]
async fn the_environment_points_at_it() {
    let (server, ..) = started().await;
    let url = server.url();
    let variable = |name: &str, value: &str| (format!("PROOFPOINT_ITM_{name}"), value.to_owned());
    assert_eq!(
        server.itm_environment(),
        [
            variable("BASE_URL", &url),
            variable("API_VERSION", "v2"),
            variable("CLIENT_ID", "simulator-itm-client"),
            variable("CLIENT_SECRET", "simulator-itm-secret"),
            variable("SCREENSHOT_HOSTS", url.trim_start_matches("http://")),
        ]
    );
}
