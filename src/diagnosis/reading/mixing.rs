//! Sentences about classes that mix in the features: how they are arranged, whether mixing follows
//! their order, and about pairs that only the classifier confuses.

use super::names::Names;
use crate::diagnosis::{
    Arrangement, Backing, Diagnosis, HeadVerdict, MixingDirection, Order, PairMixing, Pairs,
    ReadingThresholds, Statement, Topic,
};
use crate::words::{count, join, p_value, percent, percent_setting, percent_with_interval};

/// Up to this many mixed pairs, each class that mixes has a sentence.
const MOST_SINGLE_PAIRS: usize = 2;
/// Groups and pairs of classes that one sentence names.
const MOST_NAMED: usize = 3;
/// The pairs that do not mix are named if there are no more.
const MOST_EXCEPTIONS: usize = 2;

/// Adds the sentences about classes that mix.
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
        let text = "No two classes were found to mix.";
        out.push(Statement::new(Topic::Mixing, text, mixed(pairs)));
        return;
    }
    if pairs.mixed > MOST_SINGLE_PAIRS {
        out.push(together(pairs, names));
    } else {
        by_class(diagnosis, pairs, names, thresholds, out);
    }
    let order = pairs.structure.order.as_ref();
    out.extend(order.filter(|o| o.followed).map(|o| ordered(o, names)));
}

fn mixed(pairs: &Pairs) -> Vec<Backing> {
    vec![Backing::new("pairs.mixed", pairs.mixed as f64)]
}

/// "9 of 10 pairs of classes mix at least slightly (all but the pair a and b). Even an overlap of 1.5% counts; the
/// largest: c and d (41%), …": the arrangement of the mixed pairs, and the most mixed ones. "Slightly" since classes
/// that are clearly separated can be among them.
fn together(pairs: &Pairs, names: &Names) -> Statement {
    let list = |classes: &[usize]| {
        let names: Vec<&str> = classes.iter().map(|&c| names.of(c)).collect();
        join(&names)
    };
    let mut figures = mixed(pairs);
    let some = || {
        let (mixed, total) = (pairs.mixed, pairs.total);
        format!("{mixed} of {total} pairs of classes mix at least slightly")
    };
    let text = match &pairs.structure.arrangement {
        None => {
            figures.push(Backing::new("pairs.total", pairs.total as f64));
            some()
        }
        Some(Arrangement::Chain { classes }) => {
            let chain: Vec<&str> = classes.iter().map(|&c| names.of(c)).collect();
            format!(
                "Classes mix along a chain, each with the next: {}",
                chain.join(", ")
            )
        }
        Some(Arrangement::Hub { class, partners }) => {
            let field = "pairs.structure.arrangement.partners";
            figures.push(Backing::new(field, *partners as f64));
            format!(
                "Class {} mixes with {}, which hardly mix with each other",
                names.of(*class),
                count(*partners, "other class", "other classes")
            )
        }
        Some(Arrangement::Groups { groups }) => {
            let named = groups.iter().take(MOST_NAMED).map(|group| {
                if group.len() <= names.most() {
                    list(group)
                } else {
                    format!("{} classes including {}", group.len(), names.of(group[0]))
                }
            });
            let mut named: Vec<String> = named.collect();
            let left_out = groups.len().saturating_sub(MOST_NAMED);
            if left_out > 0 {
                named.push(count(left_out, "more group", "more groups"));
            }
            format!("Classes mix within groups only: {}", named.join("; "))
        }
        Some(Arrangement::Most { except }) => {
            figures.push(Backing::new("pairs.total", pairs.total as f64));
            let exceptions: Vec<String> = except.iter().map(|&(a, b)| list(&[a, b])).collect();
            match exceptions.len() {
                0 => format!("All {} pairs of classes mix at least slightly", pairs.total),
                1..=MOST_EXCEPTIONS => {
                    let pairs = if exceptions.len() == 1 {
                        "pair"
                    } else {
                        "pairs"
                    };
                    format!(
                        "{} (all but the {pairs} {})",
                        some(),
                        exceptions.join(", and ")
                    )
                }
                _ => some(),
            }
        }
    };
    let largest: Vec<String> = (pairs.listed.iter().enumerate().take(MOST_NAMED))
        .map(|(p, pair)| {
            let field = format!("pairs.listed[{p}].overlap");
            figures.push(Backing::new(field, pair.overlap));
            let (a, b) = pair.classes;
            format!("{} ({})", list(&[a, b]), percent(pair.overlap))
        })
        .collect();
    let least = pairs.thresholds.least_overlap;
    figures.push(Backing::new("pairs.thresholds.least_overlap", least));
    let text = format!(
        "{text}. Even an overlap of {} counts; the largest (by the smaller of each pair's two estimates): {}.",
        percent_setting(least),
        largest.join(", ")
    );
    Statement::new(Topic::Mixing, text, figures)
}

/// "Classes that are close in the order of the labels mix more than distant ones (r = 0.93, p = 0.017); in the
/// features, too, b lies between a and c."
fn ordered(order: &Order, names: &Names) -> Statement {
    let field = |name: &str| format!("pairs.structure.order.{name}");
    let mut figures = vec![
        Backing::new(field("r"), order.test.r),
        Backing::new(field("p_value"), order.test.p_value),
    ];
    let between = &order.between;
    for (at, found) in between.iter().enumerate() {
        let field = field(&format!("between[{at}].p_value"));
        figures.push(Backing::new(field, found.p_value));
    }
    let (inner, mut named) = (order.classes.len().saturating_sub(2), Vec::new());
    for (at, found) in between.iter().enumerate().take(MOST_NAMED) {
        let (a, b) = found.neighbors;
        let verb = if at == 0 { "lies " } else { "" };
        named.push(format!(
            "{} {verb}between {} and {}",
            names.of(found.class),
            names.of(a),
            names.of(b)
        ));
    }
    let left_out = between.len().saturating_sub(MOST_NAMED);
    let found = if between.len() == inner && inner > MOST_NAMED {
        "every class but the first and last lies between those before and after it".to_owned()
    } else if left_out > 0 {
        format!(
            "{}; {left_out} more classes also lie between those before and after them",
            named.join(", ")
        )
    } else {
        named.join(", ")
    };
    let places = if found.is_empty() {
        found
    } else {
        format!("; in the features, too, {found}")
    };
    let text = format!(
        "Classes that are close in the order of the labels mix more than distant ones (r = {:.2}, {}){places}.",
        order.test.r,
        p_value(Some(order.test.p_value))
    );
    Statement::new(Topic::Mixing, text, figures)
}

/// A sentence for each class that mixes, those that mix most first.
fn by_class(
    diagnosis: &Diagnosis,
    pairs: &Pairs,
    names: &Names,
    thresholds: &ReadingThresholds,
    out: &mut Vec<Statement>,
) {
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
    out.extend(sentences.into_iter().map(|(_, statement)| statement));
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

/// "Class a mixes with classes b and c: 12% (8–15%) of its neighbors are of class b, 2.3 times as many as
/// if its neighbors from other classes were drawn at random; …". `partners` has the most frequent first.
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
            format!(
                ", {:.1} times what is expected if its neighbors from other classes are drawn at random",
                e.value
            )
        });
        partner_names.push(name.to_owned());
        shares.push(format!("{share} {whose}of class {name}{times}"));
    }
    let left_out = partners.len().saturating_sub(most);
    if left_out > 0 {
        partner_names.push(count(left_out, "other", "others"));
    }
    let classes = if partner_names.len() == 1 {
        "class"
    } else {
        "classes"
    };
    let text = format!(
        "Class {} mixes with {classes} {}: {}.",
        names.of(class),
        join(&partner_names),
        shares.join("; ")
    );
    Statement::new(Topic::Mixing, text, figures)
}

/// Adds the sentence about pairs that the classifier confuses although the features separate them.
pub(super) fn head(diagnosis: &Diagnosis, names: &Names, out: &mut Vec<Statement>) {
    let Some(pairs) = &diagnosis.pairs else {
        return;
    };
    let is_wasted =
        |(_, pair): &(usize, &PairMixing)| pair.head == Some(HeadVerdict::WastesSeparation);
    let wasted: Vec<_> = (pairs.listed.iter().enumerate())
        .filter(is_wasted)
        .collect();
    let (mut figures, mut named) = (Vec::new(), Vec::new());
    for (p, pair) in wasted.iter().take(MOST_NAMED) {
        let Some(confusion) = &pair.head_confusion else {
            continue;
        };
        let (a, b) = pair.classes;
        let whose = if named.is_empty() {
            " of their samples"
        } else {
            ""
        };
        named.push(format!(
            "{} and {} ({}{whose})",
            names.of(a),
            names.of(b),
            percent_with_interval(confusion)
        ));
        let field = |name: &str| format!("pairs.listed[{p}].{name}");
        figures.push(Backing::new(field("head_confusion.value"), confusion.value));
        figures.push(Backing::new(field("overlap"), pair.overlap));
    }
    if named.is_empty() {
        return;
    }
    let left_out = wasted.len().saturating_sub(MOST_NAMED);
    if left_out > 0 {
        named.push(count(left_out, "more pair", "more pairs"));
    }
    let text = format!(
        "The classifier confuses {}, although the features separate these classes better.",
        named.join("; ")
    );
    out.push(Statement::new(Topic::Head, text, figures));
}
