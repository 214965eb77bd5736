//! A loaded component with the user's settings: what the commands call through.

use proofpoint_host::{Connector, Instance, Settings, http};
use serde_json::Value;

use super::{Failure, Global, progress};

/// One instance of the component, ready to be called.
pub(crate) struct Session {
    instance: Instance,
}

impl Session {
    /// With the settings of file, profile and environment.
    pub(crate) fn open(global: &Global) -> Result<Self, Failure> {
        let settings =
            Settings::load(global.config.as_deref(), global.profile.as_deref(), std::env::vars_os())?;
        Self::with(global, &settings)
    }

    /// With these settings.
    pub(crate) fn with(global: &Global, settings: &Settings) -> Result<Self, Failure> {
        let connector = Connector::load(&global.component(), &global.cache())?;
        let client = http::Client::new(&global.http())?;
        Ok(Self { instance: connector.instance(settings, &client) })
    }

    /// Calls a function; the component's refusal is a failure.
    pub(crate) async fn call(&mut self, function: &str, parameters: Value) -> Result<Value, Failure> {
        Ok(progress::during(function, self.instance.call(function, &parameters)).await??)
    }
}
