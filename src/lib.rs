//! How well do a classifier's features separate the classes?

pub use ndarray;

mod dataset;
mod diagnosis;
mod error;
pub mod palette;
mod parallel;
mod progress;
pub mod raster;
mod run;
#[cfg(feature = "tui")]
pub mod tui;

pub use dataset::{Dataset, Labels, Source, UNLABELED, read};
pub use diagnosis::{ClassDiagnosis, Confusion, Diagnosis, Figure};
pub use error::{Error, Result, printable};
pub use progress::{Progress, Silent, Stage};
pub use run::{Activity, Run, RunOptions, Snapshot, VisitedMap};
