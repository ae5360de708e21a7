//! The screen on a real pseudo-terminal: what a shell finds afterwards, whatever happened.
//!
//! The test program starts itself again on the pseudo-terminal, with a scripted engine in place
//! of the worker, and reads the screen with a parser.

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::fake;
use crate::diagnosis::Diagnosis;
use crate::run::{Activity, RunOptions, Snapshot};
use crate::tui::app::action::Command;
use crate::tui::session::engine::Engine;
use crate::tui::session::sets::{Notify, Opener};
use crate::tui::{Outcome, TuiOptions, open};

/// Marks the test program that plays the part of the program.
const CHILD: &str = "DISENTANGLE_TEST_CHILD";
/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// An engine that counts iterations and does what it is told.
struct Scripted {
    latest: Arc<Mutex<Arc<Snapshot>>>,
    diagnosis: Option<Arc<Diagnosis>>,
    notify: Notify,
    stop: Arc<AtomicBool>,
}

impl Scripted {
    fn start(notify: Notify) -> Self {
        let app = fake::app();
        let latest = Arc::new(Mutex::new(app.run.snapshot));
        let stop = Arc::new(AtomicBool::new(false));
        let engine = Self {
            latest: Arc::clone(&latest),
            diagnosis: app.run.diagnosis,
            notify: Arc::clone(&notify),
            stop: Arc::clone(&stop),
        };
        thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(5));
                let mut latest = latest.lock().unwrap();
                if latest.activity == Activity::Running {
                    let mut next = (**latest).clone();
                    next.sequence += 1;
                    next.iteration += 1;
                    *latest = Arc::new(next);
                    drop(latest);
                    notify();
                }
            }
        });
        engine
    }
}

impl Engine for Scripted {
    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.latest.lock().unwrap())
    }

    fn diagnosis(&self) -> Option<Arc<Diagnosis>> {
        self.diagnosis.clone()
    }

    fn set_labels(&self, _labels: Arc<crate::dataset::Labels>) {}

    fn command(&self, command: Command) {
        let mut latest = self.latest.lock().unwrap();
        let mut next = (**latest).clone();
        next.sequence += 1;
        match command {
            Command::Pause => next.activity = Activity::Paused,
            Command::Resume => next.activity = Activity::Running,
            Command::Step => next.iteration += 1,
            Command::Restart(seed) | Command::AddMap(seed) => next.seed = seed,
            Command::ShowMap(generation) => next.generation = generation,
            Command::SetPerplexity(perplexity) => next.perplexity = perplexity,
            Command::SetTableK(_) => {}
        }
        *latest = Arc::new(next);
        drop(latest);
        (self.notify)();
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// The program on the pseudo-terminal; does nothing as a test of its own.
#[test]
#[ignore = "started by the tests of this file"]
fn program() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let options = TuiOptions::new(RunOptions::default(), Arc::new(|_, _, _| Ok(Vec::new())));
    let opener: Opener =
        Arc::new(|_, notify| Ok((fake::app().run.data, Box::new(Scripted::start(notify)))));
    let code = match open((Vec::new(), 0), None, options, opener) {
        Ok(Outcome::Quit) => 0,
        Ok(Outcome::Signal(signal)) => 128 + signal,
        Ok(Outcome::TerminalGone) => 129,
        Err(_) => 2,
    };
    std::process::exit(code);
}

fn nonzero(number: u16) -> NonZero<u16> {
    NonZero::new(number).unwrap()
}

fn parser(rows: u16, cols: u16) -> vt100::Parser {
    vt100::Parser::new(nonzero(rows), nonzero(cols), 0)
}

/// The program on a pseudo-terminal, and its screen.
struct Session {
    child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    screen: Arc<Mutex<vt100::Parser>>,
    bytes: Arc<Mutex<usize>>,
    /// Tells the reader to let go of the terminal after what it reads next.
    let_go: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
}

impl Session {
    fn start(rows: u16, cols: u16, panic: Option<&str>) -> Self {
        let size = PtySize {
            rows,
            cols,
            ..PtySize::default()
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        command.args([
            "--ignored",
            "--exact",
            "--nocapture",
            "tui::tests::terminal::program",
        ]);
        command.env(CHILD, "1");
        command.env("TERM", "xterm-256color");
        command.env("RUST_BACKTRACE", "0");
        command.env_remove("NO_COLOR");
        command.cwd(std::env::temp_dir());
        if let Some(panic) = panic {
            command.env("DISENTANGLE_TEST_PANIC", panic);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let screen = Arc::new(Mutex::new(parser(rows, cols)));
        let bytes = Arc::new(Mutex::new(0));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (parser, counter) = (Arc::clone(&screen), Arc::clone(&bytes));
        let let_go = Arc::new(AtomicBool::new(false));
        let letting_go = Arc::clone(&let_go);
        let reader = thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                parser.lock().unwrap().process(&buffer[..count]);
                *counter.lock().unwrap() += count;
                if letting_go.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        let writer = pair.master.take_writer().unwrap();
        Self {
            child,
            master: Some(pair.master),
            writer: Some(writer),
            screen,
            bytes,
            let_go,
            reader: Some(reader),
        }
    }

    /// Waits until the screen is as wanted.
    fn until(&self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        let start = Instant::now();
        loop {
            let parser = self.screen.lock().unwrap();
            if wanted(parser.screen()) {
                return;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "no {what} on\n{}",
                parser.screen().contents()
            );
            drop(parser);
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn until_text(&self, text: &str) {
        self.until(text, |screen| screen.contents().contains(text));
    }

    fn send(&mut self, keys: &str) {
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    fn signal(&self, name: &str) {
        let id = self.child.process_id().unwrap().to_string();
        let status = std::process::Command::new("kill")
            .args([&format!("-{name}"), &id])
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// Waits for the end; returns the exit code.
    fn ended(&mut self) -> u32 {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(start.elapsed() < PATIENCE, "the program goes on");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until the terminal is as a shell wants it.
    fn until_restored(&self) {
        self.until("restored terminal", |screen| {
            !screen.alternate_screen()
                && !screen.hide_cursor()
                && !screen.bracketed_paste()
                && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
        });
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

#[test]
fn quitting_leaves_the_terminal_as_it_was() {
    let mut session = Session::start(24, 80, None);
    session.until_text("▶ running");
    assert!(session.screen.lock().unwrap().screen().alternate_screen());
    session.send("q");
    assert_eq!(session.ended(), 0);
    session.until_restored();
}

#[test]
fn keys_resizing_and_prompts_work_on_a_real_terminal() {
    let mut session = Session::start(24, 80, None);
    session.until_text("▶ running");
    session.send(" ");
    session.until_text("‖ paused");
    session.send("]");
    session.until_text("[50]");
    session.send("p\u{15}12");
    session.until_text("perplexity: 12");
    session.until("cursor behind the text", |screen| {
        !screen.hide_cursor() && screen.cursor_position() == (22, 15)
    });
    session.send("\u{1b}");
    session.until("no prompt", vt100::Screen::hide_cursor);
    session.send("\u{1b}[200~qqq\u{1b}[201~");
    let resize = |rows, cols| {
        let size = PtySize {
            rows,
            cols,
            ..PtySize::default()
        };
        session
            .screen
            .lock()
            .unwrap()
            .screen_mut()
            .set_size(nonzero(rows), nonzero(cols));
        session.master.as_ref().unwrap().resize(size).unwrap();
    };
    resize(6, 20);
    session.until_text("40×12");
    resize(40, 120);
    session.until_text("Divergence");
    session.until_text("[50]");
    // At once there and back: the program may find the size as it was.
    resize(1, 1);
    resize(40, 120);
    session.until_text("Divergence");
    session.signal("HUP");
    assert_eq!(session.ended(), 129);
}

#[test]
fn nothing_is_sent_while_nothing_changes() {
    let mut session = Session::start(24, 80, None);
    session.until_text("▶ running");
    session.send(" ");
    session.until_text("‖ paused");
    thread::sleep(Duration::from_secs(2));
    let before = *session.bytes.lock().unwrap();
    thread::sleep(Duration::from_millis(700));
    assert_eq!(*session.bytes.lock().unwrap(), before);
}

#[test]
fn signals_restore_the_terminal() {
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let mut session = Session::start(24, 80, None);
        session.until_text("▶ running");
        session.signal(signal);
        assert_eq!(session.ended(), code, "{signal}");
        session.until_restored();
    }
}

#[test]
fn a_panic_of_the_drawing_thread_restores_the_terminal_and_is_reported() {
    let mut session = Session::start(24, 80, Some("ui"));
    session.until_text("▶ running");
    session.send(" ");
    assert_eq!(session.ended(), 101);
    session.until_restored();
    session.until_text("DISENTANGLE_TEST_PANIC");
}

#[test]
fn a_panic_of_another_thread_leaves_the_screen_alone() {
    let mut session = Session::start(24, 80, Some("worker"));
    session.until_text("▶ running");
    session.send(" ");
    session.until_text("‖ paused");
    let contents = session.screen.lock().unwrap().screen().contents();
    assert!(!contents.contains("panicked"), "{contents}");
    session.send("q");
    assert_eq!(session.ended(), 0);
    session.until_restored();
}

#[test]
fn a_terminal_that_vanishes_ends_the_program() {
    // Both while frames are drawn and while it sleeps.
    for keys in ["", " "] {
        let mut session = Session::start(24, 80, None);
        session.until_text("▶ running");
        session.send(keys);
        if !keys.is_empty() {
            session.until_text("‖ paused");
        }
        session.let_go.store(true, Ordering::Relaxed);
        session.send("g");
        session.reader.take().unwrap().join().unwrap();
        session.writer = None;
        session.master = None;
        assert_eq!(session.ended(), 129);
    }
}

#[test]
fn stopping_gives_the_terminal_back_and_going_on_draws_all_of_it() {
    let mut session = Session::start(24, 80, None);
    session.until_text("▶ running");
    session.signal("STOP");
    thread::sleep(Duration::from_millis(50));
    // What a shell would leave on the screen.
    session
        .screen
        .lock()
        .unwrap()
        .process(b"\x1b[?1049l\x1b[2J");
    session.signal("CONT");
    session.until_text("▶ running");
    session.until_text("Neighbors");
    session.send("\u{1a}");
    session.send(" ");
    // Without a shell to go back to, Ctrl-Z does nothing.
    session.until_text("‖ paused");
}
