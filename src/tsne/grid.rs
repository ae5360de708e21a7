//! Repulsion as the gradient of one potential, interpolated on a grid.
//!
//! With φ(y) = Σ_j 1/(1+|y − y_j|²), the repulsive force on a point is −½ ∇φ and Z is Σ_i φ(y_i)
//! minus the points' own share. Cubic B-splines spread unit charges to the nodes and read φ and
//! its gradient back with the spline's own derivative, so one forward and one inverse real
//! transform suffice for an iteration (particle-mesh Ewald does the same). The action of a point on
//! itself through the grid is tabulated and subtracted. For a large map the far part of the kernel
//! uses a coarser grid ([`Far`]).
//!
//! Points lie along a space-filling curve, so chunks of them touch few grid rows: each stripe of
//! rows is filled by one task from the chunks that reach it, in the order of the points, which
//! needs no locks and gives the same sums for any number of threads.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::far::{Far, NEAR, near_share};
use super::spectrum::{Convolution, Plans};
use super::tail::Tail;
use crate::simd::{Kernel, vectorized};

/// Node spacing once the map is large enough (map units; the kernel's width is 1). The force's
/// relative error is below 1%.
pub(super) const FINE_STEP: f32 = 1.0 / 3.0;
/// Wider spacing for early iterations, whose errors later ones correct: an error of about 3%.
pub(super) const COARSE_STEP: f32 = 0.5;
/// The grid has at least this many cells per side: in the early phase many points sit in few small
/// clumps, which needs finer spacing than a map that has unfolded.
const LEAST_CELLS: f32 = 96.0;
/// The grid has at most this many cells per side; larger maps get wider spacing.
const MOST_CELLS: f32 = 3060.0;
/// Nodes beyond the cells: a spline reaches one node back and two ahead, and half a cell of
/// rounding on either side.
const BORDER: usize = 6;
/// A new grid leaves room for the map to grow by at least this factor.
const ROOM: f32 = 1.08;
/// From this number of nodes per side, the far part of the kernel has a grid of its own.
const TWO_LEVELS: usize = 160;
/// Below this share of its cells in use, the grid shrinks.
const WASTE: f32 = 0.6;
/// Below this extent the kernel is taken relative to its value at 0, which keeps 32 bits exact.
const TINY: f32 = 2.5;
/// Grid rows per task.
const STRIPE: usize = 32;
/// Points per task, and per reach.
const CHUNK: usize = 256;
/// Fractional offsets per axis of the table of self-interaction.
const TABLE: usize = 32;

/// The action of a point on itself, by its offset within a cell: potential and gradient per node
/// spacing.
type Own = [f32; 3];

/// The grid, its transforms and buffers.
#[derive(Default)]
pub(super) struct Grid {
    convolution: Option<Convolution>,
    /// What it was made for; without a convolution, what one is to be made for.
    fitted: Option<GridFit>,
    far: Option<Far>,
    plans: Plans,
    offset: f32,
    tail: Tail,
    charges: Vec<f32>,
    potentials: Vec<f32>,
    /// First and last row that each chunk of points touches.
    reach: Vec<[u32; 2]>,
    sums: Vec<f64>,
    /// (TABLE + 1)² entries.
    own: Vec<Own>,
}

/// The map that a grid was made for. A grid is used again while maps fit it, so that rounding depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GridFit {
    /// Larger side of that map's bounding box (map units).
    pub extent: f32,
    /// Largest distance of nodes that was allowed then (map units).
    pub widest: f32,
}

impl GridFit {
    pub(super) fn is_possible(self) -> bool {
        self.extent.is_finite()
            && self.extent >= 0.0
            && self.widest.is_finite()
            && self.widest > 0.0
    }
}

/// Smallest and largest coordinates.
fn bounds(positions: &[[f32; 2]]) -> ([f32; 2], f32) {
    let identity = || ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
    let join = |a: ([f32; 2], [f32; 2]), b: ([f32; 2], [f32; 2])| {
        (
            [a.0[0].min(b.0[0]), a.0[1].min(b.0[1])],
            [a.1[0].max(b.1[0]), a.1[1].max(b.1[1])],
        )
    };
    let (low, high) = positions
        .par_chunks(CHUNK * 16)
        .map(|chunk| chunk.iter().fold(identity(), |a, p| join(a, (*p, *p))))
        .reduce(identity, join);
    (low, (high[0] - low[0]).max(high[1] - low[1]))
}

/// Node spacing for a map of this extent.
fn step_for(extent: f32, widest: f32) -> f32 {
    if extent < widest * LEAST_CELLS {
        (extent * ROOM / LEAST_CELLS).max(1e-7)
    } else {
        widest.max(extent * ROOM / MOST_CELLS)
    }
}

/// What the kernel is taken relative to: in a tiny map its values are all close to 1.
fn offset_for(extent: f32) -> f32 {
    if extent < TINY { 1.0 } else { 0.0 }
}

/// Cubic B-spline weights of the four nodes around an offset in a cell.
#[inline(always)]
fn weights(f: f32) -> [f32; 4] {
    let g = 1.0 - f;
    [
        g * g * g / 6.0,
        (4.0 + f * f * (3.0 * f - 6.0)) / 6.0,
        (4.0 + g * g * (3.0 * g - 6.0)) / 6.0,
        f * f * f / 6.0,
    ]
}

/// Their derivatives per node spacing.
#[inline(always)]
fn slopes(f: f32) -> [f32; 4] {
    let g = 1.0 - f;
    [
        -0.5 * g * g,
        f * (1.5 * f - 2.0),
        -g * (1.5 * g - 2.0),
        0.5 * f * f,
    ]
}

/// Where points lie on the grid.
#[derive(Clone, Copy)]
struct Frame {
    origin: [f32; 2],
    inverse_step: f32,
    last_base: usize,
}

impl Frame {
    /// First of the four nodes along an axis, and the offset within the cell.
    #[inline(always)]
    fn place(&self, point: [f32; 2], axis: usize) -> (usize, f32) {
        let u = (point[axis] - self.origin[axis]) * self.inverse_step;
        let cell = (u as usize).clamp(1, self.last_base + 1);
        (cell - 1, (u - cell as f32).clamp(0.0, 1.0))
    }
}

impl Grid {
    /// Nodes of the transforms that a map would need.
    pub(super) fn nodes_for(positions: &[[f32; 2]], widest: f32) -> f64 {
        let (_, extent) = bounds(positions);
        let cells = (extent / step_for(extent, widest)).max(LEAST_CELLS);
        let live = cells as usize + BORDER;
        let square = |size: usize| (size * size) as f64;
        if live < TWO_LEVELS {
            square(2 * live)
        } else {
            square(live + NEAR) + square(2 * Far::live(live))
        }
    }

    /// Fills `forces` and returns Z; nodes are at most `widest` map units apart unless the map is too
    /// large for that.
    pub(super) fn compute(
        &mut self,
        positions: &[[f32; 2]],
        widest: f32,
        tail: Tail,
        forces: &mut [[f32; 2]],
    ) -> f64 {
        let (low, extent) = bounds(positions);
        if !extent.is_finite() {
            forces.fill([f32::NAN; 2]);
            return f64::NAN;
        }
        self.fit(extent, widest, tail);
        let Some(convolution) = &mut self.convolution else {
            return f64::NAN;
        };
        let live = convolution.live();
        let step = convolution.step();
        let frame = Frame {
            origin: [low[0] - 1.5 * step, low[1] - 1.5 * step],
            inverse_step: 1.0 / step,
            last_base: live - 4,
        };
        reaches(positions, frame, &mut self.reach);
        let reach = &self.reach;
        self.charges.resize(live * live, 0.0);
        self.charges
            .par_chunks_mut(STRIPE * live)
            .enumerate()
            .for_each(|(stripe, rows)| {
                rows.fill(0.0);
                spread(positions, frame, reach, stripe * STRIPE, live, rows);
            });
        self.potentials.resize(live * live, 0.0);
        convolution.forward(&self.charges);
        convolution.finish(&mut self.potentials);
        if let Some(far) = &mut self.far {
            far.add(&self.charges, &mut self.potentials);
        }
        self.gather(positions, frame, forces)
    }

    /// An empty grid that will be made for this map first.
    pub(super) fn fitted(fitted: Option<GridFit>) -> Self {
        Self {
            fitted,
            ..Self::default()
        }
    }

    /// The map that the grid was made for.
    pub(super) fn fit_of(&self) -> Option<GridFit> {
        self.fitted
    }

    /// Makes sure that the grid covers the map without much waste.
    fn fit(&mut self, extent: f32, widest: f32, tail: Tail) {
        if let (None, Some(former)) = (&self.convolution, self.fitted) {
            self.make(former, tail);
        }
        let offset = offset_for(extent);
        let fits = self.convolution.as_ref().is_some_and(|c| {
            let cells = (c.live() - BORDER) as f32;
            let used = extent / c.step();
            let coarse = c.step() > step_for(extent, widest) * ROOM * 1.01;
            used <= cells && (used >= WASTE * cells || cells <= LEAST_CELLS) && !coarse
        });
        if fits && offset.to_bits() == self.offset.to_bits() && tail == self.tail {
            return;
        }
        self.make(GridFit { extent, widest }, tail);
    }

    /// Makes the grid for a map.
    fn make(&mut self, fitted: GridFit, tail: Tail) {
        let GridFit { extent, widest } = fitted;
        let offset = offset_for(extent);
        let step = step_for(extent, widest);
        let cells = (extent * ROOM / step).max(LEAST_CELLS).ceil() as usize;
        (self.offset, self.tail) = (offset, tail);
        let live = cells + BORDER;
        let two = live >= TWO_LEVELS;
        let reach = if two { NEAR } else { live };
        // The part of the transforms' size that is left over is room, too.
        let live = if two {
            Convolution::roomiest(live, reach)
        } else {
            live
        };
        let mut convolution = if two {
            let radius = (NEAR as f64 * f64::from(step)).powi(2);
            let kernel = |square: f64| near_share(square / radius) * tail.weight(square);
            Convolution::new(live, reach, step, &mut self.plans, &kernel)
        } else {
            let kernel = |square: f64| tail.weight(square) - f64::from(offset);
            Convolution::new(live, live, step, &mut self.plans, &kernel)
        };
        // The far part is 0 at distance 0 and nearly 0 beside it.
        self.own = self_interaction(&mut convolution, &mut self.charges, &mut self.potentials);
        self.convolution = Some(convolution);
        self.fitted = Some(fitted);
        self.far = two.then(|| Far::new(live, step, tail, &mut self.plans));
    }

    /// Reads potential and gradient at the points; forces into `forces`, Z as result.
    fn gather(&mut self, positions: &[[f32; 2]], frame: Frame, forces: &mut [[f32; 2]]) -> f64 {
        let live = frame.last_base + 4;
        let (potentials, own, offset) = (&self.potentials, &self.own, self.offset);
        self.sums.resize(positions.len().div_ceil(CHUNK), 0.0);
        forces
            .par_chunks_mut(CHUNK)
            .zip(positions.par_chunks(CHUNK))
            .zip(self.sums.par_iter_mut())
            .for_each(|((forces, points), sum)| {
                *sum = vectorized(Reading {
                    potentials,
                    live,
                    own,
                    frame,
                    points,
                    forces,
                });
            });
        let n = positions.len() as f64;
        // Each pair's kernel was taken relative to `offset`.
        self.sums.iter().sum::<f64>() + f64::from(offset) * n * (n - 1.0)
    }
}

/// First and last grid row touched by each chunk of points.
fn reaches(positions: &[[f32; 2]], frame: Frame, reach: &mut Vec<[u32; 2]>) {
    reach.resize(positions.len().div_ceil(CHUNK), [0; 2]);
    reach
        .par_iter_mut()
        .zip(positions.par_chunks(CHUNK))
        .for_each(|(reach, points)| {
            let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
            for p in points {
                low = low.min(p[1]);
                high = high.max(p[1]);
            }
            let first = frame.place([0.0, low], 1).0;
            let last = frame.place([0.0, high], 1).0 + 3;
            *reach = [first as u32, last as u32];
        });
}

/// Adds the points' charges to a stripe of `live` nodes a row that begins at row `first`.
fn spread(
    positions: &[[f32; 2]],
    frame: Frame,
    reach: &[[u32; 2]],
    first: usize,
    live: usize,
    rows: &mut [f32],
) {
    let end = first + STRIPE.min(live - first);
    for (points, reach) in positions.chunks(CHUNK).zip(reach) {
        if reach[1] as usize >= first && (reach[0] as usize) < end {
            for &point in points {
                let (y, fy) = frame.place(point, 1);
                if y + 3 < first || y >= end {
                    continue;
                }
                let (x, fx) = frame.place(point, 0);
                let (wx, wy) = (weights(fx), weights(fy));
                for (r, wy) in wy.into_iter().enumerate() {
                    if (first..end).contains(&(y + r)) {
                        let at = (y + r - first) * live + x;
                        for (node, wx) in rows[at..at + 4].iter_mut().zip(wx) {
                            *node += wy * wx;
                        }
                    }
                }
            }
        }
    }
}

/// The force on each point, and the sum of potentials without the points' own.
struct Reading<'a> {
    potentials: &'a [f32],
    live: usize,
    own: &'a [Own],
    frame: Frame,
    points: &'a [[f32; 2]],
    forces: &'a mut [[f32; 2]],
}

impl Kernel for Reading<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let Self {
            potentials,
            live,
            own,
            frame,
            points,
            forces,
        } = self;
        let half_inverse = -0.5 * frame.inverse_step;
        let mut total = 0.0;
        for (point, force) in points.iter().zip(forces) {
            let (x, fx) = frame.place(*point, 0);
            let (y, fy) = frame.place(*point, 1);
            let (wx, wy) = (weights(fx), weights(fy));
            let (sx, sy) = (slopes(fx), slopes(fy));
            let (mut value, mut across, mut down) = ([0.0_f32; 4], [0.0_f32; 4], [0.0_f32; 4]);
            for r in 0..4 {
                let at = (y + r) * live + x;
                let nodes = &potentials[at..at + 4];
                for c in 0..4 {
                    value[c] += wy[r] * nodes[c];
                    down[c] += sy[r] * nodes[c];
                }
            }
            for c in 0..4 {
                across[c] = value[c] * sx[c];
                value[c] *= wx[c];
                down[c] *= wx[c];
            }
            let itself = interpolate(own, fx, fy);
            let sum = |v: [f32; 4]| (v[0] + v[1]) + (v[2] + v[3]);
            total += f64::from(sum(value) - itself[0]);
            *force = [
                half_inverse * (sum(across) - itself[1]),
                half_inverse * (sum(down) - itself[2]),
            ];
        }
        total
    }
}

/// Bilinear interpolation in the table of self-interaction.
#[inline(always)]
fn interpolate(own: &[Own], fx: f32, fy: f32) -> Own {
    let (u, v) = (fx * TABLE as f32, fy * TABLE as f32);
    let (i, j) = ((u as usize).min(TABLE - 1), (v as usize).min(TABLE - 1));
    let (a, b) = (u - i as f32, v - j as f32);
    let at = j * (TABLE + 1) + i;
    let (top, bottom) = (&own[at..at + 2], &own[at + TABLE + 1..at + TABLE + 3]);
    let mut out = [0.0; 3];
    for c in 0..3 {
        let upper = top[0][c] + a * (top[1][c] - top[0][c]);
        let lower = bottom[0][c] + a * (bottom[1][c] - bottom[0][c]);
        out[c] = upper + b * (lower - upper);
    }
    out
}

/// The action of a unit charge on itself through the grid, by its offset within a cell: the grid's
/// response to a charge on one node, convolved with the spline twice.
fn self_interaction(
    convolution: &mut Convolution,
    charges: &mut Vec<f32>,
    potentials: &mut Vec<f32>,
) -> Vec<Own> {
    let live = convolution.live();
    let middle = live / 2;
    charges.clear();
    charges.resize(live * live, 0.0);
    charges[middle * live + middle] = 1.0;
    potentials.resize(live * live, 0.0);
    convolution.forward(charges);
    convolution.finish(potentials);
    let response: [[f64; 4]; 4] = std::array::from_fn(|dy| {
        std::array::from_fn(|dx| f64::from(potentials[(middle + dy) * live + middle + dx]))
    });
    // By offset and axis: how much charge and weight (or slope) meet at each distance in nodes.
    let met = |read: [f32; 4], spread: [f32; 4]| {
        let mut met = [0.0_f64; 4];
        for (a, &w) in spread.iter().enumerate() {
            for (b, &v) in read.iter().enumerate() {
                met[a.abs_diff(b)] += f64::from(w) * f64::from(v);
            }
        }
        met
    };
    let offsets = (0..=TABLE).map(|i| i as f32 / TABLE as f32);
    let axis: Vec<[[f64; 4]; 2]> = offsets
        .map(|f| [met(weights(f), weights(f)), met(slopes(f), weights(f))])
        .collect();
    let mut table = Vec::with_capacity((TABLE + 1) * (TABLE + 1));
    for [down, down_slope] in &axis {
        for [across, across_slope] in &axis {
            let mut own = [0.0_f64; 3];
            for (dy, row) in response.iter().enumerate() {
                for (dx, r) in row.iter().enumerate() {
                    own[0] += r * across[dx] * down[dy];
                    own[1] += r * across_slope[dx] * down[dy];
                    own[2] += r * across[dx] * down_slope[dy];
                }
            }
            table.push(own.map(|v| v as f32));
        }
    }
    table
}
