//! When does a map no longer move?
//!
//! In: divergences, every so many iterations. Out: whether going on would be of no use. The
//! criterion is the relative fall of the divergence, as in opt-SNE (Belkina et al. 2019), but over
//! two stretches in a row, since a map can rest on its way when a cluster is about to change its
//! place. The fall slows down as a map settles: on some sixty digits what was left of it after such
//! a stop was below half a percent; maps of thousands of samples mostly reach their planned end
//! first.

/// Iterations between two divergences.
pub(crate) const DIVERGENCE_EVERY: usize = 25;
/// Iterations of a stretch.
const STRETCH: usize = 50;
/// Stretches in a row in which the divergence rests.
const STRETCHES: usize = 2;
/// Share of the divergence by which it changes over a stretch, below which it rests.
const STILL: f64 = 2e-4;

/// Whether the divergence has come to rest: it changed by less than 0.02 % over each of the last
/// two stretches of 50 iterations. `history` holds iterations and divergences (nats), oldest
/// first, all of one P and of the last settings of a schedule
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
