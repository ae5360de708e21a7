//! How well do a classifier's features separate the classes?

pub use ndarray;

mod affinities;
mod alignment;
mod dataset;
mod diagnosis;
mod error;
mod neighbors;
mod parallel;
mod progress;
mod reduce;
mod run;
mod tsne;

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
pub use error::{Error, Result, printable};
pub use neighbors::Neighbors;
pub use progress::{Progress, Silent, Stage};
pub use reduce::{Reduction, principal_components};
pub use run::{Activity, FEWEST_SAMPLES, Run, RunOptions, Snapshot, VisitedMap};
pub use tsne::{
    Embedding, EmbeddingState, Initialization, RepulsionMethod, Step, TsneParams, initial_positions,
};
