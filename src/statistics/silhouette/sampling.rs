//! The samples that silhouettes are measured against, and the error of means from a part of them.
//!
//! In: the classes. Out: [`References`], all samples or a random part of each class in ten groups,
//! sorted by class and group, and from the distances summed over each, silhouettes. Where a class is
//! sampled, every silhouette is computed again without each group in turn; the spread of the means
//! gives their standard error (delete-a-group jackknife, Kott 2001), times √(1 − m/N) for m of N
//! samples drawn without replacement. O(CG) per sample, for C classes and G groups.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// Up to this many multiplications, silhouettes in the features use all pairs.
const EXACT_WORK: f64 = 5e10;
/// The same while the map is moving.
const LIVE_WORK: f64 = 5e9;
/// Up to this many pairs, silhouettes in the map are exact.
const EXACT_PAIRS: f64 = 1e10;
/// Up to this many points they are exact while it moves.
const LIVE_POINTS: usize = 4000;
/// Most references per class.
const MOST: usize = 1000;
/// Fewest references per class, if it has that many samples.
const FEWEST: usize = 50;
/// References per class while the map is moving.
const LIVE: usize = 200;
/// With many classes, as many references are drawn as take this many multiplications.
const SAMPLED_WORK: f64 = 1e12;
/// Groups of the references of a class.
const GROUPS: usize = 10;
/// Seed of the draw.
const SEED: u64 = 1;

/// The number of references per class for data of this size; `None` for all samples. Unless
/// `exact`, it is small.
pub(super) fn references_in_features(
    (n, d): (usize, usize),
    classes: usize,
    exact: bool,
) -> Option<usize> {
    let work = n as f64 * n as f64 * d as f64;
    if work <= if exact { EXACT_WORK } else { LIVE_WORK } {
        return None;
    }
    let affordable = SAMPLED_WORK / (n as f64 * d as f64 * classes.max(1) as f64);
    let most = if exact { MOST } else { LIVE };
    Some((affordable as usize).clamp(FEWEST, most))
}

/// The same in the map.
pub(super) fn references_in_map(n: usize, classes: usize, exact: bool) -> Option<usize> {
    let is_cheap = if exact {
        n as f64 * n as f64 <= EXACT_PAIRS
    } else {
        n <= LIVE_POINTS
    };
    if is_cheap {
        return None;
    }
    let affordable = EXACT_PAIRS / (n as f64 * classes.max(1) as f64);
    let most = if exact { MOST } else { LIVE };
    Some((affordable as usize).clamp(FEWEST, most))
}

/// The samples that distances are taken to, sorted by class, and within sampled classes by group.
pub(super) struct References {
    /// Sample ids.
    pub(super) ids: Vec<u32>,
    /// Start of each run of one class and group (classes × groups + 1).
    pub(super) starts: Vec<usize>,
    /// Groups per class: 1 if all samples are references.
    groups: usize,
    /// For each sample, the group that it is in, or [`ABSENT`] if it is not a reference.
    member: Vec<u8>,
    /// For each class √(1 − m/N); 0 where all samples are references.
    unseen: Vec<f64>,
    /// Members of each class.
    counts: Vec<usize>,
}

/// A sample that is not a reference.
const ABSENT: u8 = u8::MAX;

impl References {
    /// All samples, or `per_class` random ones of each larger class.
    pub(super) fn new(classes: &[u16], count: usize, per_class: Option<usize>) -> Self {
        let mut by_class: Vec<Vec<u32>> = vec![Vec::new(); count];
        for (i, &class) in classes.iter().enumerate() {
            if let Some(members) = by_class.get_mut(usize::from(class)) {
                members.push(i as u32);
            }
        }
        let counts: Vec<usize> = by_class.iter().map(Vec::len).collect();
        let is_sampled = |size: usize| per_class.is_some_and(|limit| size > limit);
        let sampled = counts.iter().any(|&size| is_sampled(size));
        let mut references = Self {
            ids: Vec::new(),
            starts: vec![0],
            groups: if sampled { GROUPS } else { 1 },
            member: vec![ABSENT; classes.len()],
            unseen: vec![0.0; count],
            counts,
        };
        let mut random = ChaCha8Rng::seed_from_u64(SEED);
        for (class, mut members) in by_class.into_iter().enumerate() {
            let size = members.len();
            let limit = per_class.unwrap_or(size).min(size);
            if limit < size {
                for i in 0..limit {
                    let other = i + (random.next_u64() % (size - i) as u64) as usize;
                    members.swap(i, other);
                }
                members.truncate(limit);
                references.unseen[class] = (1.0 - limit as f64 / size as f64).sqrt();
            }
            references.push(&members, limit < size);
        }
        references
    }

    /// Whether some class is sampled.
    pub(super) fn is_sample(&self) -> bool {
        self.groups > 1
    }

    /// The references of the next class, in groups if it is sampled.
    fn push(&mut self, members: &[u32], sampled: bool) {
        for group in 0..self.groups {
            let part = if sampled {
                let bound = |g: usize| g * members.len() / self.groups;
                &members[bound(group)..bound(group + 1)]
            } else if group == 0 {
                members
            } else {
                &[]
            };
            for &id in part {
                self.member[id as usize] = group as u8;
            }
            self.ids.extend(part);
            self.starts.push(self.ids.len());
        }
    }

    fn size(&self, class: usize, group: usize) -> usize {
        let run = class * self.groups + group;
        self.starts[run + 1] - self.starts[run]
    }

    /// Mean distance of a sample to a class, given the sums over its groups, optionally without one
    /// group. `None` if no reference is left.
    fn mean(
        &self,
        sample: usize,
        own: bool,
        of_class: Of<'_>,
        without: Option<usize>,
    ) -> Option<f64> {
        let Of { class, sums } = of_class;
        let (mut sum, mut size) = (0.0, 0);
        for (group, part) in sums.iter().enumerate() {
            if without != Some(group) {
                sum += part;
                size += self.size(class, group);
                // The distance to itself is 0 and does not count.
                size -= usize::from(own && usize::from(self.member[sample]) == group);
            }
        }
        (size > 0).then(|| sum / size as f64)
    }

    /// Silhouettes of a sample of a class from the distances summed over each run: with all
    /// references, and, if classes are sampled, without each group in turn.
    fn silhouettes(&self, sample: usize, class: usize, sums: &[f64], out: &mut [f64]) {
        let mut means = [(f64::NAN, f64::INFINITY); GROUPS + 1];
        let alone = self.counts[class] < 2;
        for (other, sums) in sums.chunks_exact(self.groups).enumerate() {
            let own = other == class;
            let of_class = Of { class: other, sums };
            let Some(all) = self.mean(sample, own, of_class, None) else {
                continue;
            };
            for (at, (a, b)) in means.iter_mut().take(out.len()).enumerate() {
                let mut value = all;
                if at > 0 && self.unseen[other] > 0.0 {
                    let part = self
                        .mean(sample, own, of_class, Some(at - 1))
                        .unwrap_or(all);
                    value += self.unseen[other] * (part - all);
                }
                if own {
                    *a = value;
                } else {
                    *b = b.min(value);
                }
            }
        }
        for (value, (a, b)) in out.iter_mut().zip(means) {
            let defined = !alone && a.is_finite() && b.is_finite();
            *value = if defined {
                super::silhouette(a, b)
            } else {
                0.0
            };
        }
    }
}

/// The distances from a sample to a class, summed over each group.
#[derive(Clone, Copy)]
struct Of<'a> {
    class: usize,
    sums: &'a [f64],
}

/// The results of a block of samples.
pub(super) struct Part {
    samples: Vec<f64>,
    /// Sums of the silhouettes without each group, by class (classes × groups).
    without: Vec<f64>,
}

impl Part {
    pub(super) fn new(references: &References) -> Self {
        let groups = if references.groups > 1 {
            references.groups
        } else {
            0
        };
        Self {
            samples: Vec::new(),
            without: vec![0.0; references.counts.len() * groups],
        }
    }

    /// Adds a sample, given the distances summed over each run.
    pub(super) fn add(
        &mut self,
        references: &References,
        sample: usize,
        class: usize,
        sums: &[f64],
    ) {
        let mut found = [0.0; GROUPS + 1];
        let groups = self.without.len() / references.counts.len();
        let found = &mut found[..=groups];
        references.silhouettes(sample, class, sums, found);
        self.samples.push(found[0]);
        let of_class = &mut self.without[class * groups..(class + 1) * groups];
        for (sum, value) in of_class.iter_mut().zip(&found[1..]) {
            *sum += value;
        }
    }
}

/// Silhouettes, and the errors of their means that are due to sampling the references.
pub(super) struct Measured {
    /// By sample.
    pub(super) samples: Vec<f64>,
    /// Standard error of each class's mean; 0 if nothing is sampled.
    pub(super) class_errors: Vec<f64>,
    /// Standard error of the mean over all samples.
    pub(super) error: f64,
}

impl Measured {
    pub(super) fn new(references: &References, parts: Vec<Part>) -> Self {
        let counts = &references.counts;
        let mut samples = Vec::new();
        let mut without = parts
            .first()
            .map_or_else(Vec::new, |p| vec![0.0; p.without.len()]);
        for part in parts {
            samples.extend(part.samples);
            for (sum, value) in without.iter_mut().zip(part.without) {
                *sum += value;
            }
        }
        let groups = without.len() / counts.len().max(1);
        if groups == 0 {
            return Self {
                samples,
                class_errors: vec![0.0; counts.len()],
                error: 0.0,
            };
        }
        let classes = without.chunks_exact(groups).zip(counts);
        let class_errors = classes
            .map(|(sums, &size)| jackknife(sums.iter().map(|sum| sum / size.max(1) as f64)))
            .collect();
        let overall = (0..groups).map(|group| {
            let of_group = without.iter().skip(group).step_by(groups);
            of_group.sum::<f64>() / samples.len() as f64
        });
        let error = jackknife(overall);
        Self {
            samples,
            class_errors,
            error,
        }
    }
}

/// Standard error of a mean from its values without each group.
fn jackknife(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let groups = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / groups;
    let spread: f64 = values.map(|v| (v - mean).powi(2)).sum();
    (spread * (groups - 1.0) / groups).sqrt()
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::progress::Silent;
    use crate::statistics::silhouette::in_features;

    /// Three overlapping clouds of unequal sizes, a new draw for every seed.
    fn clouds(seed: u64) -> (Array2<f32>, Vec<u16>) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut uniform = move || (random.next_u64() >> 40) as f32 / 16_777_216.0 - 0.5;
        let classes: Vec<u16> = (0..1200).map(|i| [0, 0, 0, 1, 1, 2][i % 6]).collect();
        let features = Array2::from_shape_fn((classes.len(), 4), |(i, j)| {
            let center = if usize::from(classes[i]) == j {
                0.7
            } else {
                0.0
            };
            center + uniform() + uniform() + uniform()
        });
        (features, classes)
    }

    fn mean(values: &[f64], classes: &[u16], class: u16) -> f64 {
        let of_class = values.iter().zip(classes).filter(|(_, c)| **c == class);
        let (sum, count) = of_class.fold((0.0, 0), |(s, n), (v, _)| (s + v, n + 1));
        sum / f64::from(count)
    }

    #[test]
    fn the_stated_error_covers_the_difference_to_all_pairs() {
        let (mut covered, mut cases, mut narrowest) = (0, 0, f64::INFINITY);
        for seed in 0..40 {
            let (features, classes) = clouds(seed);
            let of = |limit| {
                let references = References::new(&classes, 3, limit);
                in_features(features.view(), &classes, &references, &Silent).unwrap()
            };
            let (all, some) = (of(None), of(Some(60)));
            assert!(all.class_errors.iter().all(|&e| e == 0.0) && all.error == 0.0);
            for class in 0..3 {
                let difference =
                    mean(&all.samples, &classes, class) - mean(&some.samples, &classes, class);
                let error = some.class_errors[usize::from(class)];
                covered += usize::from(difference.abs() <= 1.96 * error);
                cases += 1;
                narrowest = narrowest.min(error);
                assert!(difference.abs() < 0.1, "{difference}");
            }
        }
        // Normal intervals would contain it in 95%; with ten groups somewhat fewer do.
        assert!(covered * 100 >= cases * 88, "{covered} of {cases}");
        assert!(covered < cases, "the error is overstated");
        assert!(narrowest > 0.0);
    }

    #[test]
    fn a_class_that_is_whole_is_no_source_of_error() {
        let (features, classes) = clouds(1);
        let sizes = References::new(&classes, 3, Some(400));
        // 600, 400 and 200 samples: only the first is sampled.
        assert_eq!(sizes.ids.len(), 400 + 400 + 200);
        assert!(sizes.is_sample());
        assert!(sizes.unseen[0] > 0.0 && sizes.unseen[1..] == [0.0, 0.0]);
        let nothing_left_out = References::new(&classes, 3, Some(600));
        assert!(!nothing_left_out.is_sample());
        let of = |r: &References| in_features(features.view(), &classes, r, &Silent).unwrap();
        let all = of(&References::new(&classes, 3, None));
        assert_eq!(of(&nothing_left_out).samples, all.samples);
    }

    #[test]
    fn sizes_decide_what_is_sampled() {
        assert_eq!(references_in_features((1797, 64), 10, true), None);
        assert_eq!(references_in_features((70_000, 50), 10, true), Some(MOST));
        assert_eq!(references_in_features((70_000, 50), 10, false), Some(LIVE));
        // Many classes share the limit of work.
        assert_eq!(
            references_in_features((1_000_000, 50), 1000, true),
            Some(FEWEST)
        );
        assert_eq!(references_in_map(70_000, 10, true), None);
        assert_eq!(references_in_map(70_000, 10, false), Some(LIVE));
        assert_eq!(references_in_map(1_000_000, 10, true), Some(MOST));
    }
}
