//! The plan of a diagnosis: its parts in order, with what each needs and costs.
//!
//! [`Diagnosis::with_options`] computes all parts at once; the observer of a run goes through the
//! same list and shows each part as soon as it is computed. A part added to [`PLAN`] appears in
//! both.

use std::sync::Arc;

use super::evidence::{Evidence, Gathered, WANTED_NEIGHBORS};
use super::fidelity::Known;
use super::{ClassDiagnosis, Confusion, Diagnosis, Fidelity, FidelityOptions, Figure, Suspects};
use crate::dataset::{Dataset, Metric};
use crate::error::Result;
use crate::execution::Execution;
use crate::neighbors::Neighbors;
use crate::statistics::geometry::Geometry;
use crate::statistics::linear::LinearOverlaps;
use crate::statistics::logistic::LogisticProbe;
use crate::statistics::shuffled::Shuffled;
use crate::statistics::{
    Estimate, Labeled, MapNeighbors, Mixing, NeighborLabels, PerSample, RidgeProbe, Silhouettes,
    chance, feature_neighbors, largest_share,
};

/// A part of the statistics of the features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The neighbor graph, the neighbor tables and the votes of the neighbors.
    Neighbors,
    /// Silhouettes.
    Silhouettes,
    /// The closed-form probe, and the classifier's own predictions.
    Probe,
    /// Tests by shuffled labels, if many samples are identical.
    Shuffles,
    /// Linear overlaps of all pairs of classes.
    Overlaps,
    /// Statistics of class means and scatters.
    Geometry,
    /// The logistic probe.
    Logistic,
    /// Samples that are probably mislabeled.
    Suspects,
}

impl Part {
    /// Whether the part says anything about these samples: without classes only neighbors do. Clusters that
    /// were found in the features are separated by construction, and nobody gave them as labels.
    fn applies_to(self, labeled: &Labeled) -> bool {
        match self {
            Self::Neighbors => true,
            Self::Silhouettes | Self::Overlaps | Self::Geometry => labeled.has_classes(),
            Self::Probe | Self::Shuffles | Self::Logistic | Self::Suspects => {
                labeled.has_classes() && !labeled.is_provisional()
            }
        }
    }
}

/// A part with what it needs and costs.
pub(crate) struct Step {
    pub(crate) part: Part,
    /// Parts that must be computed before.
    needs: &'static [Part],
    /// Multiplications, roughly, by samples n, features d and classes C.
    cost: fn(f64, f64, f64) -> f64,
    /// If the cost is higher, the part waits until the optimizer is idle.
    limit: f64,
}

impl Step {
    const fn new(part: Part, needs: &'static [Part], cost: fn(f64, f64, f64) -> f64) -> Self {
        Self {
            part,
            needs,
            cost,
            limit: f64::INFINITY,
        }
    }

    /// Whether the part is too slow to be computed beside the optimizer.
    pub(crate) fn waits(&self, data: &Dataset, labeled: &Labeled) -> bool {
        let (n, d) = (labeled.samples() as f64, data.dimensions() as f64);
        (self.cost)(n, d, labeled.classes() as f64) > self.limit
    }
}

/// The parts of the statistics of the features; cheap parts, and those that others need, come
/// first.
pub(crate) const PLAN: [Step; 8] = [
    Step::new(Part::Neighbors, &[], |n, d, _| n * n * d),
    Step::new(Part::Silhouettes, &[], |n, d, _| n * n * d),
    Step::new(Part::Probe, &[], |n, d, _| n * d * d),
    Step {
        limit: 2e8,
        ..Step::new(
            Part::Shuffles,
            &[Part::Neighbors, Part::Probe],
            |n, d, c| 100.0 * n * d * c,
        )
    },
    Step::new(Part::Overlaps, &[], |n, d, c| n * d * (d + c)),
    Step::new(Part::Geometry, &[], |n, d, c| n * d * c),
    Step {
        // Some hundred passes.
        limit: 2e8,
        ..Step::new(Part::Logistic, &[], |n, d, c| 100.0 * n * d * c)
    },
    Step::new(Part::Suspects, &[Part::Neighbors], |n, d, _| n * d * d),
];

/// The input of a diagnosis.
#[derive(Clone, Copy)]
pub(crate) struct Input<'a> {
    pub(crate) data: &'a Dataset,
    pub(crate) labeled: &'a Labeled,
    /// Neighbors per sample in the tables.
    pub(crate) k: usize,
    /// Whether silhouettes are as exact as is affordable; otherwise large data get quick estimates.
    pub(crate) exact: bool,
}

/// Statistics of the features, as far as they are known.
#[derive(Default)]
pub(crate) struct FeatureFigures {
    pub(crate) neighbors: Option<Arc<Neighbors>>,
    mixing: Option<Mixing>,
    neighbor_labels: Option<Arc<NeighborLabels>>,
    pub(crate) silhouettes: Option<Silhouettes>,
    suspects: Option<Arc<Suspects>>,
    pub(crate) evidence: Evidence,
    done: Vec<Part>,
    /// For parts that are still to be computed.
    gathered: Option<Gathered>,
}

/// Statistics of a map.
#[derive(Default)]
pub(crate) struct MapFigures {
    neighbors: Option<MapNeighbors>,
    mixing: Option<Mixing>,
    neighbor_labels: Option<Arc<NeighborLabels>>,
    silhouettes: Option<Silhouettes>,
    pub(crate) fidelity: Option<Fidelity>,
}

impl FeatureFigures {
    /// What stays when labels were corrected: the graph if the same samples are labeled, and the
    /// suspects, which are about the labels as they were read.
    pub(crate) fn relabeled(self, keeps_neighbors: bool) -> Self {
        Self {
            neighbors: self.neighbors.filter(|_| keeps_neighbors),
            suspects: self.suspects,
            done: self
                .done
                .into_iter()
                .filter(|&p| p == Part::Suspects)
                .collect(),
            ..Self::default()
        }
    }

    /// Computes a part if it is missing; uses the neighbor graph if there is one.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
    pub(crate) fn compute(
        &mut self,
        step: &Step,
        input: Input<'_>,
        execution: &Execution,
    ) -> Result<()> {
        if self.done.contains(&step.part) || !step.part.applies_to(input.labeled) {
            return Ok(());
        }
        debug_assert!(step.needs.iter().all(|part| self.done.contains(part)));
        let Input { data, labeled, .. } = input;
        match step.part {
            Part::Neighbors => {
                if self.neighbors.is_none() {
                    let found = self.gathered(input).neighbors(wanted(input), execution)?;
                    self.neighbors = found.map(Arc::new);
                }
                self.tabulate(input, execution);
            }
            Part::Silhouettes => self.silhouettes = self.silhouettes(input, execution)?,
            Part::Probe => {
                self.evidence.read_predictions(data, labeled);
                let probe = self.gathered(input).compute(execution, RidgeProbe::new)?;
                self.evidence.read_probe(probe);
            }
            Part::Shuffles => {
                if let Some(graph) = self.neighbors.clone()
                    && self.evidence.awaits_shuffles()
                {
                    let found = self.gathered(input).test_by_shuffles(&graph, execution)?;
                    self.evidence.read_shuffles(found);
                }
            }
            Part::Overlaps => {
                let linear = self
                    .gathered(input)
                    .compute(execution, LinearOverlaps::new)?;
                self.evidence.read_linear(linear, labeled);
            }
            Part::Geometry => {
                self.evidence.geometry = self.gathered(input).compute(execution, Geometry::new)?;
            }
            Part::Logistic => {
                let logistic = self
                    .gathered(input)
                    .compute(execution, LogisticProbe::new)?;
                self.evidence.logistic = logistic;
            }
            Part::Suspects => {
                // Their design takes the place of the features.
                let gathered = self.gathered.take();
                if let Some(graph) = &self.neighbors {
                    let gathered = gathered.unwrap_or_else(|| gather(input));
                    let found = Suspects::from_graph(data, labeled, graph, gathered, execution)?;
                    self.suspects = found.map(Arc::new);
                }
            }
        }
        self.done.push(step.part);
        Ok(())
    }

    /// The labeled samples by themselves.
    fn gathered(&mut self, input: Input<'_>) -> &Gathered {
        self.gathered.get_or_insert_with(|| gather(input))
    }

    /// Frees what only parts need that are still to be computed.
    pub(crate) fn forget_gathered(&mut self) {
        self.gathered = None;
    }

    fn silhouettes(
        &mut self,
        input: Input<'_>,
        execution: &Execution,
    ) -> Result<Option<Silhouettes>> {
        let gathered = self.gathered(input);
        match input.data.metric() {
            Metric::Euclidean => gathered.compute(execution, |features, labeled, execution| {
                Silhouettes::in_features(features, labeled, input.exact, execution)
            }),
            // Between rows of length 1 the cosine distance is half the squared one.
            Metric::Cosine => {
                let geometry = gathered.compute(execution, Geometry::new)?;
                Ok(geometry.and_then(|geometry| {
                    let samples = geometry.silhouettes.iter().map(|&s| f64::from(s));
                    Silhouettes::of_samples(samples.collect(), input.labeled)
                }))
            }
        }
    }

    /// Replaces an approximate graph, and all that was computed from it except the suspects.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled; then nothing has changed.
    pub(crate) fn replace_graph(
        &mut self,
        graph: Arc<Neighbors>,
        input: Input<'_>,
        execution: &Execution,
    ) -> Result<()> {
        let tested = self.done.contains(&Part::Shuffles) && Shuffled::is_needed(&graph);
        let shuffled = if tested {
            self.gathered(input).test_by_shuffles(&graph, execution)?
        } else {
            None
        };
        self.neighbors = Some(graph);
        self.evidence.forget_graph();
        self.tabulate(input, execution);
        if tested {
            self.evidence.read_shuffles(shuffled);
        }
        Ok(())
    }

    /// The votes of the neighbors at the input's k.
    pub(crate) fn tabulate(&mut self, input: Input<'_>, execution: &Execution) {
        let (labeled, k) = (input.labeled, input.k);
        if !labeled.has_classes() {
            return;
        }
        let graph = self.neighbors.as_ref();
        self.mixing = graph.and_then(|g| Mixing::in_features(g, labeled, k));
        self.neighbor_labels = graph.map(|g| Arc::new(NeighborLabels::of(g, labeled, k)));
        if let Some(graph) = graph {
            self.evidence.read_graph(graph, labeled, k, execution);
        }
    }

    /// The statistics of a map except its fidelity.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
    pub(crate) fn describe_map(
        &mut self,
        positions: &[[f32; 2]],
        input: Input<'_>,
        execution: &Execution,
    ) -> Result<MapFigures> {
        let labeled = input.labeled;
        let neighbors = MapNeighbors::find(positions, labeled, input.k, execution)?;
        let of_classes = neighbors.as_ref().filter(|_| labeled.has_classes());
        if let Some(found) = of_classes {
            self.evidence.read_map(&found.graph, labeled);
        }
        Ok(MapFigures {
            mixing: of_classes.map(|n| Mixing::of_map(n, labeled)),
            neighbor_labels: of_classes.map(|n| {
                let graph = &n.graph;
                Arc::new(NeighborLabels::of(graph, labeled, graph.k()))
            }),
            silhouettes: Silhouettes::in_map(positions, labeled, input.exact, execution)?,
            neighbors,
            fidelity: None,
        })
    }

    /// The part of a map's fidelity that needs only neighbors.
    pub(crate) fn quick_fidelity(&self, map: &MapFigures, input: Input<'_>) -> Option<Fidelity> {
        let known = Known::new(self.neighbors.as_deref(), map.neighbors.as_ref());
        Fidelity::quick(input.labeled, known, &fidelity_options(input.k))
    }

    /// The whole fidelity of a map.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
    pub(crate) fn fidelity(
        &self,
        positions: &[[f32; 2]],
        map: &MapFigures,
        input: Input<'_>,
        execution: &Execution,
    ) -> Result<Option<Fidelity>> {
        let known = Known::new(self.neighbors.as_deref(), map.neighbors.as_ref());
        let (labeled, options) = (Some(input.labeled), fidelity_options(input.k));
        execution
            .run(|_| Fidelity::measure(input.data, labeled, positions, known, &options, execution))
    }

    /// A diagnosis of the parts that are known, without a reading.
    pub(crate) fn diagnosis(&self, input: Input<'_>, map: Option<&MapFigures>) -> Diagnosis {
        let labeled = input.labeled;
        let silhouettes = (
            self.silhouettes.as_ref(),
            map.and_then(|map| map.silhouettes.as_ref()),
        );
        let mixing = (
            self.mixing.as_ref(),
            map.and_then(|map| map.mixing.as_ref()),
        );
        let of_silhouettes = |of: &dyn Fn(&Silhouettes) -> Option<Estimate>| Figure {
            features: silhouettes.0.and_then(of),
            map: silhouettes.1.and_then(of),
        };
        let of_mixing = |of: &dyn Fn(&Mixing) -> Option<Estimate>| Figure {
            features: mixing.0.and_then(of),
            map: mixing.1.and_then(of),
        };
        let chance = chance(labeled.counts());
        let k = mixing.0.or(mixing.1).map_or(input.k, |m| m.k);
        let classes = (0..labeled.classes()).map(|c| ClassDiagnosis {
            label: labeled.names()[c].clone(),
            count: labeled.counts()[c],
            silhouette: of_silhouettes(&|s| s.classes[c]),
            neighborhood_hit: of_mixing(&|m| m.share(labeled, c, c)),
            neighborhood_hit_chance: chance[c][c],
            neighborhood_hit_maximum: largest_share(labeled.counts(), c, c, k),
        });
        let counted = labeled.counts().iter().sum();
        let separation = || self.evidence.separation(labeled, input.data.dimensions());
        Diagnosis {
            labeled: counted,
            unlabeled: input.data.samples() - counted,
            silhouette: of_silhouettes(&|s| Some(s.mean)),
            neighborhood_hit: of_mixing(&|m| {
                let hits = (0..labeled.classes()).filter_map(|c| m.share(labeled, c, c));
                Estimate::balanced(&hits.collect::<Vec<_>>())
            }),
            distinct_samples: (self.neighbors.as_ref()).map(|graph| graph.groups().count()),
            neighbor_recall: self.neighbors.as_ref().and_then(|graph| graph.recall()),
            silhouette_references: silhouettes.0.and_then(|s| s.references),
            map_silhouette_references: silhouettes.1.and_then(|s| s.references),
            classes: classes.collect(),
            confusion: Confusion {
                k,
                labels: labeled.names().to_vec(),
                features: mixing.0.map(|m| m.shares.clone()),
                map: mixing.1.map(|m| m.shares.clone()),
                features_standard_error: mixing.0.map(|m| m.standard_errors.clone()),
                map_standard_error: mixing.1.map(|m| m.standard_errors.clone()),
                features_above_chance: mixing.0.map(|m| m.above_chance.clone()),
                map_above_chance: mixing.1.map(|m| m.above_chance.clone()),
                chance,
            },
            fidelity: map.and_then(|map| map.fidelity.clone()),
            stability: None,
            suspects: self.suspects.clone(),
            reading: None,
            separation: (labeled.has_classes() && !labeled.is_provisional()).then(separation),
            pairs: self.evidence.pairs(labeled),
            sample_silhouettes: PerSample::silhouettes(labeled, silhouettes.0, silhouettes.1),
            clusters: None,
            neighbor_labels: [
                self.neighbor_labels.clone(),
                map.and_then(|map| map.neighbor_labels.clone()),
            ],
            relabeled: 0,
            map_generation: None,
            map_iteration: None,
        }
    }
}

/// The neighbor graph of the features, with enough neighbors for other k of the tables.
///
/// # Errors
/// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
pub(crate) fn graph(input: Input<'_>, execution: &Execution) -> Result<Option<Arc<Neighbors>>> {
    let graph = feature_neighbors(input.data, input.labeled, wanted(input), execution)?;
    Ok(graph.map(Arc::new))
}

fn wanted(input: Input<'_>) -> usize {
    input.k.max(WANTED_NEIGHBORS)
}

fn gather(input: Input<'_>) -> Gathered {
    Gathered::new(input.data.features(), input.labeled)
}

fn fidelity_options(k: usize) -> FidelityOptions {
    FidelityOptions {
        k,
        ..FidelityOptions::default()
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::dataset::Labels;

    /// `evidence` of samples that are each there twice, before and after the graph was replaced.
    fn around_replacement(dimensions: usize) -> [Option<bool>; 2] {
        let features = Array2::from_shape_fn((40, dimensions), |(i, j)| {
            (i % 20 * (j + 3) % 17) as f32 + if i % 2 == 0 { 0.0 } else { 50.0 }
        });
        let labels = Labels::from_integers(&(0..40).map(|i| i % 2).collect::<Vec<i64>>());
        let data = Dataset::new(features).unwrap();
        let data = data.with_labels(labels.unwrap()).unwrap();
        let (labeled, execution) = (
            Labeled::new(data.labels().unwrap()),
            Execution::default().threads(1),
        );
        let (k, exact) = (5, true);
        let input = Input {
            data: &data,
            labeled: &labeled,
            k,
            exact,
        };
        let mut known = FeatureFigures::default();
        for step in &PLAN {
            known.compute(step, input, &execution).unwrap();
        }
        let evidence = |known: &FeatureFigures| {
            let separation = known.diagnosis(input, None).separation;
            separation.unwrap().evidence
        };
        let before = evidence(&known);
        let another = graph(input, &execution).unwrap().unwrap();
        known.replace_graph(another, input, &execution).unwrap();
        [before, evidence(&known)]
    }

    #[test]
    fn evidence_outlasts_the_replacement_of_an_approximate_graph() {
        // With more than 1,024 features, labels are never shuffled.
        for dimensions in [3, 1030] {
            let found = around_replacement(dimensions);
            assert_eq!(found, [Some(true); 2], "{dimensions}");
        }
    }
}
