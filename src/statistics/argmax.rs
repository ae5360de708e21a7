//! The one rule for predictions: the class with the largest value, of equal ones the first.

/// The index of the largest value, of equal ones the first; 0 if there are none.
pub(crate) fn argmax<'a, T: PartialOrd + 'a>(values: impl IntoIterator<Item = &'a T>) -> usize {
    let larger = |a: (usize, &'a T), b: (usize, &'a T)| if b.1 > a.1 { b } else { a };
    let largest = values.into_iter().enumerate().reduce(larger);
    largest.map_or(0, |(index, _)| index)
}
