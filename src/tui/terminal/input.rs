//! What the terminal sends: keys, the mouse, pasted text and its replies to questions.
//!
//! In: the terminal. Out: [`Input`]s, handed to a closure on threads of their own.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::os::fd::AsFd;
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

pub(crate) use super::event::{Input, Key, Mouse, MouseKind, Reply};
use super::parser::Parser;

/// How long to wait for the rest of a sequence before a lone escape counts as the key: a network may
/// deliver a sequence in two pieces.
const SEQUENCE: Duration = Duration::from_millis(50);

/// Hands over what the terminal sends until it is gone, or until `send` returns false.
///
/// # Errors
/// If the system starts no thread.
pub(crate) fn listen(send: impl Fn(Input) -> bool + Clone + Send + 'static) -> io::Result<()> {
    let input = send.clone();
    thread::Builder::new().name("input".into()).spawn(move || {
        read_terminal(&input);
        input(Input::Gone);
    })?;
    // Reading a lost terminal may fail, find its end or block: only polling reports a hang-up reliably.
    thread::Builder::new()
        .name("hangup".into())
        .spawn(move || {
            if wait_for_hangup() {
                send(Input::Gone);
            }
        })?;
    Ok(())
}

/// Reads standard input, or the terminal itself where standard input is a pipe, until its end, an
/// error, or until `send` returns false.
fn read_terminal(send: &impl Fn(Input) -> bool) {
    let stdin = io::stdin();
    let terminal = if stdin.is_terminal() {
        stdin.as_fd().try_clone_to_owned().map(File::from)
    } else {
        File::open("/dev/tty")
    };
    let Ok(mut terminal) = terminal else {
        return;
    };
    let mut parser = Parser::default();
    let mut buffer = vec![0; 1 << 14];
    let mut inputs = Vec::new();
    loop {
        if parser.is_waiting() && !is_readable(&terminal, SEQUENCE) {
            parser.give_up(&mut inputs);
        } else {
            match terminal.read(&mut buffer) {
                Ok(0) => return,
                Ok(length) => parser.feed(&buffer[..length], &mut inputs),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
        if !inputs.drain(..).all(send) {
            return;
        }
    }
}

/// True as soon as there is something to read, or an error for the read to report; false when the
/// time is up.
pub(super) fn is_readable(terminal: impl AsFd, time: Duration) -> bool {
    let mut descriptors = [PollFd::new(&terminal, PollFlags::IN)];
    let timeout = Timespec {
        tv_sec: time.as_secs() as i64,
        tv_nsec: i64::from(time.subsec_nanos()),
    };
    !matches!(poll(&mut descriptors, Some(&timeout)), Ok(0))
}

/// Waits until the terminal hangs up; false if the system cannot report it.
fn wait_for_hangup() -> bool {
    let stdout = io::stdout();
    loop {
        let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
        match poll(&mut watched, None) {
            Ok(_) => {
                let found = watched[0].revents();
                if found.intersects(PollFlags::HUP | PollFlags::ERR) {
                    return true;
                }
                if found.contains(PollFlags::NVAL) {
                    return false;
                }
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}
