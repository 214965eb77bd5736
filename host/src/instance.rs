//! An instance of the component, and the guarded calls into it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use wasmtime::component::{Instance as Exports, InstancePre, Val};
use wasmtime::{CallHook, Store, Trap};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;

use crate::bindings::ConnectorExports;
use crate::bytes::BytesCall;
use crate::clock::Clock;
use crate::component::{Connector, Function};
use crate::guest_error::GuestError;
use crate::http::{Client, Outbound};
use crate::json::{self, JsonError};
use crate::limits::{ANSWER, HOSTCALL, STDERR};
use crate::settings::Settings;
use crate::state::{Given, Secrets, State};
use crate::writes::is_write;

/// What the host grants a call beyond `call_timeout_ms`: the component keeps that deadline itself, and
/// answers better than an abandoned call does.
const SLACK: Duration = Duration::from_secs(5);

/// Why a call came to no answer of the component. The component's own errors are [`GuestError`]s.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// No such function.
    #[error("there is no function `{name}`; there are: {known}")]
    UnknownFunction {
        /// The name that was called.
        name: String,
        /// The names that can be.
        known: String,
    },
    /// The JSON parameters do not fit the function.
    #[error(transparent)]
    Parameters(#[from] JsonError),
    /// The component trapped. The next call runs in a fresh instance.
    #[error("the component trapped: {0}")]
    Trap(String),
    /// The component wanted more memory than it may have, and came to its end. The next call runs in a fresh
    /// instance.
    #[error("the component wanted more than {} MiB of memory and was stopped", .0 >> 20)]
    Memory(usize),
    /// The call ran beyond its deadline and was abandoned. The next call runs in a fresh instance.
    #[error("the component did not answer within {} s and was stopped", .0.as_secs())]
    Deadline(Duration),
    /// A function that writes trapped, or ran beyond its deadline: it may or may not have happened. Look
    /// before trying again. The next call runs in a fresh instance.
    #[error("{0}; the change may or may not have happened: look before trying again")]
    OutcomeUnknown(#[source] Box<CallError>),
    /// The component's exports are of another version than the typed bindings.
    #[error("the component does not match this host's contract: {0}")]
    Incompatible(String),
}

/// An instance of the component. Calls follow each other; for calls side by side take several
/// instances, they share the connections.
pub struct Instance {
    pre: InstancePre<State>,
    functions: Arc<BTreeMap<String, Function>>,
    settings: Settings,
    outbound: Outbound,
    given: Given,
    deadline: Duration,
    /// What the live guest wrote to standard error.
    stderr: MemoryOutputPipe,
    /// None before the first call, while a call runs, and after one that trapped or was abandoned.
    live: Option<Live>,
}

struct Live {
    store: Store<State>,
    exports: Exports,
}

impl Connector {
    /// An instance with these settings, reaching their hosts through `client`.
    pub fn instance(&self, settings: &Settings, client: &Client) -> Instance {
        Instance {
            pre: self.pre.clone(),
            functions: self.functions.clone(),
            settings: settings.clone(),
            outbound: Outbound::new(client, settings),
            given: Given { secrets: Secrets::Held, clock: None },
            deadline: settings.call_timeout() + SLACK,
            stderr: MemoryOutputPipe::new(STDERR),
            live: None,
        }
    }
}

impl Instance {
    /// Hands the client secrets to the component, which puts them into its token requests itself. Without this
    /// it is told placeholders, and the host puts the secrets in, in token requests to the configured hosts.
    pub fn give_secrets(mut self) -> Self {
        self.given.secrets = Secrets::Given;
        self
    }

    /// Hands this clock to the component instead of the system's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.given.clock = Some(clock);
        self
    }

    /// Calls `interface.function` with one JSON object keyed by parameter name.
    ///
    /// The rules of the conversion stand in [`json`]. The component's own refusal is the inner error;
    /// the outer one means that the component did not come to an answer.
    pub async fn call(
        &mut self,
        function: &str,
        parameters: &Value,
    ) -> Result<Result<Value, GuestError>, CallError> {
        let functions = self.functions.clone();
        let Function { index, signature } = functions.get(function).ok_or_else(|| self.unknown(function))?;
        let values = json::parameters(signature, parameters)?;
        if let Some(call) = BytesCall::of(function, &values) {
            return self.typed(async |exports, store| call.run(exports, store).await).await;
        }
        let mut begun = false;
        let answer = self
            .guarded(async |live| {
                begun = true;
                let function = live
                    .exports
                    .get_func(&mut live.store, index)
                    .ok_or_else(|| wasmtime::format_err!("the export is gone"))?;
                let mut results = vec![Val::Bool(false); signature.results().len()];
                function.call_async(&mut live.store, &values, &mut results).await?;
                Ok(results)
            })
            .await;
        let answer = answer.map_err(|error| match begun && is_write(function) {
            true => CallError::OutcomeUnknown(Box::new(error)),
            false => error,
        })?;
        Ok(json::outcome(signature, &answer)?)
    }

    /// Calls through the typed bindings. After a function that writes, a trap and a deadline leave its
    /// outcome unknown.
    ///
    /// ```no_run
    /// # async fn example(instance: &mut proofpoint_host::Instance) -> Result<(), proofpoint_host::CallError> {
    /// let reports = instance
    ///     .typed(async |exports, store| {
    ///         exports.proofpoint_connector_health().call_test_connectivity(store, &[]).await
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn typed<R>(
        &mut self,
        call: impl AsyncFnOnce(&ConnectorExports, &mut Store<State>) -> wasmtime::Result<R>,
    ) -> Result<R, CallError> {
        let mut incompatible = None;
        let answer = self
            .guarded(async |live| match ConnectorExports::new(&mut live.store, &live.exports) {
                Ok(exports) => call(&exports, &mut live.store).await.map(Some),
                Err(error) => {
                    incompatible = Some(format!("{error:#}"));
                    Ok(None)
                }
            })
            .await?;
        answer.ok_or_else(|| CallError::Incompatible(incompatible.unwrap_or_default()))
    }

    /// Runs `work` in the live instance, or a fresh one, until the deadline. The instance is put back
    /// only after an orderly end, so that a trap or a dropped call leaves nothing half done behind.
    async fn guarded<R>(
        &mut self,
        work: impl AsyncFnOnce(&mut Live) -> wasmtime::Result<R>,
    ) -> Result<R, CallError> {
        let deadline = self.deadline;
        let call = async {
            let mut live = match self.live.take() {
                Some(live) => live,
                None => self.fresh().await.map_err(trapped)?,
            };
            live.store.data_mut().limits.refused = false;
            match work(&mut live).await {
                Ok(answer) => {
                    self.live = Some(live);
                    Ok(answer)
                }
                Err(error) => {
                    let trap = trapped(error);
                    Err(live.store.data().limits.exceeded().map_or(trap, CallError::Memory))
                }
            }
        };
        let answer = tokio::time::timeout(deadline, call).await.unwrap_or(Err(CallError::Deadline(deadline)));
        let said = self.stderr.contents();
        if answer.is_err() && !said.is_empty() {
            tracing::debug!("the component said {:?}", String::from_utf8_lossy(&said));
        }
        answer
    }

    // Not `&self`: a store is not `Sync`, and calls are to be spawned.
    async fn fresh(&mut self) -> wasmtime::Result<Live> {
        self.stderr = MemoryOutputPipe::new(STDERR);
        let state = State::new(&self.settings, &self.given, self.outbound.clone(), &self.stderr);
        let mut store = Store::new(self.pre.engine(), state);
        store.limiter(|state| &mut state.limits);
        // Only what comes out of the guest at last may be large.
        let mut depth = 0_u32;
        store.call_hook(move |mut store, hook| {
            depth = match hook {
                CallHook::CallingWasm => depth.saturating_add(1),
                CallHook::ReturningFromWasm => depth.saturating_sub(1),
                CallHook::CallingHost | CallHook::ReturningFromHost => return Ok(()),
            };
            store.set_hostcall_fuel(if depth == 0 { ANSWER } else { HOSTCALL });
            Ok(())
        });
        // A guest that spins gives way at each tick, so that the deadline can end it.
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        let exports = self.pre.instantiate_async(&mut store).await?;
        Ok(Live { store, exports })
    }

    fn unknown(&self, name: &str) -> CallError {
        let known = self.functions.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        CallError::UnknownFunction { name: name.to_owned(), known }
    }
}

fn trapped(error: wasmtime::Error) -> CallError {
    tracing::debug!(%error, "trap: {error:?}");
    match error.downcast_ref::<Trap>() {
        Some(trap) => CallError::Trap(trap.to_string()),
        None => CallError::Trap(error.root_cause().to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::Cache;
    use crate::http::Options;

    /// A connector whose functions misbehave in each of the ways the host guards against.
    const GUEST: &str = include_str!("../tests/hostile.wat");

    fn instance() -> Instance {
        instance_of(GUEST)
    }

    fn instance_of(guest: &str) -> Instance {
        instance_with(guest, &Settings::default())
    }

    fn instance_with(guest: &str, settings: &Settings) -> Instance {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), wat::parse_str(guest).unwrap()).unwrap();
        let connector = Connector::load(file.path(), &Cache::disabled()).unwrap();
        let client = Client::new(&Options::default()).unwrap();
        connector.instance(settings, &client)
    }

    async fn call(instance: &mut Instance, function: &str) -> Result<Value, CallError> {
        instance.call(function, &serde_json::json!({})).await.map(Result::unwrap)
    }

    #[tokio::test]
    async fn an_instance_lives_on_from_call_to_call() {
        let mut instance = instance();
        assert_eq!(call(&mut instance, "tests.count").await.unwrap(), 1);
        assert_eq!(call(&mut instance, "tests.count").await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_trap_is_an_error_and_the_next_call_runs_in_a_fresh_instance() {
        let mut instance = instance();
        call(&mut instance, "tests.count").await.unwrap();
        let trap = call(&mut instance, "tests.trap").await.unwrap_err();
        assert_eq!(
            trap.to_string(),
            "the component trapped: wasm trap: wasm `unreachable` instruction executed"
        );
        assert_eq!(call(&mut instance, "tests.count").await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_guest_that_spins_is_stopped_at_the_deadline() {
        let mut instance = instance();
        instance.deadline = Duration::from_millis(100);
        let started = Instant::now();
        assert!(matches!(call(&mut instance, "tests.spin").await, Err(CallError::Deadline(_))));
        assert!(started.elapsed() < Duration::from_secs(5));
        assert_eq!(call(&mut instance, "tests.count").await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_write_that_trapped_or_was_stopped_may_have_happened() {
        let mut instance = instance();
        instance.deadline = Duration::from_millis(100);
        for (function, why) in [
            ("tickets.ticket-add-tag", "the component trapped"),
            ("tickets.ticket-assign-owner", "did not answer"),
        ] {
            let error = call(&mut instance, function).await.unwrap_err();
            assert!(matches!(error, CallError::OutcomeUnknown(_)), "{error}");
            assert!(
                error.to_string().contains(why) && error.to_string().contains("may or may not"),
                "{error}"
            );
        }
        assert!(matches!(call(&mut instance, "tickets.ticket-get").await, Err(CallError::Trap(_))));
    }

    #[tokio::test]
    async fn while_one_instance_spins_the_others_answer() {
        let (mut spinning, mut other) = (instance(), instance());
        spinning.deadline = Duration::from_secs(3600);
        // On one thread: the spinning one gives way again and again.
        tokio::select! {
            biased;
            _ = call(&mut spinning, "tests.spin") => panic!("it ends only with its deadline"),
            counted = async {
                call(&mut other, "tests.count").await.unwrap();
                call(&mut other, "tests.count").await.unwrap()
            } => assert_eq!(counted, 2),
        }
    }

    #[test]
    fn a_call_has_its_own_timeout_and_a_little_more() {
        let mut settings = Settings::default();
        settings.set("call_timeout_ms", "7000").unwrap();
        assert_eq!(instance_with(GUEST, &settings).deadline, Duration::from_secs(12));
    }

    #[tokio::test]
    async fn an_abandoned_call_leaves_a_fresh_instance_behind() {
        let mut instance = instance();
        call(&mut instance, "tests.count").await.unwrap();
        let spinning = call(&mut instance, "tests.spin");
        assert!(tokio::time::timeout(Duration::from_millis(50), spinning).await.is_err());
        assert_eq!(call(&mut instance, "tests.count").await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_guest_that_waits_for_ever_is_stopped_at_the_deadline() {
        let mut instance = instance();
        instance.deadline = Duration::from_millis(100);
        assert!(matches!(call(&mut instance, "tests.wait").await, Err(CallError::Deadline(_))));
        assert_eq!(call(&mut instance, "tests.count").await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_guest_that_takes_memory_without_end_is_stopped_and_told_apart() {
        let mut instance = instance();
        let error = call(&mut instance, "tests.grow").await.unwrap_err();
        assert_eq!(error.to_string(), "the component wanted more than 256 MiB of memory and was stopped");
        assert_eq!(call(&mut instance, "tests.count").await.unwrap(), 1);
        // One that makes do with less goes on, and what it stumbles over later is another matter.
        assert_eq!(call(&mut instance, "tests.try-grow").await.unwrap(), -1);
        assert_eq!(call(&mut instance, "tests.count").await.unwrap(), 2);
        assert!(matches!(call(&mut instance, "tests.trap").await, Err(CallError::Trap(_))));
    }

    #[tokio::test]
    async fn a_guest_that_takes_timers_without_end_is_stopped() {
        let mut instance = instance();
        let error = call(&mut instance, "tests.hoard").await.unwrap_err();
        assert!(matches!(&error, CallError::Trap(why) if why.contains("table")), "{error}");
        assert_eq!(call(&mut instance, "tests.count").await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_guest_that_stows_its_memory_away_in_the_host_is_stopped() {
        let mut instance = instance();
        for (function, why) in [("tests.stow-few", "fuel"), ("tests.stow-many", "table")] {
            let error = call(&mut instance, function).await.unwrap_err();
            assert!(matches!(&error, CallError::Trap(said) if said.contains(why)), "{error}");
            assert_eq!(call(&mut instance, "tests.count").await.unwrap(), 1);
        }
    }

    #[tokio::test]
    async fn a_guest_that_spins_while_it_is_instantiated_is_stopped_as_well() {
        let spinning = GUEST.replace(";; at the start", "(start $spin)");
        let mut instance = instance_of(&spinning);
        instance.deadline = Duration::from_millis(100);
        assert!(matches!(call(&mut instance, "tests.count").await, Err(CallError::Deadline(_))));
    }

    #[tokio::test]
    async fn an_unknown_function_is_answered_with_the_known_ones() {
        let error = call(&mut instance(), "tests.nothing").await.unwrap_err().to_string();
        assert!(error.contains("there are: tests.count, tests.grow, tests.hoard, "), "{error}");
    }

    #[tokio::test]
    async fn typed_calls_into_another_contract_are_refused() {
        let answer = instance()
            .typed(async |exports: &ConnectorExports, store| {
                exports.proofpoint_connector_health().call_test_connectivity(store, &[]).await
            })
            .await;
        assert!(matches!(answer, Err(CallError::Incompatible(_))));
    }

    #[test]
    fn calls_can_be_spawned() {
        fn sendable<T: Send>(_: &T) {}
        let mut instance = instance();
        sendable(&instance.call("tests.count", &Value::Null));
    }
}
