//! The journal, newest entry first.

use std::sync::Arc;

use super::content::{Column, Content, Role};
use super::spec::PanelSpec;
use crate::error::printable;
use crate::journal::{Entry, Event};
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::Action;
use crate::tui::app::command::{self, Argument, Outcome, Spec};
use crate::tui::app::context::{Binding, row};
use crate::tui::terminal::input::Key;

pub(super) const SPEC: PanelSpec = PanelSpec {
    keys: KEYS,
    actions: &[(GO_TO_ENTRY, |app| app.unless_failed(App::go_to_entry))],
    commands: COMMANDS,
    ..PanelSpec::new(|app| 4 + app.journal.entries.len().max(3), content)
};

const KEYS: &[Binding] = &[row(
    &[Key::Enter],
    "Enter",
    |_| GO_TO_ENTRY,
    "go back",
    "go back to the map, view and selection of the entry",
)];

const COMMANDS: &[Spec] = &[command::row(
    "picture",
    "",
    Argument::Nothing,
    |app, _| Ok(Outcome::Done(app.keep_picture())),
    "keep the current picture of the map in the journal, with its numbers",
)];

/// Go back to the entry under the cursor.
const GO_TO_ENTRY: Action = Action::OfPanel("go-to-entry");

/// Columns of the time without seconds, in UTC.
const TIME: usize = 16;

fn content(app: &App, width: usize) -> Content<'_> {
    let mut content = Content::new("Journal · newest first", width);
    if app.journal.entries.is_empty() {
        let key = app.key(Action::KeepPicture);
        content.say(
            &format!(
                "The journal has no entries yet. {key} keeps the current picture of the map, and :note TEXT a note."
            ),
            Role::Dim,
        );
        return content;
    }
    content.has_cursor = true;
    let rows = app.journal_rows();
    let role = |entry: &Arc<Entry>| match entry.event {
        Event::Note { .. } | Event::Picture(_) => Role::Bold,
        Event::Map { .. } | Event::Opened(_) => Role::Dim,
        _ => Role::Plain,
    };
    content.roles = rows.iter().map(role).collect();
    if let Some(file) = &app.journal.file {
        content.remarks.push(printable(&file.display().to_string()));
    }
    content.table(
        rows,
        vec![
            Column::text("time (UTC)", TIME + 1)
                .short("time")
                .priority(1)
                .cell(|entry: &Arc<Entry>| time(&entry.time)),
            Column::text("what", 11).cell(|entry: &Arc<Entry>| entry.kind()),
            Column::text("entry", 24)
                .grow(200)
                .cell_in(|entry: &Arc<Entry>, columns| {
                    text::cut(&printable(&entry.text()), columns)
                        .into_owned()
                        .into()
                }),
        ],
    );
    content
}

/// A time without seconds.
fn time(time: &str) -> String {
    let short: String = time.chars().take(TIME).collect();
    printable(&short.replace('T', " "))
}
