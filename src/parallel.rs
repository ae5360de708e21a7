//! Threads for the duration of one call.
//!
//! Public types hold no thread pool and no global one is started: in a notebook that compiles
//! every cell into a library of its own, both would leak or panic. A caller that already runs
//! on a pool (the worker of a [`Run`](crate::Run)) keeps it.

/// Runs `work` on a pool of `threads` threads (0: one per core), or on the present pool if
/// there is one already.
pub(crate) fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    if rayon::current_thread_index().is_some() {
        return work();
    }
    match rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|i| format!("disentangle-{i}"))
        .build()
    {
        Ok(pool) => pool.install(work),
        // No threads to be had: the calling thread does the work on rayon's own fallback.
        Err(_) => work(),
    }
}
