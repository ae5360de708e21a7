//! What goes into the journal, and going back to one of its entries.

use std::sync::Arc;

use crate::decisions::{Choice, Decisions, KeptView, Sample};
use crate::error::printable;
use crate::journal::{
    DecisionEntry, Entry, Event, Picture, Place, RunEntry, Segment, compared, figures,
};
use crate::run::{Command, MapOrigin};
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::{Compared, Effect, Record};
use crate::tui::app::journal::Going;
use crate::tui::app::ladder::{same, shown};
use crate::tui::app::maps::MapId;
use crate::tui::app::named::View;
use crate::tui::app::panels::Panel;
use crate::tui::app::run::is_over;

impl App {
    /// The map that is shown, for the journal.
    fn journal_place(&self) -> Place {
        let snapshot = &self.run.snapshot;
        let set = self.sets.names.get(self.sets.current);
        Place {
            set: set.map_or_else(|| self.run.data.name().to_owned(), |set| set.name.clone()),
            perplexity: snapshot.perplexity,
            seed: snapshot.seed,
            iteration: snapshot.iteration,
        }
    }

    /// Notes what has changed since the last message.
    pub(crate) fn note_changes(&mut self) {
        self.note_map();
        self.note_run();
        self.note_decisions();
        self.note_selections();
    }

    /// Another map is shown.
    fn note_map(&mut self) {
        let snapshot = &self.run.snapshot;
        let id = (self.sets.current, snapshot.generation);
        let before = self.journal.shown.filter(|before| *before != id);
        if !snapshot.is_map || self.journal.shown == Some(id) {
            return;
        }
        if !self.journal.paths.contains_key(&id) {
            let perplexity = snapshot.perplexity;
            let path = if snapshot.origin == MapOrigin::Continued {
                before.and_then(|before| self.path_from(before))
            } else {
                Some(Vec::new())
            };
            if let Some(mut path) = path {
                path.push(Segment {
                    perplexity,
                    until: 0,
                });
                self.journal.paths.insert(id, path);
            }
        }
        self.journal.shown = Some(id);
        let place = self.journal_place();
        self.journal.news.push(Event::Map { place });
    }

    /// The path of a map up to where another one was continued from it.
    fn path_from(&self, before: (usize, u64)) -> Option<Vec<Segment>> {
        let set = self.sets.current;
        let visited = &self.run.snapshot.visited;
        let left = visited.iter().find(|map| map.generation == before.1)?;
        // A map that was passed so quickly that it was never shown may have been the one.
        let between = before.1 + 1..self.run.snapshot.generation;
        let is_unknown = |generation: u64| {
            between.contains(&generation) && !self.journal.paths.contains_key(&(set, generation))
        };
        if before.0 != set || visited.iter().any(|map| is_unknown(map.generation)) {
            return None;
        }
        let mut path = self.journal.paths.get(&before)?.clone();
        path.last_mut()?.until = left.iteration;
        Some(path)
    }

    /// A map is finished, and its figures are known.
    fn note_run(&mut self) {
        let snapshot = &self.run.snapshot;
        let id = (self.sets.current, snapshot.generation);
        let is_new = self.journal.told != Some((id, snapshot.iteration));
        if !(is_new
            && snapshot.is_map
            && is_over(&snapshot.activity)
            && self.run.map_figures_hold())
        {
            return;
        }
        let Some(diagnosis) = self.run.diagnosis.as_deref() else {
            return;
        };
        let is_measured = self
            .run
            .fidelity()
            .is_some_and(|f| f.trustworthiness.is_some());
        let is_current = diagnosis.map_iteration == Some(snapshot.iteration);
        let has_classes = !self.run.has_labels() || diagnosis.silhouette.in_map().is_some();
        if !(is_measured && is_current && has_classes) {
            return;
        }
        let mut path = self.journal.paths.get(&id).cloned().unwrap_or_default();
        if let Some(last) = path.last_mut() {
            last.until = snapshot.iteration;
        }
        self.journal.told = Some((id, snapshot.iteration));
        let run = RunEntry {
            place: self.journal_place(),
            start: snapshot.origin.name().to_owned(),
            path,
            relabeled: diagnosis.relabeled,
            k: diagnosis.confusion.k,
            figures: self.journal_figures(),
        };
        self.journal.news.push(Event::Run(Box::new(run)));
    }

    /// The figures of the map that is shown. Those of clusters are left out: these are not labels.
    fn journal_figures(&self) -> crate::journal::Figures {
        let diagnosis = self.run.diagnosis.as_deref();
        let of_map = diagnosis.filter(|_| self.run.map_figures_hold());
        let mut all = figures(self.run.snapshot.kl_divergence, of_map);
        if self.run.is_provisional() {
            all.retain(|name, _| {
                !name.starts_with("silhouette") && !name.starts_with("neighborhood")
            });
        }
        all
    }

    fn note_decisions(&mut self) {
        let (told, now) = (&self.journal.decisions, &self.suspects.decisions);
        if told == now {
            return;
        }
        let rows = told.iter().chain(now.iter()).map(|(row, _)| row);
        let mut changed: Vec<usize> = rows.filter(|&row| told.get(row) != now.get(row)).collect();
        changed.sort_unstable();
        changed.dedup();
        let news: Vec<Event> = changed
            .into_iter()
            .map(|row| self.decided(row, now))
            .collect();
        self.journal.news.extend(news);
        self.journal.decisions = self.suspects.decisions.clone();
    }

    fn decided(&self, row: usize, decisions: &Decisions) -> Event {
        let labels = self.run.data.labels();
        let name = |class: usize| labels?.names().get(class).cloned();
        let decision = decisions.get(row);
        let relabel = decision.and_then(|d| match d.choice {
            Choice::Relabel(class) => name(usize::from(class)),
            Choice::Keep | Choice::Unsure => None,
        });
        Event::Decision(DecisionEntry {
            sample: self.journal_sample(row),
            label: labels.and_then(|l| l.class(row)).and_then(name),
            decision: decision.map(|d| d.choice.label().to_owned()),
            relabel,
            note: decision.map_or_else(String::new, |d| d.note.clone()),
        })
    }

    fn journal_sample(&self, row: usize) -> Sample {
        let found = Sample::of_rows(&[row as u32], &self.run.data).pop();
        found.unwrap_or(Sample::Row(row))
    }

    fn note_selections(&mut self) {
        let (told, now) = (&self.journal.selections, &self.samples.named.selections);
        if told == now {
            return;
        }
        let data = &self.run.data;
        let mut news = Vec::new();
        for (name, rows) in now
            .iter()
            .filter(|(name, rows)| told.get(*name) != Some(rows))
        {
            let (name, samples) = (name.clone(), Sample::of_rows(rows, data));
            news.push(Event::Selection { name, samples });
        }
        for name in told.keys().filter(|name| !now.contains_key(*name)) {
            news.push(Event::Forgotten { name: name.clone() });
        }
        self.journal.selections = now.clone();
        self.journal.news.extend(news);
    }

    /// The feature sets are compared.
    pub(crate) fn note_comparison(&mut self) {
        if let Compared::Ready(found) = &self.run.compared {
            self.journal.news.push(compared(found));
        }
    }

    /// Writes a note into the journal.
    pub(crate) fn note_in_journal(&mut self, text: &str) -> Result<(), String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("type the text of the note".into());
        }
        let file = self.journal_file()?;
        let current = self.samples.selection.current;
        let sample = current.map(|row| self.journal_sample(row));
        let (text, place) = (text.to_owned(), self.journal_place());
        self.journal.news.push(Event::Note {
            text,
            sample,
            place,
        });
        self.promise(format!("noted in {file}"), Record::Journal);
        Ok(())
    }

    /// The journal's file, safe to print.
    fn journal_file(&self) -> Result<String, String> {
        let file = self.journal.file.as_ref();
        let file = file.map(|file| printable(&file.display().to_string()));
        file.ok_or_else(|| "no journal is kept here; the Log panel says why".into())
    }

    /// Asks for a picture of the map in the journal.
    pub(crate) fn keep_picture(&mut self) -> Vec<Effect> {
        if !self.run.snapshot.is_map {
            self.complain("there is no map to keep yet");
            return Vec::new();
        }
        match self.journal_file() {
            Ok(file) => {
                self.promise(
                    format!("this picture of the map is kept in {file}"),
                    Record::Journal,
                );
                vec![Effect::KeepPicture]
            }
            Err(problem) => {
                self.complain(problem);
                Vec::new()
            }
        }
    }

    /// Keeps the picture that was drawn, with the figures.
    pub(crate) fn picture_drawn(&mut self, lines: Vec<String>) {
        let classes = self.run.data.labels().map_or(&[][..], |l| l.names());
        let picture = Picture {
            place: self.journal_place(),
            view: self.present_view().kept(classes),
            selected: Sample::of_rows(self.samples.selection.ids(), &self.run.data),
            figures: self.journal_figures(),
            lines,
        };
        self.journal.news.push(Event::Picture(Box::new(picture)));
    }

    /// What the map shows.
    pub(crate) fn present_view(&self) -> View {
        View {
            camera: self.map.camera,
            look: self.map.look,
            value: self.map.value.clone(),
            shown: self.samples.shown.clone(),
        }
    }

    /// The entries of the journal as the panel lists them: newest first.
    pub(crate) fn journal_rows(&self) -> Vec<Arc<Entry>> {
        self.journal.entries.iter().rev().cloned().collect()
    }

    /// Goes back to the entry under the cursor of the panel.
    pub(crate) fn go_to_entry(&mut self) -> Vec<Effect> {
        let at = self.row_at_cursor(Panel::Journal);
        let Some(entry) = at.and_then(|at| self.journal_rows().get(at).cloned()) else {
            return Vec::new();
        };
        match &entry.event {
            Event::Selection { name, samples } => {
                let rows = Sample::rows(samples, &self.run.data);
                self.select_only(&printable(name), &rows);
            }
            Event::Decision(decision) => {
                let rows = Sample::rows(std::slice::from_ref(&decision.sample), &self.run.data);
                rows.first()
                    .into_iter()
                    .for_each(|row| self.jump_to(*row as usize));
            }
            _ => match entry.place() {
                Some(place) => return self.go_to_place(place, &entry.event),
                None => self.say("this entry is about no map"),
            },
        }
        Vec::new()
    }

    fn go_to_place(&mut self, place: &Place, event: &Event) -> Vec<Effect> {
        let set = self.sets.names.iter().position(|set| set.name == place.set);
        if set.is_none() && !self.sets.names.is_empty() {
            let set = text::safe(&place.set);
            self.complain(format!("there is no feature set {set} any more"));
            return Vec::new();
        }
        let set = set.unwrap_or(self.sets.current);
        let picture = match event {
            Event::Picture(picture) => Some(picture),
            _ => None,
        };
        let (perplexity, seed) = (place.perplexity, place.seed);
        self.journal.going = Some(Going {
            set,
            map: MapId { perplexity, seed },
            is_asked: false,
            view: picture.map(|picture| self.view_of(&picture.view)),
            selected: picture.map(|picture| Sample::rows(&picture.selected, &self.run.data)),
        });
        let mut effects = self.flip_to(set);
        effects.extend(self.follow_journal());
        effects
    }

    fn view_of(&self, kept: &KeptView) -> View {
        let classes = self.run.data.labels().map_or(&[][..], |l| l.names());
        View::of(kept, classes, self.samples.shown.len())
    }

    /// Goes on to the entry that is gone back to, as far as its set and its map are there.
    pub(crate) fn follow_journal(&mut self) -> Vec<Effect> {
        let Some(mut going) = self.journal.going.take() else {
            return Vec::new();
        };
        if self.sets.current != going.set {
            // Another set was asked for meanwhile.
            if self.sets.wanted == Some(going.set) {
                self.journal.going = Some(going);
            }
            return Vec::new();
        }
        let now = self.run.map_id();
        let is_there = now.seed == going.map.seed && same(now.perplexity, going.map.perplexity);
        if !self.run.snapshot.is_map || !is_there {
            let ask = self.run.snapshot.is_map && !going.is_asked;
            going.is_asked |= ask;
            let map = going.map;
            self.journal.going = Some(going);
            return if ask {
                self.ask_for_map(map)
            } else {
                Vec::new()
            };
        }
        if let Some(view) = going.view {
            self.show_view(view);
        }
        match going.selected {
            Some(rows) if rows.is_empty() => self.clear_selection(),
            Some(rows) if rows != self.samples.selection.ids() => {
                self.select_only("the selection of that moment", &rows);
            }
            _ => {}
        }
        let (perplexity, seed) = (shown(now.perplexity), now.seed);
        self.say(format!(
            "back at the map of perplexity {perplexity}, seed {seed}, and the view of that moment"
        ));
        Vec::new()
    }

    /// Asks for the map of a perplexity and seed: one that is kept, or a new one.
    fn ask_for_map(&mut self, map: MapId) -> Vec<Effect> {
        let mut visited = self.run.snapshot.visited.iter();
        let kept = visited.find(|one| one.seed == map.seed && same(one.perplexity, map.perplexity));
        if let Some(kept) = kept {
            return vec![Effect::Command(Command::ShowMap(kept.generation))];
        }
        self.run.ladder.insert(map.perplexity);
        let mut effects = Vec::new();
        if self.run.seed() != map.seed {
            effects.extend(self.restart(map.seed));
        }
        effects.extend(self.go_to(map.perplexity));
        effects
    }
}
