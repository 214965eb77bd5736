//! What was delivered, from a floor on.

use serde::{Deserialize, Serialize};

/// Most entries that are kept. 20,000 within one overlap (30 minutes) is far more than any tenant has,
/// and takes some 430 KB of a checkpoint.
const CAPACITY: usize = 20_000;

/// Entries live a little longer than the floor: rows without a usable time borrow a neighbour's, and
/// a scan begins up to two seconds before the floor.
const APRON_MS: i64 = 2_000;

/// What was delivered at or after a floor; what is older is settled and never looked at again.
///
/// An entry is an identity (a 64-bit hash) and the time it is kept by, in milliseconds: some
/// sixteen bytes of a checkpoint before base64.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    floor: i64,
    /// In the order of the identities.
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    key: u64,
    at: i64,
}

impl Memory {
    /// An empty memory: everything from the floor on is yet to be delivered.
    pub fn new(floor: i64) -> Self {
        Self { floor, entries: Vec::new() }
    }

    /// Time before which everything is settled, in milliseconds.
    pub fn floor(&self) -> i64 {
        self.floor
    }

    /// Whether something was delivered, or lies in settled time.
    pub fn is_done(&self, key: u64, at: i64) -> bool {
        at < self.floor || self.find(key).is_ok()
    }

    /// Notes that something was delivered; in settled time there is nothing to note.
    pub fn insert(&mut self, key: u64, at: i64) {
        if at >= self.floor
            && let Err(place) = self.find(key)
        {
            self.entries.insert(place, Entry { key, at });
        }
    }

    /// Keeps what was delivered for as long as it is seen: a row without a usable time borrows a
    /// neighbour's, and the neighbours change.
    pub fn seen(&mut self, key: u64, at: i64) {
        if let Ok(place) = self.find(key)
            && let Some(entry) = self.entries.get_mut(place)
        {
            entry.at = entry.at.max(at);
        }
    }

    /// Raises the floor; a lower one changes nothing.
    pub fn settle(&mut self, floor: i64) {
        self.floor = self.floor.max(floor);
        let kept = self.floor.saturating_sub(APRON_MS);
        self.entries.retain(|entry| entry.at >= kept);
    }

    /// Forgets the oldest entries above the capacity, raising the floor over them so that none of them
    /// can come again. Answers the new floor if that was needed: what is indexed later than that is lost.
    pub fn shrink(&mut self) -> Option<i64> {
        let excess = self.entries.len().checked_sub(CAPACITY).filter(|excess| *excess > 0)?;
        // The earliest time up to which there are enough to forget, by halving the range.
        let (mut early, mut last) = (self.floor.saturating_sub(APRON_MS), i64::MAX);
        while early < last {
            let middle = early.midpoint(last);
            match self.entries.iter().filter(|entry| entry.at <= middle).count() >= excess {
                true => last = middle,
                false => early = middle.saturating_add(1),
            }
        }
        self.settle(last.saturating_add(APRON_MS).saturating_add(1));
        Some(self.floor)
    }

    fn find(&self, key: u64) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&key, |entry| entry.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::{Seal, hash};
    use proptest::prelude::*;

    const SEAL: Seal = Seal { kind: "memory", version: 1, argument: "checkpoint" };

    #[test]
    fn what_is_settled_or_delivered_is_done() {
        let mut memory = Memory::new(10_000);
        memory.insert(1, 20_000);
        assert!(memory.is_done(1, 20_000));
        assert!(memory.is_done(2, 9_999));
        assert!(!memory.is_done(2, 10_000));
        memory.settle(30_000);
        assert!(memory.is_done(1, 20_000), "forgotten, but settled");
        memory.settle(5_000);
        assert_eq!(memory.floor(), 30_000, "a floor never falls");
    }

    #[test]
    fn a_thousand_entries_fit_in_twenty_four_kilobytes() {
        let mut memory = Memory::new(1_780_000_000_000);
        for i in 0..1000_u64 {
            memory.insert(hash(&i.to_le_bytes()), 1_780_000_000_000 + i64::try_from(i).unwrap() * 1800);
        }
        assert!(SEAL.seal(&memory).unwrap().len() < 24_000);
    }

    #[test]
    fn beyond_the_capacity_the_oldest_are_forgotten_and_cannot_come_again() {
        let mut memory = Memory::new(0);
        for i in 0..30_000_i64 {
            memory.insert(u64::try_from(i).unwrap(), i * 10);
        }
        let floor = memory.shrink().unwrap();
        assert!(floor > 9_999 * 10);
        assert!((0..30_000_i64).all(|i| memory.is_done(u64::try_from(i).unwrap(), i * 10)));
        assert_eq!(memory.shrink(), None);
    }

    proptest! {
        #[test]
        fn a_memory_survives_its_checkpoint(
            floor in -1_000_000_i64..4_000_000_000_000,
            entries in prop::collection::btree_map(any::<u64>(), 0_i64..100_000_000, 0..200),
        ) {
            let mut memory = Memory::new(floor);
            for (key, gap) in entries {
                memory.insert(key, floor + gap);
                prop_assert!(memory.is_done(key, floor + gap));
            }
            prop_assert_eq!(SEAL.open::<Memory>(&SEAL.seal(&memory).unwrap()).unwrap(), memory);
        }
    }
}
