//! The panel of separation: what probes and neighbors make of each class, with intervals, and
//! whether there is evidence that it is separated.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::classes::no_labels;
use super::style;
use super::table::Pen;
use crate::diagnosis::{ClassSeparation, Separation, Standing};
use crate::statistics::Uncertain;
use crate::tui::app::App;
use crate::tui::app::panels::{self, Panel};
use crate::tui::text;

/// What the classes can be sorted by.
pub(crate) const ORDERS: &[&str] = &[
    "class, as in the file",
    "recall of the closed-form probe",
    "recall of the logistic probe",
    "same-class neighbors",
    "soft nearest neighbor loss",
];

/// Columns of a share with its interval, the space before included.
const SHARE: usize = 9;
/// Columns of the soft loss.
const LOSS: usize = 6;
/// Columns of the evidence, in words and shortened.
const EVIDENCE: (usize, usize) = (15, 7);
/// The least columns of a name.
const NAME: usize = 8;

/// Which columns there is room for.
struct Columns {
    name: usize,
    logistic: bool,
    loss: bool,
    evidence: usize,
}

impl Columns {
    fn new(width: usize) -> Self {
        // Probe and neighbors always; then the logistic probe, the loss, the evidence in full.
        let mut left = width.saturating_sub(2 + NAME + 2 * SHARE + EVIDENCE.1);
        let mut take = |columns: usize| {
            let fits = left >= columns;
            left -= if fits { columns } else { 0 };
            fits
        };
        let logistic = take(SHARE);
        let loss = take(LOSS);
        let words = take(EVIDENCE.0 - EVIDENCE.1);
        Self {
            name: NAME + left.min(16),
            logistic,
            loss,
            evidence: if words { EVIDENCE.0 } else { EVIDENCE.1 },
        }
    }
}

/// The lines that the panel would like.
pub(crate) fn wish(app: &App) -> u16 {
    if app.panels.chosen == Panel::Separation {
        5 + panels::rows(app.classes()).max(2)
    } else {
        0
    }
}

/// The classes in the order asked for.
fn order(app: &App) -> Vec<usize> {
    let separation = app
        .run
        .diagnosis
        .as_deref()
        .and_then(|d| d.separation.as_ref());
    let scale = separation.and_then(scale);
    app.state(Panel::Separation)
        .sorted(app.classes(), |order, class| {
            let class = separation?.classes.get(class)?;
            let figure = match order {
                1 => class.probe_recall,
                2 => class.logistic_recall,
                3 => hit(class, scale),
                _ => class.soft_nearest_neighbor_loss,
            };
            figure.map(|f| f.value)
        })
}

/// The place of the neighborhood hit that is shown: at k = 10 or the next below.
fn scale(separation: &Separation) -> Option<usize> {
    separation.neighborhood_hits.iter().rposition(|h| h.k <= 10)
}

fn hit(class: &ClassSeparation, scale: Option<usize>) -> Option<Uncertain> {
    class.neighborhood_hits.get(scale?).copied().flatten()
}

/// A share in percent with the reach of its interval.
pub(super) fn share(value: Option<Uncertain>) -> String {
    value.map_or_else(
        || "–".into(),
        |v| match v.reach() {
            Some(reach) => format!("{:.0}±{:.1}", 100.0 * v.value, 100.0 * reach),
            None => format!("{:.0}", 100.0 * v.value),
        },
    )
}

fn loss(value: Option<Uncertain>) -> String {
    value.map_or_else(|| "–".into(), |v| format!("{:.2}", v.value))
}

/// Draws the panel.
pub(crate) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let state = app.state(Panel::Separation);
    let fitting = usize::from(
        area.height
            .saturating_sub(Panel::Separation.entry().overhead),
    );
    let first = state.first_of(app.classes(), fitting);
    let mut below = vec![style::shown_of(first, fitting, app.classes())];
    below.push("% ± 95 % interval".into());
    below.retain(|part| !part.is_empty());
    let focused = app.is_focused(Panel::Separation);
    let title = ("Separation in the features", below.join(" · "));
    let inner = style::frame(app, (title.0, &title.1), focused, area, buffer);
    if app.classes() == 0 {
        no_labels(inner, buffer);
        return;
    }
    let separation = app
        .run
        .diagnosis
        .as_deref()
        .and_then(|d| d.separation.as_ref());
    let columns = Columns::new(usize::from(inner.width));
    draw_heading(app, &columns, separation, &mut Pen::new(buffer, inner, 0));
    let mut row = 1;
    for (place, class) in order(app).into_iter().enumerate().skip(first).take(fitting) {
        let mut pen = Pen::new(buffer, inner, row);
        let figures = separation.and_then(|s| s.classes.get(class));
        draw_class(
            app,
            &columns,
            class,
            (figures, separation.and_then(scale)),
            &mut pen,
        );
        if focused && state.row == place {
            pen.restyle(style::CURSOR);
        }
        row += 1;
    }
    if let Some(separation) = separation {
        draw_all(app, &columns, separation, &mut Pen::new(buffer, inner, row));
        let opinion = second_opinion(separation);
        let lines = text::wrap(&opinion, usize::from(inner.width));
        let room = inner.height.saturating_sub(row + 1);
        for (line, below) in lines.iter().zip(0..room) {
            Pen::new(buffer, inner, row + 1 + below).write(line, style::DIM);
        }
    }
}

fn draw_heading(app: &App, columns: &Columns, separation: Option<&Separation>, pen: &mut Pen<'_>) {
    let state = app.state(Panel::Separation);
    let k = separation
        .and_then(|s| s.neighborhood_hits.get(scale(s)?))
        .map_or(10, |h| h.k);
    pen.skip(2);
    pen.left_in(columns.name, &state.heading(0, "class"), style::DIM);
    pen.right_in(SHARE, &state.heading(1, "probe"), style::DIM);
    if columns.logistic {
        pen.right_in(SHARE, &state.heading(2, "logist."), style::DIM);
    }
    pen.right_in(SHARE, &state.heading(3, &format!("{k}-NN")), style::DIM);
    if columns.loss {
        pen.right_in(LOSS, &state.heading(4, "loss"), style::DIM);
    }
    let words = if columns.evidence == EVIDENCE.1 {
        "  evid."
    } else {
        "  evidence"
    };
    pen.write(words, style::DIM);
}

fn draw_class(
    app: &App,
    columns: &Columns,
    class: usize,
    (figures, scale): (Option<&ClassSeparation>, Option<usize>),
    pen: &mut Pen<'_>,
) {
    let mark = app.palette.mark(class as u16).to_string();
    pen.write(&mark, style::class(app.palette, class as u16));
    pen.skip(1);
    pen.left_in(columns.name, &app.entry_name(class), Style::new());
    let Some(figures) = figures else {
        return;
    };
    draw_figures(
        columns,
        [
            share(figures.probe_recall),
            share(figures.logistic_recall),
            share(hit(figures, scale)),
            loss(figures.soft_nearest_neighbor_loss),
        ],
        pen,
    );
    let (words, look) = match figures.standing {
        Some(Standing::StandsApart) => (["stands apart", "apart"], style::BOLD),
        Some(Standing::BeyondChance) => (["beyond chance", "some"], Style::new()),
        Some(Standing::NoEvidence) => (["no evidence", "none"], style::problem(app.palette)),
        None if figures.count < 2 => (["too few", "few"], style::DIM),
        None => (["", ""], style::DIM),
    };
    draw_evidence(columns, words, look, pen);
}

fn draw_figures(columns: &Columns, cells: [String; 4], pen: &mut Pen<'_>) {
    let [probe, logistic, hit, loss] = cells;
    pen.right_in(SHARE, &probe, style::BOLD);
    if columns.logistic {
        pen.right_in(SHARE, &logistic, Style::new());
    }
    pen.right_in(SHARE, &hit, Style::new());
    if columns.loss {
        pen.right_in(LOSS, &loss, Style::new());
    }
}

fn draw_evidence(columns: &Columns, words: [&str; 2], look: Style, pen: &mut Pen<'_>) {
    pen.skip(2);
    let short = columns.evidence == EVIDENCE.1;
    pen.write(words[usize::from(short)], look);
}

/// The line of all classes together, each counting alike.
fn draw_all(app: &App, columns: &Columns, separation: &Separation, pen: &mut Pen<'_>) {
    pen.skip(2);
    pen.left_in(columns.name, "all", style::DIM);
    let balanced =
        |probe: Option<&crate::diagnosis::ProbeFigures>| share(probe.map(|p| p.balanced_accuracy));
    let hit = scale(separation).map(|s| separation.neighborhood_hits[s].hit);
    let cells = [
        balanced(separation.probe.as_ref()),
        balanced(separation.logistic.as_ref()),
        share(hit),
        loss(separation.soft_nearest_neighbor_loss),
    ];
    draw_figures(columns, cells, pen);
    if separation.evidence == Some(false) {
        let look = style::problem(app.palette);
        draw_evidence(columns, ["no evidence", "none"], look, pen);
    }
}

/// Geometry in one line.
fn second_opinion(separation: &Separation) -> String {
    let figure = |name: &str, value: Option<Uncertain>| {
        let value = value.map_or_else(|| "–".into(), |v| format!("{:.2}", v.value));
        format!("{name} {value}")
    };
    [
        figure("R²", separation.class_separation_r2),
        figure("NC1", separation.nc1),
        figure("CDNV", separation.cdnv),
        figure("silhouette²", separation.silhouette_squared),
        format!("n/d {:.1}", separation.samples_per_dimension),
    ]
    .join("  ")
}
