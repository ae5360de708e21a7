//! Scores of queries against references, a few queries at a time, compared with each query's
//! threshold at once.
//!
//! A score is |b|² − 2 a·b: the squared distance minus |a|², which is the same for all b. A
//! library's matrix product would also give scores, but it rearranges both factors in each call,
//! and the calls here are small, since few queries probe a cell. So the references are arranged
//! once, in panels of 16: the first coordinate of all 16, then the second, and so on, with |b|²
//! last. Six queries at a time are multiplied with the panels, and their scores are compared while
//! they are in the first-level cache.

use super::candidates::{Kept, Points};
use crate::simd::{LaneKernel, Lanes, over_lanes};

/// References per panel.
const WIDTH: usize = 16;
/// Queries that are multiplied together.
const TOGETHER: usize = 6;
/// Panels whose scores are compared at once.
const PANELS: usize = 16;

/// References in panels.
pub(super) struct Panels {
    /// By panel, coordinate and reference; the last panel is filled up with references that are
    /// infinitely far away.
    data: Vec<f32>,
    /// Coordinates, with the squared length as the last.
    coordinates: usize,
    /// The first reference's row.
    first: usize,
    /// References.
    count: usize,
}

/// Rows as queries: coordinates times −2, and 1 as the last, by row.
pub(super) struct Queries {
    data: Vec<f32>,
    coordinates: usize,
}

impl Panels {
    /// Arranges consecutive rows.
    pub(super) fn new(points: &Points, rows: std::ops::Range<usize>) -> Self {
        let d = points.centered.ncols();
        let flat = points.centered.as_slice().unwrap_or_default();
        let count = rows.len();
        let coordinates = d + 1;
        let mut data = vec![0.0_f32; count.div_ceil(WIDTH) * WIDTH * coordinates];
        let panels = data.chunks_exact_mut(WIDTH * coordinates);
        for (panel, begin) in panels.zip(rows.clone().step_by(WIDTH)) {
            for place in 0..WIDTH {
                let row = begin + place;
                if row < rows.end {
                    for (c, &v) in flat[row * d..(row + 1) * d].iter().enumerate() {
                        panel[c * WIDTH + place] = v;
                    }
                    panel[d * WIDTH + place] = points.norms[row];
                } else {
                    panel[d * WIDTH + place] = f32::INFINITY;
                }
            }
        }
        Self {
            data,
            coordinates,
            first: rows.start,
            count,
        }
    }

    /// Number of references.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Offers all references to some of the queries: `asking` are the numbers of these, `kept` the
    /// candidates of all queries. A query is not its own candidate: `own` gives its row.
    pub(super) fn offer(
        &self,
        queries: &Queries,
        asking: &[u32],
        own: impl Fn(usize) -> usize,
        kept: &mut [Kept],
    ) {
        if self.count > 0 {
            for six in asking.chunks(TOGETHER) {
                over_lanes(Offer {
                    panels: self,
                    queries,
                    asking: six,
                    own: &own,
                    kept,
                });
            }
        }
    }
}

impl Queries {
    /// Some rows.
    pub(super) fn new(points: &Points, rows: impl ExactSizeIterator<Item = usize>) -> Self {
        let d = points.centered.ncols();
        let flat = points.centered.as_slice().unwrap_or_default();
        let mut data = Vec::with_capacity(rows.len() * (d + 1));
        for row in rows {
            data.extend(flat[row * d..(row + 1) * d].iter().map(|v| -2.0 * v));
            data.push(1.0);
        }
        Self {
            data,
            coordinates: d + 1,
        }
    }

    fn row(&self, query: usize) -> &[f32] {
        &self.data[query * self.coordinates..(query + 1) * self.coordinates]
    }
}

/// At most six queries against all panels.
struct Offer<'a, F> {
    panels: &'a Panels,
    queries: &'a Queries,
    asking: &'a [u32],
    own: &'a F,
    kept: &'a mut [Kept],
}

impl<F: Fn(usize) -> usize> LaneKernel for Offer<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Lanes>(self, simd: S) {
        // If there are fewer than six, the first one is repeated.
        let rows = std::array::from_fn(|q| {
            let asking = self.asking.get(q).unwrap_or(&self.asking[0]);
            self.queries.row(*asking as usize)
        });
        let mut tile = [[0.0_f32; PANELS * WIDTH]; TOGETHER];
        let size = self.panels.coordinates * WIDTH;
        let data = self.panels.data.chunks(PANELS * size);
        for (panels, begin) in data.zip((0..self.panels.count).step_by(PANELS * WIDTH)) {
            for (p, panel) in panels.chunks_exact(size).enumerate() {
                match WIDTH / S::F32_LANES {
                    1 => score::<S, 1>(simd, panel, rows, &mut tile, p),
                    2 => score::<S, 2>(simd, panel, rows, &mut tile, p),
                    _ => score::<S, 4>(simd, panel, rows, &mut tile, p),
                }
            }
            let length = panels.len() / self.panels.coordinates;
            for (&asking, scores) in self.asking.iter().zip(&tile) {
                let kept = &mut self.kept[asking as usize];
                let own = (self.own)(asking as usize);
                kept.take(&scores[..length], self.panels.first + begin, own);
            }
        }
    }
}

/// Scores of six queries against a panel of V vectors.
#[inline(always)]
fn score<S: Lanes, const V: usize>(
    simd: S,
    panel: &[f32],
    rows: [&[f32]; TOGETHER],
    tile: &mut [[f32; PANELS * WIDTH]; TOGETHER],
    place: usize,
) {
    let mut sums = [[simd.splat_f32s(0.0); V]; TOGETHER];
    for (c, references) in panel.as_chunks::<WIDTH>().0.iter().enumerate() {
        let (references, _) = S::as_simd_f32s(references);
        for (sums, row) in sums.iter_mut().zip(rows) {
            let query = simd.splat_f32s(row[c]);
            for (sum, &reference) in sums.iter_mut().zip(references) {
                *sum = simd.mul_add_f32s(query, reference, *sum);
            }
        }
    }
    for (sums, scores) in sums.iter().zip(tile) {
        let (scores, _) = S::as_mut_simd_f32s(&mut scores[place * WIDTH..(place + 1) * WIDTH]);
        for (score, &sum) in scores.iter_mut().zip(sums) {
            *score = sum;
        }
    }
}
