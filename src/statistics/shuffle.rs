//! Random orders.

/// Puts items in a random order (Fisher & Yates). `below` draws a number below its argument.
pub(crate) fn shuffle<T>(items: &mut [T], mut below: impl FnMut(u64) -> u64) {
    for i in (1..items.len()).rev() {
        items.swap(i, below(i as u64 + 1) as usize);
    }
}
