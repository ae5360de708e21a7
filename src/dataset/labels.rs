//! The class of each sample.

use std::cmp::Ordering;

use crate::error::{Error, Result};

/// Marks a sample without a label in [`Labels::indices`].
pub const UNLABELED: u16 = u16::MAX;

/// The class of each sample and the names of the classes.
#[derive(Clone, PartialEq, Eq)]
pub struct Labels {
    /// Class names in display order: numeric labels ascending, text labels alphabetically.
    names: Vec<String>,
    /// Index into `names` per sample; [`UNLABELED`] where the label is missing.
    indices: Vec<u16>,
    /// The classes in their order, if they have one.
    order: Option<Vec<u16>>,
    /// They are clusters that were found in the features.
    is_provisional: bool,
}

impl Labels {
    /// Labels from class indices (`UNLABELED` where there is none) and the classes' names.
    ///
    /// # Errors
    /// [`Error::Input`] if an index has no name or there are more than 65,534 classes.
    ///
    /// ```
    /// use disentangle::prelude::*;
    /// let labels = Labels::new(vec!["cat".into(), "dog".into()], vec![0, 1, 1])?;
    /// assert_eq!(labels.counts(), [1, 2]);
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn new(names: Vec<String>, indices: Vec<u16>) -> Result<Self> {
        if names.len() >= usize::from(UNLABELED) {
            return Err(Error::input(
                "labels",
                format!("{} classes", names.len()),
                format!("at most {} are possible", UNLABELED - 1),
            ));
        }
        let is_unnamed = |&c: &u16| c != UNLABELED && usize::from(c) >= names.len();
        if let Some(row) = indices.iter().position(is_unnamed) {
            let (class, named) = (indices[row], names.len());
            let problem = format!("row {row} has class {class}, but {named} classes have names");
            return Err(Error::input("labels", problem, "name every class"));
        }
        let order = natural_order(&names);
        Ok(Self {
            names,
            indices,
            order,
            is_provisional: false,
        })
    }

    /// Labels from whole numbers of any value: one class per distinct number, in ascending order.
    ///
    /// # Errors
    /// [`Error::Input`] if there are more than 65,534 distinct numbers.
    pub fn from_integers(values: &[i64]) -> Result<Self> {
        Self::from_distinct(values)
    }

    /// Labels from text: one class per distinct text, in alphabetical order.
    ///
    /// # Errors
    /// [`Error::Input`] if there are more than 65,534 distinct texts.
    pub fn from_strings<S: AsRef<str>>(values: &[S]) -> Result<Self> {
        let values: Vec<&str> = values.iter().map(AsRef::as_ref).collect();
        Self::from_distinct(&values)
    }

    fn from_distinct<T: Ord + Copy + ToString>(values: &[T]) -> Result<Self> {
        let mut distinct = values.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() >= usize::from(UNLABELED) {
            return Err(Error::input(
                "labels",
                format!("{} distinct values", distinct.len()),
                "class labels repeat from sample to sample; pass one label per sample",
            ));
        }
        let class = |v: &T| distinct.partition_point(|d| d < v) as u16;
        let indices = values.iter().map(class).collect();
        Self::new(distinct.iter().map(ToString::to_string).collect(), indices)
    }

    /// The same labels with a declared order of the classes: class indices, the first class first.
    pub(crate) fn in_order(self, order: Vec<u16>) -> Self {
        Self {
            order: Some(order),
            ..self
        }
    }

    /// The same as clusters that were found in the features. They have no order.
    pub(crate) fn into_provisional(self) -> Self {
        Self {
            order: None,
            is_provisional: true,
            ..self
        }
    }

    /// Whether these are clusters that were found in the features
    /// ([`Clusters::labels`](crate::clusters::Clusters::labels)), rather than labels that were given.
    pub fn is_provisional(&self) -> bool {
        self.is_provisional
    }

    /// Other labels of the same samples, with the same classes.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub(crate) fn corrected(&self, indices: Vec<u16>) -> Result<Self> {
        let labels = Self::new(self.names.clone(), indices)?;
        Ok(Self {
            order: self.order.clone(),
            is_provisional: self.is_provisional,
            ..labels
        })
    }

    /// The classes in their order, as indices: by the numbers in their names (`grade 0`, `grade 1` …), or
    /// as their names were given. `None` if they have no order.
    pub fn order(&self) -> Option<&[u16]> {
        self.order.as_deref()
    }

    /// Class names in display order. They come from files: print them through
    /// [`printable`](crate::printable).
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Class index per sample; [`UNLABELED`] where there is none.
    pub fn indices(&self) -> &[u16] {
        &self.indices
    }

    /// The class of a sample, if it has one.
    pub fn class(&self, sample: usize) -> Option<usize> {
        let index = *self.indices.get(sample)?;
        (index != UNLABELED).then_some(usize::from(index))
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.names.len()
    }

    /// Number of samples per class.
    pub fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.names.len()];
        for &index in &self.indices {
            if let Some(count) = counts.get_mut(usize::from(index)) {
                *count += 1;
            }
        }
        counts
    }

    /// The labels of some samples, with the names of all classes.
    pub(crate) fn select(&self, rows: &[usize]) -> Self {
        Self {
            names: self.names.clone(),
            indices: rows.iter().map(|&r| self.indices[r]).collect(),
            order: self.order.clone(),
            is_provisional: self.is_provisional,
        }
    }

    /// Other display names, one per class.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if there are not as many names as classes.
    pub fn rename(&mut self, names: Vec<String>) -> Result<()> {
        if names.len() != self.names.len() {
            return Err(Error::Mismatch {
                what: "class names".into(),
                expected: self.names.len(),
                found: names.len(),
            });
        }
        self.names = names;
        Ok(())
    }
}

/// The classes by the numbers in their names, if the names differ in nothing else: `3`, `0.5`, `grade 2`,
/// `10-19`.
fn natural_order(names: &[String]) -> Option<Vec<u16>> {
    let parts: Option<Vec<(String, Vec<f64>)>> = names.iter().map(|name| numbers(name)).collect();
    let parts = parts?;
    let (first, _) = parts.first()?;
    if parts.iter().any(|(text, _)| text != first) {
        return None;
    }
    let mut order: Vec<u16> = (0..names.len() as u16).collect();
    let numbers = |class: u16| &parts[usize::from(class)].1;
    order.sort_by(|&a, &b| {
        let pairs = numbers(a).iter().zip(numbers(b));
        let differ = pairs
            .map(|(a, b)| a.total_cmp(b))
            .find(|order| order.is_ne());
        differ.unwrap_or(Ordering::Equal)
    });
    Some(order)
}

/// A name's text with `#` for each number, and the numbers; `None` if there are none.
fn numbers(name: &str) -> Option<(String, Vec<f64>)> {
    let name = name.trim();
    // Adding 0 makes -0 and 0 the same.
    let finite = |text: &str| Some(text.parse::<f64>().ok()? + 0.0).filter(|v| v.is_finite());
    if let Some(number) = finite(name) {
        return Some(("#".into(), vec![number]));
    }
    let (mut text, mut numbers) = (String::new(), Vec::new());
    let mut rest = name;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, number) = rest.split_at(start);
        let (digits, after) = number.split_at(digits(number, before == "."));
        text.push_str(before);
        text.push('#');
        numbers.push(finite(digits)?);
        rest = after;
    }
    text.push_str(rest);
    (!numbers.is_empty()).then_some((text, numbers))
}

/// The length of the number that a text begins with: digits, with a fraction unless points divide more
/// numbers before or after it, as in versions and dates.
fn digits(text: &str, is_after_point: bool) -> usize {
    let is_other = |c: char| !c.is_ascii_digit();
    let end = |from: usize| from + text[from..].find(is_other).unwrap_or(text.len() - from);
    let whole = end(0);
    let fraction = match text[whole..].strip_prefix('.') {
        Some(_) => end(whole + 1),
        None => whole,
    };
    let is_fraction = !is_after_point && fraction > whole + 1 && !text[fraction..].starts_with('.');
    if is_fraction { fraction } else { whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_have_the_order_of_the_numbers_in_their_names() {
        let order = |names: &[&str]| {
            let names = names.iter().map(ToString::to_string).collect();
            Labels::new(names, Vec::new())
                .unwrap()
                .order()
                .map(<[u16]>::to_vec)
        };
        assert_eq!(order(&["10", "9", "-1"]), Some(vec![2, 1, 0]));
        assert_eq!(order(&["grade 10", "grade 2"]), Some(vec![1, 0]));
        assert_eq!(order(&["20-29", "10-19", "3-9"]), Some(vec![2, 1, 0]));
        assert_eq!(
            order(&["10.5", "0.25", "0.5", "-1"]),
            Some(vec![3, 1, 2, 0])
        );
        assert_eq!(order(&["2.25 µM", "10 µM", "2.5 µM"]), Some(vec![0, 2, 1]));
        assert_eq!(order(&["0.5-10.5", "0.5-2"]), Some(vec![1, 0]));
        assert_eq!(
            order(&["v1.10.0", "v1.9.2", "v1.9.10"]),
            Some(vec![1, 2, 0])
        );
        assert_eq!(order(&["2.", "10."]), Some(vec![0, 1]));
        assert_eq!(order(&["nan", "inf"]), None);
        assert_eq!(order(&["T2", "N1"]), None);
        assert_eq!(order(&["cat", "dog"]), None);
        assert_eq!(order(&[]), None);
    }
}
