//! Separation in the features: what probes and neighbors say of each class, with intervals, and
//! whether there is evidence that it is separated.

use super::content::{Column, Content, Line, Role, with_margin};
use super::spec::{PanelSpec, no_labels};
use crate::diagnosis::{ClassSeparation, ClassVerdict, Separation, mixed_with};
use crate::statistics::Estimate;
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::{Action, Choose};
use crate::tui::app::context::{Binding, row};
use crate::tui::terminal::input::Key;

pub(super) const SPEC: PanelSpec = PanelSpec {
    keys: KEYS,
    ..PanelSpec::new(|app| 5 + app.run.classes().max(2), content)
};

const KEYS: &[Binding] = &[row(
    &[Key::Enter],
    "Enter",
    |_| Action::Choose(Choose::SelectClass),
    "select",
    "select the samples of the class; again: deselect them",
)];

/// Columns of a share with its margin, and of the loss.
const SHARE: usize = 9;
const LOSS: usize = 6;

/// A class, and what is known about it.
type Class<'a> = (usize, Option<&'a ClassSeparation>);

fn content(app: &App, width: usize) -> Content<'_> {
    let mut content = Content::new("Separation in the features", width);
    content.remarks.push("% ± 95% interval".into());
    if app.run.classes() == 0 {
        no_labels(app, &mut content);
        return content;
    }
    if app.run.is_provisional() {
        let why = "The clusters were found in the features: clustering itself sets them apart, so there is nothing \
                   to test.";
        content.say(why, Role::Dim);
        return content;
    }
    content.has_cursor = true;
    content.kept = 1;
    let diagnosis = app.run.diagnosis.as_deref();
    let separation = diagnosis.and_then(|d| d.separation.as_ref());
    let known = |class| (class, separation.and_then(|s| s.classes.get(class)));
    content.table(
        (0..app.run.classes()).map(known).collect(),
        columns(app, separation),
    );
    if let Some(separation) = separation {
        content.say(&geometry(separation), Role::Dim);
    }
    content
}

fn columns<'a>(app: &'a App, separation: Option<&'a Separation>) -> Vec<Column<'a, Class<'a>>> {
    // The share of same-class neighbors at k = 10, or at the next smaller k.
    let scale = separation.and_then(|s| s.neighborhood_hits.iter().rposition(|h| h.k <= 10));
    let at_scale = separation
        .zip(scale)
        .map(|(s, at)| &s.neighborhood_hits[at]);
    let scale_k = at_scale.map_or(10, |hits| hits.k);
    let hit = move |class: &ClassSeparation| *class.neighborhood_hits.get(scale?)?;
    let probe = separation
        .and_then(|s| s.probe.as_ref())
        .map(|p| p.balanced_accuracy);
    let logistic = separation
        .and_then(|s| s.logistic.as_ref())
        .map(|p| p.balanced_accuracy);
    let loss = separation.and_then(|s| s.soft_nearest_neighbor_loss);
    let pairs = app.run.diagnosis.as_deref().and_then(|d| d.pairs.as_ref());
    let no_evidence = separation.is_some_and(|s| s.evidence == Some(false));
    vec![
        Column::class(app, 10, |(class, _): &Class<'a>| *class).grow(26),
        Column::number("linear probe", SHARE)
            .short("probe")
            .order("recall of the linear probe", |(_, c): &Class<'a>| {
                Some((*c)?.probe_recall?.value)
            })
            .cell(|(_, c)| c.map_or_else(String::new, |c| share(c.probe_recall)))
            .bar(0, |(_, c)| Some((*c)?.probe_recall?.value))
            .sum(share(probe))
            .role(Role::Bold),
        Column::number("logistic probe", SHARE)
            .short("logistic")
            .short("logist.")
            .priority(1)
            .order("recall of the logistic probe", |(_, c): &Class<'a>| {
                Some((*c)?.logistic_recall?.value)
            })
            .cell(|(_, c)| c.map_or_else(String::new, |c| share(c.logistic_recall)))
            .sum(share(logistic)),
        Column::number(format!("{scale_k}-NN same class"), SHARE)
            .short(format!("{scale_k}-NN same"))
            .short(format!("{scale_k}-NN"))
            .order("same-class neighbors", move |(_, c): &Class<'a>| {
                Some(hit((*c)?)?.value)
            })
            .cell(move |(_, c)| c.map_or_else(String::new, |c| share(hit(c))))
            .bar(1, move |(_, c)| Some(hit((*c)?)?.value))
            .sum(share(at_scale.map(|h| h.hit))),
        Column::number("SNN loss", LOSS)
            .short("loss")
            .priority(2)
            .order("soft nearest neighbor loss", |(_, c): &Class<'a>| {
                Some((*c)?.soft_nearest_neighbor_loss?.value)
            })
            .cell(|(_, c)| c.map_or_else(String::new, |c| value(c.soft_nearest_neighbor_loss)))
            .sum(value(loss)),
        Column::text("  verdict", 9)
            .wide(3, 20)
            .cell(move |(at, c): &Class<'a>| {
                let found = separation.and_then(|s| ClassVerdict::of(s, *at));
                verdict(found, c.is_some_and(|c| c.count < 2))
            })
            .sum(if no_evidence {
                verdict(Some(ClassVerdict::NoEvidence), false)
            } else {
                Line::default()
            }),
        Column::number("mixed pairs", 6)
            .short("mixes")
            .priority(1)
            .order(
                "number of classes it mixes with",
                move |(at, _): &Class<'a>| Some(mixed_with(pairs, *at) as f64),
            )
            .cell(move |(at, _): &Class<'a>| match mixed_with(pairs, *at) {
                0 => Line::of("–", Role::Dim),
                mixed => Line::of(mixed.to_string(), Role::Problem),
            }),
    ]
}

/// What may be said of a class, as the reading says it.
fn verdict(found: Option<ClassVerdict>, too_few: bool) -> Line {
    let Some(found) = found else {
        return if too_few {
            Line::of("  too few", Role::Dim)
        } else {
            Line::default()
        };
    };
    let (short, role) = match found {
        ClassVerdict::ClearlySeparated => ("clearly", Role::Bold),
        ClassVerdict::MostlySeparated => ("mostly", Role::Plain),
        ClassVerdict::BeyondChance => ("some", Role::Plain),
        ClassVerdict::ByNeighbors => ("neigh.", Role::Plain),
        _ => ("none", Role::Problem),
    };
    Line::of(format!("  {}", found.label()), role).or(format!("  {short}"))
}

/// A share in percent with the margin of its interval.
pub(super) fn share(share: Option<Estimate>) -> String {
    with_margin(share, 0, 1)
}

fn value(value: Option<Estimate>) -> String {
    text::decimal(value.map(|v| v.value))
}

/// The geometry of the classes, in one line.
fn geometry(separation: &Separation) -> String {
    [
        format!("R² {}", value(separation.class_separation_r2)),
        format!("NC1 {}", value(separation.nc1)),
        format!("CDNV {}", value(separation.cdnv)),
        format!("silhouette² {}", value(separation.silhouette_squared)),
        format!("n/d {:.1}", separation.samples_per_dimension),
    ]
    .join("  ")
}
