//! A comparison as tables for people: curve, models, similarity, complementarity, ensembles, advice.

use std::fmt::{Display, Write as _};

use super::text::{add_line, line};
use crate::comparison::{Comparison, Curve, Measure};
use crate::error::printable;
use crate::statistics::Estimate;
use crate::text::{name, number, wrap_indented};
use crate::words::{corrected_p_value, count, estimate, points, share};

mod words;

pub(crate) use words::{
    answers_words, ensemble_words, joined, pair_words, ranking_words, saves_words, selection_words,
    step_words, title, with_width,
};

/// Widest name in the first column.
const NAME: usize = 18;
/// Width of a column of numbers.
const CELL: usize = 12;
/// Classes that are listed; more stand in the JSON.
const MOST_CLASSES: usize = 40;
/// Ensembles and pairs that are listed.
const MOST_ROWS: usize = 12;

impl Comparison {
    /// The comparison as tables for people, at most `width` columns where that is possible.
    pub fn to_text(&self, width: usize) -> String {
        text(self, width)
    }
}

fn text(comparison: &Comparison, width: usize) -> String {
    let width = width.max(40);
    let mut out = String::new();
    head(&mut out, comparison, width);
    section(&mut out, "What to do with each model");
    advice(&mut out, comparison, width);
    if !comparison.reading.statements.is_empty() {
        section(&mut out, "What the results say");
    }
    for statement in &comparison.reading.statements {
        wrapped(&mut out, &format!("  {}", statement.text), width, 4);
    }
    for curve in comparison.curves.iter().filter(|c| c.layers.len() > 1) {
        curve_table(&mut out, comparison, curve, width);
    }
    for measure in &comparison.measures {
        measure_table(&mut out, comparison, measure, width);
    }
    complementarity(&mut out, comparison, width);
    ensembles(&mut out, comparison, width);
    similarity(&mut out, comparison, width);
    legend(&mut out, comparison, width);
    out
}

fn section(out: &mut String, title: &str) {
    out.push('\n');
    line(out, title);
}

/// A text in lines of at most `width` columns, each after the first indented.
fn wrapped(out: &mut String, text: &str, width: usize, indent: usize) {
    let first = text.len() - text.trim_start().len();
    for row in wrap_indented(text, width, first, indent) {
        line(out, &row);
    }
}

/// A row of a table: its head, then cells at the right of their columns.
fn table_row<T: Display>(out: &mut String, head: String, cells: impl IntoIterator<Item = T>) {
    let cells = cells.into_iter();
    line(
        out,
        &cells.fold(head, |row, cell| format!("{row}  {cell:>CELL$}")),
    );
}

/// Says how many of a list are not shown.
fn left_out(out: &mut String, all: usize, shown: usize, indent: &str, what: &str) {
    if all > shown {
        add_line!(
            out,
            "{indent}… and {} more{what} in the JSON report",
            all - shown
        );
    }
}

fn decimal(value: Option<Estimate>) -> String {
    // Without the margin's leading zero, to fit the column.
    estimate(value, 3).replace("± 0.", "± .")
}

fn head(out: &mut String, comparison: &Comparison, width: usize) {
    let sets: usize = comparison.curves.iter().map(|c| c.layers.len()).sum();
    add_line!(
        out,
        "{}: {}, {}, {}, {} samples",
        printable(&comparison.name),
        count(comparison.curves.len(), "model", "models"),
        count(sets, "feature set", "feature sets"),
        count(comparison.labels.len(), "class", "classes"),
        comparison.labeled
    );
    if comparison.unlabeled > 0 {
        let left = comparison.unlabeled;
        add_line!(out, "{left} samples without a label are left out");
    }
    for note in &comparison.notes {
        wrapped(out, &format!("note: {}", printable(note)), width, 6);
    }
}

/// How the numbers are to be read.
fn legend(out: &mut String, comparison: &Comparison, width: usize) {
    out.push('\n');
    wrapped(
        out,
        &format!(
            "(shares in %, ± 95% interval; mean of classes: all have the same weight. A difference is shown if \
             it is at least {} points and its p-value, adjusted for the number of tests, is at most {}: half of \
             the level {}; the other half is for the tests of single classes. The gain of an ensemble is tested at \
             {2}. Intervals come from a bootstrap; where all or none of the samples are right, they are Wilson intervals. \
             `diagnose` computes its intervals in other ways, so they differ a little.)",
            100.0 * comparison.least_difference,
            comparison.alpha / 2.0,
            comparison.alpha
        ),
        width,
        1,
    );
}

fn advice(out: &mut String, comparison: &Comparison, width: usize) {
    for advice in &comparison.recommendations {
        let text = format!(
            "  {:<8} {}: {}",
            advice.advice.label(),
            name(&advice.model, NAME),
            advice.reason
        );
        wrapped(out, &text, width, 11);
    }
}

fn curve_table(out: &mut String, comparison: &Comparison, curve: &Curve, width: usize) {
    section(
        out,
        &format!(
            "Layers of {}: how separable the classes are",
            name(&curve.model, NAME)
        ),
    );
    let own = |set: &str| -> String {
        let prefix = format!("{}/", curve.model);
        set.strip_prefix(&prefix).unwrap_or(set).to_string()
    };
    let hit = format!("{}-NN same", comparison.k);
    let mut titles = vec![
        "d",
        "probe",
        &hit,
        "SNN loss",
        "sq. silh.",
        "R²",
        "var. ratio",
    ];
    let value = |e: Option<Estimate>| number(e.map(|e| e.value), 3);
    // Figures of geometry go first where the line is short.
    let columns = ((width - NAME - 6) / (CELL + 2)).clamp(2, titles.len() - 1);
    titles.truncate(columns + 1);
    let head = format!("{:NAME$} {:>5}", "layer", titles[0]);
    table_row(out, head, &titles[1..]);
    for layer in &curve.layers {
        let figures = [
            share(Some(layer.probe)),
            share(Some(layer.neighborhood_hit)),
            decimal(Some(layer.soft_nearest_neighbor_loss)),
            value(layer.silhouette_squared),
            value(layer.class_separation_r2),
            value(layer.variance_ratio),
        ];
        let set = name(&own(&layer.set), NAME);
        let head = format!("{set:NAME$} {:>5}", layer.dimensions);
        table_row(out, head, &figures[..columns]);
    }
    for step in &curve.steps {
        let text = format!(
            "  {} → {}: {}",
            name(&own(&step.from), NAME),
            name(&own(&step.to), NAME),
            step_words(step)
        );
        wrapped(out, &text, width, 6);
    }
}

fn measure_table(out: &mut String, comparison: &Comparison, measure: &Measure, width: usize) {
    let title = title(measure, comparison.k);
    section(out, &format!("{title} (* shown to be best)"));
    if let Some(layers) = measure.layers() {
        wrapped(out, &format!("  features: {layers}"), width, 4);
    }
    let per_page = ((width - NAME - 8) / (CELL + 2)).max(1);
    for first in (0..measure.models.len()).step_by(per_page) {
        let models = first..(first + per_page).min(measure.models.len());
        let head = format!("{:NAME$} {:>7}", "class", "n");
        let shown = &measure.models[models.clone()];
        table_row(out, head, shown.iter().map(|m| name(&m.model, CELL)));
        for class in measure.classes.iter().take(MOST_CLASSES) {
            let mut row = format!("{:NAME$} {:>7}", name(&class.label, NAME), class.count);
            for m in models.clone() {
                let best = class.best.as_ref() == Some(&measure.models[m].model);
                let mark = if best { "*" } else { " " };
                let figure = share(class.values[m].map(|v| with_width(v, class.count)));
                let _ = write!(row, " {figure:>CELL$}{mark}");
            }
            line(out, &row);
        }
        left_out(out, measure.classes.len(), MOST_CLASSES, "", " classes");
        for (title, is_balanced) in [("mean of classes", true), ("all samples", false)] {
            let head = format!("{title:NAME$} {:>7}", comparison.labeled);
            let figures = shown
                .iter()
                .map(|m| if is_balanced { m.balanced } else { m.overall });
            table_row(out, head, figures.map(|figure| share(Some(figure))));
        }
    }
    if measure.models.len() > 1 {
        wrapped(out, &format!("  {}", ranking_words(measure)), width, 4);
    }
    for pair in measure.pairs.iter().take(MOST_ROWS) {
        wrapped(
            out,
            &format!("  {}", pair_words(pair, comparison.least_difference)),
            width,
            4,
        );
    }
}

fn complementarity(out: &mut String, comparison: &Comparison, width: usize) {
    let Some(all) = &comparison.complementarity else {
        return;
    };
    let source = answers_words(comparison.answers);
    section(
        out,
        &format!("Do the models err on different samples? ({source})"),
    );
    let titles = [
        "only 1 right",
        "both wrong",
        "Q",
        "correlation",
        "≥ 1 right",
    ];
    let columns = ((width - NAME) / (CELL + 2)).clamp(2, titles.len());
    table_row(out, format!("{:NAME$}", "pair"), &titles[..columns]);
    for pair in all.pairs.iter().take(MOST_ROWS) {
        let o = &pair.overall;
        let figures = [
            share(Some(o.disagreement)),
            share(Some(o.double_fault)),
            estimate(o.q, 2),
            estimate(o.correlation, 2),
            share(Some(o.oracle)),
        ];
        let title = format!("{}, {}", name(&pair.first, 8), name(&pair.second, 8));
        table_row(out, format!("{title:NAME$}"), &figures[..columns]);
    }
    left_out(out, all.pairs.len(), MOST_ROWS, "", " pairs");
    if all.pairs.len() > 1 {
        add_line!(
            out,
            "  at least one model is right on {}% of the samples",
            share(Some(all.oracle))
        );
    }
    for saves in &all.saves {
        let text = format!("  {}", saves_words(saves, &comparison.labels));
        wrapped(out, &text, width, 4);
    }
}

fn ensembles(out: &mut String, comparison: &Comparison, width: usize) {
    let Some(all) = &comparison.ensembles else {
        return;
    };
    section(out, "Ensembles: accuracy of averaged predictions");
    add_line!(
        out,
        "  best single model: {}, {}%",
        name(&all.best_single, NAME),
        share(Some(all.best_single_accuracy))
    );
    for ensemble in all.ensembles.iter().take(MOST_ROWS) {
        let verdict = ensemble_words(ensemble);
        let text = format!(
            "  {}: {}%, {}, {}: {verdict}",
            joined(&ensemble.members),
            share(Some(ensemble.accuracy)),
            points(ensemble.gain),
            corrected_p_value(
                Some(ensemble.p_adjusted),
                ensemble.gain,
                ensemble.gains || ensemble.loses,
                comparison.least_difference
            )
        );
        wrapped(out, &text, width, 4);
    }
    left_out(out, all.ensembles.len(), MOST_ROWS, "  ", "");
    if let Some(words) = selection_words(&all.selection) {
        wrapped(out, &format!("  {words}"), width, 4);
    }
}

fn similarity(out: &mut String, comparison: &Comparison, width: usize) {
    let all = &comparison.similarity;
    if all.pairs.is_empty() {
        return;
    }
    section(
        out,
        &format!(
            "How similar the sets are (debiased CKA; {}-NN overlap, chance {:.3})",
            comparison.k, all.chance_overlap
        ),
    );
    // Consecutive layers, and the layers that stand for their models.
    let mut wanted: Vec<(String, String)> = Vec::new();
    for curve in &comparison.curves {
        for pair in curve.layers.windows(2) {
            wanted.push((pair[0].set.clone(), pair[1].set.clone()));
        }
    }
    if let Some(probe) = comparison.measures.iter().find(|m| m.name == "probe") {
        let sets: Vec<&String> = probe.models.iter().filter_map(|m| m.set.as_ref()).collect();
        for (i, a) in sets.iter().enumerate() {
            for b in &sets[i + 1..] {
                wanted.push(((*a).clone(), (*b).clone()));
            }
        }
    }
    // A number with its error is 13 columns wide, whatever the width of a cell.
    let column = ((width - 2 * CELL.max(13) - 8) / 2).min(28);
    let _ = wanted.iter().take(3 * MOST_ROWS).try_for_each(|(a, b)| {
        let pair = all.pairs.iter().find(|p| p.first == *a && p.second == *b)?;
        let cka = estimate(pair.cka.map(|c| c.debiased), 3);
        let overlap = estimate(pair.neighbor_overlap, 3);
        let (a, b) = (name(a, column), name(b, column));
        add_line!(
            out,
            "  {a:column$} {b:column$}  {cka:>CELL$}  {overlap:>CELL$}"
        );
        Some(())
    });
    if all.pairs.len() > wanted.len() {
        line(out, "  all other pairs: in the JSON report");
    }
}
