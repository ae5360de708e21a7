//! The panel of the current sample: what is known about it, and its nearest neighbors in the
//! features, with the place at which each comes in the map.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::style;
use super::table::Pen;
use crate::dataset::UNLABELED;
use crate::diagnosis::map_ranks;
use crate::tui::app::App;
use crate::tui::app::panels::{self, Panel};
use crate::tui::text;

/// Lines above the neighbors, the frame not counted.
pub(crate) const HEAD: u16 = 5;
/// Columns of a distance.
const FIGURE: usize = 9;
/// Columns of a place in the map.
const PLACE: usize = 7;

/// The lines that the panel would like.
pub(crate) fn wish(app: &App) -> u16 {
    if app.panels.chosen == Panel::Sample {
        2 + HEAD + panels::rows(app.run.table_k).max(3)
    } else {
        0
    }
}

/// Draws the panel.
pub(crate) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let state = app.state(Panel::Sample);
    let neighbors = app.current_neighbors();
    let fitting = usize::from(area.height.saturating_sub(Panel::Sample.entry().overhead));
    let first = state.first_of(neighbors.len(), fitting);
    let below = style::shown_of(first, fitting, neighbors.len());
    let focused = app.is_focused(Panel::Sample);
    let inner = style::frame(app, ("Sample", &below), focused, area, buffer);
    let Some(current) = app.samples.selection.current else {
        let help = "No sample is current. x puts a crosshair on the map, / searches by id, a click \
                    takes the sample there.";
        let lines = text::wrap(help, usize::from(inner.width));
        for (row, line) in lines.iter().enumerate() {
            Pen::new(buffer, inner, row as u16).write(line, style::DIM);
        }
        return;
    };
    draw_head(app, current, inner, buffer);
    let mut pen = Pen::new(buffer, inner, HEAD - 1);
    let name = usize::from(inner.width).saturating_sub(FIGURE + PLACE + 2);
    pen.left_in(name + 2, "nearest (features)", style::DIM);
    pen.right_in(FIGURE, "distance", style::DIM);
    pen.right_in(PLACE, "in map", style::DIM);
    let others: Vec<usize> = neighbors.iter().map(|n| n.sample).collect();
    let ranks = map_ranks(&app.run.snapshot.positions, current, &others);
    for (row, neighbor) in neighbors.iter().enumerate().skip(first).take(fitting) {
        let mut pen = Pen::new(buffer, inner, HEAD + (row - first) as u16);
        let rank = ranks.get(row).copied().filter(|r| *r > 0);
        let figures = (neighbor.distance, rank);
        draw_neighbor(app, (current, neighbor.sample), figures, name, &mut pen);
        if focused && state.row == row {
            pen.restyle(style::CURSOR);
        }
    }
}

/// A class with its mark.
fn write_class(app: &App, entry: usize, columns: usize, pen: &mut Pen<'_>) {
    let class = app.class_of(entry);
    let mark = app.palette.mark(class).to_string();
    pen.write(&mark, style::class(app.palette, class));
    pen.skip(1);
    pen.write(&text::cut(&app.entry_name(entry), columns), Style::new());
}

/// Name, label, prediction, silhouette and probabilities.
fn draw_head(app: &App, current: usize, inner: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, inner, 0);
    let number = format!("  #{current}");
    let room = pen.left().saturating_sub(number.len());
    if app.run.data.ids().is_some() {
        pen.write(&text::cut(&app.sample_name(current), room), style::BOLD);
        pen.write(&number, style::DIM);
    } else {
        pen.write(&app.sample_name(current), style::BOLD);
    }
    if app.samples.selection.contains(current) {
        pen.write("  selected", style::DIM);
    }
    let mut pen = Pen::new(buffer, inner, 1);
    let label = app.run.data.labels().and_then(|l| l.class(current));
    let half = usize::from(inner.width) / 2;
    if let Some(labels) = app.run.data.labels() {
        pen.write("label ", style::DIM);
        let entry = label.unwrap_or_else(|| labels.classes());
        write_class(app, entry, half.saturating_sub(9), &mut pen);
    }
    let prediction = app.run.data.predictions().and_then(|p| p.get(current));
    if let Some(prediction) = prediction {
        pen.write("  predicted ", style::DIM);
        if *prediction == UNLABELED {
            pen.write("none of the classes", Style::new());
        } else {
            write_class(app, usize::from(*prediction), half, &mut pen);
        }
    }
    draw_silhouette(app, &mut Pen::new(buffer, inner, 2));
    draw_probabilities(app, current, &mut Pen::new(buffer, inner, 3));
}

fn draw_silhouette(app: &App, pen: &mut Pen<'_>) {
    pen.write("silhouette (features) ", style::DIM);
    let known = app.samples.evidence.as_ref();
    let Some(evidence) = known.filter(|e| Some(e.sample) == app.samples.selection.current) else {
        pen.write("…", style::DIM);
        return;
    };
    pen.write(&text::decimal(evidence.silhouette), style::BOLD);
    if let Some(class) = evidence.nearest_class {
        pen.write(" against ", style::DIM);
        let room = pen.left().saturating_sub(2);
        write_class(app, usize::from(class), room, pen);
    }
}

/// The classes that the model thinks most likely, as many as fit.
fn draw_probabilities(app: &App, current: usize, pen: &mut Pen<'_>) {
    let Some(probabilities) = app.run.data.probabilities() else {
        return;
    };
    let row = probabilities.row(current);
    let mut order: Vec<usize> = (0..row.len()).collect();
    order.sort_by(|a, b| row[*b].total_cmp(&row[*a]).then(a.cmp(b)));
    pen.write("p ", style::DIM);
    for class in order {
        let share = format!(" {:.2}  ", row[class]);
        let name = text::cut(&app.entry_name(class), 14).into_owned();
        if pen.left() < text::width(&name) + share.len() + 2 {
            break;
        }
        write_class(app, class, 14, pen);
        pen.write(&share, style::BOLD);
    }
}

fn draw_neighbor(
    app: &App,
    (current, sample): (usize, usize),
    (distance, rank): (f64, Option<usize>),
    name: usize,
    pen: &mut Pen<'_>,
) {
    let class = |sample: usize| app.run.data.labels().and_then(|l| l.class(sample));
    let differs = class(sample) != class(current);
    let entry = class(sample).unwrap_or_else(|| app.classes());
    let index = app.class_of(entry);
    let mark = app.palette.mark(index).to_string();
    pen.write(&mark, style::class(app.palette, index));
    pen.write(if differs { "≠" } else { " " }, style::problem(app.palette));
    let label = if app.run.counts.is_empty() {
        app.sample_name(sample)
    } else {
        let label = app.entry_name(entry);
        format!(
            "{} {}",
            text::fit(&label, (name / 3).clamp(4, 14)),
            app.sample_name(sample)
        )
    };
    pen.left_in(
        name,
        &label,
        if differs { style::BOLD } else { Style::new() },
    );
    pen.right_in(FIGURE, &significant(distance), Style::new());
    let (place, look) = match rank {
        Some(rank) if rank <= app.run.table_k => (rank.to_string(), Style::new()),
        Some(rank) => (text::count(rank), style::DIM),
        None => ("–".into(), style::DIM),
    };
    pen.right_in(PLACE, &place, look);
}

/// A distance in four significant digits.
fn significant(distance: f64) -> String {
    let size = if distance > 0.0 {
        distance.log10().floor() as i32
    } else {
        0
    };
    match size {
        -3..=5 => format!("{distance:.*}", (3 - size).clamp(0, 6) as usize),
        _ => format!("{distance:.2e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::significant;

    #[test]
    fn distances_keep_four_digits() {
        let texts = [0.0, 0.012_346, 1.0, 12.345, 123_456.0, 1e-9, 1e12].map(significant);
        assert_eq!(
            texts,
            [
                "0.000", "0.01235", "1.000", "12.35", "123456", "1.00e-9", "1.00e12"
            ]
        );
    }
}
