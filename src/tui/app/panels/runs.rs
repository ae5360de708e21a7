//! The runs: the maps by perplexity and seed, those kept and those of the ladder, below the numbers of
//! the features that they all show.
//!
//! The best number of a column is marked; the least divergence only among maps of one perplexity,
//! since those of others cannot be compared.

use super::Panel;
use super::classes::estimated;
use super::content::{Column, Content, Line, Role};
use super::spec::PanelSpec;
use crate::diagnosis::Diagnosis;
use crate::run::Command;
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::{Action, Effect};
use crate::tui::app::context::{Binding, row};
use crate::tui::app::ladder::{same, shown};
use crate::tui::app::maps::MapId;
use crate::tui::terminal::input::Key;

pub(super) const SPEC: PanelSpec = PanelSpec {
    beside: true,
    keys: KEYS,
    actions: &[
        (GO_TO_RUN, |app| app.unless_failed(App::go_to_run)),
        (ADD_RUN, |app| app.unless_failed(App::add_run)),
    ],
    ..PanelSpec::new(|app| 4 + app.runs().len(), content)
};

#[rustfmt::skip]
const KEYS: &[Binding] = &[
    row(&[Key::Enter], "Enter", |_| GO_TO_RUN, "go to", "go to this map"),
    row(&[Key::Char('a')], "a", |_| ADD_RUN, "another seed", "another map at the current perplexity, with the next seed; the other maps are kept"),
];

/// Go to the map under the cursor.
const GO_TO_RUN: Action = Action::OfPanel("go-to-run");
/// Another map at the current perplexity, with a seed that has none yet.
const ADD_RUN: Action = Action::OfPanel("add-run");

/// The narrowest and widest column of a number.
const NUMBER: (usize, usize) = (7, 13);

/// A map that is kept, or could be computed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RunRow {
    /// Which it is.
    pub(crate) map: MapId,
    /// Its identity, if it was computed; nothing for a rung of the ladder that was not visited.
    pub(crate) generation: Option<u64>,
    /// It is the one shown.
    pub(crate) is_current: bool,
}

/// A map with its numbers.
#[derive(Clone)]
struct Run<'a> {
    row: RunRow,
    iteration: Option<usize>,
    divergence: Option<f64>,
    figures: Option<&'a Diagnosis>,
    /// Neighbors per sample in the shares shown: shares among others are not comparable.
    k: usize,
}

impl<'a> Run<'a> {
    fn of(app: &'a App, row: RunRow, k: usize) -> Self {
        let mut all = app.run.snapshot.visited.iter();
        let visited = all.find(|map| Some(map.generation) == row.generation);
        let figures = if row.is_current && app.run.map_figures_hold() {
            app.run.diagnosis.as_deref()
        } else {
            visited.and_then(|map| map.diagnosis.as_deref())
        };
        let (iteration, divergence) = if row.is_current {
            let snapshot = &app.run.snapshot;
            (Some(snapshot.iteration), snapshot.kl_divergence)
        } else {
            let divergence = visited.and_then(|map| map.kl_divergence);
            (visited.map(|map| map.iteration), divergence)
        };
        Self {
            row,
            iteration,
            divergence,
            figures,
            k,
        }
    }

    fn silhouette(&self) -> Option<f64> {
        self.figures?.silhouette.in_map()
    }

    fn hit(&self) -> Option<f64> {
        let figures = self.figures.filter(|d| d.confusion.k == self.k)?;
        figures.neighborhood_hit.in_map()
    }

    fn trust(&self) -> Option<f64> {
        Some(self.figures?.fidelity.as_ref()?.trustworthiness?.value)
    }

    fn is_estimated(&self) -> bool {
        self.figures
            .is_some_and(|d| d.map_silhouette_references.is_some())
    }
}

fn content(app: &App, width: usize) -> Content<'_> {
    let mut content = Content::new("Runs · maps by perplexity and seed", width);
    content.has_cursor = true;
    content.sums_first = true;
    content
        .remarks
        .push("* best (KL: at its perplexity)".into());
    let k = app.run.counted_k();
    let runs: Vec<Run<'_>> = app
        .runs()
        .into_iter()
        .map(|row| Run::of(app, row, k))
        .collect();
    let role = |run: &Run<'_>| match (run.row.is_current, run.row.generation) {
        (true, _) => Role::Focus,
        (false, Some(_)) => Role::Plain,
        (false, None) => Role::Dim,
    };
    content.roles = runs.iter().map(role).collect();
    let columns = columns(app, &runs, k);
    content.table(runs, columns);
    content
}

/// A number of a run.
type Number<'a> = fn(&Run<'a>) -> Option<f64>;

fn columns<'a>(app: &'a App, runs: &[Run<'a>], k: usize) -> Vec<Column<'a, Run<'a>>> {
    let features = app.run.diagnosis.as_deref();
    let sampled = features.is_some_and(|d| d.silhouette_references.is_some());
    let silhouette = estimated(features.and_then(|d| d.silhouette.in_features()), sampled);
    let hit = text::percent(features.and_then(|d| d.neighborhood_hit.in_features()));
    let number = |heading: String| Column::number(heading, NUMBER.0).grow(NUMBER.1);
    // The best number with a mark, among those that can be compared.
    let any: fn(f64, f64) -> bool = |_, _| true;
    let marked =
        |of: Number<'a>, comparable: fn(f64, f64) -> bool, written: fn(&Run<'_>) -> String| {
            let known: Vec<(f64, f64)> = runs
                .iter()
                .filter_map(|r| Some((r.row.map.perplexity, of(r)?)))
                .collect();
            move |run: &Run<'a>| {
                let best = of(run).is_some_and(|own| {
                    let others = known
                        .iter()
                        .filter(|(p, _)| comparable(*p, run.row.map.perplexity));
                    let others: Vec<f64> = others.map(|(_, other)| *other).collect();
                    others.len() > 1 && others.iter().all(|other| *other <= own)
                });
                format!("{}{}", if best { "*" } else { "" }, written(run))
            }
        };
    vec![
        Column::text("perpl.", 8)
            .own_order("perplexity")
            .cell(|run: &Run<'a>| {
                let mark = if run.row.is_current { "▶ " } else { "  " };
                format!("{mark}{}", shown(run.row.map.perplexity))
            })
            .sum(Line::of("features", Role::Bold)),
        Column::number("seed", 5).cell(|run: &Run<'a>| run.row.map.seed.to_string()),
        number("iter".into())
            .priority(2)
            .order("iterations", |run: &Run<'a>| {
                run.iteration.map(|i| i as f64)
            })
            .cell(|run| run.iteration.map_or_else(|| "–".into(), text::count)),
        number("KL".into())
            .order("KL", |run: &Run<'a>| run.divergence)
            .cell(marked(
                |run| Some(-run.divergence?),
                same,
                |run| text::number(run.divergence, 3),
            )),
        number("silhouette".into())
            .short("silh.")
            .order("silhouette", Run::silhouette)
            .cell(marked(Run::silhouette, any, |run| {
                estimated(run.silhouette(), run.is_estimated())
            }))
            .sum(Line::of(silhouette, Role::Bold)),
        number(format!("{k}-NN same"))
            .short(format!("{k}-NN"))
            .order("same-class neighbors", Run::hit)
            .cell(marked(Run::hit, any, |run| text::percent(run.hit())))
            .sum(Line::of(hit, Role::Bold)),
        number("trust".into())
            .priority(1)
            .order("trustworthiness", Run::trust)
            .cell(marked(Run::trust, any, |run| text::number(run.trust(), 3))),
    ]
}

impl App {
    /// All maps that there are, the current one, and the ladder's rungs that were not visited, by
    /// perplexity and seed.
    pub(crate) fn runs(&self) -> Vec<RunRow> {
        let current = self.run.map_id();
        let visited = self.run.snapshot.visited.iter().map(|map| RunRow {
            map: map.into(),
            generation: Some(map.generation),
            is_current: MapId::from(map) == current,
        });
        let mut rows: Vec<RunRow> = visited.collect();
        for perplexity in self.run.rungs() {
            let map = MapId {
                perplexity,
                ..current
            };
            if !rows.iter().any(|row| row.map == map) {
                let is_current = map == current;
                rows.push(RunRow {
                    map,
                    generation: is_current.then_some(self.run.snapshot.generation),
                    is_current,
                });
            }
        }
        rows.sort_by(|a, b| a.map.order(&b.map));
        rows
    }

    /// Goes to the map under the cursor in the panel of runs.
    pub(in crate::tui::app) fn go_to_run(&mut self) -> Vec<Effect> {
        let row = self.row_at_cursor(Panel::Runs);
        match row.and_then(|row| self.runs().get(row).copied()) {
            Some(row) => self.go_to_run_of(row.map),
            None => Vec::new(),
        }
    }

    /// Goes to the map of a perplexity and seed: back to it, or on to it from the current one.
    pub(in crate::tui::app) fn go_to_run_of(&mut self, map: MapId) -> Vec<Effect> {
        let Some(row) = self.runs().into_iter().find(|row| row.map == map) else {
            self.say("this map is no longer kept");
            return Vec::new();
        };
        let MapId { perplexity, seed } = map;
        match row.generation {
            _ if row.is_current => {
                let text = shown(perplexity);
                self.say(format!(
                    "the map of perplexity {text}, seed {seed} is already shown"
                ));
                Vec::new()
            }
            Some(generation) => {
                self.run.asked.perplexity = Some(perplexity);
                let text = shown(perplexity);
                self.say(format!("back to the map of perplexity {text}, seed {seed}"));
                vec![Effect::Command(Command::ShowMap(generation))]
            }
            None => self.go_to(perplexity),
        }
    }

    /// Another map at the current perplexity, with a seed that has none yet.
    pub(in crate::tui::app) fn add_run(&mut self) -> Vec<Effect> {
        let seeds = self.run.snapshot.visited.iter().map(|map| map.seed);
        let highest = seeds.chain([self.run.seed()]).max().unwrap_or(0);
        let seed = highest.wrapping_add(1);
        self.run.asked.seed = Some(seed);
        let perplexity = shown(self.run.snapshot.perplexity);
        self.say(format!(
            "another map of perplexity {perplexity} from random positions, seed {seed}; the other maps are kept"
        ));
        vec![Effect::Command(Command::AddMap(seed))]
    }
}
