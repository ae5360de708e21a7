//! The panel of perplexities: the maps side by side, below the features that they all show.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::style;
use super::table::Pen;
use crate::diagnosis::Diagnosis;
use crate::run::VisitedMap;
use crate::tui::app::App;
use crate::tui::ladder::{same, shown};
use crate::tui::layout::{Panel, Screen};
use crate::tui::text;

/// The narrowest and widest column of a figure.
const COLUMN: (usize, usize) = (7, 13);
/// Columns of a row's name, with the mark of the present one.
const NAME: usize = 10;

/// Draws the panel.
pub(super) fn draw(app: &App, screen: &Screen, area: Rect, buffer: &mut Buffer) {
    let mut below: Vec<String> = super::elsewhere(screen, area).into_iter().collect();
    below.push("KL compares within one perplexity".into());
    let title = ("Ladder · maps by perplexity", below.join(" · "));
    let focused = app.panel == Panel::Ladder;
    let inner = style::frame(app, (title.0, &title.1), focused, area, buffer);
    let column = (usize::from(inner.width).saturating_sub(NAME) / 4).clamp(COLUMN.0, COLUMN.1);
    draw_heading(app, column, &mut Pen::new(buffer, inner, 0));
    draw_features(app, column, &mut Pen::new(buffer, inner, 1));
    let rungs = app.rungs();
    let rows = usize::from(inner.height.saturating_sub(2));
    let first = if panel_scrolls(app) { app.first_row } else { 0 };
    let first = first.min(rungs.len().saturating_sub(rows));
    for (row, perplexity) in rungs.iter().skip(first).take(rows).enumerate() {
        let mut pen = Pen::new(buffer, inner, row as u16 + 2);
        draw_rung(app, *perplexity, column, &mut pen);
    }
}

fn panel_scrolls(app: &App) -> bool {
    app.panel == Panel::Ladder
}

fn draw_heading(app: &App, column: usize, pen: &mut Pen<'_>) {
    let k = table_k(app);
    pen.left_in(NAME, "perplexity", style::DIM);
    pen.right_in(column, "iter", style::DIM);
    pen.right_in(column, "KL", style::DIM);
    let silhouette = if column > 10 { "silhouette" } else { "silh." };
    pen.right_in(column, silhouette, style::DIM);
    let same = if column > 10 {
        format!("{k}-NN same")
    } else {
        format!("{k}-NN")
    };
    pen.right_in(column, &same, style::DIM);
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

fn draw_rung(app: &App, perplexity: f64, column: usize, pen: &mut Pen<'_>) {
    let present = same(perplexity, app.snapshot.perplexity);
    let visited = app
        .snapshot
        .visited
        .iter()
        .find(|v| same(v.perplexity, perplexity));
    let look = match (present, visited) {
        (true, _) => style::focus(app.palette),
        (false, Some(_)) => Style::new(),
        (false, None) => style::DIM,
    };
    pen.write(if present { "▶ " } else { "  " }, look);
    pen.left_in(NAME - 2, &shown(perplexity), look);
    let (iteration, divergence) = if present {
        (Some(app.snapshot.iteration), app.snapshot.kl_divergence)
    } else {
        (
            visited.map(|v| v.iteration),
            visited.and_then(|v| v.kl_divergence),
        )
    };
    let figures = figures(app, present, visited);
    let iteration = iteration.map_or_else(|| "–".into(), text::count);
    pen.right_in(column, &iteration, look);
    let divergence = divergence.map_or_else(|| "–".into(), |kl| format!("{kl:.3}"));
    pen.right_in(column, &divergence, look);
    let silhouette = figures.and_then(|d| d.silhouette.map);
    let sampled = figures.is_some_and(|d| d.map_silhouette_references.is_some());
    pen.right_in(column, &about(silhouette, sampled), look);
    // A share among another number of neighbors does not belong under this heading.
    let comparable = figures.filter(|d| d.confusion.k == table_k(app));
    let hit = comparable.and_then(|d| d.neighborhood_hit.map);
    pen.right_in(column, &text::percent(hit), look);
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
