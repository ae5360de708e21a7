//! The program on a pseudo-terminal: keys in, a screen read by a parser.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    unused_qualifications,
    reason = "a test stops at the first surprise"
)]
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle, sleep};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long anything may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);
/// Between two looks at the screen.
const PAUSE: Duration = Duration::from_millis(10);

/// Columns and rows.
pub(crate) type Size = (u16, u16);

/// Whether the terminal answers the program's questions, as real ones do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answers {
    Yes,
    No,
}

/// What came from the program.
struct Seen {
    parser: vt100::Parser,
    bytes: Vec<u8>,
}

/// A running program, ended with the test at the latest.
struct Program(Box<dyn Child + Send + Sync>);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

impl Program {
    /// Waits for the end.
    fn exit_code(&mut self) -> u32 {
        let start = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(start.elapsed() < PATIENCE, "the program goes on");
            sleep(PAUSE);
        }
    }
}

/// A pseudo-terminal with the program on it.
pub(crate) struct Terminal {
    program: Program,
    master: Box<dyn MasterPty + Send>,
    writer: Arc<Mutex<Box<dyn Write + Send>>>,
    seen: Arc<Mutex<Seen>>,
    /// Makes the reader let go of the terminal after what it reads next.
    hangs_up: Arc<AtomicBool>,
    reader: JoinHandle<()>,
}

fn nonzero(number: u16) -> NonZero<u16> {
    NonZero::new(number).unwrap()
}

fn pty_size((cols, rows): Size) -> PtySize {
    PtySize {
        rows,
        cols,
        ..PtySize::default()
    }
}

/// The program in a folder, with an environment that holds no settings of the user.
pub(crate) fn program(folder: &Path, arguments: &[&str]) -> CommandBuilder {
    command(folder, env!("CARGO_BIN_EXE_disentangle"), arguments)
}

/// Another program, likewise.
pub(crate) fn command(folder: &Path, program: &str, arguments: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(program);
    command.args(arguments);
    command.cwd(folder);
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command.env("RUST_BACKTRACE", "0");
    command.env("XDG_STATE_HOME", folder.join("state"));
    command.env("XDG_CONFIG_HOME", folder.join("config"));
    for name in ["NO_COLOR", "COLORTERM", "COLORFGBG", "LC_ALL", "LC_CTYPE"] {
        command.env_remove(name);
    }
    command
}

impl Terminal {
    pub(crate) fn start(command: CommandBuilder, size: Size, answers: Answers) -> Self {
        let pair = native_pty_system().openpty(pty_size(size)).unwrap();
        let program = Program(pair.slave.spawn_command(command).unwrap());
        drop(pair.slave);
        let seen = Arc::new(Mutex::new(Seen {
            parser: vt100::Parser::new(nonzero(size.1), nonzero(size.0), 0),
            bytes: Vec::new(),
        }));
        let writer = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let hangs_up = Arc::new(AtomicBool::new(false));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sink, replies) = (Arc::clone(&seen), Arc::clone(&writer));
        let leaves = Arc::clone(&hangs_up);
        let reader = thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                let questions = take_in(&mut sink.lock().unwrap(), &buffer[..count]);
                if answers == Answers::Yes {
                    let _ = (replies.lock().unwrap()).write_all(&b"\x1b[0n".repeat(questions));
                }
                if leaves.load(Ordering::Relaxed) {
                    return;
                }
            }
        });
        Self {
            program,
            master: pair.master,
            writer,
            seen,
            hangs_up,
            reader,
        }
    }

    /// What stands on the screen.
    pub(crate) fn contents(&self) -> String {
        self.seen.lock().unwrap().parser.screen().contents()
    }

    /// How many bytes the program has sent.
    pub(crate) fn bytes(&self) -> usize {
        self.seen.lock().unwrap().bytes.len()
    }

    /// Everything that the program has sent.
    pub(crate) fn sent(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().unwrap().bytes).into_owned()
    }

    /// Waits until the terminal is as wanted.
    pub(crate) fn until_screen(&self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        let start = Instant::now();
        while !wanted(self.seen.lock().unwrap().parser.screen()) {
            let contents = self.contents();
            assert!(start.elapsed() < PATIENCE, "no {what} on\n{contents}");
            sleep(PAUSE);
        }
    }

    /// Waits until the text on the screen is as wanted.
    pub(crate) fn until(&self, what: &str, wanted: impl Fn(&str) -> bool) {
        self.until_screen(what, |screen| wanted(&screen.contents()));
    }

    pub(crate) fn until_text(&self, text: &str) {
        self.until(text, |contents| contents.contains(text));
    }

    /// Waits until nothing is sent for two seconds.
    pub(crate) fn until_silent(&self) {
        self.until_silent_for(Duration::from_secs(2));
    }

    /// Waits until nothing is sent for this time.
    pub(crate) fn until_silent_for(&self, time: Duration) {
        let start = Instant::now();
        loop {
            let before = self.bytes();
            sleep(time);
            if self.bytes() == before {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "the screen goes on talking");
        }
    }

    /// Waits until the terminal is as a shell wants it.
    pub(crate) fn until_restored(&self) {
        self.until_screen("restored terminal", |screen| {
            !screen.alternate_screen()
                && !screen.hide_cursor()
                && !screen.bracketed_paste()
                && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
        });
    }

    pub(crate) fn send(&self, keys: &str) {
        let mut writer = self.writer.lock().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    /// Sends keys, and waits for what they have to show.
    pub(crate) fn press(&self, keys: &str, shows: &str) {
        self.send(keys);
        self.until_text(shows);
    }

    pub(crate) fn resize(&self, size: Size) {
        let mut seen = self.seen.lock().unwrap();
        let screen = seen.parser.screen_mut();
        screen.set_size(nonzero(size.1), nonzero(size.0));
        drop(seen);
        self.master.resize(pty_size(size)).unwrap();
    }

    /// Stops the terminal as Ctrl-S does in a shell: whatever is written to it waits from now on.
    pub(crate) fn stop(&self) {
        let path = self.master.tty_name().unwrap();
        let terminal = std::fs::File::options().write(true).open(path).unwrap();
        rustix::termios::tcflow(&terminal, rustix::termios::Action::OOff).unwrap();
    }

    /// Shows bytes of another program on the screen.
    pub(crate) fn show(&self, bytes: &[u8]) {
        self.seen.lock().unwrap().parser.process(bytes);
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.program.0.process_id().unwrap().to_string();
        let mut kill = std::process::Command::new("kill");
        let status = kill.args([&format!("-{name}"), &id]).status().unwrap();
        assert!(status.success());
    }

    /// Waits for the end; returns the exit code.
    pub(crate) fn ended(&mut self) -> u32 {
        self.program.exit_code()
    }

    /// Hangs up as soon as the program has sent something more; returns the program's exit code.
    pub(crate) fn hang_up(self) -> u32 {
        let Self {
            mut program,
            master,
            writer,
            hangs_up,
            reader,
            ..
        } = self;
        hangs_up.store(true, Ordering::Relaxed);
        let _ = writer.lock().unwrap().write_all(b"g");
        reader.join().unwrap();
        drop((writer, master));
        program.exit_code()
    }
}

/// Takes in bytes of the program; returns how many questions they hold.
fn take_in(seen: &mut Seen, bytes: &[u8]) -> usize {
    let from = seen.bytes.len().saturating_sub(3);
    seen.parser.process(bytes);
    seen.bytes.extend_from_slice(bytes);
    let windows = seen.bytes[from..].windows(4);
    windows.filter(|w| w == b"\x1b[5n").count()
}
