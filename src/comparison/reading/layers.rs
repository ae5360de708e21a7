//! Sentences about the layers of a model.

use super::Words;
use crate::comparison::curve::{Curve, LayerStep, StepVerdict};
use crate::comparison::{Change, Comparison};
use crate::diagnosis::{Backing, Statement, Topic};
use crate::words::{p_value, p_value_at_most, points, signed};

/// Adds the sentences about changes between layers; consecutive steps in one direction share one.
pub(super) fn layers(comparison: &Comparison, words: Words, statements: &mut Vec<Statement>) {
    for (c, curve) in comparison.curves.iter().enumerate() {
        let mut at = 0;
        while at < curve.steps.len() {
            let verdict = curve.steps[at].verdict;
            let steps = &curve.steps[at..];
            let run = match verdict {
                StepVerdict::MoreSeparable | StepVerdict::LessSeparable => steps
                    .iter()
                    .take_while(|step| step.verdict == verdict)
                    .count(),
                _ => 1,
            };
            statements.push(statement(curve, c, at..at + run, words));
            at += run;
        }
    }
}

fn statement(curve: &Curve, c: usize, run: std::ops::Range<usize>, words: Words) -> Statement {
    let prefix = format!("{}/", curve.model);
    let own = |set: &str| words.name(set.strip_prefix(&prefix).unwrap_or(set));
    let steps = &curve.steps[run.clone()];
    let (first, last) = (&steps[0], &steps[steps.len() - 1]);
    let place = format!(
        "From {} to {} of {},",
        own(&first.from),
        own(&last.to),
        words.name(&curve.model)
    );
    let text = match first.verdict {
        StepVerdict::MoreSeparable => format!(
            "{place} the classes become more separable ({}).",
            rise(curve, &run)
        ),
        StepVerdict::LessSeparable => format!(
            "{place} the classes become less separable ({}).",
            rise(curve, &run)
        ),
        StepVerdict::Mixed if first.probe.shown => {
            format!("{place} probe and neighbors disagree ({}).", apart(first))
        }
        StepVerdict::Mixed => format!(
            "{place} the neighbors show a change, the probe does not ({}).",
            apart(first)
        ),
        StepVerdict::NoDifferenceShown => format!(
            "{place} no change in separability is shown (probe {}){}.",
            change(&first.probe),
            if first.tighter {
                "; the classes are more compact, which does not make them easier to separate"
            } else {
                ""
            }
        ),
    };
    let figures = steps.iter().zip(run).flat_map(|(step, s)| {
        let field = format!("curves[{c}].steps[{s}]");
        let mut of_step = figures(&step.probe, &format!("{field}.probe"));
        if step.verdict == StepVerdict::Mixed {
            of_step.extend(figures(
                &step.neighborhood_hit,
                &format!("{field}.neighborhood_hit"),
            ));
            let loss = format!("{field}.soft_nearest_neighbor_loss");
            of_step.extend(figures(&step.soft_nearest_neighbor_loss, &loss));
        }
        of_step
    });
    Statement::new(Topic::Layers, text, figures.collect())
}

fn figures(change: &Change, field: &str) -> Vec<Backing> {
    let value = Backing::new(format!("{field}.difference.value"), change.difference.value);
    let p = change.p_adjusted;
    let p = p.map(|p| Backing::new(format!("{field}.p_adjusted"), p));
    std::iter::once(value).chain(p).collect()
}

/// The accuracy of the probe before and after a run of steps.
fn rise(curve: &Curve, run: &std::ops::Range<usize>) -> String {
    let probe = |layer: usize| 100.0 * curve.layers[layer].probe.value;
    let steps = &curve.steps[run.clone()];
    let p = steps
        .iter()
        .filter_map(|s| s.probe.p_adjusted)
        .reduce(f64::max);
    format!(
        "balanced accuracy of the probe {:.1}% → {:.1}%, {}{}",
        probe(run.start),
        probe(run.end),
        if steps.len() > 1 { "at each step " } else { "" },
        p_value_at_most(p)
    )
}

fn change(change: &Change) -> String {
    format!(
        "{}, {}",
        points(change.difference),
        p_value(change.p_adjusted)
    )
}

/// The changes of probe and neighbors in a step.
fn apart(step: &LayerStep) -> String {
    let loss = &step.soft_nearest_neighbor_loss;
    format!(
        "probe {}; same-class neighbors {}; soft nearest neighbor loss {}, {}",
        change(&step.probe),
        change(&step.neighborhood_hit),
        signed(loss.difference.value, 3),
        p_value(loss.p_adjusted)
    )
}
