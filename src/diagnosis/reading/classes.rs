//! Sentences about what the features hold: separation, mixing, and what the classifier makes of it.

use super::words::{Names, begin, count, join, percent, with_interval};
use super::{Backing, ReadingThresholds, Statement, Topic};
use crate::diagnosis::{
    ClassSeparation, Diagnosis, HeadVerdict, MixingDirection, Pairs, Separation, Standing,
};
use crate::statistics::Uncertain;

/// Speaks of separation; returns whether there is evidence of any.
pub(super) fn separation(
    diagnosis: &Diagnosis,
    names: &Names,
    thresholds: &ReadingThresholds,
    out: &mut Vec<Statement>,
) -> bool {
    let Some(separation) = &diagnosis.separation else {
        return false;
    };
    match separation.evidence {
        None => false,
        Some(false) => {
            out.push(no_evidence(separation));
            false
        }
        Some(true) => {
            out.extend(overall(separation));
            out.extend(by_class(separation, names, thresholds));
            true
        }
    }
}

fn no_evidence(separation: &Separation) -> Statement {
    let mut figures = Vec::new();
    let mut parts = Vec::new();
    if let Some(probe) = &separation.probe {
        parts.push(format!(
            "a linear probe gets {} of the left-out samples right, {} is chance",
            with_interval(&probe.accuracy),
            percent(probe.chance)
        ));
        figures.push(Backing::new(
            "separation.probe.accuracy.value",
            probe.accuracy.value,
        ));
        figures.push(Backing::new("separation.probe.chance", probe.chance));
        figures.push(Backing::new("separation.probe.p_value", probe.p_value));
    }
    for (i, hit) in separation.neighborhood_hits.iter().enumerate() {
        if hit.k == 10 || separation.neighborhood_hits.len() == 1 {
            parts.push(format!(
                "{} of {} neighbors bear the same label, {} is chance",
                percent(hit.hit.value),
                hit.k,
                percent(hit.chance)
            ));
            let field = |name: &str| format!("separation.neighborhood_hits[{i}].{name}");
            figures.push(Backing::new(field("hit.value"), hit.hit.value));
            figures.push(Backing::new(field("chance"), hit.chance));
        }
    }
    let text = if parts.is_empty() {
        "There is no evidence that the features separate the classes.".to_owned()
    } else {
        format!(
            "There is no evidence that the features separate the classes: {}.",
            parts.join("; ")
        )
    };
    Statement::new(Topic::NoEvidence, text, figures)
}

/// How well a rule that has not seen the samples tells the classes apart.
fn overall(separation: &Separation) -> Option<Statement> {
    let (name, field, probe) = match (&separation.logistic, &separation.probe) {
        (Some(logistic), _) => ("logistic", "logistic", logistic),
        (None, Some(probe)) => ("linear", "probe", probe),
        (None, None) => return None,
    };
    let chance = 1.0 / separation.classes.iter().filter(|c| c.count > 0).count() as f64;
    let balanced = &probe.balanced_accuracy;
    // A figure whose interval holds chance bears no sentence.
    if balanced.low.is_none_or(|low| low <= chance) {
        return None;
    }
    let text = format!(
        "A {name} probe's balanced accuracy is {}, chance {}, on left-out samples.",
        with_interval(balanced),
        percent(chance)
    );
    let named = |part: &str| format!("separation.{field}.balanced_accuracy.{part}");
    let mut figures = vec![Backing::new(named("value"), balanced.value)];
    figures.extend(balanced.low.map(|low| Backing::new(named("low"), low)));
    Some(Statement::new(Topic::Separation, text, figures))
}

/// So many figures of a kind are told one by one.
const TOLD_SINGLY: usize = 3;

/// What is known of a class by one witness: in words, its field, and the figure.
type Witness<'a> = (String, &'a Uncertain);

/// The recall of the better probe.
fn recall(class: &ClassSeparation) -> Option<Witness<'_>> {
    match (&class.logistic_recall, &class.probe_recall) {
        (Some(recall), _) => Some(("logistic_recall".into(), recall)),
        (None, Some(recall)) => Some(("probe_recall".into(), recall)),
        (None, None) => None,
    }
}

/// The neighborhood hit at the k that is tested.
fn hit<'a>(class: &'a ClassSeparation, separation: &Separation) -> Option<Witness<'a>> {
    let tested = separation
        .neighborhood_hits
        .iter()
        .rposition(|h| h.k <= 10)?;
    let hit = class.neighborhood_hits.get(tested)?.as_ref()?;
    Some((format!("neighborhood_hits[{tested}]"), hit))
}

/// Whether a witness's interval lies above a figure.
fn above(witness: Option<&Witness<'_>>, least: f64) -> bool {
    witness.is_some_and(|(_, figure)| figure.low.is_some_and(|low| low > least))
}

/// What may be said of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// Both probe and neighbors are sure to tell nearly all of its samples.
    Apart,
    /// Most of them.
    Mostly,
    /// The probe finds more of them than chance would.
    BeyondChance,
    /// Only the neighbors do.
    ByNeighbors,
    /// Nothing that an interval bears.
    Nothing,
}

fn said(class: &ClassSeparation, separation: &Separation, least: f64) -> Option<Said> {
    let (recall, hit) = (recall(class), hit(class, separation));
    let sure = |witness: &Option<Witness<'_>>| witness.is_none() || above(witness.as_ref(), least);
    let labeled: usize = separation.classes.iter().map(|c| c.count).sum();
    let share = class.count as f64 / labeled.max(1) as f64;
    Some(match class.standing? {
        Standing::NoEvidence => Said::Nothing,
        Standing::StandsApart if sure(&recall) && sure(&hit) => Said::Apart,
        Standing::StandsApart => Said::Mostly,
        _ if above(recall.as_ref(), share) => Said::BeyondChance,
        _ if above(hit.as_ref(), share) => Said::ByNeighbors,
        _ => Said::Nothing,
    })
}

/// Speaks of the classes one by one, those alike together.
fn by_class(
    separation: &Separation,
    names: &Names,
    thresholds: &ReadingThresholds,
) -> Vec<Statement> {
    let said: Vec<Option<Said>> = (separation.classes.iter())
        .map(|class| {
            let big = class.count >= thresholds.fewest_samples;
            said(class, separation, thresholds.apart).filter(|_| big)
        })
        .collect();
    let alike =
        |what: Said| -> Vec<usize> { (0..said.len()).filter(|&c| said[c] == Some(what)).collect() };
    let kinds = [
        (Said::Apart, Topic::Apart, "stands apart", "stand apart"),
        (
            Said::Mostly,
            Topic::Apart,
            "is told apart for the most part",
            "are told apart for the most part",
        ),
        (
            Said::BeyondChance,
            Topic::BeyondChance,
            "is told apart better than by chance, but not reliably",
            "are told apart better than by chance, but not reliably",
        ),
        (
            Said::ByNeighbors,
            Topic::BeyondChance,
            "has more neighbors of its own than by chance, but no probe tells it apart",
            "have more neighbors of their own than by chance, but no probe tells them apart",
        ),
    ];
    let mut out = Vec::new();
    for (what, topic, one, many) in kinds {
        let classes = alike(what);
        if classes.is_empty() {
            continue;
        }
        let (details, figures) = details(&classes, what, separation, names);
        let verb = if classes.len() == 1 { one } else { many };
        let text = format!("{} {verb}{details}.", begin(&names.list(&classes)));
        out.push(Statement::new(topic, text, figures));
    }
    let nothing = alike(Said::Nothing);
    if !nothing.is_empty() {
        let text = format!(
            "For {} there is no evidence of separation.",
            names.list(&nothing)
        );
        let p_values = nothing.iter().filter_map(|&c| {
            let p = separation.classes[c].p_value?;
            Some(Backing::new(format!("separation.classes[{c}].p_value"), p))
        });
        out.push(Statement::new(Topic::NoEvidence, text, p_values.collect()));
    }
    out
}

/// The figures of classes that are alike, in words and with their fields' names.
fn details(
    classes: &[usize],
    what: Said,
    separation: &Separation,
    names: &Names,
) -> (String, Vec<Backing>) {
    let mut figures = Vec::new();
    let mut recalls = Vec::new();
    let mut hits = Vec::new();
    for &c in classes {
        let class = &separation.classes[c];
        let mut add = |witness: Option<Witness<'_>>, told: &mut Vec<(usize, Uncertain)>| {
            if let Some((field, figure)) = witness {
                let field = format!("separation.classes[{c}].{field}");
                figures.push(Backing::new(format!("{field}.value"), figure.value));
                figures.extend(
                    figure
                        .low
                        .map(|low| Backing::new(format!("{field}.low"), low)),
                );
                told.push((c, *figure));
            }
        };
        if what != Said::ByNeighbors {
            add(recall(class), &mut recalls);
        }
        if what != Said::BeyondChance {
            add(hit(class, separation), &mut hits);
        }
    }
    let parts: Vec<String> = [
        ("recall", spread(&recalls, names)),
        ("same-class neighbors", spread(&hits, names)),
    ]
    .into_iter()
    .filter_map(|(name, words)| Some(format!("{name} {}", words?)))
    .collect();
    let text = if parts.is_empty() {
        String::new()
    } else {
        format!(" ({})", parts.join("; "))
    };
    (text, figures)
}

/// Few figures one by one, in the order of their classes; of more the lowest and the highest, and
/// whose they are.
fn spread(figures: &[(usize, Uncertain)], names: &Names) -> Option<String> {
    if figures.len() <= TOLD_SINGLY {
        let each: Vec<String> = figures.iter().map(|(_, f)| with_interval(f)).collect();
        return (!each.is_empty()).then(|| each.join(", "));
    }
    let by_value =
        |a: &&(usize, Uncertain), b: &&(usize, Uncertain)| a.1.value.total_cmp(&b.1.value);
    let (low, least) = figures.iter().min_by(by_value)?;
    let (high, most) = figures.iter().rev().max_by(by_value)?;
    if with_interval(least) == with_interval(most) {
        return Some(format!("{} each", with_interval(least)));
    }
    Some(format!(
        "from {} of {} up to {} of {}",
        with_interval(least),
        names.of(*low),
        with_interval(most),
        names.of(*high)
    ))
}

/// Speaks of the classes that mix.
pub(super) fn mixing(
    diagnosis: &Diagnosis,
    names: &Names,
    thresholds: &ReadingThresholds,
    out: &mut Vec<Statement>,
) {
    let Some(pairs) = &diagnosis.pairs else {
        return;
    };
    if pairs.total > 0 && pairs.mixed == 0 {
        let text = "No two classes are found to mix.";
        let figures = vec![Backing::new("pairs.mixed", 0.0)];
        out.push(Statement::new(Topic::Mixing, text, figures));
        return;
    }
    let mut sentences = Vec::new();
    for class in 0..diagnosis.classes.len() {
        let label = &diagnosis.classes[class].label;
        let mut partners = partners(pairs, label, thresholds);
        if partners.is_empty() {
            continue;
        }
        partners.sort_by(|a, b| b.1.share.value.total_cmp(&a.1.share.value));
        let all: f64 = partners.iter().map(|(_, d)| d.share.value).sum();
        let left = partners.len().saturating_sub(thresholds.most_partners);
        partners.truncate(thresholds.most_partners.max(1));
        let mut figures = Vec::new();
        let mut parts = Vec::new();
        for (field, direction) in &partners {
            figures.push(Backing::new(
                format!("{field}.share.value"),
                direction.share.value,
            ));
            figures.extend(
                (direction.share.low).map(|low| Backing::new(format!("{field}.share.low"), low)),
            );
            let mut details = format!("{} of its neighbors", with_interval(&direction.share));
            if let Some(enrichment) = direction.enrichment.filter(|e| e.low > Some(1.0)) {
                let _ = std::fmt::Write::write_fmt(
                    &mut details,
                    format_args!(", {:.1} × chance", enrichment.value),
                );
                let field = format!("{field}.enrichment.value");
                figures.push(Backing::new(field, enrichment.value));
            }
            let classes = &diagnosis.classes;
            let partner = classes.iter().position(|c| c.label == direction.to);
            let name = partner.map_or("?", |c| names.of(c)).to_owned();
            parts.push(format!("{name} ({details})"));
        }
        if left > 0 {
            parts.push(count(left, "other", "others"));
        }
        let text = format!("Class {} mixes with {}.", names.of(class), join(&parts));
        sentences.push((all, Statement::new(Topic::Mixing, text, figures)));
    }
    sentences.sort_by(|a, b| b.0.total_cmp(&a.0));
    let left = sentences.len().saturating_sub(thresholds.most_sentences);
    let kept = sentences.into_iter().take(thresholds.most_sentences);
    out.extend(kept.map(|(_, statement)| statement));
    if left > 0 {
        let text = format!(
            "So {} with others, less.",
            if left == 1 {
                "does 1 more class".to_owned()
            } else {
                format!("do {left} more classes")
            }
        );
        let figures = vec![Backing::new("pairs.mixed", pairs.mixed as f64)];
        out.push(Statement::new(Topic::Mixing, text, figures));
    }
}

/// The directions in which a class's samples go to another.
fn partners<'a>(
    pairs: &'a Pairs,
    label: &str,
    thresholds: &ReadingThresholds,
) -> Vec<(String, &'a MixingDirection)> {
    let mut found = Vec::new();
    for (p, pair) in pairs
        .listed
        .iter()
        .enumerate()
        .filter(|(_, pair)| pair.mixed)
    {
        for (d, direction) in pair.directions.iter().enumerate() {
            let enough = direction.share.value >= thresholds.least_share;
            if direction.mixed && direction.from == label && enough {
                found.push((format!("pairs.listed[{p}].directions[{d}]"), direction));
            }
        }
    }
    found
}

/// Speaks of the pairs that the classifier treats otherwise than the features.
pub(super) fn head(
    diagnosis: &Diagnosis,
    names: &Names,
    thresholds: &ReadingThresholds,
    out: &mut Vec<Statement>,
) {
    let Some(pairs) = &diagnosis.pairs else {
        return;
    };
    let wasted = |pair: &&(usize, &crate::diagnosis::PairMixing)| {
        pair.1.head == Some(HeadVerdict::WastesSeparation)
    };
    let listed: Vec<_> = pairs.listed.iter().enumerate().collect();
    for (p, pair) in listed.iter().filter(wasted).take(thresholds.most_sentences) {
        let Some(confusion) = &pair.head_confusion else {
            continue;
        };
        let (a, b) = pair.classes;
        let text = format!(
            "The classifier confuses {} and {} ({} of their samples) although the features separate \
             them better.",
            names.of(a),
            names.of(b),
            with_interval(confusion)
        );
        let field = |name: &str| format!("pairs.listed[{p}].{name}");
        let figures = vec![
            Backing::new(field("head_confusion.value"), confusion.value),
            Backing::new(field("overlap"), pair.overlap),
        ];
        out.push(Statement::new(Topic::Head, text, figures));
    }
}
