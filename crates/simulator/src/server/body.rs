//! A body that may break off, or never end.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Bytes, Frame, SizeHint};
use tokio::time::Sleep;

use crate::wire::{Cut, Reply};

/// The connection was dropped on purpose.
#[derive(Debug)]
pub(crate) struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection was dropped on purpose")
    }
}

impl std::error::Error for Dropped {}

/// The bytes of an answer, and what follows them.
pub(crate) struct Body {
    bytes: Bytes,
    then: Then,
}

enum Then {
    End,
    /// Breaks off after a moment, so that what came before is on its way.
    Break(Pin<Box<Sleep>>),
    /// Begins again, until so many bytes were sent, or forever.
    Repeat(Option<u64>),
}

const MOMENT: Duration = Duration::from_millis(20);

impl Body {
    pub(crate) fn of(reply: Reply) -> Body {
        let mut bytes = Bytes::from(reply.body);
        let then = match reply.cut {
            Cut::InBody(length) => {
                bytes.truncate(length);
                Then::Break(Box::pin(tokio::time::sleep(MOMENT)))
            }
            _ if reply.endless => Then::Repeat(reply.length),
            _ => Then::End,
        };
        Body { bytes, then }
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        let body = &mut *self;
        let bytes = match &mut body.then {
            Then::Repeat(None) => body.bytes.clone(),
            Then::Repeat(Some(left)) => {
                let part =
                    body.bytes.slice(..body.bytes.len().min(usize::try_from(*left).unwrap_or(usize::MAX)));
                *left -= part.len() as u64;
                part
            }
            Then::End | Then::Break(_) => std::mem::take(&mut body.bytes),
        };
        if !bytes.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        match &mut body.then {
            Then::End | Then::Repeat(_) => Poll::Ready(None),
            Then::Break(moment) => {
                ready!(moment.as_mut().poll(context));
                Poll::Ready(Some(Err(Dropped)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self.then {
            Then::End => self.bytes.is_empty(),
            Then::Repeat(left) => left == Some(0),
            Then::Break(_) => false,
        }
    }

    /// Known where the body ends by itself, so that a `content-length` is sent.
    fn size_hint(&self) -> SizeHint {
        match self.then {
            Then::End => SizeHint::with_exact(self.bytes.len() as u64),
            Then::Repeat(Some(left)) => SizeHint::with_exact(left),
            Then::Break(_) | Then::Repeat(None) => SizeHint::default(),
        }
    }
}
