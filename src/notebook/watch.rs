//! The screen, opened on a map of a notebook.
//!
//! In: a map. Out: the same map as it was on the screen at last, and what the user did there. The map keeps
//! its whole state on the way there and back, so that its iterations are those that the notebook would have made.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::Arc;

use super::display::shown;
use super::map::Map;
use super::show::{Block, Content, Show};
use crate::alignment::Orientation;
use crate::decisions::{Choice, Decisions, kept_decisions};
use crate::error::{Error, Result};
use crate::execution::Execution;
use crate::report::{Report, TsneSummary};
use crate::run::{MapOrigin, MapState, RunState, Snapshot};
use crate::tui::{Device, Settings, StatisticsWriter, TuiOptions};
use crate::words::count;

/// What the user did on the screen: see [`Map::watch`].
#[derive(Debug, Clone)]
pub struct Watched {
    /// Perplexity of the map that was shown at last.
    pub perplexity: f64,
    /// Its iterations.
    pub iteration: usize,
    /// Rows of the samples that were selected at last.
    pub selection: Vec<usize>,
    /// Rows by the names of selections.
    pub selections: BTreeMap<String, Vec<usize>>,
    /// All decisions about labels, those of earlier sessions included.
    pub decisions: Decisions,
}

impl Map {
    /// Opens the screen on this map, and returns what the user did there. The map is then the one that was shown
    /// at last, with another perplexity if the user chose one. A map that is not finished waits for `space`.
    ///
    /// Decisions are kept beside the features, as the program does. `decisions.apply(&data)` makes the data with the
    /// labels that were decided.
    ///
    /// ```no_run
    /// use disentangle::prelude::*;
    /// let data = load("fixtures/digits_mlp.npz")?;
    /// let mut map = data.tsne().run()?;
    /// let watched = map.watch()?;
    /// println!("{:?}", watched.selection);
    /// data.tsne().perplexity(watched.perplexity).run()?;
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Terminal`] if there is no terminal, [`Error::Io`] if decisions cannot be saved, and what
    /// [`Map::run`] returns.
    pub fn watch(&mut self) -> Result<Watched> {
        let data = Arc::new(self.data().clone());
        let options = self.options().clone();
        let (k, weighting) = (options.table_k, options.weighting.clone());
        let statistics: StatisticsWriter = Arc::new(move |data, snapshot, diagnosis, _| {
            let tsne = TsneSummary {
                affinities: Some(weighting.clone()),
                ..summary(snapshot)
            };
            let report = Report::new(data, diagnosis, k, tsne);
            report.to_json().map(String::into_bytes)
        });
        let mut screen = TuiOptions::new(options, Settings::default(), statistics);
        screen.device = terminal()?;
        let kept = kept_decisions(&data);
        (screen.decisions, screen.decisions_file) = (kept.decisions, kept.file);
        screen.remarks = kept.remarks;
        screen.inputs = data.sources().iter().map(|s| &s.path).collect();
        screen
            .decisions_file
            .iter()
            .for_each(|file| screen.inputs.add(file));
        let left = crate::tui::watch(data, self.as_run(), screen, &Execution::default())?;
        let of_run = left.maps.as_ref();
        if let Some(map) = of_run.and_then(|run| run.maps.get(run.shown?)) {
            self.take_up(map)?;
        }
        let rows = |ids: &[u32]| ids.iter().map(|id| *id as usize).collect();
        let named = left.selections.iter();
        Ok(Watched {
            perplexity: self.embedding().affinities().perplexity(),
            iteration: self.iteration(),
            selection: rows(&left.selection),
            selections: named.map(|(name, ids)| (name.clone(), rows(ids))).collect(),
            decisions: left.decisions,
        })
    }

    /// The map as the only one of a run.
    fn as_run(&self) -> RunState {
        let options = self.options();
        let embedding = self.embedding();
        let perplexity = embedding.affinities().perplexity();
        let map = MapState {
            generation: 1,
            perplexity,
            seed: options.seed,
            origin: MapOrigin::of(&options.initialization),
            planned: self.planned().max(self.iteration()),
            annealed_at: None,
            is_still: false,
            is_paused: false,
            graph: Some(self.graph()),
            kl_history: Vec::new(),
            history_start: 0,
            orientation: Orientation::identity(),
            optimizer: Arc::new(embedding.state()),
        };
        RunState {
            graph: map.graph,
            maps: vec![map],
            shown: Some(0),
            seed: options.seed,
            perplexity,
            generations: 1,
            ..RunState::default()
        }
    }
}

/// The terminal to open the screen on. evcxr connects the standard streams with pipes.
fn terminal() -> Result<Device> {
    if std::io::stdout().is_terminal() {
        return Ok(Device::Standard);
    }
    Device::controlling().ok_or_else(|| Error::Terminal {
        problem: "there is no terminal to open the screen on".into(),
        remedy: "start evcxr in a terminal, or show the map in a cell".into(),
    })
}

/// The settings of the map on the screen.
fn summary(snapshot: &Snapshot) -> TsneSummary {
    if !snapshot.is_map {
        return TsneSummary::default();
    }
    TsneSummary {
        perplexity: Some(snapshot.perplexity),
        iterations: Some(snapshot.iteration),
        kl_divergence: snapshot.kl_divergence,
        neighbor_recall: snapshot.neighbor_recall,
        seed: Some(snapshot.seed),
        initialization: Some(snapshot.origin.name().into()),
        ..TsneSummary::default()
    }
}

impl Show for Watched {
    fn content(&self) -> Content<'_> {
        let mut lines = vec![format!(
            "perplexity {} · iteration {} · {} selected",
            (100.0 * self.perplexity).round() / 100.0,
            self.iteration,
            count(self.selection.len(), "sample", "samples"),
        )];
        let named = self.selections.iter();
        lines.extend(named.map(|(name, rows)| {
            let name = crate::error::printable(name);
            format!(
                "selection {name}: {}",
                count(rows.len(), "sample", "samples")
            )
        }));
        if !self.decisions.is_empty() {
            let of = |wanted: fn(&Choice) -> bool| {
                let all = self.decisions.iter();
                all.filter(|(_, decision)| wanted(&decision.choice)).count()
            };
            lines.push(format!(
                "{}: {} to keep the label, {} to change it, {} unsure",
                count(self.decisions.len(), "decision", "decisions"),
                of(|choice| matches!(choice, Choice::Keep)),
                of(|choice| matches!(choice, Choice::Relabel(_))),
                of(|choice| matches!(choice, Choice::Unsure)),
            ));
        }
        let lines = lines.into_iter();
        lines.map(|line| Block::Text(line.into())).collect()
    }
}

shown!(Watched);
