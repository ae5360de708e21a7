//! How well do a classifier's features separate the classes?
//!
//! A deep classifier disentangles its classes layer by layer; in front of the softmax they should
//! stand apart. This crate takes the features of a test set at some layer and shows whether they
//! do: as a t-SNE map, and as figures from the feature space beside it, since a map can mislead.
//!
//! ```text
//! Dataset ─► principal_components ─► Neighbors ─► Affinities ─► Embedding ─► positions
//!    └───────────────────────────────────┴──────────► Diagnosis ◄───────────────┘
//! ```
//!
//! Each stage is a type or function of its own and can be used alone. [`embed`] runs them in one
//! call, [`Run`] on threads of its own with commands and snapshots, and [`tui::run`] on the
//! screen. All stages report to, and can be cancelled through, a [`Progress`].
//!
//! From an array to a map as text and a table of classes:
//!
//! ```
//! use disentangle::ndarray::Array2;
//! use disentangle::raster::{Area, Points, Raster, Viewport};
//! use disentangle::*;
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
//! // The figures: from the features, with the map's beside them.
//! let diagnosis = Diagnosis::of(&data, Some(&positions), 10, &execution)?;
//! let report = Report::new(&data, diagnosis.as_ref(), 10, TsneSummary::default());
//! println!("{}", report.to_text(100));
//! # let diagnosis = diagnosis.unwrap();
//! # assert!(diagnosis.classes.iter().all(|c| c.silhouette.features.unwrap() > 0.5));
//! # assert!(diagnosis.classes.iter().all(|c| c.neighborhood_hit.map.unwrap() > 0.9));
//! # Ok::<(), disentangle::Error>(())
//! ```
//!
//! # Features
//!
//! | feature | default | what it adds |
//! | --- | --- | --- |
//! | `tui` | yes | the terminal screen and the command line; without it the library alone, for a notebook or a REPL |
//!
//! # The same result again
//!
//! The same input, settings and seed give the same numbers, bit for bit, on any number of
//! threads. Another instruction set (AVX-512, AVX2, NEON) may round differently.

pub use ndarray;

mod affinities;
mod alignment;
#[cfg(feature = "tui")]
pub mod cli;
mod comparison;
mod dataset;
mod decisions;
mod diagnosis;
mod embed;
mod error;
mod execution;
mod export;
mod memory;
mod neighbors;
pub mod palette;
pub mod picture;
mod progress;
pub mod raster;
mod reduce;
mod report;
mod run;
mod simd;
mod statistics;
mod study;
#[cfg_attr(
    not(feature = "tui"),
    allow(dead_code, reason = "the screen uses all of it")
)]
mod text;
mod tsne;
#[cfg(feature = "tui")]
pub mod tui;

/// The README's example runs as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub use affinities::{
    Affinities, Conditional, Weighting, conditional_probabilities, largest_perplexity,
    neighbors_for,
};
pub use alignment::{Orientation, procrustes};
pub use comparison::{
    Advice, Agreement, AnswerSource, COMPARISON_SCHEMA, Change, Cka, ClassPair, ClassRow,
    ClassStep, Comparison, ComparisonOptions, Complementarity, Curve, Ensemble, Ensembles,
    IntervalEstimate, LayerClass, LayerFigures, LayerStep, McNemar, Measure, ModelFigure,
    ModelPair, Outcomes, PairAgreement, Recommendation, Saves, SelectionCheck, SetPair,
    SetSimilarity, Similarity, StepVerdict,
};
pub use dataset::{
    Dataset, Inspection, Labels, Metric, ReadOptions, Source, UNLABELED, inspect, read, read_bytes,
    read_positions,
};
pub use decisions::{Choice, Decision, Decisions};
pub use diagnosis::{
    Backing, ClassDiagnosis, ClassFidelity, ClassSeparation, ClassStability, Confusion, CurvePoint,
    Diagnosis, DiagnosisOptions, Estimate, Expected, ExpectedPrecision, Fidelity, FidelityOptions,
    Figure, HeadVerdict, MapFinding, Misleading, MisleadingPair, MixingDifference, MixingDirection,
    MixingThresholds, ModelEvidence, NeighborEvidence, NeighborhoodHit, PairMixing, Pairs, Parts,
    PointFidelity, ProbeFigures, Reading, ReadingThresholds, SampleDiagnosis, SampleNeighbor,
    Separation, Stability, StabilityOptions, Standing, StandingThresholds, Statement, SubsetClass,
    SubsetDiagnosis, Suspect, SuspectOptions, Suspects, Topic, Verdict, VerdictCounts,
    WitnessEvidence, WitnessWeight, map_ranks,
};
pub use embed::{MapOf, embed, embed_several, embed_with};
pub use error::{Error, Result, printable};
pub use execution::Execution;
pub use export::{
    Cast, Drawing, LegendEntry, MapFormat, PICTURE_SIZE, TEXT_SIZE, check_map_path, map_to_csv,
    map_to_npy, picture_to_bytes, samples_to_csv, samples_to_text, text_area, to_png, to_svg,
    write_file, write_map, write_new_file,
};
pub use neighbors::Neighbors;
pub use progress::{Progress, Stage};
pub use reduce::{Reduction, principal_components};
pub use report::{
    ConfusionCell, References, Report, SCHEMA, STABILITY_SCHEMA, StabilityMap, StabilityReport,
    SuspectsReport, TsneSummary, WHOLE_TABLES, suspects_to_csv, suspects_to_text,
};
pub use run::{Activity, FEWEST_SAMPLES, MapOrigin, Run, RunOptions, Snapshot, VisitedMap};
pub use statistics::{Labeled, MapIndex, Mixing, PerSample, RidgeProbe, Silhouettes, Uncertain};
pub use study::{Layer, LayerSource, Model, ModelSource, SetId, Study, StudyOptions};
pub use tsne::{
    Embedding, EmbeddingState, Initialization, RepulsionMethod, Step, TransformParams, TsneParams,
    initial_positions, is_still, spectral_positions, transform,
};
