//! Is the connector able to work: credentials, entitlements, latency, clocks.

use crate::Error;
use crate::client::{Call, Client};
use crate::config::Product;
use crate::http::Transport;
use core::time::Duration;

/// One check. Fields as in the contract's `connectivity-report`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described once, in the contract")]
pub struct Report {
    pub product: Product,
    pub module: &'static str,
    pub message: String,
    pub problem: Option<Error>,
    pub latency: Option<Duration>,
    pub clock_skew_ms: Option<i32>,
}

impl<T: Transport> Client<'_, T> {
    /// Checks the credentials with a new token.
    pub(crate) async fn token_report(&self) -> Report {
        self.report("token", "the credentials are good", self.new_token()).await
    }

    /// Checks a module with one harmless read: whether the API itself answers, for a proxy's login page is a
    /// 200 as well.
    pub(crate) async fn module_report(
        &self,
        module: &'static str,
        good: &str,
        call: &Call,
        refusal_is_good: bool,
    ) -> Report {
        let probe = async {
            match self.send(call).await {
                Err(Error::Rejected { .. }) if refusal_is_good => Ok(()),
                other => other.and_then(|response| call.expect_object(&response)),
            }
        };
        self.report(module, good, probe).await
    }

    async fn report<R>(
        &self,
        module: &'static str,
        good: &str,
        check: impl Future<Output = Result<R, Error>>,
    ) -> Report {
        let begin = self.transport().uptime();
        let problem = check.await.err();
        let latency = self.transport().uptime().saturating_sub(begin);
        let sent = !matches!(problem, Some(Error::RateLimited { .. }));
        Report {
            product: self.product(),
            module,
            message: problem.as_ref().map_or_else(|| good.to_owned(), ToString::to_string),
            problem,
            latency: sent.then_some(latency),
            clock_skew_ms: self.clock_skew_ms().filter(|_| sent),
        }
    }
}

/// The products asked for; none asks for all of which anything is configured, Cloud Threat Response where
/// nothing is.
pub fn products(asked: &[String], configured: impl Fn(Product) -> bool) -> Result<Vec<Product>, Error> {
    const ALL: [Product; 2] = [Product::Ctr, Product::Itm];
    if asked.is_empty() {
        let configured: Vec<Product> = ALL.into_iter().filter(|product| configured(*product)).collect();
        return Ok(if configured.is_empty() { vec![Product::Ctr] } else { configured });
    }
    if let Some(unknown) = asked.iter().find(|name| !ALL.iter().any(|product| product.as_str() == *name)) {
        return Err(Error::InvalidArgument {
            argument: "products".into(),
            message: format!("`{}` is not a product", crate::vocabulary::shown(unknown)),
            allowed: ALL.map(|product| product.as_str().to_owned()).to_vec(),
        });
    }
    Ok(ALL.into_iter().filter(|product| asked.iter().any(|name| product.as_str() == name)).collect())
}
