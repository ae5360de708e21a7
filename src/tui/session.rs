//! A session on the terminal, from taking the terminal to giving it back: the loop.
//!
//! In: what computes, and the options. The loop sleeps until a key, a signal or news from the
//! worker arrives, updates the state, carries out the effects (`effects.rs`), and draws (`frames.rs`): at once
//! after a key and for the first picture, otherwise at most thirty times a second, within a budget of bytes,
//! and never more than the line takes ([`Line`]). When nothing changes, nothing is drawn or sent. Whatever may
//! take long, such as writing a file, runs on a thread of its own. At the end the terminal is given
//! back first; then the session waits for files that are being written, and saves decisions.

pub(crate) mod autosave;
pub(crate) mod comparing;
mod effects;
mod frames;
mod further;
pub(crate) mod inbox;
mod journal;
pub(crate) mod keep;
mod memory;
pub(crate) mod save;
pub(crate) mod sets;
mod starting;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGCONT, SIGTSTP, SIGWINCH};

use self::autosave::{Autosave, KeptSession, OfSet};
use self::comparing::Comparing;
use self::frames::{Wish, awaited};
use self::further::FurtherMaps;
use self::inbox::{Event, Inbox};
use self::journal::Chronicler;
use self::keep::Keeper;
use self::memory::FreeMemory;
use self::save::{ReportWriter, StatisticsWriter};
use self::sets::{FirstRun, Opener, Runs};
use self::starting::new_app;
use crate::decisions::{Decisions, Names};
use crate::error::{Error, Result};
use crate::execution::Execution;
use crate::export::Inputs;
use crate::palette::{Background, Theme};
use crate::run::RunOptions;
use crate::session::Session as Kept;
use crate::study::Study;
use crate::tui::app::App;
use crate::tui::app::action::{Compared, Effect, Message, Record};
use crate::tui::app::named::Named;
use crate::tui::app::sets::SetName;
use crate::tui::app::update::update;
use crate::tui::terminal::input::Reply;
use crate::tui::terminal::line::Line;
use crate::tui::terminal::output::Told;
use crate::tui::terminal::screen::Screen;
use crate::tui::{Left, Outcome, TuiOptions};

/// The most events that are taken in between two frames.
const MOST_EVENTS: usize = 512;
/// Keys that come sooner after one another are typed as one text.
const TYPING: Duration = Duration::from_millis(400);

/// Opens the screen.
pub(super) fn open(
    (names, mut first): (Vec<SetName>, usize),
    study: Option<Arc<Study>>,
    mut options: TuiOptions,
    opener: Opener,
    execution: &Execution,
) -> Result<Left> {
    let mut inbox = Inbox::new();
    // The screen first: without it, nothing needs to be computed.
    let (background, asks) = background(&options);
    let (screen, mut line) = take_terminal(&options, asks, &inbox)?;
    inbox.listen_to_signals().map_err(|e| no_threads(&e))?;
    (inbox.listen_to_terminal(&options.device)).map_err(|e| no_threads(&e))?;
    let kept = options.session.take();
    let (resumed, found) = resumed_or_offered(kept.as_ref());
    let shown = resumed.as_ref().map(|session| &session.screen.set);
    let is_shown = |set: &SetName| Some(&set.name) == shown;
    first = names.iter().position(is_shown).unwrap_or(first);
    let of_sets = resumed.as_ref().map(|session| session.sets.clone());
    let (of_sets, notify) = (of_sets.unwrap_or_default(), inbox.notifier());
    let mut runs = Runs::new(&names, of_sets, opener, notify);
    let FirstRun {
        data,
        snapshot,
        note,
    } = runs.open(first).inspect_err(|_| {
        settle(&inbox, &mut line);
    })?;
    let background = background.unwrap_or_default();
    let mut app = new_app(data, snapshot, &options, background).with_sets(names, first);
    app.remark(note);
    begin_session(&mut app, &runs, resumed, kept.as_ref());
    let autosave = kept
        .as_ref()
        .map(|kept| Autosave::start(kept, inbox.sender()))
        .transpose()?;
    let k = options.run.table_k;
    let comparing = Comparing::start(study, k, inbox.sender())?;
    if comparing.is_some() {
        app.run.compared = Compared::Running(0.0);
    }
    let keeper = options
        .decisions_file
        .clone()
        .map(|path| Keeper::start(path, &options.decisions, inbox.sender()))
        .transpose()?;
    let names = options
        .names_file
        .map(|path| Keeper::start(path, &options.names, inbox.sender()))
        .transpose()?;
    let named = app.samples.named.clone();
    let chronicler = (options.journal.as_ref())
        .map(|journal| Chronicler::start(&journal.file, journal.begins_at_once, inbox.sender()))
        .transpose()?;
    let mut session = Session {
        app,
        runs,
        animates: options.settings.animation,
        moving_since: None,
        screen,
        line,
        asks_background: asks,
        inbox,
        write_statistics: options.write_statistics,
        write_report: options.write_report,
        memory: FreeMemory::new(options.release_memory),
        state_folder: options.state_folder,
        can_stop: options.device.is_shells(),
        options: options.run,
        execution: execution.clone(),
        further: None,
        inputs: options.inputs,
        saving: Vec::new(),
        keeper,
        names,
        named,
        chronicler,
        autosave,
        found,
        continued: false,
        sabotage: Sabotage::from_environment(),
        last_key: Instant::now(),
    };
    // A panic of this thread is passed on when the session is saved.
    let worked = catch_unwind(AssertUnwindSafe(|| session.work()));
    drop(comparing);
    let (app, states) = session.end(&worked, &options.decisions, options.decisions_file)?;
    match worked {
        Ok(outcome) => Ok(Left {
            outcome,
            maps: states.into_iter().find_map(OfSet::run),
            selection: app.samples.selection.ids().to_vec(),
            selections: app.samples.named.selections,
            decisions: app.suspects.decisions,
        }),
        Err(panic) => resume_unwind(panic),
    }
}

/// The session that is gone on with, or the one that is offered, which waits for the answer.
fn resumed_or_offered(kept: Option<&KeptSession>) -> (Option<Box<Kept>>, Option<Box<Kept>>) {
    let found = kept.and_then(|kept| kept.found.clone());
    if kept.is_some_and(|kept| kept.asks.is_some()) {
        (None, found)
    } else {
        (found, None)
    }
}

/// Shows the session that is gone on with, or asks about the one that is offered.
fn begin_session(
    app: &mut App,
    runs: &Runs,
    resumed: Option<Box<Kept>>,
    kept: Option<&KeptSession>,
) {
    if let Some(session) = resumed {
        for effect in app.show_session(session.screen, 0) {
            if let Effect::Command(command) = effect {
                runs.command(app.sets.current, command);
            }
        }
    }
    if let Some(question) = kept.and_then(|kept| kept.asks.clone()) {
        app.offer_session(question);
    }
}

/// The background of the terminal as far as it is known, and whether to ask the terminal for it.
fn background(options: &TuiOptions) -> (Option<Background>, bool) {
    let variable = |name: &str| std::env::var(name).ok();
    let of_theme = options.settings.theme.and_then(Theme::background);
    let background = (options.settings.background)
        .or(of_theme)
        .or_else(|| Background::detect(variable));
    // The Linux console does not know this question.
    let asks = background.is_none() && variable("TERM").is_none_or(|term| term != "linux");
    (background, asks)
}

/// Takes the terminal, and asks it for a first answer.
fn take_terminal(
    options: &TuiOptions,
    asks_background: bool,
    inbox: &Inbox,
) -> Result<(Screen, Line)> {
    let sender = inbox.sender();
    let tell = move |told: Told| {
        // If the loop has ended, there is nobody to tell.
        let _ = sender.send(told.into());
    };
    let mouse = options.settings.mouse;
    let screen = Screen::enter(&options.device, mouse, asks_background, tell)?;
    let now = Instant::now();
    let bytes_per_second = options.settings.bandwidth.saturating_mul(1000);
    let mut line = Line::new(bytes_per_second, now);
    line.asked(now);
    Ok((screen, line))
}

/// Waits for the terminal's last answer, which otherwise would appear at the shell's prompt. False if
/// something else ends the program meanwhile.
fn settle(inbox: &Inbox, line: &mut Line) -> bool {
    let start = Instant::now();
    let mut others = Vec::new();
    let (mut has_news, mut goes_on) = (false, true);
    while let Some(until) = line.last_answer(start)
        && goes_on
        && Instant::now() < until
    {
        match inbox.wait(Some(until)) {
            Some(Event::Reply(Reply::Ready)) => line.answered(Instant::now()),
            Some(Event::News) => has_news = true,
            Some(event) => {
                goes_on = !matches!(event, Event::Gone | Event::Signal(_));
                others.push(event);
            }
            None => {}
        }
    }
    others.extend(has_news.then_some(Event::News));
    for event in others {
        // This cannot fail: the inbox itself is the receiver.
        let _ = inbox.sender().send(event);
    }
    goes_on
}

fn no_threads(error: &std::io::Error) -> Error {
    Error::Terminal {
        problem: format!("cannot start another thread: {error}"),
        remedy: "raise the limit of processes (ulimit -u) or of memory (ulimit -v)".into(),
    }
}

/// A deliberate panic, to test that the terminal is given back: the environment variable
/// `DISENTANGLE_TEST_PANIC` makes the first key press panic in the thread that draws (`ui`) or in
/// another one (`worker`).
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

/// Everything that the loop needs.
struct Session {
    app: App,
    runs: Runs,
    /// Points move from map to map in a few frames.
    animates: bool,
    /// Since when they do.
    moving_since: Option<Instant>,
    screen: Screen,
    line: Line,
    /// The terminal was asked for its background.
    asks_background: bool,
    inbox: Inbox,
    write_statistics: StatisticsWriter,
    write_report: Option<ReportWriter>,
    memory: FreeMemory,
    state_folder: Option<PathBuf>,
    /// A shell can stop and continue the program.
    can_stop: bool,
    /// How maps are made, and on how many threads.
    options: RunOptions,
    execution: Execution,
    /// Further maps, if they were asked for.
    further: Option<FurtherMaps>,
    /// Files that nothing is saved over.
    inputs: Inputs,
    saving: Vec<JoinHandle<()>>,
    /// Saves decisions as they are made, if they are saved at all.
    keeper: Option<Keeper<Decisions>>,
    /// Saves the names of selections and views.
    names: Option<Keeper<Names>>,
    /// Those that were saved.
    named: Named,
    /// Appends to the journal, if there is one.
    chronicler: Option<Chronicler>,
    /// Writes the session, if it is kept.
    autosave: Option<Autosave>,
    /// The session that was found, while the user is asked about it.
    found: Option<Box<Kept>>,
    /// The terminal was already taken again before the signal to continue arrived.
    continued: bool,
    sabotage: Sabotage,
    /// When the last key came.
    last_key: Instant,
}

/// What an event leads to.
enum Step {
    /// Nothing changed.
    Nothing,
    /// Draw when a frame is due.
    Draw,
    /// Draw at once.
    DrawNow,
    /// End.
    End(Outcome),
}

impl Session {
    /// Takes in events and draws until the end.
    fn work(&mut self) -> Outcome {
        let mut wish = Wish::Now;
        self.write_journal();
        // What came while files were read, perhaps the terminal's answer.
        let waiting = self.inbox.wait(Some(Instant::now()));
        if let Some(outcome) = self.take_in_all(waiting, &mut wish) {
            return outcome;
        }
        loop {
            let due = self.due(wish);
            if due.is_some_and(|due| due <= Instant::now()) {
                wish = match self.draw(wish) {
                    Ok(next) => next,
                    Err(_) => return Outcome::TerminalGone,
                };
                continue;
            }
            let saves = self.save_due();
            let others = saves.into_iter().chain(self.memory.due());
            let next = self.inbox.wait(due.into_iter().chain(others).min());
            self.memory.release_if_due(Instant::now());
            if saves.is_some_and(|due| due <= Instant::now()) {
                self.save_session();
            }
            if let Some(outcome) = self.take_in_all(next, &mut wish) {
                return outcome;
            }
        }
    }

    /// Takes in an event and those behind it; returns how the session ends, if it does.
    fn take_in_all(&mut self, mut next: Option<Event>, wish: &mut Wish) -> Option<Outcome> {
        for _ in 0..MOST_EVENTS {
            let step = self.take_in(next?);
            self.write_journal();
            match step {
                Step::Nothing => {}
                Step::Draw => *wish = (*wish).max(Wish::Soon),
                Step::DrawNow => *wish = Wish::Now,
                Step::End(outcome) => return Some(outcome),
            }
            next = self.inbox.wait(Some(Instant::now()));
        }
        None
    }

    /// Gives the terminal back, and writes what is to be kept, however the loop has ended. Returns the state, and those
    /// of the runs if no session was kept.
    fn end(
        mut self,
        worked: &thread::Result<Outcome>,
        decided: &Decisions,
        decisions_file: Option<PathBuf>,
    ) -> Result<(App, Vec<OfSet>)> {
        let has_quit = matches!(worked, Ok(Outcome::Quit));
        if has_quit {
            settle(&self.inbox, &mut self.line);
        }
        // The terminal first, whatever else takes time; then files that are being written.
        drop(self.screen);
        self.inbox.close();
        let (app, mut states) = (self.app, self.runs.stop());
        let autosave = self.autosave.filter(|_| !app.asks_about_session());
        if let Some(autosave) = autosave {
            autosave.finish(app.kept_screen(), std::mem::take(&mut states));
        }
        if has_quit {
            for job in self.saving {
                let _ = job.join();
            }
        }
        self.keeper.into_iter().for_each(Keeper::finish);
        self.names.into_iter().for_each(Keeper::finish);
        self.chronicler.into_iter().for_each(Chronicler::finish);
        // However it ended, and even if the last attempt failed: decisions are manual work.
        if let Some(path) = decisions_file.filter(|_| app.suspects.decisions != *decided) {
            app.suspects.decisions.save(&path, &app.run.data)?;
        }
        Ok((app, states))
    }

    fn take_in(&mut self, event: Event) -> Step {
        match event {
            Event::News => self.news(),
            Event::Started(started) => {
                let (message, note) = self.runs.take(started);
                let effects = update(&mut self.app, message);
                self.app.remark(note);
                self.carry_out(effects)
            }
            Event::Gone => Step::End(Outcome::TerminalGone),
            Event::Free => Step::Nothing,
            Event::Reply(reply) => self.reply(reply),
            Event::Doubt => self.ask(),
            Event::Signal(SIGWINCH) => {
                // This may be another terminal. Two changes of size may arrive as one signal: the
                // size is as before, but the screen's content is lost.
                self.line.restart(Instant::now());
                self.screen.forget();
                let (columns, rows) = Screen::size();
                let effects = update(&mut self.app, Message::Resize(columns, rows));
                self.carry_out(effects)
            }
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
                    self.key_comes();
                }
                let effects = update(&mut self.app, message);
                self.session_changed();
                self.keep_records();
                self.carry_out(effects)
            }
        }
    }

    /// Has decisions and names written if they have changed.
    fn keep_records(&mut self) {
        let (app, names) = (&mut self.app, &mut self.names);
        if let Some(keeper) = &mut self.keeper {
            let decisions = &app.suspects.decisions;
            keeper.keep(decisions, &app.run.data, &mut app.messages);
        }
        let insists = app.messages.promises(Record::Names);
        if let Some(keeper) = names
            && (insists || self.named != app.samples.named)
        {
            self.named.clone_from(&app.samples.named);
            keeper.keep(&app.kept_names(), &app.run.data, &mut app.messages);
        }
    }

    /// Tells the state about a key that did not come at once after the one before.
    fn key_comes(&mut self) {
        let now = Instant::now();
        if now - self.last_key >= TYPING {
            update(&mut self.app, Message::Rested);
        }
        self.last_key = now;
    }

    /// Asks the terminal to answer, unless an answer is on its way.
    fn ask(&mut self) -> Step {
        if self.line.is_waiting() {
            return Step::Nothing;
        }
        if self.screen.ask().is_err() {
            return Step::End(Outcome::TerminalGone);
        }
        self.line.asked(Instant::now());
        Step::Nothing
    }

    /// Takes in an answer of the terminal.
    fn reply(&mut self, reply: Reply) -> Step {
        match reply {
            Reply::Ready => {
                self.line.answered(Instant::now());
                Step::Nothing
            }
            Reply::Background(red, green, blue) if self.asks_background => {
                let background = Background::of_rgb(red, green, blue);
                if background == self.app.palette.background() {
                    return Step::Nothing;
                }
                self.app.palette = self.app.palette.on(background);
                Step::DrawNow
            }
            _ => Step::Nothing,
        }
    }

    /// Takes the newest results of the workers. What the user waits for (the first picture, another map or
    /// another activity) is drawn at once, a moving map when its frame is due.
    fn news(&mut self) -> Step {
        let before = awaited(&self.app);
        let mut step = Step::Nothing;
        self.memory.computed(Instant::now());
        for (set, snapshot, diagnosis) in self.runs.news() {
            let is_shown = set == self.app.sets.current;
            let set_before = self.app.sets.current;
            self.session_changed();
            let was_moving = self.runs.is_moving(set);
            self.runs.notes_motion(set, &snapshot);
            let rests = was_moving && !self.runs.is_moving(set);
            let message = if is_shown {
                Message::News(snapshot, diagnosis)
            } else {
                Message::NewsOf(set, snapshot, diagnosis)
            };
            let effects = update(&mut self.app, message);
            if !effects.is_empty() {
                self.carry_out(effects);
            }
            if rests {
                self.save_session();
            }
            let is_seen = is_shown || self.app.shows_beside(set);
            if is_seen || self.app.sets.current != set_before {
                step = Step::Draw;
            }
        }
        if awaited(&self.app) != before {
            step = Step::DrawNow;
        }
        step
    }
}
