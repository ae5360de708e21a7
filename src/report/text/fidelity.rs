//! The part of the text about the map's fidelity.

use std::fmt::Write as _;

use super::{NAME, add_line, line};
use crate::diagnosis::{Fidelity, Misleading, MisleadingPair};
use crate::statistics::Estimate;
use crate::text::{fit, name};
use crate::words::{estimate, percent, signed_points};

/// Writes fidelity overall and by class, then where the map misleads.
pub(super) fn fidelity(out: &mut String, fidelity: &Fidelity) {
    add_line!(
        out,
        "{:NAME$} {:>15} {:>15} {:>15} {:>15}",
        format!("fidelity, k {}", fidelity.k),
        "trustworthiness",
        "continuity",
        "neighbors kept",
        "area of R_NX"
    );
    let row = |out: &mut String, label: &str, figures: [Option<Estimate>; 4]| {
        let mut row = fit(&name(label, NAME), NAME);
        for figure in figures {
            let _ = write!(row, " {:>15}", estimate(figure, 3));
        }
        line(out, &row);
    };
    for class in &fidelity.classes {
        let figures = [
            class.trustworthiness,
            class.continuity,
            class.knn_recall,
            class.rnx_area,
        ];
        row(out, &class.label, figures);
    }
    let figures = [
        fidelity.trustworthiness,
        fidelity.continuity,
        fidelity.knn_recall,
        fidelity.rnx_area,
    ];
    row(out, "all", figures);
    if let Some(anchors) = fidelity.anchors {
        add_line!(
            out,
            "(estimates from {anchors} of {} samples, ± 95% interval)",
            fidelity.samples
        );
    }
    if let Some(correlation) = fidelity.distance_correlation {
        add_line!(
            out,
            "distances in features and map: Spearman's correlation {} over {} pairs",
            estimate(Some(correlation), 3),
            fidelity.distance_pairs
        );
    }
    misleading(out, fidelity);
    out.push('\n');
}

fn misleading(out: &mut String, fidelity: &Fidelity) {
    let Some(mixing) = &fidelity.mixing else {
        return;
    };
    if mixing.misleading.is_empty() && mixing.misleading_hits.is_empty() {
        line(
            out,
            "the shares of neighbors from other classes do not differ significantly between the map and the features",
        );
        return;
    }
    line(out, "the map misleads:");
    let label = |class: usize| {
        let label = fidelity.classes.get(class).map_or("", |c| &c.label);
        name(label, NAME)
    };
    for pair in &mixing.misleading {
        let what = match pair.kind {
            Misleading::MixedInMap => "mixed more on the map than in the features",
            Misleading::HiddenInMap => "mixed less on the map than in the features",
        };
        let pair_of = format!("{} → {}", label(pair.from), label(pair.to));
        let of = format!("of class {}", label(pair.to));
        add_line!(out, "  {pair_of}: {what}: {}", shares(pair, &of));
    }
    for pair in &mixing.misleading_hits {
        let what = match pair.kind {
            Misleading::MixedInMap => "looks more mixed than it is",
            Misleading::HiddenInMap => "looks purer than it is",
        };
        add_line!(
            out,
            "  {}: {what}: {}",
            label(pair.from),
            shares(pair, "of its class")
        );
    }
}

/// "28% of its neighbors on the map are of class two, 21% in the features (+6.3 ± 2.9 points)".
pub(crate) fn shares(pair: &MisleadingPair, of: &str) -> String {
    format!(
        "{} of its neighbors on the map are {of}, {} in the features ({} ± {:.1} points)",
        percent(pair.map),
        percent(pair.features),
        signed_points(pair.difference.value),
        100.0 * pair.difference.margin().unwrap_or_default()
    )
}
