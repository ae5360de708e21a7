//! How well do a classifier's features separate the classes?
//!
//! A deep classifier separates its classes layer by layer; before the softmax they should be
//! well apart. This crate takes the features of a test set at some layer and shows whether they
//! are: as a t-SNE map, and as statistics of the feature space beside it, because a map can
//! mislead.
//!
//! ```text
//! Dataset ─► principal_components ─► Neighbors ─► Affinities ─► Embedding ─► positions
//!    └───────────────────────────────────┴──────────► Diagnosis ◄───────────────┘
//! ```
//!
//! Each stage is a type or function of its own and can be used alone. [`run::embed`] runs them in
//! one call, [`run::Run`] in the background with commands and snapshots, and [`tui::run`] on the
//! screen. Every long call takes an [`Execution`] last: how many threads it may use, and a
//! [`Progress`] that it reports to and that can cancel it.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`prelude`] | what an analysis needs, in one import |
//! | [`dataset`], [`study`] | features, labels and predictions of one feature set, or of several layers and models |
//! | [`reduce`], [`neighbors`], [`affinities`], [`tsne`] | the stages of a map |
//! | [`run`] | all stages of a map: in one call, or in the background |
//! | [`statistics`], [`diagnosis`], [`comparison`] | statistics, and what they show about one feature set or several |
//! | [`clusters`] | groups of samples without labels |
//! | [`decisions`] | what a user decided about samples whose label is doubtful |
//! | [`report`], [`export`] | reports as text and JSON; maps as tables and pictures |
//! | [`raster`], [`palette`], [`picture`] | maps as characters with colors |
//! | [`notebook`] | one-liners for a notebook, and values that show themselves |
//! | [`alignment`] | one map rotated to lie on another |
//!
//! From an array to a map as text and a table of classes:
//!
//! ```
//! use disentangle::affinities::{Affinities, neighbors_for};
//! use disentangle::ndarray::Array2;
//! use disentangle::neighbors::Neighbors;
//! use disentangle::prelude::*;
//! use disentangle::raster::{Area, Points, Raster, Viewport};
//! use disentangle::reduce::principal_components;
//! use disentangle::report::TsneSummary;
//! use disentangle::tsne::{Initialization, initial_positions};
//!
//! // Three classes of 40 samples with 5 features; usually `Dataset::load("features.npz")`.
//! let features = Array2::from_shape_fn((120, 5), |(i, j)| {
//!     let noise = (i * 7 + j * 13) % 11;
//!     (i % 3 * 20 * (j % 2 + 1) + noise) as f32
//! });
//! let labels: Vec<&str> = (0..120).map(|i| ["cat", "dog", "ox"][i % 3]).collect();
//! let data = Dataset::new(features)?.with_labels(Labels::from_strings(&labels)?)?;
//!
//! // Each stage by itself, on all cores.
//! let execution = Execution::default();
//! let perplexity = 15.0;
//! let pca = principal_components(data.features(), 50, 1, &execution)?;
//! let k = neighbors_for(perplexity, data.samples());
//! let neighbors = Neighbors::exact(data.features(), k, &execution)?;
//! let affinities = Affinities::new(&neighbors, perplexity, &execution)?;
//! let start = initial_positions(&Initialization::Pca, &pca, 1)?;
//!
//! // The optimizer is a value: step it, look at it, clone it, save it.
//! let mut map = Embedding::start(affinities, start, TsneParams::default(), &execution)?;
//! for _ in 0..10 {
//!     map.advance(50)?;
//!     println!("{:4} {:.3}", map.iteration(), map.kl_divergence());
//! }
//!
//! // The map as text.
//! let positions = map.positions();
//! let classes = data.labels().map_or(&[][..], |l| l.indices());
//! let area = Area::new(40, 12);
//! let view = Viewport::fit(&positions, area);
//! println!("{}", Raster::draw(&Points::new(&positions, classes), view, area).to_text());
//!
//! // The statistics of the features, with the map's beside them.
//! let diagnosis = Diagnosis::of(&data, Some(&positions), 10, &execution)?;
//! let report = Report::new(&data, diagnosis.as_ref(), 10, TsneSummary::default());
//! println!("{}", report.to_text(100));
//! # let diagnosis = diagnosis.unwrap();
//! # assert!(diagnosis.classes.iter().all(|c| c.silhouette.in_features().unwrap() > 0.5));
//! # assert!(diagnosis.classes.iter().all(|c| c.neighborhood_hit.in_map().unwrap() > 0.9));
//! # Ok::<(), disentangle::Error>(())
//! ```
//!
//! # Features
//!
//! | feature | default | what it adds |
//! | --- | --- | --- |
//! | `tui` | yes | the terminal screen and the command line; without it the library alone, for a notebook or a REPL |
//! | `png` | yes | maps as PNG |
//! | `hdf5`, `parquet`, `compression` | yes | files in these formats |
//!
//! In the Rust REPL evcxr, each step of an analysis takes one line: docs/notebook.md shows how.
//!
//! # The same result again
//!
//! The same input, settings and seed give the same numbers, bit for bit, with any number of
//! threads. Another instruction set (AVX-512, AVX2, NEON) may round differently.

pub use ndarray;

pub mod affinities;
pub mod alignment;
pub mod checkpoint;
#[cfg(feature = "tui")]
pub mod cli;
pub mod clusters;
pub mod comparison;
pub mod dataset;
pub mod decisions;
pub mod diagnosis;
#[cfg(feature = "tui")]
mod document;
mod encode;
mod error;
mod execution;
pub mod export;
#[cfg(feature = "tui")]
mod journal;
mod machine;
mod memory;
mod named;
pub mod neighbors;
pub mod notebook;
pub mod palette;
pub mod picture;
pub mod prelude;
mod processes;
mod progress;
pub mod raster;
pub mod reduce;
pub mod report;
pub mod run;
#[cfg(feature = "tui")]
mod session;
mod simd;
pub mod statistics;
pub mod study;
#[cfg_attr(
    not(feature = "tui"),
    allow(dead_code, reason = "the screen uses all of it")
)]
mod text;
pub mod tsne;
#[cfg(feature = "tui")]
pub mod tui;
mod words;

/// The README's example runs as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub use error::{Error, Result, printable};
pub use execution::Execution;
pub use progress::{Progress, Stage};
