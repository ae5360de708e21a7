//! Opens the screen.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{ArgMatches, Args};

use super::clusters::ClusterArguments;
use super::config::{self, Config};
use super::data::{Origin, Shown};
use super::errors::outcome_code;
use super::journal::kept_journal;
use super::map::Map;
use super::session::{Opening, kept_session, tell_of_session};
use super::summary::{summary, summary_of};
use super::{PERPLEXITY, advanced, allocator, in_file, report, suspects};
use crate::decisions::{beside, kept_decisions, restore_names};
use crate::diagnosis::usual_neighbors;
use crate::error::{Error, Result};
use crate::export::Inputs;
use crate::report::Report;
use crate::run::{RunOptions, validate};
use crate::session::Found;
use crate::tui::{Outcome, Settings, StatisticsWriter, TuiOptions};

/// The screen's neighbor graph has enough neighbors for this perplexity, so that smaller ones need no
/// new search.
const ROOMY_PERPLEXITY: f64 = 50.0;

/// Options of the screen.
#[derive(Debug, Args)]
#[command(next_help_heading = "Screen")]
pub(super) struct ScreenArguments {
    #[command(flatten)]
    settings: Settings,
    /// The same as --animation false
    #[arg(long, hide = true)]
    no_animation: bool,
    /// File with settings and keys of the screen [default: your own, if there is one; `disentangle
    /// config` prints one]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    clusters: ClusterArguments,
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
        remedy: "start the program in a terminal, or use `disentangle embed` and `disentangle diagnose` in scripts"
            .into(),
    })
}

/// Opens the screen, and returns the exit code. `given` says which options were typed: they
/// override the config file.
pub(super) fn open(
    mut shown: Shown,
    mut inputs: Inputs,
    origin: &Origin,
    mut screen: ScreenArguments,
    given: &ArgMatches,
    resumed: Option<(PathBuf, Found)>,
) -> Result<i32> {
    let screen_config = screen.config.take();
    let config = Config::load(screen_config.as_deref())?;
    config.apply(&mut screen.settings, given)?;
    let mut settings = screen.settings;
    settings.animation &= !screen.no_animation;
    check_terminal()?;
    let ladder = &settings.perplexity;
    let has_usual = ladder.iter().any(|p| (p - PERPLEXITY).abs() < 1e-9);
    let begin = if has_usual { PERPLEXITY } else { ladder[0] };
    let execution = screen.map.threads.execution();
    inputs.add(Path::new(&screen.map.init));
    let mut options = screen.map.options(begin, shown.samples())?;
    options.largest_perplexity = begin.max(ROOMY_PERPLEXITY);
    options.stop_when_still = true;
    // As many as a map has after its early exaggeration.
    let early = options.tsne.early_iterations.min(options.iterations);
    options.further_iterations = match options.iterations - early {
        0 => options.iterations.max(1),
        rest => rest,
    };
    if let Shown::One(data) = &mut shown {
        for note in advanced::notes(&options, data.samples()) {
            Arc::make_mut(data).add_note(note);
        }
    }
    let data = shown.first()?;
    let usual = || usual_neighbors(data.labels());
    let k = settings.k.map_or_else(usual, |k| k as usize);
    options.table_k = k;
    // Clusters of several sets would be classes that differ from set to set.
    let is_one = matches!(shown, Shown::One(_));
    options.clusters = screen.clusters.options().filter(|_| is_one);
    let name = match &shown {
        Shown::One(data) => data.name(),
        Shown::Study(study) => study.name(),
    };
    let (journal, about_journal) = kept_journal(origin, name, &data, &options, k);
    let opening = Opening {
        origin,
        data: &data,
        sources: match &shown {
            Shown::One(data) => data.sources(),
            Shown::Study(study) => study.sources(),
        },
        options: &options,
        k,
        settings: &settings,
    };
    let (session, about_session) = kept_session(&opening, resumed);
    let statistics = statistics_writer(options.clone(), k);
    let write_report = report::from_screen(options.clone(), k);
    validate(&data, &options).map_err(|error| in_file(error, &data))?;
    let mut tui = TuiOptions::new(options, settings, statistics);
    tui.write_report = Some(write_report);
    tui.release_memory = Some(allocator::release_free_memory);
    let kept = kept_decisions(&data);
    (tui.decisions, tui.decisions_file) = (kept.decisions, kept.file);
    let names = beside(&data, "selections.json");
    (tui.names, tui.names_file, tui.remarks) = restore_names(&names, &data);
    tui.remarks.extend(about_journal);
    tui.remarks.extend(kept.remarks);
    tui.remarks.extend(about_session);
    tui.session = session;
    tui.journal = journal;
    let journal_file = tui.journal.as_ref().map(|journal| journal.file.clone());
    let more = [
        &screen_config,
        &tui.decisions_file,
        &tui.names_file,
        &journal_file,
    ];
    more.into_iter().flatten().for_each(|file| inputs.add(file));
    tui.session.iter().for_each(|kept| inputs.add(&kept.file));
    tui.inputs = inputs;
    tui.keys = config.keys;
    tui.colors = config.colors;
    tui.state_folder = config::state_folder();
    let file = tui.decisions_file.clone();
    let session_file = tui.session.as_ref().map(|kept| kept.file.clone());
    let had_session = session_file.as_ref().is_some_and(|file| file.is_file());
    let was_there = file.as_ref().is_some_and(|file| file.is_file());
    let outcome = match shown {
        Shown::One(data) => crate::tui::run(data, tui, &execution),
        Shown::Study(study) => crate::tui::run_study(study, tui, &execution),
    };
    // After a signal, nobody may read the terminal any more, and a write to it may never return.
    if matches!(outcome, Ok(Outcome::Quit)) {
        suspects::tell_where(file.as_ref(), was_there);
        tell_of_session(session_file.as_deref(), had_session);
    }
    outcome.map(outcome_code)
}

/// Writes the statistics of a map that was made with these options.
fn statistics_writer(options: RunOptions, k: usize) -> StatisticsWriter {
    Arc::new(move |data, snapshot, diagnosis, named| {
        let tsne = summary_of(snapshot, &summary(data, &options));
        let mut report = Report::new(data, diagnosis, k, tsne);
        report.notes = snapshot.notes.to_vec();
        if let Some(iteration) = diagnosis
            .and_then(|d| d.map_iteration)
            .filter(|&i| i != snapshot.iteration)
        {
            report.notes.push(format!(
                "the statistics of the map are those of iteration {iteration}"
            ));
        }
        let rows = |rows: &Arc<[u32]>| rows.iter().map(|row| *row as usize).collect();
        let named = named.iter().map(|(name, all)| (name.clone(), rows(all)));
        report.selections = named.collect();
        report.to_json().map(String::into_bytes)
    })
}
