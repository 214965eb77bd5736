//! What was delivered, from a floor on.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

/// Most entries that are kept. 20,000 within one overlap (30 minutes) is ten times what the vendor's
/// quota can list in it, and keeps a checkpoint under 400 KB.
const CAPACITY: usize = 20_000;

/// Entries live a little longer than the floor: rows without a usable time borrow a neighbour's, and
/// a scan begins up to two seconds before the floor.
const APRON_MS: i64 = 2_000;

/// What was delivered at or after a floor; what is older is settled and never looked at again.
///
/// An entry is an identity (a 64-bit hash) and the time it is kept by, in milliseconds. About ten bytes
/// each in a checkpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    floor: i64,
    entries: BTreeMap<u64, i64>,
}

impl Memory {
    /// An empty memory: everything from the floor on is yet to be delivered.
    pub fn new(floor: i64) -> Self {
        Self { floor, entries: BTreeMap::new() }
    }

    /// Time before which everything is settled, in milliseconds.
    pub fn floor(&self) -> i64 {
        self.floor
    }

    /// Whether something was delivered, or lies in settled time.
    pub fn is_done(&self, key: u64, at: i64) -> bool {
        at < self.floor || self.entries.contains_key(&key)
    }

    /// Notes that something was delivered; in settled time there is nothing to note.
    pub fn insert(&mut self, key: u64, at: i64) {
        if at >= self.floor {
            self.entries.insert(key, at);
        }
    }

    /// Raises the floor; a lower one changes nothing.
    pub fn settle(&mut self, floor: i64) {
        self.floor = self.floor.max(floor);
        let kept = self.floor.saturating_sub(APRON_MS);
        self.entries.retain(|_, at| *at >= kept);
    }

    /// Forgets the oldest entries above the capacity, raising the floor over them so that none of them
    /// can come again. Answers the new floor if that was needed: what is indexed later than that is lost.
    pub fn shrink(&mut self) -> Option<i64> {
        let excess = self.entries.len().checked_sub(CAPACITY).filter(|excess| *excess > 0)?;
        let (last, _) = self.oldest_first().get(excess.saturating_sub(1)).copied()?;
        self.settle(last.saturating_add(APRON_MS).saturating_add(1));
        Some(self.floor)
    }

    fn oldest_first(&self) -> Vec<(i64, u64)> {
        let mut entries: Vec<(i64, u64)> = self.entries.iter().map(|(key, at)| (*at, *key)).collect();
        entries.sort_unstable();
        entries
    }
}

/// In a checkpoint: the floor, then for each entry, oldest first, the milliseconds since the one before
/// (a varint) and the identity (8 bytes), all in base64.
impl Serialize for Memory {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = self.oldest_first();
        let mut bytes = Vec::with_capacity(entries.len().saturating_mul(11));
        let mut before = self.floor.saturating_sub(APRON_MS);
        for (at, key) in entries {
            let mut gap = at.abs_diff(before);
            while gap >= 0x80 {
                bytes.push(0x80 | gap.to_le_bytes().first().copied().unwrap_or_default());
                gap >>= 7;
            }
            bytes.push(gap.to_le_bytes().first().copied().unwrap_or_default());
            bytes.extend_from_slice(&key.to_le_bytes());
            before = at;
        }
        (self.floor, URL_SAFE_NO_PAD.encode(bytes)).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Memory {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (floor, text) = <(i64, String)>::deserialize(deserializer)?;
        let damaged = || serde::de::Error::custom("damaged memory");
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| damaged())?;
        let mut memory = Self::new(floor);
        let mut before = floor.saturating_sub(APRON_MS);
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let mut gap: u64 = 0;
            let mut shift = 0;
            loop {
                let (byte, tail) = rest.split_first().ok_or_else(damaged)?;
                rest = tail;
                gap |= u64::from(byte & 0x7f).checked_shl(shift).ok_or_else(damaged)?;
                shift = shift.saturating_add(7);
                if byte & 0x80 == 0 {
                    break;
                }
            }
            let (key, tail) = rest.split_first_chunk::<8>().ok_or_else(damaged)?;
            rest = tail;
            before = before.saturating_add_unsigned(gap);
            memory.entries.insert(u64::from_le_bytes(*key), before);
        }
        Ok(memory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
    fn a_thousand_entries_fit_in_twenty_kilobytes() {
        let mut memory = Memory::new(0);
        for i in 0..1000_u64 {
            memory.insert(crate::seal::hash(&i.to_le_bytes()), i64::try_from(i).unwrap() * 1800);
        }
        assert!(serde_json::to_string(&memory).unwrap().len() < 20_000);
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
                memory.entries.insert(key, floor - APRON_MS + gap);
            }
            let text = serde_json::to_string(&memory).unwrap();
            prop_assert_eq!(serde_json::from_str::<Memory>(&text).unwrap(), memory);
        }

        #[test]
        fn damaged_text_is_refused_or_read_but_never_panics(text in "[A-Za-z0-9+/]{0,60}") {
            let _ = serde_json::from_str::<Memory>(&format!("[0,\"{text}\"]"));
        }
    }
}
