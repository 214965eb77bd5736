//! Runs one future to its end over `wasi:io/poll`.
//!
//! A future that waits for the host parks here. When nothing else can go on, all parked pollables are
//! polled at once, and the wakers of those that are ready are called. A call runs on one thread, and an
//! instance runs one call at a time, so a thread-local list is all it takes.
//!
//! The list does not own the pollables: a future that is dropped while it waits (a request whose time is
//! over) drops its pollable before the resource that the pollable belongs to, as the host demands.
//!
//! Only `poll` is asked what is ready. `pollable.ready` is stale in jco 1.35: of a body it says yes for ever
//! once there was data, and a future that believes it spins and never lets its deadline be seen.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use wasi::io::poll::{self, Pollable};

thread_local! {
    static PARKED: RefCell<Vec<Weak<Waiting>>> = const { RefCell::new(Vec::new()) };
}

/// One wait, owned by the future that waits.
struct Waiting {
    pollable: Rc<Pollable>,
    waker: Cell<Option<Waker>>,
    over: Cell<bool>,
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
    let waiting =
        Rc::new(Waiting { pollable: pollable.clone(), waker: Cell::new(None), over: Cell::new(false) });
    PARKED.with_borrow_mut(|parked| parked.push(Rc::downgrade(&waiting)));
    std::future::poll_fn(|context| {
        if waiting.over.get() {
            return Poll::Ready(());
        }
        waiting.waker.set(Some(context.waker().clone()));
        Poll::Pending
    })
    .await;
}

/// Blocks until at least one wait is over and wakes whoever waits. Answers whether anyone waited.
fn wait() -> bool {
    let parked: Vec<Rc<Waiting>> = PARKED.take().iter().filter_map(Weak::upgrade).collect();
    if parked.is_empty() {
        return false;
    }
    let pollables: Vec<&Pollable> = parked.iter().map(|waiting| &*waiting.pollable).collect();
    for index in poll::poll(&pollables) {
        if let Some(waiting) = usize::try_from(index).ok().and_then(|index| parked.get(index)) {
            waiting.over.set(true);
            if let Some(waker) = waiting.waker.take() {
                waker.wake();
            }
        }
    }
    let still = parked.iter().filter(|waiting| !waiting.over.get()).map(Rc::downgrade);
    PARKED.with_borrow_mut(|parked| parked.extend(still));
    true
}
