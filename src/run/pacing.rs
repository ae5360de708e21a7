//! How the observer leaves the machine to the optimizer, and hears that it should stop.
//!
//! Its computations call [`Progress::pause`] between pieces of work. While the optimizer is at work,
//! that is a rest several times as long as the observer has worked since the last one: a thread of low priority is not enough where the system gives all threads the same share (many
//! containers), and the optimizer's threads wait for the slowest of them. With one of two cores shared for a
//! sixth of the time, an iteration takes at most a twelfth longer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::shared::Shared;
use crate::progress::Progress;

/// Rest as a multiple of the time worked.
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

    /// Rests as long as is due. Nothing is locked meanwhile.
    pub(super) fn rest(&self, shared: &Shared) {
        let worked = self.since().elapsed();
        if worked >= SLICE {
            shared.rest(worked.mul_f64(REST));
            self.begin();
        }
    }

    fn since(&self) -> MutexGuard<'_, Instant> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was spent waiting was no work.
    pub(super) fn begin(&self) {
        *self.since() = Instant::now();
    }
}

/// What ends a computation of the observer early, besides the end of the run.
#[derive(Clone, Copy)]
pub(super) enum Until {
    /// Nothing.
    End,
    /// A snapshot newer than `seen`, or another k of the tables: for what only pays while nothing new
    /// comes up.
    News { seen: u64, k: usize },
    /// Labels newer than those that are counted.
    Labels,
}

/// The progress of the observer's computations: not shown, and paced beside the optimizer.
pub(super) struct Paced {
    pub(super) shared: Arc<Shared>,
    pub(super) until: Until,
}

impl Progress for Paced {
    fn is_cancelled(&self) -> bool {
        let is_over = match self.until {
            Until::End => false,
            Until::News { seen, k } => {
                self.shared.latest().sequence != seen || self.shared.table_k() != k
            }
            Until::Labels => self.shared.has_labels(),
        };
        is_over || self.shared.is_stopping()
    }

    fn pause(&self) {
        self.shared.rest_if_due();
    }
}
