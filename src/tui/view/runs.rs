//! The panel of runs: the maps by perplexity and seed, below the features that they all show.
//!
//! The best figure of a column is marked; the least divergence only among maps of one perplexity,
//! since others do not compare.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::style;
use super::table::Pen;
use crate::diagnosis::Diagnosis;
use crate::tui::app::ladder::{same, shown};
use crate::tui::app::panels::Panel;
use crate::tui::app::{App, RunRow};
use crate::tui::text;

/// What the maps can be sorted by.
pub(crate) const ORDERS: &[&str] = &[
    "perplexity",
    "iterations",
    "KL",
    "silhouette",
    "same-class neighbors",
    "trustworthiness",
];

/// The narrowest and widest column of a figure.
const COLUMN: (usize, usize) = (7, 13);
/// Columns of a perplexity, with the mark of the present map, and of a seed.
const NAME: usize = 8;
const SEED: usize = 5;

/// A figure of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Iteration,
    Divergence,
    Silhouette,
    Hit,
    Trust,
}

impl Column {
    /// From the left.
    const ALL: [Self; 5] = [
        Self::Iteration,
        Self::Divergence,
        Self::Silhouette,
        Self::Hit,
        Self::Trust,
    ];
    /// What is left out first where there is no room.
    const LEAST: [Self; 2] = [Self::Iteration, Self::Trust];

    /// Its place among [`ORDERS`].
    fn order(self) -> usize {
        1 + self as usize
    }

    fn heading(self, k: usize, is_wide: bool) -> String {
        match (self, is_wide) {
            (Self::Iteration, _) => "iter".into(),
            (Self::Divergence, _) => "KL".into(),
            (Self::Silhouette, true) => "silhouette".into(),
            (Self::Silhouette, false) => "silh.".into(),
            (Self::Hit, true) => format!("{k}-NN same"),
            (Self::Hit, false) => format!("{k}-NN"),
            (Self::Trust, _) => "trust".into(),
        }
    }
}

/// The columns that fit, and how wide they are.
fn columns(width: usize) -> (Vec<Column>, usize) {
    let room = width.saturating_sub(NAME + SEED);
    let mut columns = Column::ALL.to_vec();
    for least in Column::LEAST {
        if columns.len() * COLUMN.0 > room {
            columns.retain(|column| *column != least);
        }
    }
    let each = (room / columns.len().max(1)).clamp(COLUMN.0, COLUMN.1);
    (columns, each)
}

/// What is known about a map.
struct Run<'a> {
    row: RunRow,
    iteration: Option<usize>,
    divergence: Option<f64>,
    figures: Option<&'a Diagnosis>,
}

impl<'a> Run<'a> {
    fn of(app: &'a App, row: RunRow) -> Self {
        let mut all = app.run.snapshot.visited.iter();
        let visited = all.find(|map| Some(map.generation) == row.generation);
        let figures = if row.is_present && app.map_figures_hold() {
            app.run.diagnosis.as_deref()
        } else {
            visited.and_then(|map| map.diagnosis.as_deref())
        };
        let (iteration, divergence) = if row.is_present {
            (
                Some(app.run.snapshot.iteration),
                app.run.snapshot.kl_divergence,
            )
        } else {
            let divergence = visited.and_then(|map| map.kl_divergence);
            (visited.map(|map| map.iteration), divergence)
        };
        Self {
            row,
            iteration,
            divergence,
            figures,
        }
    }

    /// A figure; a share among another number of neighbors is not comparable.
    fn figure(&self, app: &App, column: Column) -> Option<f64> {
        match column {
            Column::Iteration => self.iteration.map(|iteration| iteration as f64),
            Column::Divergence => self.divergence,
            Column::Silhouette => self.figures?.silhouette.map,
            Column::Hit => {
                let figures = self.figures.filter(|d| d.confusion.k == table_k(app))?;
                figures.neighborhood_hit.map
            }
            Column::Trust => Some(self.figures?.fidelity.as_ref()?.trustworthiness?.value),
        }
    }

    /// The same in words.
    fn text(&self, app: &App, column: Column) -> String {
        let figure = self.figure(app, column);
        match column {
            Column::Iteration => self.iteration.map_or_else(|| "–".into(), text::count),
            Column::Divergence => figure.map_or_else(|| "–".into(), |kl| format!("{kl:.3}")),
            Column::Silhouette => {
                let is_sampled = |d: &Diagnosis| d.map_silhouette_references.is_some();
                about(figure, self.figures.is_some_and(is_sampled))
            }
            Column::Hit => text::percent(figure),
            Column::Trust => figure.map_or_else(|| "–".into(), |trust| format!("{trust:.3}")),
        }
    }
}

/// The maps in the order asked for.
pub(crate) fn order(app: &App) -> Vec<RunRow> {
    let rows = app.runs();
    let state = app.state(Panel::Runs);
    let order = state.sorted(rows.len(), |order, row| {
        let column = *Column::ALL.get(order.checked_sub(1)?)?;
        Run::of(app, rows[row]).figure(app, column)
    });
    order.into_iter().map(|row| rows[row]).collect()
}

/// Draws the panel.
pub(crate) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let runs: Vec<Run<'_>> = order(app)
        .into_iter()
        .map(|row| Run::of(app, row))
        .collect();
    let state = app.state(Panel::Runs);
    let fitting = usize::from(area.height.saturating_sub(Panel::Runs.entry().overhead));
    let first = state.first_of(runs.len(), fitting);
    let mut below = vec!["* best; KL within one perplexity".to_owned()];
    if runs.len() > fitting {
        below.insert(0, style::shown_of(first, fitting, runs.len()));
    }
    let focused = app.is_focused(Panel::Runs);
    let title = ("Runs · maps by perplexity and seed", below.join(" · "));
    let inner = style::frame(app, (title.0, &title.1), focused, area, buffer);
    let columns = columns(usize::from(inner.width));
    draw_heading(app, &columns, &mut Pen::new(buffer, inner, 0));
    draw_features(app, &columns, &mut Pen::new(buffer, inner, 1));
    for (row, run) in runs.iter().enumerate().skip(first).take(fitting) {
        let mut pen = Pen::new(buffer, inner, (row - first) as u16 + 2);
        draw_run(app, (run, &runs), &columns, &mut pen);
        if focused && state.row == row {
            pen.restyle(style::CURSOR);
        }
    }
}

fn draw_heading(app: &App, (columns, each): &(Vec<Column>, usize), pen: &mut Pen<'_>) {
    let state = app.state(Panel::Runs);
    let k = table_k(app);
    pen.left_in(NAME, &state.heading(0, "perpl."), style::DIM);
    pen.right_in(SEED, "seed", style::DIM);
    for column in columns {
        let heading = column.heading(k, *each > 11);
        pen.right_in(*each, &state.heading(column.order(), &heading), style::DIM);
    }
}

/// The features' own figures: what the maps are to be compared with.
fn draw_features(app: &App, (columns, each): &(Vec<Column>, usize), pen: &mut Pen<'_>) {
    let diagnosis = app.run.diagnosis.as_deref();
    pen.left_in(NAME + SEED, "features", style::BOLD);
    for column in columns {
        let text = match column {
            Column::Silhouette => {
                let sampled = diagnosis.is_some_and(|d| d.silhouette_references.is_some());
                about(diagnosis.and_then(|d| d.silhouette.features), sampled)
            }
            Column::Hit => text::percent(diagnosis.and_then(|d| d.neighborhood_hit.features)),
            _ => String::new(),
        };
        pen.right_in(*each, &text, style::BOLD);
    }
}

fn draw_run(
    app: &App,
    (run, all): (&Run<'_>, &[Run<'_>]),
    (columns, each): &(Vec<Column>, usize),
    pen: &mut Pen<'_>,
) {
    let look = match (run.row.is_present, run.row.generation) {
        (true, _) => style::focus(app.palette),
        (false, Some(_)) => Style::new(),
        (false, None) => style::DIM,
    };
    pen.write(if run.row.is_present { "▶ " } else { "  " }, look);
    pen.left_in(NAME - 2, &shown(run.row.perplexity), look);
    pen.right_in(SEED, &run.row.seed.to_string(), look);
    for column in columns {
        let mark = if is_best(app, run, all, *column) {
            "*"
        } else {
            ""
        };
        let text = format!("{mark}{}", run.text(app, *column));
        pen.right_in(*each, &text, look);
    }
}

/// True if a map has the best figure of those that compare: the highest, or the least divergence
/// among maps of its perplexity.
fn is_best(app: &App, run: &Run<'_>, all: &[Run<'_>], column: Column) -> bool {
    let goodness = |other: &Run<'_>| {
        let figure = other.figure(app, column)?;
        match column {
            Column::Iteration => None,
            Column::Divergence => same(other.row.perplexity, run.row.perplexity).then_some(-figure),
            _ => Some(figure),
        }
    };
    let Some(own) = goodness(run) else {
        return false;
    };
    let comparable: Vec<f64> = all.iter().filter_map(goodness).collect();
    comparable.len() > 1 && comparable.iter().all(|other| *other <= own)
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
    let diagnosis = app.run.diagnosis.as_ref();
    diagnosis.map_or(app.run.table_k, |d| d.confusion.k)
}
