//! The screen's settings.
//!
//! Each field is an option of the command line, a key of the config file's `[screen]` table, a line
//! of `disentangle config` and a row of `docs/config.md`: name, help and default come from here.

use clap::{ArgAction, Args};

use super::app::ladder::DEFAULT_LADDER;
use super::terminal::line::BUDGET;
use crate::named::named;
use crate::palette::{Background, ColorSet, Theme};
use crate::picture::Glyphs;
use crate::text::whole;

/// What is done about the session of the data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KeepSession {
    /// Ask whether to go on with it.
    #[default]
    Ask,
    /// Always go on with it.
    Resume,
    /// Always begin a new one.
    New,
    /// Neither read nor write one.
    Off,
}

named!(KeepSession {
    Ask => "ask",
    Resume => "resume",
    New => "new",
    Off => "off",
});

/// The screen's settings, which users choose on the command line or in the config file.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(next_help_heading = "Screen")]
pub struct Settings {
    #[allow(
        rustdoc::broken_intra_doc_links,
        reason = "[ and ] are keys, as the help writes them"
    )]
    /// Perplexities to step through with [ and ]; the map starts at 30 if that is among them, or at
    /// the first one
    #[arg(
        long,
        value_name = "P,…",
        value_delimiter = ',',
        allow_negative_numbers = true,
        value_parser = perplexity,
        default_values_t = Settings::default().perplexity
    )]
    pub perplexity: Vec<f64>,
    /// Neighbors per sample in the tables [default: 10, or as many as the smallest class allows]
    #[arg(long, value_name = "K", value_parser = whole(1_u32..=1_000))]
    pub k: Option<u32>,
    /// Colors of the classes
    #[arg(long, value_name = "NAME", value_enum,
          default_value_t = Settings::default().palette)]
    pub palette: ColorSet,
    /// How the screen looks; the theme `terminal` uses the sixteen colors of the terminal's own theme
    /// [default: dark or light, as the terminal's background]
    #[arg(long, value_name = "NAME", value_enum)]
    pub theme: Option<Theme>,
    /// The terminal's background [default: what the terminal reports]
    #[arg(long, value_name = "WHICH", value_enum)]
    pub background: Option<Background>,
    /// Characters that the map is drawn with [default: braille, or what the terminal can show]
    #[arg(long, value_name = "NAME", value_enum)]
    pub glyphs: Option<Glyphs>,
    /// Write the names of the classes on the map [default: true for up to 30 classes]
    #[arg(long, value_name = "BOOL")]
    pub names: Option<bool>,
    /// Kilobytes per second that a moving map may send; 0 for no limit
    #[arg(long, value_name = "KB", value_parser = whole(..=4_000_000_u32),
          default_value_t = Settings::default().bandwidth)]
    pub bandwidth: u32,
    /// Shortest time per iteration in milliseconds, so that you can watch a small map form
    #[arg(long, value_name = "MS", value_parser = whole(..=60_000_u64),
          default_value_t = Settings::default().pace)]
    pub pace: u64,
    /// Move points from one map to the next instead of redrawing them at once
    #[arg(long, value_name = "BOOL", action = ArgAction::Set,
          default_value_t = Settings::default().animation)]
    pub animation: bool,
    /// Show on the map what is under the cursor of the panels Suspects, Pairs and Sample
    #[arg(long, value_name = "BOOL", action = ArgAction::Set,
          default_value_t = Settings::default().follow)]
    pub follow: bool,
    /// Take mouse events; to select text in the terminal, hold Shift
    #[arg(long, value_name = "BOOL", action = ArgAction::Set,
          default_value_t = Settings::default().mouse)]
    pub mouse: bool,
    /// What to do if there is a session of this data: ask, go on with it (resume), or begin a new one;
    /// off keeps no session
    #[arg(long, value_name = "WHICH", value_enum, default_value_t = Settings::default().session)]
    pub session: KeepSession,
    /// Seconds between two saves of the session while something changes; 0 saves it only when a map
    /// pauses or is finished, and at the end
    #[arg(long, value_name = "SECONDS", value_parser = whole(..=86_400_u64),
          default_value_t = Settings::default().autosave)]
    pub autosave: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            perplexity: DEFAULT_LADDER.to_vec(),
            k: None,
            palette: ColorSet::default(),
            theme: None,
            background: None,
            glyphs: None,
            names: None,
            bandwidth: BUDGET / 1000,
            pace: 4,
            animation: true,
            follow: true,
            mouse: true,
            session: KeepSession::Ask,
            autosave: 60,
        }
    }
}

fn perplexity(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|p| p.is_finite());
    number
        .filter(|p| *p >= 1.0)
        .ok_or_else(|| "must be a number of at least 1".into())
}
