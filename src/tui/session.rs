//! A session on the terminal, from taking the terminal to giving it back: the loop.
//!
//! In: what computes, and the options. The loop sleeps until a key, a signal or news from the
//! worker arrives, updates the state, carries out the effects, and draws: at once after a key and
//! for the first picture, otherwise at most thirty times a second, within a budget of bytes, and never
//! more than the line takes ([`Line`]). When nothing changes, nothing is drawn or sent. Whatever may
//! take long, such as writing a file, runs on a thread of its own. At the end the terminal is given
//! back first; then the session waits for files that are being written, and saves decisions.

pub(crate) mod comparing;
pub(crate) mod inbox;
pub(crate) mod keep;
pub(crate) mod save;
pub(crate) mod sets;

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Signal, getpgrp, getsid, kill_current_process_group};
use signal_hook::consts::{SIGCONT, SIGTSTP, SIGWINCH};

use self::comparing::Comparing;
use self::inbox::{Event, Inbox};
use self::keep::Keeper;
use self::save::StatisticsWriter;
use self::sets::{Opener, Runs};
use crate::dataset::Dataset;
use crate::diagnosis::SampleDiagnosis;
use crate::error::{Error, Result};
use crate::export::Inputs;
use crate::palette::{Background, ColorDepth, Palette};
use crate::picture::Glyphs;
use crate::run::Snapshot;
use crate::study::Study;
use crate::tui::app::App;
use crate::tui::app::action::{Compared, Effect, Message};
use crate::tui::app::sets::SetName;
use crate::tui::app::update::update;
use crate::tui::terminal::input::Reply;
use crate::tui::terminal::line::Line;
use crate::tui::terminal::screen::Screen;
use crate::tui::terminal::wire::Content;
use crate::tui::{Outcome, TuiOptions, view};

/// How long points take from one map to another.
const TRANSITION: Duration = Duration::from_millis(280);
/// The file in the state folder that records that the help was opened once.
const HELP_SEEN: &str = "help-seen";
/// The most events that are taken in between two frames.
const MOST_EVENTS: usize = 512;

/// Opens the screen.
pub(super) fn open(
    (names, first): (Vec<SetName>, usize),
    study: Option<Arc<Study>>,
    options: TuiOptions,
    opener: Opener,
) -> Result<Outcome> {
    let inbox = Inbox::new();
    // The screen first: without it, nothing needs to be computed.
    let variable = |name: &str| std::env::var(name).ok();
    let background = options
        .settings
        .background
        .or_else(|| Background::detect(variable));
    // The Linux console does not know this question.
    let asks = background.is_none() && variable("TERM").is_none_or(|term| term != "linux");
    let (screen, mut line) = take_terminal(&options, asks)?;
    inbox.listen_to_signals().map_err(|e| no_threads(&e))?;
    inbox.listen_to_terminal().map_err(|e| no_threads(&e))?;
    let mut runs = Runs::new(names.len().max(1), opener, inbox.notifier());
    let (data, snapshot) = runs.open(first).inspect_err(|_| {
        settle(&inbox, &mut line);
    })?;
    let background = background.unwrap_or_default();
    let mut app = new_app(data, snapshot, &options, background).with_sets(names, first);
    let k = options.run.table_k;
    let comparing = Comparing::start(study, k, inbox.sender());
    if comparing.is_some() {
        app.run.compared = Compared::Running;
    }
    let keeper = options
        .decisions_file
        .clone()
        .map(|path| Keeper::start(path, &options.decisions, inbox.sender()));
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
        state_folder: options.state_folder,
        inputs: options.inputs,
        saving: Vec::new(),
        keeper,
        continued: false,
        sabotage: Sabotage::from_environment(),
    };
    let outcome = session.work();
    if outcome == Outcome::Quit {
        settle(&session.inbox, &mut session.line);
    }
    let Session {
        app,
        screen,
        inbox,
        saving,
        keeper,
        ..
    } = session;
    // The terminal first, whatever else takes time; then files that are being written.
    drop(screen);
    drop(comparing);
    inbox.close();
    if outcome == Outcome::Quit {
        for job in saving {
            let _ = job.join();
        }
    }
    if let Some(keeper) = keeper {
        keeper.finish();
    }
    // However it ended, and even if the last attempt failed: decisions are manual work.
    if let Some(path) = options
        .decisions_file
        .filter(|_| app.suspects.decisions != options.decisions)
    {
        app.suspects.decisions.save(&path, &app.run.data)?;
    }
    Ok(outcome)
}

/// The state at the start, from the options and the environment.
fn new_app(
    data: Arc<Dataset>,
    snapshot: Arc<Snapshot>,
    options: &TuiOptions,
    background: Background,
) -> App {
    let variable = |name: &str| std::env::var(name).ok();
    let depth = options
        .color_depth
        .unwrap_or_else(|| ColorDepth::detect(variable));
    let palette = Palette::of(depth, options.settings.palette, background);
    let ladder = &options.settings.perplexity;
    let (table_k, keymap) = (options.run.table_k, options.keys.keymap());
    let mut app = App::new(data, snapshot, palette, ladder, table_k, keymap);
    app.suspects.decisions.clone_from(&options.decisions);
    let knows_help = |folder: &PathBuf| folder.join(HELP_SEEN).exists();
    app.dialogs.hints = options
        .state_folder
        .as_ref()
        .is_some_and(|f| !knows_help(f));
    app.size = Screen::size();
    app.map.names.wanted = options.settings.names;
    app.panels.follows = options.settings.follow;
    if let Some(glyphs) = options.settings.glyphs.or_else(|| unusual_glyphs(variable)) {
        app.map.look.glyphs = glyphs;
    }
    app
}

/// Takes the terminal, and asks it for a first answer.
fn take_terminal(options: &TuiOptions, asks_background: bool) -> Result<(Screen, Line)> {
    let screen = Screen::enter(options.settings.mouse, asks_background)?;
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

/// The glyphs of a terminal that cannot show braille.
fn unusual_glyphs(variable: impl Fn(&str) -> Option<String>) -> Option<Glyphs> {
    Some(Glyphs::detect(variable)).filter(|glyphs| *glyphs != Glyphs::default())
}

fn no_threads(error: &std::io::Error) -> Error {
    Error::Terminal {
        problem: format!("cannot start the thread that reads its input: {error}"),
        remedy: "raise the limit of processes (ulimit -u)".into(),
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
    state_folder: Option<PathBuf>,
    /// Files that nothing is saved over.
    inputs: Inputs,
    saving: Vec<JoinHandle<()>>,
    /// Saves decisions as they are made, if they are saved at all.
    keeper: Option<Keeper>,
    /// The terminal was already taken again before the signal to continue arrived.
    continued: bool,
    sabotage: Sabotage,
}

/// What frame is wanted, and how soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wish {
    /// None.
    Nothing,
    /// The rest of the frame that is drawn already.
    Rest,
    /// A new frame, when it is due.
    Soon,
    /// The rest of the answer to a key, as soon as the line takes it.
    Onward,
    /// A new frame, as soon as the line takes it.
    Now,
}

/// What the user waits for, such as the first picture: a change of it is drawn at once.
fn awaited(app: &App) -> impl PartialEq + use<> {
    let snapshot = &app.run.snapshot;
    let activity = std::mem::discriminant(&snapshot.activity);
    let has_picture = !snapshot.positions.is_empty();
    (app.sets.current, snapshot.generation, activity, has_picture)
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
            let next = self.inbox.wait(due);
            if let Some(outcome) = self.take_in_all(next, &mut wish) {
                return outcome;
            }
        }
    }

    /// Takes in an event and those behind it; returns how the session ends, if it does.
    fn take_in_all(&mut self, mut next: Option<Event>, wish: &mut Wish) -> Option<Outcome> {
        for _ in 0..MOST_EVENTS {
            match self.take_in(next?) {
                Step::Nothing => {}
                Step::Draw => *wish = (*wish).max(Wish::Soon),
                Step::DrawNow => *wish = Wish::Now,
                Step::End(outcome) => return Some(outcome),
            }
            next = self.inbox.wait(Some(Instant::now()));
        }
        None
    }

    /// When the next frame is to be sent, if one is wanted.
    fn due(&self, wish: Wish) -> Option<Instant> {
        let now = Instant::now();
        match wish {
            Wish::Nothing => None,
            Wish::Rest => Some(self.line.next(false, now)),
            Wish::Soon => Some(self.line.next_text(now)),
            Wish::Onward | Wish::Now => Some(self.line.next(true, now)),
        }
    }

    /// Draws, and sends as much as the line takes; returns what is wanted next.
    fn draw(&mut self, wish: Wish) -> std::io::Result<Wish> {
        let start = Instant::now();
        self.line.begin(start);
        if wish != Wish::Rest {
            self.move_points(start);
            self.screen.draw(|frame| view::draw(&self.app, frame));
        }
        let start = Instant::now();
        let text = Some(wish).filter(|w| *w == Wish::Soon);
        let text = text.and_then(|_| self.line.largest_text(start));
        let written = if let Some(largest) = text {
            self.screen.write(largest, Content::Text)?
        } else {
            let largest = self.line.largest(wish >= Wish::Onward);
            self.screen.write(largest, Content::All)?
        };
        if written > 0 {
            self.line.sent(written, start);
        } else if text.is_some() {
            self.line.no_text(start);
        }
        Ok(match (self.screen.is_behind(), wish) {
            (false, _) if self.app.map.transition.is_some() => Wish::Soon,
            (false, _) => Wish::Nothing,
            // The answer to a key is completed before anything new.
            (true, Wish::Now | Wish::Onward) => Wish::Onward,
            (true, _) => Wish::Rest,
        })
    }

    /// Moves points that are on their way to another map. Where frames are rare, they arrive in the
    /// next one.
    fn move_points(&mut self, now: Instant) {
        if self.app.map.transition.is_none() {
            self.moving_since = None;
            return;
        }
        let since = *self.moving_since.get_or_insert(now);
        let share = if self.animates {
            (now - since).as_secs_f32() / TRANSITION.as_secs_f32()
        } else {
            1.0
        };
        update(&mut self.app, Message::Moved(share));
    }

    fn take_in(&mut self, event: Event) -> Step {
        match event {
            Event::News => self.news(),
            Event::Started(started) => {
                let message = self.runs.take(started);
                let effects = update(&mut self.app, message);
                self.carry_out(effects)
            }
            Event::Gone => Step::End(Outcome::TerminalGone),
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
                }
                let effects = update(&mut self.app, message);
                if let Some(keeper) = &mut self.keeper {
                    keeper.keep(&self.app.suspects.decisions, &self.app.run.data);
                }
                self.carry_out(effects)
            }
        }
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
        for (set, snapshot, diagnosis) in self.runs.news() {
            let is_shown = set == self.app.sets.current;
            let set_before = self.app.sets.current;
            let message = if is_shown {
                Message::News(snapshot, diagnosis)
            } else {
                Message::NewsOf(set, snapshot, diagnosis)
            };
            let effects = update(&mut self.app, message);
            if !effects.is_empty() {
                self.carry_out(effects);
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

    fn carry_out(&mut self, effects: Vec<Effect>) -> Step {
        for effect in effects {
            match effect {
                Effect::Command(command) => {
                    self.runs.command(self.app.sets.current, command);
                }
                Effect::CommandTo(set, command) => self.runs.command(set, command),
                Effect::OpenSet(set) => self.runs.start(set, self.inbox.sender()),
                Effect::Save {
                    target,
                    path,
                    overwrite,
                } => self.save(save::Job {
                    target,
                    path,
                    overwrite,
                    inputs: self.inputs.clone(),
                    data: Arc::clone(&self.app.run.data),
                    snapshot: Arc::clone(&self.app.run.snapshot),
                    diagnosis: self.app.run.diagnosis.clone(),
                    view: self.app.map_view(),
                    write_statistics: Arc::clone(&self.write_statistics),
                    selected: self.app.samples.selection.ids().to_vec(),
                    decisions: self.app.suspects.decisions.clone(),
                }),
                Effect::Inspect { sample, k } => self.inspect(sample, k),
                Effect::Redraw => {
                    self.line.restart(Instant::now());
                    self.screen.forget();
                }
                Effect::Suspend => return self.suspend(),
                Effect::HelpSeen => self.remember_help(),
                Effect::Quit => return Step::End(Outcome::Quit),
            }
        }
        Step::DrawNow
    }

    /// Writes a file on a thread of its own, because a network drive may be slow.
    fn save(&mut self, job: save::Job) {
        self.saving.retain(|job| !job.is_finished());
        let sender = self.inbox.sender();
        self.saving.push(thread::spawn(move || {
            // Nobody listens any more if the loop has ended.
            let _ = sender.send(Event::Message(job.run()));
        }));
    }

    /// Records that the help was opened once; if that fails, the hint appears again.
    fn remember_help(&mut self) {
        if let Some(folder) = self.state_folder.clone() {
            self.saving.push(thread::spawn(move || {
                if std::fs::create_dir_all(&folder).is_ok() {
                    let _ = crate::export::write_file(&folder.join(HELP_SEEN), b"");
                }
            }));
        }
    }

    /// Finds the neighbors of a sample on a thread of its own: with many features, that takes too long
    /// for a key press.
    fn inspect(&self, sample: usize, k: usize) {
        let data = Arc::clone(&self.app.run.data);
        let set = self.app.sets.current;
        let sender = self.inbox.sender();
        thread::spawn(move || {
            let found = SampleDiagnosis::of(&data, sample, k).map(Arc::new);
            let _ = sender.send(Event::Message(Message::Inspected(set, found)));
        });
    }

    /// Gives the terminal back, stops, and takes it again when the shell continues the program.
    fn suspend(&mut self) -> Step {
        // Without a shell that could continue it (as the first process of the session, as in
        // `ssh -t host disentangle`), the program would stop forever.
        if getsid(None).is_ok_and(|session| session == getpgrp()) {
            return Step::Nothing;
        }
        if !settle(&self.inbox, &mut self.line) {
            return Step::Nothing;
        }
        self.screen.release();
        if kill_current_process_group(Signal::STOP).is_ok() {
            self.continued = true;
        }
        self.take_again()
    }

    fn take_again(&mut self) -> Step {
        if self.screen.take().is_err() {
            return Step::End(Outcome::TerminalGone);
        }
        let now = Instant::now();
        self.line.restart(now);
        self.line.asked(now);
        self.screen.forget();
        self.app.size = Screen::size();
        Step::DrawNow
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Activity;
    use crate::tui::tests::fake;

    #[test]
    fn the_first_picture_is_waited_for_and_those_that_follow_are_not() {
        let mut app = fake::preparing();
        Arc::make_mut(&mut app.run.snapshot).positions = Vec::new().into();
        let mut change = |change: fn(&mut Snapshot)| {
            let before = awaited(&app);
            change(Arc::make_mut(&mut app.run.snapshot));
            awaited(&app) != before
        };
        assert!(change(|s| s.positions = vec![[0.0; 2]; 9].into()));
        assert!(!change(|s| s.positions = vec![[1.0; 2]; 9].into()));
        assert!(change(|s| s.activity = Activity::Running));
        assert!(!change(|s| s.iteration += 1));
        assert!(change(|s| s.generation += 1));
    }
}
