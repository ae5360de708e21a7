//! The keys in effect: those of the key table, with the user's changes.
//!
//! In: names of actions with the keys that the user wants for them. Out: a [`Keymap`] that answers
//! which action a key means in a context, and how the keys of an action are written in footer and
//! help. Keys of typing and of the help are fixed, and so is Ctrl-C, which always leads out.

use std::borrow::Cow;

use super::action::Action;
use super::context::{Binding, Context};
use crate::tui::terminal::input::Key;
use crate::words;

/// A row of the key table with its keys in effect.
#[derive(Clone)]
pub(crate) struct Row {
    /// Where its keys work.
    pub(crate) context: Context,
    /// The row.
    pub(crate) binding: &'static Binding,
    /// Its keys, and what each does.
    keys: Vec<(Key, Action)>,
    /// How the keys are written; empty where they are left to other rows.
    pub(crate) shown: Cow<'static, str>,
}

impl Row {
    fn of((context, binding): (Context, &'static Binding)) -> Self {
        let keys = binding.keys.iter().enumerate();
        Self {
            context,
            binding,
            keys: keys.map(|(at, key)| (*key, (binding.action)(at))).collect(),
            shown: Cow::Borrowed(binding.shown),
        }
    }

    /// What its first key does.
    pub(crate) fn action(&self) -> Action {
        (self.binding.action)(0)
    }

    /// Its keys as footer and help write them.
    fn written(&self) -> Cow<'static, str> {
        let keys: Vec<String> = self.keys.iter().map(|(key, _)| key.written()).collect();
        Cow::Owned(keys.join(" "))
    }

    /// True if no key is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

/// The keys in effect: the rows of the key table in its order.
#[derive(Clone)]
pub(crate) struct Keymap {
    rows: Vec<Row>,
}

impl std::fmt::Debug for Keymap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keymap({} rows)", self.rows.len())
    }
}

/// Whether the keys of a context can be changed.
fn can_change(context: Context) -> bool {
    !matches!(
        context,
        Context::Help | Context::Menu | Context::Prompt | Context::Command | Context::Confirm
    )
}

impl Keymap {
    /// The keys of a table.
    pub(crate) fn of(table: impl Iterator<Item = (Context, &'static Binding)>) -> Self {
        Self {
            rows: table.map(Row::of).collect(),
        }
    }

    /// The same with other keys for some actions; keys that do another thing already, and are not
    /// taken from it, are an error.
    pub(crate) fn with(&self, changes: &[(String, Vec<Key>)]) -> Result<Self, Conflict> {
        let mut map = self.clone();
        for (at, (wanted, keys)) in changes.iter().enumerate() {
            let mut known = false;
            for row in map.rows.iter_mut().filter(|r| can_change(r.context)) {
                let actions = row.binding.actions();
                let context = row.context;
                let mut named = actions
                    .iter()
                    .filter(|a| self.name_in(context, **a) == *wanted);
                if let Some(action) = named.next() {
                    known = true;
                    let kept = row.keys.iter().filter(|(_, a)| a != action);
                    let new = keys.iter().map(|key| (*key, *action));
                    row.keys = kept.copied().chain(new).collect();
                    let order = |(_, a): &(Key, Action)| actions.iter().position(|x| x == a);
                    row.keys.sort_by_key(order);
                    row.shown = row.written();
                }
            }
            if !known {
                return Err(Conflict::Unknown(at));
            }
        }
        for (at, (wanted, keys)) in changes.iter().enumerate() {
            for key in keys {
                if let Some(other) = map.other_meaning(wanted, *key) {
                    return Err(Conflict::Taken(at, *key, other));
                }
            }
        }
        Ok(map)
    }

    /// The names of what a key does in the context of a row.
    fn meanings_in(&self, row: &Row, key: Key) -> impl Iterator<Item = String> {
        let found = row.keys.iter().filter(move |(k, _)| *k == key);
        found.map(|(_, action)| self.name_in(row.context, *action))
    }

    /// What else a key means in a context in which it means this.
    fn other_meaning(&self, wanted: &str, key: Key) -> Option<String> {
        let means = |row: &&Row| self.meanings_in(row, key).any(|name| name == wanted);
        let contexts: Vec<Context> = self.rows.iter().filter(means).map(|r| r.context).collect();
        let beside = self.rows.iter().filter(|r| contexts.contains(&r.context));
        beside
            .flat_map(|row| self.meanings_in(row, key))
            .find(|other| other != wanted)
    }

    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// What a key does in a context: in panels, keys without a meaning of their own there keep that
    /// of the map.
    pub(crate) fn action(&self, context: Context, key: Key) -> Option<Action> {
        let find = |wanted: Context| {
            let rows = self.rows.iter().filter(|row| row.context == wanted);
            rows.flat_map(|row| &row.keys)
                .find_map(|(k, action)| (*k == key).then_some(*action))
        };
        if let Some(found) = find(context).or_else(|| context.chain().iter().find_map(|c| find(*c)))
        {
            return Some(found);
        }
        match key {
            Key::Ctrl('c') => Some(Action::Quit),
            Key::Ctrl('z') => Some(Action::Suspend),
            Key::Ctrl('l') => Some(Action::Redraw),
            _ => None,
        }
    }

    /// The names of the actions that a key leads to, in the order of the table.
    pub(crate) fn meanings(&self, key: Key) -> Vec<String> {
        let names = self.rows.iter().flat_map(|row| self.meanings_in(row, key));
        names.collect()
    }

    /// How the first key of an action is written, wherever it has one.
    pub(crate) fn key_of(&self, wanted: Action) -> Option<String> {
        let mut keys = self.rows.iter().flat_map(|row| &row.keys);
        let found = keys.find(|(_, action)| *action == wanted);
        found.map(|(key, _)| key.shown())
    }

    /// The actions whose keys can be changed: name, keys, what the help says. In the order of the table,
    /// each once.
    pub(crate) fn actions(&self) -> Vec<(String, Vec<Key>, &'static str)> {
        let mut all: Vec<(String, Vec<Key>, &'static str)> = Vec::new();
        for row in self.rows.iter().filter(|row| can_change(row.context)) {
            for (key, action) in &row.keys {
                let named = self.name_in(row.context, *action);
                match all.iter_mut().find(|(known, ..)| *known == named) {
                    Some((_, keys, _)) if keys.contains(key) => {}
                    Some((_, keys, _)) => keys.push(*key),
                    None => all.push((named, vec![*key], row.binding.help)),
                }
            }
        }
        all
    }

    /// The name of an action in the config file. Where it has keys in several places, those of the
    /// first in the table go by its plain name, and the others' say which.
    fn name_in(&self, context: Context, action: Action) -> String {
        let has = |row: &&Row| can_change(row.context) && row.binding.actions().contains(&action);
        let plain = self.name(action).to_owned();
        if self
            .rows
            .iter()
            .find(has)
            .is_none_or(|first| first.context == context)
        {
            return plain;
        }
        match context {
            Context::Of(panel) => format!("{plain}-in-{}", panel.label().to_lowercase()),
            Context::AnyPanel => format!("{plain}-in-panels"),
            Context::Crosshair => format!("{plain}-with-crosshair"),
            Context::Main => format!("{plain}-on-map"),
            Context::Help
            | Context::Menu
            | Context::Prompt
            | Context::Command
            | Context::Confirm => plain,
        }
    }

    /// The plain name of an action; empty for one that no key of the table has.
    pub(crate) fn name(&self, action: Action) -> &'static str {
        if let Action::OfPanel(name) = action {
            return name;
        }
        let name_in_row = |row: &Row| {
            let actions = row.binding.actions().into_iter();
            let mut named = actions.zip(row.binding.names);
            named.find_map(|(named, name)| (named == action).then_some(*name))
        };
        self.rows.iter().find_map(name_in_row).unwrap_or_default()
    }
}

/// Why keys cannot be as the user wants them; the number is that of the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Conflict {
    /// There is no action of the name.
    Unknown(usize),
    /// The key does something else.
    Taken(usize, Key, String),
}

impl Key {
    /// How it is written in the config file and, where it was changed, on the screen.
    pub(crate) fn written(self) -> String {
        match self {
            Self::Char(' ') => "space".to_owned(),
            Self::Char(c) => c.to_string(),
            Self::Ctrl(c) => format!("ctrl-{c}"),
            other => {
                let named = NAMED.iter().find(|(key, _)| *key == other);
                named.map_or_else(String::new, |(_, name)| (*name).to_owned())
            }
        }
    }

    /// How sentences on the screen write it: Enter, Esc, space.
    fn shown(self) -> String {
        let text = self.written();
        if matches!(self, Self::Char(_)) {
            return text;
        }
        let parts: Vec<String> = text.split('-').map(words::capitalized).collect();
        parts.join("-")
    }

    /// The key that is written so.
    pub(crate) fn of_name(text: &str) -> Option<Self> {
        let mut chars = text.chars();
        if let (Some(c), None) = (chars.next(), chars.next()) {
            return (!c.is_control() && c != ' ').then_some(Self::Char(c));
        }
        let lower = text.to_lowercase();
        if lower == "space" {
            return Some(Self::Char(' '));
        }
        if let Some(letter) = lower.strip_prefix("ctrl-") {
            let mut letters = letter.chars();
            return match (letters.next(), letters.next()) {
                (Some(c @ 'a'..='z'), None) => Some(Self::Ctrl(c)),
                _ => None,
            };
        }
        let named = NAMED.iter().find(|(_, name)| *name == lower);
        named.map(|(key, _)| *key)
    }
}

/// Keys with names.
const NAMED: [(Key, &str); 14] = [
    (Key::Enter, "enter"),
    (Key::Esc, "esc"),
    (Key::Tab, "tab"),
    (Key::BackTab, "shift-tab"),
    (Key::Backspace, "backspace"),
    (Key::Delete, "delete"),
    (Key::Up, "up"),
    (Key::Down, "down"),
    (Key::Left, "left"),
    (Key::Right, "right"),
    (Key::Home, "home"),
    (Key::End, "end"),
    (Key::PageUp, "page-up"),
    (Key::PageDown, "page-down"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::app::action::{Direction, RunAction};
    use crate::tui::app::tables::keys::table;

    fn changed(changes: &[(&str, &[Key])]) -> Result<Keymap, Conflict> {
        let changes: Vec<(String, Vec<Key>)> = changes
            .iter()
            .map(|(name, keys)| ((*name).to_owned(), keys.to_vec()))
            .collect();
        Keymap::of(table()).with(&changes)
    }

    #[test]
    fn names_are_unique_and_keys_are_read_as_they_are_written() {
        let map = Keymap::of(table());
        for (name, keys, _) in &map.actions() {
            for key in keys {
                assert_eq!(Key::of_name(&key.written()), Some(*key), "{name}");
            }
        }
        let mut by_name = std::collections::HashMap::new();
        for (_, binding) in table().filter(|(context, _)| can_change(*context)) {
            for at in 0..binding.keys.len() {
                let action = (binding.action)(at);
                let known = by_name.entry(map.name(action)).or_insert(action);
                assert_eq!(*known, action);
            }
        }
        for text in ["", "ctrl-", "ctrl-1", "hyper", "\u{1b}", " "] {
            assert_eq!(Key::of_name(text), None, "{text}");
        }
    }

    #[test]
    fn other_keys_take_the_place_of_the_tables() {
        let map = changed(&[("pause", &[Key::Char('P')]), ("zoom-in", &[Key::Char('Z')])]);
        let map = map.unwrap();
        let main = |key| map.action(Context::Main, key);
        assert_eq!(
            main(Key::Char('P')),
            Some(Action::Run(RunAction::TogglePause))
        );
        assert_eq!(main(Key::Char(' ')), None);
        assert_eq!(main(Key::Char('Z')), Some(Action::Zoom(Direction::Forward)));
        assert_eq!(main(Key::Char('=')), None);
        assert_eq!(main(Key::Char('-')), Some(Action::Zoom(Direction::Back)));
        let shown = |action| {
            let row = map
                .rows()
                .iter()
                .find(|row| row.action() == action)
                .unwrap();
            row.shown.to_string()
        };
        assert_eq!(shown(Action::Run(RunAction::TogglePause)), "P");
        assert_eq!(shown(Action::Zoom(Direction::Forward)), "Z - _");
        assert_eq!(
            map.key_of(Action::Zoom(Direction::Forward)).as_deref(),
            Some("Z")
        );
        // Two actions exchange their keys.
        let swapped = [
            ("step", &[Key::Char('r')][..]),
            ("restart", &[Key::Char('s')]),
        ];
        let map = changed(&swapped).unwrap();
        assert_eq!(
            map.action(Context::Main, Key::Char('r')),
            Some(Action::Run(RunAction::Step))
        );
        // Without a key, an action is left to the command line; the way out stays.
        let map = changed(&[("quit", &[])]).unwrap();
        assert_eq!(map.action(Context::Main, Key::Char('q')), None);
        assert_eq!(
            map.action(Context::Main, Key::Ctrl('c')),
            Some(Action::Quit)
        );
    }

    #[test]
    fn what_cannot_be_is_told() {
        let unknown = changed(&[("fit", &[Key::Char('0')]), ("dance", &[])]);
        assert_eq!(unknown.unwrap_err(), Conflict::Unknown(1));
        let taken = changed(&[("fit", &[Key::Char('q')])]);
        let other = "quit".to_owned();
        assert_eq!(
            taken.unwrap_err(),
            Conflict::Taken(0, Key::Char('q'), other)
        );
        let twice = changed(&[("step", &[Key::Char('Y')]), ("fit", &[Key::Char('Y')])]);
        assert!(matches!(twice.unwrap_err(), Conflict::Taken(0, ..)));
        // A panel's own key hides the map's: no conflict.
        assert!(changed(&[("only-class", &[Key::Char('s')])]).is_ok());
    }
}
