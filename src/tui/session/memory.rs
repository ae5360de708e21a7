//! Memory that computations have freed goes back to the system when they rest.
//!
//! In: when results arrive. Out: calls of the function that gives free memory back. An allocator keeps what was freed for
//! what comes next. While a map moves, that saves time; on a screen that is only looked at, others could use the memory.

use std::thread;
use std::time::{Duration, Instant};

/// No results for this long count as a rest. A statistic that takes longer may still be computed, which does no harm.
const REST: Duration = Duration::from_secs(5);

/// Waits for the computations to rest.
pub(super) struct FreeMemory {
    release: Option<fn()>,
    /// When the last results came; `None` if memory was given back since.
    last: Option<Instant>,
}

impl FreeMemory {
    pub(super) fn new(release: Option<fn()>) -> Self {
        Self {
            release,
            last: None,
        }
    }

    /// Results have come.
    pub(super) fn computed(&mut self, now: Instant) {
        self.last = self.release.is_some().then_some(now);
    }

    /// When memory is to be given back, if no more results come.
    pub(super) fn due(&self) -> Option<Instant> {
        self.last.map(|last| last + REST)
    }

    /// Gives memory back, if that is due.
    pub(super) fn release_if_due(&mut self, now: Instant) {
        if self.due().is_some_and(|due| due <= now)
            && let Some(release) = self.release
        {
            self.last = None;
            // It may take a tenth of a second. Where no thread can be started, the memory stays where it is.
            let _ = thread::Builder::new().name("memory".into()).spawn(release);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    static CALLS: AtomicUsize = AtomicUsize::new(0);

    fn count() {
        CALLS.fetch_add(1, Ordering::SeqCst);
    }

    fn calls_are(wanted: usize) -> bool {
        (0..1_000).any(|_| {
            thread::sleep(Duration::from_millis(1));
            CALLS.load(Ordering::SeqCst) == wanted
        })
    }

    #[test]
    fn memory_is_given_back_once_after_the_last_results() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut memory = FreeMemory::new(Some(count));
        memory.release_if_due(at(100));
        assert_eq!(memory.due(), None);
        memory.computed(at(0));
        memory.release_if_due(at(4));
        memory.computed(at(4));
        assert_eq!(memory.due(), Some(at(9)));
        memory.release_if_due(at(8));
        assert_eq!(CALLS.load(Ordering::SeqCst), 0);
        memory.release_if_due(at(9));
        assert!(calls_are(1));
        memory.release_if_due(at(20));
        assert_eq!(memory.due(), None);
        memory.computed(at(30));
        memory.release_if_due(at(35));
        assert!(calls_are(2));
    }

    #[test]
    fn without_a_way_to_give_it_back_nothing_is_due() {
        let mut memory = FreeMemory::new(None);
        memory.computed(Instant::now());
        assert_eq!(memory.due(), None);
    }
}
