//! An input as text that a fuzzer can take apart: which operation, how it is asked, what it is answered.
//!
//! Two characters, then answers with the separator between them, each a line `STATUS|CONTENT-TYPE|RETRY-AFTER` and
//! the body. In a body, what stands between two marks is repeated until the body is large.

/// Stands between answers.
const SEPARATOR: u8 = 0x1e;

/// Stands before and behind what is repeated in a body.
pub const REPEAT: u8 = 0x1d;

/// A header line is no longer than this.
const LONGEST_LINE: usize = 80;

/// What a fuzzer wants to happen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    /// Which operation of the target.
    pub operation: u8,
    /// How it is asked: see [`crate::world::World::flag`].
    pub flags: u8,
    /// What the service answers, one request after the other; the last answer stays.
    pub answers: Vec<Answer>,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status; below 100 the connection breaks.
    pub status: u16,
    /// The header fields.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// The header fields that an answer may have, in the order of its line.
const FIELDS: [&str; 3] = ["content-type", "retry-after", "date"];

impl Input {
    /// Reads an input; none where it is too short to say anything.
    pub fn read(data: &[u8]) -> Option<Self> {
        let [operation, flags, answers @ ..] = data else { return None };
        let answers = answers.split(|byte| *byte == SEPARATOR).map(Answer::read).collect();
        Some(Self { operation: operation.wrapping_sub(b'a'), flags: flags.wrapping_sub(b' '), answers })
    }

    /// Writes an input.
    pub fn write(&self) -> Vec<u8> {
        let mut data = vec![self.operation.wrapping_add(b'a'), self.flags.wrapping_add(b' ')];
        let answers: Vec<Vec<u8>> = self.answers.iter().map(Answer::write).collect();
        data.extend(answers.join(&SEPARATOR));
        data
    }
}

impl Answer {
    fn read(data: &[u8]) -> Self {
        let end = data.iter().take(LONGEST_LINE).position(|byte| *byte == b'\n');
        let line = end.and_then(|end| std::str::from_utf8(&data[..end]).ok()).unwrap_or_default();
        let mut parts = line.split('|');
        match (parts.next().and_then(|status| status.parse().ok()), end) {
            (Some(status), Some(end)) => Self {
                status,
                headers: FIELDS
                    .iter()
                    .zip(parts)
                    .map(|(name, value)| ((*name).into(), value.into()))
                    .collect(),
                body: data[end + 1..].to_vec(),
            },
            _ => Self { status: 200, headers: Vec::new(), body: data.to_vec() },
        }
    }

    fn write(&self) -> Vec<u8> {
        let header =
            |name: &&str| self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value);
        let mut line =
            format!("{}|{}\n", self.status, FIELDS.iter().map(header).collect::<Vec<_>>().join("|"));
        line.truncate(LONGEST_LINE);
        [line.as_bytes(), &self.body].concat()
    }

    /// This answer, what stands between marks repeated until it has about so many bytes.
    pub fn swollen(mut self, size: usize) -> Self {
        let mut parts = self.body.splitn(3, |byte| *byte == REPEAT);
        if let (Some(begin), Some(middle @ [_, ..]), Some(end)) = (parts.next(), parts.next(), parts.next()) {
            let times = size.saturating_sub(begin.len() + end.len()) / middle.len();
            self.body = [begin, &middle.repeat(times), end].concat();
        }
        self
    }
}
