//! The user's keys, as the config file names them.

use std::borrow::Cow;
use std::sync::Arc;

use super::keys::table;
use crate::error::printable;
use crate::tui::app::command::with_endings;
use crate::tui::app::keymap::{Conflict, Keymap};
use crate::tui::terminal::input::Key;

/// Keys for actions, by name: the defaults, with the user's changes.
///
/// ```
/// use disentangle::tui::KeyBindings;
/// let keys = KeyBindings::new(&[("pause".into(), vec!["P".into()])]);
/// assert!(keys.is_ok());
/// let keys = KeyBindings::new(&[("fit".into(), vec!["q".into()])]);
/// assert_eq!(keys.unwrap_err().change, 0);
/// ```
#[derive(Debug, Clone)]
pub struct KeyBindings(Arc<Keymap>);

impl Default for KeyBindings {
    fn default() -> Self {
        Self(Arc::new(Keymap::of(table())))
    }
}

/// Why keys cannot be as they were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BindingError {
    /// Which of the changes is to blame, counted from 0.
    pub change: usize,
    /// What is wrong with it.
    pub problem: String,
}

impl KeyBindings {
    /// The defaults with other keys for some actions: each a name and the keys that take the place
    /// of its own. A key is a character, `space`, `enter`, `esc`, `tab`, `shift-tab`, `backspace`,
    /// `delete`, `up`, `down`, `left`, `right`, `home`, `end`, `page-up`, `page-down` or `ctrl-` and
    /// a letter.
    ///
    /// # Errors
    /// `BindingError` for an action or key that there is not, and for a key that would mean two
    /// things in one place.
    pub fn new(changes: &[(String, Vec<String>)]) -> Result<Self, BindingError> {
        let error = |change, problem| BindingError { change, problem };
        let mut read = Vec::with_capacity(changes.len());
        for (at, (name, keys)) in changes.iter().enumerate() {
            let mut known = Vec::with_capacity(keys.len());
            for text in keys {
                let key = Key::of_name(text).ok_or_else(|| {
                    let problem = format!(
                        "there is no key '{}'; keys are a character, space, enter, tab, up, \
                         page-up, ctrl-r and so on",
                        printable(text)
                    );
                    error(at, problem)
                })?;
                if matches!(key, Key::Ctrl('c' | 'z' | 'l')) {
                    let problem = format!("{} always has the same meaning", key.written());
                    return Err(error(at, problem));
                }
                known.push(key);
            }
            read.push((current_name(name).to_owned(), known));
        }
        match Keymap::of(table()).with(&read) {
            Ok(map) => Ok(Self(Arc::new(map))),
            Err(Conflict::Unknown(at)) => {
                let name = printable(&changes[at].0);
                Err(error(at, format!("there is no action '{name}'")))
            }
            Err(Conflict::Taken(at, key, other)) => {
                let problem = format!(
                    "{} already means {other}; give {other} another key, too",
                    printable(&key.written())
                );
                Err(error(at, problem))
            }
        }
    }

    /// The actions that can have other keys: name, keys, what it does.
    pub fn actions() -> Vec<(String, Vec<String>, Cow<'static, str>)> {
        let all = Keymap::of(table()).actions().into_iter();
        // The keys that always mean the same are not for the file.
        let free = |key: &Key| !matches!(key, Key::Ctrl('c' | 'z' | 'l'));
        all.map(|(name, keys, help)| {
            let keys: Vec<Key> = keys.into_iter().filter(free).collect();
            let keys = keys.iter().map(|key| key.written()).collect();
            (name, keys, with_endings(help))
        })
        .collect()
    }

    /// The names of the actions that a key leads to, in any place.
    pub fn meanings(&self, key: &str) -> Vec<String> {
        Key::of_name(key).map_or_else(Vec::new, |key| self.0.meanings(key))
    }

    /// The keys in effect.
    pub(crate) fn keymap(&self) -> Arc<Keymap> {
        Arc::clone(&self.0)
    }
}

/// The name of an action that may be written with the name it had before.
fn current_name(name: &str) -> &str {
    match name {
        "keep-tag" => "keep-label",
        name => name,
    }
}
