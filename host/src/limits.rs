//! How much of the host's memory one instance may take.

use wasmtime::ResourceLimiter;

/// Memory that one instance may use, all its memories together. A page of 200 incidents with their raw JSON
/// takes a few megabytes, the largest answer 32.
const MEMORY: usize = 256 << 20;

/// Elements of all tables: functions, mostly.
const ELEMENTS: usize = 100_000;

/// Core instances, memories and tables: a component is a handful of them.
const PARTS: usize = 100;

/// Requests, streams, timers and what else the host keeps for an instance.
pub(crate) const RESOURCES: usize = 1024;

/// What a call out of the guest may bring: a request takes a few, of which a path has 64 KiB and a piece of its body
/// as much, so that all of them hold half a gigabyte at most.
pub(crate) const HOSTCALL: usize = 128 << 10;

/// Piece of a request's body.
pub(crate) const BODY_CHUNK: usize = 64 << 10;

/// All header fields of a request together: a token, mostly.
pub(crate) const FIELDS: usize = 32 << 10;

/// Requests under way, and answers that were not read to their end. The component has sixteen calls at a time.
pub(crate) const EXCHANGES: usize = 64;

/// What a component may write to standard error; what is shipped writes nothing.
pub(crate) const STDERR: usize = 64 << 10;

/// What one answer may take in the host as values of the component model, names of fields and all: some
/// tens of thousands of tickets.
pub(crate) const ANSWER: usize = 512 << 20;

/// What an instance has taken.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    memory: usize,
    elements: usize,
    /// Whether it was refused more since the call began.
    pub(crate) refused: bool,
}

impl Limits {
    /// Why an instance came to its end, where it wanted more than it may have.
    pub(crate) fn exceeded(&self) -> Option<usize> {
        self.refused.then_some(MEMORY)
    }

    fn take(taken: &mut usize, current: usize, desired: usize, most: usize) -> bool {
        let all = taken.saturating_add(desired.saturating_sub(current));
        let fits = all <= most;
        if fits {
            *taken = all;
        }
        fits
    }
}

impl ResourceLimiter for Limits {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let fits = Self::take(&mut self.memory, current, desired, MEMORY);
        self.refused |= !fits;
        Ok(fits)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(Self::take(&mut self.elements, current, desired, ELEMENTS))
    }

    fn instances(&self) -> usize {
        PARTS
    }

    fn memories(&self) -> usize {
        PARTS
    }

    fn tables(&self) -> usize {
        PARTS
    }
}
