//! Separation and mixed pairs as text.

use std::fmt::Write as _;

use super::{NAME, add_line, line};
use crate::diagnosis::{
    ClassVerdict, HeadVerdict, MixingDirection, PairMixing, Pairs, ProbeFigures, Separation,
    Standing,
};
use crate::text::name;
use crate::words::{estimate, share};

/// Pairs in the text; the JSON has more.
const MOST_PAIRS: usize = 20;
/// Pairs that are shown although they are not mixed, where none is.
const NEAREST_PAIRS: usize = 3;

/// The table of separation by class, and what else is known overall.
pub(super) fn separation(out: &mut String, figures: &Separation) {
    // The scale nearest to the tables' usual k.
    let scale = figures.neighborhood_hits.iter().rposition(|h| h.k <= 10);
    let k = scale.map_or(10, |s| figures.neighborhood_hits[s].k);
    let ratio = figures.samples_per_dimension;
    let decimals = usize::from(ratio < 10.0);
    add_line!(
        out,
        "separation in the features (%, ± 95% interval; {ratio:.decimals$} samples per feature)"
    );
    add_line!(
        out,
        "{:NAME$} {:>12} {:>12} {:>12} {:>15}  verdict",
        "class",
        "probe",
        "logistic",
        format!("{k}-NN"),
        "SNN loss"
    );
    for (at, class) in figures.classes.iter().enumerate() {
        let hit = scale.and_then(|s| class.neighborhood_hits.get(s).copied().flatten());
        let verdict = match ClassVerdict::of(figures, at) {
            Some(verdict) => verdict.label(),
            None if class.count < 2 => "too few samples",
            None => "–",
        };
        row(
            out,
            &name(&class.label, NAME),
            [
                share(class.probe_recall),
                share(class.logistic_recall),
                share(hit),
                estimate(class.soft_nearest_neighbor_loss, 3),
            ],
            verdict,
        );
    }
    let balanced = |p: &Option<ProbeFigures>| share(p.as_ref().map(|p| p.balanced_accuracy));
    let evidence = match figures.evidence {
        Some(true) => "",
        Some(false) => "no evidence of separation",
        None => "–",
    };
    row(
        out,
        "mean of classes",
        [
            balanced(&figures.probe),
            balanced(&figures.logistic),
            share(scale.map(|s| figures.neighborhood_hits[s].hit)),
            estimate(figures.soft_nearest_neighbor_loss, 3),
        ],
        evidence,
    );
    if figures.soft_nearest_neighbor_loss.is_some() {
        line(
            out,
            "(in the row “mean of classes”, the SNN loss is averaged over samples)",
        );
    }
    for (what, probe) in [("probe", &figures.probe), ("logistic", &figures.logistic)] {
        if let Some(probe) = probe {
            line(out, &probe_line(what, probe));
        }
    }
    add_line!(
        out,
        "(other measures: class separation R² {}, NC1 {}, CDNV {}, squared silhouette {}, \
             nearest to own mean {}%)",
        estimate(figures.class_separation_r2, 3),
        estimate(figures.nc1, 3),
        estimate(figures.cdnv, 3),
        estimate(figures.silhouette_squared, 3),
        share(figures.distance_consistency)
    );
    if figures
        .classes
        .iter()
        .all(|c| c.standing == Some(Standing::NoEvidence))
    {
        line(
            out,
            "no class shows more separation than random labels would",
        );
    }
    out.push('\n');
}

fn probe_line(what: &str, probe: &ProbeFigures) -> String {
    let mut text = format!(
        "({what}: accuracy {}%, by chance {:.1}%",
        share(Some(probe.accuracy)),
        100.0 * probe.chance
    );
    if let Some(components) = probe.components {
        let _ = write!(text, ", on {components} principal components");
    }
    let _ = write!(text, ", {} samples)", probe.samples);
    text
}

fn row(out: &mut String, label: &str, cells: [String; 4], standing: &str) {
    let [probe, logistic, hit, loss] = cells;
    let text = format!("{label:NAME$} {probe:>12} {logistic:>12} {hit:>12} {loss:>15}  {standing}");
    line(out, text.trim_end());
}

/// The mixed pairs.
/// `of` says of what.
pub(super) fn pairs(out: &mut String, pairs: &Pairs, of: &str) {
    if pairs.total == 0 {
        return;
    }
    let least = pairs.thresholds.least_percent();
    let shown = if pairs.mixed == 0 {
        add_line!(
            out,
            "no pair of {of} is shown to overlap by more than chance and by at least {least}% in the features; \
             the largest overlaps:"
        );
        pairs.listed.len().min(NEAREST_PAIRS)
    } else {
        let plural = if pairs.total == 1 { "pair" } else { "pairs" };
        let verb = if pairs.mixed == 1 { "is" } else { "are" };
        add_line!(
            out,
            "{} of {} {plural} of {of} {verb} mixed (overlap beyond chance, of at least {least}% in the features)",
            pairs.mixed,
            pairs.total
        );
        pairs.mixed.min(MOST_PAIRS)
    };
    add_line!(
        out,
        "{:>NAME$}   {:NAME$} {:>12} {:>12} {:>12}  classifier",
        "",
        "",
        "neighbors",
        "linear rule",
        "on map"
    );
    for pair in &pairs.listed[..shown] {
        pair_lines(out, pair);
    }
    let rest = pairs.mixed.saturating_sub(shown);
    if rest > 0 {
        add_line!(out, "and {rest} more");
    }
    add_line!(
        out,
        "(% of samples on the other class's side, both classes weighted equally; →: % of the {} of \
             the first class's samples that are of the second class; ×: how many times as large as \
             if neighbors from other classes were drawn at random; ←: the reverse direction)",
        nearest(pairs.k)
    );
    out.push('\n');
}

/// "10 neighbors"; of one, that it is the nearest.
fn nearest(k: usize) -> String {
    match k {
        1 => "nearest neighbors (1 per sample)".into(),
        k => format!("{k} neighbors"),
    }
}

fn pair_lines(out: &mut String, pair: &PairMixing) {
    let head = match pair.head {
        None => String::new(),
        Some(verdict) => format!("{} {}", share(pair.head_confusion), head_words(verdict)),
    };
    let text = format!(
        "{:>NAME$} | {:NAME$} {:>12} {:>12} {:>12}  {head}",
        name(&pair.first, NAME),
        name(&pair.second, NAME),
        share(Some(pair.neighbor_overlap)),
        share(pair.linear_overlap),
        share(pair.map_neighbor_overlap),
    );
    line(out, text.trim_end());
    let [forth, back] = &pair.directions;
    add_line!(
        out,
        "{:>NAME$}   → {}   ← {}",
        "",
        direction(forth),
        direction(back)
    );
}

/// What the classifier does with a pair.
pub(crate) fn head_words(verdict: HeadVerdict) -> &'static str {
    match verdict {
        HeadVerdict::ConfusesMixed => "also mixes them",
        HeadVerdict::WastesSeparation => "mixes them needlessly",
        HeadVerdict::SeparatesMixed => "separates them better",
        HeadVerdict::Agrees => "",
    }
}

fn direction(direction: &MixingDirection) -> String {
    let times = (direction.enrichment)
        .map_or_else(String::new, |e| format!(" (× {})", estimate(Some(e), 1)));
    format!("{}%{times}", share(Some(direction.share)))
}
