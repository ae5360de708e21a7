//! Limits of the system that would otherwise end the program without a word.

use std::ffi::OsString;
use std::io;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use rayon::{ThreadBuilder, ThreadPoolBuilder};
use signal_hook::consts::SIGXFSZ;

use crate::execution::MOST_THREADS;
use crate::machine::threads_of_job;

/// Prepares the process for limits of threads and of the size of files.
pub(super) fn prepare() {
    // A write beyond the largest size of a file fails, instead of ending the process.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
    start_pool();
}

/// Starts the pool that files are read on, with the threads of `--threads`, or of a Slurm job if this is one. It can be tried only once, so
/// that its threads are there first; where they cannot all be started, this thread reads alone.
fn start_pool() {
    let given = || thread::available_parallelism().map_or(1, NonZero::get);
    let threads = asked_for(std::env::args_os())
        .or_else(threads_of_job)
        .unwrap_or_else(given);
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

/// The number of `--threads`, before the arguments are parsed; none if it is missing, 0 or not a number.
fn asked_for(mut arguments: impl Iterator<Item = OsString>) -> Option<usize> {
    let option = arguments.find_map(|argument| {
        let argument = argument.into_string().ok()?;
        let rest = argument.strip_prefix("--threads")?;
        rest.is_empty()
            .then(String::new)
            .or_else(|| rest.strip_prefix('=').map(String::from))
    })?;
    let value = match option {
        next if next.is_empty() => arguments.next()?.into_string().ok()?,
        value => value,
    };
    let threads: usize = value.parse().ok()?;
    (1..=MOST_THREADS).contains(&threads).then_some(threads)
}

/// A thread that will do what it is handed.
fn waiting_thread() -> io::Result<Sender<ThreadBuilder>> {
    let (sender, received) = channel::<ThreadBuilder>();
    let thread = thread::Builder::new().name("reader".into());
    thread.spawn(move || received.recv().map(ThreadBuilder::run))?;
    Ok(sender)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &str) -> Option<usize> {
        asked_for(words.split(' ').map(OsString::from))
    }

    #[test]
    fn the_threads_asked_for_are_found_before_anything_else_is_read() {
        assert_eq!(
            asked("disentangle embed a.npy --threads 2 -o b.npy"),
            Some(2)
        );
        assert_eq!(asked("disentangle a.npy --threads=3"), Some(3));
        assert_eq!(asked("disentangle a.npy"), None);
        assert_eq!(asked("disentangle a.npy --threads"), None);
        assert_eq!(asked("disentangle a.npy --threads 0"), None);
        assert_eq!(asked("disentangle a.npy --threads many"), None);
        assert_eq!(asked("disentangle a.npy --threads-of-job 2"), None);
    }
}
