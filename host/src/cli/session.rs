//! A loaded component with the user's settings: what the commands call through.

use proofpoint_host::{Connector, Instance, Settings, http};
use serde_json::Value;

use super::progress::Progress;
use super::{Failure, Global};

/// One instance of the component, ready to be called.
pub(crate) struct Session {
    instance: Instance,
}

impl Session {
    /// With the settings of file, profile and environment.
    pub(crate) fn open(global: &Global) -> Result<Self, Failure> {
        Self::with(global, &Self::settings(global)?)
    }

    /// The settings of file, profile and environment.
    pub(crate) fn settings(global: &Global) -> Result<Settings, Failure> {
        Ok(Settings::load(global.config.as_deref(), global.profile.as_deref(), std::env::vars_os())?)
    }

    /// With these settings.
    pub(crate) fn with(global: &Global, settings: &Settings) -> Result<Self, Failure> {
        let connector = Connector::load(&global.component(), &global.cache())?;
        let client = http::Client::new(&global.http())?;
        let instance = connector.instance(settings, &client);
        Ok(Self { instance: if global.gives_secrets() { instance.give_secrets() } else { instance } })
    }

    /// Calls a function; the component's refusal is a failure.
    pub(crate) async fn call(&mut self, function: &str, parameters: Value) -> Result<Value, Failure> {
        self.step(&Progress::of(function), function, parameters).await
    }

    /// The same, as one of the steps that `progress` shows.
    pub(crate) async fn step(
        &mut self,
        progress: &Progress,
        function: &str,
        parameters: Value,
    ) -> Result<Value, Failure> {
        Ok(progress.during(self.instance.call(function, &parameters)).await??)
    }
}
