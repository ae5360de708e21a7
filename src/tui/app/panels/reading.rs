//! The reading: what the results say, in sentences.

use super::content::{Content, Role};
use super::spec::PanelSpec;
use crate::diagnosis::Topic;
use crate::tui::app::App;
use crate::tui::app::action::Compared;

pub(super) const SPEC: PanelSpec = PanelSpec::new(|_| 16, content);

fn content(app: &App, width: usize) -> Content<'_> {
    let mut content = Content::new("Reading · what the results say", width);
    if app.seeks_clusters() {
        content.say("Looking for clusters in the features …", Role::Dim);
        return content;
    }
    let of_set = app.run.diagnosis.as_ref().and_then(|d| d.reading.as_ref());
    // What a study's layers and models say of each other follows what is said of the set.
    let of_study = match &app.run.compared {
        Compared::Ready(comparison) => Some(&comparison.reading),
        _ => None,
    };
    let readings = of_set.into_iter().chain(of_study);
    for statement in readings.flat_map(|r| &r.statements) {
        // Sentences about the map are shown for that map only.
        if statement.topic == Topic::Map && !app.run.map_figures_hold() {
            continue;
        }
        let role = match statement.topic {
            Topic::NoEvidence => Role::Bold,
            Topic::Caution => Role::Dim,
            _ => Role::Plain,
        };
        content.say_after("· ", &statement.text, role);
    }
    if content.notes.is_empty() {
        content.say("Nothing can be said yet.", Role::Dim);
    }
    content
}
