//! What one instance of the component holds in the host.

use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_config::WasiConfigVariables;
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::clock::{self, Clock};
use crate::http::Outbound;
use crate::limits::{FIELDS, Limits, RESOURCES};
use crate::settings::Settings;

/// Who puts the client secrets into token requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secrets {
    /// The host; the component is told placeholders.
    Held,
    /// The component, which is told them.
    Given,
}

/// What an instance is given beside its settings.
#[derive(Clone)]
pub(crate) struct Given {
    pub(crate) secrets: Secrets,
    /// None is the system's.
    pub(crate) clock: Option<Arc<dyn Clock>>,
}

/// The data of one store.
pub struct State {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: Outbound,
    pub(crate) config: WasiConfigVariables,
    pub(crate) limits: Limits,
}

impl State {
    /// With `stderr` for what the guest writes to standard error: the host's own would stop the whole host when
    /// nobody reads it.
    pub(crate) fn new(
        settings: &Settings,
        given: &Given,
        outbound: Outbound,
        stderr: &MemoryOutputPipe,
    ) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(RESOURCES);
        let config = match given.secrets {
            Secrets::Held => settings.without_secrets().collect(),
            Secrets::Given => settings.given().collect(),
        };
        let mut wasi = WasiCtx::builder();
        wasi.stderr(stderr.clone());
        if let Some(clock) = &given.clock {
            clock::hand_over(clock, &mut wasi);
        }
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(FIELDS);
        Self { table, wasi: wasi.build(), http, outbound, config, limits: Limits::default() }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.outbound, table: &mut self.table, ctx: &mut self.http }
    }
}
