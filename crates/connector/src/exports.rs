//! The contract's functions: configuration in, one operation of the core, result out.

use crate::bindings::Connector;
use crate::bindings::exports::proofpoint::connector::{health, incidents, tickets, types, users};
use crate::bindings::wasi::config::store;
use crate::executor::block_on;
use crate::transport::WasiTransport;
use proofpoint_core::client::Session;
use proofpoint_core::config::Product;
use proofpoint_core::ctr::Ctr;
use proofpoint_core::health as core_health;
use proofpoint_core::itm::Itm;
use proofpoint_core::{Config, Error};
use std::cell::RefCell;
use std::rc::Rc;

thread_local! {
    /// The token and the call budget of each product, kept from call to call.
    static CTR: RefCell<Option<Rc<Session>>> = const { RefCell::new(None) };
    static ITM: RefCell<Option<Rc<Session>>> = const { RefCell::new(None) };
}

fn config() -> Result<Config, Error> {
    Config::read(|key| {
        store::get(key).map_err(|error| match error {
            store::Error::Upstream(why) | store::Error::Io(why) => why,
        })
    })
}

/// Runs an operation of Cloud Threat Response.
fn ctr<R>(
    operation: impl AsyncFnOnce(Ctr<'_, WasiTransport>) -> Result<R, Error>,
) -> Result<R, types::Error> {
    let run = || {
        let config = config()?;
        let ctr = CTR.with(|session| Ctr::new(&WasiTransport, &config, session))?;
        block_on(operation(ctr)).unwrap_or_else(stalled)
    };
    run().map_err(types::Error::from)
}

/// Runs an operation of Insider Threat Management.
fn itm<R>(
    operation: impl AsyncFnOnce(Itm<'_, WasiTransport>) -> Result<R, Error>,
) -> Result<R, types::Error> {
    let run = || {
        let config = config()?;
        let itm = ITM.with(|session| Itm::new(&WasiTransport, &config, session))?;
        block_on(operation(itm)).unwrap_or_else(stalled)
    };
    run().map_err(types::Error::from)
}

fn stalled<R>() -> Result<R, Error> {
    Err(Error::Unavailable("the call waits for nothing the host could tell it".into()))
}

impl health::Guest for Connector {
    fn test_connectivity(products: Vec<String>) -> Result<Vec<health::ConnectivityReport>, types::Error> {
        let config = config()?;
        let mut reports = Vec::new();
        for product in core_health::products(&products, |product| config.is_configured(product))? {
            reports.extend(match product {
                Product::Ctr => ctr(async |ctr| ctr.test_connectivity().await)?,
                Product::Itm => itm(async |itm| itm.test_connectivity().await)?,
            });
        }
        Ok(reports.into_iter().map(Into::into).collect())
    }
}

impl incidents::Guest for Connector {
    fn incident_list(query: incidents::IncidentQuery) -> Result<incidents::IncidentPage, types::Error> {
        ctr(async |ctr| ctr.incident_list(&query.into()).await.map(Into::into))
    }

    fn incident_count(query: incidents::IncidentQuery) -> Result<u32, types::Error> {
        ctr(async |ctr| ctr.incident_count(&query.into()).await)
    }

    fn incident_get(
        ids: Vec<String>,
        include_raw: bool,
    ) -> Result<Vec<Result<incidents::IncidentDetail, types::Error>>, types::Error> {
        ctr(async |ctr| {
            let details = ctr.incident_get(&ids, include_raw).await?;
            Ok(details.into_iter().map(|detail| detail.map(Into::into).map_err(Into::into)).collect())
        })
    }

    fn incident_fetch(
        options: incidents::FetchOptions,
        checkpoint: Option<String>,
    ) -> Result<incidents::IncidentBatch, types::Error> {
        ctr(async |ctr| ctr.incident_fetch(&options.into(), checkpoint.as_deref()).await.map(Into::into))
    }

    fn incident_messages(id: String, page: types::PageQuery) -> Result<incidents::MessagePage, types::Error> {
        ctr(async |ctr| ctr.incident_messages(&id, &page.into()).await.map(Into::into))
    }

    fn incident_create(incident: incidents::NewIncident) -> Result<incidents::CreatedIncident, types::Error> {
        ctr(async |ctr| ctr.incident_create(&incident.into()).await.map(Into::into))
    }

    fn incident_add_message(
        message: incidents::MessageUpload,
    ) -> Result<incidents::UploadedMessage, types::Error> {
        ctr(async |ctr| ctr.incident_add_message(&message.into()).await.map(Into::into))
    }
}

impl tickets::Guest for Connector {
    fn ticket_get(fqid: String, includes: Vec<String>) -> Result<tickets::Ticket, types::Error> {
        itm(async |itm| itm.ticket_get(&fqid, &includes).await.map(Into::into))
    }

    fn ticket_search(query: tickets::TicketQuery) -> Result<tickets::TicketPage, types::Error> {
        itm(async |itm| itm.ticket_search(&query.into()).await.map(Into::into))
    }

    fn ticket_fetch(
        options: tickets::FetchOptions,
        checkpoint: Option<String>,
    ) -> Result<tickets::TicketBatch, types::Error> {
        itm(async |itm| itm.ticket_fetch(&options.into(), checkpoint.as_deref()).await.map(Into::into))
    }

    fn ticket_assign_owner(fqid: String, assignee: String) -> Result<tickets::TicketReceipt, types::Error> {
        itm(async |itm| itm.ticket_assign_owner(&fqid, &assignee).await.map(Into::into))
    }

    fn ticket_add_comment(
        fqid: String,
        text: String,
        kind: Option<String>,
    ) -> Result<tickets::TicketReceipt, types::Error> {
        itm(async |itm| itm.ticket_add_comment(&fqid, &text, kind.as_deref()).await.map(Into::into))
    }

    fn ticket_set_status(
        fqid: String,
        change: tickets::StatusChange,
    ) -> Result<tickets::TicketReceipt, types::Error> {
        itm(async |itm| itm.ticket_set_status(&fqid, &change.into()).await.map(Into::into))
    }

    fn ticket_add_tag(fqid: String, tag: String) -> Result<tickets::TicketReceipt, types::Error> {
        itm(async |itm| itm.ticket_add_tag(&fqid, &tag).await.map(Into::into))
    }

    fn email_get(fqid: String, includes: Vec<String>) -> Result<types::Eml, types::Error> {
        itm(async |itm| itm.email_get(&fqid, &includes).await.map(Into::into))
    }

    fn screenshot_list(fqid: String) -> Result<Vec<tickets::Screenshot>, types::Error> {
        itm(async |itm| Ok(itm.screenshot_list(&fqid).await?.into_iter().map(Into::into).collect()))
    }

    fn screenshot_get(fqid: String, id: String) -> Result<tickets::ScreenshotImage, types::Error> {
        itm(async |itm| itm.screenshot_get(&fqid, &id).await.map(Into::into))
    }
}

impl users::Guest for Connector {
    fn user_list(query: users::UserQuery) -> Result<users::UserPage, types::Error> {
        itm(async |itm| itm.user_list(&query.into()).await.map(Into::into))
    }

    fn user_find(name_or_email: String) -> Result<users::User, types::Error> {
        itm(async |itm| itm.user_find(&name_or_email).await.map(Into::into))
    }
}
