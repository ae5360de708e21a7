//! The selection: which classes it is made of, and what was predicted for it.

use std::collections::BTreeSet;

use super::content::{Column, Content, Line, Role};
use super::spec::PanelSpec;
use crate::diagnosis::{SubsetClass, SubsetDiagnosis};
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::{Action, Choose};

pub(super) const SPEC: PanelSpec = PanelSpec {
    beside: |app| !app.samples.selection.is_empty(),
    ..PanelSpec::new(lines, content)
};

/// Lines of the panel: the classes of the selected samples and of their predictions, their sum, and the names.
fn lines(app: &App) -> usize {
    let ids = app.samples.selection.ids();
    let labels = app.run.data.labels().map_or(&[][..], |l| l.indices());
    let predictions = app.run.data.predictions().unwrap_or_default();
    let of = |all: &[u16]| -> BTreeSet<u16> {
        let known = ids.iter().filter_map(|id| all.get(*id as usize));
        known.copied().collect()
    };
    let rows = of(labels).union(&of(predictions)).count();
    let named = usize::from(!app.samples.named.selections.is_empty());
    4 + rows.max(3) + named
}

/// Columns of a number.
const NUMBER: usize = 7;

fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// A class of the selection, and its mean silhouette in the map.
type Class = (SubsetClass, Option<f64>);

fn content(app: &App, width: usize) -> Content<'_> {
    let silhouettes = app.run.diagnosis.as_ref().map(|d| &d.sample_silhouettes);
    let in_features = silhouettes.and_then(|s| s.features.as_deref());
    let in_map = silhouettes.and_then(|s| s.map.as_deref());
    let subset =
        |of: Option<&[f32]>| SubsetDiagnosis::of(&app.run.data, app.samples.selection.ids(), of);
    let (features, map) = (
        subset(in_features),
        subset(in_map.filter(|_| app.run.map_figures_hold())),
    );
    let title = format!(
        "Selection · {} of {}",
        text::count(features.count),
        text::count(app.run.data.samples())
    );
    let mut content = Content::new(title, width);
    list_names(app, &mut content);
    if features.count == 0 {
        let help = format!(
            "Nothing is selected. {} and then Enter selects a sample, {} a box, {} a class; dragging with the right mouse button also selects a box. The selection is the same in all maps, models and \
             layers.",
            app.key(Action::Choose(Choose::ToggleCrosshair)),
            app.key(Action::Choose(Choose::StartBox)),
            app.key(Action::Choose(Choose::SelectClass))
        );
        content.say(&help, Role::Dim);
        return content;
    }
    content.has_cursor = true;
    let columns = columns(app, &features, map.silhouette);
    let of_map = map.classes.iter().map(|class| class.silhouette);
    content.table(features.classes.into_iter().zip(of_map).collect(), columns);
    content
}

/// Says which selections have names; that of the current one stands out.
fn list_names(app: &App, content: &mut Content<'_>) {
    let named = &app.samples.named;
    let current = named.of_selection(app.samples.selection.ids());
    let mut line = Line::of("named ", Role::Dim);
    for (at, (name, ids)) in named.selections.iter().enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        let role = if current == Some(name.as_str()) {
            Role::Bold
        } else {
            Role::Plain
        };
        line = line
            .and(comma, Role::Dim)
            .and(text::name(name, 30), role)
            .and(format!(" {}", text::count(ids.len())), Role::Dim);
    }
    if !named.selections.is_empty() {
        content.head.push(line);
    }
}

/// The columns: those that the data has numbers for.
fn columns<'a>(
    app: &'a App,
    subset: &SubsetDiagnosis,
    in_map: Option<f64>,
) -> Vec<Column<'a, Class>> {
    let count = subset.count;
    let right = subset.right.map(|right| text::percent(share(right, count)));
    let right = right.unwrap_or_default();
    let last = app.run.classes();
    let number = |heading| Column::number(heading, NUMBER);
    let of_class = format!("% of {}", app.run.class_word());
    let mut columns = vec![
        Column::class(app, 10, move |(c, _): &Class| {
            usize::from(c.class).min(last)
        })
        .grow(200),
        number("n")
            .order("number selected", |(c, _): &Class| Some(c.count as f64))
            .cell(|(c, _)| text::count(c.count))
            .sum(text::count(count))
            .role(Role::Bold),
        number("% of selection")
            .short("% sel")
            .priority(4)
            .cell(move |(c, _): &Class| text::percent(share(c.count, count))),
        number(&of_class)
            .short("% cls")
            .order("share of the class", |(c, _): &Class| share(c.count, c.of))
            .cell(|(c, _)| text::percent(share(c.count, c.of))),
    ];
    if app.run.data.predictions().is_some() {
        columns.push(
            number("predicted")
                .short("pred")
                .priority(2)
                .order("predicted", |(c, _): &Class| c.predicted.map(|p| p as f64))
                .cell(|(c, _)| c.predicted.map_or_else(|| "–".into(), text::count))
                .sum(match right.as_str() {
                    "" => Line::default(),
                    right => Line::of(format!("{right} predicted right"), Role::Dim)
                        .or(format!("{right} right")),
                }),
        );
    }
    if subset.silhouette.is_some() {
        columns.push(
            number("silhouette")
                .short("silh")
                .priority(1)
                .order("silhouette in the features", |(c, _): &Class| c.silhouette)
                .cell(|(c, _)| text::decimal(c.silhouette))
                .sum(Line::of(text::decimal(subset.silhouette), Role::Bold)),
        );
    }
    if in_map.is_some() {
        columns.push(
            number("map")
                .priority(3)
                .order("silhouette on the map", |(_, map): &Class| *map)
                .cell(|(_, map)| text::decimal(*map))
                .sum(text::decimal(in_map))
                .role(Role::Dim),
        );
    }
    columns
}
