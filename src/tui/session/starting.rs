//! The state at the start.

use std::path::PathBuf;
use std::sync::Arc;

use crate::dataset::Dataset;
use crate::palette::{Background, ColorDepth, Palette, Theme};
use crate::picture::Glyphs;
use crate::run::Snapshot;
use crate::tui::TuiOptions;
use crate::tui::app::App;
use crate::tui::app::named::Named;
use crate::tui::terminal::screen::Screen;

/// The file in the state folder that records that the help was opened once.
pub(super) const HELP_SEEN: &str = "help-seen";

/// The state at the start, from the options and the environment.
pub(super) fn new_app(
    data: Arc<Dataset>,
    snapshot: Arc<Snapshot>,
    options: &TuiOptions,
    background: Background,
) -> App {
    let variable = |name: &str| std::env::var(name).ok();
    let depth = options
        .color_depth
        .unwrap_or_else(|| ColorDepth::detect(variable));
    let palette = Palette::of(depth, options.settings.palette, background);
    let palette = match options.settings.theme {
        Some(Theme::Dark | Theme::Light) | None => palette,
        Some(theme) => palette.in_theme(theme),
    };
    let palette = palette.with_colors(&options.colors);
    let ladder = &options.settings.perplexity;
    let (table_k, keymap) = (options.run.table_k, options.keys.keymap());
    let mut app = App::new(data, snapshot, palette, ladder, table_k, keymap);
    app.suspects.decisions.clone_from(&options.decisions);
    app.suspects.destination.clone_from(&options.decisions_file);
    let classes = app.run.data.labels().map_or(&[][..], |l| l.names());
    let entries = app.run.counts.len();
    app.samples.named = Named::of(&options.names, classes, entries);
    app.journal.decisions.clone_from(&options.decisions);
    app.journal
        .selections
        .clone_from(&app.samples.named.selections);
    if let Some(journal) = &options.journal {
        app.journal.file = Some(journal.file.clone());
        app.journal.entries.clone_from(&journal.entries);
        app.journal.news.push(journal.opened.clone());
    }
    options.remarks.iter().for_each(|remark| app.say(remark));
    let knows_help = |folder: &PathBuf| folder.join(HELP_SEEN).exists();
    app.dialogs.hints = options
        .state_folder
        .as_ref()
        .is_some_and(|f| !knows_help(f));
    app.size = Screen::size();
    app.sets.seeks_clusters = options.run.clusters.is_some();
    app.choose_first_panel();
    app.map.names.wanted = options.settings.names;
    app.panels.follows = options.settings.follow;
    if let Some(glyphs) = options.settings.glyphs.or_else(|| unusual_glyphs(variable)) {
        app.map.look.glyphs = glyphs;
    }
    app
}

/// The glyphs of a terminal that cannot show braille.
fn unusual_glyphs(variable: impl Fn(&str) -> Option<String>) -> Option<Glyphs> {
    Some(Glyphs::detect(variable)).filter(|glyphs| *glyphs != Glyphs::default())
}
