//! The runs: the maps by perplexity and seed, those kept and those of the ladder, below the numbers of
//! the features that they all show.
//!
//! A star marks the most faithful maps: those that keep as many neighbors, and are as trustworthy, as the
//! best, up to the error. Nothing is marked for a high silhouette of the map, which says how far t-SNE
//! pulls classes apart, not how far apart they are; a column shows by how much it exceeds that of the
//! features.

use super::classes::estimated;
use super::content::{Column, Content, Line, Role};
use super::spec::PanelSpec;
use crate::diagnosis::{Diagnosis, Fidelity};
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::Action;
use crate::tui::app::command::{self, Argument, Outcome, Spec};
use crate::tui::app::context::{Binding, row};
use crate::tui::app::ladder::shown;
use crate::tui::app::maps::MapId;
use crate::tui::app::run::is_over;
use crate::tui::terminal::input::Key;
use crate::words;

pub(super) const SPEC: PanelSpec = PanelSpec {
    beside: |_| true,
    keys: KEYS,
    actions: &[
        (GO_TO_RUN, |app| app.unless_failed(App::go_to_run)),
        (ADD_RUN, |app| {
            app.unless_failed(|app| app.restart(app.unused_seed()))
        }),
        (COMPUTE_LADDER, |app| app.unless_failed(App::compute_ladder)),
    ],
    commands: COMMANDS,
    ..PanelSpec::new(wish, content)
};

#[rustfmt::skip]
const KEYS: &[Binding] = &[
    row(&[Key::Enter], "Enter", |_| GO_TO_RUN, "go to", "go to this map"),
    row(&[Key::Char('a')], "a", |_| ADD_RUN, "another seed", "another map at the current perplexity, with the next seed; the other maps are kept"),
    row(&[Key::Char('l')], "l", |_| COMPUTE_LADDER, "all perplexities", "compute the maps of all perplexities of the list in the background; again: stop"),
];

const COMMANDS: &[Spec] = &[command::row(
    "ladder",
    "",
    Argument::Nothing,
    |app, _| {
        app.check_worker()?;
        Ok(Outcome::Done(app.compute_ladder()))
    },
    "compute the maps of all perplexities of the list in the background; again: stop",
)];

/// Go to the map under the cursor.
const GO_TO_RUN: Action = Action::OfPanel("go-to-run");
/// Another map at the current perplexity, with a seed that has none yet.
const ADD_RUN: Action = Action::OfPanel("add-run");
/// Compute the maps of the ladder that are missing.
const COMPUTE_LADDER: Action = Action::OfPanel("compute-ladder");

/// The narrowest and widest column of a number.
const NUMBER: (usize, usize) = (7, 17);
/// Maps whose numbers of iterations differ by more than this factor are said to.
const UNEQUAL: f64 = 1.25;
/// A map exaggerates if its silhouette exceeds that of the features by this much.
pub(super) const EXAGGERATES: f64 = 0.1;

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
    /// All its iterations are done, or it no longer moved.
    is_finished: bool,
    /// It is being computed, or will be.
    is_awaited: bool,
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
            let iteration = visited.map(|map| map.iteration);
            (iteration.or_else(|| app.iteration_behind(row)), divergence)
        };
        Self {
            row,
            iteration,
            divergence,
            figures,
            is_finished: if row.is_current {
                is_over(&app.run.snapshot.activity)
            } else {
                visited.is_some_and(|map| map.is_finished)
            },
            is_awaited: app.awaits(row),
            k,
        }
    }

    /// The map's silhouette minus that of the features.
    fn excess(&self) -> Option<f64> {
        let silhouette = &self.figures?.silhouette;
        Some(silhouette.in_map()? - silhouette.in_features()?)
    }

    fn hit(&self) -> Option<f64> {
        let figures = self.figures.filter(|d| d.confusion.k == self.k)?;
        figures.neighborhood_hit.in_map()
    }

    fn fidelity(&self) -> Option<&'a Fidelity> {
        self.figures?.fidelity.as_ref()
    }

    /// Trustworthiness with its standard error.
    fn trust(&self) -> Option<(f64, f64)> {
        let fidelity = self.fidelity()?;
        let error = fidelity.standard_errors()[0];
        Some((fidelity.trustworthiness?.value, error.unwrap_or(0.0)))
    }

    /// The share of neighbors kept, with its standard error. As late as trustworthiness, so that the two
    /// are compared among the same maps.
    fn kept(&self) -> Option<(f64, f64)> {
        let fidelity = self.fidelity()?;
        let error = fidelity.standard_errors()[1];
        fidelity.trustworthiness?;
        Some((fidelity.knn_recall?.value, error.unwrap_or(0.0)))
    }

    /// What stands in place of a number that is not there: whether it will be.
    fn missing(&self) -> &'static str {
        // What is missing although the map was measured is not defined.
        if self.is_awaited && self.kept().is_none() {
            "…"
        } else {
            "–"
        }
    }

    /// The map's silhouette.
    fn silhouette(&self) -> Option<f64> {
        self.figures?.silhouette.in_map()
    }

    /// Whether it takes part in the choice of the most faithful.
    fn is_compared(&self) -> bool {
        self.is_finished && self.kept().is_some()
    }

    /// True if the map sets classes farther apart than the features do.
    fn exaggerates(&self) -> bool {
        self.excess().is_some_and(|excess| excess >= EXAGGERATES)
    }

    fn is_estimated(&self) -> bool {
        self.figures
            .is_some_and(|d| d.map_silhouette_references.is_some())
    }
}

/// All maps with their numbers.
fn runs(app: &App) -> Vec<Run<'_>> {
    let k = app.run.counted_k();
    let rows = app.runs().into_iter();
    rows.map(|row| Run::of(app, row, k)).collect()
}

/// Lines of the panel.
fn wish(app: &App) -> usize {
    let runs = runs(app);
    4 + runs.len() + legend(&runs).len() + 2 * usize::from(unequal(app, &runs).is_some())
}

/// What the marks mean that some of the maps have.
fn legend(runs: &[Run<'_>]) -> Vec<String> {
    let mut legend = Vec::new();
    let stars = most_faithful(runs);
    let stars = stars.into_iter().filter(|is_best| *is_best).count();
    if stars > 0 {
        let awaited = |run: &&Run<'_>| run.is_awaited && run.kept().is_none();
        legend.push(match (runs.iter().filter(awaited).count(), stars) {
            (0, 1) => "* most faithful".into(),
            (0, several) => format!("* most faithful ({several} tied)"),
            (left, _) => format!("* most faithful so far, {left} to come"),
        });
    }
    if runs.iter().any(Run::exaggerates) {
        legend.push("! exaggerates separation".into());
    }
    legend
}

fn content(app: &App, width: usize) -> Content<'_> {
    let mut content = Content::new("Runs · maps by perplexity and seed", width);
    content.has_cursor = true;
    content.sums_first = true;
    let k = app.run.counted_k();
    let runs = runs(app);
    let role = |run: &Run<'_>| match (run.row.is_current, run.row.generation) {
        (true, _) => Role::Focus,
        (false, Some(_)) => Role::Plain,
        (false, None) => Role::Dim,
    };
    content.roles = runs.iter().map(role).collect();
    if let Some(map) = &app.run.snapshot.background {
        content.remarks.push(format!(
            "computing perplexity {}, {} left",
            shown(map.perplexity),
            map.left
        ));
    }
    let faithful = most_faithful(&runs);
    for mark in legend(&runs) {
        content.say(&mark, Role::Plain);
    }
    content.kept = content.notes.len();
    if let Some(sentence) = unequal(app, &runs) {
        content.say(&sentence, Role::Plain);
    }
    let columns = columns(app, &runs, faithful, k);
    content.table(runs, columns);
    content
}

/// Says so, if the maps that are compared differ much in their numbers of iterations.
fn unequal(app: &App, runs: &[Run<'_>]) -> Option<String> {
    let measured = runs.iter().filter(|run| run.is_compared());
    let lengths: Vec<usize> = measured.filter_map(|run| run.iteration).collect();
    let (shortest, longest) = (*lengths.iter().min()?, *lengths.iter().max()?);
    (longest as f64 > UNEQUAL * shortest as f64).then(|| {
        format!(
            "* compares finished maps of {} to {} iterations: a map ends once it no longer moves, and a new \
             perplexity continues from the map before, unless {} computes it.",
            text::count(shortest),
            text::count(longest),
            app.key(COMPUTE_LADDER)
        )
    })
}

/// Which maps keep as many neighbors and are as trustworthy as the best of at least two, up to the error.
/// A map that is not finished does not count.
fn most_faithful(runs: &[Run<'_>]) -> Vec<bool> {
    let figure = |run: &Run<'_>, value: Option<(f64, f64)>| value.filter(|_| run.is_finished);
    let kept: Vec<_> = runs.iter().map(|run| figure(run, run.kept())).collect();
    let trust: Vec<_> = runs.iter().map(|run| figure(run, run.trust())).collect();
    let known = kept.iter().flatten().count();
    let is_best = |all: &[Option<(f64, f64)>], at: usize| {
        let best = all.iter().flatten().max_by(|a, b| a.0.total_cmp(&b.0));
        let pair = all[at].zip(best);
        // The difference of two means, at 95%.
        pair.is_some_and(|(own, best)| best.0 - own.0 <= 1.96 * own.1.hypot(best.1))
    };
    let both = |at: usize| is_best(&kept, at) && is_best(&trust, at);
    (0..runs.len()).map(|at| known > 1 && both(at)).collect()
}

/// A value with the half width of its 95% interval, that where there is room.
fn with_error((value, error): (f64, f64), unit: &str, decimals: usize, columns: usize) -> String {
    let short = format!("{}{unit}", text::plain(value, decimals));
    let margin = text::margin(1.96 * error, decimals);
    let long = margin.map(|margin| format!("{} ± {margin}{unit}", text::plain(value, decimals)));
    // A space before is part of the width.
    long.filter(|long| text::width(long) < columns)
        .unwrap_or(short)
}

fn columns<'a>(
    app: &'a App,
    runs: &[Run<'a>],
    faithful: Vec<bool>,
    k: usize,
) -> Vec<Column<'a, Run<'a>>> {
    let features = app.run.diagnosis.as_deref();
    let sampled = features.is_some_and(|d| d.silhouette_references.is_some());
    let silhouette = estimated(features.and_then(|d| d.silhouette.in_features()), sampled);
    let hit = text::percent(features.and_then(|d| d.neighborhood_hit.in_features()));
    let number = |heading: String| Column::number(heading, NUMBER.0).grow(NUMBER.1);
    let maps: Vec<MapId> = runs.iter().map(|run| run.row.map).collect();
    let is_faithful = move |run: &Run<'_>| {
        let at = maps.iter().position(|map| *map == run.row.map);
        at.is_some_and(|at| faithful[at])
    };
    let of_classes = [
        number("silhouette".into())
            .short("silh.")
            .order("silhouette", Run::silhouette)
            .cell(|run| {
                let mark = if run.exaggerates() { "!" } else { "" };
                match run.silhouette() {
                    Some(value) => {
                        format!("{mark}{}", estimated(Some(value), run.is_estimated()))
                    }
                    None => run.missing().to_owned(),
                }
            })
            .sum(Line::of(silhouette, Role::Bold)),
        number("over features".into())
            .priority(1)
            .short("excess")
            .order("silhouette over that of the features", Run::excess)
            .cell(|run| match run.excess() {
                Some(excess) => words::signed(excess, 2),
                None => run.missing().to_owned(),
            }),
        number("same-class neighbors".into())
            .priority(2)
            .short(format!("{k}-NN same"))
            .short(format!("{k}-NN"))
            .order("same-class neighbors", Run::hit)
            .cell(|run| match run.hit() {
                None => run.missing().to_owned(),
                known => text::percent(known),
            })
            .sum(Line::of(hit, Role::Bold)),
    ];
    let mut columns = vec![
        Column::text("perplexity", 9)
            .short("perpl.")
            .own_order("perplexity")
            .cell(move |run: &Run<'a>| {
                let current = if run.row.is_current { "▶" } else { " " };
                let star = if is_faithful(run) { "*" } else { " " };
                format!("{current}{star}{}", shown(run.row.map.perplexity))
            })
            .sum(Line::of("features", Role::Bold)),
        Column::number("seed", 5).cell(|run: &Run<'a>| run.row.map.seed.to_string()),
        number("iterations".into())
            .short("iter")
            .priority(3)
            .order("iterations", |run: &Run<'a>| {
                run.iteration.map(|i| i as f64)
            })
            .cell(|run| run.iteration.map_or_else(|| "–".into(), text::count)),
        number("KL divergence".into())
            .short("KL")
            .priority(3)
            .order("KL", |run: &Run<'a>| run.divergence)
            .cell(|run| text::number(run.divergence, 3)),
        number("neighbors kept".into())
            .short("kept")
            .order("neighbors kept", |run: &Run<'a>| Some(run.kept()?.0))
            .cell_in(|run, columns| match run.kept() {
                Some((value, error)) => {
                    with_error((100.0 * value, 100.0 * error), "%", 0, columns).into()
                }
                None => run.missing().into(),
            }),
        number("trustworthiness".into())
            .short("trust")
            .order("trustworthiness", |run: &Run<'a>| Some(run.trust()?.0))
            .cell_in(|run, columns| match run.trust() {
                Some(trust) => with_error(trust, "", 3, columns).into(),
                None => run.missing().into(),
            }),
    ];
    if app.run.classes() > 0 {
        columns.extend(of_classes);
    }
    columns
}
