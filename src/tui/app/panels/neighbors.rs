//! The neighbor table: which labels the nearest neighbors of each class have, in the features or in
//! the map, or in both where there is room.

use super::content::{Column, Content, Line, Role};
use super::spec::{PanelSpec, mark_clusters, no_labels};
use super::{Panel, Space};
use crate::diagnosis::{Diagnosis, MixingDifference};
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::{Action, Direction};
use crate::tui::app::command::{self, Argument, Outcome, Reply, Spec, Word};
use crate::tui::app::context::{Binding, row};
use crate::tui::terminal::input::Key;

pub(super) const SPEC: PanelSpec = PanelSpec {
    beside: |_| true,
    keys: KEYS,
    actions: &[(SELECT_CELL, App::select_cell)],
    commands: COMMANDS,
    ..PanelSpec::new(|app| 3 + app.run.classes(), content)
};

#[rustfmt::skip]
const KEYS: &[Binding] = &[
    row(&[Key::Enter], "Enter", |_| SELECT_CELL, "its samples", "select the samples behind the cell: those of the row's class with neighbors of the column's label"),
    row(&[Key::Left, Key::Right], "← →", |at| Action::ScrollColumns(if at == 0 { Direction::Back } else { Direction::Forward }), "cell", "to the previous or next cell of the row"),
];

/// Select the samples behind the cell under the cursor.
const SELECT_CELL: Action = Action::OfPanel("select-cell");

const SPACES: &[Word] = &[
    command::word("features", "neighbors in the features"),
    command::word("map", "neighbors on the map"),
];

const COMMANDS: &[Spec] = &[command::row(
    "neighbors",
    "features | map",
    Argument::Words(SPACES),
    count_neighbors,
    "which neighbors the Neighbors panel counts",
)];

fn count_neighbors(app: &mut App, text: &str) -> Reply {
    let spaces = [("features", Space::Features), ("map", Space::Map)];
    let space = command::one_word(&spaces, text)?;
    Ok(Outcome::Act(if app.panels.space == space {
        Action::Show(Panel::Neighbors)
    } else {
        Action::SwitchSpace
    }))
}

/// The narrowest and widest column of a class: "100▲" and a space.
const CELL: (usize, usize) = (5, 9);
/// The narrowest and widest column of the rows' names, their mark included.
const NAME: (usize, usize) = (10, 18);
/// More classes than this have numbers at their columns.
const MOST_NAMED: usize = 100;
/// Columns between the table of the features and that of the map.
const GAP: usize = 3;

fn content(app: &App, width: usize) -> Content<'_> {
    let classes = app.run.classes();
    let headings = Headings::of(app);
    let (longest, all) = (headings.longest(app), classes * CELL.0);
    let both = classes > 0 && 2 * (longest + all) + GAP <= width;
    let k = app.run.counted_k();
    let title = match (both, app.panels.space) {
        (true, _) if app.run.is_provisional() => {
            format!("Neighbors · clusters of the {k} nearest, %")
        }
        (true, _) => format!("Neighbors · labels of the {k} nearest, %"),
        (false, Space::Features) => format!("Neighbors · {k} in features, %"),
        (false, Space::Map) => format!("Neighbors · {k} on the map, %"),
    };
    let mut content = Content::new(title, width);
    mark_clusters(app, &mut content);
    if classes == 0 {
        no_labels(app, &mut content);
        return content;
    }
    content.has_cursor = true;
    content.remarks.push("▲ above chance".into());
    let misleads = |m: &MixingDifference| !m.misleading.is_empty() || !m.misleading_hits.is_empty();
    if app.run.mixing().is_some_and(misleads) {
        content.remarks.push("! map misleads".into());
    }
    // A shorter name if that makes all columns fit.
    let room = width.saturating_sub(all);
    let name = if both || room < longest.min(NAME.0) {
        longest
    } else {
        longest.min(room)
    };
    let mut columns = Vec::new();
    let spaces = if both {
        vec![Space::Features, Space::Map]
    } else {
        vec![app.panels.space]
    };
    for (at, space) in spaces.into_iter().enumerate() {
        let table = Table { app, space };
        let name = Column::text(
            if space == Space::Map {
                "map"
            } else {
                "features"
            },
            name,
        );
        let name = headings.name_rows(app, name);
        if at == 0 {
            let same = move |class: &usize| table.cell(*class, *class).0;
            columns.push(
                name.own_order("class (order of the file)")
                    .order("neighbors of the same class", same),
            );
        } else {
            columns.push(Column::text("", GAP));
            columns.push(name);
        }
        for class in 0..classes {
            let column = headings.column(app, class).grow(CELL.1);
            let column = column.cell(move |row: &usize| table.line(*row, class));
            content.cells.push(columns.len());
            columns.push(if both { column } else { column.scrolls() });
        }
    }
    content.table((0..classes).collect(), columns);
    content
}

/// How rows and columns are named, where columns are too narrow for names.
#[derive(Clone, Copy)]
enum Headings {
    /// By what follows the start that all names have in common (bytes).
    Names(usize),
    /// By number, the rows by number and name.
    Numbers,
}

impl Headings {
    /// Names, if their first characters in the narrowest column differ.
    fn of(app: &App) -> Self {
        let classes = app.run.classes();
        if classes > MOST_NAMED {
            return Self::Numbers;
        }
        let names: Vec<String> = (0..classes).map(|class| app.entry_name(class)).collect();
        let common = common_start(&names);
        let start = |name: &String| text::head(&name[common..], CELL.0 - 1).to_owned();
        let mut short: Vec<String> = names.iter().map(start).collect();
        short.sort_unstable();
        short.dedup();
        if short.len() == classes {
            Self::Names(common)
        } else {
            Self::Numbers
        }
    }

    /// The name of a row.
    fn row(self, app: &App, class: usize) -> String {
        match self {
            Self::Names(_) => app.entry_name(class),
            Self::Numbers => format!("{} {}", class + 1, app.entry_name(class)),
        }
    }

    /// A column with the marks and names of the rows.
    fn name_rows<'a>(self, app: &'a App, column: Column<'a, usize>) -> Column<'a, usize> {
        column.cell_in(move |class, columns| {
            let mark = app.mark(*class as u16).to_string();
            let name = self.row(app, *class);
            let name = text::shorten(&name, columns.saturating_sub(3));
            Line::of(mark, Role::Class(*class as u16)).and(format!(" {name}"), Role::Plain)
        })
    }

    /// A column of a class; a space stands above the marks of the cells.
    fn column<'a>(self, app: &App, class: usize) -> Column<'a, usize> {
        let (name, short) = match self {
            Self::Names(common) => {
                let name = app.entry_name(class);
                let start = name.get(common..).unwrap_or(&name);
                let start = text::head(start, CELL.0 - 1).to_owned();
                (name, start)
            }
            Self::Numbers => ((class + 1).to_string(), String::new()),
        };
        let column = Column::number(name + " ", CELL.0).heading_role(Role::Class(class as u16));
        if short.is_empty() {
            column
        } else {
            column.short(short + " ")
        }
    }

    /// Columns of the rows' names with their marks and a blank.
    fn longest(self, app: &App) -> usize {
        let classes = 0..app.run.classes().min(MOST_NAMED);
        let widths = classes.map(|class| 3 + text::width(&self.row(app, class)));
        widths.max().unwrap_or(0).clamp(NAME.0, NAME.1)
    }
}

/// Bytes that all names have in common at their start, if something is left of each.
fn common_start(names: &[String]) -> usize {
    let Some(first) = names.first() else {
        return 0;
    };
    let ends = first.char_indices().map(|(at, c)| at + c.len_utf8());
    let common = ends.take_while(|end| {
        let start = &first[..*end];
        names.iter().all(|n| n.starts_with(start) && n.len() > *end)
    });
    common.last().unwrap_or(0)
}

/// The table in one space.
#[derive(Clone, Copy)]
struct Table<'a> {
    app: &'a App,
    space: Space,
}

impl<'a> Table<'a> {
    fn diagnosis(self) -> Option<&'a Diagnosis> {
        let holds = self.space == Space::Features || self.app.run.map_figures_hold();
        self.app.run.diagnosis.as_deref().filter(|_| holds)
    }

    /// A cell's share, and whether it is above chance.
    fn cell(self, row: usize, column: usize) -> (Option<f64>, bool) {
        let Some(confusion) = self.diagnosis().map(|d| &d.confusion) else {
            return (None, false);
        };
        let (shares, marks) = match self.space {
            Space::Features => (&confusion.features, &confusion.features_above_chance),
            Space::Map => (&confusion.map, &confusion.map_above_chance),
        };
        let share = shares
            .as_ref()
            .and_then(|s| s.get(row)?.get(column).copied());
        let marked = marks
            .as_ref()
            .and_then(|m| m.get(row)?.get(column).copied());
        (share, marked.unwrap_or(false))
    }

    /// Whether this cell of the map differs from the features beyond noise.
    fn misleads(self, row: usize, column: usize) -> bool {
        let mixing = self.app.run.mixing();
        self.space == Space::Map && mixing.is_some_and(|m| m.of(row, column).is_some())
    }

    fn line(self, row: usize, column: usize) -> Line {
        let (share, marked) = self.cell(row, column);
        let role = match share {
            Some(0.0) => Role::Dim,
            Some(share) => Role::Share((100.0 * share).round() as u8, marked),
            None => Role::Plain,
        };
        let sign = if marked { '▲' } else { ' ' };
        let warning = if self.misleads(row, column) { "!" } else { "" };
        Line::of(format!("{warning}{}{sign}", percent(share)), role)
    }
}

/// A share in whole percent without the sign; `·` for none at all.
fn percent(share: Option<f64>) -> String {
    match share {
        Some(0.0) => "·".into(),
        Some(share) if share > 0.0 && share < 0.005 => "<1".into(),
        share => text::number(share.map(|s| 100.0 * s), 0),
    }
}
