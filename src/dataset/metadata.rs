//! What is known about samples beside their labels and ids: columns of text as the file has them.

/// A column that is not a feature: one text for each sample.
#[derive(Clone, PartialEq, Eq)]
pub struct Metadata {
    /// The column's name, from a file: print it through [`printable`](crate::printable).
    pub name: String,
    /// The values as written, from a file too.
    pub values: Vec<String>,
}

impl Metadata {
    /// The values of some samples.
    pub(super) fn select(&self, rows: &[usize]) -> Self {
        Self {
            name: self.name.clone(),
            values: rows.iter().map(|&row| self.values[row].clone()).collect(),
        }
    }
}
