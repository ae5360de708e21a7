//! The current sample: what is known about it, and its nearest neighbors in the features, with the
//! rank at which each comes in the map.

use super::content::{Column, Content, Line, Role};
use super::spec::PanelSpec;
use crate::dataset::UNLABELED;
use crate::diagnosis::map_ranks;
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::{Action, Choose};
use crate::tui::app::context::{Binding, row};
use crate::tui::terminal::input::Key;

pub(super) const SPEC: PanelSpec = PanelSpec {
    keys: KEYS,
    actions: &[(GO_TO_NEIGHBOR, |app| {
        app.go_to_neighbor();
        Vec::new()
    })],
    ..PanelSpec::new(|app| 7 + app.run.table_k.max(3), content)
};

const KEYS: &[Binding] = &[row(
    &[Key::Enter],
    "Enter",
    |_| GO_TO_NEIGHBOR,
    "go to",
    "make this neighbor the current sample",
)];

/// Go to the neighbor under the cursor.
pub(in crate::tui::app) const GO_TO_NEIGHBOR: Action = Action::OfPanel("go-to-neighbor");

/// From this width on, words stand in full.
const WIDE: usize = 60;

/// A neighbor in the features, and its rank in the map.
struct Neighbor {
    sample: usize,
    distance: f64,
    rank: Option<usize>,
}

fn content(app: &App, width: usize) -> Content<'_> {
    let mut content = Content::new("Sample", width);
    content.has_cursor = true;
    let Some(current) = app.samples.selection.current else {
        let help = format!(
            "There is no current sample. {} puts a crosshair on the map, {} searches by id, a click \
             on the map takes the nearest sample.",
            app.key(Action::Choose(Choose::ToggleCrosshair)),
            app.key(Action::Choose(Choose::AskFind))
        );
        content.say(&help, Role::Dim);
        return content;
    };
    content.head = head(app, current, width);
    let neighbors = app.current_neighbors();
    let others: Vec<usize> = neighbors.iter().map(|n| n.sample).collect();
    let ranks = map_ranks(&app.run.snapshot.positions, current, &others);
    let rows = neighbors.iter().enumerate().map(|(at, neighbor)| Neighbor {
        sample: neighbor.sample,
        distance: neighbor.distance,
        rank: ranks.get(at).copied().filter(|rank| *rank > 0),
    });
    let k = app.run.table_k;
    let columns = vec![
        Column::text("nearest (features)", 20)
            .grow(300)
            .cell_in(move |n: &Neighbor, columns| name(app, current, n.sample, columns)),
        Column::number("distance", 9).cell(|n: &Neighbor| significant(n.distance)),
        Column::number("map rank", 9).cell(move |n: &Neighbor| match n.rank {
            Some(rank) if rank <= k => Line::from(rank.to_string()),
            rank => Line::of(rank.map_or_else(|| "–".into(), text::count), Role::Dim),
        }),
    ];
    content.table(rows.collect(), columns);
    content
}

/// Name, label, prediction, silhouette and probabilities.
fn head(app: &App, current: usize, width: usize) -> Vec<Line> {
    let number = format!("  #{current}");
    let mut first = if app.run.data.ids().is_some() {
        let room = width.saturating_sub(number.len());
        let name = app.sample_name(current);
        Line::of(text::shorten_id(&name, room), Role::Bold).and(number, Role::Dim)
    } else {
        Line::of(app.sample_name(current), Role::Bold)
    };
    if app.samples.selection.contains(current) {
        first = first.and("  selected", Role::Dim);
    }
    let mut second = Line::default();
    if let Some(labels) = app.run.data.labels() {
        let entry = labels.class(current).unwrap_or_else(|| labels.classes());
        let label = Line::class(app, entry, (width / 2).saturating_sub(7));
        let what = if app.run.is_provisional() {
            "cluster "
        } else {
            "label "
        };
        second = Line::of(what, Role::Dim).then(label);
    }
    let prediction = app.run.data.predictions().and_then(|p| p.get(current));
    if let Some(prediction) = prediction {
        second = second
            .and("  predicted ", Role::Dim)
            .then(match *prediction {
                UNLABELED => "none of the classes".into(),
                class => Line::class(app, usize::from(class), width / 2 + 2),
            });
    }
    let mut lines = vec![
        first,
        second,
        silhouette(app, width),
        probabilities(app, current, width),
    ];
    if let Some(line) = suspicion(app, current) {
        lines.extend(line.wrap(width, 2));
    }
    if let Some(kept) = app.stability_of(current) {
        lines.push(Line::of("stability ", Role::Dim).and(kept, Role::Plain));
    }
    for column in app.run.data.metadata() {
        let name = text::name(&column.name, width / 2);
        let room = width.saturating_sub(text::width(&name) + 1);
        let value = text::name(&column.values[current], room);
        lines.push(Line::of(format!("{name} "), Role::Dim).and(value, Role::Plain));
    }
    lines
}

fn silhouette(app: &App, width: usize) -> Line {
    let line = Line::of("silhouette ", Role::Dim);
    let known = app.samples.evidence.as_ref();
    let Some(evidence) = known.filter(|e| Some(e.sample) == app.samples.selection.current) else {
        return line.and("…", Role::Dim);
    };
    let line = line.and(text::decimal(evidence.silhouette), Role::Bold);
    let Some(class) = evidence.nearest_class else {
        return line;
    };
    let nearest = if width < WIDE {
        ", nearest ".to_owned()
    } else {
        format!(", nearest other {} ", app.run.class_word())
    };
    let line = line.and(nearest, Role::Dim);
    let room = width.saturating_sub(line.width());
    line.then(Line::class(app, usize::from(class), room))
}

/// The verdict on its label, if the sample is among the suspects.
fn suspicion(app: &App, current: usize) -> Option<Line> {
    let suspects = app.run.diagnosis.as_ref()?.suspects.as_deref()?;
    let suspect = suspects.entries.iter().find(|s| s.row == current)?;
    let line = Line::of(format!("suspect #{} ", suspect.rank), Role::Dim)
        .and(suspect.verdict.label(), Role::Bold);
    let is_known = suspects.is_reliable(&suspect.label);
    let line = if is_known {
        let wrong = text::percent(Some(suspect.probability));
        line.and(format!(", P(wrong) {wrong}"), Role::Plain)
    } else {
        line
    };
    if suspect.suggested == suspect.label {
        return Some(line);
    }
    let suggested = app.class_name_in(&text::safe(&suspect.suggested), 20);
    Some(line.and(format!(", suggested {suggested}"), Role::Plain))
}

/// The classes that the model finds most likely, as many as fit.
fn probabilities(app: &App, current: usize, width: usize) -> Line {
    let Some(probabilities) = app.run.data.probabilities() else {
        return Line::default();
    };
    let row = probabilities.row(current);
    let mut order: Vec<usize> = (0..row.len()).collect();
    order.sort_by(|a, b| row[*b].total_cmp(&row[*a]).then(a.cmp(b)));
    let heading = if width < WIDE {
        "prob. "
    } else {
        "probabilities "
    };
    let mut line = Line::of(heading, Role::Dim);
    for class in order {
        let next = Line::class(app, class, 16).and(format!(" {:.2}  ", row[class]), Role::Bold);
        if line.width() + next.width() > width {
            break;
        }
        line = line.then(next);
    }
    line
}

/// A neighbor by the mark of its class, its label and its name; another label is marked.
fn name(app: &App, current: usize, sample: usize, columns: usize) -> Line {
    let class = |sample: usize| app.run.data.labels().and_then(|l| l.class(sample));
    let differs = class(sample) != class(current);
    let entry = class(sample).unwrap_or_else(|| app.run.classes());
    let index = app.run.class_of(entry);
    let columns = columns.saturating_sub(2);
    let name = app.sample_name(sample);
    let name = if app.run.counts.is_empty() {
        name
    } else {
        let label = (columns / 3).clamp(4, 14);
        let name = text::shorten_id(&name, columns.saturating_sub(label + 1));
        format!(
            "{} {name}",
            text::fit(&app.entry_name_in(entry, label), label)
        )
    };
    Line::of(app.mark(index).to_string(), Role::Class(index))
        .and(if differs { "≠" } else { " " }, Role::Problem)
        .and(name, if differs { Role::Bold } else { Role::Plain })
}

/// A distance in four significant digits.
fn significant(distance: f64) -> String {
    let size = if distance > 0.0 {
        distance.log10().floor() as i32
    } else {
        0
    };
    match size {
        -3..=5 => format!("{distance:.*}", (3 - size).clamp(0, 6) as usize),
        _ => format!("{distance:.2e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::significant;

    #[test]
    fn distances_keep_four_digits() {
        let texts = [0.0, 0.012_346, 1.0, 12.345, 123_456.0, 1e-9, 1e12].map(significant);
        assert_eq!(
            texts,
            [
                "0.000", "0.01235", "1.000", "12.35", "123456", "1.00e-9", "1.00e12"
            ]
        );
    }
}
