//! The panel of models: which layers and models separate the classes better, how they complement
//! each other, and which to keep. It writes down the comparison, section by section.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::style;
use super::table::Pen;
use crate::comparison::{Comparison, Curve, IntervalEstimate};
use crate::tui::app::App;
use crate::tui::app::panels::Panel;
use crate::tui::session::comparing::Compared;
use crate::tui::text;

/// Heights of a sparkline.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// All lines, wrapped to the width of the panel.
fn lines(app: &App, area: Rect) -> Vec<(String, Style)> {
    let columns = usize::from(area.width.saturating_sub(2)).max(8);
    let sentence = |sentence: &str, look: Style| {
        let lines = text::wrap(sentence, columns).into_iter();
        lines.map(|line| (line, look)).collect()
    };
    match &app.run.compared {
        Compared::Nothing => sentence(
            "One feature set, or no labels: nothing to compare. Open several sets of the same samples \
             with their labels, for example in a study file.",
            Style::new(),
        ),
        Compared::Running => sentence("Comparing the feature sets in the background …", style::DIM),
        Compared::Failed(reason) => sentence(reason, style::problem(app.palette)),
        Compared::Ready(comparison) => written(comparison, columns),
    }
}

/// The comparison's text with its headings, and with the curves drawn.
fn written(comparison: &Comparison, columns: usize) -> Vec<(String, Style)> {
    let text = comparison.to_text(columns);
    let mut curves = comparison.curves.iter().filter(|c| c.layers.len() > 1);
    let mut lines = Vec::new();
    let mut after_blank = true;
    for line in text.lines() {
        let look = if after_blank {
            style::BOLD
        } else {
            Style::new()
        };
        lines.push((line.to_string(), look));
        if after_blank
            && line.starts_with("Layers of ")
            && let Some(curve) = curves.next()
        {
            lines.push((drawn(curve), Style::new()));
        }
        after_blank = line.is_empty();
    }
    lines
}

/// The curve of a model as sparklines, each between its least and largest value.
fn drawn(curve: &Curve) -> String {
    let line = |title: &str, values: Vec<f64>| format!("{title} {}", sparkline(&values));
    let of = |figure: fn(&crate::comparison::LayerFigures) -> IntervalEstimate| {
        curve.layers.iter().map(|l| figure(l).value).collect()
    };
    [
        line("probe", of(|l| l.probe)),
        line("hit", of(|l| l.neighborhood_hit)),
        line("loss", of(|l| l.soft_nearest_neighbor_loss)),
    ]
    .join("   ")
}

fn sparkline(values: &[f64]) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let spread = largest - least;
    let bar = |value: f64| {
        let height = if spread > 0.0 {
            (value - least) / spread
        } else {
            0.5
        };
        BARS[((height * 7.0).round() as usize).min(7)]
    };
    values.iter().map(|&v| bar(v)).collect()
}

/// Lines in this panel.
pub(crate) fn rows(app: &App, area: Rect) -> usize {
    lines(app, area).len()
}

/// Draws the panel.
pub(crate) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let lines = lines(app, area);
    let fitting = usize::from(area.height.saturating_sub(Panel::Models.entry().overhead));
    let first = app.state(Panel::Models).first_of(lines.len(), fitting);
    let below = style::shown_of(first, fitting, lines.len());
    let title = ("Models · layers and models compared", below.as_str());
    let inner = style::frame(app, title, app.is_focused(Panel::Models), area, buffer);
    for (row, (line, look)) in lines.iter().skip(first).take(fitting).enumerate() {
        Pen::new(buffer, inner, row as u16).write(line, *look);
    }
}
