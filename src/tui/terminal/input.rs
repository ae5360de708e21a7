//! What the terminal sends: keys, the mouse, pasted text and its replies to questions.
//!
//! In: the terminal. Out: [`Input`]s, handed to a closure on threads of their own.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::os::fd::AsFd;
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

pub(crate) use super::event::{Input, Key, Mouse, MouseKind, Reply};
use super::parser::{Parser, is_rest};

/// How long to wait for what follows a lone escape before the terminal is asked something.
const SEQUENCE: Duration = Duration::from_millis(50);
/// How long to wait for the rest of a sequence: a network may deliver it in pieces.
const REST: Duration = Duration::from_millis(1500);

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
    // A lone escape was passed on as a doubt; the newest one that counted as the key.
    let (mut doubted, mut escaped) = (false, None::<Instant>);
    loop {
        let doubts = parser.is_lone_escape() && !doubted;
        let patience = if doubts { SEQUENCE } else { REST };
        if parser.is_waiting() && !is_readable(&terminal, patience) {
            if doubts {
                inputs.push(Input::Doubt);
            } else {
                parser.give_up(&mut inputs);
            }
            doubted = doubts;
        } else {
            match terminal.read(&mut buffer) {
                Ok(0) => return,
                Ok(length) => {
                    let piece = &buffer[..length];
                    let is_late = escaped.is_some_and(|at| at.elapsed() < REST);
                    if is_late && !parser.is_waiting() && is_rest(piece) {
                        parser.feed(b"\x1b", &mut inputs);
                    }
                    parser.feed(piece, &mut inputs);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
            doubted = false;
        }
        if inputs.contains(&Input::Key(Key::Esc)) {
            escaped = Some(Instant::now());
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
