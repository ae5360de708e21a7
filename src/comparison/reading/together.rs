//! Sentences about combinations of models.

use super::Words;
use crate::comparison::ensembles::Ensemble;
use crate::comparison::{Advice, AnswerSource, Comparison};
use crate::diagnosis::{Backing, Statement, Topic};
use crate::statistics::Estimate;
use crate::words::{corrected_p_value, join, p_value, points, unsigned_points};

/// Adds the sentences about what ensembles gain or lose, and which models add nothing.
pub(super) fn together(comparison: &Comparison, words: Words, statements: &mut Vec<Statement>) {
    let Some(all) = &comparison.ensembles else {
        return;
    };
    let by = match comparison.answers {
        AnswerSource::Predictions => "",
        AnswerSource::Probe => ", by the votes of the probes",
    };
    let best = words.name(&all.best_single);
    let gaining = all.ensembles.iter().position(|e| e.gains);
    if let Some(at) = gaining {
        let ensemble = &all.ensembles[at];
        let text = format!(
            "Averaging {} gains {} over {best} alone ({}{by}).",
            words.list(&ensemble.members, "models"),
            unsigned_points(ensemble.gain),
            p_value(Some(ensemble.p_adjusted))
        );
        statements.push(Statement::new(Topic::Ensemble, text, figures(ensemble, at)));
    } else if let Some(ensemble) = all.ensembles.first() {
        let beginning = match comparison.answers {
            AnswerSource::Predictions => "No ensemble",
            AnswerSource::Probe => "Judged by the probes, no ensemble",
        };
        let text = format!(
            "{beginning} is shown to be more accurate than {best}, the model with the highest accuracy over \
             all samples; the best ensemble, the average of {}, {}, {}.",
            words.list(&ensemble.members, "models"),
            scored(ensemble.gain),
            corrected_p_value(
                Some(ensemble.p_adjusted),
                ensemble.gain,
                ensemble.loses,
                comparison.least_difference
            )
        );
        let mut figures = figures(ensemble, 0);
        figures.push(Backing::new(
            "ensembles.selection.gain.value",
            all.selection.gain.value,
        ));
        statements.push(Statement::new(Topic::Ensemble, text, figures));
    }
    let widest = all.ensembles.iter().map(|e| e.members.len()).max();
    let losing = all.ensembles.iter().enumerate();
    let mut losing = losing.filter(|(_, e)| e.loses && Some(e.members.len()) == widest);
    if let Some((at, ensemble)) = losing.next().filter(|_| comparison.curves.len() > 2) {
        let text = format!(
            "Averaging {} loses {} compared with {best} alone ({}).",
            words.list(&ensemble.members, "models"),
            unsigned_points(ensemble.gain.negated()),
            p_value(Some(ensemble.p_adjusted))
        );
        statements.push(Statement::new(Topic::Ensemble, text, figures(ensemble, at)));
    }
    nothing_added(comparison, words, statements);
}

/// "is 1.0 points less accurate (0.3 to 1.7)"; with signs where the direction is not certain.
fn scored(gain: Estimate) -> String {
    let (gain, direction) = match gain.interval() {
        Some((low, _)) if low > 0.0 => (gain, "more"),
        Some((_, high)) if high < 0.0 => (gain.negated(), "less"),
        _ => return format!("differs by {}", points(gain)),
    };
    let points = unsigned_points(gain);
    let points = points.replacen("points", &format!("points {direction} accurate"), 1);
    format!("is {points}")
}

/// Adds the sentence about models that are behind the best and in no ensemble that gains.
fn nothing_added(comparison: &Comparison, words: Words, statements: &mut Vec<Statement>) {
    let advice = comparison.recommendations.iter().enumerate();
    let discarded: Vec<_> = advice
        .filter(|(_, r)| r.advice == Advice::Discard)
        .collect();
    if discarded.is_empty() {
        return;
    }
    let names: Vec<String> = discarded
        .iter()
        .map(|(_, r)| words.name(&r.model))
        .collect();
    let (verb, they_are, them) = match discarded.len() {
        1 => ("adds", "it is", "it"),
        _ => ("add", "they are", "them"),
    };
    let text = format!(
        "{} {verb} nothing: {they_are} behind the best model, and no ensemble with {them} is shown to \
         improve on the best model.",
        join(&names)
    );
    let figures = discarded.iter().flat_map(|(r, advice)| {
        let figure = advice.figure.map(|f| f.value);
        let figure = figure.map(|v| Backing::new(format!("recommendations[{r}].figure.value"), v));
        let p = advice
            .p
            .map(|p| Backing::new(format!("recommendations[{r}].p"), p));
        figure.into_iter().chain(p)
    });
    statements.push(Statement::new(Topic::Ensemble, text, figures.collect()));
}

fn figures(ensemble: &Ensemble, at: usize) -> Vec<Backing> {
    let field = format!("ensembles.ensembles[{at}]");
    vec![
        Backing::new(format!("{field}.gain.value"), ensemble.gain.value),
        Backing::new(format!("{field}.p_adjusted"), ensemble.p_adjusted),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_has_signs_only_where_its_direction_is_uncertain() {
        let gain = |value, low, high| {
            scored(Estimate {
                value,
                low: Some(low),
                high: Some(high),
                ..Estimate::default()
            })
        };
        assert_eq!(
            gain(-0.01, -0.017, -0.003),
            "is 1.0 points less accurate (0.3 to 1.7)"
        );
        assert_eq!(
            gain(0.01, 0.003, 0.017),
            "is 1.0 points more accurate (0.3 to 1.7)"
        );
        assert_eq!(
            gain(-0.002, -0.009, 0.005),
            "differs by −0.2 points (−0.9 to +0.5)"
        );
    }
}
