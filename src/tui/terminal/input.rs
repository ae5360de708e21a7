//! What the terminal sends: keys, the mouse, pasted text and its replies to questions.
//!
//! In: the terminal. Out: [`Input`]s, handed to a closure on threads of their own.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::device::{Device, Listening, Stop, Waited};
pub(crate) use super::event::{Input, Key, Mouse, MouseKind, Reply};
use super::parser::{Parser, is_rest};

/// How long to wait for what follows a lone escape before the terminal is asked something.
const SEQUENCE: Duration = Duration::from_millis(50);
/// How long to wait for the rest of a sequence: a network may deliver it in pieces.
const REST: Duration = Duration::from_millis(1500);

/// Hands over what the terminal sends until it is gone, `send` returns false, or what is returned is dropped.
///
/// # Errors
/// If the system starts no thread.
pub(crate) fn listen(
    device: &Device,
    send: impl Fn(Input) -> bool + Clone + Send + 'static,
) -> io::Result<Listening> {
    let (listening, [stop, hangup]) = Listening::new()?;
    let (input, terminal) = (send.clone(), device.input());
    thread::Builder::new().name("input".into()).spawn(move || {
        if let Ok(terminal) = terminal {
            read_terminal(terminal, &stop, &input);
        }
        input(Input::Gone);
    })?;
    // Reading a lost terminal may fail, find its end or block: only polling reports a hang-up reliably.
    let output = device.output()?;
    thread::Builder::new()
        .name("hangup".into())
        .spawn(move || {
            if wait_for_hangup(&output, &hangup) {
                send(Input::Gone);
            }
        })?;
    Ok(listening)
}

/// Reads the terminal until its end or an error, until `send` returns false or nobody listens any more.
fn read_terminal(mut terminal: File, stop: &Stop, send: &impl Fn(Input) -> bool) {
    let mut parser = Parser::default();
    let mut buffer = vec![0; 1 << 14];
    let mut inputs = Vec::new();
    // A lone escape was passed on as a doubt; the newest one that counted as the key.
    let (mut doubted, mut escaped) = (false, None::<Instant>);
    loop {
        let doubts = parser.is_lone_escape() && !doubted;
        let patience = if doubts { SEQUENCE } else { REST };
        let patience = parser.is_waiting().then_some(patience);
        match stop.wait(&terminal, PollFlags::IN, patience) {
            Waited::End => return,
            Waited::Interrupted => {}
            Waited::Nothing if doubts => {
                inputs.push(Input::Doubt);
                doubted = true;
            }
            Waited::Nothing => {
                parser.give_up(&mut inputs);
                doubted = false;
            }
            Waited::Something(_) => match terminal.read(&mut buffer) {
                Ok(0) => return,
                Ok(length) => {
                    let piece = &buffer[..length];
                    let is_late = escaped.is_some_and(|at| at.elapsed() < REST);
                    if is_late && !parser.is_waiting() && is_rest(piece) {
                        parser.feed(b"\x1b", &mut inputs);
                    }
                    parser.feed(piece, &mut inputs);
                    doubted = false;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            },
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

/// Waits until the terminal hangs up; false if the system cannot report it, or nobody listens any more.
fn wait_for_hangup(output: &OwnedFd, stop: &Stop) -> bool {
    loop {
        match stop.wait(output, PollFlags::empty(), None) {
            Waited::Something(found) if found.intersects(PollFlags::HUP | PollFlags::ERR) => {
                return true;
            }
            Waited::Something(found) if found.contains(PollFlags::NVAL) => return false,
            Waited::Something(_) | Waited::Nothing | Waited::Interrupted => {}
            Waited::End => return false,
        }
    }
}
