//! What a command line can go on with.
//!
//! In: the line before the cursor. Out: where the word begins that is being typed, what can take its
//! place, and the command that the line names. Names from files are offered as the screen shows them
//! (escaped), and found again by that; those that look alike by their number, `#3`.

use std::collections::HashMap;

use super::commands::{commands, of_name};
use crate::palette::{ColorSet, Theme};
use crate::picture::Glyphs;
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::Target;
use crate::tui::app::command::{Argument, Spec, TARGETS, quoted, split, target_of};
use crate::tui::app::command_line::Candidate;
use crate::tui::app::ladder::shown;
use crate::tui::app::panels::PANELS;

/// No more candidates than this are offered.
const MOST: usize = 200;

/// How a line can go on.
#[derive(Clone, Default)]
pub(crate) struct Completion {
    /// Bytes of the line before the word that is being typed.
    pub(crate) start: usize,
    /// What can take the word's place.
    pub(crate) candidates: Vec<Candidate>,
    /// The command that the line names.
    pub(crate) spec: Option<&'static Spec>,
}

/// How a line can go on.
pub(crate) fn complete(app: &App, line: &str) -> Completion {
    let typed = line.trim_start();
    let (name, _) = split(typed);
    if typed.len() == name.len() {
        let all = commands().map(|spec| {
            let goes_on = !matches!(spec.source, Argument::Nothing);
            Candidate::that_goes_on(spec.name, &spec.help(), goes_on)
        });
        return Completion {
            start: line.len() - typed.len(),
            candidates: fitting(all.collect(), name),
            spec: commands().find(|spec| spec.name == name),
        };
    }
    let Ok(spec) = of_name(name) else {
        return Completion::default();
    };
    let (mut source, mut rest) = (spec.source, typed[name.len()..].trim_start());
    // Words lead further as long as there is something behind them.
    while let Argument::Words(words) = source {
        let (word, behind) = split(rest);
        let followed = rest.len() > word.len();
        match words.iter().find(|w| w.name == word).filter(|_| followed) {
            Some(found) => (source, rest) = (found.then, behind),
            None => break,
        }
    }
    if let Argument::Files = source {
        let (word, behind) = split(rest);
        if let Some(target) = target_of(word).filter(|_| rest.len() > word.len()) {
            (source, rest) = (Argument::File(target), behind);
        }
    }
    Completion {
        start: line.len() - rest.len(),
        candidates: candidates(app, source, rest),
        spec: Some(spec),
    }
}

fn candidates(app: &App, source: Argument, typed: &str) -> Vec<Candidate> {
    let all: Vec<Candidate> = match source {
        Argument::Nothing | Argument::Text => Vec::new(),
        Argument::Perplexities => perplexities(app),
        Argument::Seeds => vec![Candidate::new(
            app.run.seed().wrapping_add(1).to_string(),
            "the next one",
        )],
        Argument::Neighbors => plain(app.run.possible_ks().map(|k| k.to_string())),
        Argument::Classes => class_candidates(app),
        Argument::Models => plain(app.model_names().iter().map(|name| quoted(name))),
        Argument::Layers => {
            let names = app.layer_names().into_iter();
            names
                .map(|(name, full)| Candidate::new(quoted(&name), text::safe(&full)))
                .collect()
        }
        Argument::Colorings => plain(app.coloring_names().into_iter()),
        Argument::ColorSets => plain(ColorSet::ALL.iter().map(|set| set.name().to_owned())),
        Argument::Themes => plain(Theme::ALL.iter().map(|theme| theme.name().to_owned())),
        Argument::Glyphs => plain(Glyphs::ALL.iter().map(|glyphs| glyphs.name().to_owned())),
        Argument::Panels => plain(
            PANELS
                .iter()
                .map(|panel| app.panel_name(*panel).to_lowercase()),
        ),
        Argument::Columns => plain(app.orders(app.panels.chosen).into_iter().map(str::to_owned)),
        Argument::Ids => return id_candidates(app, typed),
        Argument::Selections => plain(
            app.samples
                .named
                .selections
                .keys()
                .map(|name| quoted_name(name)),
        ),
        Argument::Views => plain(app.samples.named.views.keys().map(|name| quoted_name(name))),
        Argument::Named => {
            let named = &app.samples.named;
            plain((named.selections.keys().chain(named.views.keys())).map(|name| quoted_name(name)))
        }
        Argument::Files => {
            let targets = TARGETS
                .iter()
                .map(|(name, _, note)| Candidate::that_goes_on(name, note, true));
            files(app, Target::Map).into_iter().chain(targets).collect()
        }
        Argument::File(target) => files(app, target),
        Argument::Words(words) => words
            .iter()
            .map(|word| {
                let goes_on = !matches!(word.then, Argument::Nothing);
                Candidate::that_goes_on(word.name, word.help, goes_on)
            })
            .collect(),
    };
    fitting(all, typed)
}

/// Candidates that need no explanation.
fn plain(texts: impl Iterator<Item = String>) -> Vec<Candidate> {
    texts.map(|text| Candidate::new(text, "")).collect()
}

/// Those that begin with what was typed, then those that contain it.
fn fitting(all: Vec<Candidate>, typed: &str) -> Vec<Candidate> {
    let typed = typed.trim_end().trim_start_matches('"').to_lowercase();
    let lower = |c: &Candidate| c.text.trim_start_matches('"').to_lowercase();
    let begins = |c: &Candidate| lower(c).starts_with(&typed);
    let (mut first, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(begins);
    first.extend(rest.into_iter().filter(|c| lower(c).contains(&typed)));
    first.truncate(MOST);
    first
}

fn perplexities(app: &App) -> Vec<Candidate> {
    let note = |p: f64| {
        if app.run.is_visited(p) {
            "has a map"
        } else {
            ""
        }
    };
    let rungs = app.run.rungs().into_iter();
    rungs.map(|p| Candidate::new(shown(p), note(p))).collect()
}

/// Classes, as they are shown; those that look like another by their number.
fn class_candidates(app: &App) -> Vec<Candidate> {
    let names: Vec<String> = (0..app.run.classes()).map(|c| app.entry_name(c)).collect();
    let mut alike: HashMap<&str, usize> = HashMap::new();
    for name in &names {
        *alike.entry(name).or_default() += 1;
    }
    let class = |(at, name): (usize, &String)| {
        let samples = format!("{} samples", text::count(app.run.counts[at]));
        if alike[name.as_str()] > 1 {
            let note = format!("{}, {samples}", text::shorten(name, 30));
            Candidate::new(format!("#{}", at + 1), note)
        } else {
            Candidate::new(quoted(name), samples)
        }
    };
    names.iter().enumerate().map(class).collect()
}

/// A name that the user gave.
fn quoted_name(name: &str) -> String {
    quoted(&text::safe(name))
}

/// Ids that contain what was typed.
fn id_candidates(app: &App, typed: &str) -> Vec<Candidate> {
    let Some(ids) = app.run.data.ids() else {
        return Vec::new();
    };
    let wanted = typed.trim().trim_matches('"').to_lowercase();
    let class = |sample: usize| {
        let labels = app.run.data.labels()?;
        let class = labels.class(sample).unwrap_or_else(|| app.run.classes());
        Some(app.entry_name(class))
    };
    ids.iter()
        .enumerate()
        .filter(|(_, id)| id.to_lowercase().contains(&wanted))
        .take(MOST)
        .map(|(at, id)| {
            let note = class(at).unwrap_or_default();
            Candidate::new(quoted(&text::safe(id)), text::shorten(&note, 30))
        })
        .collect()
}

/// Names for files.
fn files(app: &App, target: Target) -> Vec<Candidate> {
    let map = format!("-p{}", shown(app.run.snapshot.perplexity));
    let middle = match target {
        Target::Map => &map,
        Target::Statistics => "",
        Target::Selection => "-selection",
        Target::Decisions => "-decisions",
        Target::Labels => "-labels",
        Target::Clusters => "-clusters",
        Target::Report => "-report",
    };
    let name = |ending| {
        let name = app.file_name(&format!("{middle}.{ending}"));
        Candidate::new(name, content_of(target, ending))
    };
    target.endings().into_iter().map(name).collect()
}

/// What a file with this ending holds.
fn content_of(target: Target, ending: &str) -> &'static str {
    match (target, ending) {
        (Target::Map, "npy") => "positions",
        (Target::Map, "csv" | "parquet") => "positions with ids and labels",
        (Target::Map, "ans") => "colored text",
        (Target::Map, "txt") => "text",
        (Target::Map, _) => "picture",
        (Target::Statistics, _) => "all statistics",
        (Target::Selection, "txt") => "one id per line",
        (Target::Selection, _) => "table",
        (Target::Decisions, _) => "row, id, label, decision, relabel, note",
        (Target::Labels, _) => "one label per line",
        (Target::Clusters, "npy") => "numbers; noise is −1",
        (Target::Clusters, _) => "row, id, cluster, core",
        (Target::Report, "md") => "Markdown, the map drawn as text",
        (Target::Report, "json") => "for programs",
        (Target::Report, _) => "a page",
    }
}
