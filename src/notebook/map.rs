//! A map in a notebook: its settings, and the map itself, which is advanced cell by cell.

use std::path::{Path, PathBuf};

use super::display::shown;
use super::live::{Live, watched};
use super::screen::Screen;
use super::show::{Block, Content, Show};
use crate::affinities::Affinities;
use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::execution::Execution;
use crate::export::{
    Drawing, Inputs, LegendEntry, MapFormat, map_to_bytes, picture_to_bytes, write_file,
};
use crate::neighbors::Neighbors;
use crate::palette::{Background, ColorDepth, ColorSet, Palette};
use crate::picture::Look;
use crate::progress::check;
use crate::raster::names::MOST_CLASSES;
use crate::raster::{Points, Turn};
#[cfg(feature = "tui")]
use crate::run::MapState;
use crate::run::{
    RunOptions, capped_perplexity, check_memory, prepare, starting_positions, validate,
};
use crate::tsne::{Embedding, Initialization};

/// Settings of a map that is to be started: see [`Dataset::tsne`].
#[derive(Debug, Clone)]
pub struct Tsne {
    data: Dataset,
    options: RunOptions,
}

impl Dataset {
    /// A t-SNE map of the features, with the usual settings; [`Tsne::start`] starts it.
    ///
    /// ```
    /// use disentangle::prelude::*;
    /// let data = load("fixtures/digits_mlp.npz")?;
    /// let mut map = data.tsne().perplexity(20).start()?;
    /// map.run(100)?;
    /// map.perplexity(10)?;
    /// assert_eq!(map.iteration(), 600);
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn tsne(&self) -> Tsne {
        Tsne {
            data: self.clone(),
            options: RunOptions::for_samples(self.samples()),
        }
    }
}

impl Tsne {
    /// With this perplexity; 30 if none is given. One that is too large for the number of samples is capped
    /// at (n − 1)/3.
    #[must_use]
    pub fn perplexity(mut self, perplexity: impl Into<f64>) -> Self {
        self.options.perplexity = perplexity.into();
        self
    }

    /// Starts from random positions with this seed, instead of the principal components: another seed gives
    /// another map.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.options.seed = seed;
        self.options.initialization = Initialization::Random;
        self
    }

    /// With this many iterations for the whole map; the early exaggeration is shortened in proportion.
    #[must_use]
    pub fn iterations(mut self, iterations: usize) -> Self {
        self.options = self.options.with_iterations(iterations);
        self
    }

    /// Finds the neighbors and puts the points at their start.
    ///
    /// # Errors
    /// [`Error::TooFewSamples`] below [`FEWEST_SAMPLES`](crate::run::FEWEST_SAMPLES) samples,
    /// [`Error::Option`] if a setting is out of range, [`Error::Memory`] if there is too little.
    pub fn start(self) -> Result<Map> {
        let Self { data, options } = self;
        validate(&data, &options)?;
        let (perplexity, _) = capped_perplexity(options.perplexity, data.samples());
        watched(|execution, _| {
            let wanted = options.largest_perplexity.max(perplexity);
            let k = options.weighting.neighbors_for(wanted, data.samples());
            let (reduction, neighbors) = prepare(&data, &options, k, execution)?;
            let affinities =
                Affinities::weighted(&neighbors, perplexity, &options.weighting, execution)?;
            let start = starting_positions(
                &options.initialization,
                &reduction,
                &affinities,
                options.seed,
                execution,
            )?;
            // The embedding is stepped here; whoever watches changes from cell to cell.
            let threads = Execution::default();
            let embedding = Embedding::start(affinities, start, options.tsne.clone(), &threads)?;
            let mut map = Map {
                positions: Vec::new(),
                kl_divergence: None,
                planned: options.iterations,
                data,
                options,
                neighbors,
                embedding,
            };
            map.look();
            Ok(map)
        })
    }

    /// The whole map at once: [`start`](Self::start), then [`Map::finish`].
    ///
    /// # Errors
    /// As [`start`](Self::start) and [`Map::finish`].
    pub fn run(self) -> Result<Map> {
        let mut map = self.start()?;
        map.finish()?;
        Ok(map)
    }
}

/// A t-SNE map of a dataset, with what is needed to continue and to show it.
///
/// It holds the graph of neighbors, so that another perplexity starts at once. A clone is an independent map.
#[derive(Clone)]
pub struct Map {
    data: Dataset,
    options: RunOptions,
    neighbors: Neighbors,
    embedding: Embedding,
    /// By sample, as of the last look.
    positions: Vec<[f32; 2]>,
    kl_divergence: Option<f64>,
    /// Iterations of the whole map.
    planned: usize,
}

impl Map {
    /// Runs this many iterations, while the terminal shows the map.
    ///
    /// # Errors
    /// [`Error::Diverged`] if the positions stopped being finite numbers; the map is then the last
    /// that was finite.
    pub fn run(&mut self, iterations: usize) -> Result<&Self> {
        let outcome = watched(|execution, live| {
            execution.run(|progress| {
                for _ in 0..iterations {
                    check(progress)?;
                    self.embedding.step()?;
                    self.show_on(live);
                }
                Ok(())
            })
        });
        self.look();
        outcome.map(|()| &*self)
    }

    /// Runs the remaining iterations: see [`Tsne::iterations`].
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn finish(&mut self) -> Result<&Self> {
        self.run(self.planned.saturating_sub(self.iteration()))
    }

    /// Continues from here with another perplexity, for as many iterations as a new map has after the early
    /// exaggeration. The graph of neighbors is used again, unless it has too few neighbors for this
    /// perplexity.
    ///
    /// # Errors
    /// [`Error::Option`] if it is not a number of at least 1, [`Error::Memory`] if there is too little
    /// for it, and as [`run`](Self::run).
    pub fn perplexity(&mut self, perplexity: impl Into<f64>) -> Result<&Self> {
        let asked = RunOptions {
            perplexity: perplexity.into(),
            ..self.options.clone()
        };
        validate(&self.data, &asked)?;
        let samples = self.data.samples();
        let (perplexity, _) = capped_perplexity(asked.perplexity, samples);
        let needed = asked.weighting.neighbors_for(perplexity, samples);
        let affinities = watched(|execution, _| {
            if needed > self.neighbors.k() {
                check_memory(&self.data, &asked, perplexity)?;
                (_, self.neighbors) = prepare(&self.data, &asked, needed, execution)?;
            }
            Affinities::weighted(&self.neighbors, perplexity, &asked.weighting, execution)
        })?;
        self.embedding.retarget(affinities)?;
        self.options = asked;
        self.planned = self.iteration() + self.options.further_iterations;
        self.finish()
    }

    /// Iterations done.
    pub fn iteration(&self) -> usize {
        self.embedding.iteration()
    }

    /// Position of each sample (n × 2).
    pub fn positions(&self) -> &[[f32; 2]] {
        &self.positions
    }

    /// The optimizer, at the state of the map.
    pub fn embedding(&self) -> Embedding {
        self.embedding.clone()
    }

    /// Writes the map: a picture (`.svg`, `.ans`, `.txt` or, with the feature `png`, `.png` by the ending of the
    /// name) or the positions (`.npy` or `.csv`). A file of this name is replaced, unless the data are from it.
    ///
    /// # Errors
    /// [`Error::Io`] if the system refuses, [`Error::Option`] for another ending or a file that was read.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<Saved> {
        let path = path.as_ref();
        let inputs: Inputs = self.data.sources().iter().map(|s| &s.path).collect();
        if inputs.at(path).is_some() {
            let problem = "the data were read from this file; choose another name";
            return Err(Error::option("path", path.display(), problem));
        }
        let format = MapFormat::of_path(path)?;
        let bytes = if format.is_data() {
            map_to_bytes(path, &self.positions, &self.data)?
        } else {
            let is_plain = path
                .extension()
                .is_some_and(|ending| ending.eq_ignore_ascii_case("txt"));
            let (depth, background) = match format {
                MapFormat::Text if is_plain => (ColorDepth::None, Background::Dark),
                MapFormat::Text => (ColorDepth::True, Background::Dark),
                _ => (ColorDepth::True, Background::Light),
            };
            let mut drawing = self.drawing(&self.positions);
            drawing.palette = Palette::of(depth, ColorSet::default(), background);
            picture_to_bytes(&drawing, format, None)?
        };
        write_file(path, &bytes)?;
        Ok(Saved {
            path: path.to_owned(),
            bytes: bytes.len(),
        })
    }

    #[cfg(feature = "tui")]
    pub(super) fn data(&self) -> &Dataset {
        &self.data
    }

    #[cfg(feature = "tui")]
    pub(super) fn options(&self) -> &RunOptions {
        &self.options
    }

    /// Iterations of the whole map.
    #[cfg(feature = "tui")]
    pub(super) fn planned(&self) -> usize {
        self.planned
    }

    /// Neighbors per sample of the graph.
    #[cfg(feature = "tui")]
    pub(super) fn graph(&self) -> usize {
        self.neighbors.k()
    }

    /// Goes on from the state of a map of the same data.
    #[cfg(feature = "tui")]
    pub(super) fn take_up(&mut self, state: &MapState) -> Result<()> {
        let perplexity = state.optimizer.perplexity;
        let options = RunOptions {
            perplexity: state.perplexity,
            seed: state.seed,
            ..self.options.clone()
        };
        let needed = state.graph.unwrap_or(0);
        let affinities = watched(|execution, _| {
            if needed > self.neighbors.k() {
                (_, self.neighbors) = prepare(&self.data, &options, needed, execution)?;
            }
            Affinities::weighted(&self.neighbors, perplexity, &options.weighting, execution)
        })?;
        let optimizer = state.optimizer.as_ref().clone();
        self.embedding = Embedding::restore(affinities, optimizer, &Execution::default())?;
        self.options = options;
        self.planned = state.planned;
        self.look();
        Ok(())
    }

    /// Takes the positions from the optimizer.
    fn look(&mut self) {
        self.positions = self.embedding.positions();
        let is_map = self.iteration() > 0;
        self.kl_divergence = is_map.then(|| self.embedding.kl_divergence());
    }

    /// Shows the map on the terminal while it forms.
    fn show_on(&self, live: &Live) {
        live.show(|| {
            let positions = self.embedding.positions();
            let drawing = Block::Map(Box::new(self.drawing(&positions)));
            super::text::write(vec![drawing], &Screen::detect())
        });
    }

    fn drawing<'a>(&'a self, positions: &'a [[f32; 2]]) -> Drawing<'a> {
        let labels = self.data.labels();
        Drawing {
            points: Points::new(positions, labels.map_or(&[], |l| l.indices())),
            values: None,
            look: Look::default(),
            palette: Palette::new(ColorDepth::None),
            window: None,
            // It is not turned while it forms.
            turn: (self.iteration() < self.planned).then(Turn::default),
            names: labels.is_some_and(|l| l.classes() <= MOST_CLASSES),
            title: self.data.name().to_owned(),
            classes: LegendEntry::of(&self.data),
            small_print: self.caption(),
        }
    }

    /// "perplexity 30 · iteration 250 of 750 · KL 1.234".
    fn caption(&self) -> String {
        let perplexity = self.embedding.affinities().perplexity();
        let (iteration, planned) = (self.iteration(), self.planned);
        let is_capped = perplexity < self.options.perplexity;
        let mut parts = vec![format!(
            "t-SNE of {} × {} · perplexity {}{}",
            self.data.samples(),
            self.data.dimensions(),
            (100.0 * perplexity).round() / 100.0,
            if is_capped {
                ", the largest possible"
            } else {
                ""
            }
        )];
        parts.push(if iteration < planned {
            format!("iteration {iteration} of {planned}")
        } else {
            format!("iteration {iteration}")
        });
        let kl = self.kl_divergence.filter(|_| iteration >= planned);
        parts.extend(kl.map(|kl| format!("KL {kl:.3}")));
        if self.options.initialization == Initialization::Random {
            parts.push(format!("seed {}", self.options.seed));
        }
        parts.join(" · ")
    }
}

impl Show for Map {
    fn content(&self) -> Content<'_> {
        vec![Block::Map(Box::new(self.drawing(&self.positions)))]
    }
}

impl std::fmt::Debug for Map {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Map {{ {} }}", self.caption())
    }
}

impl Show for Tsne {
    fn content(&self) -> Content<'_> {
        let options = &self.options;
        let start = match options.initialization {
            Initialization::Random => format!("random positions with seed {}", options.seed),
            _ => "the principal components".to_owned(),
        };
        vec![Block::Text(
            format!(
                "A map of {} × {} at perplexity {} in {} iterations from {start}: .start()? or .run()?",
                self.data.samples(),
                self.data.dimensions(),
                options.perplexity,
                options.iterations,
            )
            .into(),
        )]
    }
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub bytes: usize,
}

impl Show for Saved {
    fn content(&self) -> Content<'_> {
        let path = crate::error::printable(&self.path.display().to_string());
        let bytes = crate::text::count(self.bytes);
        vec![Block::Text(format!("{path}, {bytes} bytes").into())]
    }
}

shown!(Map, Tsne, Saved);
