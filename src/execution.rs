//! How a long call runs: on how many threads, and where it reports its progress.
//!
//! Every long call takes an [`Execution`] as its last argument. It holds a number and a [`Progress`], and
//! no thread pool: in a notebook that compiles every cell into a library of its own, a pool kept in
//! a variable panics and a global one leaks. A pool lives for the time of one call; a call within
//! another uses the pool of the outer one.

use std::sync::Arc;

use crate::machine::threads_of_job;
use crate::progress::{Progress, Silent, Stage};

/// More threads than this would cost memory and gain nothing.
pub(crate) const MOST_THREADS: usize = 1024;

/// How a long call runs: on how many threads, and where it reports its progress. The default is all
/// threads that the process was given and no reports: those that its affinity and its control groups allow, and in a
/// Slurm job not more than `SLURM_CPUS_PER_TASK`.
///
/// The number of threads changes the time, never the result.
///
/// ```
/// use disentangle::{ndarray::array, Execution, neighbors::Neighbors};
/// let line = array![[0.0], [1.0], [3.0], [3.5]];
/// let neighbors = Neighbors::exact(line.view(), 2, &Execution::default().threads(2))?;
/// assert_eq!(neighbors.ids(0), [1, 2]);
/// # Ok::<(), disentangle::Error>(())
/// ```
#[derive(Clone)]
pub struct Execution {
    threads: usize,
    progress: Arc<dyn Progress>,
}

impl Default for Execution {
    fn default() -> Self {
        Self {
            threads: 0,
            progress: Arc::new(Silent),
        }
    }
}

impl Execution {
    /// With this many threads, at most 1,024; 0 for all that the process was given.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.min(MOST_THREADS);
        self
    }

    /// The most threads; 0 for all that the process was given.
    pub(crate) fn limit(&self) -> usize {
        self.threads
    }

    /// Reporting to this [`Progress`]. To keep access to it, pass a clone of an [`Arc`] of it.
    #[must_use]
    pub fn progress(mut self, progress: impl Progress + 'static) -> Self {
        self.progress = Arc::new(progress);
        self
    }

    /// Runs `work` on a pool of its own, or on the current one if the caller is on a pool already.
    pub(crate) fn run<T: Send>(&self, work: impl FnOnce(&dyn Progress) -> T + Send) -> T {
        let work = || work(&*self.progress);
        if rayon::current_thread_index().is_some() {
            return work();
        }
        // Zero leaves the number to rayon, which asks the standard library.
        let threads = match self.threads {
            0 => threads_of_job().unwrap_or(0),
            threads => threads,
        };
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|i| format!("disentangle-{i}"))
            .build()
            // If the system refuses new threads, the calling one does the work.
            .or_else(|_| {
                rayon::ThreadPoolBuilder::new()
                    .num_threads(1)
                    .use_current_thread()
                    .build()
            });
        match pool {
            Ok(pool) => pool.install(work),
            Err(_) => work(),
        }
    }
}

/// Reports to, and is cancelled by, the one who watches.
impl Progress for Execution {
    fn report(&self, stage: Stage, share: f32) {
        self.progress.report(stage, share);
    }

    fn is_cancelled(&self) -> bool {
        self.progress.is_cancelled()
    }

    fn pause(&self) {
        self.progress.pause();
    }
}

impl std::fmt::Debug for Execution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Execution {{ threads: {} }}", self.threads)
    }
}
