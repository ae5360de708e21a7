//! The feature sets: layers and models of the same samples.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::action::Further;
use crate::dataset::Dataset;
use crate::diagnosis::Diagnosis;
use crate::run::Snapshot;

/// A feature set's names, as they stand in the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SetName {
    /// The model's number.
    pub(crate) model: usize,
    /// `model/layer`.
    pub(crate) name: String,
}

impl SetName {
    /// Its layer, if it has one.
    pub(crate) fn layer(&self) -> Option<&str> {
        self.name.split_once('/').map(|(_, layer)| layer)
    }
}

/// A set that is not shown now.
#[derive(Debug, Clone)]
pub(crate) struct Aside {
    pub(crate) data: Arc<Dataset>,
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) diagnosis: Option<Arc<Diagnosis>>,
    /// It iterated when it was left.
    pub(crate) was_running: bool,
}

/// The feature sets, and how the eye gets from one to the other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sets {
    /// All sets, model by model; empty where there is one only.
    pub(crate) names: Vec<SetName>,
    /// Clusters are looked for in sets without labels.
    pub(crate) seeks_clusters: bool,
    /// The one that is shown.
    pub(crate) current: usize,
    /// The one that was asked for and has nothing to show yet.
    pub(crate) wanted: Option<usize>,
    /// Those that were opened and are not shown.
    pub(crate) aside: Vec<Option<Aside>>,
    /// What is known of the stability of the maps of each, where it was asked for.
    pub(crate) further: BTreeMap<usize, Further>,
    /// The map that was shown before the flip: what the current one is turned to.
    pub(crate) reference: Option<Arc<[[f32; 2]]>>,
}
