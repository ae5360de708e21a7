//! Steps of writing a file, which tests let fail.

use std::cell::Cell;
use std::io;

thread_local! {
    /// Steps until one fails.
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Writes with a failure at a step, counted from 0.
pub(crate) fn failing_at<T>(step: usize, write: impl FnOnce() -> T) -> T {
    LEFT.set(Some(step));
    let outcome = write();
    LEFT.set(None);
    outcome
}

/// The next step.
pub(crate) fn step() -> io::Result<()> {
    match LEFT.get() {
        Some(0) => Err(io::Error::from(io::ErrorKind::StorageFull)),
        Some(left) => {
            LEFT.set(Some(left - 1));
            Ok(())
        }
        None => Ok(()),
    }
}
