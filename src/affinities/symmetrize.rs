//! From conditional to joint probabilities, P = (C + Cᵀ)/2n, without hashing and without sorting.
//!
//! In: neighbors and their conditional probabilities (n × k). Out: rows of P. The transposed
//! edges are brought to their rows by two stable distributions: first to ranges of rows, small
//! enough to stay in cache, then within each range to the row. Both keep the order of the
//! sources. A row is then put together in a table with a place for every column: the transposed
//! edges are written to their places, the row's own edges, nearest first, take up what they find
//! there, and what is left follows. Nothing in it branches on the data or waits for the entry
//! before. Every step works on fixed chunks in parallel; memory besides the result: 12 bytes an
//! edge and 4 bytes a sample and thread.

use rayon::prelude::*;

use super::Conditional;
use crate::neighbors::Neighbors;

/// Rows of a range: their transposed edges stay in the second-level cache.
const RANGE: usize = 1024;
/// Most ranges: each is a place that the distribution writes to.
const MOST_RANGES: usize = 512;
/// Rows per task of the distribution.
const SOURCES: usize = 4096;

/// An edge on its way: the row it goes to, the row it comes from, and its probability.
type Edge = (u32, u32, f32);
/// Mark of a column that a row has no transposed edge for.
const NONE: f32 = -1.0;

/// Joint probabilities, row by row. The rows of a range follow each other without gaps; behind
/// each range is as much room as would have been needed if no two edges had met.
pub(super) struct Joint {
    /// Where each row begins (n).
    pub(super) starts: Vec<usize>,
    /// Entries of each row (n).
    pub(super) lengths: Vec<u32>,
    pub(super) columns: Vec<u32>,
    pub(super) values: Vec<f32>,
}

/// The joint probabilities.
pub(super) fn symmetrize(neighbors: &Neighbors, conditional: &Conditional) -> Joint {
    let n = neighbors.samples();
    let k = conditional.k;
    let range = RANGE.max(n.div_ceil(MOST_RANGES));
    let (begins, edges) = distributed(neighbors, conditional, range);
    let mut joint = Joint {
        starts: vec![0; n],
        lengths: vec![0; n],
        columns: vec![0; 2 * n * k],
        values: vec![0.0; 2 * n * k],
    };
    let mut tasks = Vec::with_capacity(n.div_ceil(range));
    let (mut columns, mut values) = (&mut joint.columns[..], &mut joint.values[..]);
    let rows = joint
        .starts
        .chunks_mut(range)
        .zip(joint.lengths.chunks_mut(range));
    let mut room_before = 0;
    for (r, (starts, lengths)) in rows.enumerate() {
        let incoming = &edges[begins[r]..begins[r + 1]];
        let room = starts.len() * k + incoming.len();
        let (columns_here, columns_after) = columns.split_at_mut(room);
        let (values_here, values_after) = values.split_at_mut(room);
        (columns, values) = (columns_after, values_after);
        tasks.push(Range {
            neighbors,
            conditional,
            first: r * range,
            incoming,
            room_before,
            starts,
            lengths,
            columns: columns_here,
            values: values_here,
        });
        room_before += room;
    }
    let scale = 0.5 / n as f64;
    tasks.into_par_iter().for_each_init(
        || Scratch::new(n),
        |scratch, task| task.join(scratch, scale),
    );
    joint
}

/// All edges by the range of rows that they go to, in the order of their sources; and where each
/// range begins.
fn distributed(
    neighbors: &Neighbors,
    conditional: &Conditional,
    range: usize,
) -> (Vec<usize>, Vec<Edge>) {
    let n = neighbors.samples();
    let k = conditional.k;
    let ranges = n.div_ceil(range);
    // Division by a constant that is not known before is slow.
    let to: Vec<u16> = (0..n).map(|row| (row / range) as u16).collect();
    let tasks = n.div_ceil(SOURCES);
    let sources = |task: usize| task * SOURCES..((task + 1) * SOURCES).min(n);
    let counts: Vec<Vec<usize>> = (0..tasks)
        .into_par_iter()
        .map(|task| {
            let mut counts = vec![0_usize; ranges];
            for i in sources(task) {
                for &j in &neighbors.ids(i)[..k] {
                    counts[to[j as usize] as usize] += 1;
                }
            }
            counts
        })
        .collect();
    let mut edges = vec![(0_u32, 0_u32, 0_f32); n * k];
    // Each task's part of each range.
    let mut slots: Vec<Vec<&mut [Edge]>> = (0..tasks).map(|_| Vec::with_capacity(ranges)).collect();
    let mut starts = Vec::with_capacity(ranges + 1);
    let (mut start, mut rest) = (0, edges.as_mut_slice());
    for r in 0..ranges {
        starts.push(start);
        for (slots, counts) in slots.iter_mut().zip(&counts) {
            let (slot, after) = rest.split_at_mut(counts[r]);
            rest = after;
            slots.push(slot);
            start += counts[r];
        }
    }
    starts.push(start);
    slots
        .into_par_iter()
        .enumerate()
        .for_each(|(task, mut slots)| {
            let mut next = vec![0_usize; ranges];
            for i in sources(task) {
                let p = &conditional.probabilities[i * k..(i + 1) * k];
                for (&j, &p) in neighbors.ids(i).iter().zip(p) {
                    let r = to[j as usize] as usize;
                    slots[r][next[r]] = (j, i as u32, p);
                    next[r] += 1;
                }
            }
        });
    (starts, edges)
}

/// What a thread keeps from range to range.
struct Scratch {
    /// Probability of the present row's transposed edge from each sample (n).
    table: Vec<f32>,
    /// Where each row's transposed edges lie, and the edges: where they come from, and their
    /// probability.
    bounds: Vec<usize>,
    transposed: Vec<(u32, f32)>,
}

impl Scratch {
    fn new(n: usize) -> Self {
        Self {
            table: vec![NONE; n],
            bounds: Vec::new(),
            transposed: Vec::new(),
        }
    }

    /// Distributes edges to rows.
    fn distribute(&mut self, incoming: &[Edge], first: usize, rows: usize) {
        let bounds = &mut self.bounds;
        bounds.clear();
        bounds.resize(rows + 2, 0);
        // Counted two places further on, a row's count becomes its begin, and, as its edges
        // are written, the begin of the next.
        for &(j, ..) in incoming {
            bounds[j as usize - first + 2] += 1;
        }
        for r in 1..bounds.len() {
            bounds[r] += bounds[r - 1];
        }
        self.transposed.resize(incoming.len(), (0, 0.0));
        for &(j, i, p) in incoming {
            let next = &mut bounds[j as usize - first + 1];
            self.transposed[*next] = (i, p);
            *next += 1;
        }
    }
}

/// A range of rows to be put together.
struct Range<'a> {
    neighbors: &'a Neighbors,
    conditional: &'a Conditional,
    /// The first row.
    first: usize,
    /// Transposed edges to these rows, by their sources.
    incoming: &'a [Edge],
    /// Where the room of this range begins.
    room_before: usize,
    starts: &'a mut [usize],
    lengths: &'a mut [u32],
    columns: &'a mut [u32],
    values: &'a mut [f32],
}

impl Range<'_> {
    fn join(self, scratch: &mut Scratch, scale: f64) {
        let k = self.conditional.k;
        scratch.distribute(self.incoming, self.first, self.starts.len());
        let Scratch {
            table,
            bounds,
            transposed,
        } = scratch;
        let joint = |p: f32, q: f32| ((f64::from(p) + f64::from(q)) * scale) as f32;
        let mut end = 0;
        for (r, (start, length)) in self.starts.iter_mut().zip(self.lengths).enumerate() {
            let i = self.first + r;
            let ids = &self.neighbors.ids(i)[..k];
            let probabilities = &self.conditional.probabilities[i * k..(i + 1) * k];
            let transposed = &transposed[bounds[r]..bounds[r + 1]];
            for &(j, q) in transposed {
                table[j as usize] = q;
            }
            let begin = end;
            let own = self.columns[end..].iter_mut().zip(&mut self.values[end..]);
            for ((column, value), (&j, &p)) in own.zip(ids.iter().zip(probabilities)) {
                let met = std::mem::replace(&mut table[j as usize], NONE);
                *column = j;
                *value = joint(p, met.max(0.0));
            }
            end += k;
            for &(j, _) in transposed {
                let left = std::mem::replace(&mut table[j as usize], NONE);
                // What was met before is written, too, but the next is written over it.
                if let (Some(column), Some(value)) =
                    (self.columns.get_mut(end), self.values.get_mut(end))
                {
                    (*column, *value) = (j, joint(0.0, left.max(0.0)));
                }
                end += usize::from(left >= 0.0);
            }
            *start = self.room_before + begin;
            *length = (end - begin) as u32;
        }
        // The last of what was written too much.
        if let (Some(column), Some(value)) = (self.columns.get_mut(end), self.values.get_mut(end)) {
            (*column, *value) = (0, 0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::execution::Execution;

    #[test]
    fn it_is_half_the_sum_of_both_directions() {
        // More than one range, and rows of every kind: with edges both ways, one way, and none.
        let n = 2500;
        let data = Array2::from_shape_fn((n, 2), |(i, j)| {
            ((i * (37 + 54 * j)) % 1009) as f32 + (i as f32 / 90.0).exp()
        });
        let neighbors = Neighbors::exact(data.view(), 6, &Execution::default()).unwrap();
        let conditional = crate::affinities::calibrated(&neighbors, 2.0, 6);
        let joint = symmetrize(&neighbors, &conditional);
        let mut expected = std::collections::BTreeMap::new();
        for i in 0..n {
            for (&j, &p) in neighbors
                .ids(i)
                .iter()
                .zip(&conditional.probabilities[i * 6..])
            {
                for at in [(i as u32, j), (j, i as u32)] {
                    *expected.entry(at).or_insert(0.0) += f64::from(p) / (2 * n) as f64;
                }
            }
        }
        let mut entries = 0;
        for i in 0..n {
            let row = joint.starts[i]..joint.starts[i] + joint.lengths[i] as usize;
            entries += row.len();
            for (&j, &p) in joint.columns[row.clone()].iter().zip(&joint.values[row]) {
                let wanted = expected[&(i as u32, j)];
                assert!(
                    (f64::from(p) - wanted).abs() <= 1e-6 * wanted + 1e-37,
                    "{i} {j}: {p}"
                );
            }
        }
        assert_eq!(entries, expected.len());
    }
}
