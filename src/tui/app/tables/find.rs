//! What a search finds: classes, samples, named selections, panels and commands.
//!
//! In: what was typed. Out: the hits. Names that contain it come in the order of their kinds, samples in the
//! order of the rows; only where there are none, names that have its characters in their order, the best
//! first.

use super::commands::commands;
use crate::tui::app::App;
use crate::tui::app::finding::{Finding, Fit, Hit};
use crate::tui::app::panels::PANELS;

/// Hits that only have the characters in their order, at most.
const MOST_SCATTERED: usize = 200;

/// What a text finds.
pub(crate) fn find(app: &App, text: &str) -> Finding {
    let wanted = text.trim().to_lowercase();
    let mut finding = Finding {
        wanted: text.trim().to_owned(),
        ..Finding::default()
    };
    if wanted.is_empty() {
        return finding;
    }
    let mut fits: Vec<(Fit, Hit)> = candidates(app, &wanted);
    if fits.iter().any(|(fit, _)| *fit <= Fit::Contains) {
        fits.retain(|(fit, _)| *fit <= Fit::Contains);
        fits.sort_by_key(|(fit, _)| *fit);
    } else {
        fits.sort_by_key(|(fit, _)| *fit);
        fits.truncate(MOST_SCATTERED);
    }
    finding.hits = fits.into_iter().map(|(_, hit)| hit).collect();
    finding
}

/// All that fits in some way.
fn candidates(app: &App, wanted: &str) -> Vec<(Fit, Hit)> {
    let fit = |name: &str, hit: Hit| Some((Fit::of(wanted, name)?, hit));
    let commands = commands().filter_map(|c| {
        let wanted = wanted.strip_prefix(':').unwrap_or(wanted);
        Some((Fit::of(wanted, c.name)?, Hit::Command(c.name)))
    });
    if wanted.starts_with(':') {
        return commands.collect();
    }
    let samples = app.samples_fitting(wanted);
    let names = app.run.data.labels().map_or(&[][..], |l| l.names());
    let entries = 0..app.run.counts.len();
    let classes = entries.filter_map(|at| match names.get(at) {
        Some(name) => fit(name, Hit::Class(at)),
        None => fit(&app.entry_name(at), Hit::Class(at)),
    });
    let panels = PANELS.iter();
    let panels = panels.filter_map(|panel| fit(app.panel_name(*panel), Hit::Panel(*panel)));
    let named = app.samples.named.selections.keys().enumerate();
    let named = named.filter_map(|(at, name)| fit(name, Hit::Selection(at)));
    let others = named.chain(panels).chain(commands);
    match app.run.data.ids() {
        // A number is that of a sample first.
        None => samples.into_iter().chain(classes).chain(others).collect(),
        Some(_) => classes.chain(samples).chain(others).collect(),
    }
}
