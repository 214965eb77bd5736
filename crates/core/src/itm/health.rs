//! Is Insider Threat Management reachable, and what may the key do there.

use super::Itm;
use super::search::Search;
use super::users::USERS;
use crate::Error;
use crate::client::Call;
use crate::health::Report;
use crate::http::Transport;
use crate::paging::List;

impl<T: Transport> Itm<'_, T> {
    /// Checks the credentials, then each module with one harmless read of a single row.
    ///
    /// Settings that only a fetch would stumble over are an error here.
    pub async fn test_connectivity(&self) -> Result<Vec<Report>, Error> {
        self.check_fetch()?;
        let token = self.client.token_report().await;
        if token.problem.is_some() {
            return Ok(vec![token]);
        }
        let search = Search {
            entity_types: vec!["event".to_owned()],
            clauses: Vec::new(),
            column: "observedAt".to_owned(),
            direction: "desc".to_owned(),
            severities: Vec::new(),
            limit: 1,
        };
        let activity = search.call(0, 1);
        let activity =
            self.client.module_report("activity", "the key may search tickets", &activity, false).await;
        let users = Call::get(USERS, "/auth/users?limit=1".into());
        let users = self.client.module_report("users", "the key may list users", &users, false).await;
        Ok(vec![token, activity, users])
    }
}
