//! Where a scan stands.

use serde::{Deserialize, Serialize};

/// A listed thing that a scan can pass.
pub trait Passed {
    /// The second (since 1970) that the list is sorted by; for a row without a usable time a
    /// neighbour's, see the caller.
    fn second(&self) -> i64;
}

/// Everything before `second` is passed; of the list that begins just before `second`, so are `row` rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// Seconds since 1970.
    pub second: i64,
    /// Rows of the list from [`Position::list_from`] that are passed.
    pub row: u32,
}

impl Position {
    /// The position before everything from this millisecond on.
    pub fn at_ms(ms: i64) -> Self {
        Self { second: ms.div_euclid(1000), row: 0 }
    }

    /// The second at which to begin the list: one earlier, because it is not known whether the time
    /// filter includes its first second.
    pub fn list_from(self) -> i64 {
        self.second.saturating_sub(1)
    }

    /// The position after so many of these rows, which were listed from here, oldest first.
    ///
    /// Where the last of them lies in a later second, the list begins anew at that second. Within one
    /// second the row number grows, but only by whole pages: rows of one instant may come in another
    /// order next time, so those that were not passed are looked for again among all of them.
    pub fn after<P: Passed>(self, rows: &[P], passed: usize) -> Self {
        let reached = rows.get(passed).or(rows.last()).map(Passed::second);
        match reached {
            Some(second) if second > self.second => Self { second, row: 0 },
            _ if passed < rows.len() => self,
            _ => Self {
                second: self.second,
                row: self.row.saturating_add(u32::try_from(passed).unwrap_or(u32::MAX)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct At(i64);

    impl Passed for At {
        fn second(&self) -> i64 {
            self.0
        }
    }

    #[test]
    fn a_burst_within_one_second_is_passed_by_rows() {
        let start = Position::at_ms(5_999);
        assert_eq!(start, Position { second: 5, row: 0 });
        let rows: Vec<At> = (0..200).map(|_| At(5)).collect();
        assert_eq!(start.after(&rows, 200), Position { second: 5, row: 200 });
        assert_eq!(start.after(&rows, 200).after(&rows, 200), Position { second: 5, row: 400 });
        assert_eq!(start.after(&[At(5), At(9)], 2), Position { second: 9, row: 0 });
    }

    #[test]
    fn a_page_that_is_passed_in_part_is_listed_again_from_the_second_of_what_is_left() {
        let start = Position { second: 5, row: 200 };
        assert_eq!(start.after(&[At(5), At(5), At(9)], 1), start);
        assert_eq!(start.after(&[At(5), At(9), At(9)], 2), Position { second: 9, row: 0 });
    }

    proptest! {
        #[test]
        fn every_page_passed_is_progress(second in 0_i64..100, row in 0_u32..1000, mut rows in prop::collection::vec(0_i64..100, 1..50)) {
            rows.sort_unstable();
            let rows: Vec<At> = rows.into_iter().map(At).collect();
            let position = Position { second, row };
            prop_assert!(position.after(&rows, rows.len()) > position);
            prop_assert!(position.after(&rows, 0) >= position);
        }
    }
}
