//! Sentences about separation: whether the labels differ from random ones, how well a probe does, and
//! which classes are separated, and how clearly.

use super::names::Names;
use crate::diagnosis::class_verdict::{ClassEstimate, hit, recall, tested_scale};
use crate::diagnosis::{
    Backing, ClassVerdict, Diagnosis, ProbeFigures, ReadingThresholds, Separation, Statement, Topic,
};
use crate::statistics::Estimate;
use crate::text::number;
use crate::words::{capitalized, percent, percent_with_interval};

/// Adds the sentences about separation; returns whether there is evidence of any.
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
            out.extend(by_class(diagnosis, separation, names, thresholds));
            true
        }
    }
}

/// So few samples may be too few for a test.
const FEW: usize = 50;

fn no_evidence(separation: &Separation) -> Statement {
    let mut figures = Vec::new();
    let mut parts = Vec::new();
    if let Some(probe) = &separation.probe {
        parts.push(format!(
            "a linear probe predicts {} of held-out samples correctly, against {} by chance",
            percent_with_interval(&probe.accuracy),
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
                "averaged over the classes, {} of the {} nearest neighbors have the same label, against {} by chance",
                percent(hit.hit.value),
                hit.k,
                percent(hit.chance)
            ));
            let field = |name: &str| format!("separation.neighborhood_hits[{i}].{name}");
            figures.push(Backing::new(field("hit.value"), hit.hit.value));
            figures.push(Backing::new(field("chance"), hit.chance));
        }
    }
    // The test needs more samples than such an interval.
    let probe = separation.probe.as_ref();
    let seems = |p: &&ProbeFigures| p.accuracy.low.is_some_and(|low| low > p.chance);
    let text = match probe.filter(seems) {
        Some(probe) if probe.samples <= FEW => format!(
            "The {} samples are too few to show that the features separate the classes",
            probe.samples
        ),
        Some(_) => "It is not shown that the features separate the classes".to_owned(),
        None => "There is no evidence that the features separate the classes".to_owned(),
    };
    let text = if parts.is_empty() {
        format!("{text}.")
    } else {
        format!("{text}: {}.", parts.join("; "))
    };
    Statement::new(Topic::NoEvidence, text, figures)
}

/// How well a probe separates the classes on samples it has not seen.
fn overall(separation: &Separation) -> Option<Statement> {
    let (name, field, probe) = match (&separation.logistic, &separation.probe) {
        (Some(logistic), _) => ("logistic", "logistic", logistic),
        (None, Some(probe)) => ("linear", "probe", probe),
        (None, None) => return None,
    };
    let chance = 1.0 / separation.classes.iter().filter(|c| c.count > 0).count() as f64;
    let balanced = &probe.balanced_accuracy;
    // An accuracy whose interval includes chance is not worth a sentence.
    if balanced.low.is_none_or(|low| low <= chance) {
        return None;
    }
    let text = format!(
        "A {name} probe reaches a balanced accuracy of {}, against {} by chance, on held-out samples.",
        percent_with_interval(balanced),
        percent(chance)
    );
    let named = |part: &str| format!("separation.{field}.balanced_accuracy.{part}");
    let mut figures = vec![Backing::new(named("value"), balanced.value)];
    figures.extend(balanced.low.map(|low| Backing::new(named("low"), low)));
    Some(Statement::new(Topic::Separation, text, figures))
}

/// At most this many values are listed one by one.
const LISTED_SINGLY: usize = 3;

/// The predicate of a sentence about one class, and about several.
fn predicates(verdict: ClassVerdict) -> [&'static str; 2] {
    match verdict {
        ClassVerdict::ClearlySeparated => ["is clearly separated", "are clearly separated"],
        ClassVerdict::MostlySeparated => ["is mostly separated", "are mostly separated"],
        ClassVerdict::BeyondChance => [
            "is separated better than chance, but not reliably",
            "are separated better than chance, but not reliably",
        ],
        ClassVerdict::ByNeighbors => [
            "has more same-class neighbors than expected by chance, but no probe separates it",
            "have more same-class neighbors than expected by chance, but no probe separates them",
        ],
        ClassVerdict::NoEvidence => [
            "shows no evidence of separation",
            "show no evidence of separation",
        ],
    }
}

/// What the sentence is about.
fn topic(verdict: ClassVerdict) -> Topic {
    match verdict {
        ClassVerdict::ClearlySeparated | ClassVerdict::MostlySeparated => Topic::Apart,
        ClassVerdict::BeyondChance | ClassVerdict::ByNeighbors => Topic::BeyondChance,
        ClassVerdict::NoEvidence => Topic::NoEvidence,
    }
}

/// One sentence for all classes with the same finding.
fn by_class(
    diagnosis: &Diagnosis,
    separation: &Separation,
    names: &Names,
    thresholds: &ReadingThresholds,
) -> Vec<Statement> {
    let findings: Vec<Option<ClassVerdict>> = (separation.classes.iter().enumerate())
        .map(|(c, class)| {
            let is_large = class.count >= thresholds.fewest_samples;
            let verdict = ClassVerdict::with_threshold(separation, c, thresholds.apart);
            verdict.filter(|_| is_large)
        })
        .collect();
    let order = [
        ClassVerdict::ClearlySeparated,
        ClassVerdict::MostlySeparated,
        ClassVerdict::BeyondChance,
        ClassVerdict::ByNeighbors,
        ClassVerdict::NoEvidence,
    ];
    let mut out = Vec::new();
    for finding in order {
        let classes: Vec<usize> = (0..findings.len())
            .filter(|&c| findings[c] == Some(finding))
            .collect();
        if classes.is_empty() {
            continue;
        }
        let (details, figures) = details(&classes, finding, diagnosis, separation, names);
        let predicate = predicates(finding)[usize::from(classes.len() > 1)];
        let text = format!(
            "{} {predicate}{details}.",
            capitalized(&names.list(&classes))
        );
        out.push(Statement::new(topic(finding), text, figures));
    }
    out
}

/// The numbers behind a finding, in words and with the names of their fields.
fn details(
    classes: &[usize],
    finding: ClassVerdict,
    diagnosis: &Diagnosis,
    separation: &Separation,
    names: &Names,
) -> (String, Vec<Backing>) {
    let mut figures = Vec::new();
    let (mut recalls, mut hits, mut maxima) = (Vec::new(), Vec::new(), Vec::new());
    for &c in classes {
        let class = &separation.classes[c];
        if finding == ClassVerdict::NoEvidence {
            let field = format!("separation.classes[{c}].p_value");
            figures.extend(class.p_value.map(|p| Backing::new(field, p)));
            continue;
        }
        let mut add = |found: Option<ClassEstimate<'_>>, list: &mut Vec<(usize, Estimate)>| {
            if let Some(ClassEstimate {
                field, estimate, ..
            }) = found
            {
                let field = format!("separation.classes[{c}].{field}");
                figures.push(Backing::new(format!("{field}.value"), estimate.value));
                let low = estimate.low;
                figures.extend(low.map(|low| Backing::new(format!("{field}.low"), low)));
                list.push((c, *estimate));
            }
        };
        if finding != ClassVerdict::ByNeighbors {
            add(recall(class), &mut recalls);
        }
        if finding != ClassVerdict::BeyondChance {
            let found = hit(class, separation);
            maxima.extend(found.as_ref().map(|hit| hit.most));
            add(found, &mut hits);
        }
    }
    let parts: Vec<String> = [
        ("recall".to_owned(), range(&recalls, names), String::new()),
        (
            neighbors_of(diagnosis, separation),
            range(&hits, names),
            possible(&maxima),
        ),
    ]
    .into_iter()
    .filter_map(|(name, values, of)| Some(format!("{name} {}{of}", values?)))
    .collect();
    let text = if parts.is_empty() {
        String::new()
    } else {
        format!(" ({})", parts.join("; "))
    };
    (text, figures)
}

/// "same-class neighbors", with their number if the tables count another number.
fn neighbors_of(diagnosis: &Diagnosis, separation: &Separation) -> String {
    let name = "same-class neighbors";
    match tested_scale(separation).map(|at| separation.neighborhood_hits[at].k) {
        Some(k) if k != diagnosis.confusion.k => format!("{name}, among the {k} nearest:"),
        _ => name.to_owned(),
    }
}

/// "; with so few samples, at most 50% is possible", if not all is possible.
fn possible(maxima: &[f64]) -> String {
    let least = maxima.iter().copied().fold(1.0, f64::min);
    let most = maxima.iter().copied().fold(0.0, f64::max);
    if least >= 1.0 {
        return String::new();
    }
    if percent(least) == percent(most) {
        return format!(
            "; with so few samples, at most {} is possible",
            percent(least)
        );
    }
    format!(
        "; in classes this small, the largest possible shares are {} to {}",
        percent(least),
        percent(most)
    )
}

/// A few values one by one, in the order of their classes; of many only the lowest and the highest,
/// with their classes.
fn range(values: &[(usize, Estimate)], names: &Names) -> Option<String> {
    if values.len() <= LISTED_SINGLY {
        let each: Vec<String> = values
            .iter()
            .map(|(_, v)| percent_with_interval(v))
            .collect();
        return (!each.is_empty()).then(|| each.join(", "));
    }
    let by_value = |a: &&(usize, Estimate), b: &&(usize, Estimate)| a.1.value.total_cmp(&b.1.value);
    let (low, least) = values.iter().min_by(by_value)?;
    let (high, most) = values.iter().rev().max_by(by_value)?;
    let first = percent_with_interval(least);
    if values
        .iter()
        .all(|(_, v)| percent_with_interval(v) == first)
    {
        return Some(format!("{first} each"));
    }
    if percent(least.value) == percent(most.value) {
        let ends = values.iter().filter_map(|(_, v)| Some((v.low?, v.high?)));
        let widest = ends.reduce(|(a, b), (c, d)| (a.min(c), b.max(d)));
        let within = widest.map_or_else(String::new, |(low, high)| {
            format!(
                ", with intervals within {}–{}",
                number(Some(100.0 * low), 0),
                percent(high)
            )
        });
        return Some(format!("{} each{within}", percent(least.value)));
    }
    Some(format!(
        "from {} for class {} to {} for class {}",
        percent_with_interval(least),
        names.of(*low),
        percent_with_interval(most),
        names.of(*high)
    ))
}
