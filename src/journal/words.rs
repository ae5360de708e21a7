//! Entries in words, for the screen and the report. Names and notes are as they are in the journal: whoever shows
//! them escapes them.

use super::{DecisionEntry, Entry, Event, Figures, Place};
use crate::decisions::Sample;
use crate::text::plain;
use crate::words::count;

impl Entry {
    /// What kind of entry it is, in a word.
    pub(crate) fn kind(&self) -> &'static str {
        match self.event {
            Event::Opened(_) => "opened",
            Event::Map { .. } => "map",
            Event::Run(_) => "finished",
            Event::Note { .. } => "note",
            Event::Picture(_) => "picture",
            Event::Selection { .. } | Event::Forgotten { .. } => "selection",
            Event::Decision(_) => "decision",
            Event::Comparison { .. } => "comparison",
        }
    }

    /// The map that it is about.
    pub(crate) fn place(&self) -> Option<&Place> {
        match &self.event {
            Event::Map { place } | Event::Note { place, .. } => Some(place),
            Event::Run(run) => Some(&run.place),
            Event::Picture(picture) => Some(&picture.place),
            _ => None,
        }
    }

    /// What happened, in a sentence.
    pub(crate) fn text(&self) -> String {
        match &self.event {
            Event::Opened(opened) => {
                format!(
                    "{}, {}",
                    opened.name,
                    count(opened.samples, "sample", "samples")
                )
            }
            Event::Map { place } => describe(place),
            Event::Run(run) => format!("{}: {}", describe(&run.place), sentence(&run.figures)),
            Event::Note { text, .. } => text.clone(),
            Event::Picture(picture) => {
                let selected = match picture.selected.len() {
                    0 => String::new(),
                    n => format!(", {} selected", count(n, "sample", "samples")),
                };
                format!(
                    "{}{selected}: {}",
                    describe(&picture.place),
                    sentence(&picture.figures)
                )
            }
            Event::Selection { name, samples } => {
                format!(
                    "{} called {name}",
                    count(samples.len(), "sample", "samples")
                )
            }
            Event::Forgotten { name } => format!("the name {name} was forgotten"),
            Event::Decision(decision) => decided(decision),
            Event::Comparison { sets, .. } => best(sets),
        }
    }
}

fn describe(place: &Place) -> String {
    let Place {
        set,
        perplexity,
        seed,
        iteration,
    } = place;
    let rounded = (100.0 * perplexity).round() / 100.0;
    format!("{set}, perplexity {rounded}, seed {seed}, iteration {iteration}")
}

/// Figures as "KL 1.234, trust 0.98".
fn sentence(figures: &Figures) -> String {
    let said =
        |(name, value): (&String, &f64)| format!("{} {}", name.replace('_', " "), plain(*value, 3));
    let all: Vec<String> = figures.iter().map(said).collect();
    if all.is_empty() {
        "no figures yet".into()
    } else {
        all.join(", ")
    }
}

fn decided(decision: &DecisionEntry) -> String {
    let sample = match &decision.sample {
        Sample::Row(row) => format!("row {row}"),
        Sample::Id(id) => id.clone(),
    };
    let note = if decision.note.is_empty() {
        String::new()
    } else {
        format!(" ({})", decision.note)
    };
    match (decision.decision.as_deref(), &decision.relabel) {
        (None, _) => format!("{sample}: undone"),
        (Some(what), Some(label)) => format!("{sample}: {what} as {label}{note}"),
        (Some(what), None) => format!("{sample}: {what}{note}"),
    }
}

/// The set that the probe tells apart best.
fn best(sets: &[super::ComparedSet]) -> String {
    let probe = |set: &&super::ComparedSet| set.figures.get("probe").copied();
    let compared = count(sets.len(), "feature set", "feature sets");
    let best = sets
        .iter()
        .max_by(|a, b| probe(a).unwrap_or(0.0).total_cmp(&probe(b).unwrap_or(0.0)));
    match best.and_then(|set| Some((set, probe(&set)?))) {
        Some((set, probe)) => format!(
            "{compared}; the probe is best on {}: {}",
            set.set,
            plain(probe, 3)
        ),
        None => compared,
    }
}
