//! The divergence over the iterations, as a line of braille; fills room that is left.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::pen::Pen;
use super::style;
use crate::raster::{Area, Points, Raster, Viewport};
use crate::text;
use crate::tui::app::App;

/// Columns of the labels to the left.
const LABELS: u16 = 7;

/// Draws the panel.
pub(super) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let inner = style::frame(
        app,
        ("Divergence · KL over the iterations", ""),
        false,
        area,
        buffer,
    );
    let history: Vec<(f64, f64)> = app
        .run
        .snapshot
        .kl_history
        .iter()
        .filter(|(_, kl)| kl.is_finite())
        .map(|(iteration, kl)| (*iteration as f64, *kl))
        .collect();
    let (Some(first), Some(last)) = (history.first(), history.last()) else {
        Pen::new(buffer, inner, 0).write("not computed yet", style::DIM);
        return;
    };
    if inner.width <= LABELS + 2 || inner.height < 3 {
        return;
    }
    let chart = Rect {
        x: inner.x + LABELS,
        width: inner.width - LABELS,
        height: inner.height - 1,
        ..inner
    };
    let highest = history.iter().map(|h| h.1).fold(f64::MIN, f64::max);
    let lowest = history.iter().map(|h| h.1).fold(f64::MAX, f64::min);
    let label = |value: f64| text::fit_right(&format!("{value:.2}"), usize::from(LABELS) - 1);
    Pen::new(buffer, inner, 0).write(&label(highest), style::DIM);
    Pen::new(buffer, inner, chart.height - 1).write(&label(lowest), style::DIM);
    let mut pen = Pen::new(buffer, inner, chart.height);
    pen.skip(usize::from(LABELS));
    pen.write(&text::count(first.0 as usize), style::DIM);
    let end = text::count(last.0 as usize);
    pen.skip_to_end(end.len());
    pen.write(&end, style::DIM);
    draw_line(&history, (lowest, highest), chart, buffer);
}

/// Draws the line through the values, from the lowest at the bottom to the highest at the top.
fn draw_line(
    history: &[(f64, f64)],
    (lowest, highest): (f64, f64),
    chart: Rect,
    buffer: &mut Buffer,
) {
    let area = Area::new(chart.width, chart.height);
    let [across, down] = area.dots();
    let height = |kl: f64| {
        let share = (kl - lowest) / (highest - lowest).max(f64::MIN_POSITIVE);
        ((down - 1.0) * (1.0 - share)).clamp(0.0, down - 1.0)
    };
    let mut dots: Vec<[f32; 2]> = Vec::new();
    let mut previous: Option<f64> = None;
    for x in 0..across as u32 {
        let y = height(value_at(history, f64::from(x) / (across - 1.0).max(1.0))).round();
        let from = previous.map_or(y, |p| {
            if p < y {
                p + 1.0
            } else if p > y {
                p - 1.0
            } else {
                y
            }
        });
        let (top, bottom) = (from.min(y) as u32, from.max(y) as u32);
        dots.extend((top..=bottom).map(|y| [x as f32 + 0.5, -(y as f32) - 0.5]));
        previous = Some(y);
    }
    let viewport = Viewport::new([across / 2.0, -down / 2.0], 1.0);
    let raster = Raster::draw(&Points::new(&dots, &[]), viewport, area);
    for (y, line) in (chart.y..chart.bottom()).zip(raster.lines()) {
        for (x, cell) in (chart.x..chart.right()).zip(line) {
            if let Some(target) = buffer.cell_mut((x, y)) {
                target.set_char(cell.braille()).set_style(Style::new());
            }
        }
    }
}

/// The value at a share of the way from the first to the last iteration, between two values on
/// the straight line through them.
fn value_at(history: &[(f64, f64)], share: f64) -> f64 {
    let (Some(first), Some(last)) = (history.first(), history.last()) else {
        return 0.0;
    };
    let at = first.0 + share * (last.0 - first.0);
    let next = history.partition_point(|h| h.0 <= at);
    match (history.get(next.wrapping_sub(1)), history.get(next)) {
        (Some(a), Some(b)) if b.0 > a.0 => a.1 + (b.1 - a.1) * (at - a.0) / (b.0 - a.0),
        (Some(a), _) => a.1,
        (None, _) => first.1,
    }
}
