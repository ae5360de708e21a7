//! The screen: how it begins, and what it runs on.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::config::{self, Config};
use super::errors::outcome_code;
use super::map::Map;
use super::sets::Shown;
use super::summary::{summary, summary_of};
use super::{PERPLEXITY, advanced, in_file, pictures, suspects};
use crate::error::{Error, Result};
use crate::palette::{Background, ColorSet};
use crate::picture::Glyphs;
use crate::report::Report;
use crate::run::validate;
use crate::tui::{DEFAULT_LADDER, StatisticsWriter, TuiOptions};

/// The neighbor graph of the screen holds enough neighbors for this perplexity.
const ROOMY_PERPLEXITY: f64 = 50.0;

/// How the screen begins.
#[derive(Debug, Args)]
#[command(next_help_heading = "Screen")]
pub(super) struct Screen {
    /// Perplexities to step through with [ and ]; the first begins unless 30 is among them
    #[arg(
        long,
        value_name = "P,…",
        value_delimiter = ',',
        allow_negative_numbers = true
    )]
    perplexity: Vec<f64>,
    /// Neighbors per sample in the tables [default: 10]
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u64).range(1..=1_000))]
    k: Option<u64>,
    /// Colors of the classes: okabe-ito, tol or twenty [default: okabe-ito]
    #[arg(long, value_name = "NAME", value_parser = pictures::color_set)]
    palette: Option<ColorSet>,
    /// The terminal's background: dark or light [default: what the terminal says]
    #[arg(long, value_name = "WHICH", value_parser = pictures::background)]
    background: Option<Background>,
    /// The map is drawn with braille, octant, half-block, ascii or letters [default: what the
    /// terminal can show]
    #[arg(long, value_name = "NAME", value_parser = pictures::glyphs)]
    glyphs: Option<Glyphs>,
    /// Kilobytes per second that a moving map may send (0: no limit) [default: 64]
    #[arg(long, value_name = "KB", value_parser = clap::value_parser!(u32).range(..=4_000_000))]
    bandwidth: Option<u32>,
    /// Least milliseconds per iteration, so that small maps are seen forming [default: 4]
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(..=60_000))]
    pace: Option<u64>,
    /// Let points jump from map to map instead of moving there
    #[arg(long)]
    no_animation: bool,
    /// Settings and keys of the screen from this file [default: the user's own, if there is one;
    /// `disentangle config` prints one]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    map: Map,
}

/// The screen needs a terminal to draw on.
fn check_terminal() -> Result<()> {
    if std::io::stdout().is_terminal() {
        return Ok(());
    }
    Err(Error::Terminal {
        problem: "standard output is not a terminal".into(),
        remedy: "run it in one, or use `disentangle embed` and `disentangle diagnose` in scripts"
            .into(),
    })
}

/// Opens the screen, and returns the exit code.
pub(super) fn open(mut shown: Shown, screen: Screen) -> Result<i32> {
    let config = Config::load(screen.config.as_deref())?;
    let ladder = if screen.perplexity.is_empty() {
        config.perplexity.unwrap_or_else(|| DEFAULT_LADDER.to_vec())
    } else {
        screen.perplexity
    };
    for &perplexity in &ladder {
        if !(perplexity.is_finite() && perplexity >= 1.0) {
            return Err(Error::option(
                "--perplexity",
                perplexity,
                "must be a number of at least 1",
            ));
        }
    }
    check_terminal()?;
    let first = ladder[0];
    let begin = if ladder.iter().any(|p| (p - PERPLEXITY).abs() < 1e-9) {
        PERPLEXITY
    } else {
        first
    };
    let execution = screen.map.threads.execution();
    let mut options = screen.map.options(begin, shown.samples())?;
    options.largest_perplexity = begin.max(ROOMY_PERPLEXITY);
    options.stop_when_still = true;
    // As many iterations as a map has after its early exaggeration.
    let early = options.tsne.early_iterations.min(options.iterations);
    options.further_iterations = match options.iterations - early {
        0 => options.iterations.max(1),
        rest => rest,
    };
    options.table_k = screen.k.or(config.k).unwrap_or(config::K) as usize;
    let pace = screen.pace.or(config.pace).unwrap_or(config::PACE);
    options.pace = Duration::from_millis(pace);
    let k = options.table_k;
    let for_report = options.clone();
    let statistics: StatisticsWriter = Arc::new(move |data, snapshot, diagnosis| {
        let tsne = summary_of(snapshot, &summary(data, &for_report));
        let mut report = Report::new(data, diagnosis, k, tsne);
        report.notes = snapshot.notes.to_vec();
        if let Some(iteration) = diagnosis
            .and_then(|d| d.map_iteration)
            .filter(|&i| i != snapshot.iteration)
        {
            report.notes.push(format!(
                "the figures of the map are of iteration {iteration}"
            ));
        }
        report.to_json().map(String::into_bytes)
    });
    if let Shown::One(data) = &mut shown {
        for note in advanced::notes(&options, data.samples()) {
            Arc::make_mut(data).add_note(note);
        }
    }
    let data = match &shown {
        Shown::One(data) => Arc::clone(data),
        Shown::Study(study) => study.dataset(study.first())?,
    };
    validate(&data, &options).map_err(|error| in_file(error, &data))?;
    let mut tui = TuiOptions::new(options, statistics);
    (tui.decisions, tui.decisions_file) = suspects::kept_decisions(&data)?;
    tui.ladder = ladder;
    tui.color_set = screen.palette.or(config.palette).unwrap_or_default();
    tui.background = screen.background.or(config.background);
    tui.glyphs = screen.glyphs.or(config.glyphs);
    let kilobytes = screen.bandwidth.or(config.bandwidth);
    tui.bytes_per_second = kilobytes.unwrap_or(config::BANDWIDTH).saturating_mul(1000);
    tui.animate = !screen.no_animation && config.animation.unwrap_or(true);
    tui.mouse = config.mouse.unwrap_or(true);
    tui.keys = config.keys;
    tui.state_folder = config::state_folder();
    let file = tui.decisions_file.clone();
    let was_there = file.as_ref().is_some_and(|file| file.is_file());
    let outcome = match shown {
        Shown::One(data) => crate::tui::run(data, tui, &execution),
        Shown::Study(study) => crate::tui::run_study(study, tui, &execution),
    };
    suspects::tell_where(file.as_ref(), was_there);
    outcome.map(outcome_code)
}
