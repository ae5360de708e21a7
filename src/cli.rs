//! The command line: arguments → a plan → stages.
//!
//! Results go to standard output, progress to standard error if that is a terminal, errors to
//! standard error as one line. Exit codes: 0 done, 1 a failure, 2 input or options that cannot be
//! used, 130 and 143 interrupted.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::dataset::{Dataset, Metric, ReadOptions, read, read_bytes, read_positions};
use crate::diagnosis::Diagnosis;
use crate::embed::embed_with;
use crate::error::{Error, Result, printable};
use crate::export::{MapFormat, check_map_path, write_file, write_map};
use crate::palette::{Background, ColorSet};
use crate::picture::Glyphs;
use crate::report::{Report, TsneSummary};
use crate::run::{DAMPED, MapOrigin, RunOptions, Snapshot, capped_perplexity, reduces, validate};
use crate::tsne::{Initialization, TsneParams};
use crate::tui::{DEFAULT_LADDER, Outcome, StatisticsWriter, TuiOptions};

mod advanced;
mod compare;
mod config;
mod doctor;
mod pictures;
mod sets;
mod stability;
mod study_file;
mod suspects;
mod thresholds;
mod transform;
mod watch;

use advanced::Advanced;
use config::Config;
use doctor::{Doctor, run_doctor};
use pictures::{Draw, PictureOptions, Recorder, check_coloring, run_draw, write_picture};
use sets::{Sets, Shown, one_set};
use watch::Watch;

/// The demo's features, in the binary itself.
const DEMO: &[u8] = include_bytes!("../fixtures/digits_cnn.npz");
/// The perplexity to begin with.
const PERPLEXITY: f64 = 30.0;
/// The neighbor graph of the screen holds enough neighbors for this perplexity.
const ROOMY_PERPLEXITY: f64 = 50.0;
/// Columns of text reports where standard output has no width.
const WIDTH: usize = 100;

/// See how well a classifier's features separate the classes: a live t-SNE map in the terminal,
/// with per-class statistics from the feature space beside it.
#[derive(Debug, Parser)]
#[command(
    name = "disentangle",
    version,
    about,
    args_conflicts_with_subcommands = true,
    arg_required_else_help = true
)]
#[command(after_help = "Examples:\n  \
    disentangle demo\n  \
    disentangle features.npy --labels labels.npy\n  \
    disentangle layers.npz:penultimate --perplexity 5,30,100\n  \
    disentangle A=feat_a.npy B=feat_b.npy --labels labels.npy\n  \
    disentangle compare study.toml\n  \
    disentangle diagnose features.npz --json > statistics.json")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    data: Option<Sets>,
    #[command(flatten)]
    screen: Screen,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the built-in example: a CNN's features of handwritten digits
    Demo(Screen),
    /// Compute a map without a screen
    Embed(Embed),
    /// Place new samples into a finished map
    Transform(transform::Transform),
    /// Draw a map that was computed before: as SVG, PNG or text
    Draw(Draw),
    /// Compute the statistics without a screen
    Diagnose(Diagnose),
    /// List the samples whose label is probably wrong, with the evidence
    Suspects(suspects::SuspectsArguments),
    /// Tell what maps of other seeds and perplexities have in common
    Stability(stability::StabilityArguments),
    /// Compare layers and models over the same samples, without a screen
    Compare(compare::Compare),
    /// Tell what files hold and what would be taken from them (exit code 2 if one is unusable)
    Inspect(Inspect),
    /// Tell what was found of the terminal and the machine
    Doctor(Doctor),
    /// Print a config file with all settings and keys of the screen, each with its default
    Config,
}

/// What to read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Data")]
struct Data {
    /// Features: .npy, .npz (or file.npz:member), CSV or TSV; one row per sample
    #[arg(help_heading = "Arguments")]
    features: PathBuf,
    /// Labels: an array, a text file with one label a line, or file.npz:member
    #[arg(short, long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// The label column of a table
    #[arg(long, value_name = "NAME")]
    label_column: Option<String>,
    /// Class names, one a line; name v stands for label v
    #[arg(long, value_name = "FILE")]
    class_names: Option<PathBuf>,
    /// Sample ids, one a line or an array
    #[arg(long, value_name = "FILE")]
    ids: Option<PathBuf>,
    /// The classifier's predictions
    #[arg(long, value_name = "FILE")]
    predictions: Option<PathBuf>,
    /// The classifier's probabilities (n × classes)
    #[arg(long, value_name = "FILE")]
    probabilities: Option<PathBuf>,
    /// Distance between samples: euclidean, or cosine (of rows scaled to unit length)
    #[arg(long, value_name = "METRIC", default_value = "euclidean", value_parser = metric)]
    metric: Metric,
    /// Leave out samples with NaN or infinite values
    #[arg(long)]
    drop_invalid: bool,
}

impl Data {
    fn read(self) -> Result<Dataset> {
        one_set("FEATURES", Some(&self.features))?;
        one_set("--predictions", self.predictions.as_ref())?;
        one_set("--probabilities", self.probabilities.as_ref())?;
        read(&ReadOptions {
            features: self.features,
            labels: self.labels,
            label_column: self.label_column,
            class_names: self.class_names,
            ids: self.ids,
            predictions: self.predictions,
            probabilities: self.probabilities,
            metric: self.metric,
            drop_invalid: self.drop_invalid,
        })
    }
}

/// The metric of a name.
fn metric(name: &str) -> std::result::Result<Metric, String> {
    name.parse::<Metric>()
        .map_err(|_| "euclidean or cosine is expected".into())
}

/// How the map is made.
#[derive(Debug, Args)]
#[command(next_help_heading = "t-SNE")]
struct Map {
    /// Iterations, early exaggeration included [default: 750; from 1,500 samples on 350, from
    /// 5,000 on 200]
    #[arg(long, value_name = "N")]
    iterations: Option<usize>,
    /// Seed of everything random
    #[arg(
        long,
        value_name = "S",
        default_value_t = 1,
        allow_negative_numbers = true
    )]
    seed: u64,
    /// Starting positions: pca, random, spectral, or a file with an n × 2 array
    #[arg(long, value_name = "WHICH", default_value = "pca")]
    init: String,
    /// Principal components to find neighbors in, or none for the features as they are
    #[arg(long, value_name = "N|none", default_value = "50", value_parser = components)]
    pca: Components,
    /// Threads (0: one per core); they change the time, never the result
    #[arg(long, value_name = "T", default_value_t = 0)]
    threads: usize,
    /// Factor on the affinities during the first iterations [default: 4; from 1,500
    /// samples on 12, from 5,000 on 4]
    #[arg(long, value_name = "F", allow_negative_numbers = true)]
    early_exaggeration: Option<f64>,
    /// Number of iterations with early exaggeration [default: 100; from 1,500 samples on 80, from
    /// 5,000 on 60]
    #[arg(long, value_name = "N")]
    early_iterations: Option<usize>,
    /// Momentum after them [default: 0.8; from 5,000 samples on 0.96, from 20,000 on
    /// 0.97]
    #[arg(long, value_name = "M", allow_negative_numbers = true)]
    momentum: Option<f64>,
    /// Factor on the affinities afterwards
    #[arg(
        long,
        value_name = "F",
        default_value_t = 1.0,
        allow_negative_numbers = true
    )]
    exaggeration: f64,
    /// Learning rate, or auto for n / exaggeration in each phase
    #[arg(long, value_name = "RATE|auto", default_value = "auto", value_parser = rate, allow_negative_numbers = true)]
    learning_rate: Rate,
    /// Momentum during early exaggeration [default: 0.8; from 5,000 samples on 0.5]
    #[arg(long, value_name = "M", allow_negative_numbers = true)]
    early_momentum: Option<f64>,
    /// Tails ν of the map's kernel (1 + d²/ν)^−ν: 1 is t-SNE, less shows finer clusters
    #[arg(
        long,
        value_name = "V",
        default_value_t = 1.0,
        allow_negative_numbers = true
    )]
    degrees_of_freedom: f64,
    #[command(flatten)]
    more: Advanced,
}

/// A number of components, or none.
#[derive(Debug, Clone, Copy)]
struct Components(Option<usize>);

fn components(text: &str) -> std::result::Result<Components, String> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(Components(None));
    }
    match text.parse::<usize>() {
        Ok(n) if n > 0 => Ok(Components(Some(n))),
        _ => Err("a positive number or `none` is expected".into()),
    }
}

/// A learning rate, or the usual one.
#[derive(Debug, Clone, Copy)]
struct Rate(Option<f64>);

fn rate(text: &str) -> std::result::Result<Rate, String> {
    if text.eq_ignore_ascii_case("auto") {
        return Ok(Rate(None));
    }
    match text.parse::<f64>() {
        Ok(rate) => Ok(Rate(Some(rate))),
        Err(_) => Err("a positive number or `auto` is expected".into()),
    }
}

impl Map {
    fn options(self, perplexity: f64, samples: usize) -> Result<RunOptions> {
        let tuned = RunOptions::for_samples(samples);
        if let (Some(early), Some(all)) = (self.early_iterations, self.iterations)
            && early > all
        {
            return Err(Error::option(
                "--early-iterations",
                early,
                format!("must not exceed all iterations together (--iterations {all})"),
            ));
        }
        let initialization = match self.init.as_str() {
            "pca" => Initialization::Pca,
            "random" => Initialization::Random,
            "spectral" => Initialization::Spectral,
            file => {
                let positions = read_positions(Path::new(file))?;
                if positions.len() != samples {
                    return Err(Error::Mismatch {
                        what: format!("initial positions ({})", printable(file)),
                        expected: samples,
                        found: positions.len(),
                    });
                }
                Initialization::Given(positions)
            }
        };
        let mut options = RunOptions {
            perplexity,
            largest_perplexity: perplexity,
            iterations: self.iterations.unwrap_or(tuned.iterations),
            seed: self.seed,
            initialization,
            components: self.pca.0,
            tsne: TsneParams {
                early_exaggeration: self
                    .early_exaggeration
                    .unwrap_or(tuned.tsne.early_exaggeration),
                early_iterations: self.early_iterations.unwrap_or(tuned.tsne.early_iterations),
                momentum: self.momentum.unwrap_or(tuned.tsne.momentum),
                exaggeration: self.exaggeration,
                learning_rate: self.learning_rate.0,
                early_momentum: self.early_momentum.unwrap_or(tuned.tsne.early_momentum),
                degrees_of_freedom: self.degrees_of_freedom,
                threads: self.threads,
                ..tuned.tsne
            },
            ..tuned
        };
        self.more.apply(&mut options, samples)?;
        Ok(options)
    }
}

/// How the screen begins.
#[derive(Debug, Args)]
#[command(next_help_heading = "Screen")]
struct Screen {
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

#[derive(Debug, Args)]
struct Embed {
    #[command(flatten)]
    data: Data,
    /// Perplexity: the number of neighbors that each sample attends to, about
    #[arg(long, help_heading = "t-SNE", value_name = "P", default_value_t = PERPLEXITY, allow_negative_numbers = true)]
    perplexity: f64,
    #[command(flatten)]
    map: Map,
    /// Where the map goes: .npy (n × 2, float32) or .csv; or a picture of it: .svg, .png, .ans,
    /// .txt. May be given several times
    #[arg(
        short,
        long,
        value_name = "FILE",
        required = true,
        help_heading = "Results"
    )]
    output: Vec<PathBuf>,
    /// Record the optimization as asciicast (.cast)
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    record: Option<PathBuf>,
    #[command(flatten)]
    picture: PictureOptions,
    /// Print settings, divergence and, with labels, all statistics as JSON
    #[arg(long, help_heading = "Results")]
    json: bool,
    /// Neighbors per sample in the tables of --json
    #[arg(long, help_heading = "Results", value_name = "K", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    k: u64,
}

#[derive(Debug, Args)]
struct Diagnose {
    #[command(flatten)]
    data: Data,
    /// Neighbors per sample in the tables
    #[arg(long, value_name = "K", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    k: u64,
    /// A map of the same samples (n × 2), to be measured beside the features
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Threads (0: one per core)
    #[arg(long, value_name = "T", default_value_t = 0)]
    threads: usize,
    #[command(flatten)]
    thresholds: thresholds::Thresholds,
}

#[derive(Debug, Args)]
struct Inspect {
    /// Files
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

/// Runs the program with the process's arguments and returns its exit code.
pub fn main() -> i32 {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(problem) => {
            // Help and version go to standard output, complaints to standard error.
            let _ = problem.print();
            return problem.exit_code();
        }
    };
    match dispatch(cli) {
        Ok(code) => code,
        Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::BrokenPipe => 0,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            error.exit_code()
        }
    }
}

fn dispatch(cli: Cli) -> Result<i32> {
    match (cli.command, cli.data) {
        (Some(Command::Demo(screen)), _) => {
            let options = ReadOptions::default();
            let data = read_bytes("digits_cnn (demo)", DEMO, &options)?;
            open(Shown::One(Arc::new(data)), screen)
        }
        (Some(Command::Embed(args)), _) => run_embed(args).map(|()| 0),
        (Some(Command::Transform(args)), _) => transform::run(&args).map(|()| 0),
        (Some(Command::Draw(args)), _) => run_draw(args).map(|()| 0),
        (Some(Command::Diagnose(args)), _) => run_diagnose(args).map(|()| 0),
        (Some(Command::Suspects(args)), _) => suspects::run(args).map(|()| 0),
        (Some(Command::Stability(args)), _) => stability::run(args).map(|()| 0),
        (Some(Command::Compare(args)), _) => compare::run(args).map(|()| 0),
        (Some(Command::Inspect(args)), _) => run_inspect(&args),
        (Some(Command::Doctor(args)), _) => run_doctor(&args).map(|()| 0),
        (Some(Command::Config), _) => print(&config::defaults()).map(|()| 0),
        (None, Some(sets)) => open(sets.shown()?, cli.screen),
        (None, None) => Err(Error::option(
            "FEATURES",
            "(none)",
            "name a features file, or try `disentangle demo`; `disentangle --help` tells more",
        )),
    }
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

fn open(mut shown: Shown, screen: Screen) -> Result<i32> {
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
        Shown::One(data) => crate::tui::run(data, tui),
        Shown::Study(study) => crate::tui::run_study(study, tui),
    };
    suspects::tell_where(file.as_ref(), was_there);
    outcome.map(Outcome::exit_code)
}

/// How the map on the screen was made.
fn summary_of(snapshot: &Snapshot, settings: &TsneSummary) -> TsneSummary {
    let base = settings.clone();
    if !snapshot.is_map {
        return TsneSummary {
            seed: None,
            initialization: None,
            affinities: None,
            annealing: None,
            early_exaggeration: None,
            early_iterations: None,
            early_momentum: None,
            momentum: None,
            exaggeration: None,
            learning_rate: None,
            degrees_of_freedom: None,
            ..base
        };
    }
    let continued = snapshot.origin == MapOrigin::Continued;
    TsneSummary {
        perplexity: Some(snapshot.perplexity),
        iterations: Some(snapshot.iteration),
        kl_divergence: snapshot.kl_divergence,
        neighbor_recall: snapshot.neighbor_recall,
        seed: Some(snapshot.seed),
        initialization: Some(
            match snapshot.origin {
                MapOrigin::Pca => "pca",
                MapOrigin::Random => "random",
                MapOrigin::Spectral => "spectral",
                MapOrigin::Given => "given",
                MapOrigin::Continued => "continued",
            }
            .into(),
        ),
        annealing: base.annealing.filter(|_| !continued),
        early_exaggeration: base.early_exaggeration.filter(|_| !continued),
        early_iterations: base.early_iterations.filter(|_| !continued),
        early_momentum: base.early_momentum.filter(|_| !continued),
        ..base
    }
}

/// How a map was made, for the report.
fn summary(data: &Dataset, options: &RunOptions) -> TsneSummary {
    TsneSummary {
        perplexity: None,
        iterations: None,
        kl_divergence: None,
        seed: Some(options.seed),
        initialization: Some(
            match options.initialization {
                Initialization::Pca => "pca",
                Initialization::Random => "random",
                Initialization::Spectral => "spectral",
                Initialization::Given(_) => "given",
            }
            .into(),
        ),
        pca_components: options
            .components
            .filter(|_| reduces(data, options.components)),
        neighbor_recall: None,
        affinities: Some(options.weighting.clone()),
        annealing: options.annealing,
        early_exaggeration: Some(options.tsne.early_exaggeration),
        early_iterations: Some(options.tsne.early_iterations),
        early_momentum: Some(options.tsne.early_momentum),
        momentum: Some(options.tsne.momentum),
        exaggeration: Some(options.tsne.exaggeration),
        learning_rate: options.tsne.learning_rate,
        degrees_of_freedom: Some(options.tsne.degrees_of_freedom),
    }
}

fn run_embed(args: Embed) -> Result<()> {
    for output in &args.output {
        check_output(output, &args.data.features)?;
    }
    let mut data = args.data.read()?;
    check_coloring(&data, &args.picture)?;
    let options = args.map.options(args.perplexity, data.samples())?;
    validate(&data, &options).map_err(|error| in_file(error, &data))?;
    for note in advanced::notes(&options, data.samples()) {
        data.add_note(note);
    }
    if let (_, Some(note)) = capped_perplexity(args.perplexity, data.samples()) {
        data.add_note(note);
    }
    let record = |path| Recorder::new(path, &data, &args.picture, options.iterations);
    let mut recorder = args.record.map(record).transpose()?;
    let watch = Watch::new()?;
    watch.notes(data.notes());
    let map = embed_with(&data, &options, &watch, &mut |map| {
        if let Some(recorder) = &mut recorder {
            recorder.watch(map);
        }
    });
    let map = watch.outcome(map)?;
    if let Some(recorder) = recorder {
        recorder.finish(&map)?;
    }
    if map.damping() < 1.0 {
        data.add_note(DAMPED);
        watch.notes(&[DAMPED.to_owned()]);
    }
    let positions = map.positions();
    let k = args.k as usize;
    let diagnosis = if args.json {
        let threads = options.tsne.threads;
        watch.outcome(Diagnosis::of(&data, Some(&positions), k, threads, &watch))?
    } else {
        None
    };
    watch.finish();
    let tsne = TsneSummary {
        perplexity: Some(map.affinities().perplexity()),
        iterations: Some(map.iteration()),
        kl_divergence: Some(map.kl_divergence()),
        neighbor_recall: map.affinities().recall(),
        ..summary(&data, &options)
    };
    let small_print = small_print(&data, &tsne);
    for output in &args.output {
        match MapFormat::of_path(output)? {
            MapFormat::Npy | MapFormat::Csv => write_map(output, &positions, &data)?,
            _ => write_picture(output, &positions, &data, &args.picture, &small_print)?,
        }
    }
    if args.json {
        let report = Report::new(&data, diagnosis.as_ref(), k, tsne);
        print(&report.to_json()?)?;
    }
    Ok(())
}

/// Refuses early what could not be written, or would destroy the input.
fn check_output(output: &Path, features: &Path) -> Result<()> {
    check_map_path(output)?;
    if MapFormat::of_path(output)? == MapFormat::Cast {
        return Err(Error::option(
            "--output",
            output.display(),
            "is a recording: use --record for it",
        ));
    }
    if same_file(output, features) {
        return Err(Error::option(
            "--output",
            output.display(),
            "is the features file itself; name another file",
        ));
    }
    Ok(())
}

/// The settings of a map in one line.
fn small_print(data: &Dataset, tsne: &TsneSummary) -> String {
    let mut parts = vec![format!(
        "disentangle {} · {} × {}",
        env!("CARGO_PKG_VERSION"),
        data.samples(),
        data.dimensions()
    )];
    parts.extend(
        tsne.perplexity
            .map(|p| format!("t-SNE perplexity {}", rounded(p))),
    );
    parts.extend(tsne.iterations.map(|i| format!("{i} iterations")));
    parts.extend(tsne.kl_divergence.map(|kl| format!("KL {kl:.3}")));
    parts.extend(tsne.seed.map(|seed| format!("seed {seed}")));
    parts.join(" · ")
}

/// A perplexity as people write it.
fn rounded(perplexity: f64) -> f64 {
    (100.0 * perplexity).round() / 100.0
}

/// The file that the features came from, or the name of what came from none.
fn file_of(data: &Dataset) -> &str {
    let mut sources = data.sources().iter();
    let features = sources.find(|source| source.role.starts_with("features"));
    features.map_or_else(|| data.name(), |source| source.path.as_str())
}

/// The complaint about too few samples with the file that holds them; other errors as they are.
fn in_file(error: Error, data: &Dataset) -> Error {
    if matches!(error, Error::TooFewSamples { .. }) {
        let problem = error.to_string();
        return Error::input(file_of(data), problem, "name a file of more samples");
    }
    error
}

/// Whether a file's name asks for a format by its ending.
fn ends_in(path: Option<&Path>, ending: &str) -> bool {
    path.and_then(Path::extension)
        .is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

/// Whether two paths lead to one file that exists.
fn same_file(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b && a.is_file(),
        _ => false,
    }
}

fn run_diagnose(args: Diagnose) -> Result<()> {
    let data = args.data.read()?;
    if data.labels().is_none() {
        return Err(Error::option(
            "--labels",
            "(none)",
            "statistics are about classes: name a labels file, or a features file that holds them",
        ));
    }
    let k = args.k as usize;
    let options = args.thresholds.checked(k, args.threads)?;
    let map = args.map.as_deref().map(read_positions).transpose()?;
    if let (Some(file), Some(map)) = (&args.map, &map)
        && map.len() != data.samples()
    {
        let file = printable(&file.display().to_string());
        return Err(Error::Mismatch {
            what: format!("map ({file}), beside {}", printable(file_of(&data))),
            expected: data.samples(),
            found: map.len(),
        });
    }
    let watch = Watch::new()?;
    let diagnosis = Diagnosis::with_options(&data, map.as_deref(), &options, &watch);
    let diagnosis = watch.outcome(diagnosis)?;
    watch.finish();
    let report = Report::new(&data, diagnosis.as_ref(), k, TsneSummary::default());
    let text = if args.json || ends_in(args.output.as_deref(), "json") {
        report.to_json()?
    } else {
        report.to_text(WIDTH)
    };
    match &args.output {
        Some(path) => write_file(path, text.as_bytes()),
        None => print(&text),
    }
}

fn run_inspect(args: &Inspect) -> Result<i32> {
    let mut code = 0;
    let mut all = Vec::new();
    for file in &args.files {
        match study_file::look(file) {
            Ok(mut inspection) => {
                if let Some(problem) = &inspection.problem {
                    let _ = writeln!(std::io::stderr(), "error: {problem}");
                    code = 2;
                }
                if args.json {
                    all.push(inspection);
                } else {
                    // What stands on standard error need not be said twice.
                    inspection.problem = None;
                    print(&inspection.to_string())?;
                }
            }
            Err(error) => {
                let _ = writeln!(std::io::stderr(), "error: {error}");
                code = error.exit_code();
            }
        }
    }
    if args.json {
        let text = serde_json::to_string_pretty(&all)
            .map_err(|e| Error::input("inspection", e.to_string(), "please report this"))?;
        print(&(text + "\n"))?;
    }
    Ok(code)
}

/// Writes results to standard output.
fn print(text: &str) -> Result<()> {
    if !std::io::stdout().is_terminal() {
        return print_as_it_is(text);
    }
    // Names and ids come from files: exact for other programs, harmless on a terminal.
    let lines: Vec<String> = text.split('\n').map(printable).collect();
    print_as_it_is(&lines.join("\n"))
}

/// Writes a text that may hold escape sequences of our own to standard output.
fn print_as_it_is(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|source| Error::io("write", printable("standard output"), source))
}
