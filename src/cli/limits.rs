//! Limits of the system that would otherwise end the program without a word.

use std::io;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use rayon::{ThreadBuilder, ThreadPoolBuilder};
use signal_hook::consts::SIGXFSZ;

use crate::machine::threads_of_job;

/// Prepares the process for limits of threads and of the size of files.
pub(super) fn prepare() {
    // A write beyond the largest size of a file fails, instead of ending the process.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
    start_pool();
}

/// Starts the pool that files are read on, with the threads of a Slurm job if this is one. It can be tried only once, so
/// that its threads are there first; where they cannot all be started, this thread reads alone.
fn start_pool() {
    let given = || thread::available_parallelism().map_or(1, NonZero::get);
    let threads = threads_of_job().unwrap_or_else(given);
    let started: io::Result<Vec<_>> = (0..threads).map(|_| waiting_thread()).collect();
    let pool = ThreadPoolBuilder::new();
    let (pool, mut waiting) = match started {
        Ok(waiting) => (pool.num_threads(threads), waiting),
        Err(_) => (pool.num_threads(1).use_current_thread(), Vec::new()),
    };
    let hand_over = |worker: ThreadBuilder| match waiting.pop().map(|thread| thread.send(worker)) {
        Some(Ok(())) => Ok(()),
        _ => Err(io::ErrorKind::WouldBlock.into()),
    };
    let _ = pool.spawn_handler(hand_over).build_global();
}

/// A thread that will do what it is handed.
fn waiting_thread() -> io::Result<Sender<ThreadBuilder>> {
    let (sender, received) = channel::<ThreadBuilder>();
    let thread = thread::Builder::new().name("reader".into());
    thread.spawn(move || received.recv().map(ThreadBuilder::run))?;
    Ok(sender)
}
