//! Whether other maps of the same samples show the same.
//!
//! In: two or more maps (other seeds, other perplexities), and labels where there are some. Out: a
//! [`Stability`]: the share of each sample's nearest neighbors that two maps have in common, over
//! all pairs of maps, by class and around each sample; in how many maps each class stands apart;
//! and the pairs of classes that mix in some map, with the number of maps in which they do. What
//! only one map shows is an artifact of that map; what all show may still be an artifact of t-SNE,
//! so the features decide. O(maps × n k) for the neighbors and O(maps² × n k²) to compare them.

use serde::{Deserialize, Serialize};

use crate::dataset::Labels;
use crate::error::{Error, Result};
use crate::execution::Execution;
use crate::progress::check;
use crate::statistics::{Estimate, Labeled, MapIndex, Mixing};

/// When a class stands apart in a map, and when a pair mixes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StabilityOptions {
    /// Neighbors per sample; capped at n − 2. Default 10.
    pub k: usize,
    /// A class stands apart in a map if the lower end of the 95% interval of its neighborhood hit
    /// lies above this. Default 0.8.
    pub apart: f64,
    /// A pair mixes in a map if the lower end of the 95% interval of the share of neighbors lies
    /// above this. Default 0.02.
    pub least_share: f64,
}

/// A sample has no stable place if it keeps less than this part of the median share.
const UNSTABLE: f64 = 0.5;

impl Default for StabilityOptions {
    fn default() -> Self {
        Self {
            k: 10,
            apart: 0.8,
            least_share: 0.02,
        }
    }
}

/// How similar all maps are for a class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassStability {
    /// The class's name as in the files, not escaped.
    pub label: String,
    /// Number of samples.
    pub count: usize,
    /// Mean share of the neighbors in one map that are neighbors in another, over all pairs of
    /// maps, with an interval over the class's samples.
    pub kept: Option<Estimate>,
    /// Maps in which the class stands apart; `None` for a class of fewer than two.
    pub apart: Option<usize>,
    /// The lowest neighborhood hit in any map.
    pub lowest_hit: Option<f64>,
    /// The highest.
    pub highest_hit: Option<f64>,
}

/// A pair of classes that mixes in some map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MapFinding {
    /// Index of the class whose neighbors are counted.
    pub from: usize,
    /// Index of the class of these neighbors.
    pub to: usize,
    /// Maps in which it mixes.
    pub maps: usize,
    /// Whether these are all maps.
    pub holds: bool,
    /// The lowest share of the neighbors in any map.
    pub lowest_share: f64,
    /// The highest.
    pub highest_share: f64,
}

/// What several maps of the same samples have in common.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Stability {
    /// Thresholds, and the neighbors per sample in effect.
    pub options: StabilityOptions,
    /// Number of maps.
    pub maps: usize,
    /// Mean share of the neighbors that two maps have in common (maps × maps; 1 on the diagonal).
    pub kept: Vec<Vec<f64>>,
    /// The mean over all pairs of maps, with an interval over the samples.
    pub mean_kept: Estimate,
    /// What unrelated maps would have in common: k/(n − 1).
    pub chance: f64,
    /// The median of the shares kept around each sample.
    pub median_kept: f64,
    /// Samples without a stable place: those that keep less than half of the median share.
    pub unstable: usize,
    /// By class, in display order; empty without labels.
    pub classes: Vec<ClassStability>,
    /// Pairs of classes that mix in some map, those that mix in the most maps first.
    pub findings: Vec<MapFinding>,
    /// Mean share around each sample. Not part of the JSON.
    #[serde(skip)]
    pub points: Vec<f32>,
}

impl Stability {
    /// Compares maps of the same samples; `None` for fewer than two maps or three samples.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if maps or labels are of different numbers of samples,
    /// [`Error::Interrupted`] if cancelled.
    ///
    /// ```
    /// use disentangle::{Execution, diagnosis::{Stability, StabilityOptions}};
    /// let map: Vec<[f32; 2]> = (0..40).map(|i| [i as f32, (i * i % 7) as f32]).collect();
    /// let turned: Vec<[f32; 2]> = map.iter().map(|[x, y]| [-y, *x]).collect();
    /// let stability = Stability::of(None, &[&map, &turned], &StabilityOptions::default(), &Execution::default().threads(1))?;
    /// assert!(stability.unwrap().mean_kept.value > 0.9);
    /// # Ok::<(), disentangle::Error>(())
    /// ```
    pub fn of(
        labels: Option<&Labels>,
        maps: &[&[[f32; 2]]],
        options: &StabilityOptions,
        execution: &Execution,
    ) -> Result<Option<Self>> {
        let Some(n) = maps
            .first()
            .map(|m| m.len())
            .filter(|n| *n >= 3 && maps.len() > 1)
        else {
            return Ok(None);
        };
        let lengths = maps
            .iter()
            .map(|m| m.len())
            .chain(labels.map(|l| l.indices().len()));
        if let Some(found) = lengths.into_iter().find(|length| *length != n) {
            return Err(Error::Mismatch {
                what: "maps".into(),
                expected: n,
                found,
            });
        }
        let options = StabilityOptions {
            k: options.k.clamp(1, n - 2),
            ..*options
        };
        let graphs: Result<Vec<Vec<u32>>> = execution.run(|progress| {
            let neighbors =
                |map: &&[[f32; 2]]| MapIndex::new(map).all_neighbors(options.k, progress);
            maps.iter().map(neighbors).collect()
        });
        let graphs = graphs?;
        let mut stability = Self::of_graphs(&graphs, options, n);
        check(execution)?;
        if let Some(labels) = labels {
            stability.by_class(labels, maps, execution)?;
        }
        Ok(Some(stability))
    }

    /// Whether a sample has no stable place: it keeps less than half as many neighbors from map to map
    /// as the median sample.
    pub fn is_unstable(&self, sample: usize) -> bool {
        let kept = self.points.get(sample).map(|kept| f64::from(*kept));
        kept.is_some_and(|kept| kept < self.least_kept())
    }

    /// The share kept below which a sample has no stable place.
    pub fn least_kept(&self) -> f64 {
        UNSTABLE * self.median_kept
    }

    fn of_graphs(graphs: &[Vec<u32>], options: StabilityOptions, n: usize) -> Self {
        let (maps, k) = (graphs.len(), options.k);
        let pairs = (maps * (maps - 1) / 2) as f64;
        let mut kept = vec![vec![1.0; maps]; maps];
        let mut points = vec![0.0_f32; n];
        for a in 0..maps {
            for b in 0..a {
                let rows = graphs[a].chunks(k).zip(graphs[b].chunks(k));
                let mut sum = 0.0;
                for (point, (ours, theirs)) in points.iter_mut().zip(rows) {
                    let common = ours.iter().filter(|j| theirs.contains(j)).count();
                    let share = common as f64 / k as f64;
                    sum += share;
                    *point += (share / pairs) as f32;
                }
                kept[a][b] = sum / n as f64;
                kept[b][a] = kept[a][b];
            }
        }
        let median_kept = median(&points);
        let least = UNSTABLE * median_kept;
        let unstable = points.iter().filter(|p| f64::from(**p) < least);
        Self {
            options,
            maps,
            kept,
            mean_kept: mean(&points, |_| true),
            chance: k as f64 / (n as f64 - 1.0),
            median_kept,
            unstable: unstable.count(),
            classes: Vec::new(),
            findings: Vec::new(),
            points,
        }
    }

    /// The results by class and pair.
    fn by_class(
        &mut self,
        labels: &Labels,
        maps: &[&[[f32; 2]]],
        execution: &Execution,
    ) -> Result<()> {
        let labeled = Labeled::new(labels);
        let mut tables = Vec::new();
        for map in maps {
            let k = self.options.k;
            tables.extend(Mixing::in_map(map, &labeled, k, execution)?);
        }
        let range = |a: usize, b: usize| {
            let shares = tables.iter().map(|t| t.shares[a][b]);
            let lowest = shares.clone().fold(f64::INFINITY, f64::min);
            (lowest, shares.fold(0.0, f64::max))
        };
        let counts = labels.counts();
        for (c, label) in labels.names().iter().enumerate() {
            let hit = (!tables.is_empty() && counts[c] > 1).then(|| range(c, c));
            self.classes.push(ClassStability {
                label: label.clone(),
                count: counts[c],
                kept: (counts[c] > 0)
                    .then(|| mean(&self.points, |i| usize::from(labels.indices()[i]) == c)),
                apart: hit.map(|_| self.maps_apart(&tables, &labeled, c)),
                lowest_hit: hit.map(|h| h.0),
                highest_hit: hit.map(|h| h.1),
            });
        }
        for from in 0..counts.len() {
            for to in (0..counts.len()).filter(|&to| to != from) {
                let mixes =
                    |t: &&Mixing| surely(t, &labeled, (from, to)) > Some(self.options.least_share);
                let marked = tables.iter().filter(mixes).count();
                if marked == 0 {
                    continue;
                }
                let (lowest_share, highest_share) = range(from, to);
                self.findings.push(MapFinding {
                    from,
                    to,
                    maps: marked,
                    holds: marked == maps.len(),
                    lowest_share,
                    highest_share,
                });
            }
        }
        self.findings.sort_by(|a, b| {
            (b.maps.cmp(&a.maps))
                .then(b.highest_share.total_cmp(&a.highest_share))
                .then((a.from, a.to).cmp(&(b.from, b.to)))
        });
        Ok(())
    }

    /// The number of maps in which a class stands apart.
    fn maps_apart(&self, tables: &[Mixing], labeled: &Labeled, class: usize) -> usize {
        let low = |t: &Mixing| surely(t, labeled, (class, class));
        let apart = tables.iter().filter(|t| low(t) > Some(self.options.apart));
        apart.count()
    }
}

/// The lower end of the interval of the share of a class's neighbors with a label.
fn surely(table: &Mixing, labeled: &Labeled, (class, label): (usize, usize)) -> Option<f64> {
    table.share(labeled, class, label)?.low
}

/// The median; of an even number, the mean of the two in the middle.
fn median(points: &[f32]) -> f64 {
    let mut sorted = points.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    let at = |index: usize| f64::from(sorted[index]);
    let middle = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) {
        f64::midpoint(at(middle - 1), at(middle))
    } else {
        at(middle)
    }
}

/// The mean over some samples. Statistics of neighbors depend on each other where arcs go both
/// ways, so the deviation is multiplied by √2.
fn mean(points: &[f32], is_meant: impl Fn(usize) -> bool) -> Estimate {
    let meant = points.iter().enumerate().filter(|(i, _)| is_meant(*i));
    let (mut sum, mut squares, mut n) = (0.0, 0.0, 0);
    for (_, &p) in meant {
        sum += f64::from(p);
        squares += f64::from(p).powi(2);
        n += 1;
    }
    let plain = Estimate::mean(sum, squares, n);
    let error = plain.standard_error.map(|e| e * std::f64::consts::SQRT_2);
    Estimate::mean_share(plain.value, error, n, 1.0)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these figures are exact")]
mod tests {
    use super::*;

    fn with_k(k: usize) -> StabilityOptions {
        StabilityOptions {
            k,
            ..StabilityOptions::default()
        }
    }

    #[test]
    fn four_points_by_hand() {
        // On a line, then with the last two exchanged.
        let line = [[0.0, 0.0], [1.0, 0.0], [2.1, 0.0], [3.5, 0.0]];
        let other = [[0.0, 0.0], [1.0, 0.0], [3.5, 0.0], [2.1, 0.0]];
        let found = Stability::of(
            None,
            &[&line, &other],
            &with_k(1),
            &Execution::default().threads(1),
        )
        .unwrap()
        .unwrap();
        // Nearest: 1 0 1 2 against 1 0 3 1.
        assert_eq!(found.points, [1.0, 1.0, 0.0, 0.0]);
        assert_eq!(found.mean_kept.value, 0.5);
        assert_eq!(found.kept, [[1.0, 0.5], [0.5, 1.0]]);
        assert_eq!(found.chance, 1.0 / 3.0);
        // Half of the median, 0.5, is 0.25.
        assert_eq!((found.median_kept, found.unstable), (0.5, 2));
        let unstable = (0..4).map(|i| found.is_unstable(i));
        assert_eq!(unstable.collect::<Vec<_>>(), [false, false, true, true]);
    }

    #[test]
    fn a_finding_of_one_map_does_not_hold() {
        // Three groups; in the second map the third lies among the first.
        let map = |third: f32| -> Vec<[f32; 2]> {
            (0..90)
                .map(|i| {
                    let class = i / 30;
                    let x = [0.0, 50.0, third][class];
                    [x + (i * 7 % 13) as f32 * 0.3, (i * 11 % 17) as f32 * 0.3]
                })
                .collect()
        };
        let labels = Labels::from_integers(&(0..90).map(|i| i / 30).collect::<Vec<i64>>()).unwrap();
        let (apart, mixed) = (map(100.0), map(0.2));
        let all: [&[[f32; 2]]; 3] = [&apart, &mixed, &apart];
        let found = Stability::of(
            Some(&labels),
            &all,
            &with_k(5),
            &Execution::default().threads(1),
        )
        .unwrap()
        .unwrap();
        assert_eq!(found.kept[0][2], 1.0);
        assert!(found.kept[0][1] < 1.0);
        assert_eq!(found.classes[1].lowest_hit, Some(1.0));
        let apart_in: Vec<_> = found.classes.iter().map(|c| c.apart).collect();
        assert_eq!(apart_in, [Some(2), Some(3), Some(2)]);
        assert!(found.classes[0].lowest_hit < Some(0.9));
        assert!(found.findings.iter().all(|f| !f.holds && f.maps == 1));
        let short: &[[f32; 2]] = &apart[..4];
        assert!(
            Stability::of(
                None,
                &[&apart, short],
                &with_k(5),
                &Execution::default().threads(1)
            )
            .is_err()
        );
        assert_eq!(
            Stability::of(
                None,
                &[&apart],
                &with_k(5),
                &Execution::default().threads(1)
            )
            .unwrap(),
            None
        );
    }
}
