//! The names of classes as sentences use them.

use crate::diagnosis::{Diagnosis, ReadingThresholds};
use crate::words::{join, short};

/// The classes' names, safe to print and not too long.
pub(super) struct Names {
    shown: Vec<String>,
    /// Number of classes with members.
    occupied: usize,
    most: usize,
}

impl Names {
    pub(super) fn new(diagnosis: &Diagnosis, thresholds: &ReadingThresholds) -> Self {
        let classes = diagnosis.classes.iter();
        Self {
            shown: classes
                .map(|class| short(&class.label, thresholds.name_length))
                .collect(),
            occupied: diagnosis.classes.iter().filter(|c| c.count > 0).count(),
            most: thresholds.most_names.max(1),
        }
    }

    /// A class's name.
    pub(super) fn of(&self, class: usize) -> &str {
        self.shown.get(class).map_or("?", |name| name)
    }

    /// At most this many names are in one list.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// "class a", "classes a and b", "classes a, b and c", "all 10 classes", or "37 classes" if they
    /// are too many.
    pub(super) fn list(&self, classes: &[usize]) -> String {
        match classes {
            [] => "no class".into(),
            [one] => format!("class {}", self.of(*one)),
            all if all.len() > 2 && all.len() == self.occupied => {
                format!("all {} classes", all.len())
            }
            many if many.len() > self.most => format!("{} classes", many.len()),
            many => {
                let names: Vec<&str> = many.iter().map(|&c| self.of(c)).collect();
                format!("classes {}", join(&names))
            }
        }
    }
}
