//! What columns of a table are used for, and why: for people and for reports.

use serde::{Deserialize, Serialize};

use crate::error::printable;
use crate::text::first;

/// Names of columns that are listed.
const MOST_NAMES: usize = 6;
/// Names of features that are listed; of more, the number is said.
const MOST_FEATURES: usize = 12;

/// The reason of a label that is the same in every row.
pub(super) const ONE_CLASS: &str = "one class only: nothing can be separated";

/// What a column of a table is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnUse {
    /// The number of the row, which is not used.
    Index,
    /// The samples' ids.
    Ids,
    /// The label.
    Label,
    /// The classifier's predictions.
    Predictions,
    /// The classifier's probabilities.
    Probabilities,
    /// What is known about samples: kept with them, shown and exported, but no feature.
    Metadata,
    /// Not used.
    LeftOut,
    /// Features.
    Features,
}

impl ColumnUse {
    /// All of them, in the order in which they are said.
    const ALL: [Self; 8] = [
        Self::Index,
        Self::Ids,
        Self::Label,
        Self::Predictions,
        Self::Probabilities,
        Self::Metadata,
        Self::LeftOut,
        Self::Features,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Ids => "ids",
            Self::Label => "label",
            Self::Predictions => "predictions",
            Self::Probabilities => "probabilities",
            Self::Metadata => "metadata",
            Self::LeftOut => "left out",
            Self::Features => "features",
        }
    }
}

impl std::fmt::Display for ColumnUse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// A column of a table with its use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnRole {
    /// Its name; “column 1” for one without a name.
    pub column: String,
    /// What it is used for.
    pub role: ColumnUse,
    /// What showed it, for example “whole numbers that rise by 1 in every row”.
    pub reason: String,
}

/// The uses of a table's columns in one line; `None` if all columns are features.
pub(super) fn summary(roles: &[ColumnRole]) -> Option<String> {
    let of = |role: ColumnUse| {
        roles
            .iter()
            .filter(move |r| r.role == role)
            .collect::<Vec<_>>()
    };
    let groups = ColumnUse::ALL.into_iter().map(|role| (role, of(role)));
    let said: Vec<String> = groups
        .filter(|(_, columns)| !columns.is_empty())
        .map(|(role, columns)| format!("{}: {}", role.name(), names(role, &columns)))
        .collect();
    (said.len() > 1).then(|| said.join("; "))
}

fn names(role: ColumnUse, columns: &[&ColumnRole]) -> String {
    let most = if role == ColumnUse::Features {
        MOST_FEATURES
    } else {
        MOST_NAMES
    };
    if role == ColumnUse::Features && columns.len() > most {
        return format!("{} columns", columns.len());
    }
    let has_reason = matches!(role, ColumnUse::Index | ColumnUse::LeftOut);
    let is_number = |c: &&ColumnRole| c.column.bytes().all(|byte| byte.is_ascii_digit());
    // "label: 7" could be a class.
    let kind = match (columns.iter().any(is_number), columns.len()) {
        (true, 1) => "column ",
        (true, _) => "columns ",
        (false, _) => "",
    };
    let names = first(columns, most, |c| {
        let name = printable(&c.column);
        if has_reason || c.reason == ONE_CLASS {
            format!("{name} ({})", c.reason)
        } else {
            name
        }
    });
    format!("{kind}{names}")
}
