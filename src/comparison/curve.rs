//! The disentangling curve: how separable the classes are from layer to layer.
//!
//! In: the evidence of a model's layers in order. Out: every statistic of every layer with its
//! interval, overall and by class, and for each step between two layers the paired differences and
//! a verdict. The verdict depends on the leave-one-out probe and the neighbors. Geometry
//! (silhouette, R², variance ratio, CDNV) only says whether classes become more compact; it never
//! makes a step "more separable" (docs/statistics.md explains why).

use serde::{Deserialize, Serialize};

use super::evidence::Evidence;
use super::paired::{one_against_rest, with_class_test};
use super::resample::{Change, Over, Resampled, two_sided};
use super::{ComparisonOptions, Figures, McNemar, Tested, is_above_chance, proportion};
use crate::statistics::Estimate;
use crate::statistics::Labeled;
use crate::statistics::geometry::Jackknifed;

/// Quantile of Student's t with 19 degrees of freedom: intervals of the jackknife of 20 groups.
const T19: f64 = 2.093;

/// What changes from one layer to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StepVerdict {
    /// The probe is right more often, and no statistic of the neighbors contradicts it.
    MoreSeparable,
    /// The probe is right less often, and no statistic of the neighbors contradicts it.
    LessSeparable,
    /// Probe and neighbors disagree, or only the neighbors show a change.
    Mixed,
    /// Nothing is shown.
    NoDifferenceShown,
}

/// A model's layers and the steps between them.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// The model.
    pub model: String,
    /// Its layers in order.
    pub layers: Vec<LayerFigures>,
    /// From each layer to the next.
    pub steps: Vec<LayerStep>,
}

/// The statistics of one layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerFigures {
    /// `model/layer`.
    pub set: String,
    /// Number of features d.
    pub dimensions: usize,
    /// Labeled samples per feature, n/d: near 1 and below, a probe is at its limits.
    pub samples_per_dimension: f64,
    /// Balanced accuracy of the leave-one-out probe.
    pub probe: Estimate,
    /// Its accuracy.
    pub probe_accuracy: Estimate,
    /// Neighborhood hit, balanced over the classes.
    pub neighborhood_hit: Estimate,
    /// Soft nearest neighbor loss in nats, mean over the samples; lower is more separable.
    pub soft_nearest_neighbor_loss: Estimate,
    /// Mean silhouette by squared distances, over the samples.
    pub silhouette_squared: Option<Estimate>,
    /// Class separation R².
    pub class_separation_r2: Option<Estimate>,
    /// tr Σ_W / tr Σ_B; lower is tighter.
    pub variance_ratio: Option<Estimate>,
    /// Mean class-distance normalized variance; lower is tighter.
    pub cdnv: Option<Estimate>,
    /// By class.
    pub classes: Vec<LayerClass>,
}

/// The statistics of one class in one layer; `None` if the class has no samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerClass {
    /// The class's name.
    pub label: String,
    /// Recall of the leave-one-out probe.
    pub probe: Option<Estimate>,
    /// Neighborhood hit.
    pub neighborhood_hit: Option<Estimate>,
    /// Soft nearest neighbor loss.
    pub soft_nearest_neighbor_loss: Option<Estimate>,
    /// Mean silhouette by squared distances.
    pub silhouette_squared: Option<Estimate>,
}

/// The step from one layer to the next. Differences are the later layer minus the earlier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerStep {
    /// The earlier set.
    pub from: String,
    /// The later set.
    pub to: String,
    /// The verdict.
    pub verdict: StepVerdict,
    /// Whether the classes become more compact, whatever the verdict: some statistic of geometry
    /// improves and none worsens.
    pub tighter: bool,
    /// Balanced accuracy of the probe. Its p-value is the larger of that of the bootstrap and that
    /// of McNemar's test.
    pub probe: Change,
    /// McNemar's test of the probe; "first" is the earlier layer.
    pub probe_test: McNemar,
    /// Neighborhood hit.
    pub neighborhood_hit: Change,
    /// Soft nearest neighbor loss.
    pub soft_nearest_neighbor_loss: Change,
    /// Silhouette by squared distances.
    pub silhouette_squared: Option<Change>,
    /// Class separation R².
    pub class_separation_r2: Option<Change>,
    /// tr Σ_W / tr Σ_B.
    pub variance_ratio: Option<Change>,
    /// Mean CDNV.
    pub cdnv: Option<Change>,
    /// By class.
    pub classes: Vec<ClassStep>,
}

/// The step of one class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassStep {
    /// The class's name.
    pub label: String,
    /// What may be said of it.
    pub verdict: StepVerdict,
    /// Recall of the probe. Its p-value is the larger of that of McNemar's test and that of separating
    /// the class from the rest.
    pub probe: Option<Change>,
    /// Neighborhood hit.
    pub neighborhood_hit: Option<Change>,
    /// Soft nearest neighbor loss.
    pub soft_nearest_neighbor_loss: Option<Change>,
}

impl ClassStep {
    fn changes(&mut self) -> [&mut Option<Change>; 3] {
        [
            &mut self.probe,
            &mut self.neighborhood_hit,
            &mut self.soft_nearest_neighbor_loss,
        ]
    }
}

/// The curve of one model. `sets` are the numbers of its layers among all evidence.
pub(super) fn curve(
    model: &str,
    sets: &[usize],
    evidence: &[Evidence],
    drawn: &Resampled,
    figures: &Figures,
    labeled: &Labeled,
) -> Curve {
    let layers = sets
        .iter()
        .map(|&s| layer(&evidence[s], s, drawn, figures, labeled))
        .collect();
    let steps = sets
        .windows(2)
        .map(|pair| step(pair[0], pair[1], evidence, drawn, figures, labeled))
        .collect();
    Curve {
        model: model.into(),
        layers,
        steps,
    }
}

fn layer(
    set: &Evidence,
    number: usize,
    drawn: &Resampled,
    figures: &Figures,
    labeled: &Labeled,
) -> LayerFigures {
    let at = &figures.sets[number];
    let geometry = set.geometry.as_ref();
    let ratio = set.jackknifed.variance_ratio.as_ref().map(|ratio| {
        let ratio = Estimate::around(ratio.value, T19 * ratio.standard_error());
        Estimate {
            low: ratio.low.map(|low| low.max(0.0)),
            ..ratio
        }
    });
    let balanced = |figure| drawn.mean(figure, Over::Classes).unwrap_or_default();
    let class = |c: usize| LayerClass {
        label: labeled.names()[c].clone(),
        probe: drawn.mean(at.probe, Over::Class(c)),
        neighborhood_hit: drawn.mean(at.hit, Over::Class(c)),
        soft_nearest_neighbor_loss: drawn.mean(at.loss, Over::Class(c)),
        silhouette_squared: geometry.and_then(|g| g.class_silhouette_squared[c]),
    };
    let n = labeled.samples();
    LayerFigures {
        set: set.name.clone(),
        dimensions: set.dimensions,
        samples_per_dimension: n as f64 / set.dimensions as f64,
        probe: balanced(at.probe),
        probe_accuracy: proportion(set.right.count(), n),
        neighborhood_hit: balanced(at.hit),
        soft_nearest_neighbor_loss: drawn.mean(at.loss, Over::Samples).unwrap_or_default(),
        silhouette_squared: geometry.map(|g| g.silhouette_squared),
        class_separation_r2: geometry.and_then(|g| g.class_separation_r2),
        variance_ratio: ratio,
        cdnv: geometry.and_then(|g| g.mean_cdnv),
        classes: (0..labeled.names().len()).map(class).collect(),
    }
}

fn step(
    from: usize,
    to: usize,
    evidence: &[Evidence],
    drawn: &Resampled,
    figures: &Figures,
    labeled: &Labeled,
) -> LayerStep {
    let (a, b) = (&evidence[from], &evidence[to]);
    let (x, y) = (&figures.sets[from], &figures.sets[to]);
    let classes = labeled.indices();
    let change = |first, second, over| drawn.change(first, second, over).unwrap_or_default();
    let test = McNemar::of(&a.right, &b.right, |_| true);
    let (before, after) = (&a.jackknifed, &b.jackknifed);
    let geometry = |first: &Option<Jackknifed>, second: &Option<Jackknifed>| {
        let (difference, error) = first.as_ref()?.until(second.as_ref()?);
        Some(Change {
            difference: Estimate::around(difference, T19 * error),
            p: Some(two_sided(difference, error)),
            ..Change::default()
        })
    };
    let rest = one_against_rest(&a.answers, &b.answers, classes, labeled.counts());
    let class = |c: usize| {
        let own = McNemar::of(&a.right, &b.right, |i| usize::from(classes[i]) == c);
        ClassStep {
            label: labeled.names()[c].clone(),
            verdict: StepVerdict::NoDifferenceShown,
            probe: drawn
                .change(x.probe, y.probe, Over::Class(c))
                .map(|change| with_class_test(change, &own, rest[c])),
            neighborhood_hit: drawn.change(x.hit, y.hit, Over::Class(c)),
            soft_nearest_neighbor_loss: drawn.change(x.loss, y.loss, Over::Class(c)),
        }
    };
    let silhouettes = x.silhouette.zip(y.silhouette);
    LayerStep {
        from: a.name.clone(),
        to: b.name.clone(),
        verdict: StepVerdict::NoDifferenceShown,
        tighter: false,
        probe: super::with_test(change(x.probe, y.probe, Over::Classes), &test),
        probe_test: test,
        neighborhood_hit: change(x.hit, y.hit, Over::Classes),
        soft_nearest_neighbor_loss: change(x.loss, y.loss, Over::Samples),
        silhouette_squared: silhouettes.map(|(first, second)| change(first, second, Over::Samples)),
        class_separation_r2: geometry(&before.class_separation_r2, &after.class_separation_r2),
        variance_ratio: geometry(&before.variance_ratio, &after.variance_ratio),
        cdnv: geometry(&before.cdnv, &after.cdnv),
        classes: (0..labeled.names().len()).map(class).collect(),
    }
}

/// The tests of a curve: over all classes, of single classes, and of geometry.
pub(super) fn tests<'a>(
    curve: &'a mut Curve,
    options: &ComparisonOptions,
    overall: &mut Vec<Tested<'a>>,
    classes: &mut Vec<Tested<'a>>,
    geometry: &mut Vec<Tested<'a>>,
) {
    let least = options.least_difference;
    for step in &mut curve.steps {
        // Losses vary more than shares do.
        let leasts = [least, least, 2.0 * least];
        let figures = [
            &mut step.silhouette_squared,
            &mut step.class_separation_r2,
            &mut step.variance_ratio,
            &mut step.cdnv,
        ];
        geometry.extend(figures.into_iter().flatten().map(|c| (c, least)));
        for class in &mut step.classes {
            let tested = class.changes().into_iter().zip(leasts);
            classes.extend(tested.filter_map(|(change, least)| Some((change.as_mut()?, least))));
        }
        let changes = [
            &mut step.probe,
            &mut step.neighborhood_hit,
            &mut step.soft_nearest_neighbor_loss,
        ];
        overall.extend(changes.into_iter().zip(leasts));
    }
}

/// If neither layer is shown to separate anything, no difference between them is shown. `at_chance` names sets
/// that are known not to.
pub(super) fn silence_noise(curve: &mut Curve, at_chance: &[&str]) {
    let is_noise = |layer: &LayerFigures| {
        let classes = layer.classes.iter().filter(|c| c.probe.is_some()).count();
        let separates = |figure| is_above_chance(figure, classes);
        at_chance.contains(&layer.set.as_str())
            || !separates(&layer.probe) && !separates(&layer.neighborhood_hit)
    };
    let noise: Vec<bool> = curve.layers.iter().map(is_noise).collect();
    for (step, pair) in curve.steps.iter_mut().zip(noise.windows(2)) {
        if pair == [true, true] {
            let overall = [
                &mut step.probe,
                &mut step.neighborhood_hit,
                &mut step.soft_nearest_neighbor_loss,
            ];
            let of_classes = step.classes.iter_mut().flat_map(ClassStep::changes);
            for change in overall.into_iter().chain(of_classes.flatten()) {
                change.shown = false;
            }
        }
    }
}

/// Draws the verdicts, once it is known which differences are shown.
pub(super) fn conclude(curve: &mut Curve) {
    for step in &mut curve.steps {
        let loss = &step.soft_nearest_neighbor_loss;
        step.verdict = verdict(Some(&step.probe), Some(&step.neighborhood_hit), Some(loss));
        for class in &mut step.classes {
            class.verdict = class_verdict(
                class.probe.as_ref(),
                class.neighborhood_hit.as_ref(),
                class.soft_nearest_neighbor_loss.as_ref(),
            );
        }
        let geometry = [
            sign(step.silhouette_squared.as_ref(), 1.0),
            sign(step.class_separation_r2.as_ref(), 1.0),
            sign(step.variance_ratio.as_ref(), -1.0),
            sign(step.cdnv.as_ref(), -1.0),
        ];
        step.tighter = geometry.contains(&1) && !geometry.contains(&-1);
    }
}

/// 1 for a shown improvement, −1 for a shown loss, 0 for neither. `better` is the sign of an
/// improvement.
fn sign(change: Option<&Change>, better: f64) -> i8 {
    match change {
        Some(change) if change.shown => (better * change.difference.value).signum() as i8,
        _ => 0,
    }
}

/// The verdict from probe, neighborhood hit and loss.
fn verdict(probe: Option<&Change>, hit: Option<&Change>, loss: Option<&Change>) -> StepVerdict {
    let (hit, loss) = (sign(hit, 1.0), sign(loss, -1.0));
    match sign(probe, 1.0) {
        1 if hit >= 0 && loss >= 0 => StepVerdict::MoreSeparable,
        -1 if hit <= 0 && loss <= 0 => StepVerdict::LessSeparable,
        0 if hit == 0 && loss == 0 => StepVerdict::NoDifferenceShown,
        _ => StepVerdict::Mixed,
    }
}

/// The same for one class. The recall of a class also rises when its boundary moves at the expense
/// of other classes, so the neighbors must agree.
fn class_verdict(
    probe: Option<&Change>,
    hit: Option<&Change>,
    loss: Option<&Change>,
) -> StepVerdict {
    let neighbors = sign(hit, 1.0) + sign(loss, -1.0);
    match verdict(probe, hit, loss) {
        StepVerdict::MoreSeparable if neighbors > 0 => StepVerdict::MoreSeparable,
        StepVerdict::LessSeparable if neighbors < 0 => StepVerdict::LessSeparable,
        StepVerdict::NoDifferenceShown => StepVerdict::NoDifferenceShown,
        _ => StepVerdict::Mixed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(value: f64, shown: bool) -> Change {
        Change {
            difference: Estimate::around(value, 0.1),
            shown,
            ..Change::default()
        }
    }

    #[test]
    fn only_the_probe_makes_a_step_more_separable() {
        let (up, down, none) = (change(0.1, true), change(-0.1, true), change(0.1, false));
        let says = |p: &Change, h: &Change, l: &Change| verdict(Some(p), Some(h), Some(l));
        assert_eq!(says(&up, &none, &none), StepVerdict::MoreSeparable);
        // A falling loss is an improvement.
        assert_eq!(says(&up, &up, &down), StepVerdict::MoreSeparable);
        assert_eq!(says(&up, &none, &up), StepVerdict::Mixed);
        assert_eq!(says(&none, &up, &down), StepVerdict::Mixed);
        assert_eq!(says(&down, &down, &none), StepVerdict::LessSeparable);
        assert_eq!(says(&none, &none, &none), StepVerdict::NoDifferenceShown);
        assert_eq!(verdict(None, None, None), StepVerdict::NoDifferenceShown);
        // For a single class the probe alone is not enough.
        let class = |p: &Change, h: &Change, l: &Change| class_verdict(Some(p), Some(h), Some(l));
        assert_eq!(class(&up, &none, &none), StepVerdict::Mixed);
        assert_eq!(class(&up, &up, &none), StepVerdict::MoreSeparable);
        assert_eq!(class(&down, &none, &up), StepVerdict::LessSeparable);
    }
}
