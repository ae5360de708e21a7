//! Pairs of classes: which mix, by their neighbors and by a linear rule, in the map, and in the
//! classifier's own answers.

use super::content::{Column, Content, Line, Role, percent, with_margin};
use super::spec::{PanelSpec, mark_clusters, no_labels};
use crate::diagnosis::{HeadVerdict, PairMixing, Pairs};
use crate::statistics::Estimate;
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::Action;
use crate::tui::app::context::{Binding, row};
use crate::tui::terminal::input::Key;

pub(super) const SPEC: PanelSpec = PanelSpec {
    keys: KEYS,
    actions: &[(SELECT_PAIR, App::select_pair)],
    ..PanelSpec::new(
        |app| 4 + pairs(app).map_or(0, |p| p.listed.len()).max(2),
        content,
    )
};

const KEYS: &[Binding] = &[row(
    &[Key::Enter],
    "Enter",
    |_| SELECT_PAIR,
    "only these",
    "show only these two classes, and select the samples of each that lie on the other's side",
)];

/// Show the pair under the cursor, and select its mixed samples.
pub(in crate::tui::app) const SELECT_PAIR: Action = Action::OfPanel("select-pair");

/// Columns of a share in whole percent with its margin, and with decimals; the same without margin.
const SHARE: (usize, usize) = (6, 9);
const PLAIN: (usize, usize) = (4, 6);
/// Columns of the classifier's confusion, for its heading.
const CLASSIFIER: usize = 6;
/// Columns of two names with a bar between them: the least and the most.
const NAMES: (usize, usize) = (13, 35);
/// Stands between them where there is room.
const BETWEEN: &str = " | ";
/// The priority of decimals.
const DECIMALS: u8 = 3;

fn pairs(app: &App) -> Option<&Pairs> {
    app.run.diagnosis.as_deref()?.pairs.as_ref()
}

fn content(app: &App, width: usize) -> Content<'_> {
    let mut content = Content::new(format!("Pairs of {}", app.run.classes_word()), width);
    mark_clusters(app, &mut content);
    content.remarks.push(format!(
        "● mixed; % on the other {}'s side",
        app.run.class_word()
    ));
    if app.run.classes() == 0 {
        no_labels(app, &mut content);
        return content;
    }
    let Some(pairs) = pairs(app) else {
        content.say(
            &format!(
                "Not computed yet, or fewer than two {}.",
                app.run.classes_word()
            ),
            Role::Dim,
        );
        return content;
    };
    let has_head = pairs.listed.iter().any(|p| p.head.is_some());
    if has_head {
        let marks =
            "classifier: = also mixes them  ! mixes them needlessly  + separates them better";
        content.remarks.push(marks.into());
    }
    content.has_cursor = true;
    content.head.push(Line::of(summary(pairs), Role::Bold));
    let role = |pair: &PairMixing| if pair.mixed { Role::Bold } else { Role::Dim };
    let roles: Vec<Role> = pairs.listed.iter().map(role).collect();
    content.table(
        pairs.listed.iter().zip(roles).collect(),
        columns(app, has_head),
    );
    content
}

fn summary(pairs: &Pairs) -> String {
    let least = pairs.thresholds.least_percent();
    let total = text::count(pairs.total);
    match pairs.mixed {
        0 => format!("none of {total} pairs is mixed (≥ {least}%)"),
        1 => format!("1 of {total} pairs is mixed (≥ {least}%)"),
        mixed => format!(
            "{} of {total} pairs are mixed (≥ {least}%)",
            text::count(mixed)
        ),
    }
}

/// A pair, and how its overlap looks.
type Row<'a> = (&'a PairMixing, Role);

fn columns<'a>(app: &'a App, has_head: bool) -> Vec<Column<'a, Row<'a>>> {
    let in_map = move |p: &PairMixing| {
        p.map_neighbor_overlap
            .filter(|_| app.run.map_figures_hold())
    };
    let with_decimals = |columns: usize, (_, wide): (usize, usize)| usize::from(columns >= wide);
    let share = move |share, columns| {
        let decimals = with_decimals(columns, SHARE);
        with_margin(share, decimals, decimals)
    };
    let plain = move |share, columns| percent(share, with_decimals(columns, PLAIN));
    let mut columns = vec![
        Column::text(format!("  {}", app.run.classes_word()), NAMES.0 + 2)
            .wide(DECIMALS, NAMES.0 + 4)
            .names(2 + BETWEEN.len() + 2 * app.widest_entry())
            .grow(NAMES.1 + 2)
            .own_order("smaller overlap (by neighbors or linear rule)")
            .cell_in(move |(pair, role): &Row<'a>, columns| {
                Line::of(if pair.mixed { "● " } else { "  " }, *role).then(names(
                    app,
                    pair.classes,
                    columns.saturating_sub(2),
                ))
            }),
        Column::number("neighbors", SHARE.0)
            .short("neigh")
            .wide(DECIMALS, SHARE.1)
            .order("overlap by the neighbors", |(p, _): &Row<'a>| {
                Some(p.neighbor_overlap.value)
            })
            .cell_in(move |(p, role), width| {
                let overlap = Some(p.neighbor_overlap);
                Line::of(share(overlap, width), heat(overlap, *role))
            }),
        Column::number("linear rule", SHARE.0)
            .short("linear")
            .short("lin")
            .wide(DECIMALS, SHARE.1)
            .order("overlap by the linear rule", |(p, _): &Row<'a>| {
                Some(p.linear_overlap?.value)
            })
            .cell_in(move |(p, role), width| {
                Line::of(
                    share(p.linear_overlap, width),
                    heat(p.linear_overlap, *role),
                )
            }),
        Column::number("map", PLAIN.0)
            .priority(1)
            .wide(DECIMALS, PLAIN.1)
            .order("overlap on the map", move |(p, _): &Row<'a>| {
                Some(in_map(p)?.value)
            })
            .cell_in(move |(p, role), width| {
                Line::of(plain(in_map(p), width), heat(in_map(p), *role))
            }),
    ];
    if has_head {
        columns.push(
            Column::number("classifier", CLASSIFIER)
                .short("model")
                .priority(2)
                .order("confusion by the classifier", |(p, _): &Row<'a>| {
                    Some(p.head_confusion?.value)
                })
                .cell(|(p, role)| {
                    Line::of(percent(p.head_confusion, 1), heat(p.head_confusion, *role))
                }),
        );
        columns.push(
            Column::text("", 2)
                .priority(2)
                .cell(|(p, _): &Row<'a>| classifier(p)),
        );
    }
    let heading = |arrow: &str| format!("  {arrow} {:>4}{:>5}", "%", "×");
    let directions = Column::text(heading("→") + &heading("←"), 26);
    columns.push(
        directions
            .priority(4)
            .cell(|(p, _): &Row<'a>| directions_of(p)),
    );
    columns
}

/// The color of a share, bold if the pair is mixed.
fn heat(share: Option<Estimate>, role: Role) -> Role {
    let share = share.map(|share| (100.0 * share.value).round().clamp(0.0, 100.0) as u8);
    share.map_or(role, |share| Role::Share(share, role == Role::Bold))
}

/// Two names side by side in at most `columns`.
fn names(app: &App, (a, b): (usize, usize), columns: usize) -> Line {
    let between = if columns >= NAMES.0 + 4 { BETWEEN } else { "|" };
    let each = columns.saturating_sub(between.len()) / 2;
    let name = |class| text::fit(&app.entry_name_in(class, each), each);
    Line::of(name(a), Role::Class(a as u16))
        .and(between, Role::Dim)
        .and(name(b), Role::Class(b as u16))
}

/// Whether the classifier mixes the pair as its features do.
fn classifier(pair: &PairMixing) -> Line {
    match pair.head {
        Some(HeadVerdict::WastesSeparation) => Line::of(" !", Role::Problem),
        Some(HeadVerdict::ConfusesMixed) => " =".into(),
        Some(HeadVerdict::SeparatesMixed) => " +".into(),
        _ => Line::default(),
    }
}

/// What share of the neighbors of each class the other has, and how many times that is chance.
fn directions_of(pair: &PairMixing) -> String {
    let both = pair.directions.iter().zip(["→", "←"]);
    let written = both.map(|(direction, arrow)| {
        let share = percent(Some(direction.share), 1);
        let times = direction
            .enrichment
            .map_or_else(String::new, |e| format!("×{:.1}", e.value));
        format!("  {arrow} {share:>4}{times:>5}")
    });
    written.collect()
}
