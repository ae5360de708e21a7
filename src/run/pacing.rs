//! How the observer rests, so that the optimizer keeps most of the machine.
//!
//! Its computations call [`Progress::pause`](crate::Progress::pause) between pieces of work. While the
//! optimizer works, that is a pause several times as long as the observer has worked since the last
//! one: a thread of low priority is not enough where the system gives all threads the same share
//! (many containers), and the optimizer's threads wait for the slowest of them. With one of two cores
//! shared for a sixth of the time, an iteration takes at most a twelfth longer.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Rest, as a multiple of the time worked.
const REST: f64 = 5.0;
/// Work after which there is a rest.
const SLICE: Duration = Duration::from_millis(4);

/// When the observer has rested last.
pub(super) struct Pace {
    since: Mutex<Instant>,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self {
            since: Mutex::new(Instant::now()),
        }
    }

    /// The rest that is due.
    pub(super) fn due(&self) -> Option<Duration> {
        let worked = self.since().elapsed();
        (worked >= SLICE).then(|| worked.mul_f64(REST))
    }

    fn since(&self) -> MutexGuard<'_, Instant> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waiting does not count as work.
    pub(super) fn begin(&self) {
        *self.since() = Instant::now();
    }
}
