//! Writes to the terminal on a thread of its own: a terminal that reads nothing (a line that hangs, Ctrl-S) must not keep
//! the loop from saving work and from ending.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::device::Device;

/// The way to the terminal.
#[derive(Clone)]
pub(super) struct Output {
    shared: Arc<(Mutex<Queue>, Condvar)>,
}

/// What the thread that writes and the others know.
#[derive(Default)]
struct Queue {
    waiting: Vec<u8>,
    is_writing: bool,
    /// Somebody wants to know when everything is written.
    is_awaited: bool,
    /// A write failed; nothing more is written.
    is_gone: bool,
    /// Nothing more will come.
    is_over: bool,
}

impl Queue {
    fn is_busy(&self) -> bool {
        !self.is_gone && (self.is_writing || !self.waiting.is_empty())
    }
}

/// What the thread that writes tells.
pub(crate) enum Told {
    /// Everything is written, after somebody found it busy.
    Free,
    /// A write failed.
    Gone,
}

impl Output {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system starts none.
    pub(super) fn start(device: Device, tell: impl Fn(Told) + Send + 'static) -> io::Result<Self> {
        let output = Self {
            shared: Arc::default(),
        };
        let writer = output.clone();
        let thread = thread::Builder::new().name("output".into());
        thread.spawn(move || writer.work(&device, tell))?;
        Ok(output)
    }

    fn work(&self, device: &Device, tell: impl Fn(Told)) {
        let (_, changed) = &*self.shared;
        loop {
            let mut queue = self.queue();
            while queue.waiting.is_empty() && !queue.is_over {
                queue = wait(changed, queue, None);
            }
            if queue.waiting.is_empty() {
                return;
            }
            let bytes = std::mem::take(&mut queue.waiting);
            queue.is_writing = true;
            drop(queue);
            let written = device.put(&bytes);
            let mut queue = self.queue();
            queue.is_writing = false;
            queue.is_gone = written.is_err();
            let told = if queue.is_gone {
                Some(Told::Gone)
            } else {
                let is_awaited = queue.waiting.is_empty() && std::mem::take(&mut queue.is_awaited);
                is_awaited.then_some(Told::Free)
            };
            let is_gone = queue.is_gone;
            drop(queue);
            changed.notify_all();
            told.into_iter().for_each(&tell);
            if is_gone {
                return;
            }
        }
    }

    /// Has bytes written, after those before.
    ///
    /// # Errors
    /// If an earlier write failed.
    pub(super) fn put(&self, bytes: &[u8]) -> io::Result<()> {
        let mut queue = self.queue();
        if queue.is_gone {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        queue.waiting.extend_from_slice(bytes);
        drop(queue);
        self.shared.1.notify_all();
        Ok(())
    }

    /// Whether everything is written; if not, [`Told::Free`] follows.
    pub(super) fn is_free(&self) -> bool {
        let mut queue = self.queue();
        queue.is_awaited = queue.is_busy();
        !queue.is_awaited
    }

    /// Waits until everything is written, or failed, or the time is up.
    ///
    /// # Errors
    /// If a write failed.
    pub(super) fn flush(&self, time: Duration) -> io::Result<()> {
        let until = Instant::now() + time;
        let mut queue = self.queue();
        while queue.is_busy() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            queue = wait(&self.shared.1, queue, Some(left));
        }
        if queue.is_gone {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Ok(())
    }

    /// Ends the thread once everything is written.
    pub(super) fn close(&self) {
        self.queue().is_over = true;
        self.shared.1.notify_all();
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for a change, without a limit if there is no time.
fn wait<'a>(
    changed: &Condvar,
    queue: MutexGuard<'a, Queue>,
    time: Option<Duration>,
) -> MutexGuard<'a, Queue> {
    match time {
        None => changed.wait(queue).unwrap_or_else(PoisonError::into_inner),
        Some(time) => {
            let waited = changed.wait_timeout(queue, time);
            waited.unwrap_or_else(PoisonError::into_inner).0
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Read;
    use std::os::fd::OwnedFd;
    use std::sync::mpsc::channel;

    use super::*;

    /// A pipe in place of a terminal, and what is told about it.
    fn begin() -> (Output, io::PipeReader, std::sync::mpsc::Receiver<Told>) {
        let (reader, writer) = io::pipe().unwrap();
        let device = Device::Controlling(Arc::new(File::from(OwnedFd::from(writer))));
        let (sender, told) = channel();
        let output = Output::start(device, move |what| sender.send(what).unwrap_or(()));
        (output.unwrap(), reader, told)
    }

    #[test]
    fn a_terminal_that_reads_nothing_stops_nobody() {
        let (output, mut reader, told) = begin();
        let soon = Duration::from_millis(20);
        // More than a pipe holds.
        let long = vec![b'x'; 1 << 20];
        output.put(&long).unwrap();
        output.put(b"end").unwrap();
        assert!(!output.is_free());
        output.flush(soon).unwrap();
        assert!(told.recv_timeout(soon).is_err());
        let mut all = vec![0; long.len() + 3];
        reader.read_exact(&mut all).unwrap();
        assert!(all.ends_with(b"xend"));
        assert!(matches!(told.recv().unwrap(), Told::Free));
        assert!(output.is_free());
        output.put(b"more").unwrap();
        output.close();
        drop(output);
        let mut rest = Vec::new();
        reader.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, b"more");
    }

    #[test]
    fn a_terminal_that_is_gone_is_told_once_and_refuses() {
        let (output, reader, told) = begin();
        drop(reader);
        output.put(b"x").unwrap();
        assert!(matches!(told.recv().unwrap(), Told::Gone));
        assert!(output.put(b"y").is_err());
        assert!(output.flush(Duration::from_secs(60)).is_err());
        assert!(output.is_free() && told.recv().is_err());
    }
}
