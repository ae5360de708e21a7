//! From parts to a dataset: same lengths, valid rows, labels and outputs in the same classes.

use std::hash::BuildHasher;

use ndarray::{Array2, ArrayView1};

use super::classes::Classes;
use super::column::{Matrix, Values, select};
use super::condition::{condition, is_extreme};
use super::parts::{Part, Parts};
use super::{Dataset, Metric, ReadOptions, UNLABELED, metric};
use crate::error::{Error, Result, printable};

/// Share of identical samples that is worth a note.
const MANY_DUPLICATES: f64 = 0.1;

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
        features,
        valid,
        labels,
        class_names,
        ids,
        predictions,
        probabilities,
        mut notes,
        sources,
        ..
    } = parts;
    let kept = KeptRows {
        total: features.rows(),
        rows: valid,
    };
    let rows = kept.rows.as_deref();
    let features = features.select(rows);
    let (features, shift) = in_single_precision(features, options.metric, &mut notes);
    let mut data = Dataset::new(features)?.with_name(title);
    data.is_shifted = shift.is_some();
    data.metric = options.metric;
    data.sources = sources;
    if let Some(rows) = rows {
        let dropped = kept.total - rows.len();
        notes.push(format!(
            "{dropped} of {} samples have NaN or infinite values and were dropped",
            kept.total
        ));
    }
    if let Some(labels) = labels {
        let values = labels.values.select(rows);
        let classes = Classes::of(values, &labels.place, class_names, &mut notes)?;
        if let Some(Part { values, place }) = predictions {
            let values = classes.predictions(values.select(rows), &place, &mut notes)?;
            data = data.with_predictions(values)?;
        }
        if let Some(Part { values, place }) = probabilities {
            let values = values.select(rows).into_single();
            let values =
                classes.probabilities(&values, &options.probability_classes, &place, &mut notes)?;
            data = data.with_probabilities(values)?;
        }
        let missing = (classes.labels.indices().iter()).filter(|&&c| c == UNLABELED);
        match missing.count() {
            0 => {}
            1 => data.add_note("1 sample has no label"),
            several => data.add_note(format!("{several} samples have no label")),
        }
        data = data.with_labels(classes.labels)?;
    } else if predictions.is_some() || probabilities.is_some() {
        notes.push("predictions and probabilities are not used without labels".into());
    }
    if let Some(ids) = ids {
        data = data.with_ids(select(ids.values, rows))?;
    }
    notes.extend(duplicates(&data));
    data.notes.extend(notes);
    Ok((data, kept))
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
            condition(&wide)
        }
        Matrix::Single(mut single) => {
            if wanted == Metric::Cosine {
                zero = metric::normalize(&mut single);
            }
            if is_extreme(&single) {
                condition(&single.mapv(f64::from))
            } else {
                (single, None)
            }
        }
    };
    notes.extend(shift.map(Into::into));
    notes.extend(metric::note(zero, features.nrows()));
    (features, shift)
}

/// A note where many samples are identical: the order of the file then decides which of them are
/// neighbors.
fn duplicates(data: &Dataset) -> Option<String> {
    let hasher = std::hash::RandomState::new();
    let n = data.samples();
    // Adding 0 makes -0 and 0 the same.
    let bits = |row: ArrayView1<'_, f32>| -> Vec<u32> {
        row.iter().map(|v| (v + 0.0).to_bits()).collect()
    };
    let mut hashes: Vec<u64> = (data.features().outer_iter())
        .map(|row| hasher.hash_one(bits(row)))
        .collect();
    hashes.sort_unstable();
    let repeated: usize = (hashes.chunk_by(|a, b| a == b))
        .map(<[u64]>::len)
        .filter(|&run| run > 1)
        .sum();
    (repeated as f64 > MANY_DUPLICATES * n as f64 && repeated > 2).then(|| {
        format!(
            "{repeated} of {n} samples are identical to another one: the order of the file decides \
             which of several equally near samples are neighbors"
        )
    })
}
