//! What one instance of the component holds in the host.

use wasmtime::component::ResourceTable;
use wasmtime::{StoreLimits, StoreLimitsBuilder};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_config::WasiConfigVariables;
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::http::Outbound;
use crate::settings::Settings;

/// Memory that one instance may use. A page of 200 incidents with their raw JSON takes a few
/// megabytes, the largest answer 32.
const MEMORY: usize = 256 << 20;

/// The data of one store.
pub struct State {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: Outbound,
    pub(crate) config: WasiConfigVariables,
    pub(crate) limits: StoreLimits,
}

impl State {
    pub(crate) fn new(settings: &Settings, outbound: Outbound) -> Self {
        Self {
            table: ResourceTable::new(),
            wasi: WasiCtx::builder().inherit_stderr().build(),
            http: WasiHttpCtx::new(),
            outbound,
            config: settings.given().collect(),
            limits: StoreLimitsBuilder::new().memory_size(MEMORY).build(),
        }
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
