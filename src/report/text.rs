//! A report as plain text: a table of the classes, then the neighbor table.

use std::fmt::Write as _;

use super::Report;
use crate::dataset::Metric;
use crate::diagnosis::{ClassDiagnosis, Figure};
use crate::error::printable;
use crate::text::{fit, name, number, percent_with, wrap_indented};
use crate::words::count;

mod clusters;
mod fidelity;
mod separation;
mod suspects;

#[cfg(feature = "tui")]
pub(crate) use fidelity::shares as misleading_shares;
#[cfg(feature = "tui")]
pub(crate) use separation::head_words;

/// Widest class name in the tables.
const NAME: usize = 16;
/// Width of a column of the neighbor table.
const CELL: usize = 7;
/// Classes whose largest possible neighborhood hit is listed.
const MOST_LIMITED: usize = 5;

/// The text.
pub(super) fn text(report: &Report, width: usize) -> String {
    let mut text = String::new();
    let out = &mut text;
    let classes = report.classes.len();
    head(out, report);
    for note in &report.notes {
        add_line!(out, "note: {}", printable(note));
    }
    if let (Some(perplexity), Some(iterations)) = (report.tsne.perplexity, report.tsne.iterations) {
        let kl = number(report.tsne.kl_divergence, 4);
        add_line!(
            out,
            "t-SNE: perplexity {perplexity}, {iterations} iterations, KL {kl}"
        );
    }
    if let Some(fidelity) = report.fidelity.as_ref().filter(|_| classes == 0) {
        out.push('\n');
        fidelity::fidelity(out, fidelity);
    }
    if classes == 0 && report.clusters.is_none() {
        line(out, "no labels, so no statistics by class");
        return text;
    }
    if let Some(reading) = &report.reading {
        out.push('\n');
        for row in reading
            .statements
            .iter()
            .flat_map(|s| wrap_indented(&s.text, width, 0, 2))
        {
            line(out, &row);
        }
    }
    out.push('\n');
    if let Some(found) = &report.clusters {
        clusters::clusters(out, found);
    }
    if classes == 0 {
        return text;
    }
    class_table(out, report);
    out.push('\n');
    if let Some(figures) = &report.separation {
        separation::separation(out, figures);
    }
    if let Some(pairs) = &report.pairs {
        let of = if report.clusters.is_some() {
            "clusters"
        } else {
            "classes"
        };
        separation::pairs(out, pairs, of);
    }
    if let Some(found) = &report.suspects {
        suspects::suspects(out, found);
    }
    let confusion = &report.confusion;
    for (space, rows, marks) in [
        (
            "features",
            &confusion.features,
            &confusion.features_above_chance,
        ),
        ("map", &confusion.map, &confusion.map_above_chance),
    ] {
        if let (Some(rows), Some(marks)) = (rows, marks) {
            neighbor_table(out, report, space, (rows, marks), width);
        }
    }
    if report.confusion_cells.is_some() {
        add_line!(
            out,
            "(the neighbor tables of {} classes are left out: the JSON lists their cells above chance)",
            report.confusion.labels.len()
        );
    }
    if let Some(fidelity) = &report.fidelity {
        fidelity::fidelity(out, fidelity);
    }
    text
}

/// What was described: samples, features, classes.
fn head(out: &mut String, report: &Report) {
    let classes = report.classes.len();
    let metric = match report.metric {
        Metric::Euclidean => "",
        Metric::Cosine => ", cosine metric",
    };
    let of_classes = match &report.clusters {
        Some(_) => count(classes, "cluster", "clusters"),
        None => count(classes, "class", "classes"),
    };
    add_line!(
        out,
        "{}: {} × {}, {of_classes}{metric}",
        printable(&report.name),
        report.samples,
        report.dimensions
    );
    if report.unlabeled > 0 && report.clusters.is_none() {
        add_line!(
            out,
            "{} samples without a label are left out",
            report.unlabeled
        );
    }
}

/// Adds a line without the spaces at its end.
pub(super) fn line(out: &mut String, text: &str) {
    out.push_str(text.trim_end());
    out.push('\n');
}

/// Adds a formatted line, as [`line`].
macro_rules! add_line {
    ($out:expr, $($format:tt)+) => {
        $crate::report::text::line(&mut *$out, &format!($($format)+))
    };
}
pub(super) use add_line;

fn class_table(out: &mut String, report: &Report) {
    let with_map = report.silhouette.map.is_some() || report.neighborhood_hit.map.is_some();
    let row = |out: &mut String, cells: [&str; 7]| {
        let [label, n, silhouette, in_map, hit, hit_in_map, chance] = cells;
        let label = fit(&name(label, NAME), NAME);
        let mut row = format!("{label} {n:>7}  {silhouette:>10}");
        if with_map {
            let _ = write!(row, " {in_map:>7}");
        }
        let _ = write!(row, "  {hit:>20}");
        if with_map {
            let _ = write!(row, " {hit_in_map:>8}");
        }
        add_line!(out, "{row} {chance:>8}");
    };
    let hit = format!("{}-NN same class", report.confusion.k);
    let head = [
        "class",
        "n",
        "silhouette",
        "on map",
        &hit,
        "on map",
        "chance",
    ];
    row(out, head);
    let figures =
        |out: &mut String, label: &str, n: usize, silhouette: Figure, hit: Figure, chance: &str| {
            let margin = hit.features.and_then(|hit| hit.margin());
            let margin = margin.map_or_else(String::new, |m| format!(" ± {:.1}", 100.0 * m));
            let cells: [&str; 7] = [
                label,
                &n.to_string(),
                &number(silhouette.in_features(), 3),
                &number(silhouette.in_map(), 3),
                &(percent_with(hit.in_features(), 1) + &margin),
                &percent_with(hit.in_map(), 1),
                chance,
            ];
            row(out, cells);
        };
    for class in &report.classes {
        let chance = percent_with(Some(class.neighborhood_hit_chance), 1);
        let (silhouette, hit) = (class.silhouette, class.neighborhood_hit);
        figures(out, &class.label, class.count, silhouette, hit, &chance);
    }
    let (silhouette, hit) = (report.silhouette, report.neighborhood_hit);
    figures(out, "all", report.labeled, silhouette, hit, "");
    line(
        out,
        "(± 95% interval; all: silhouettes are averaged over samples, same-class shares over classes)",
    );
    possible_hits(out, report);
    let references = report.silhouette_references;
    for (space, references) in [("features", references.features), ("map", references.map)] {
        if let Some(m) = references {
            add_line!(
                out,
                "(silhouettes in the {space} are estimates from {m} references per class{})",
                within(report, space)
            );
        }
    }
    if let Some(recall) = report.neighbor_recall {
        add_line!(
            out,
            "(neighbors in the features are approximate: {:.1}% of the true ones were found, \
             measured on 512 samples)",
            100.0 * recall
        );
    }
}

/// Which classes are too small to fill the places of the nearest neighbors, or why there are fewer places
/// than usual.
fn possible_hits(out: &mut String, report: &Report) {
    let k = report.confusion.k;
    let limited = |c: &&ClassDiagnosis| c.count > 0 && c.neighborhood_hit_maximum < 1.0;
    let limited: Vec<String> = (report.classes.iter().filter(limited))
        .map(|c| {
            let most = percent_with(Some(c.neighborhood_hit_maximum), 1);
            format!("class {} {most}", name(&c.label, NAME))
        })
        .collect();
    if limited.is_empty() {
        let smallest = report.classes.iter().map(|c| c.count).filter(|&n| n > 0);
        if let Some(smallest) = smallest.min().filter(|&n| n == k + 1 && k < 10) {
            add_line!(
                out,
                "(k = {k}, since the smallest class has {smallest} samples; --k sets another number)"
            );
        }
        return;
    }
    let rest = limited.len().saturating_sub(MOST_LIMITED);
    let rest = if rest > 0 {
        format!(" and {rest} more")
    } else {
        String::new()
    };
    let limited = &limited[..limited.len().min(MOST_LIMITED)];
    add_line!(
        out,
        "(highest possible with so few samples: {}{rest})",
        limited.join(", ")
    );
}

/// How far the estimated silhouettes of classes may be off.
fn within(report: &Report, space: &str) -> String {
    let margins = report.classes.iter().filter_map(|class| match space {
        "map" => class.silhouette.map?.margin(),
        _ => class.silhouette.features?.margin(),
    });
    let largest = margins.reduce(f64::max);
    largest.map_or_else(String::new, |m| format!(", ± {m:.3} at most"))
}

fn neighbor_table(
    out: &mut String,
    report: &Report,
    space: &str,
    (rows, marks): (&[Vec<f64>], &[Vec<bool>]),
    width: usize,
) {
    let labels = &report.confusion.labels;
    add_line!(
        out,
        "{} in the {space}, % of each row's class (* above chance)",
        match report.confusion.k {
            1 => "nearest neighbor".into(),
            k => format!("{k} nearest neighbors"),
        }
    );
    let per_page = (width.saturating_sub(NAME) / (CELL + 1)).max(1);
    for first in (0..labels.len()).step_by(per_page) {
        let columns = first..(first + per_page).min(labels.len());
        let mut head = " ".repeat(NAME);
        for c in columns.clone() {
            let _ = write!(head, " {:>CELL$}", name(&labels[c], CELL));
        }
        line(out, &head);
        for (r, label) in labels.iter().enumerate() {
            let mut row = fit(&name(label, NAME), NAME);
            for c in columns.clone() {
                let mark = if marks[r][c] { "*" } else { " " };
                let share = format!("{:.1}{mark}", 100.0 * rows[r][c]);
                let _ = write!(row, " {share:>CELL$}");
            }
            line(out, row.trim_end());
        }
        out.push('\n');
    }
}
