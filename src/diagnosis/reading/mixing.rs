//! Sentences about classes that mix in the features, and about pairs that only the classifier confuses.

use super::names::Names;
use crate::diagnosis::{
    Backing, Diagnosis, HeadVerdict, MixingDirection, PairMixing, Pairs, ReadingThresholds,
    Statement, Topic,
};
use crate::words::{count, join, percent_with_interval};

/// Adds the sentences about classes that mix, those that mix most first.
pub(super) fn mixing(
    diagnosis: &Diagnosis,
    names: &Names,
    thresholds: &ReadingThresholds,
    out: &mut Vec<Statement>,
) {
    let Some(pairs) = &diagnosis.pairs else {
        return;
    };
    let mixed = || vec![Backing::new("pairs.mixed", pairs.mixed as f64)];
    if pairs.total > 0 && pairs.mixed == 0 {
        let text = "No two classes were found to mix.";
        out.push(Statement::new(Topic::Mixing, text, mixed()));
        return;
    }
    let mut sentences = Vec::new();
    for class in 0..diagnosis.classes.len() {
        let mut partners = partners(pairs, &diagnosis.classes[class].label, thresholds);
        if partners.is_empty() {
            continue;
        }
        let share = |partner: &Partner<'_>| partner.direction.share.value;
        partners.sort_by(|a, b| share(b).total_cmp(&share(a)));
        let all: f64 = partners.iter().map(share).sum();
        let statement = sentence(diagnosis, names, class, &partners, thresholds);
        sentences.push((all, statement));
    }
    sentences.sort_by(|a, b| b.0.total_cmp(&a.0));
    let left_out = sentences.len().saturating_sub(thresholds.most_sentences);
    let kept = sentences.into_iter().take(thresholds.most_sentences);
    out.extend(kept.map(|(_, statement)| statement));
    if left_out > 0 {
        let text = format!(
            "{} with other classes to a lesser degree.",
            count(left_out, "more class mixes", "more classes mix")
        );
        out.push(Statement::new(Topic::Mixing, text, mixed()));
    }
}

/// A class that another mixes with, and the field of the numbers.
struct Partner<'a> {
    field: String,
    direction: &'a MixingDirection,
}

/// The classes that a class mixes with.
fn partners<'a>(pairs: &'a Pairs, label: &str, thresholds: &ReadingThresholds) -> Vec<Partner<'a>> {
    let mut found = Vec::new();
    let listed = pairs.listed.iter().enumerate();
    for (p, pair) in listed.filter(|(_, pair)| pair.mixed) {
        for (d, direction) in pair.directions.iter().enumerate() {
            let is_frequent = direction.share.value >= thresholds.least_share;
            if direction.mixed && direction.from == label && is_frequent {
                let field = format!("pairs.listed[{p}].directions[{d}]");
                found.push(Partner { field, direction });
            }
        }
    }
    found
}

/// "Class a mixes with b and c: 12% (8–15%) of its neighbors are of class b, 2.3 times as many as by
/// chance; …". `partners` has the most frequent first.
fn sentence(
    diagnosis: &Diagnosis,
    names: &Names,
    class: usize,
    partners: &[Partner<'_>],
    thresholds: &ReadingThresholds,
) -> Statement {
    let (mut figures, mut shares, mut partner_names) = (Vec::new(), Vec::new(), Vec::new());
    let most = thresholds.most_partners.max(1);
    for Partner { field, direction } in partners.iter().take(most) {
        let share = &direction.share;
        figures.push(Backing::new(format!("{field}.share.value"), share.value));
        figures.extend((share.low).map(|low| Backing::new(format!("{field}.share.low"), low)));
        let mut classes = diagnosis.classes.iter();
        let partner = classes.position(|c| c.label == direction.to);
        let name = partner.map_or("?", |c| names.of(c));
        let whose = if shares.is_empty() {
            "of its neighbors are "
        } else {
            ""
        };
        let share = percent_with_interval(share);
        let enrichment = direction.enrichment.filter(|e| e.low > Some(1.0));
        let times = enrichment.map_or_else(String::new, |e| {
            figures.push(Backing::new(format!("{field}.enrichment.value"), e.value));
            format!(", {:.1} times as many as by chance", e.value)
        });
        partner_names.push(name.to_owned());
        shares.push(format!("{share} {whose}of class {name}{times}"));
    }
    let left_out = partners.len().saturating_sub(most);
    if left_out > 0 {
        partner_names.push(count(left_out, "other", "others"));
    }
    let text = format!(
        "Class {} mixes with {}: {}.",
        names.of(class),
        join(&partner_names),
        shares.join("; ")
    );
    Statement::new(Topic::Mixing, text, figures)
}

/// Adds the sentences about pairs that the classifier confuses although the features separate them.
pub(super) fn head(
    diagnosis: &Diagnosis,
    names: &Names,
    thresholds: &ReadingThresholds,
    out: &mut Vec<Statement>,
) {
    let Some(pairs) = &diagnosis.pairs else {
        return;
    };
    let is_wasted =
        |(_, pair): &(usize, &PairMixing)| pair.head == Some(HeadVerdict::WastesSeparation);
    let wasted = pairs.listed.iter().enumerate().filter(is_wasted);
    for (p, pair) in wasted.take(thresholds.most_sentences) {
        let Some(confusion) = &pair.head_confusion else {
            continue;
        };
        let (a, b) = pair.classes;
        let text = format!(
            "The classifier confuses classes {} and {} in {} of their samples, although the features \
             separate these classes better.",
            names.of(a),
            names.of(b),
            percent_with_interval(confusion)
        );
        let field = |name: &str| format!("pairs.listed[{p}].{name}");
        let figures = vec![
            Backing::new(field("head_confusion.value"), confusion.value),
            Backing::new(field("overlap"), pair.overlap),
        ];
        out.push(Statement::new(Topic::Head, text, figures));
    }
}
