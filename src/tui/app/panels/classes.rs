//! The classes: the legend, and for each class how well it stands apart, in the features first and
//! in the map beside it; where there is room, the recall of a linear probe and the classes that it
//! mixes with.

use super::Panel;
use super::content::{Column, Content, Line, Role};
use super::separation::share;
use super::spec::{PanelSpec, mark_clusters, no_labels};
use crate::diagnosis::{Diagnosis, Figure};
use crate::statistics::Estimate;
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::{Action, Choose};
use crate::tui::app::context::{Binding, row};
use crate::tui::terminal::input::Key;

pub(super) const SPEC: PanelSpec = PanelSpec {
    beside: |_| true,
    keys: KEYS,
    actions: &[
        (TOGGLE_CLASS, |app| {
            app.toggle(app.row_at_cursor(Panel::Classes).unwrap_or(0));
            Vec::new()
        }),
        (ONLY_CLASS, |app| {
            if let Some(class) = app.row_at_cursor(Panel::Classes) {
                app.solo(class);
            }
            Vec::new()
        }),
    ],
    ..PanelSpec::new(
        |app| match app.run.counts.len() {
            0 => 6,
            classes => 5 + classes,
        },
        content,
    )
};

#[rustfmt::skip]
const KEYS: &[Binding] = &[
    row(&[Key::Enter], "Enter", |_| Action::Choose(Choose::SelectClass), "select", "select the samples of the class; again: deselect them"),
    row(&[Key::Char(' ')], "space", |_| TOGGLE_CLASS, "show or hide", "show or hide the class"),
    row(&[Key::Char('o')], "o", |_| ONLY_CLASS, "only this", "show only this class; again: all"),
    row(&[Key::Char('a')], "a", |_| Action::ShowAll, "all", "show all classes"),
];

/// Show or hide the class under the cursor.
const TOGGLE_CLASS: Action = Action::OfPanel("toggle-class");
/// Show only the class under the cursor; all again if it is alone.
const ONLY_CLASS: Action = Action::OfPanel("only-class");

/// The widest name.
const NAME: usize = 20;
/// The narrowest columns of a number, and of a recall with its margin.
const NUMBER: usize = 6;
/// A column beside one with a bar, so that “same-class neighbors” fits above both, and the width of a panel from
/// which it is so wide.
const SAME: usize = 9;
const WIDE: usize = 80;
const PROBE: usize = 10;
/// The least columns in which other classes are named: one class, and two with their shares.
const MIXES: usize = 16;
const MIXES_BESIDE_PROBE: usize = 34;

/// A class with its numbers.
struct Class {
    entry: usize,
    count: usize,
    silhouette: Figure,
    hit: Figure,
    /// The map shows more or fewer same-class neighbors than the features hold.
    misleads: bool,
    probe: Option<Estimate>,
    /// Of a cluster: how alike it is when parts of the samples are clustered.
    recurrence: Option<f64>,
}

fn content(app: &App, width: usize) -> Content<'_> {
    let mut content = Content::new(
        if app.run.is_provisional() {
            "Clusters"
        } else {
            "Classes"
        },
        width,
    );
    mark_clusters(app, &mut content);
    if app.run.counts.is_empty() {
        no_labels(app, &mut content);
        return content;
    }
    content.has_cursor = true;
    let diagnosis = app.run.diagnosis.as_deref();
    content.remarks.extend(diagnosis.and_then(estimate));
    if diagnosis.is_some_and(|d| d.relabeled > 0) {
        content.remarks.push("n: by the labels in the files".into());
    }
    let classes: Vec<Class> = (0..app.run.counts.len())
        .map(|entry| class(app, diagnosis, entry))
        .collect();
    let shown = |class: &Class| app.samples.shown[class.entry];
    let role = |class: &Class| if shown(class) { Role::Plain } else { Role::Dim };
    content.roles = classes.iter().map(role).collect();
    content.table(classes, columns(app, diagnosis, width));
    content
}

fn class(app: &App, diagnosis: Option<&Diagnosis>, entry: usize) -> Class {
    let known = diagnosis.and_then(|d| d.classes.get(entry));
    let of_map = |figure: Figure| Figure {
        map: app.run.of_map(figure.map),
        ..figure
    };
    let separation = diagnosis.and_then(|d| d.separation.as_ref());
    let clusters = diagnosis.and_then(|d| d.clusters.as_deref());
    Class {
        entry,
        count: app.run.counts[entry],
        silhouette: known.map(|c| of_map(c.silhouette)).unwrap_or_default(),
        hit: known
            .map(|c| of_map(c.neighborhood_hit))
            .unwrap_or_default(),
        misleads: (app.run.mixing()).is_some_and(|m| m.of(entry, entry).is_some()),
        probe: separation.and_then(|s| s.classes.get(entry)?.probe_recall),
        recurrence: clusters.and_then(|c| c.clusters.get(entry)?.recurrence),
    }
}

fn columns<'a>(
    app: &'a App,
    diagnosis: Option<&'a Diagnosis>,
    width: usize,
) -> Vec<Column<'a, Class>> {
    let same = if width < WIDE { NUMBER } else { SAME };
    let k = app.run.counted_k();
    let name = 2 + app.widest_entry().clamp(5, NAME);
    let samples = text::count(app.run.data.samples());
    let labeled = app.run.counts.iter().take(app.run.classes()).sum();
    let silhouette = diagnosis.map(|d| d.silhouette).unwrap_or_default();
    let hit = diagnosis.map(|d| d.neighborhood_hit).unwrap_or_default();
    let features = diagnosis.is_some_and(|d| d.silhouette_references.is_some());
    let map = diagnosis.is_some_and(|d| d.map_silhouette_references.is_some());
    let wide = NUMBER + usize::from(features || map);
    let probe = diagnosis.and_then(|d| d.separation.as_ref()?.probe.as_ref());
    let in_map = move |share: Option<f64>, misleads: bool| {
        let mark = if misleads { "!" } else { "" };
        format!("{mark}{}", text::percent(share))
    };
    let mut columns = vec![
        Column::class(app, 7, |c: &Class| c.entry)
            .wide(1, name)
            .grow_last(200),
        Column::number("n", samples.len().max(4) + 1)
            .order("number of samples", |c: &Class| Some(c.count as f64))
            .cell(|c| text::count(c.count))
            .sum(Line::of(text::count(labeled), Role::Dim)),
        Column::number("features", wide)
            .short("feat")
            .order("silhouette in the features", |c: &Class| {
                c.silhouette.in_features()
            })
            .cell(move |c| estimated(c.silhouette.in_features(), features))
            .bar(0, |c| c.silhouette.in_features())
            .sum(estimated(silhouette.in_features(), features))
            .role(Role::Bold),
        Column::number("map", wide)
            .group("silhouette", "silh.")
            .order("silhouette on the map", |c: &Class| c.silhouette.in_map())
            .cell(move |c| estimated(c.silhouette.in_map(), map))
            .sum(estimated(app.run.of_map(silhouette.in_map()), map)),
        Column::number("features", NUMBER)
            .short("feat")
            .order("same-class neighbors in the features", |c: &Class| {
                c.hit.in_features()
            })
            .cell(|c| text::percent(c.hit.in_features()))
            .bar(1, |c| c.hit.in_features())
            .sum(text::percent(hit.in_features()))
            .role(Role::Bold),
        Column::number("map", same)
            .group("same-class neighbors", format!("{k}-NN same"))
            .order("same-class neighbors on the map", |c: &Class| {
                c.hit.in_map()
            })
            .cell(move |c| in_map(c.hit.in_map(), c.misleads))
            .sum(text::percent(app.run.of_map(hit.in_map()))),
        Column::number("linear probe", PROBE)
            .short("probe")
            .priority(3)
            .order("recall of the linear probe", |c: &Class| {
                Some(c.probe?.value)
            })
            .cell(|c| share(c.probe))
            .bar(2, |c| Some(c.probe?.value))
            .sum(share(probe.map(|p| p.balanced_accuracy)))
            .role(Role::Bold),
        Column::text("  mixes with (features)", MIXES)
            .priority(2)
            .wide(3, MIXES_BESIDE_PROBE)
            .grow(200)
            .cell(move |c: &Class| {
                diagnosis.map_or_else(Line::default, |d| mixes_with(app, d, c.entry))
            }),
    ];
    if app.run.is_provisional() {
        // Clusters are not probed, but found again, or not.
        let recurrence = Column::number("recurrence", NUMBER)
            .short("again")
            .priority(3)
            .order("recurrence", |c: &Class| c.recurrence)
            .cell(|c| text::decimal(c.recurrence))
            .role(Role::Bold);
        for column in &mut columns {
            if column.heading == "linear probe" {
                *column = recurrence;
                break;
            }
        }
    }
    columns
}

/// A silhouette, marked if it is an estimate from a sample.
pub(super) fn estimated(silhouette: Option<f64>, is_estimate: bool) -> String {
    let mark = if is_estimate && silhouette.is_some() {
        "~"
    } else {
        ""
    };
    format!("{}{mark}", text::decimal(silhouette))
}

/// From how many samples the silhouettes are estimated, and how far off they may be.
fn estimate(diagnosis: &Diagnosis) -> Option<String> {
    let references = text::count(diagnosis.silhouette_references?);
    let classes = diagnosis.classes.iter();
    let largest = classes.filter_map(|c| c.silhouette.features?.margin());
    let within = largest
        .reduce(f64::max)
        .map(|margin| format!(", ± {margin:.2}"));
    Some(format!(
        "~ estimated from {references} samples{}",
        within.unwrap_or_default()
    ))
}

/// The classes that a class mixes with, and the share of its neighbors that they have, the largest
/// first. Before the pairs are known: those above chance among its neighbors in the features.
fn mixes_with(app: &App, diagnosis: &Diagnosis, class: usize) -> Line {
    let mut others: Vec<(usize, f64)> = if let Some(pairs) = &diagnosis.pairs {
        let mixed = pairs.listed.iter().filter(|p| p.mixed);
        let with = mixed.filter_map(|pair| match pair.classes {
            (a, b) if a == class => Some((b, pair.directions[0].share.value)),
            (a, b) if b == class => Some((a, pair.directions[1].share.value)),
            _ => None,
        });
        with.collect()
    } else {
        let confusion = &diagnosis.confusion;
        let of_class = |rows: Option<&Vec<Vec<bool>>>| rows.and_then(|r| r.get(class)).cloned();
        let marked = of_class(confusion.features_above_chance.as_ref()).unwrap_or_default();
        let row = confusion.features.as_ref().and_then(|rows| rows.get(class));
        let shares = row.into_iter().flatten().copied().enumerate();
        shares
            .filter(|(other, _)| *other != class && marked.get(*other) == Some(&true))
            .collect()
    };
    others.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    if others.is_empty() {
        return "  –".into();
    }
    let mut line = Line::default();
    for (at, (other, share)) in others.iter().take(8).enumerate() {
        line = line
            .and(if at == 0 { "  " } else { ", " }, Role::Plain)
            .then(Line::named(app, *other, 12))
            .and(format!(" {}", text::percent(Some(*share))), Role::Plain);
    }
    line
}
