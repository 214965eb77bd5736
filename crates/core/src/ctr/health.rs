//! Is Threat Response reachable, and what may the key do there.

use super::Ctr;
use super::incidents::by_creation;
use crate::Error;
use crate::client::Call;
use crate::health::Report;
use crate::http::Transport;
use crate::paging::List;

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
        let token = self.client.token_report().await;
        if token.problem.is_some() {
            return Ok(vec![token]);
        }
        let incidents = by_creation("desc", None, 1).call(0, 1);
        let lists = Call::get(
            "Email Protection safe and block lists",
            "/api/v1/emailProtection/modules/spam/orgBlockList".into(),
        );
        let incidents = self.client.module_report(
            "incidents",
            "the key may read incidents and messages",
            &incidents,
            false,
        );
        let incidents = incidents.await;
        let lists = self.client.module_report(
            "email-protection",
            "the key may read the safe and block lists",
            &lists,
            true,
        );
        Ok(vec![token, incidents, lists.await])
    }
}
