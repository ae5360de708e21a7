//! Models: which layers and models separate the classes better, how they complement each other, and
//! which to keep. First what to do with each model and a table by class; then the comparison's text, in
//! sections that open and close.

mod rows;

use self::rows::{Leads, Row, rows};
use super::Panel;
use super::content::{Column, Content, Role};
use super::spec::{Handler, PanelSpec};
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::{Action, Compared, Direction, Effect};
use crate::tui::app::context::{Binding, row};
use crate::tui::terminal::input::Key;

pub(super) const SPEC: PanelSpec = PanelSpec {
    keys: KEYS,
    actions: ACTIONS,
    ..PanelSpec::new(|_| 1000, content)
};

#[rustfmt::skip]
const KEYS: &[Binding] = &[
    row(&[Key::Enter], "Enter", |_| ENTER, "open or go", "open or close the section; on a model or layer: show its map"),
    row(&[Key::Char('}'), Key::Char('{')], "} {", |at| if at == 0 { NEXT_SECTION } else { PREVIOUS_SECTION }, "section", "to the next or previous section"),
    row(&[Key::Char('o')], "o", |_| OPEN_ALL, "all", "open all sections; again: close them"),
];

/// Open or close the section under the cursor, or show the model or layer there.
const ENTER: Action = Action::OfPanel("open-section");
const NEXT_SECTION: Action = Action::OfPanel("next-section");
const PREVIOUS_SECTION: Action = Action::OfPanel("previous-section");
const OPEN_ALL: Action = Action::OfPanel("open-all-sections");

const ACTIONS: &[(Action, Handler)] = &[
    (ENTER, enter),
    (NEXT_SECTION, |app| to_section(app, Direction::Forward)),
    (PREVIOUS_SECTION, |app| to_section(app, Direction::Back)),
    (OPEN_ALL, open_all),
];

fn content(app: &App, width: usize) -> Content<'_> {
    let mut content = Content::new("Models · layers and models compared", width);
    match &app.run.compared {
        Compared::Nothing => content.say(
            "Nothing to compare: that takes several feature sets of the same samples, with labels. Open \
             them together, for example as a study file.",
            Role::Plain,
        ),
        Compared::Running(share) => {
            let share = text::percent(Some(f64::from(*share)));
            let text = format!("Comparing the feature sets in the background … {share}");
            content.say(&text, Role::Dim);
        }
        Compared::Failed(reason) => content.say(reason, Role::Problem),
        Compared::Ready(comparison) => {
            content.has_cursor = true;
            let line = Column::text("", 8)
                .grow(500)
                .cell_in(|row: &Row, _| row.line.clone());
            content.table(rows(app, comparison, width), vec![line]);
        }
    }
    content
}

/// The rows as they stand on the screen.
fn shown(app: &App) -> Vec<Row> {
    match &app.run.compared {
        Compared::Ready(comparison) => rows(app, comparison, app.columns_of(Panel::Models)),
        _ => Vec::new(),
    }
}

fn enter(app: &mut App) -> Vec<Effect> {
    let at = app.row_at_cursor(Panel::Models);
    let row = at.and_then(|at| shown(app).into_iter().nth(at));
    match row.map(|row| row.leads) {
        Some(Leads::Section(section)) => {
            if !app.panels.toggled.remove(&section) {
                app.panels.toggled.insert(section);
            }
        }
        Some(Leads::Model(model)) => return app.flip_to_model(model),
        Some(Leads::Set(set)) => return app.flip_to(set),
        Some(Leads::Nowhere) | None => {}
    }
    Vec::new()
}

/// Puts the cursor on the next or previous heading of a section, around the ends.
fn to_section(app: &mut App, to: Direction) -> Vec<Effect> {
    let rows = shown(app);
    let is_heading = |at: &usize| matches!(rows[*at].leads, Leads::Section(_));
    let headings: Vec<usize> = (0..rows.len()).filter(is_heading).collect();
    let row = app.state(Panel::Models).row;
    let next = match to {
        Direction::Forward => headings
            .iter()
            .find(|at| **at > row)
            .or_else(|| headings.first()),
        Direction::Back => headings
            .iter()
            .rfind(|at| **at < row)
            .or_else(|| headings.last()),
    };
    if let Some(next) = next {
        app.put_cursor(Panel::Models, *next);
    }
    Vec::new()
}

/// Opens all sections or, if all are open, closes them.
fn open_all(app: &mut App) -> Vec<Effect> {
    let sections = shown(app).into_iter().filter_map(|row| match row.leads {
        Leads::Section(section) => Some((section, row.is_open)),
        _ => None,
    });
    let sections: Vec<(usize, bool)> = sections.collect();
    let all_open = sections.iter().all(|(_, is_open)| *is_open);
    for (section, is_open) in sections {
        if is_open == all_open && !app.panels.toggled.remove(&section) {
            app.panels.toggled.insert(section);
        }
    }
    let row = app.state(Panel::Models).row;
    app.put_cursor(Panel::Models, row);
    Vec::new()
}
