//! The terminal screen: one inbox, one state, one view.
//!
//! In: a dataset. The screen starts a [`Run`] on it, sleeps until a key, a signal or news from
//! the worker arrive, updates the state with it, carries out what that asks for, and draws: at
//! once after a key, otherwise at most thirty times a second, and less often where the line is
//! slow. It takes the newest snapshot and never waits for the worker. When nothing changes,
//! nothing is drawn or sent.
//!
//! ```text
//! keyboard, mouse ─┐                       ┌─► view ─► screen
//! signals ─────────┼─► inbox ─► update(app)┤
//! worker's news ───┘                       └─► effects ─► worker, files
//! ```

mod action;
mod app;
mod engine;
mod inbox;
mod keys;
mod ladder;
mod layout;
mod legend;
mod panel;
mod prompt;
mod save;
mod screen;
mod text;
mod view;

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "unchanged is unchanged")]
mod tests;

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Signal, getpgrp, getsid, kill_current_process_group};
use signal_hook::consts::{SIGCONT, SIGTSTP};

use self::action::{Effect, Message};
use self::app::{App, update};
use self::engine::Engine;
use self::inbox::{Event, Inbox};
pub use self::ladder::DEFAULT_LADDER;
pub use self::save::StatisticsWriter;
use self::screen::Screen;
use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::palette::{ColorDepth, Palette};
use crate::run::{Run, RunOptions};

/// The shortest time between two frames that no key asked for.
const FRAME: Duration = Duration::from_millis(33);
/// The longest, on a line that takes frames slowly.
const SLOWEST_FRAME: Duration = Duration::from_secs(1);
/// After a frame the line is left alone for this many times as long as writing the frame took.
const REST: u32 = 2;
/// At most this many events are taken in between two frames.
const MOST_EVENTS: usize = 512;

/// How the screen is to be.
#[derive(Clone)]
#[non_exhaustive]
pub struct TuiOptions {
    /// What to run.
    pub run: RunOptions,
    /// The perplexities that `[` and `]` lead through; those that the data does not allow are
    /// left out.
    pub ladder: Vec<f64>,
    /// The terminal's color depth; `None` to tell from the environment.
    pub color_depth: Option<ColorDepth>,
    /// Take mouse events; the terminal's own selection of text then needs Shift.
    pub mouse: bool,
    /// Writes the statistics to a file.
    pub write_statistics: StatisticsWriter,
}

impl TuiOptions {
    /// The default screen for a run, with what writes the statistics.
    pub fn new(run: RunOptions, write_statistics: StatisticsWriter) -> Self {
        Self {
            run,
            ladder: DEFAULT_LADDER.to_vec(),
            color_depth: None,
            mouse: true,
            write_statistics,
        }
    }
}

/// How the screen ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The user quit.
    Quit,
    /// A signal ended it.
    Signal(i32),
    /// The terminal vanished.
    TerminalGone,
}

impl Outcome {
    /// The program's exit code: 0, 128 + the signal, or 129 (as for a hang-up).
    ///
    /// ```
    /// use disentangle::tui::Outcome;
    /// assert_eq!(Outcome::Quit.exit_code(), 0);
    /// assert_eq!(Outcome::Signal(15).exit_code(), 143);
    /// ```
    pub fn exit_code(self) -> i32 {
        match self {
            Self::Quit => 0,
            Self::Signal(signal) => 128 + signal,
            Self::TerminalGone => 129,
        }
    }
}

/// Opens the screen on a dataset and returns when the user is done, or the terminal is.
///
/// Signals of the process (TERM, HUP, INT, TSTP, CONT) are handled from here on, and a thread
/// goes on reading the terminal: this is for a program's main thread, near its end.
///
/// # Errors
/// [`Error::Terminal`] if standard output is no terminal, and what [`Run::start`] returns.
pub fn run(data: Arc<Dataset>, options: TuiOptions) -> Result<Outcome> {
    let run = options.run.clone();
    let samples = Arc::clone(&data);
    open(data, options, move |notify| {
        Run::start(samples, run, notify)
    })
}

/// What an engine calls when it has something new.
type Notify = Arc<dyn Fn() + Send + Sync>;

/// Opens the screen on whatever computes.
fn open<E: Engine>(
    data: Arc<Dataset>,
    options: TuiOptions,
    start: impl FnOnce(Notify) -> Result<E>,
) -> Result<Outcome> {
    let inbox = Inbox::new();
    // The screen first: where it cannot be had, nothing needs to be computed.
    let screen = Screen::enter(options.mouse)?;
    inbox.listen_to_signals().map_err(|e| no_threads(&e))?;
    inbox.listen_to_terminal().map_err(|e| no_threads(&e))?;
    let engine = start(inbox.notifier())?;
    let depth = options
        .color_depth
        .unwrap_or_else(|| ColorDepth::detect(|name| std::env::var(name).ok()));
    let mut app = App::new(
        data,
        engine.snapshot(),
        Palette::new(depth),
        &options.ladder,
        options.run.table_k,
    );
    app.size = screen.size();
    let mut session = Session {
        app,
        engine: &engine,
        screen,
        inbox,
        write_statistics: options.write_statistics,
        saving: Vec::new(),
        continued: false,
        sabotage: Sabotage::from_environment(),
    };
    let outcome = session.work();
    let Session {
        screen,
        inbox,
        saving,
        ..
    } = session;
    // The terminal first, whatever else takes time; then files that are being written.
    drop(screen);
    inbox.close();
    if outcome == Outcome::Quit {
        for job in saving {
            let _ = job.join();
        }
    }
    Ok(outcome)
}

fn no_threads(error: &std::io::Error) -> Error {
    Error::Terminal {
        problem: format!("no thread for its input: {error}"),
        remedy: "raise the limit of processes (ulimit -u)".into(),
    }
}

/// A failure on purpose, for tests of the way out: the environment variable
/// `DISENTANGLE_TEST_PANIC` makes the first key press panic in the thread that draws (`ui`) or in
/// another one (`worker`). Without it nothing happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sabotage {
    None,
    Ui,
    Worker,
}

impl Sabotage {
    fn from_environment() -> Self {
        match std::env::var("DISENTANGLE_TEST_PANIC").as_deref() {
            Ok("ui") => Self::Ui,
            Ok("worker") => Self::Worker,
            _ => Self::None,
        }
    }

    #[expect(clippy::panic, reason = "the purpose")]
    fn strike(self) {
        let panic = || panic!("a panic asked for by DISENTANGLE_TEST_PANIC");
        match self {
            Self::None => {}
            Self::Ui => panic(),
            Self::Worker => drop(thread::spawn(panic)),
        }
    }
}

/// Everything that the loop works with.
struct Session<'a> {
    app: App,
    engine: &'a dyn Engine,
    screen: Screen,
    inbox: Inbox,
    write_statistics: StatisticsWriter,
    saving: Vec<JoinHandle<()>>,
    /// The terminal was taken again already when the shell's signal to continue arrives.
    continued: bool,
    sabotage: Sabotage,
}

/// What an event leads to.
enum Step {
    /// Nothing changed.
    Nothing,
    /// Draw when it is time.
    Draw,
    /// Draw at once.
    DrawNow,
    /// End.
    End(Outcome),
}

impl Session<'_> {
    /// Takes in events and draws until the end.
    fn work(&mut self) -> Outcome {
        let mut interval = FRAME;
        let mut drawn = Instant::now();
        let mut due = Some(drawn);
        loop {
            if due.is_some_and(|due| due <= Instant::now()) {
                let start = Instant::now();
                if self.screen.draw(&self.app).is_err() {
                    return Outcome::TerminalGone;
                }
                drawn = Instant::now();
                interval = ((drawn - start) * REST).clamp(FRAME, SLOWEST_FRAME);
                due = None;
            }
            let mut next = self.inbox.wait(due);
            for _ in 0..MOST_EVENTS {
                let Some(event) = next else {
                    break;
                };
                match self.take_in(event) {
                    Step::Nothing => {}
                    Step::Draw => due = due.or(Some(drawn + interval)),
                    Step::DrawNow => due = Some(Instant::now()),
                    Step::End(outcome) => return outcome,
                }
                next = self.inbox.wait(Some(Instant::now()));
            }
        }
    }

    fn take_in(&mut self, event: Event) -> Step {
        match event {
            Event::News => self.news(),
            Event::Gone => Step::End(Outcome::TerminalGone),
            Event::Signal(SIGTSTP) => self.carry_out(vec![Effect::Suspend]),
            Event::Signal(SIGCONT) => {
                if std::mem::take(&mut self.continued) {
                    return Step::Nothing;
                }
                self.take_again()
            }
            Event::Signal(signal) => Step::End(Outcome::Signal(signal)),
            Event::Message(message) => {
                if matches!(message, Message::Key(_)) {
                    self.sabotage.strike();
                }
                let effects = update(&mut self.app, message);
                self.carry_out(effects)
            }
        }
    }

    /// Takes the newest of the worker, if it is newer than what is shown.
    fn news(&mut self) -> Step {
        let (snapshot, diagnosis) = (self.engine.snapshot(), self.engine.diagnosis());
        let known = match (&self.app.diagnosis, &diagnosis) {
            (Some(old), Some(new)) => Arc::ptr_eq(old, new),
            (None, None) => true,
            _ => false,
        };
        if known && Arc::ptr_eq(&self.app.snapshot, &snapshot) {
            return Step::Nothing;
        }
        update(&mut self.app, Message::News(snapshot, diagnosis));
        Step::Draw
    }

    fn carry_out(&mut self, effects: Vec<Effect>) -> Step {
        for effect in effects {
            match effect {
                Effect::Command(command) => self.engine.command(command),
                Effect::Save {
                    target,
                    path,
                    overwrite,
                } => self.save(save::Job {
                    target,
                    path,
                    overwrite,
                    data: Arc::clone(&self.app.data),
                    snapshot: Arc::clone(&self.app.snapshot),
                    diagnosis: self.app.diagnosis.clone(),
                    write_statistics: Arc::clone(&self.write_statistics),
                }),
                Effect::Redraw => {
                    if self.screen.forget().is_err() {
                        return Step::End(Outcome::TerminalGone);
                    }
                }
                Effect::Suspend => return self.suspend(),
                Effect::Quit => return Step::End(Outcome::Quit),
            }
        }
        Step::DrawNow
    }

    /// Writes a file on a thread of its own, because a network's disk may take its time.
    fn save(&mut self, job: save::Job) {
        self.saving.retain(|job| !job.is_finished());
        let sender = self.inbox.sender();
        self.saving.push(thread::spawn(move || {
            // If the loop has ended, there is nobody to tell.
            let _ = sender.send(Event::Message(job.run()));
        }));
    }

    /// Gives the terminal back, stops, and takes it again when the shell says so.
    fn suspend(&mut self) -> Step {
        // Without a shell that could continue us (the session's first process, as in
        // `ssh -t host disentangle`), stopping would be for ever.
        if getsid(None).is_ok_and(|session| session == getpgrp()) {
            return Step::Nothing;
        }
        self.screen.release();
        if kill_current_process_group(Signal::STOP).is_ok() {
            self.continued = true;
        }
        self.take_again()
    }

    fn take_again(&mut self) -> Step {
        let taken = self.screen.take().and_then(|()| self.screen.forget());
        if taken.is_err() {
            return Step::End(Outcome::TerminalGone);
        }
        self.app.size = self.screen.size();
        Step::DrawNow
    }
}
