//! `disentangle report`: everything about a dataset or a study as one HTML file, or as Markdown.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::clusters::ClusterArguments;
use super::data::{Sets, Shown};
use super::journal::journal_file;
use super::map::Map;
use super::output::{Force, ends_in};
use super::summary::{summary, summary_of, summary_of_map};
use super::thresholds::Thresholds;
use super::watch::Watch;
use super::{PERPLEXITY, advanced, in_file};
use crate::clusters::{ClusterOptions, Clusters};
use crate::comparison::{Comparison, ComparisonOptions};
use crate::dataset::Dataset;
use crate::decisions::{Decisions, beside, kept_decisions, restore_names};
use crate::diagnosis::{Diagnosis, DiagnosisOptions, Fidelity, FidelityOptions, usual_neighbors};
use crate::document::{DecidedLabel, DescribedSet, Document, NamedSelection, OtherMap, Pictures};
use crate::error::{Error, Result};
use crate::execution::Execution;
use crate::export::endings;
use crate::journal::Read;
use crate::report::{Report, TsneSummary};
use crate::run::{DAMPED, MapOf, RunOptions, capped_perplexity, embed, embed_several, validate};
use crate::study::Study;
use crate::text::{any_number, whole, word};
use crate::tui::{OnScreen, ReportWriter};

#[derive(Debug, Args)]
pub(super) struct WriteReport {
    /// File for the report: .html (one file that needs no other), .md (maps as .svg files beside it) or .json
    #[arg(short, long, value_name = "FILE", help_heading = "Results")]
    output: PathBuf,
    /// Draw the maps of a .md file as text, instead of writing files beside it
    #[arg(long, help_heading = "Results")]
    inline: bool,
    #[command(flatten, next_help_heading = "Results")]
    force: Force,
    /// File with the decisions about labels that the report lists [default: those kept beside the features]
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    decisions: Option<PathBuf>,
    /// Neighbors per sample in the tables [default: 10, or as many as the smallest class allows]
    #[arg(long, value_name = "K", help_heading = "Results", value_parser = whole(1_u64..=1_000))]
    k: Option<u64>,
    /// Perplexity: roughly how many neighbors each sample is placed close to. With several, statistics
    /// use the first; sets that are reported in full also get a map at each further perplexity
    #[arg(
        long,
        help_heading = "t-SNE",
        value_name = "P,…",
        value_delimiter = ',',
        default_values_t = [PERPLEXITY],
        allow_negative_numbers = true, value_parser = any_number)]
    perplexity: Vec<f64>,
    #[command(flatten)]
    map: Map,
    #[command(flatten)]
    sets: Sets,
    #[command(flatten)]
    thresholds: Thresholds,
    #[command(flatten)]
    clusters: ClusterArguments,
}

/// What the report is written as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Html,
    Markdown,
    Json,
}

impl Format {
    fn of_path(path: &Path) -> Result<Self> {
        let is = |endings: &[&str]| endings.iter().any(|ending| ends_in(Some(path), ending));
        if is(&["html", "htm"]) {
            Ok(Self::Html)
        } else if is(&["md", "markdown"]) {
            Ok(Self::Markdown)
        } else if is(&["json"]) {
            Ok(Self::Json)
        } else {
            let endings = endings::one_of(endings::REPORTS);
            let problem = format!("the name of a report must end in {endings}");
            Err(Error::option("--output", path.display(), problem))
        }
    }

    /// A single file.
    fn alone(self, document: &Document) -> Result<Vec<u8>> {
        let text = match self {
            Self::Html => document.to_html()?,
            Self::Markdown => document.to_markdown(Pictures::Inline)?.text,
            Self::Json => document.to_json()?,
        };
        Ok(text.into_bytes())
    }
}

pub(super) fn run(args: WriteReport) -> Result<()> {
    let format = Format::of_path(&args.output)?;
    if args.inline && format != Format::Markdown {
        let problem = "draws maps into a .md file; leave it out, or name a .md file";
        return Err(Error::option("--inline", args.output.display(), problem));
    }
    let mut inputs = args.sets.inputs();
    inputs.add(Path::new(&args.map.init));
    args.decisions.iter().for_each(|file| inputs.add(file));
    args.force.check("--output", &args.output, &inputs)?;
    let study_file = args.sets.origin().study_file;
    let shown = args.sets.shown()?;
    let first = shown.first()?;
    let journal_file = journal_file(study_file.as_deref(), &first);
    inputs.add(&journal_file);
    args.force.check("--output", &args.output, &inputs)?;
    let journal = if journal_file.exists() {
        Read::file(&journal_file)?
    } else {
        Read::default()
    };
    let decisions = match &args.decisions {
        Some(path) => Decisions::load(path, &first)?,
        None => kept_decisions(&first).decisions,
    };
    let k = args
        .k
        .map_or_else(|| usual_neighbors(first.labels()), |k| k as usize);
    let threads = args.map.threads;
    let mut others = args.perplexity;
    let perplexity = others.remove(0);
    let watch = Watch::new()?;
    let work = Work {
        map: args.map.options(perplexity, shown.samples())?,
        others,
        statistics: args.thresholds.checked(k)?,
        execution: watch.execution(threads),
        watch: &watch,
        clusters: args.clusters.options(),
    };
    let mut document = match shown {
        Shown::One(data) => work.one(data)?,
        Shown::Study(study) => work.study(&study)?,
    };
    watch.finish();
    document.decisions = DecidedLabel::all(&decisions, &first);
    document.journal = journal.entries.into_iter().map(Arc::new).collect();
    document.notes.extend(journal.notes);
    let (named, _, remarks) = restore_names(&beside(&first, "selections.json"), &first);
    document.selections = NamedSelection::all(&named.selections, &first);
    document.notes.extend(remarks);
    let Format::Markdown = format else {
        return args.force.write(&args.output, &format.alone(&document)?);
    };
    let stem = args
        .output
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy();
    let pictures = if args.inline {
        Pictures::Inline
    } else {
        Pictures::Beside(&stem)
    };
    let written = document.to_markdown(pictures)?;
    for (name, content) in &written.files {
        let path = args.output.with_file_name(name);
        args.force.write(&path, content.as_bytes())?;
    }
    args.force.write(&args.output, written.text.as_bytes())
}

/// Writes the report of what is on the screen.
pub(super) fn from_screen(options: RunOptions, k: usize) -> ReportWriter {
    Arc::new(move |path, shown| {
        let OnScreen { data, snapshot, .. } = *shown;
        let tsne = summary_of(snapshot, &summary(data, &options));
        let mut report = Report::new(data, shown.diagnosis, k, tsne);
        report.notes = snapshot.notes.to_vec();
        let mut document = Document::new(data.name(), data, command());
        document.comparison = shown.comparison.cloned();
        document.decisions = DecidedLabel::all(shown.decisions, data);
        document.journal = shown.journal.to_vec();
        document.selections = NamedSelection::all(shown.selections, data);
        document.sets.push(DescribedSet {
            set: data.name().to_owned(),
            model: String::new(),
            layer: String::new(),
            in_full: true,
            report,
            others: Vec::new(),
            positions: snapshot.positions.to_vec(),
        });
        Format::of_path(path)?.alone(&document)
    })
}

/// What is computed, and how.
struct Work<'a> {
    map: RunOptions,
    /// More perplexities, for the sets in full.
    others: Vec<f64>,
    statistics: DiagnosisOptions,
    execution: Execution,
    watch: &'a Watch,
    clusters: Option<ClusterOptions>,
}

impl Work<'_> {
    /// A single set.
    fn one(&self, mut data: Arc<Dataset>) -> Result<Document> {
        let sought = self.clusters.filter(|_| data.labels().is_none());
        let find = |options| {
            self.watch
                .outcome(Clusters::of(&data, &options, &self.execution))
        };
        let found = sought.map(find).transpose()?;
        if let Some(found) = &found {
            data = Arc::new(data.as_ref().clone().with_labels(found.labels()?)?);
        }
        let mut set = self.described(&data, true, found.map(Arc::new))?;
        let mut document = Document::new(data.name(), &data, command());
        data.name().clone_into(&mut set.set);
        document.sets.push(set);
        Ok(document)
    }

    /// All sets of a study, those that stand for their models in full.
    fn study(&self, study: &Study) -> Result<Document> {
        let first = study.first();
        let mut document = Document::new(study.name(), &*study.dataset(first)?, command());
        document.inputs = study.sources().to_vec();
        document.notes = study.notes().to_vec();
        if study.has_several() {
            let options = ComparisonOptions {
                k: self.statistics.k,
                ..ComparisonOptions::default()
            };
            let found = Comparison::of(study, &options, &self.execution);
            document.comparison = self.watch.outcome(found)?;
        }
        for id in study.sets() {
            let data = study.dataset(id)?;
            let is_main = id == first || id.layer == study.last_features(id.model);
            let described = self.described(&data, is_main, None)?;
            if id == first {
                document.first = document.sets.len();
            }
            let model = &study.models()[id.model];
            document.sets.push(DescribedSet {
                set: study.set_name(id),
                model: model.name().to_owned(),
                layer: model.layers()[id.layer].name().to_owned(),
                ..described
            });
        }
        Ok(document)
    }

    /// The map of a set and its statistics: all of them, or those of the map's fidelity.
    fn described(
        &self,
        data: &Dataset,
        in_full: bool,
        clusters: Option<Arc<Clusters>>,
    ) -> Result<DescribedSet> {
        validate(data, &self.map).map_err(|error| in_file(error, data))?;
        let map = self
            .watch
            .outcome(embed(data, &self.map, &self.execution))?;
        let positions = map.positions();
        let k = self.statistics.k;
        let tsne = summary_of_map(data, &self.map, &map);
        let mut others = Vec::new();
        let mut report = if in_full {
            let found =
                Diagnosis::with_options(data, Some(&positions), &self.statistics, &self.execution);
            let mut found = self.watch.outcome(found)?;
            if let Some(clusters) = clusters {
                found = found.map(|d| d.with_clusters(clusters));
            }
            others = self.others(data)?;
            Report::new(data, found.as_ref(), k, tsne)
        } else {
            Report {
                fidelity: self.fidelity(data, &positions)?,
                ..Report::new(data, None, k, tsne)
            }
        };
        let samples = data.samples();
        report.notes.extend(advanced::notes(&self.map, samples));
        report
            .notes
            .extend(capped_perplexity(self.map.perplexity, samples).1);
        if map.damping() < 1.0 {
            report.notes.push(DAMPED.to_owned());
        }
        Ok(DescribedSet {
            set: String::new(),
            model: String::new(),
            layer: String::new(),
            in_full,
            report,
            others,
            positions,
        })
    }

    fn fidelity(&self, data: &Dataset, positions: &[[f32; 2]]) -> Result<Option<Fidelity>> {
        let options = FidelityOptions {
            k: self.statistics.k,
            ..FidelityOptions::default()
        };
        let found = Fidelity::of(data, positions, &options, &self.execution);
        self.watch.outcome(found)
    }

    /// The maps with other perplexities.
    fn others(&self, data: &Dataset) -> Result<Vec<OtherMap>> {
        let wanted: Vec<(f64, u64)> = self.others.iter().map(|&p| (p, self.map.seed)).collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let maps = embed_several(data, &self.map, &wanted, &self.execution);
        let described = |map: MapOf| -> Result<OtherMap> {
            Ok(OtherMap {
                tsne: TsneSummary {
                    perplexity: Some(map.perplexity),
                    iterations: Some(map.iterations),
                    kl_divergence: Some(map.kl_divergence),
                    ..summary(data, &self.map)
                },
                fidelity: self.fidelity(data, &map.positions)?,
                positions: map.positions,
            })
        };
        self.watch
            .outcome(maps)?
            .into_iter()
            .map(described)
            .collect()
    }
}

/// The command line as it was typed, in words of a shell.
fn command() -> String {
    let arguments = std::env::args_os().skip(1);
    let words = arguments.map(|argument| word(&argument.to_string_lossy()));
    let words: Vec<String> = std::iter::once("disentangle".to_owned())
        .chain(words)
        .collect();
    words.join(" ")
}
