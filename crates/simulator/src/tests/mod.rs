//! Tests of the vendor as a whole, by subject.
