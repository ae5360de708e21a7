//! `disentangle replay`: computes what a journal recorded again, and says where figures differ.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::output::print;
use super::threads::Threads;
use super::watch::Watch;
use crate::comparison::{Comparison, ComparisonOptions};
use crate::dataset::{Dataset, InputFile, read};
use crate::decisions::{Choice, Decision, Decisions, Sample};
use crate::diagnosis::Diagnosis;
use crate::error::{Error, Result, printable};
use crate::execution::Execution;
use crate::journal::{
    ComparedSet, DecisionEntry, Entry, Event, Figures, Opened, Read, RunEntry, compared, figures,
};
use crate::run::{RunOptions, embed_along};
use crate::study::Study;
use crate::text::{any_number, plain};
use crate::tsne::Initialization;
use crate::words::count;

#[derive(Debug, Args)]
pub(super) struct Replay {
    /// Journal: study.journal.jsonl
    journal: PathBuf,
    /// Relative difference up to which numbers count as equal
    #[arg(long, value_name = "SHARE", default_value_t = 1e-6, value_parser = any_number)]
    tolerance: f64,
    #[command(flatten)]
    threads: Threads,
}

/// The data of a session.
enum Data {
    One(Arc<Dataset>),
    Study(Box<Study>),
}

impl Data {
    fn read(opened: &Opened, folder: &Path) -> Result<Self, String> {
        let Some(options) = opened.data.clone() else {
            return Err("the data did not come from files".into());
        };
        let options = options.in_folder(folder);
        let data = if opened.is_single {
            let features = options
                .models
                .first()
                .and_then(|model| model.layers.first());
            let features = features
                .map(|layer| layer.features.clone())
                .unwrap_or_default();
            read(&features, &options.read).map(|data| Self::One(Arc::new(data)))
        } else {
            Study::read(&options).map(|study| Self::Study(Box::new(study)))
        };
        data.map_err(|error| error.to_string())
    }

    fn sources(&self) -> &[InputFile] {
        match self {
            Self::One(data) => data.sources(),
            Self::Study(study) => study.sources(),
        }
    }

    fn set(&self, name: &str) -> Result<Arc<Dataset>, String> {
        match self {
            Self::One(data) => Ok(Arc::clone(data)),
            Self::Study(study) => {
                let set = study
                    .find(name)
                    .ok_or_else(|| format!("there is no set {}", printable(name)))?;
                study.dataset(set).map_err(|error| error.to_string())
            }
        }
    }
}

/// What was recorded is computed again, entry by entry.
struct Player<'a> {
    folder: &'a Path,
    tolerance: f64,
    execution: Execution,
    /// The session that the entries belong to, and its data.
    session: Option<(&'a Opened, Result<Data, String>)>,
    decided: BTreeMap<String, &'a DecisionEntry>,
    said: String,
    equal: usize,
    different: usize,
    skipped: usize,
}

/// Computes everything again; exit code 1 if a figure differs.
pub(super) fn run(args: &Replay) -> Result<i32> {
    if args.tolerance.is_nan() || args.tolerance < 0.0 {
        return Err(Error::option(
            "--tolerance",
            args.tolerance,
            "must be at least 0",
        ));
    }
    let journal = Read::file(&args.journal)?;
    let watch = Watch::new()?;
    watch.notes(&journal.notes);
    let mut player = Player {
        folder: args.journal.parent().unwrap_or_else(|| Path::new("")),
        tolerance: args.tolerance,
        execution: watch.execution(args.threads),
        session: None,
        decided: BTreeMap::new(),
        said: String::new(),
        equal: 0,
        different: 0,
        skipped: 0,
    };
    for entry in &journal.entries {
        watch.outcome(player.play(entry))?;
    }
    watch.finish();
    let _ = writeln!(
        player.said,
        "{} as recorded, {} different, {} not computed",
        count(player.equal, "entry", "entries"),
        player.different,
        player.skipped
    );
    print(&player.said)?;
    Ok(i32::from(player.different > 0))
}

impl<'a> Player<'a> {
    fn play(&mut self, entry: &'a Entry) -> Result<()> {
        let (recorded, computed) = match &entry.event {
            Event::Opened(opened) => {
                self.open(entry, opened);
                return Ok(());
            }
            Event::Decision(decision) => {
                self.decided
                    .insert(format!("{:?}", decision.sample), decision);
                return Ok(());
            }
            Event::Run(run) => (
                BTreeMap::from([(String::new(), run.figures.clone())]),
                self.map(run)?,
            ),
            Event::Comparison { k, sets } => (by_set(sets), self.comparison(*k)?),
            _ => return Ok(()),
        };
        match computed {
            Ok(computed) => self.compare(entry, &recorded, &computed),
            Err(why) => {
                self.skipped += 1;
                self.say(entry, &format!("not computed: {why}"));
            }
        }
        Ok(())
    }

    fn say(&mut self, entry: &Entry, what: &str) {
        let (time, kind) = (printable(&entry.time), entry.kind());
        let _ = writeln!(
            self.said,
            "{time} {kind} {}: {what}",
            printable(&entry.text())
        );
    }

    /// Reads the data of a session; says which files have changed since.
    fn open(&mut self, entry: &Entry, opened: &'a Opened) {
        let is_same = self.session.as_ref().is_some_and(|(before, _)| {
            before.data == opened.data
                && before.is_single == opened.is_single
                && before.inputs == opened.inputs
        });
        let data = match self.session.take() {
            Some((_, data)) if is_same => data,
            _ => Data::read(opened, self.folder),
        };
        if let Ok(found) = &data
            && !is_same
        {
            // One of them may be relative to the folder of the journal.
            let is_same = |a: &str, b: &str| Path::new(a).ends_with(b) || Path::new(b).ends_with(a);
            let (mut changed, mut unknown) = (Vec::new(), Vec::new());
            for file in found.sources() {
                let known = &opened.inputs;
                if known.iter().any(|before| before.sha256 == file.sha256) {
                    continue;
                }
                let is_known = known.iter().any(|b| is_same(&b.path, &file.path));
                let list = if is_known { &mut changed } else { &mut unknown };
                list.push(printable(&file.path));
            }
            let remarks = [
                ("changed since", changed),
                ("not recorded in the journal", unknown),
            ];
            for (what, files) in remarks {
                if !files.is_empty() {
                    self.say(entry, &format!("{what}: {}", files.join(", ")));
                }
            }
        }
        self.session = Some((opened, data));
    }

    /// The figures of a map, or why they are not computed.
    fn map(&self, run: &RunEntry) -> Result<Result<BTreeMap<String, Figures>, String>> {
        let (opened, data) = match &self.session {
            Some((opened, Ok(data))) => (opened, data),
            Some((_, Err(why))) => return Ok(Err(why.clone())),
            None => return Ok(Err("the journal does not say of which data".into())),
        };
        let mut data = match data.set(&run.place.set) {
            Ok(data) => data,
            Err(why) => return Ok(Err(why)),
        };
        let settings = &opened.settings;
        let Some(initialization) = settings.initialization.clone() else {
            return Ok(Err("its starting positions came from a file".into()));
        };
        if run.path.is_empty() {
            return Ok(Err(
                "the journal does not say which maps came before it".into()
            ));
        }
        if run.relabeled > 0 {
            let decisions = self.decisions(&data);
            if decisions.relabeled(&data) != run.relabeled {
                return Ok(Err(
                    "the labels were corrected by decisions that the journal does not have".into(),
                ));
            }
            data = Arc::new(decisions.apply(&data)?);
        }
        let options = RunOptions {
            seed: settings.seed,
            // Another seed begins at random positions.
            initialization: if run.place.seed == settings.seed && run.start != "random" {
                initialization
            } else {
                Initialization::Random
            },
            components: settings.pca_components,
            weighting: settings.weighting.clone(),
            annealing: settings.annealing,
            tsne: settings.tsne.clone(),
            ..RunOptions::default()
        };
        let path: Vec<(f64, usize)> = run.path.iter().map(|s| (s.perplexity, s.until)).collect();
        let map = embed_along(&data, &options, run.place.seed, &path, &self.execution)?;
        let positions = map.positions();
        let found = Diagnosis::of(&data, Some(&positions), run.k, &self.execution)?;
        let computed = figures(Some(map.kl_divergence()), found.as_ref());
        Ok(Ok(BTreeMap::from([(String::new(), computed)])))
    }

    fn decisions(&self, data: &Dataset) -> Decisions {
        let mut decisions = Decisions::default();
        let names = data.labels().map_or(&[][..], |labels| labels.names());
        for entry in self.decided.values() {
            let class = names
                .iter()
                .position(|name| Some(name) == entry.relabel.as_ref());
            let rows = Sample::rows(std::slice::from_ref(&entry.sample), data);
            if let (Some("relabel"), Some(class), [row]) =
                (entry.decision.as_deref(), class, &rows[..])
            {
                let choice = Choice::Relabel(class as u16);
                let note = entry.note.clone();
                decisions.set(*row as usize, Some(Decision { choice, note }));
            }
        }
        decisions
    }

    /// The figures of each set, or why they are not computed.
    fn comparison(&self, k: usize) -> Result<Result<BTreeMap<String, Figures>, String>> {
        let study = match &self.session {
            Some((_, Ok(Data::Study(study)))) => study,
            Some((_, Err(why))) => return Ok(Err(why.clone())),
            _ => return Ok(Err("there is no study to compare".into())),
        };
        let options = ComparisonOptions {
            k,
            ..ComparisonOptions::default()
        };
        let found = Comparison::of(study, &options, &self.execution)?;
        Ok(match found.as_ref().map(compared) {
            Some(Event::Comparison { sets, .. }) => Ok(by_set(&sets)),
            _ => Err("there is nothing to compare".into()),
        })
    }

    /// Says which figures differ.
    fn compare(
        &mut self,
        entry: &Entry,
        recorded: &BTreeMap<String, Figures>,
        computed: &BTreeMap<String, Figures>,
    ) {
        let mut different = Vec::new();
        for (set, figures) in recorded {
            for (name, then) in figures {
                let now = computed
                    .get(set)
                    .and_then(|figures| figures.get(name))
                    .copied();
                let margin = self.tolerance * then.abs().max(1e-12);
                if now.is_none_or(|now| (now - then).abs() > margin) {
                    let now = now.map_or_else(|| "none".into(), |now| plain(now, 6));
                    let name = printable(&format!("{set} {name}"));
                    different.push(format!(
                        "{} {} then, {now} now",
                        name.trim(),
                        plain(*then, 6)
                    ));
                }
            }
        }
        if different.is_empty() {
            self.equal += 1;
            self.say(entry, "as recorded");
        } else {
            self.different += 1;
            self.say(entry, &format!("differs: {}", different.join("; ")));
        }
    }
}

fn by_set(sets: &[ComparedSet]) -> BTreeMap<String, Figures> {
    let of = |set: &ComparedSet| (set.set.clone(), set.figures.clone());
    sets.iter().map(of).collect()
}
