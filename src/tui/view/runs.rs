//! The panel of runs: the maps by perplexity, below the features that they all show.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::style;
use super::table::Pen;
use crate::diagnosis::Diagnosis;
use crate::run::VisitedMap;
use crate::tui::app::App;
use crate::tui::ladder::{same, shown};
use crate::tui::panel::Panel;
use crate::tui::text;

/// What the maps can be sorted by.
pub(crate) const ORDERS: &[&str] = &[
    "perplexity",
    "iterations",
    "KL",
    "silhouette",
    "same-class neighbors",
];

/// The narrowest and widest column of a figure.
const COLUMN: (usize, usize) = (7, 13);
/// Columns of a row's name, with the mark of the present one.
const NAME: usize = 11;

/// The perplexities in the order asked for.
pub(crate) fn order(app: &App) -> Vec<f64> {
    let rungs = app.rungs();
    let state = app.state(Panel::Runs);
    let order = state.sorted(rungs.len(), |order, row| {
        let run = Rung::of(app, rungs[row]);
        match order {
            1 => run.iteration.map(|i| i as f64),
            2 => run.divergence,
            3 => run.figures.and_then(|d| d.silhouette.map),
            _ => run.hit(app),
        }
    });
    order.into_iter().map(|row| rungs[row]).collect()
}

/// Draws the panel.
pub(crate) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let rungs = order(app);
    let state = app.state(Panel::Runs);
    let fitting = usize::from(area.height.saturating_sub(Panel::Runs.entry().overhead));
    let first = state.first_of(rungs.len(), fitting);
    let mut below = vec!["KL compares within one perplexity".to_owned()];
    if rungs.len() > fitting {
        below.insert(0, style::shown_of(first, fitting, rungs.len()));
    }
    let title = ("Runs · maps by perplexity", below.join(" · "));
    let focused = app.is_focused(Panel::Runs);
    let inner = style::frame(app, (title.0, &title.1), focused, area, buffer);
    let column = (usize::from(inner.width).saturating_sub(NAME) / 4).clamp(COLUMN.0, COLUMN.1);
    draw_heading(app, column, &mut Pen::new(buffer, inner, 0));
    draw_features(app, column, &mut Pen::new(buffer, inner, 1));
    for (row, perplexity) in rungs.iter().enumerate().skip(first).take(fitting) {
        let mut pen = Pen::new(buffer, inner, (row - first) as u16 + 2);
        draw_rung(app, *perplexity, column, &mut pen);
        if focused && state.row == row {
            pen.restyle(style::CURSOR);
        }
    }
}

fn draw_heading(app: &App, column: usize, pen: &mut Pen<'_>) {
    let k = table_k(app);
    let state = app.state(Panel::Runs);
    pen.left_in(NAME, &state.heading(0, "perplexity"), style::DIM);
    pen.right_in(column, &state.heading(1, "iter"), style::DIM);
    pen.right_in(column, &state.heading(2, "KL"), style::DIM);
    let silhouette = if column > 11 { "silhouette" } else { "silh." };
    pen.right_in(column, &state.heading(3, silhouette), style::DIM);
    let same = if column > 11 {
        format!("{k}-NN same")
    } else {
        format!("{k}-NN")
    };
    pen.right_in(column, &state.heading(4, &same), style::DIM);
}

/// The features' own figures: what the maps are to be compared with.
fn draw_features(app: &App, column: usize, pen: &mut Pen<'_>) {
    let diagnosis = app.diagnosis.as_deref();
    pen.left_in(NAME, "features", style::BOLD);
    pen.skip(2 * column);
    let silhouette = diagnosis.and_then(|d| d.silhouette.features);
    let hit = diagnosis.and_then(|d| d.neighborhood_hit.features);
    let sampled = diagnosis.is_some_and(|d| d.silhouette_references.is_some());
    pen.right_in(column, &about(silhouette, sampled), style::BOLD);
    pen.right_in(column, &text::percent(hit), style::BOLD);
}

/// What is known about the map of a perplexity.
struct Rung<'a> {
    present: bool,
    visited: bool,
    iteration: Option<usize>,
    divergence: Option<f64>,
    figures: Option<&'a Diagnosis>,
}

impl<'a> Rung<'a> {
    fn of(app: &'a App, perplexity: f64) -> Self {
        let present = same(perplexity, app.snapshot.perplexity);
        let mut all = app.snapshot.visited.iter();
        let visited = all.find(|v| same(v.perplexity, perplexity));
        let figures = figures(app, present, visited);
        let (iteration, divergence) = if present {
            (Some(app.snapshot.iteration), app.snapshot.kl_divergence)
        } else {
            (
                visited.map(|v| v.iteration),
                visited.and_then(|v| v.kl_divergence),
            )
        };
        Self {
            present,
            visited: visited.is_some(),
            iteration,
            divergence,
            figures,
        }
    }

    /// Same-class neighbors; a share among another number of neighbors is not comparable.
    fn hit(&self, app: &App) -> Option<f64> {
        let comparable = self.figures.filter(|d| d.confusion.k == table_k(app));
        comparable.and_then(|d| d.neighborhood_hit.map)
    }
}

fn draw_rung(app: &App, perplexity: f64, column: usize, pen: &mut Pen<'_>) {
    let run = Rung::of(app, perplexity);
    let look = match (run.present, run.visited) {
        (true, _) => style::focus(app.palette),
        (false, true) => Style::new(),
        (false, false) => style::DIM,
    };
    pen.write(if run.present { "▶ " } else { "  " }, look);
    pen.left_in(NAME - 2, &shown(perplexity), look);
    let iteration = run.iteration.map_or_else(|| "–".into(), text::count);
    pen.right_in(column, &iteration, look);
    let divergence = run
        .divergence
        .map_or_else(|| "–".into(), |kl| format!("{kl:.3}"));
    pen.right_in(column, &divergence, look);
    let silhouette = run.figures.and_then(|d| d.silhouette.map);
    let sampled = run
        .figures
        .is_some_and(|d| d.map_silhouette_references.is_some());
    pen.right_in(column, &about(silhouette, sampled), look);
    pen.right_in(column, &text::percent(run.hit(app)), look);
}

/// A silhouette, marked if it is an estimate.
fn about(silhouette: Option<f64>, sampled: bool) -> String {
    let mark = if sampled && silhouette.is_some() {
        "~"
    } else {
        ""
    };
    format!("{mark}{}", text::decimal(silhouette))
}

/// Neighbors per sample in the figures shown.
fn table_k(app: &App) -> usize {
    let diagnosis = app.diagnosis.as_ref();
    diagnosis.map_or(app.table_k, |d| d.confusion.k)
}

/// The figures of a map.
fn figures<'a>(
    app: &'a App,
    present: bool,
    visited: Option<&'a VisitedMap>,
) -> Option<&'a Diagnosis> {
    if present && app.map_figures_hold() {
        app.diagnosis.as_deref()
    } else {
        visited.and_then(|v| v.diagnosis.as_deref())
    }
}
