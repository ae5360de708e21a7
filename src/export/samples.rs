//! A selection of samples as a file, to look at them elsewhere.

use crate::dataset::{Dataset, UNLABELED};
use crate::encode::{Cells, Table};
use crate::error::Result;

/// Samples as CSV: `row` (from 0, as NumPy counts), `id`, `label` and `prediction`, each where
/// there are any, then all other columns of the samples. Numbers beyond the last sample are left out.
///
/// # Errors
/// [`Error::Io`](crate::Error::Io) if the table cannot be written to memory.
///
/// ```
/// use disentangle::{ndarray::array, export::samples_to_csv, prelude::*};
/// let data = Dataset::new(array![[0.0], [1.0]])?.with_ids(vec!["a".into(), "b".into()])?;
/// assert_eq!(samples_to_csv(&data, &[1])?, b"row,id\n1,b\n");
/// # Ok::<(), disentangle::Error>(())
/// ```
pub fn samples_to_csv(data: &Dataset, samples: &[u32]) -> Result<Vec<u8>> {
    samples_table(data, samples).to_csv()
}

/// Samples as Parquet, with the columns of [`samples_to_csv`].
///
/// # Errors
/// [`Error::Io`](crate::Error::Io) if the table cannot be written to memory.
#[cfg(feature = "parquet")]
pub fn samples_to_parquet(data: &Dataset, samples: &[u32]) -> Result<Vec<u8>> {
    crate::encode::parquet(&samples_table(data, samples))
}

fn samples_table(data: &Dataset, samples: &[u32]) -> Table {
    let samples: Vec<usize> = rows(data, samples).collect();
    let each =
        |text: &dyn Fn(usize) -> String| Cells::Text(samples.iter().map(|&s| text(s)).collect());
    let name = |class: u16| {
        let names = data.labels().map_or(&[][..], |l| l.names());
        match names.get(usize::from(class)) {
            Some(name) => name.clone(),
            None if class == UNLABELED => String::new(),
            None => class.to_string(),
        }
    };
    let mut table = Table::new("samples", samples.len());
    table.add("row", Cells::Whole(samples.clone()));
    if let Some(ids) = data.ids() {
        table.add("id", each(&|s| ids[s].clone()));
    }
    if let Some(labels) = data.labels() {
        table.add("label", each(&|s| name(labels.indices()[s])));
    }
    if let Some(predictions) = data.predictions() {
        table.add("prediction", each(&|s| name(predictions[s])));
    }
    super::add_metadata(&mut table, data, samples.iter().copied());
    table
}

/// Samples as text, one a line: the id, or the row (from 0) where there are no ids. Line breaks
/// within an id become spaces.
pub fn samples_to_text(data: &Dataset, samples: &[u32]) -> Vec<u8> {
    let mut text = String::new();
    for sample in rows(data, samples) {
        match data.ids() {
            Some(ids) => text.push_str(&ids[sample].replace(['\n', '\r'], " ")),
            None => text.push_str(&sample.to_string()),
        }
        text.push('\n');
    }
    text.into_bytes()
}

/// The samples that the dataset has.
fn rows<'a>(data: &'a Dataset, samples: &'a [u32]) -> impl Iterator<Item = usize> + 'a {
    let all = samples.iter().map(|s| *s as usize);
    all.filter(|s| *s < data.samples())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Labels;

    #[test]
    fn what_is_known_about_the_samples_is_written() {
        let data = Dataset::new(ndarray::array![[0.0], [1.0], [2.0]]).unwrap();
        assert_eq!(samples_to_csv(&data, &[0, 2, 9]).unwrap(), b"row\n0\n2\n");
        assert_eq!(samples_to_text(&data, &[0, 2, 9]), b"0\n2\n");
        let names = vec!["a,b".into(), "c".into()];
        let labels = Labels::new(names, vec![0, 1, UNLABELED]).unwrap();
        let data = data.with_labels(labels).unwrap();
        let data = data.with_predictions(vec![1, 1, UNLABELED]).unwrap();
        let ids = vec!["x\ny".into(), "z".into(), "w".into()];
        let data = data.with_ids(ids).unwrap();
        let csv = String::from_utf8(samples_to_csv(&data, &[0, 2]).unwrap()).unwrap();
        assert_eq!(
            csv,
            "row,id,label,prediction\n0,\"x\ny\",\"a,b\",c\n2,w,,\n"
        );
        assert_eq!(samples_to_text(&data, &[0, 1]), b"x y\nz\n");
    }
}
