//! How the observer leaves the machine to the optimizer, and hears that it should stop.
//!
//! Its computations ask now and then whether they are cancelled. While the optimizer is at work, that
//! question takes a rest several times as long as the observer has worked since the last one: a
//! thread of low priority is not enough where the system gives all threads the same share (many
//! containers), and the optimizer's threads wait for the slowest of them. With one of two cores shared for a
//! sixth of the time, an iteration takes at most a twelfth longer.

use std::sync::{Arc, Mutex, PoisonError};
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

    /// Rests as long as is due.
    pub(super) fn rest(&self, shared: &Shared) {
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        let worked = since.elapsed();
        if worked < SLICE {
            return;
        }
        shared.rest(worked.mul_f64(REST));
        *since = Instant::now();
    }

    /// What was spent waiting was no work.
    pub(super) fn begin(&self) {
        *self.since.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}

/// The observer's way to hear of the end; its progress is not shown.
pub(super) struct Quiet(pub(super) Arc<Shared>);

impl Progress for Quiet {
    fn is_cancelled(&self) -> bool {
        self.0.breathe();
        self.0.is_stopping()
    }
}

/// The observer's way to give up what only pays while nothing new comes up: neither a snapshot
/// nor another k of the tables.
pub(super) struct WhileIdle(pub(super) Arc<Shared>, pub(super) u64, pub(super) usize);

impl Progress for WhileIdle {
    fn is_cancelled(&self) -> bool {
        self.0.breathe();
        self.0.is_stopping() || self.0.latest().sequence != self.1 || self.0.table_k() != self.2
    }
}
