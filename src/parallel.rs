//! Threads for the duration of one call.
//!
//! Public types hold no thread pool and no global one is started: in a notebook that compiles
//! every cell into a library of its own, both would leak or panic. A caller that already runs
//! on a pool (the worker of a [`Run`](crate::Run)) keeps it.

/// More threads than this are refused: they would cost memory and gain nothing.
pub(crate) const MOST_THREADS: usize = 1024;

/// Runs `work` on a pool of `threads` threads (0: one per core), or on the present pool if
/// there is one already.
pub(crate) fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    if rayon::current_thread_index().is_some() {
        return work();
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads.min(MOST_THREADS))
        .thread_name(|i| format!("disentangle-{i}"))
        .build()
        // Where the system gives no threads, the calling one does the work.
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
