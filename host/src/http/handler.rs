//! The door through which a guest's requests leave.

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi_http::p2::bindings::LinkOptions;
use wasmtime_wasi_http::p2::bindings::http::outgoing_handler::Host as _;
use wasmtime_wasi_http::p2::bindings::http::types::{self, ErrorCode, Host as _};
use wasmtime_wasi_http::p2::types::{HostFutureIncomingResponse, HostOutgoingRequest};
use wasmtime_wasi_http::{RequestOptions, WasiHttp, WasiHttpView};

use crate::state::State;

type Parameters = (Resource<HostOutgoingRequest>, Option<Resource<RequestOptions>>);
type Answer = Result<Resource<HostFutureIncomingResponse>, ErrorCode>;

/// Gives a component `wasi:http`.
pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    types::add_to_linker::<_, WasiHttp>(linker, &LinkOptions::default().into(), State::http)?;
    linker.instance("wasi:http/outgoing-handler@0.2.12")?.func_wrap("handle", handle)
}

/// Wasmtime's handler. Of each request it keeps the options for ever (48.0.8), so that an instance came to the end
/// of its handles after so many requests: they are given back here.
fn handle(
    mut store: StoreContextMut<'_, State>,
    (request, options): Parameters,
) -> wasmtime::Result<(Answer,)> {
    let mut http = store.data_mut().http();
    let kept = options.as_ref().map(|options| Resource::<RequestOptions>::new_own(options.rep()));
    let answer = http.handle(request, options);
    if let Some(kept) = kept {
        http.table.delete(kept)?;
    }
    Ok((match answer {
        Ok(response) => Ok(response),
        Err(error) => Err(http.convert_error_code(error)?),
    },))
}
