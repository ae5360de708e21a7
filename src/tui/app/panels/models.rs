//! Models: which layers and models separate the classes better, how they complement each other, and
//! which to keep. The comparison's text, section by section, with the layers' curves drawn.

use super::content::{Content, Line, Role};
use super::spec::PanelSpec;
use crate::comparison::{Comparison, Curve, LayerFigures};
use crate::statistics::Estimate;
use crate::tui::app::App;
use crate::tui::app::action::Compared;

pub(super) const SPEC: PanelSpec = PanelSpec::new(|_| 1000, content);

/// Heights of a sparkline.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

fn content(app: &App, width: usize) -> Content<'_> {
    let mut content = Content::new("Models · layers and models compared", width);
    match &app.run.compared {
        Compared::Nothing => content.say(
            "One feature set, or no labels: nothing to compare. Open several sets of the same samples \
             with their labels, for example in a study file.",
            Role::Plain,
        ),
        Compared::Running => {
            content.say("Comparing the feature sets in the background …", Role::Dim);
        }
        Compared::Failed(reason) => content.say(reason, Role::Problem),
        Compared::Ready(comparison) => content.notes = written(comparison, width),
    }
    content
}

/// The comparison's text with its headings, and with the curves drawn.
fn written(comparison: &Comparison, columns: usize) -> Vec<Line> {
    let mut curves = comparison.curves.iter().filter(|c| c.layers.len() > 1);
    let mut lines = Vec::new();
    let mut after_blank = true;
    for line in comparison.to_text(columns).lines() {
        let role = if after_blank { Role::Bold } else { Role::Plain };
        lines.push(Line::of(line, role));
        if after_blank && line.starts_with("Layers of ") {
            lines.extend(curves.next().map(drawn));
        }
        after_blank = line.is_empty();
    }
    lines
}

/// The curve of a model as sparklines, each between its least and largest value.
fn drawn(curve: &Curve) -> Line {
    let line = |title: &str, figure: fn(&LayerFigures) -> Estimate| {
        let values: Vec<f64> = curve.layers.iter().map(|l| figure(l).value).collect();
        format!("{title} {}", sparkline(&values))
    };
    let lines = [
        line("probe", |l| l.probe),
        line("hit", |l| l.neighborhood_hit),
        line("loss", |l| l.soft_nearest_neighbor_loss),
    ];
    lines.join("   ").into()
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
