//! What follows from a message: commands to the worker, files to save, a sample to look at, stopping.

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use rustix::process::{Signal, getpgrp, getsid, kill_current_process_group};

use super::further::{self, FurtherMaps};
use super::inbox::Event;
use super::starting::HELP_SEEN;
use super::{Session, Step, no_threads, save, settle};
use crate::diagnosis::SampleDiagnosis;
use crate::tui::Outcome;
use crate::tui::app::action::{Compared, Effect, Message};
use crate::tui::terminal::screen::Screen;

impl Session {
    pub(super) fn carry_out(&mut self, effects: Vec<Effect>) -> Step {
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
                    comparison: match &self.app.run.compared {
                        Compared::Ready(comparison) => Some(Arc::clone(comparison)),
                        _ => None,
                    },
                    write_statistics: Arc::clone(&self.write_statistics),
                    write_report: self.write_report.clone(),
                    selected: self.app.samples.selection.ids().to_vec(),
                    decisions: self.app.suspects.decisions.clone(),
                    journal: self.app.journal.entries.clone(),
                    selections: self.app.samples.named.selections.clone(),
                }),
                Effect::Inspect { sample, k } => self.inspect(sample, k),
                Effect::CompareMaps(maps) => self.compare_maps(maps),
                Effect::KeepPicture => self.draw_for_journal(),
                Effect::Redraw => {
                    self.line.restart(Instant::now());
                    self.screen.forget();
                }
                Effect::Suspend => return self.suspend(),
                Effect::GoOn => self.go_on(),
                Effect::HelpSeen => self.remember_help(),
                Effect::Quit => return Step::End(Outcome::Quit),
            }
        }
        Step::DrawNow
    }

    /// Computes further maps of the set that is shown.
    fn compare_maps(&mut self, maps: Vec<(f64, u64)>) {
        let run = &self.app.run;
        let job = further::Job {
            set: self.app.sets.current,
            data: Arc::clone(&run.data),
            options: self.options.clone(),
            execution: self.execution.clone(),
            shown: (run.snapshot.perplexity, run.snapshot.seed),
            positions: Arc::clone(&run.snapshot.positions),
            maps,
            k: run.counted_k(),
        };
        self.further = Some(FurtherMaps::start(job, self.inbox.sender()));
    }

    /// Writes a file on a thread of its own, because a network drive may be slow.
    fn save(&mut self, job: save::Job) {
        self.saving.retain(|job| !job.is_finished());
        let sender = self.inbox.sender();
        let thread = thread::Builder::new().name("save".into());
        let started = thread.spawn(move || {
            // Nobody listens any more if the loop has ended.
            let _ = sender.send(Event::Message(job.run()));
        });
        match started {
            Ok(thread) => self.saving.push(thread),
            Err(error) => {
                let failed = Message::SaveFailed(no_threads(&error).to_string());
                let _ = self.inbox.sender().send(Event::Message(failed));
            }
        }
    }

    /// Records that the help was opened once; if that fails, the hint appears again.
    fn remember_help(&mut self) {
        if let Some(folder) = self.state_folder.clone() {
            let thread = thread::Builder::new().name("help".into());
            let started = thread.spawn(move || {
                if std::fs::create_dir_all(&folder).is_ok() {
                    let _ = crate::export::write_file(&folder.join(HELP_SEEN), b"");
                }
            });
            self.saving.extend(started);
        }
    }

    /// Finds the neighbors of a sample on a thread of its own: with many features, that takes too long
    /// for a key press.
    fn inspect(&self, sample: usize, k: usize) {
        let data = Arc::clone(&self.app.run.data);
        let set = self.app.sets.current;
        let sender = self.inbox.sender();
        let thread = thread::Builder::new().name("inspect".into());
        let started = thread.spawn(move || {
            let found = SampleDiagnosis::of(&data, sample, k).map(Arc::new);
            let _ = sender.send(Event::Message(Message::Inspected(set, found)));
        });
        if started.is_err() {
            let _ = (self.inbox.sender()).send(Event::Message(Message::Inspected(set, None)));
        }
    }

    /// Gives the terminal back, stops, and takes it again when the shell continues the program.
    fn suspend(&mut self) -> Step {
        // Without a shell that could continue it (as the first process of the session, as in
        // `ssh -t host disentangle`), the program would stop forever.
        if getsid(None).is_ok_and(|session| session == getpgrp()) || !self.can_stop {
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

    pub(super) fn take_again(&mut self) -> Step {
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
