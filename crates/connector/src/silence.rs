//! Keeps the component's imports to those of its world.
//!
//! std's panic hook asks for `RUST_BACKTRACE` and prints to standard error; through wasi-libc that alone
//! imports all of `wasi:cli`, which a proxy-style host does not provide. Defining the three libc functions
//! it ends in away removes those imports. The price: a panic leaves no message, only a trap. A debug
//! build keeps them.
#![allow(unsafe_code)]

/// No variable is set.
#[unsafe(no_mangle)]
extern "C" fn getenv(_: *const u8) -> *mut u8 {
    core::ptr::null_mut()
}

/// Everything is written, to nowhere.
#[unsafe(no_mangle)]
extern "C" fn write(_: i32, _: *const u8, length: usize) -> isize {
    isize::try_from(length).unwrap_or(isize::MAX)
}

/// One piece of a `writev`.
#[repr(C)]
struct Piece {
    base: *const u8,
    length: usize,
}

/// Everything is written, to nowhere.
#[unsafe(no_mangle)]
unsafe extern "C" fn writev(_: i32, pieces: *const Piece, count: i32) -> isize {
    let mut total = 0_usize;
    for i in 0..usize::try_from(count).unwrap_or_default() {
        // SAFETY: the caller hands `count` pieces, as POSIX asks of it.
        total = total.saturating_add(unsafe { (*pieces.add(i)).length });
    }
    isize::try_from(total).unwrap_or(isize::MAX)
}
