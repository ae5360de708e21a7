//! How well do a classifier's features separate the classes?

pub use ndarray;

mod affinities;
mod alignment;
#[cfg(feature = "tui")]
pub mod cli;
mod dataset;
mod diagnosis;
mod embed;
mod error;
mod export;
mod neighbors;
pub mod palette;
mod parallel;
mod progress;
pub mod raster;
mod reduce;
mod report;
mod run;
mod tsne;
#[cfg(feature = "tui")]
pub mod tui;

pub use affinities::{
    Affinities, Conditional, conditional_probabilities, largest_perplexity, neighbors_for,
};
pub use alignment::{Orientation, procrustes};
pub use dataset::{
    Dataset, Inspection, Labels, ReadOptions, Source, UNLABELED, inspect, read, read_bytes,
    read_positions,
};
pub use diagnosis::{
    ClassDiagnosis, Confusion, Diagnosis, Figure, Labeled, MapIndex, Mixing, Parts, Silhouettes,
};
pub use embed::embed;
pub use error::{Error, Result, printable};
pub use export::{map_to_csv, map_to_npy, write_file, write_map, write_new_file};
pub use neighbors::Neighbors;
pub use progress::{Progress, Silent, Stage};
pub use reduce::{Reduction, principal_components};
pub use report::{References, Report, SCHEMA, TsneSummary};
pub use run::{Activity, FEWEST_SAMPLES, MapOrigin, Run, RunOptions, Snapshot, VisitedMap};
pub use tsne::{
    Embedding, EmbeddingState, Initialization, RepulsionMethod, Step, TsneParams, initial_positions,
};
