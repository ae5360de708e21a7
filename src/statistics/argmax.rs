//! The rule for all predictions: the class with the largest value; the first one if several are
//! equal.

/// The index of the largest value, the first one if several are equal; 0 for an empty slice.
pub(crate) fn argmax<'a, T: PartialOrd + 'a>(values: impl IntoIterator<Item = &'a T>) -> usize {
    let larger = |a: (usize, &'a T), b: (usize, &'a T)| if b.1 > a.1 { b } else { a };
    let largest = values.into_iter().enumerate().reduce(larger);
    largest.map_or(0, |(index, _)| index)
}
