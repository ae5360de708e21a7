//! Which points of a map lie where: the nearest, the next in a direction, those within a box.
//!
//! In: positions, which of them are shown, places in map units. Out: samples; of several that are
//! equally near, the first. Each looks at all points once, which takes a millisecond for a million of
//! them. The index of the map ([`MapIndex`](crate::statistics::MapIndex)) would have to be built for
//! each map that a key meets, which takes longer than any search in it saves.

use crate::raster::Turn;

/// Positions and which of them count.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    /// Positions (map units).
    pub(crate) positions: &'a [[f32; 2]],
    /// Whether a sample is shown.
    pub(crate) is_shown: &'a dyn Fn(usize) -> bool,
}

impl Shown<'_> {
    /// The shown samples with finite positions.
    fn points(&self) -> impl Iterator<Item = (usize, [f64; 2])> + '_ {
        self.positions
            .iter()
            .enumerate()
            .filter(|(sample, p)| p[0].is_finite() && p[1].is_finite() && (self.is_shown)(*sample))
            .map(|(sample, p)| (sample, p.map(f64::from)))
    }

    /// The sample nearest to a place; of several, the first.
    pub(crate) fn nearest(&self, at: [f64; 2]) -> Option<usize> {
        least(self.points().map(|(sample, p)| {
            let (x, y) = (p[0] - at[0], p[1] - at[1]);
            (sample, x * x + y * y)
        }))
    }

    /// The next sample from a place in a direction (of length 1): among those
    /// at least `step` away in that direction and no further aside than along, the one with the
    /// least way, where ways aside count double.
    pub(crate) fn towards(&self, from: [f64; 2], direction: [f64; 2], step: f64) -> Option<usize> {
        least(self.points().filter_map(|(sample, p)| {
            let (x, y) = (p[0] - from[0], p[1] - from[1]);
            let along = x * direction[0] + y * direction[1];
            let aside = (x * direction[1] - y * direction[0]).abs();
            (along >= step && aside <= along).then_some((sample, along + 2.0 * aside))
        }))
    }

    /// The samples within the box between two corners, ascending. Its sides are level and upright in
    /// the picture, in which the map is turned.
    pub(crate) fn within(&self, one: [f64; 2], other: [f64; 2], turn: Turn) -> Vec<u32> {
        let (one, other) = (turn.apply(one), turn.apply(other));
        let low = [one[0].min(other[0]), one[1].min(other[1])];
        let high = [one[0].max(other[0]), one[1].max(other[1])];
        let inside = |p: [f64; 2]| {
            let p = turn.apply(p);
            (0..2).all(|i| p[i] >= low[i] && p[i] <= high[i])
        };
        let points = self.points().filter(|(_, p)| inside(*p));
        points.map(|(sample, _)| sample as u32).collect()
    }
}

/// The sample with the least cost; of several, the first.
fn least(costs: impl Iterator<Item = (usize, f64)>) -> Option<usize> {
    let better = |best: (usize, f64), next: (usize, f64)| if next.1 < best.1 { next } else { best };
    costs.reduce(better).map(|(sample, _)| sample)
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINTS: [[f32; 2]; 6] = [
        [0.0, 0.0],
        [2.0, 0.5],
        [1.0, 3.0],
        [-4.0, 0.0],
        [f32::NAN, 0.0],
        [0.0, 0.0],
    ];

    #[test]
    fn the_nearest_is_one_that_is_shown() {
        let all = |_| true;
        let shown = Shown {
            positions: &POINTS,
            is_shown: &all,
        };
        assert_eq!(shown.nearest([0.1, 0.1]), Some(0));
        let some = |sample| sample != 0 && sample != 5;
        let shown = Shown {
            positions: &POINTS,
            is_shown: &some,
        };
        assert_eq!(shown.nearest([0.1, 0.1]), Some(1));
        let none = |_| false;
        let shown = Shown {
            positions: &POINTS,
            is_shown: &none,
        };
        assert_eq!(shown.nearest([0.0, 0.0]), None);
    }

    #[test]
    fn directions_lead_to_what_lies_there() {
        let all = |_| true;
        let shown = Shown {
            positions: &POINTS,
            is_shown: &all,
        };
        assert_eq!(shown.towards([0.0, 0.0], [1.0, 0.0], 0.1), Some(1));
        assert_eq!(shown.towards([0.0, 0.0], [-1.0, 0.0], 0.1), Some(3));
        assert_eq!(shown.towards([0.0, 0.0], [0.0, 1.0], 0.1), Some(2));
        assert_eq!(shown.towards([0.0, 0.0], [0.0, -1.0], 0.1), None);
        // What is nearer than a step is passed by.
        assert_eq!(shown.towards([0.0, 0.0], [1.0, 0.0], 2.5), None);
    }

    #[test]
    fn a_box_holds_its_edges_whichever_corner_comes_first() {
        let level = Turn::default();
        let all = |_| true;
        let shown = Shown {
            positions: &POINTS,
            is_shown: &all,
        };
        assert_eq!(shown.within([2.0, 0.5], [0.0, 0.0], level), [0, 1, 5]);
        assert_eq!(shown.within([0.0, 3.0], [1.0, 1.0], level), [2]);
        assert!(shown.within([9.0, 9.0], [9.5, 9.5], level).is_empty());
    }
}
