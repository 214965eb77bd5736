//! Why a call failed: the cases of the contract's `error`, one for one.

use core::fmt;
use core::time::Duration;

/// Every way a call can end without its result.
///
/// No message holds a secret, a token or the body of an e-mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// An argument is wrong; nothing was sent.
    InvalidArgument {
        /// The argument's name in the contract, in kebab case.
        argument: String,
        /// What is wrong with which value.
        message: String,
        /// Allowed values, where the vocabulary is closed.
        allowed: Vec<String>,
    },
    /// A configuration key is missing or malformed; nothing was sent.
    Configuration {
        /// The key.
        key: String,
        /// What is wrong with it.
        message: String,
    },
    /// The credentials were refused, after one renewal.
    Unauthorized(String),
    /// The key lacks the module (403).
    Forbidden(String),
    /// There is nothing under this id.
    NotFound(String),
    /// The vendor's quota or the own call budget is spent.
    RateLimited {
        /// Which limit was met.
        message: String,
        /// When a call can be made again.
        retry_after: Duration,
    },
    /// The deadline passed on a read.
    Timeout(String),
    /// No connection, or 5xx after retries.
    Unavailable(String),
    /// A write was sent and its answer did not arrive or cannot be read.
    OutcomeUnknown(String),
    /// Any other 4xx.
    Rejected {
        /// HTTP status.
        status: u16,
        /// The vendor's own error code.
        code: Option<String>,
        /// The vendor's own message.
        message: String,
    },
    /// The answer is not what the API promises.
    InvalidResponse(String),
    /// The service cannot do this here.
    Unsupported(String),
}

impl Error {
    /// An [`Error::InvalidArgument`] without a closed vocabulary.
    pub fn argument(argument: &str, message: impl Into<String>) -> Self {
        Self::InvalidArgument { argument: argument.into(), message: message.into(), allowed: Vec::new() }
    }

    /// An [`Error::Configuration`].
    pub fn configuration(key: &str, message: impl Into<String>) -> Self {
        Self::Configuration { key: key.into(), message: message.into() }
    }

    /// The sentence for a person.
    pub fn message(&self) -> &str {
        match self {
            Self::InvalidArgument { message, .. }
            | Self::Configuration { message, .. }
            | Self::RateLimited { message, .. }
            | Self::Rejected { message, .. }
            | Self::Unauthorized(message)
            | Self::Forbidden(message)
            | Self::NotFound(message)
            | Self::Timeout(message)
            | Self::Unavailable(message)
            | Self::OutcomeUnknown(message)
            | Self::InvalidResponse(message)
            | Self::Unsupported(message) => message,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for Error {}
