//! Where the terminal is: its input and its output, and when to stop reading it.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, PipeReader, PipeWriter, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// A terminal.
#[derive(Debug, Clone, Default)]
pub(crate) enum Device {
    /// Behind standard output. Keys come from standard input, or from the terminal itself if that is a pipe.
    #[default]
    Standard,
    /// The one that the process was started from, where its standard streams belong to another program.
    Controlling(Arc<File>),
}

impl Device {
    /// The terminal that the process was started from; `None` if there is none.
    pub(crate) fn controlling() -> Option<Self> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).open("/dev/tty").ok()?;
        Some(Self::Controlling(Arc::new(file)))
    }

    /// Whether this is a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        match self {
            Self::Standard => io::stdout().is_terminal(),
            Self::Controlling(file) => file.is_terminal(),
        }
    }

    /// Whether a shell can stop and continue the program.
    pub(crate) fn is_shells(&self) -> bool {
        matches!(self, Self::Standard)
    }

    /// Writes bytes at once.
    pub(crate) fn put(&self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Standard => {
                let mut out = io::stdout().lock();
                out.write_all(bytes).and_then(|()| out.flush())
            }
            Self::Controlling(file) => (&**file).write_all(bytes),
        }
    }

    /// What keys are read from.
    pub(super) fn input(&self) -> io::Result<File> {
        let stdin = io::stdin();
        match self {
            Self::Standard if stdin.is_terminal() => {
                stdin.as_fd().try_clone_to_owned().map(File::from)
            }
            Self::Standard => File::open("/dev/tty"),
            Self::Controlling(file) => file.try_clone(),
        }
    }

    /// What reports that the terminal hung up.
    pub(super) fn output(&self) -> io::Result<OwnedFd> {
        match self {
            Self::Standard => io::stdout().as_fd().try_clone_to_owned(),
            Self::Controlling(file) => file.as_fd().try_clone_to_owned(),
        }
    }
}

/// Ends the threads that read a terminal when it is dropped.
pub(crate) struct Listening {
    /// Closing it wakes them up.
    _open: PipeWriter,
}

/// What such a thread watches beside the terminal.
pub(super) struct Stop(PipeReader);

/// What a wait for the terminal ended with.
pub(super) enum Waited {
    /// There is something to read, or an error for the read to report.
    Something(PollFlags),
    /// The time is up.
    Nothing,
    /// A signal came.
    Interrupted,
    /// Nobody listens any more, or the system cannot tell.
    End,
}

impl Listening {
    /// A new one, and what the threads watch.
    pub(super) fn new() -> io::Result<(Self, [Stop; 2])> {
        let (reader, writer) = io::pipe()?;
        let second = reader.try_clone()?;
        let listening = Self { _open: writer };
        Ok((listening, [Stop(reader), Stop(second)]))
    }
}

impl Stop {
    /// Waits for something to happen at the terminal, without a limit if there is no time.
    pub(super) fn wait(
        &self,
        terminal: impl AsFd,
        flags: PollFlags,
        time: Option<Duration>,
    ) -> Waited {
        let timeout = time.map(|time| Timespec {
            tv_sec: time.as_secs() as i64,
            tv_nsec: i64::from(time.subsec_nanos()),
        });
        let mut watched = [
            PollFd::new(&terminal, flags),
            PollFd::new(&self.0, PollFlags::IN),
        ];
        match poll(&mut watched, timeout.as_ref()) {
            Ok(0) => Waited::Nothing,
            Err(rustix::io::Errno::INTR) => Waited::Interrupted,
            Ok(_) if watched[1].revents().is_empty() => Waited::Something(watched[0].revents()),
            Ok(_) | Err(_) => Waited::End,
        }
    }
}
