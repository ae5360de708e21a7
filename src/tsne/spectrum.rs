//! Convolution of a live L × L block with an even kernel, through M × M real Fourier transforms
//! of which only the live rows and columns are ever touched. M is L and the kernel's reach: twice
//! L for a kernel without an end.
//!
//! Columns are gathered eight at a time (one cache line per row), transformed, multiplied by the kernel's
//! spectrum, transformed back and stored transposed; rows come back eight at a time likewise.
//! The kernel's spectrum is real and even; it is divided by the squared spectrum of the cubic
//! B-spline that spreads and reads the points, which undoes the smoothing of both.

use std::sync::{Arc, Mutex};

use rayon::prelude::*;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::{Fft, FftPlanner, num_complex::Complex32};

/// Elements beyond live nodes and reach: undoing the spline's smoothing widens the kernel a little.
const MARGIN: usize = 8;
/// Columns or rows that share a cache line.
const TOGETHER: usize = 8;

/// Buffers lent to one task at a time and kept between iterations.
#[derive(Default)]
struct Pool(Mutex<Vec<Workspace>>);

#[derive(Default)]
struct Workspace {
    real: Vec<f32>,
    complex: Vec<Complex32>,
    scratch: Vec<Complex32>,
}

impl Pool {
    fn with<T>(&self, work: impl FnOnce(&mut Workspace) -> T) -> T {
        let lent = self.0.lock().map_or(None, |mut pool| pool.pop());
        let mut workspace = lent.unwrap_or_default();
        let result = work(&mut workspace);
        if let Ok(mut pool) = self.0.lock() {
            pool.push(workspace);
        }
        result
    }
}

/// Plans of transforms, kept because making one takes as long as a transform.
#[derive(Default)]
pub(super) struct Plans {
    real: Option<RealFftPlanner<f32>>,
    complex: Option<FftPlanner<f32>>,
}

/// The transforms of one grid size, the kernel's spectrum, and the buffers between passes.
pub(super) struct Convolution {
    size: usize,
    live: usize,
    step: f32,
    forward: Arc<dyn RealToComplex<f32>>,
    backward: Arc<dyn ComplexToReal<f32>>,
    column_forward: Arc<dyn Fft<f32>>,
    column_backward: Arc<dyn Fft<f32>>,
    /// Kernel spectrum by column (width × size), normalization included.
    kernel: Vec<f32>,
    /// Row spectra (live × width).
    rows: Vec<Complex32>,
    /// Columns after multiplication (width × live).
    columns: Vec<Complex32>,
    pool: Pool,
}

/// The smallest size ≥ `at_least` whose transforms are fast: many factors 2, any number of
/// factors 3, and a single 5 or 7 only with at least five 2s (others were measured to take up
/// to three times as long per element).
pub(super) fn smooth_size(at_least: usize) -> usize {
    let mut size = at_least.max(16).next_multiple_of(8);
    loop {
        let mut rest = size >> size.trailing_zeros();
        while rest.is_multiple_of(3) {
            rest /= 3;
        }
        if rest == 1 || (matches!(rest, 5 | 7) && size.is_multiple_of(32)) {
            return size;
        }
        size += 8;
    }
}

/// Spectrum of the cubic B-spline sampled at the nodes, at frequency `index` of `size`.
fn spline_spectrum(index: usize, size: usize) -> f64 {
    let angle = std::f64::consts::TAU * index as f64 / size as f64;
    (4.0 + 2.0 * angle.cos()) / 6.0
}

impl Convolution {
    /// Prepares the transforms for `live` × `live` nodes at a spacing of `step` map units and a
    /// kernel, given by squared distance, that ends within `reach` nodes.
    pub(super) fn new(
        live: usize,
        reach: usize,
        step: f32,
        plans: &mut Plans,
        kernel: &(impl Fn(f64) -> f64 + Sync),
    ) -> Self {
        let size = Self::size(live, reach);
        let real = plans.real.get_or_insert_with(RealFftPlanner::new);
        let complex = plans.complex.get_or_insert_with(FftPlanner::new);
        let width = size / 2 + 1;
        let mut convolution = Self {
            size,
            live,
            step,
            forward: real.plan_fft_forward(size),
            backward: real.plan_fft_inverse(size),
            column_forward: complex.plan_fft_forward(size),
            column_backward: complex.plan_fft_inverse(size),
            kernel: vec![0.0; width * size],
            rows: vec![Complex32::default(); live * width],
            columns: vec![Complex32::default(); width * live],
            pool: Pool::default(),
        };
        convolution.prepare_kernel(kernel);
        convolution
    }

    /// Elements per side that are transformed.
    pub(super) fn size(live: usize, reach: usize) -> usize {
        smooth_size(live + reach + MARGIN)
    }

    /// The most live nodes that cost no more to transform than this many.
    pub(super) fn roomiest(live: usize, reach: usize) -> usize {
        Self::size(live, reach) - reach - MARGIN
    }

    /// Live nodes per side.
    pub(super) fn live(&self) -> usize {
        self.live
    }

    /// Node spacing (map units).
    pub(super) fn step(&self) -> f32 {
        self.step
    }

    fn width(&self) -> usize {
        self.size / 2 + 1
    }

    fn prepare_kernel(&mut self, distance_kernel: &(impl Fn(f64) -> f64 + Sync)) {
        let (size, width, step) = (self.size, self.width(), f64::from(self.step));
        let half = size / 2;
        // Distances wrap: row r and row size − r are alike, so half of the rows suffice.
        let mut rows = vec![Complex32::default(); (half + 1) * width];
        rows.par_chunks_mut(width).enumerate().for_each(|(r, out)| {
            self.pool.with(|w| {
                w.real.clear();
                w.real.extend((0..size).map(|c| {
                    let c = c.min(size - c) as f64 * step;
                    let r = r as f64 * step;
                    distance_kernel(r * r + c * c) as f32
                }));
                w.scratch
                    .resize(self.forward.get_scratch_len(), Complex32::default());
                let fitting = self
                    .forward
                    .process_with_scratch(&mut w.real, out, &mut w.scratch);
                debug_assert!(fitting.is_ok());
            });
        });
        let plan = &self.column_forward;
        let pool = &self.pool;
        let splines: Vec<f64> = (0..size).map(|i| spline_spectrum(i, size)).collect();
        self.kernel
            .par_chunks_mut(size)
            .enumerate()
            .for_each(|(c, kernel)| {
                pool.with(|w| {
                    w.complex.clear();
                    w.complex
                        .extend((0..size).map(|r| rows[r.min(size - r) * width + c]));
                    w.scratch
                        .resize(plan.get_inplace_scratch_len(), Complex32::default());
                    plan.process_with_scratch(&mut w.complex, &mut w.scratch);
                    let values = kernel.iter_mut().zip(&w.complex).zip(&splines);
                    for ((k, value), across) in values {
                        let spline = splines[c] * across;
                        let scale = (size * size) as f64 * spline * spline;
                        *k = (f64::from(value.re) / scale) as f32;
                    }
                });
            });
    }

    /// Transforms the rows of the charges (live × live).
    pub(super) fn forward(&mut self, charges: &[f32]) {
        let (size, live, width) = (self.size, self.live, self.width());
        let (plan, pool) = (&self.forward, &self.pool);
        self.rows
            .par_chunks_mut(TOGETHER * width)
            .zip(charges.par_chunks(TOGETHER * live))
            .for_each(|(out, charges)| {
                pool.with(|w| {
                    w.real.resize(size, 0.0);
                    w.scratch
                        .resize(plan.get_scratch_len(), Complex32::default());
                    for (row, out) in charges.chunks(live).zip(out.chunks_mut(width)) {
                        w.real[..live].copy_from_slice(row);
                        w.real[live..].fill(0.0);
                        let fitting = plan.process_with_scratch(&mut w.real, out, &mut w.scratch);
                        debug_assert!(fitting.is_ok());
                    }
                });
            });
    }

    /// Multiplies by the kernel and returns to node values: `potentials` is live × live.
    pub(super) fn finish(&mut self, potentials: &mut [f32]) {
        self.multiply_columns();
        self.backward_rows(potentials);
    }

    fn multiply_columns(&mut self) {
        let (size, live, width) = (self.size, self.live, self.width());
        let (rows, kernel, pool) = (&self.rows, &self.kernel, &self.pool);
        let (forward, backward) = (&self.column_forward, &self.column_backward);
        self.columns
            .par_chunks_mut(TOGETHER * live)
            .enumerate()
            .for_each(|(block, out)| {
                let first = block * TOGETHER;
                let count = out.len() / live;
                pool.with(|w| {
                    w.complex.clear();
                    w.complex.resize(count * size, Complex32::default());
                    for r in 0..live {
                        let from = &rows[r * width + first..r * width + first + count];
                        for (c, &value) in from.iter().enumerate() {
                            w.complex[c * size + r] = value;
                        }
                    }
                    w.scratch
                        .resize(forward.get_inplace_scratch_len(), Complex32::default());
                    forward.process_with_scratch(&mut w.complex, &mut w.scratch);
                    let kernel = &kernel[first * size..(first + count) * size];
                    for (value, &k) in w.complex.iter_mut().zip(kernel) {
                        *value *= k;
                    }
                    w.scratch
                        .resize(backward.get_inplace_scratch_len(), Complex32::default());
                    backward.process_with_scratch(&mut w.complex, &mut w.scratch);
                    for (out, column) in out.chunks_mut(live).zip(w.complex.chunks(size)) {
                        out.copy_from_slice(&column[..live]);
                    }
                });
            });
    }

    fn backward_rows(&self, potentials: &mut [f32]) {
        let (size, live, width) = (self.size, self.live, self.width());
        potentials
            .par_chunks_mut(TOGETHER * live)
            .enumerate()
            .for_each(|(block, out)| {
                let first = block * TOGETHER;
                let count = out.len() / live;
                self.pool.with(|w| {
                    w.complex.resize(count * width, Complex32::default());
                    for c in 0..width {
                        let from = &self.columns[c * live + first..c * live + first + count];
                        for (r, &value) in from.iter().enumerate() {
                            w.complex[r * width + c] = value;
                        }
                    }
                    w.real.resize(size, 0.0);
                    w.scratch
                        .resize(self.backward.get_scratch_len(), Complex32::default());
                    let spectra = w.complex.chunks_mut(width).take(count);
                    for (out, spectrum) in out.chunks_mut(live).zip(spectra) {
                        // Real signals have real first and last coefficients but for rounding.
                        spectrum[0].im = 0.0;
                        spectrum[width - 1].im = 0.0;
                        let fitting = self.backward.process_with_scratch(
                            spectrum,
                            &mut w.real[..size],
                            &mut w.scratch,
                        );
                        debug_assert!(fitting.is_ok());
                        out.copy_from_slice(&w.real[..live]);
                    }
                });
            });
    }
}
