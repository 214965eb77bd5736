//! Runs one future to its end over `wasi:io/poll`.
//!
//! A future that waits for the host parks its pollable here with its waker. When nothing else can go on,
//! all parked pollables are polled at once, and the wakers of those that are ready are called. A call
//! runs on one thread, and an instance runs one call at a time, so a thread-local list is all it takes.
//!
//! The list does not own the pollables: a future that is dropped while it waits (a request whose time is
//! over) drops its pollable before the resource that the pollable belongs to, as the host demands.

use std::cell::RefCell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use wasi::io::poll::{self, Pollable};

thread_local! {
    static PARKED: RefCell<Vec<(Weak<Pollable>, Waker)>> = const { RefCell::new(Vec::new()) };
}

/// Wakes the outermost future.
struct Awake(AtomicBool);

impl Wake for Awake {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs a future to its end.
///
/// None if it waits for something that is not a pollable, which nothing in this component does.
pub(crate) fn block_on<R>(future: impl Future<Output = R>) -> Option<R> {
    let mut result = None;
    run(pin!(async { result = Some(future.await) }));
    result
}

/// One copy of the loop for all kinds of results: every kilobyte counts.
fn run(mut future: Pin<&mut dyn Future<Output = ()>>) {
    // What an earlier call left is of no interest to this one.
    PARKED.with_borrow_mut(Vec::clear);
    let awake = Arc::new(Awake(AtomicBool::new(true)));
    let waker = Waker::from(awake.clone());
    let mut context = Context::from_waker(&waker);
    loop {
        if awake.0.swap(false, Ordering::Relaxed) && future.as_mut().poll(&mut context).is_ready() {
            return PARKED.with_borrow_mut(Vec::clear);
        }
        if !awake.0.load(Ordering::Relaxed) && !wait() {
            return;
        }
    }
}

/// Waits until a pollable is ready.
pub(crate) async fn ready(pollable: &Rc<Pollable>) {
    std::future::poll_fn(|context| {
        if pollable.ready() {
            return Poll::Ready(());
        }
        PARKED.with_borrow_mut(|parked| parked.push((Rc::downgrade(pollable), context.waker().clone())));
        Poll::Pending
    })
    .await;
}

/// Blocks until at least one parked pollable is ready and wakes whoever waits for it. A pollable nobody
/// holds any more belongs to a future that was dropped. Answers whether there was anything to wait for.
fn wait() -> bool {
    let parked: Vec<(Rc<Pollable>, Waker)> = PARKED
        .take()
        .into_iter()
        .filter_map(|(pollable, waker)| Some((pollable.upgrade()?, waker)))
        .collect();
    if parked.is_empty() {
        return false;
    }
    let pollables: Vec<&Pollable> = parked.iter().map(|(pollable, _)| &**pollable).collect();
    let ready = poll::poll(&pollables);
    let mut still = Vec::new();
    for (index, (pollable, waker)) in parked.into_iter().enumerate() {
        if ready.iter().any(|r| usize::try_from(*r).is_ok_and(|r| r == index)) {
            waker.wake();
        } else {
            still.push((Rc::downgrade(&pollable), waker));
        }
    }
    PARKED.with_borrow_mut(|parked| parked.append(&mut still));
    true
}
