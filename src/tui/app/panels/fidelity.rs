//! The fidelity of the map: how much of the neighborhoods it keeps, by class, and where it shows
//! classes otherwise than the features hold.

use super::content::{Column, Content, Line, Role};
use super::runs::EXAGGERATES;
use super::spec::PanelSpec;
use crate::diagnosis::{ClassFidelity, Fidelity, Misleading, MisleadingPair, Stability};
use crate::statistics::Estimate;
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::{Action, Further};
use crate::tui::app::command::{Argument, Outcome, Spec, row as command};
use crate::tui::app::context::{Binding, row};
use crate::tui::app::further;
use crate::tui::terminal::input::Key;
use crate::words;

pub(super) const SPEC: PanelSpec = PanelSpec {
    keys: KEYS,
    actions: &[(COMPARE, |app| {
        app.compare_maps().unwrap_or_else(|problem| {
            app.complain(problem);
            Vec::new()
        })
    })],
    commands: COMMANDS,
    ..PanelSpec::new(|app| 9 + app.run.classes(), content)
};

#[rustfmt::skip]
const KEYS: &[Binding] = &[
    row(&[Key::Char('a')], "a", |_| COMPARE, "further maps", "compute further maps in the background, of other seeds and of the neighboring perplexities: what is stable?"),
];

/// Compute further maps and compare them with this one.
const COMPARE: Action = Action::OfPanel("compare-maps");

const COMMANDS: &[Spec] = &[command(
    "stability",
    "",
    Argument::Nothing,
    |app, _| app.compare_maps().map(Outcome::Done),
    "compute further maps in the background, and compare them with this one",
)];

fn content(app: &App, width: usize) -> Content<'_> {
    let mut content = Content::new("Fidelity · can the map be trusted?", width);
    let Some(fidelity) = app.run.fidelity() else {
        content.say("No map has been measured yet.", Role::Dim);
        stability(app, &mut content);
        return content;
    };
    content.sums_first = true;
    content.table(
        (0..fidelity.classes.len()).collect(),
        columns(app, fidelity),
    );
    if let Some(anchors) = fidelity.anchors {
        content.say(
            &format!("~ estimated from {} samples", text::count(anchors)),
            Role::Dim,
        );
    }
    if let Some(correlation) = fidelity.distance_correlation {
        let correlation = words::estimate(Some(correlation), 2);
        let said = format!("Distances in features and map: rank correlation {correlation}.");
        content.say(&said, Role::Plain);
    }
    exaggeration(app, &mut content);
    stability(app, &mut content);
    misleading(app, fidelity, &mut content);
    if fidelity.trustworthiness.is_none() {
        let later = "Trustworthiness, continuity and R_NX follow once the map has stopped moving.";
        content.say(later, Role::Dim);
    }
    content
}

/// "The map sets the classes farther apart than the features do: silhouette 0.64, in the features 0.29."
fn exaggeration(app: &App, content: &mut Content<'_>) {
    let Some(silhouette) = app.run.diagnosis.as_deref().map(|d| d.silhouette) else {
        return;
    };
    let map = app.run.of_map(silhouette.in_map());
    let (Some(map), Some(features)) = (map, silhouette.in_features()) else {
        return;
    };
    if map - features >= EXAGGERATES {
        let said = format!(
            "The map sets the {} farther apart than the features do: silhouette {}, in the features {}.",
            app.run.classes_word(),
            text::number(Some(map), 2),
            text::number(Some(features), 2)
        );
        content.say(&said, Role::Plain);
    }
}

/// The numbers overall, then by class.
fn columns<'a>(app: &'a App, fidelity: &'a Fidelity) -> Vec<Column<'a, usize>> {
    let name =
        Column::text(format!("{} neighbors", fidelity.k), 8).short(format!("{} near", fidelity.k));
    let name = name.names(2 + app.widest_entry()).grow(24);
    let name = name.cell_in(|class, columns| Line::class(app, *class, columns));
    let mut columns = vec![name.sum(Line::of("all", Role::Bold))];
    let classes = &fidelity.classes;
    let mut add = |(heading, short), all, of: fn(&ClassFidelity) -> Option<Estimate>| {
        let column = Column::number(heading, 7).short(short);
        let column = column.sum(Line::of(estimate(all), Role::Bold));
        let column = column.cell(move |class: &usize| estimate(of(&classes[*class])));
        let number = columns.len() as u8;
        columns.push(column.bar(number, move |class| Some(of(&classes[*class])?.value)));
    };
    let trust = ("trustworthiness", "trust");
    add(trust, fidelity.trustworthiness, |c| c.trustworthiness);
    let continuity = ("continuity", "contin");
    add(continuity, fidelity.continuity, |c| c.continuity);
    let kept = ("neighbors kept", "kept");
    add(kept, fidelity.knn_recall, |c| c.knn_recall);
    add(("area of R_NX", "R_NX"), fidelity.rnx_area, |c| c.rnx_area);
    columns.extend(stable(app, columns.len() as u8));
    columns
}

/// A number, marked if it is an estimate; `–` where it is not computed.
fn estimate(estimate: Option<Estimate>) -> String {
    let mark = if estimate.is_some_and(|e| e.standard_error.is_some()) {
        "~"
    } else {
        ""
    };
    format!("{}{mark}", text::number(estimate.map(|e| e.value), 3))
}

/// The share of neighbors kept on several maps, if they were compared, with the labels as they are.
fn stable(app: &App, number: u8) -> Option<Column<'_, usize>> {
    let found = app.stability()?;
    let counts = found.classes.iter().map(|class| class.count);
    if !counts.eq(app.run.counts.iter().copied().take(app.run.classes())) {
        return None;
    }
    let kept = |class: &usize| found.classes.get(*class)?.kept;
    let all = text::number(Some(found.mean_kept.value), 3);
    let column = Column::number("stable", 7).sum(Line::of(all, Role::Bold));
    let column = column.cell(move |class: &usize| text::number(kept(class).map(|k| k.value), 3));
    Some(column.bar(number, move |class| Some(kept(class)?.value)))
}

/// What several maps have in common: further ones, if any were asked for, or those that were visited.
fn stability(app: &App, content: &mut Content<'_>) {
    let diagnosis = app.run.diagnosis.as_ref();
    match app.sets.further.get(&app.sets.current) {
        Some(Further::Running { done, all }) => content.say(
            &format!("Further maps are being computed: {done} of {all} are done."),
            Role::Dim,
        ),
        Some(Further::Failed(reason)) => {
            content.say(
                &format!("The maps could not be compared: {reason}."),
                Role::Problem,
            );
        }
        Some(Further::Ready(common)) => {
            let found = &common.found;
            let maps = format!("maps ({})", further::named(&common.maps));
            content.say(&in_common(found, &maps), Role::Plain);
            let places = match found.unstable {
                0 => "Every sample keeps at least half as many neighbors from map to map as the median sample."
                    .to_owned(),
                unstable => format!(
                    "Samples that keep less than half as many neighbors from map to map as the median sample have no \
                     stable place: {} ({}). :color stability marks them with ?, :select unstable selects them.",
                    words::count(unstable, "sample", "samples"),
                    words::percent(unstable as f64 / found.points.len().max(1) as f64),
                ),
            };
            content.say(&places, Role::Plain);
            if let Some(regions) = regions(app, found) {
                content.say(&regions, Role::Plain);
            }
        }
        None => {
            let key = app.key(COMPARE);
            let ask = format!("{key}: further maps, to see what is stable");
            content.say(&ask, Role::Dim);
            if let Some(found) = diagnosis.and_then(|d| d.stability.as_deref()) {
                content.say(
                    &in_common(found, "maps of other perplexities or seeds"),
                    Role::Plain,
                );
                if let Some(regions) = regions(app, found) {
                    content.say(&regions, Role::Plain);
                }
            }
        }
    }
}

/// "6 maps (…): 71 ± 1% of a sample's neighbors in one are also its neighbors in another."
fn in_common(found: &Stability, maps: &str) -> String {
    format!(
        "{} {maps}: {}% of a sample's {} neighbors in one are also its neighbors in {} (by chance {}).",
        found.maps,
        words::estimate(Some(found.mean_kept.scaled(100.0)), 0),
        found.options.k,
        if found.maps == 2 {
            "the other"
        } else {
            "another"
        },
        words::percent(found.chance),
    )
}

/// On how many of the maps each class is clearly apart, if any is on one.
fn regions(app: &App, found: &Stability) -> Option<String> {
    let classes = found.classes.iter().enumerate();
    let known = classes.filter_map(|(c, class)| Some((c, class.apart?)));
    let in_some = known.clone().any(|(_, maps)| maps > 0);
    let named = known.map(|(c, maps)| {
        let name = app.entry_name_in(c, 16);
        format!("{name} ({maps} of {})", found.maps)
    });
    let named: Vec<String> = named.collect();
    let regions = format!(
        "On how many maps the {} are clearly apart: {}.",
        app.run.classes_word(),
        named.join(", ")
    );
    in_some.then_some(regions)
}

/// Where the map mixes classes more or less than the features.
fn misleading(app: &App, fidelity: &Fidelity, content: &mut Content<'_>) {
    let Some(mixing) = &fidelity.mixing else {
        return;
    };
    let all = || mixing.misleading.iter().chain(&mixing.misleading_hits);
    for (kind, head) in [
        (Misleading::MixedInMap, "Mixed more on the map:"),
        (Misleading::HiddenInMap, "Mixed less on the map:"),
    ] {
        let mut named = all().filter(|pair| pair.kind == kind).peekable();
        if named.peek().is_some() {
            content.say(head, Role::Bold);
        }
        for pair in named {
            content.say(&sentence(app, pair), Role::Plain);
        }
    }
    if all().next().is_none() {
        let same = format!(
            "The shares of neighbors from other {} do not differ significantly between the map and the features.",
            app.run.classes_word()
        );
        content.say(&same, Role::Plain);
    }
}

/// "class 2: 16% of its neighbors on the map are of class 1, 9.1% in the features (+7 ± 3 points)", or "class 2
/// looks purer: 42% of its neighbors on the map are of class 2, 34% in the features (+8 ± 3 points)".
fn sentence(app: &App, pair: &MisleadingPair) -> String {
    let name = |class: usize| app.entry_name_in(class, 16);
    let (from, to, here) = (name(pair.from), name(pair.to), words::percent(pair.map));
    let looks = match pair.kind {
        Misleading::MixedInMap => "more mixed",
        Misleading::HiddenInMap => "purer",
    };
    let class = app.run.class_word();
    let shown = if pair.from == pair.to {
        format!(
            "{class} {from} looks {looks}: {here} of its neighbors on the map are of {class} {from}"
        )
    } else {
        format!("{class} {from}: {here} of its neighbors on the map are of {class} {to}")
    };
    format!(
        "{shown}, {} in the features ({} ± {:.0} points)",
        words::percent(pair.features),
        words::signed(100.0 * pair.difference.value, 0),
        100.0 * pair.difference.margin().unwrap_or_default()
    )
}
