//! Commands that give names to selections and views, and bring them back.

use std::sync::Arc;

use crate::error::printable;
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::Record;
use crate::tui::app::command::{DONE, Reply, expected, one_of, split, unquoted};

/// A name as it was typed.
fn name_of(text: &str) -> Result<String, String> {
    let name = unquoted(text)?;
    if name.trim().is_empty() {
        return Err(expected("a name", ""));
    }
    Ok(text::cut(name.trim(), 60).into_owned())
}

/// Gives the selection a name.
pub(super) fn name(app: &mut App, text: &str) -> Reply {
    let name = name_of(text)?;
    if app.samples.selection.is_empty() {
        return Err("nothing is selected; :select selects".into());
    }
    let ids = app.samples.selection.ids();
    let count = text::count(ids.len());
    let is_replaced = app.samples.named.keep_selection(&name, ids)?;
    let name = printable(&name);
    let instead = if is_replaced {
        ", in place of another"
    } else {
        ""
    };
    let said =
        format!("{count} samples are called {name}{instead}; :select {name} brings them back");
    app.promise(said, Record::Names);
    DONE
}

/// Selects what has a name, in place of what is selected.
pub(super) fn select(app: &mut App, text: &str) -> Reply {
    let names: Vec<String> = app.samples.named.selections.keys().cloned().collect();
    if names.is_empty() {
        return Err("no selection has a name yet; :name NAME gives it one".into());
    }
    let name = &names[one_of(&names, text, "the name of a selection")?];
    let ids = app.samples.named.selections.get(name).map(Arc::clone);
    app.select_only(&printable(name), &ids.unwrap_or_default());
    DONE
}

/// Keeps what the map shows under a name, or shows that again.
pub(super) fn view(app: &mut App, text: &str) -> Reply {
    let (word, rest) = split(text);
    if word == "save" && !rest.is_empty() {
        let name = name_of(rest)?;
        let view = app.present_view();
        app.samples.named.keep_view(&name, view)?;
        let name = printable(&name);
        let said = format!("this view is called {name}; :view {name} brings it back");
        app.promise(said, Record::Names);
        return DONE;
    }
    let names: Vec<String> = app.samples.named.views.keys().cloned().collect();
    if names.is_empty() {
        return Err("no view has a name yet; :view save NAME gives it one".into());
    }
    let name = &names[one_of(&names, text, "the name of a view")?];
    if let Some(view) = app.samples.named.views.get(name).cloned() {
        app.show_view(view);
        app.say(format!("view {}", printable(name)));
    }
    DONE
}

/// Forgets the name of a selection or view.
pub(super) fn forget(app: &mut App, text: &str) -> Reply {
    let named = &app.samples.named;
    let names: Vec<String> = named
        .selections
        .keys()
        .chain(named.views.keys())
        .cloned()
        .collect();
    if names.is_empty() {
        return Err("nothing has a name yet; :name NAME names the selection".into());
    }
    let name = names[one_of(&names, text, "the name of a selection or view")?].clone();
    let named = &mut app.samples.named;
    let what = match named.selections.remove(&name) {
        Some(_) => "selection",
        None => "view",
    };
    if what == "view" {
        named.views.remove(&name);
    }
    let said = format!("the {what} {} is forgotten", printable(&name));
    app.promise(said, Record::Names);
    DONE
}
