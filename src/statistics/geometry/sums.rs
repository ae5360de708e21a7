//! The second pass: what each sample contributes to the statistics of its class and its pairs.

use ndarray::{Array1, Array2, ArrayView2};

use super::{Estimate, Geometry, Labeled, Means, centered};
use crate::statistics::silhouette;

/// A sum and a sum of squares.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    sum: f64,
    squares: f64,
}

impl Moments {
    fn push(&mut self, value: f64) {
        self.sum += value;
        self.squares += value * value;
    }

    fn add(&mut self, other: Self) {
        self.sum += other.sum;
        self.squares += other.squares;
    }

    /// Variance of the mean of `n` such values; `None` for fewer than two.
    fn variance_of_mean(self, n: usize) -> Option<f64> {
        let size = n as f64;
        (n > 1)
            .then(|| ((self.squares - self.sum * self.sum / size) / (size - 1.0) / size).max(0.0))
    }
}

/// Sums over samples, by class.
pub(super) struct Sums {
    classes: usize,
    /// By sample, in order.
    samples: Vec<f32>,
    silhouettes: Vec<Moments>,
    consistent: Vec<f64>,
    /// Influence on the R², up to its factor.
    within: Vec<Moments>,
    total: Vec<Moments>,
    product: Vec<f64>,
    collapse: Moments,
    /// Influence of class a's samples on the CDNV of a and b (C × C).
    pairs: Vec<Moments>,
    /// The same on the sum over a's pairs (C).
    own_pairs: Vec<Moments>,
}

impl Sums {
    pub(super) fn zero(classes: usize) -> Self {
        Self {
            classes,
            samples: Vec::new(),
            silhouettes: vec![Moments::default(); classes],
            consistent: vec![0.0; classes],
            within: vec![Moments::default(); classes],
            total: vec![Moments::default(); classes],
            product: vec![0.0; classes],
            collapse: Moments::default(),
            pairs: vec![Moments::default(); classes * classes],
            own_pairs: vec![Moments::default(); classes],
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.samples.extend_from_slice(&other.samples);
        let lists = [
            (&mut self.silhouettes, &other.silhouettes),
            (&mut self.within, &other.within),
            (&mut self.total, &other.total),
            (&mut self.pairs, &other.pairs),
            (&mut self.own_pairs, &other.own_pairs),
        ];
        for (to, from) in lists {
            to.iter_mut().zip(from).for_each(|(t, f)| t.add(*f));
        }
        for (to, from) in [
            (&mut self.consistent, &other.consistent),
            (&mut self.product, &other.product),
        ] {
            to.iter_mut().zip(from).for_each(|(t, f)| *t += f);
        }
        self.collapse.add(other.collapse);
    }

    /// The sums over a block of rows.
    pub(super) fn of(
        first: usize,
        block: ArrayView2<'_, f32>,
        labeled: &Labeled,
        means: &Means,
        collapse: Option<&(Array1<f64>, Array2<f64>)>,
    ) -> Self {
        let mut sums = Self::zero(labeled.counts().len());
        let x = centered(block, &means.center);
        let products = x.dot(&means.by_class.t());
        let norms: Vec<f64> = means.by_class.outer_iter().map(|m| m.dot(&m)).collect();
        let mut squared = vec![0.0; norms.len()];
        let classes = &labeled.indices()[first..];
        for ((row, products), &class) in x.outer_iter().zip(products.outer_iter()).zip(classes) {
            let length = row.dot(&row);
            for ((s, p), norm) in squared.iter_mut().zip(products).zip(&norms) {
                *s = (length + norm - 2.0 * p).max(0.0);
            }
            sums.push(usize::from(class), &squared, labeled, means);
        }
        sums.push_directions(block, classes, means);
        if let Some((middle, turn)) = collapse {
            // (x − μ_y)·(μ_c − middle) for all c. The columns of the rotation sum to 0 over the
            // classes, so a term that all classes share cancels.
            let mut deviations = x;
            for (mut row, &class) in deviations.outer_iter_mut().zip(classes) {
                row -= &means.by_class.row(usize::from(class));
            }
            let basis = &means.by_class - middle;
            for row in deviations.dot(&basis.t()).dot(turn).outer_iter() {
                sums.collapse.push(row.dot(&row));
            }
        }
        sums
    }

    /// One sample's squared distances from all class means.
    fn push(&mut self, own: usize, squared: &[f64], labeled: &Labeled, means: &Means) {
        let counts = labeled.counts();
        let (mut nearest, mut other) = (own, f64::INFINITY);
        let mut influence = 0.0;
        for (b, &distance) in squared.iter().enumerate() {
            if b == own || counts[b] == 0 {
                continue;
            }
            other = other.min(distance + means.variances[b]);
            if distance < squared[nearest] || (distance <= squared[nearest] && b < nearest) {
                nearest = b;
            }
            let gap = means.gaps[[own, b]];
            if gap > 0.0 {
                let cdnv = (means.variances[own] + means.variances[b]) / (2.0 * gap);
                // Twice (μ_a − μ_b)·(x − μ_a), which moves the gap.
                let shift = distance - squared[own] - gap;
                let moved =
                    (squared[own] - means.variances[own]) / (2.0 * gap) - cdnv * shift / gap;
                self.pairs[own * self.classes + b].push(moved);
                influence += moved;
            }
        }
        self.own_pairs[own].push(influence);
        self.consistent[own] += f64::from(u8::from(nearest == own));
        let size = counts[own] as f64;
        let silhouette = if counts[own] < 2 {
            0.0
        } else {
            let within = (squared[own] + means.variances[own]) * size / (size - 1.0);
            silhouette(within, other)
        };
        self.samples.push(silhouette as f32);
        self.silhouettes[own].push(silhouette);
    }

    /// Influences on the cosine distances within classes and overall.
    fn push_directions(&mut self, block: ArrayView2<'_, f32>, classes: &[u16], means: &Means) {
        let overall = means.mean_direction();
        for (raw, &class) in block.outer_iter().zip(classes) {
            let class = usize::from(class);
            let (mut length, mut own, mut all) = (0.0, 0.0, 0.0);
            let columns = raw.iter().zip(means.directions.row(class)).zip(&overall);
            for ((&v, to_class), to_all) in columns {
                let v = f64::from(v);
                length += v * v;
                own += v * to_class;
                all += v * to_all;
            }
            let length = if length > 0.0 { length.sqrt() } else { 1.0 };
            let (own, all) = (own / length, all / length);
            self.within[class].push(own);
            self.total[class].push(all);
            self.product[class] += own * all;
        }
    }

    pub(super) fn finish(&self, labeled: &Labeled, means: &Means, collapsed: bool) -> Geometry {
        let n = labeled.samples();
        let counts = labeled.counts();
        let classes = 0..self.classes;
        let occupied = labeled.occupied() as f64;
        let mut all = Moments::default();
        self.silhouettes.iter().for_each(|m| all.add(*m));
        let by_class = |c: usize| {
            let moments = self.silhouettes[c];
            (counts[c] > 0).then(|| Estimate::mean(moments.sum, moments.squares, counts[c]))
        };
        let (cdnv, cdnv_standard_error) = self.pair_tables(labeled, means);
        Geometry {
            silhouettes: self.samples.clone(),
            silhouette_squared: Estimate::mean(all.sum, all.squares, n),
            class_silhouette_squared: classes.clone().map(by_class).collect(),
            class_separation_r2: self.separation(labeled, means),
            nc1: collapsed.then(|| {
                let mean = Estimate::mean(self.collapse.sum, self.collapse.squares, n);
                let error = mean.standard_error.map(|e| e / occupied);
                Estimate::normal(mean.value / occupied, error)
            }),
            distance_consistency: Estimate::share(self.consistent.iter().sum(), n),
            class_distance_consistency: (classes.clone())
                .map(|c| (counts[c] > 0).then(|| Estimate::share(self.consistent[c], counts[c])))
                .collect(),
            mean_cdnv: self.mean_cdnv(labeled, means, &cdnv),
            class_cdnv: classes
                .map(|c| self.class_cdnv(c, labeled, &cdnv))
                .collect(),
            cdnv,
            cdnv_standard_error,
        }
    }

    /// R² and its standard error: influences are linear in both mean cosine distances.
    fn separation(&self, labeled: &Labeled, means: &Means) -> Option<Estimate> {
        let r2 = means.class_separation_r2()?;
        let (within, total) = means.cosine_distances();
        let occupied = means.occupied();
        let size = occupied.len() as f64;
        // d(1 − w/t) = −dw/t + w dt/t², with dw = −2 Σ ū_c·du/C and dt = −2 ū·du/C.
        let (along_own, along_all) = (2.0 / size / total, -2.0 * within / size / (total * total));
        let variance = occupied.iter().map(|&c| {
            let influence = Moments {
                sum: along_own * self.within[c].sum + along_all * self.total[c].sum,
                squares: along_own * along_own * self.within[c].squares
                    + along_all * along_all * self.total[c].squares
                    + 2.0 * along_own * along_all * self.product[c],
            };
            influence.variance_of_mean(labeled.counts()[c])
        });
        let variance: Option<f64> = variance.sum();
        Some(Estimate::normal(r2, variance.map(f64::sqrt)))
    }

    fn pair_tables(&self, labeled: &Labeled, means: &Means) -> (Vec<f64>, Vec<f64>) {
        let count = self.classes * self.classes;
        let (mut values, mut errors) = (vec![f64::NAN; count], vec![f64::NAN; count]);
        for a in 0..self.classes {
            for b in 0..self.classes {
                let Some(cdnv) = means.cdnv(a, b) else {
                    continue;
                };
                let at = a * self.classes + b;
                values[at] = cdnv;
                let own = self.pairs[at].variance_of_mean(labeled.counts()[a]);
                let other = self.pairs[b * self.classes + a].variance_of_mean(labeled.counts()[b]);
                errors[at] = own.zip(other).map_or(f64::NAN, |(x, y)| (x + y).sqrt());
            }
        }
        (values, errors)
    }

    /// Mean CDNV over all pairs: each sample influences all pairs of its class.
    fn mean_cdnv(&self, labeled: &Labeled, means: &Means, cdnv: &[f64]) -> Option<Estimate> {
        let mean = means.mean_cdnv()?;
        let pairs = 0.5 * cdnv.iter().filter(|v| v.is_finite()).count() as f64;
        let variance: Option<f64> = (0..self.classes)
            .filter(|&c| labeled.counts()[c] > 0)
            .map(|c| self.own_pairs[c].variance_of_mean(labeled.counts()[c]))
            .sum();
        let error = variance.map(|v| v.sqrt() / pairs);
        Some(Estimate::normal(mean, error))
    }

    fn class_cdnv(&self, a: usize, labeled: &Labeled, cdnv: &[f64]) -> Option<Estimate> {
        let row = a * self.classes;
        let others: Vec<usize> = (0..self.classes)
            .filter(|b| cdnv[row + b].is_finite())
            .collect();
        if others.is_empty() {
            return None;
        }
        let size = others.len() as f64;
        let mut variance = self.own_pairs[a].variance_of_mean(labeled.counts()[a]);
        for &b in &others {
            let part = self.pairs[b * self.classes + a].variance_of_mean(labeled.counts()[b]);
            variance = variance.zip(part).map(|(v, p)| v + p);
        }
        let mean = others.iter().map(|&b| cdnv[row + b]).sum::<f64>() / size;
        Some(Estimate::normal(mean, variance.map(|v| v.sqrt() / size)))
    }
}
