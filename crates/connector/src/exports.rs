//! The contract's functions: configuration in, one operation of the core, result out.

use crate::bindings::Connector;
use crate::bindings::exports::proofpoint::connector::{
    dry_run, email_lists, health, incidents, messages, tickets, types, users, workflows,
};
use crate::bindings::wasi::config::store;
use crate::executor::block_on;
use crate::transport::WasiTransport;
use proofpoint_core::client::{PlannedRequest, Session};
use proofpoint_core::config::Product;
use proofpoint_core::ctr::Ctr;
use proofpoint_core::health as core_health;
use proofpoint_core::itm::Itm;
use proofpoint_core::{Config, Error};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// What a dry run answers.
type Planned = Result<Option<dry_run::PlannedRequest>, types::Error>;

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
    operation: impl AsyncFnOnce(&Ctr<'_, WasiTransport>) -> Result<R, Error>,
) -> Result<R, types::Error> {
    let (mut operation, mut result) = (Some(operation), None);
    let begun = with_ctr(&mut |ctr| {
        result = operation.take().and_then(|operation| block_on(operation(&ctr)));
    });
    ended(begun, result)
}

/// What an operation of Cloud Threat Response would send.
fn planned_ctr(operation: impl AsyncFnOnce(&Ctr<'_, WasiTransport>) -> Result<(), Error>) -> Planned {
    let (mut operation, mut result) = (Some(operation), None);
    let begun = with_ctr(&mut |ctr| {
        result = operation.take().and_then(|operation| block_on(ctr.dry_run(operation)));
    });
    planned(begun, result)
}

/// Runs an operation of Insider Threat Management.
fn itm<R>(
    operation: impl AsyncFnOnce(&Itm<'_, WasiTransport>) -> Result<R, Error>,
) -> Result<R, types::Error> {
    let (mut operation, mut result) = (Some(operation), None);
    let begun = with_itm(&mut |itm| {
        result = operation.take().and_then(|operation| block_on(operation(&itm)));
    });
    ended(begun, result)
}

/// What an operation of Insider Threat Management would send.
fn planned_itm(operation: impl AsyncFnOnce(&Itm<'_, WasiTransport>) -> Result<(), Error>) -> Planned {
    let (mut operation, mut result) = (Some(operation), None);
    let begun = with_itm(&mut |itm| {
        result = operation.take().and_then(|operation| block_on(itm.dry_run(operation)));
    });
    planned(begun, result)
}

/// What comes before every operation: one copy of it for all of them, for every kilobyte counts.
#[inline(never)]
fn with_ctr(run: &mut dyn FnMut(Ctr<'_, WasiTransport>)) -> Result<(), Error> {
    let config = config()?;
    run(CTR.with(|session| Ctr::new(&WasiTransport, &config, session))?);
    Ok(())
}

#[inline(never)]
fn with_itm(run: &mut dyn FnMut(Itm<'_, WasiTransport>)) -> Result<(), Error> {
    let config = config()?;
    run(ITM.with(|session| Itm::new(&WasiTransport, &config, session))?);
    Ok(())
}

/// The result of a call; none where its future waits for something that never comes.
fn ended<R>(begun: Result<(), Error>, result: Option<Result<R, Error>>) -> Result<R, types::Error> {
    let stalled = || Error::Unavailable("the call waits for nothing the host could tell it".into());
    begun.and_then(|()| result.unwrap_or_else(|| Err(stalled()))).map_err(Into::into)
}

#[inline(never)]
fn planned(begun: Result<(), Error>, result: Option<Result<Option<PlannedRequest>, Error>>) -> Planned {
    ended(begun, result).map(|planned| planned.map(Into::into))
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

    fn incident_messages(id: String, page: types::PageQuery) -> Result<types::MessagePage, types::Error> {
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

impl messages::Guest for Connector {
    fn message_list(query: messages::MessageQuery) -> Result<types::MessagePage, types::Error> {
        ctr(async |ctr| ctr.message_list(&query.into()).await.map(Into::into))
    }

    fn message_get(id: String, include_raw: bool) -> Result<types::Message, types::Error> {
        ctr(async |ctr| ctr.message_get(&id, include_raw).await.map(Into::into))
    }

    fn message_download(id: String, includes: Vec<String>) -> Result<types::Eml, types::Error> {
        ctr(async |ctr| ctr.message_download(&id, &includes).await.map(Into::into))
    }
}

impl workflows::Guest for Connector {
    fn workflow_list(
        enabled: Option<bool>,
        kind: Option<String>,
        include_raw: bool,
    ) -> Result<Vec<workflows::Workflow>, types::Error> {
        ctr(async |ctr| {
            let found = ctr.workflow_list(enabled, kind.as_deref(), include_raw).await?;
            Ok(found.into_iter().map(Into::into).collect())
        })
    }

    fn workflow_run(id: String, target_ids: Vec<String>) -> Result<workflows::Run, types::Error> {
        ctr(async |ctr| ctr.workflow_run(&id, &target_ids).await.map(Into::into))
    }

    fn workflow_run_get(run_id: String) -> Result<workflows::Run, types::Error> {
        ctr(async |ctr| ctr.workflow_run_get(&run_id).await.map(Into::into))
    }

    fn workflow_run_wait(run_id: String, timeout_ms: Option<u32>) -> Result<workflows::Run, types::Error> {
        let timeout = timeout_ms.map(|ms| Duration::from_millis(ms.into()));
        ctr(async |ctr| ctr.workflow_run_wait(&run_id, timeout).await.map(Into::into))
    }
}

impl email_lists::Guest for Connector {
    fn entry_list(
        list_name: String,
        cluster_id: Option<String>,
        include_raw: bool,
    ) -> Result<Vec<email_lists::ListEntry>, types::Error> {
        ctr(async |ctr| {
            let found = ctr.entry_list(&list_name, cluster_id.as_deref(), include_raw).await?;
            Ok(found.into_iter().map(Into::into).collect())
        })
    }

    fn entry_add(
        list_name: String,
        cluster_id: Option<String>,
        entry: email_lists::ListEntry,
    ) -> Result<email_lists::EntryReceipt, types::Error> {
        let entry = entry.into();
        ctr(async |ctr| ctr.entry_add(&list_name, cluster_id.as_deref(), &entry).await.map(Into::into))
    }

    fn entry_remove(
        list_name: String,
        cluster_id: Option<String>,
        entry: email_lists::ListEntry,
    ) -> Result<email_lists::EntryReceipt, types::Error> {
        let entry = entry.into();
        ctr(async |ctr| ctr.entry_remove(&list_name, cluster_id.as_deref(), &entry).await.map(Into::into))
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

impl dry_run::Guest for Connector {
    fn incident_create(incident: incidents::NewIncident) -> Planned {
        planned_ctr(async |ctr| ctr.incident_create(&incident.into()).await.map(drop))
    }

    fn incident_add_message(message: incidents::MessageUpload) -> Planned {
        planned_ctr(async |ctr| ctr.incident_add_message(&message.into()).await.map(drop))
    }

    fn workflow_run(id: String, target_ids: Vec<String>) -> Planned {
        planned_ctr(async |ctr| ctr.workflow_run(&id, &target_ids).await.map(drop))
    }

    fn entry_add(list_name: String, cluster_id: Option<String>, entry: email_lists::ListEntry) -> Planned {
        planned_ctr(async |ctr| {
            ctr.entry_add(&list_name, cluster_id.as_deref(), &entry.into()).await.map(drop)
        })
    }

    fn entry_remove(list_name: String, cluster_id: Option<String>, entry: email_lists::ListEntry) -> Planned {
        planned_ctr(async |ctr| {
            ctr.entry_remove(&list_name, cluster_id.as_deref(), &entry.into()).await.map(drop)
        })
    }

    fn ticket_assign_owner(fqid: String, assignee: String) -> Planned {
        planned_itm(async |itm| itm.ticket_assign_owner(&fqid, &assignee).await.map(drop))
    }

    fn ticket_add_comment(fqid: String, text: String, kind: Option<String>) -> Planned {
        planned_itm(async |itm| itm.ticket_add_comment(&fqid, &text, kind.as_deref()).await.map(drop))
    }

    fn ticket_set_status(fqid: String, change: tickets::StatusChange) -> Planned {
        planned_itm(async |itm| itm.ticket_set_status(&fqid, &change.into()).await.map(drop))
    }

    fn ticket_add_tag(fqid: String, tag: String) -> Planned {
        planned_itm(async |itm| itm.ticket_add_tag(&fqid, &tag).await.map(drop))
    }
}
