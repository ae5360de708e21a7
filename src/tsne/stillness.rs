//! Has a map stopped moving?
//!
//! In: divergences at regular intervals. Out: whether more iterations would be useless. The criterion
//! is the relative decrease of the divergence, as in opt-SNE (Belkina et al. 2019), but over two
//! windows in a row, because a map can pause when a cluster is about to change its place. After a stop
//! on about sixty maps of digits the remaining decrease was below half a percent; maps of thousands
//! of samples mostly reach their planned end first.

/// Iterations between two divergences.
pub(crate) const DIVERGENCE_EVERY: usize = 25;
/// Iterations of a window.
const STRETCH: usize = 50;
/// Windows in a row in which the divergence hardly changes.
const STRETCHES: usize = 2;
/// Relative change over a window below which the divergence hardly changes.
const STILL: f64 = 2e-4;

/// True if the divergence hardly changes any more: by less than 0.02% over each of the last two
/// windows of 50 iterations. `history` holds iterations and divergences (nats), oldest first, all of
/// one P and of the last phase of a schedule
/// ([`Embedding::is_settled`](crate::tsne::Embedding::is_settled)).
///
/// ```
/// use disentangle::tsne::is_still;
/// let falling: Vec<(usize, f64)> = (0..9).map(|i| (25 * i, 2.0 - 0.01 * i as f64)).collect();
/// assert!(!is_still(&falling));
/// let resting: Vec<(usize, f64)> = (0..9).map(|i| (25 * i, 2.0 - 1e-5 * i as f64)).collect();
/// assert!(is_still(&resting));
/// ```
pub fn is_still(history: &[(usize, f64)]) -> bool {
    let Some(&(mut now, mut last)) = history.last() else {
        return false;
    };
    for _ in 0..STRETCHES {
        let mut earlier = history.iter().rev();
        let Some(&(then, first)) = earlier.find(|(at, _)| at + STRETCH <= now) else {
            return false;
        };
        if (first - last).abs() >= STILL * last.abs() {
            return false;
        }
        (now, last) = (then, first);
    }
    true
}
