//! The panel of the selection: which classes it is made of, and what was predicted for it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::style;
use super::table::Pen;
use crate::diagnosis::{SubsetClass, SubsetDiagnosis};
use crate::tui::app::App;
use crate::tui::app::panels::{self, Panel};
use crate::tui::text;

/// Columns of a figure.
const FIGURE: usize = 7;

/// What the classes can be sorted by.
pub(crate) const ORDERS: &[&str] = &[
    "class, as in the file",
    "number selected",
    "share of the class",
    "predicted",
    "silhouette in the features",
    "silhouette in the map",
];

/// The lines that the panel would like.
pub(crate) fn wish(app: &App) -> u16 {
    if app.panels.chosen == Panel::Selection {
        4 + panels::rows(app.run.counts.len()).max(3)
    } else {
        0
    }
}

/// Number of classes in the selection.
pub(crate) fn rows(app: &App, _area: Rect) -> usize {
    subset(app, None).classes.len()
}

fn subset(app: &App, silhouettes: Option<&[f32]>) -> SubsetDiagnosis {
    SubsetDiagnosis::of(&app.run.data, app.samples.selection.ids(), silhouettes)
}

/// The selection with the mean silhouettes of its classes in the features, and the same in the map.
fn both(app: &App) -> (SubsetDiagnosis, SubsetDiagnosis) {
    let silhouettes = app.run.diagnosis.as_ref().map(|d| &d.sample_silhouettes);
    let features = silhouettes.and_then(|s| s.features.as_deref());
    let map = silhouettes.and_then(|s| s.map.as_deref());
    let map = map.filter(|_| app.map_figures_hold());
    (subset(app, features), subset(app, map))
}

fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Draws the panel.
pub(crate) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let (subset, in_map) = both(app);
    let focused = app.is_focused(Panel::Selection);
    let state = app.state(Panel::Selection);
    let fitting = usize::from(
        area.height
            .saturating_sub(Panel::Selection.entry().overhead),
    );
    let first = state.first_of(subset.classes.len(), fitting);
    let title = format!(
        "Selection · {} of {}",
        text::count(subset.count),
        text::count(app.run.data.samples())
    );
    let below = style::shown_of(first, fitting, subset.classes.len());
    let inner = style::frame(app, (&title, &below), focused, area, buffer);
    if subset.count == 0 {
        let help = "Nothing is selected. x, then Enter selects samples; b a box; A a class; the right \
                    mouse button a box, too. What is selected stays so in every map, model and layer.";
        let lines = text::wrap(help, usize::from(inner.width));
        for (row, line) in lines.iter().enumerate() {
            Pen::new(buffer, inner, row as u16).write(line, style::DIM);
        }
        return;
    }
    let classes = &subset.classes;
    let order = state.sorted(classes.len(), |order, row| {
        let class = &classes[row];
        match order {
            1 => Some(class.count as f64),
            2 => share(class.count, class.of),
            3 => class.predicted.map(|p| p as f64),
            4 => class.silhouette,
            _ => in_map.classes[row].silhouette,
        }
    });
    let columns = Columns::new(app, (&subset, &in_map), usize::from(inner.width));
    columns.heading(app, &mut Pen::new(buffer, inner, 0));
    for (row, at) in order.iter().enumerate().skip(first).take(fitting) {
        let mut pen = Pen::new(buffer, inner, (row - first) as u16 + 1);
        let class = (&classes[*at], in_map.classes[*at].silhouette);
        columns.class(app, class, subset.count, &mut pen);
        if focused && state.row == row {
            pen.restyle(style::CURSOR);
        }
    }
    let last = (classes.len() - first).min(fitting) as u16 + 1;
    columns.all(
        &subset,
        in_map.silhouette,
        &mut Pen::new(buffer, inner, last),
    );
}

/// Which columns there are: what the data does not have is left out.
struct Columns {
    name: usize,
    share: bool,
    predicted: bool,
    silhouette: bool,
    map: bool,
}

impl Columns {
    fn new(
        app: &App,
        (subset, in_map): (&SubsetDiagnosis, &SubsetDiagnosis),
        width: usize,
    ) -> Self {
        let mut left = width.saturating_sub(2 + 2 * FIGURE + 8);
        let mut take = |wanted: bool| {
            let fits = wanted && left >= FIGURE;
            if fits {
                left -= FIGURE;
            }
            fits
        };
        let silhouette = take(subset.silhouette.is_some());
        let predicted = take(app.run.data.predictions().is_some());
        let map = take(in_map.silhouette.is_some());
        let share = take(true);
        Self {
            name: left + 8,
            share,
            predicted,
            silhouette,
            map,
        }
    }

    fn heading(&self, app: &App, pen: &mut Pen<'_>) {
        let state = app.state(Panel::Selection);
        pen.skip(2);
        pen.left_in(self.name, &state.heading(0, "class"), style::DIM);
        pen.right_in(FIGURE, &state.heading(1, "n"), style::DIM);
        if self.share {
            pen.right_in(FIGURE, "share", style::DIM);
        }
        pen.right_in(FIGURE, &state.heading(2, "of cls"), style::DIM);
        if self.predicted {
            pen.right_in(FIGURE, &state.heading(3, "pred"), style::DIM);
        }
        if self.silhouette {
            pen.right_in(FIGURE, &state.heading(4, "silh"), style::DIM);
        }
        if self.map {
            pen.right_in(FIGURE, &state.heading(5, "in map"), style::DIM);
        }
    }

    fn class(
        &self,
        app: &App,
        (class, in_map): (&SubsetClass, Option<f64>),
        selected: usize,
        pen: &mut Pen<'_>,
    ) {
        let entry = usize::from(class.class).min(app.classes());
        let mark = app.palette.mark(class.class).to_string();
        pen.write(&mark, style::class(app.palette, class.class));
        pen.skip(1);
        pen.left_in(self.name, &app.entry_name(entry), Style::new());
        pen.right_in(FIGURE, &text::count(class.count), style::BOLD);
        if self.share {
            let of_selected = text::percent(share(class.count, selected));
            pen.right_in(FIGURE, &of_selected, Style::new());
        }
        let of_class = text::percent(share(class.count, class.of));
        pen.right_in(FIGURE, &of_class, Style::new());
        if self.predicted {
            let predicted = class.predicted.map_or_else(|| "–".into(), text::count);
            pen.right_in(FIGURE, &predicted, Style::new());
        }
        if self.silhouette {
            pen.right_in(FIGURE, &text::decimal(class.silhouette), Style::new());
        }
        if self.map {
            pen.right_in(FIGURE, &text::decimal(in_map), style::DIM);
        }
    }

    /// The line of all that is selected.
    fn all(&self, subset: &SubsetDiagnosis, in_map: Option<f64>, pen: &mut Pen<'_>) {
        pen.skip(2);
        pen.left_in(self.name, "all", style::DIM);
        pen.right_in(FIGURE, &text::count(subset.count), style::BOLD);
        let right = match subset.right {
            Some(right) if self.predicted => {
                let share = text::percent(share(right, subset.count));
                let words = if self.share {
                    " predicted right"
                } else {
                    " right"
                };
                format!("{share}{words}")
            }
            _ => String::new(),
        };
        let columns = 1 + usize::from(self.share) + usize::from(self.predicted);
        pen.right_in(columns * FIGURE, &right, style::DIM);
        if self.silhouette {
            pen.right_in(FIGURE, &text::decimal(subset.silhouette), style::BOLD);
        }
        if self.map {
            pen.right_in(FIGURE, &text::decimal(in_map), style::DIM);
        }
    }
}
