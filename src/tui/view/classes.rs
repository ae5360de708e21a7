//! The panel of classes: the legend, and per class how well it stands apart, in the features
//! first and in the map beside it; where there is room, with what a linear probe makes of it and the
//! classes that it mixes with.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::table::Pen;
use super::{separation, style};
use crate::diagnosis::{Diagnosis, Figure};
use crate::statistics::Uncertain;
use crate::tui::app::App;
use crate::tui::app::legend;
use crate::tui::app::panels::{self, Panel};
use crate::tui::text;

/// What the classes can be sorted by.
pub(crate) const ORDERS: &[&str] = &[
    "class, as in the file",
    "number of samples",
    "silhouette in the features",
    "silhouette in the map",
    "same-class neighbors in the features",
    "same-class neighbors in the map",
    "recall of the closed-form probe",
];

/// Columns of a figure, the space before included.
const FIGURE: usize = 6;
/// Columns of a probe's recall with its interval, the space before included.
const PROBE: usize = 10;
/// The least columns in which the classes that a class mixes with are named.
const MIXES: usize = 14;
/// Those that the probe leaves to them: two classes with their shares.
const MIXES_BESIDE_PROBE: usize = 34;

/// Columns of the table.
struct Columns {
    name: usize,
    count: usize,
    /// A silhouette: wider where it is marked as sampled.
    silhouette: usize,
    /// The probe's recall, where there is room.
    probe: usize,
    mixes: usize,
}

impl Columns {
    fn new(app: &App, width: usize) -> Self {
        let largest = app.run.counts.iter().copied().max().unwrap_or(0);
        let count = text::count(largest.max(app.run.data.samples()))
            .len()
            .max(4)
            + 1;
        let sampled = app.run.diagnosis.as_ref().is_some_and(|d| {
            d.silhouette_references
                .or(d.map_silhouette_references)
                .is_some()
        });
        let silhouette = FIGURE + usize::from(sampled);
        let rest = width.saturating_sub(2 + count + 2 * silhouette + 2 * FIGURE);
        let longest = (0..app.run.counts.len().min(500))
            .map(|entry| text::width(&app.entry_name(entry)))
            .max()
            .unwrap_or(0)
            .max(5);
        let name = if rest >= longest.min(20) + 2 + MIXES {
            longest.min(20)
        } else {
            rest
        };
        let mixes = rest - name;
        let probe = if mixes >= PROBE + MIXES_BESIDE_PROBE {
            PROBE
        } else {
            0
        };
        Self {
            name,
            count,
            silhouette,
            probe,
            mixes: mixes - probe,
        }
    }
}

/// The lines that the panel would like.
pub(crate) fn wish(app: &App) -> u16 {
    if app.run.counts.is_empty() {
        6
    } else {
        5 + panels::rows(app.run.counts.len())
    }
}

/// The entries of the legend in the order asked for.
pub(crate) fn order(app: &App) -> Vec<usize> {
    let state = app.state(Panel::Classes);
    let class = |entry: usize| {
        app.run
            .diagnosis
            .as_deref()
            .and_then(|d| d.classes.get(entry))
    };
    state.sorted(app.run.counts.len(), |order, entry| match order {
        1 => Some(app.run.counts[entry] as f64),
        2 => class(entry)?.silhouette.features,
        3 => app.of_map(class(entry)?.silhouette.map),
        4 => class(entry)?.neighborhood_hit.features,
        5 => app.of_map(class(entry)?.neighborhood_hit.map),
        _ => probe_of(app, Some(entry)).map(|recall| recall.value),
    })
}

/// The closed-form probe's recall of a class, or its balanced accuracy of all.
fn probe_of(app: &App, entry: Option<usize>) -> Option<Uncertain> {
    let separation = app.run.diagnosis.as_deref()?.separation.as_ref()?;
    match entry {
        Some(entry) => separation.classes.get(entry)?.probe_recall,
        None => Some(separation.probe.as_ref()?.balanced_accuracy),
    }
}

/// Draws the panel.
pub(crate) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let state = app.state(Panel::Classes);
    let focused = app.is_focused(Panel::Classes);
    let rows = legend::entry_rows(area);
    let fitting = usize::from(rows.height);
    let first = state.first_of(app.run.counts.len(), fitting);
    let below = below(app, first, fitting);
    let inner = style::frame(app, ("Classes", &below), focused, area, buffer);
    if app.run.counts.is_empty() {
        no_labels(inner, buffer);
        return;
    }
    let columns = Columns::new(app, usize::from(inner.width));
    draw_heading(app, &columns, inner, buffer);
    let order = order(app);
    for (row, entry) in order.iter().enumerate().skip(first).take(fitting) {
        let mut pen = Pen::new(buffer, rows, (row - first) as u16);
        draw_entry(app, &columns, *entry, &mut pen);
        if focused && state.row == row {
            pen.restyle(style::CURSOR);
        }
    }
    let last = inner.height.saturating_sub(1);
    let last = last.min((app.run.counts.len() - first).min(1000) as u16 + 2);
    if last >= 2 {
        draw_all(app, &columns, &mut Pen::new(buffer, inner, last));
    }
}

/// What the frame says below: which classes are shown of many.
fn below(app: &App, first: usize, fitting: usize) -> String {
    let mut parts: Vec<String> = Vec::new();
    if app.run.counts.len() > fitting {
        parts.push(style::shown_of(first, fitting, app.run.counts.len()));
    }
    if let Some((diagnosis, references)) = app
        .run
        .diagnosis
        .as_deref()
        .and_then(|d| Some((d, d.silhouette_references?)))
    {
        let errors = diagnosis.classes.iter();
        let largest = errors.filter_map(|c| c.silhouette_standard_error.features);
        let within = largest.reduce(f64::max).map(|e| 1.96 * e);
        let within = within.map_or_else(String::new, |e| format!(" ±{e:.2}"));
        parts.push(format!(
            "~ from {} samples{within}",
            text::count(references)
        ));
    }
    parts.join(" · ")
}

/// What to do for figures by class.
pub(super) fn no_labels(area: Rect, buffer: &mut Buffer) {
    let lines = text::wrap(
        "The data has no labels. Open it with labels for statistics by class.",
        usize::from(area.width),
    );
    for (row, line) in lines.iter().enumerate() {
        Pen::new(buffer, area, row as u16).write(line, style::DIM);
    }
}

fn draw_heading(app: &App, columns: &Columns, area: Rect, buffer: &mut Buffer) {
    let k = app
        .run
        .diagnosis
        .as_ref()
        .map_or(app.run.table_k, |d| d.confusion.k);
    let mut pen = Pen::new(buffer, area, 0);
    pen.skip(2 + columns.name + columns.count);
    pen.right_in(2 * columns.silhouette, "silhouette", style::DIM);
    pen.right_in(2 * FIGURE, &format!("{k}-NN same"), style::DIM);
    if columns.probe > 0 {
        pen.right_in(columns.probe, "linear", style::DIM);
    }
    let mut pen = Pen::new(buffer, area, 1);
    pen.skip(2);
    let state = app.state(Panel::Classes);
    pen.left_in(columns.name, &state.heading(0, "class"), style::DIM);
    pen.right_in(columns.count, &state.heading(1, "n"), style::DIM);
    for (at, width) in [columns.silhouette, FIGURE].into_iter().enumerate() {
        pen.right_in(width, &state.heading(2 + 2 * at, "feat"), style::DIM);
        pen.right_in(width, &state.heading(3 + 2 * at, "map"), style::DIM);
    }
    if columns.probe > 0 {
        pen.right_in(columns.probe, &state.heading(6, "probe"), style::DIM);
    }
    if columns.mixes > 0 {
        pen.write("  mixes with (features)", style::DIM);
    }
}

fn draw_entry(app: &App, columns: &Columns, entry: usize, pen: &mut Pen<'_>) {
    let class = app.class_of(entry);
    let shown = app.samples.shown[entry];
    let plain = if shown { Style::new() } else { style::DIM };
    let mark = if shown {
        style::class(app.palette, class)
    } else {
        style::DIM
    };
    pen.write(&app.palette.mark(class).to_string(), mark);
    pen.skip(1);
    pen.left_in(columns.name, &app.entry_name(entry), plain);
    pen.right_in(columns.count, &text::count(app.run.counts[entry]), plain);
    let diagnosis = app.run.diagnosis.as_deref();
    let figures = diagnosis
        .and_then(|d| d.classes.get(entry))
        .map(|c| (c.silhouette, c.neighborhood_hit))
        .unwrap_or_default();
    let misleads = diagnosis.is_some_and(|d| map_misleads(app, d, entry));
    draw_figures(app, columns, figures, (plain, misleads), pen);
    draw_probe(columns, probe_of(app, Some(entry)), plain, pen);
    if let Some(diagnosis) = diagnosis.filter(|_| columns.mixes > 0) {
        pen.skip(2);
        let width = columns.mixes.saturating_sub(2);
        pen.write(
            text::cut(&mixes_with(app, diagnosis, entry), width).as_ref(),
            plain,
        );
    }
}

/// The figures of one class, or of all together.
fn draw_figures(
    app: &App,
    columns: &Columns,
    (silhouette, hit): (Figure, Figure),
    (look, misleads): (Style, bool),
    pen: &mut Pen<'_>,
) {
    let sampled = |which: fn(&Diagnosis) -> Option<usize>| {
        app.run.diagnosis.as_deref().and_then(which).is_some()
    };
    let about = |figure: Option<f64>, sampled: bool| {
        let prefix = if sampled && figure.is_some() { "~" } else { "" };
        format!("{prefix}{}", text::decimal(figure))
    };
    let features = about(silhouette.features, sampled(|d| d.silhouette_references));
    let map = about(
        app.of_map(silhouette.map),
        sampled(|d| d.map_silhouette_references),
    );
    pen.right_in(columns.silhouette, &features, look.patch(style::BOLD));
    pen.right_in(columns.silhouette, &map, look);
    pen.right_in(
        FIGURE,
        &text::percent(hit.features),
        look.patch(style::BOLD),
    );
    let mark = if misleads { "!" } else { "" };
    let map = format!("{mark}{}", text::percent(app.of_map(hit.map)));
    pen.right_in(FIGURE, &map, look);
}

/// What a linear probe makes of a class, or of all together.
fn draw_probe(columns: &Columns, recall: Option<Uncertain>, look: Style, pen: &mut Pen<'_>) {
    if columns.probe > 0 {
        let look = look.patch(style::BOLD);
        pen.right_in(columns.probe, &separation::share(recall), look);
    }
}

/// Whether the map shows a class's same-class neighbors otherwise than the features hold.
fn map_misleads(app: &App, diagnosis: &Diagnosis, class: usize) -> bool {
    let mixing = diagnosis.fidelity.as_ref().and_then(|f| f.mixing.as_ref());
    app.map_figures_hold() && mixing.is_some_and(|m| m.of(class, class).is_some())
}

/// The line of all classes together.
fn draw_all(app: &App, columns: &Columns, pen: &mut Pen<'_>) {
    pen.skip(2);
    pen.left_in(columns.name, "all", style::DIM);
    let total = text::count(app.run.data.samples());
    pen.right_in(columns.count, &total, style::DIM);
    let diagnosis = app.run.diagnosis.as_deref();
    let silhouette = diagnosis.map(|d| d.silhouette).unwrap_or_default();
    let hit = diagnosis.map(|d| d.neighborhood_hit).unwrap_or_default();
    draw_figures(app, columns, (silhouette, hit), (Style::new(), false), pen);
    draw_probe(columns, probe_of(app, None), Style::new(), pen);
}

/// The classes that a class mixes with, and the share of its neighbors that they have, the largest
/// first. Before the pairs are known: those above chance among its neighbors in the features.
fn mixes_with(app: &App, diagnosis: &Diagnosis, class: usize) -> String {
    if let Some(pairs) = &diagnosis.pairs {
        let mixed = pairs.listed.iter().filter(|p| p.mixed);
        let others = mixed.filter_map(|pair| match pair.classes {
            (a, b) if a == class => Some((b, pair.directions[0].share.value)),
            (a, b) if b == class => Some((a, pair.directions[1].share.value)),
            _ => None,
        });
        return name_all(app, others.collect());
    }
    let confusion = &diagnosis.confusion;
    let row = confusion.features.as_ref().and_then(|rows| rows.get(class));
    let marked = confusion
        .features_above_chance
        .as_ref()
        .and_then(|rows| rows.get(class));
    let (Some(row), Some(marked)) = (row, marked) else {
        return "–".into();
    };
    let others: Vec<(usize, f64)> = row
        .iter()
        .copied()
        .enumerate()
        .filter(|(other, _)| *other != class && marked.get(*other) == Some(&true))
        .collect();
    name_all(app, others)
}

/// Classes with their shares, the largest first.
fn name_all(app: &App, mut others: Vec<(usize, f64)>) -> String {
    others.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    if others.is_empty() {
        return "–".into();
    }
    let named: Vec<String> = others
        .iter()
        .take(8)
        .map(|(other, share)| {
            let name = app.entry_name(*other);
            format!("{} {}", text::cut(&name, 12), text::percent(Some(*share)))
        })
        .collect();
    named.join(", ")
}
