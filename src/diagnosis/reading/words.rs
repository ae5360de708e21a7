//! Names and numbers as they stand in sentences.

use super::{ReadingThresholds, printable};
use crate::diagnosis::Diagnosis;
use crate::statistics::Uncertain;

/// The classes' names, safe to print and not too long.
pub(super) struct Names {
    names: Vec<String>,
    most: usize,
}

impl Names {
    pub(super) fn new(diagnosis: &Diagnosis, thresholds: &ReadingThresholds) -> Self {
        let classes = diagnosis.classes.iter();
        Self {
            names: classes
                .map(|class| short(&class.label, thresholds.name_length))
                .collect(),
            most: thresholds.most_names.max(1),
        }
    }

    /// A class's name.
    pub(super) fn of(&self, class: usize) -> &str {
        self.names.get(class).map_or("?", |name| name)
    }

    /// "Class a", "Classes a and b", "Classes a, b and c", or "37 classes" if they are too many.
    pub(super) fn list(&self, classes: &[usize]) -> String {
        match classes {
            [] => "no class".into(),
            [one] => format!("class {}", self.of(*one)),
            many if many.len() > self.most => format!("{} classes", many.len()),
            many => {
                let names: Vec<&str> = many.iter().map(|&c| self.of(c)).collect();
                format!("classes {}", join(&names))
            }
        }
    }
}

/// A name, escaped and cut to so many characters.
pub(crate) fn short(name: &str, length: usize) -> String {
    let name = printable(name);
    let length = length.max(1);
    if name.is_empty() {
        return "(empty)".into();
    }
    if name.chars().count() <= length {
        return name;
    }
    let kept: String = name.chars().take(length - 1).collect();
    format!("{kept}…")
}

/// "a", "a and b", "a, b and c".
pub(crate) fn join<S: AsRef<str>>(parts: &[S]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// The first letter in upper case.
pub(crate) fn begin(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// "41 %"; small shares with a decimal.
pub(crate) fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent > 0.0 && percent < 9.95 {
        format!("{percent:.1} %")
    } else {
        format!("{percent:.0} %")
    }
}

/// "41 % (38–44)", the interval where there is one.
pub(crate) fn with_interval(figure: &Uncertain) -> String {
    match (figure.low, figure.high) {
        (Some(low), Some(high)) => format!(
            "{} ({:.0}–{:.0})",
            percent(figure.value),
            // No share lies beyond; an interval that is its error twice may.
            100.0 * low.clamp(0.0, 1.0),
            100.0 * high.clamp(0.0, 1.0)
        ),
        _ => percent(figure.value),
    }
}

/// "1 sample", "2 samples".
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
