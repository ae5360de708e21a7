//! The roles that arrays and columns can have for the samples.

use std::fmt;
use std::path::PathBuf;

use crate::dataset::ReadOptions;
use crate::dataset::column::{Column, Matrix};
use crate::dataset::column_role::ColumnRole;

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Features,
    Labels,
    ClassNames,
    Ids,
    Predictions,
    Probabilities,
    /// A map.
    Positions,
}

impl Role {
    /// What may come with the features, in the same file or in files of its own. Ids come first, since
    /// rows are matched by them.
    pub(in crate::dataset) const COMPANIONS: [Self; 5] = [
        Self::Ids,
        Self::Labels,
        Self::ClassNames,
        Self::Predictions,
        Self::Probabilities,
    ];

    /// Names in archives, the most specific first.
    pub(in crate::dataset) const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Features => &[
                "features",
                "X",
                "x",
                "embeddings",
                "feats",
                "penultimate",
                "Z",
                "data",
            ],
            Self::Labels => &["labels", "y", "Y", "label", "targets", "target"],
            Self::ClassNames => &["class_names", "classes", "target_names"],
            Self::Ids => &["ids", "id", "names", "paths", "filenames"],
            Self::Predictions => &["predictions", "y_pred", "preds"],
            Self::Probabilities => &["probabilities", "probs", "y_prob"],
            Self::Positions => &["map", "embedding", "positions"],
        }
    }

    /// The role that an array's name says, unless it could be features.
    pub(in crate::dataset) fn of_name(column: &Column) -> Option<Self> {
        let mut others = Self::COMPANIONS.into_iter().chain([Self::Positions]);
        others.find(|role| role.names().contains(&column.stem()))
    }

    /// The file that an option names for it.
    pub(in crate::dataset) fn file(self, options: &ReadOptions) -> Option<&PathBuf> {
        match self {
            Self::Features | Self::Positions => None,
            Self::Labels => options.labels.as_ref(),
            Self::ClassNames => options.class_names.as_ref(),
            Self::Ids => options.ids.as_ref(),
            Self::Predictions => options.predictions.as_ref(),
            Self::Probabilities => options.probabilities.as_ref(),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Features => "features",
            Self::Labels => "labels",
            Self::ClassNames => "class names",
            Self::Ids => "ids",
            Self::Predictions => "predictions",
            Self::Probabilities => "probabilities",
            Self::Positions => "positions",
        })
    }
}

/// The columns of a features file by role.
#[derive(Debug, Default)]
pub(in crate::dataset) struct Roles {
    pub(in crate::dataset) features: Vec<usize>,
    /// The features' values, where they had to be read to decide.
    pub(in crate::dataset) matrix: Option<Matrix>,
    /// Columns of other roles, each role once at most.
    pub(in crate::dataset) others: Vec<(Role, Vec<usize>)>,
    /// Class names in the first line of a table.
    pub(in crate::dataset) class_names: Option<Vec<String>>,
    /// The column of the array of features that holds the labels.
    pub(in crate::dataset) label_within: Option<usize>,
    /// Columns that are kept beside the features.
    pub(in crate::dataset) metadata: Vec<usize>,
    /// The uses of a table's columns.
    pub(in crate::dataset) columns: Vec<ColumnRole>,
    /// Columns of a table that could be the label, where none was taken.
    pub(in crate::dataset) possible_labels: Vec<String>,
    pub(in crate::dataset) notes: Vec<String>,
    /// Whether the file has the column that the options name for the labels.
    pub(in crate::dataset) has_label_column: bool,
}
