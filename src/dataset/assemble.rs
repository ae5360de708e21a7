//! From parts to a dataset: same lengths, valid rows, labels and outputs in the same classes.

use ndarray::Array2;

use super::classes::Classes;
use super::column::{Matrix, Values, select};
use super::condition::{condition, is_extreme};
use super::correspondence::{better_order, largest, strangers};
use super::determined::{Determined, determined, separating};
use super::parts::{Part, Parts};
use super::{
    ColumnRole, ColumnUse, Dataset, Labels, Metadata, Metric, ReadOptions, UNLABELED, alike,
    column_role, duplicates, measured, metric,
};
use crate::error::{Error, Result, printable};
use crate::text::{first, pattern, percent_with};

/// Columns that are listed.
const MOST_NAMES: usize = 6;
/// Labels that are as many as columns by accident are fewer.
const LEAST_TURNED: usize = 20;

/// Which rows of the files became samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptRows {
    /// Rows of the files.
    pub(crate) total: usize,
    /// The rows that were kept, if some were dropped.
    pub(crate) rows: Option<Vec<usize>>,
}

/// A dataset called `title` of the parts of `file`, and which rows were kept.
///
/// # Errors
/// [`Error::Mismatch`] for parts of different lengths, [`Error::Input`] for labels, predictions or
/// probabilities that cannot be used.
pub(super) fn assemble(
    parts: Parts,
    options: &ReadOptions,
    file: &str,
    title: &str,
) -> Result<(Dataset, KeptRows)> {
    check_lengths(&parts, file)?;
    let Parts {
        mut features,
        valid,
        labels,
        class_names,
        ids,
        predictions,
        probabilities,
        probability_classes,
        metadata,
        mut columns,
        possible_labels,
        mut notes,
        sources,
        ..
    } = parts;
    let kept = KeptRows {
        total: features.rows(),
        rows: valid,
    };
    let rows = kept.rows.as_deref();
    let labels = labels.filter(|labels| are_classes(labels, options, &mut notes));
    let classes = labels.map(|labels| {
        let values = labels.values.select(rows);
        Classes::of(values, &labels.place, class_names, &mut notes)
    });
    let classes = classes.transpose()?;
    features = features.select(rows);
    if let Some(classes) = &classes {
        notes.extend(alike::note(classes.labels.names()));
        features = without_copies(features, &classes.labels, &mut columns, options, &mut notes)?;
    }
    let (features, shift) = in_single_precision(features, options.metric, &mut notes);
    let mut data = Dataset::new(features)?.with_name(title);
    data.is_shifted = shift.is_some();
    data.metric = options.metric;
    data.sources = sources;
    if let Some(classes) = classes {
        let mut predicted = None;
        if let Some(Part { values, place }) = predictions {
            let values = classes.predictions(values.select(rows), &place, &mut notes)?;
            predicted = Some(values);
        }
        let mut probable = None;
        if let Some(Part { values, place }) = probabilities {
            let values = values.select(rows).into_single();
            let named = classes.order(&options.probability_classes, &probability_classes);
            probable = Some(classes.probabilities(&values, named, &place, &mut notes)?);
        }
        if options.probability_classes.is_empty() {
            let labels = &classes.labels;
            checks(&data, labels, &mut predicted, &mut probable, &mut notes);
        }
        if let Some(values) = predicted {
            data = data.with_predictions(values)?;
        }
        if let Some(values) = probable {
            data = data.with_probabilities(values)?;
        }
        let missing = (classes.labels.indices().iter()).filter(|&&c| c == UNLABELED);
        match missing.count() {
            0 => {}
            1 => notes.push("1 sample has no label".into()),
            several => notes.push(format!("{several} samples have no label")),
        }
        data = data.with_labels(classes.labels)?;
    } else if predictions.is_some() || probabilities.is_some() {
        notes.push("predictions and probabilities are not used without labels".into());
    }
    if let Some(ids) = ids {
        notes.extend(duplicates::of_ids(&ids.values));
        data = data.with_ids(select(ids.values, rows))?;
    }
    let metadata = metadata.into_iter().map(|column| Metadata {
        values: select(column.values, rows),
        ..column
    });
    data = data.with_metadata(metadata.collect())?;
    notes.extend(duplicates::note(&data));
    notes.splice(0..0, column_role::summary(&columns));
    data.columns = columns;
    data.possible_labels = possible_labels;
    data.notes.extend(notes);
    Ok((data, kept))
}

/// Whether labels are used: measurements only if an option names them.
fn are_classes(labels: &Part<Values>, options: &ReadOptions, notes: &mut Vec<String>) -> bool {
    let is_asked = options.labels.is_some() || options.label_column.is_some();
    let note = measured::note(&labels.values, &labels.place, is_asked);
    let is_used = is_asked || note.is_none();
    let about_counts = measured::about_counts(&labels.values, &labels.place);
    let is_doubtful = is_used && !is_asked;
    notes.extend(note);
    notes.extend(about_counts.filter(|_| is_doubtful));
    is_used
}

/// The features of a table without those that the label determines, unless the user chose them.
fn without_copies(
    features: Matrix,
    labels: &Labels,
    columns: &mut [ColumnRole],
    options: &ReadOptions,
    notes: &mut Vec<String>,
) -> Result<Matrix> {
    let own: Vec<usize> = (0..columns.len())
        .filter(|&c| columns[c].role == ColumnUse::Features)
        .collect();
    if own.len() != features.columns() || !options.feature_columns.is_empty() {
        return Ok(features);
    }
    let found = determined(&features, labels);
    if found.is_empty() || found.len() == own.len() {
        notes.extend(about_separating(&features, labels, columns, &own));
        return Ok(features);
    }
    for &(feature, how) in &found {
        let column = &mut columns[own[feature]];
        column.role = ColumnUse::LeftOut;
        column.reason = match how {
            Determined::Always => "the label determines it".into(),
            Determined::Nearly => "the label determines nearly all of its values".into(),
        };
    }
    let names = |of: &mut dyn Iterator<Item = usize>| -> Vec<String> {
        of.map(|feature| printable(&columns[own[feature]].column))
            .collect()
    };
    let copies = names(&mut found.iter().map(|(feature, _)| *feature));
    let kept: Vec<usize> = (0..own.len())
        .filter(|f| found.iter().all(|(c, _)| c != f))
        .collect();
    notes.push(match copies.as_slice() {
        [one] => format!(
            "the label determines {one}, so it is not used as a feature: it alone would separate \
             the classes; to use it anyway, name all features in `--features`, {one} included"
        ),
        several => format!(
            "the label determines {}, so they are not used as features: they alone would separate \
             the classes; to use them anyway, name all features in `--features`, these included",
            first(several, MOST_NAMES, String::clone)
        ),
    });
    let features = features.keep_columns(&kept)?;
    let own: Vec<usize> = kept.into_iter().map(|f| own[f]).collect();
    notes.extend(about_separating(&features, labels, columns, &own));
    Ok(features)
}

/// A note on a feature of a table that the label may have been made from. `own` are the columns of
/// the features.
fn about_separating(
    features: &Matrix,
    labels: &Labels,
    columns: &[ColumnRole],
    own: &[usize],
) -> Option<String> {
    let feature = separating(features, labels).filter(|_| own.len() > 1)?;
    let name = &columns[own[feature]].column;
    Some(format!(
        "{} alone tells the classes apart: its values in different classes do not overlap; if the label was made \
         from it, leave it out with `--not-features {}`",
        printable(name),
        pattern(name)
    ))
}

/// Leaves out what the classifier says where it does not seem to be about these classes and samples.
fn checks(
    data: &Dataset,
    labels: &Labels,
    predicted: &mut Option<Vec<u16>>,
    probable: &mut Option<Array2<f32>>,
    notes: &mut Vec<String>,
) {
    if let Some(order) = probable
        .as_ref()
        .and_then(|p| better_order(p.view(), labels))
    {
        let names = |classes: &mut dyn Iterator<Item = usize>| {
            let names: Vec<String> = classes.map(|c| printable(&labels.names()[c])).collect();
            names.join(",")
        };
        notes.push(format!(
            "the columns of the probabilities fit the labels far better in another order, in which \
             the most probable class would be the label for {} of the samples (mean over classes), \
             instead of {}. The probabilities were left out. To use them in that order, give \
             `--probability-classes {}`; to use them as they are, `--probability-classes {}`",
            percent_with(Some(order.better), 0),
            percent_with(Some(order.given), 0),
            names(&mut order.classes.iter().copied()),
            names(&mut (0..labels.classes())),
        ));
        *probable = None;
    }
    let largest = |p: &Array2<f32>| p.outer_iter().map(|row| largest(row) as u16).collect();
    let answers = predicted.clone().or_else(|| probable.as_ref().map(largest));
    let found = answers.and_then(|answers| strangers(&answers, data.features(), labels));
    if let Some(found) = found {
        notes.push(format!(
            "the classifier's predictions match {} of the labels, no more than by chance, while \
             the nearest class mean in the features matches {}: do the rows of the predictions \
             belong to these samples? They were left out; to use them all the same, give \
             `--probability-classes`",
            percent_with(Some(found.answers), 0),
            percent_with(Some(found.features), 0),
        ));
        (*predicted, *probable) = (None, None);
    }
}

/// Refuses arrays that do not describe the same samples as the features.
fn check_lengths(parts: &Parts, file: &str) -> Result<()> {
    let values = |part: &Part<Values>| (part.values.rows(), part.place.clone());
    let text = |part: &Part<Vec<String>>| (part.values.len(), part.place.clone());
    let matrix = |part: &Part<Matrix>| (part.values.rows(), part.place.clone());
    let expected = parts.features.rows();
    for (what, found) in [
        ("labels", parts.labels.as_ref().map(values)),
        ("ids", parts.ids.as_ref().map(text)),
        ("predictions", parts.predictions.as_ref().map(values)),
        ("probabilities", parts.probabilities.as_ref().map(matrix)),
    ] {
        if let Some((found, place)) = found.filter(|(rows, _)| *rows != expected) {
            if let Some(error) = explained(parts, file, what, found) {
                return Err(error);
            }
            let (place, file) = (printable(&place), printable(file));
            return Err(Error::Mismatch {
                what: format!("{what} ({place}) for {file}"),
                expected,
                found,
            });
        }
    }
    Ok(())
}

/// The error of a number of rows that something in the features explains.
fn explained(parts: &Parts, file: &str, what: &str, found: usize) -> Option<Error> {
    let (rows, columns) = (parts.features.rows(), parts.features.columns());
    let error = |problem: String, remedy: &str| Some(Error::input(file, problem, remedy));
    let counted = format!("there are {found} {what} for {rows} rows of features");
    if let [first, second, _, ..] = *parts.shape.as_slice()
        && first.checked_mul(second) == Some(found)
    {
        let problem = format!(
            "{counted}, but the first two axes of the features are {first} × {second} = {found}: these are \
             batches"
        );
        return error(problem, "join them: `np.concatenate(array)`");
    }
    match parts.header {
        Some(true) if found == rows + 1 => {
            let problem =
                format!("{counted}: the first line of the features was taken for a header");
            Some(
                Error::input(file, problem, "read that line as a sample")
                    .with("header: Some(false)"),
            )
        }
        Some(false) if found + 1 == rows => {
            let problem =
                format!("{counted}: the first line of the features was taken for a sample");
            Some(
                Error::input(file, problem, "read that line as a header")
                    .with("header: Some(true)"),
            )
        }
        _ if found == columns && parts.is_turned => {
            let problem =
                format!("{counted}, but {columns} columns, since rows and columns were exchanged");
            error(problem, "do not exchange them")
        }
        _ if found == columns && found >= LEAST_TURNED => {
            let problem =
                format!("{counted}, but {columns} columns: the features may be transposed");
            Some(Error::input(file, problem, "exchange rows and columns").with("transpose"))
        }
        _ => None,
    }
}

/// The features in 32 bits, prepared for the metric, and a note if they were shifted.
fn in_single_precision(
    features: Matrix,
    wanted: Metric,
    notes: &mut Vec<String>,
) -> (Array2<f32>, Option<&'static str>) {
    let mut zero = 0;
    // Rows are scaled before columns are shifted, which would turn the angles.
    let (features, shift) = match features {
        Matrix::Double(mut wide) => {
            if wanted == Metric::Cosine {
                zero = metric::normalize(&mut wide);
            }
            condition(wide)
        }
        Matrix::Single(mut single) => {
            if wanted == Metric::Cosine {
                zero = metric::normalize(&mut single);
            }
            if is_extreme(&single) {
                condition(single.mapv(f64::from))
            } else {
                (single, None)
            }
        }
    };
    notes.extend(shift.map(Into::into));
    notes.extend(metric::note(zero, features.nrows()));
    (features, shift)
}
