//! What an analysis needs, in one import: `use disentangle::prelude::*;`.
//!
//! Stages by themselves and everything else are in the modules that they belong to.

pub use crate::comparison::{Comparison, ComparisonOptions};
pub use crate::dataset::{Dataset, Labels};
pub use crate::diagnosis::{Diagnosis, SuspectOptions, Suspects};
pub use crate::notebook::{Map, Tsne, compare, load, load_study};
pub use crate::report::Report;
pub use crate::run::{Run, RunOptions, embed};
pub use crate::study::{Study, StudyOptions};
pub use crate::tsne::{Embedding, TsneParams};
pub use crate::{Error, Execution, Result};
