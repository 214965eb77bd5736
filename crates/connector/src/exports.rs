//! The contract's functions: configuration in, one operation of the core, result out.

use crate::bindings::Connector;
use crate::bindings::exports::proofpoint::connector::{health, incidents, types};
use crate::bindings::wasi::config::store;
use crate::executor::block_on;
use crate::transport::WasiTransport;
use proofpoint_core::client::Session;
use proofpoint_core::ctr::Ctr;
use proofpoint_core::{Config, Error, ctr};
use std::cell::RefCell;
use std::rc::Rc;

thread_local! {
    /// The token and the call budget, kept from call to call.
    static CTR: RefCell<Option<Rc<Session>>> = const { RefCell::new(None) };
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

fn stalled<R>() -> Result<R, Error> {
    Err(Error::Unavailable("the call waits for nothing the host could tell it".into()))
}

impl health::Guest for Connector {
    fn test_connectivity(products: Vec<String>) -> Result<Vec<health::ConnectivityReport>, types::Error> {
        ctr::health::check_products(&products)?;
        ctr(async |ctr| Ok(ctr.test_connectivity().await?.into_iter().map(Into::into).collect()))
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
