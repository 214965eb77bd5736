//! A response body that does not wait for ever.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep};
use wasmtime_wasi_http::Error;

use super::failure;

/// A body that fails when nothing arrives for longer than the between-bytes timeout. It ends where trailers begin:
/// they are fields that nobody reads.
pub(super) struct Bounded {
    body: Incoming,
    timeout: Duration,
    patience: Pin<Box<Sleep>>,
}

impl Bounded {
    pub(super) fn new(body: Incoming, timeout: Duration) -> Self {
        Self { body, timeout, patience: Box::pin(tokio::time::sleep(timeout)) }
    }
}

impl Body for Bounded {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            let deadline = Instant::now() + self.timeout;
            self.patience.as_mut().reset(deadline);
            let frame = frame.filter(|frame| frame.as_ref().map_or(true, Frame::is_data));
            return Poll::Ready(frame.map(|frame| frame.map_err(|error| failure::of_body(&error))));
        }
        ready!(self.patience.as_mut().poll(cx));
        Poll::Ready(Some(Err(Error::ConnectionReadTimeout)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
