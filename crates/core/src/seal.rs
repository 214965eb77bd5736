//! Cursors and checkpoints as text: printable, versioned, and refused when damaged.
//!
//! The form is `KIND.VERSION.CHECKSUM.PAYLOAD`, the payload in postcard and URL-safe base64. The checksum
//! catches truncation and slips of the clipboard; it is no signature: whoever may call the connector
//! may also make a checkpoint.

use crate::Error;
use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The kind of a sealed text, and how the argument that carries it is named.
#[derive(Clone, Copy, Debug)]
pub struct Seal {
    /// First part of the text.
    pub kind: &'static str,
    /// Layout of the payload; raised whenever an older reader would misread it.
    pub version: u32,
    /// The contract's name of the argument, for errors.
    pub argument: &'static str,
}

impl Seal {
    /// Writes a value as text.
    pub fn seal(&self, value: &impl Serialize) -> Result<String, Error> {
        let bytes = postcard::to_allocvec(value)
            .map_err(|e| Error::InvalidResponse(format!("the {} cannot be written: {e}", self.argument)))?;
        let payload = Base64UrlUnpadded::encode_string(&bytes);
        Ok(format!("{}.{}.{:016x}.{payload}", self.kind, self.version, hash(payload.as_bytes())))
    }

    /// Reads a value back.
    pub fn open<T: DeserializeOwned>(&self, text: &str) -> Result<T, Error> {
        let wrong = |message: String| Error::argument(self.argument, message);
        let mut parts = text.trim().splitn(4, '.');
        let (Some(kind), Some(version), Some(checksum), Some(payload)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(wrong(format!(
                "this is not a {} of the connector (or it is cut off)",
                self.argument
            )));
        };
        if kind != self.kind {
            return Err(wrong(format!(
                "this is not a {} of this function: it begins with `{}`, not `{}`",
                self.argument,
                kind.chars().filter(char::is_ascii_graphic).take(20).collect::<String>(),
                self.kind
            )));
        }
        if version != self.version.to_string() {
            return Err(wrong(format!(
                "it was written in version {} of its layout and this connector reads version {}; use the \
                 connector that wrote it, or start without one",
                version.chars().filter(char::is_ascii_digit).take(9).collect::<String>(),
                self.version
            )));
        }
        let damaged = || wrong(format!("the {} is damaged: its checksum does not match", self.argument));
        if checksum != format!("{:016x}", hash(payload.as_bytes())) {
            return Err(damaged());
        }
        let bytes = Base64UrlUnpadded::decode_vec(payload).map_err(|_| damaged())?;
        postcard::from_bytes(&bytes).map_err(|_| damaged())
    }
}

/// FNV-1a, 64 bit: short identities for ids and checksums, the same on every platform and in every
/// release. Ids are the vendor's random UUIDs, so nobody chooses them to collide.
pub fn hash(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CURSOR: Seal = Seal { kind: "cursor", version: 2, argument: "cursor" };

    fn refused(text: &str) -> String {
        match CURSOR.open::<Vec<u32>>(text) {
            Err(Error::InvalidArgument { argument, message, .. }) if argument == "cursor" => message,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn another_version_or_kind_is_named() {
        let text = CURSOR.seal(&vec![1_u32]).unwrap();
        assert!(refused(&text.replacen("cursor.2", "cursor.3", 1)).contains("version 3"));
        assert!(refused(&text.replacen("cursor", "checkpoint", 1)).contains("checkpoint"));
        assert!(refused("").contains("not a cursor"));
        assert!(refused("cursor.2.0").contains("not a cursor"));
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_and_is_printable(value: Vec<u32>) {
            let text = CURSOR.seal(&value).unwrap();
            prop_assert!(text.bytes().all(|b| b.is_ascii_graphic()));
            prop_assert_eq!(CURSOR.open::<Vec<u32>>(&format!(" {text}\n")).unwrap(), value);
        }

        #[test]
        fn any_damage_is_noticed(value in prop::collection::vec(any::<u32>(), 1..20), at: prop::sample::Index) {
            let text = CURSOR.seal(&value).unwrap();
            let cut = at.index(text.len());
            refused(&text[..cut]);
            let mut bytes = text.into_bytes();
            bytes[cut] = if bytes[cut] == b'A' { b'B' } else { b'A' };
            refused(core::str::from_utf8(&bytes).unwrap());
        }

        #[test]
        fn garbage_is_refused(text: String) {
            refused(&text);
        }
    }
}
