//! What a panel's file says of it.

use super::content::{Content, Role};
use crate::tui::app::App;
use crate::tui::app::action::{Action, Effect};
use crate::tui::app::command::Spec;
use crate::tui::app::context::Binding;

/// What does an action.
pub(crate) type Handler = fn(&mut App) -> Vec<Effect>;

pub(crate) struct PanelSpec {
    /// The lines that it would like, its frame included. The chosen panel gets them as far as there
    /// are any.
    pub(crate) lines: fn(&App) -> usize,
    /// Whether it stands beside the chosen panel where it fits whole.
    pub(crate) beside: fn(&App) -> bool,
    /// What it shows, given its width.
    pub(crate) content: for<'a> fn(&'a App, usize) -> Content<'a>,
    /// Its own keys; where it has no others, those of all panels and of the map work there, too.
    pub(crate) keys: &'static [Binding],
    /// What its keys do that no other keys do.
    pub(crate) actions: &'static [(Action, Handler)],
    /// Commands about it.
    pub(crate) commands: &'static [Spec],
}

impl PanelSpec {
    /// A panel without keys and commands of its own, shown only where it is chosen.
    pub(crate) const fn new(
        lines: fn(&App) -> usize,
        content: for<'a> fn(&'a App, usize) -> Content<'a>,
    ) -> Self {
        Self {
            lines,
            beside: |_| false,
            content,
            keys: &[],
            actions: &[],
            commands: &[],
        }
    }
}

/// Says how to get numbers by class.
pub(crate) fn no_labels(app: &App, content: &mut Content<'_>) {
    let diagnosis = app.run.diagnosis.as_deref();
    let help = match diagnosis.is_some_and(|d| d.clusters.is_some()) {
        true => "The data has no labels, and no clusters were found in the features.",
        false if app.seeks_clusters() => {
            "The data has no labels. Looking for clusters in the features …"
        }
        false => "The data has no labels. Open it with labels for statistics by class.",
    };
    content.say(help, Role::Dim);
}

/// Says so, if the classes are clusters and not labels.
pub(crate) fn mark_clusters(app: &App, content: &mut Content<'_>) {
    if app.run.is_provisional() {
        content.remarks.push("clusters, not labels".into());
    }
}
