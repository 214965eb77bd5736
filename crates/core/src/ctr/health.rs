//! Is the connector able to work: credentials, entitlements, latency, clocks.

use super::Ctr;
use super::incidents::by_creation;
use crate::Error;
use crate::client::Call;
use crate::http::Transport;
use crate::paging::List;
use core::time::Duration;

/// The product's name in the contract.
pub const PRODUCT: &str = "ctr";

/// One check. Fields as in the contract's `connectivity-report`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct Report {
    pub product: &'static str,
    pub module: &'static str,
    pub message: String,
    pub problem: Option<Error>,
    pub latency: Option<Duration>,
    pub clock_skew_ms: Option<i32>,
}

impl<T: Transport> Ctr<'_, T> {
    /// Checks the credentials, then each module with one harmless read.
    ///
    /// A good key answers 403 on a module it was not granted, so one answer says nothing of the others.
    /// The lists of email protection are asked for without a cluster: a key that may read them is
    /// answered 400, one that may not 403.
    ///
    /// Settings that only a fetch would stumble over are an error here.
    pub async fn test_connectivity(&self) -> Result<Vec<Report>, Error> {
        self.check_fetch()?;
        let token = self.report("token", "the credentials are good", self.client.new_token()).await;
        if token.problem.is_some() {
            return Ok(vec![token]);
        }
        let incidents = by_creation("desc", None, 1).call(0, 1);
        let lists = Call::get(
            "Email Protection safe and block lists",
            "/api/v1/emailProtection/modules/spam/orgBlockList".into(),
        );
        Ok(vec![
            token,
            self.report(
                "incidents",
                "the key may read incidents and messages",
                self.probe(&incidents, false),
            )
            .await,
            self.report(
                "email-protection",
                "the key may read the safe and block lists",
                self.probe(&lists, true),
            )
            .await,
        ])
    }

    /// Whether the API itself answers: a proxy's login page is a 200 as well.
    async fn probe(&self, call: &Call, refusal_is_good: bool) -> Result<(), Error> {
        match self.client.send(call).await {
            Err(Error::Rejected { .. }) if refusal_is_good => Ok(()),
            Ok(response) if !response.body.trim_ascii_start().starts_with(b"{") => {
                Err(call.unreadable(&response, "it is not a JSON object"))
            }
            other => other.map(drop),
        }
    }

    async fn report<R>(
        &self,
        module: &'static str,
        good: &str,
        check: impl Future<Output = Result<R, Error>>,
    ) -> Report {
        let begin = self.client.transport().uptime();
        let problem = check.await.err();
        let latency = self.client.transport().uptime().saturating_sub(begin);
        let sent = !matches!(problem, Some(Error::RateLimited { .. }));
        Report {
            product: PRODUCT,
            module,
            message: problem.as_ref().map_or_else(|| good.to_owned(), ToString::to_string),
            problem,
            latency: sent.then_some(latency),
            clock_skew_ms: self.client.clock_skew_ms().filter(|_| sent),
        }
    }
}

/// Checks the products asked for; none means all that are configured.
pub fn check_products(products: &[String]) -> Result<(), Error> {
    match products.iter().find(|product| *product != PRODUCT) {
        None => Ok(()),
        Some(unknown) => Err(Error::InvalidArgument {
            argument: "products".into(),
            message: format!("`{}` is not a product", unknown.chars().take(60).collect::<String>()),
            allowed: vec![PRODUCT.to_owned()],
        }),
    }
}
