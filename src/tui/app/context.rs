//! Where the keys go, and a row of the table of keys: some keys, what they mean, and how help and
//! footer put it.

use super::action::Action;
use super::panels::Panel;
use crate::tui::terminal::input::Key;

/// Where the keys go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Context {
    /// The map; its keys work in the panels, too, where these have no others.
    Main,
    /// The crosshair on the map.
    Crosshair,
    /// A panel with the focus.
    Of(Panel),
    /// Any panel with the focus.
    AnyPanel,
    /// The list of keys.
    Help,
    /// The list of panels.
    Menu,
    /// Typing an answer.
    Prompt,
    /// Typing a command.
    Command,
    /// A question to be answered yes or no.
    Confirm,
}

impl Context {
    /// The contexts whose keys work in this one, the nearest first.
    pub(crate) fn chain(self) -> &'static [Self] {
        const AROUND_PANELS: &[Context] = &[Context::AnyPanel, Context::Main];
        match self {
            Self::Of(_) => AROUND_PANELS,
            Self::AnyPanel | Self::Crosshair => &[Self::Main],
            _ => &[],
        }
    }
}

/// Some keys and what they do.
pub(crate) struct Binding {
    pub(crate) keys: &'static [Key],
    /// How the keys are written in footer and help.
    pub(crate) shown: &'static str,
    /// What the n-th of the keys does.
    pub(crate) action: fn(usize) -> Action,
    /// The word in the footer; empty to leave it to the help.
    pub(crate) hint: &'static str,
    /// What the help says.
    pub(crate) help: &'static str,
    /// The names in the config file of the [`actions`](Self::actions) that no earlier row names.
    pub(crate) names: &'static [&'static str],
}

impl Binding {
    /// With names for its actions.
    pub(crate) const fn named(self, names: &'static [&'static str]) -> Self {
        Self { names, ..self }
    }

    /// Its actions, each once, in the order of the keys.
    pub(crate) fn actions(&self) -> Vec<Action> {
        let mut actions = Vec::new();
        for action in (0..self.keys.len()).map(self.action) {
            if !actions.contains(&action) {
                actions.push(action);
            }
        }
        actions
    }
}

/// A row of the table.
pub(crate) const fn row(
    keys: &'static [Key],
    shown: &'static str,
    action: fn(usize) -> Action,
    hint: &'static str,
    help: &'static str,
) -> Binding {
    Binding {
        keys,
        shown,
        action,
        hint,
        help,
        names: &[],
    }
}
