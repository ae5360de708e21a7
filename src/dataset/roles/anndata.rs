//! AnnData (`.h5ad`): which of its matrices are the features, and what its labels could be.
//!
//! In: an archive with `X`, `obsm/…` and `obs/…`. Out: the array to use, its values where they had
//! to be read for that, and notes on the others.

use super::evidence::Evidence;
use super::naming::{Hint, hint};
use super::role::Roles;
use crate::dataset::column::{ColumnKind, Matrix};
use crate::dataset::formats::Contents;
use crate::error::{Error, Result, printable};
use crate::text::{first, word};

/// Matrices with fewer columns are maps.
const LEAST_AXES: usize = 4;
/// What is said of whole numbers in `X`.
const RAW_COUNTS: &str = "holds raw counts";
/// The matrix of principal components.
const COMPONENTS: &str = "X_pca";
/// Members that are listed.
const MOST_LISTED: usize = 5;

/// Takes the principal components instead of `X` if that holds raw counts, in which distances show
/// little but the number of molecules of a cell; otherwise says what there is beside `X`.
///
/// # Errors
/// Those of reading `X`, but that it does not fit into memory.
pub(super) fn choose_features(contents: &mut Contents<'_>, roles: &mut Roles) -> Result<()> {
    let [x] = *roles.features else {
        return Ok(());
    };
    let rows = contents.columns[x].shape.first().copied();
    let is_other = |c: &usize| {
        let column = &contents.columns[*c];
        let least = if column.stem() == COMPONENTS {
            2
        } else {
            LEAST_AXES
        };
        let axes = column.shape.get(1).is_some_and(|&axes| axes >= least);
        let is_usable = column.is_matrix() && column.refusal.is_none();
        column.name.starts_with("obsm/")
            && is_usable
            && axes
            && column.shape.first() == rows.as_ref()
    };
    let others: Vec<usize> = (0..contents.columns.len()).filter(is_other).collect();
    let is_of_cells = contents.columns.iter().any(|c| c.name.starts_with("obs/"));
    if contents.columns[x].name != "X" || others.is_empty() && !is_of_cells {
        return Ok(());
    }
    let file = contents.file();
    let member = |name: &str| word(&format!("{file}:{name}"));
    let described = |c: &usize| {
        let column = &contents.columns[*c];
        format!(
            "{} ({})",
            printable(&column.name),
            printable(&column.description)
        )
    };
    let listed = first(&others, MOST_LISTED, described);
    let components = others
        .iter()
        .find(|c| contents.columns[**c].stem() == COMPONENTS);
    let values = match contents.matrix(&[x]) {
        Ok(values) => Some(values),
        Err(Error::Memory { .. }) => None,
        Err(error) => return Err(error),
    };
    let held = values
        .as_ref()
        .map_or(Some("does not fit into memory"), counts);
    let as_x = member("X");
    if let (Some(&components), Some(reason)) = (components, held) {
        roles.features = vec![components];
        roles.notes.push(format!(
            "X {reason}, so the principal components obsm/X_pca are the features; to use X, name \
             it: {as_x}"
        ));
        return Ok(());
    }
    roles.matrix = values;
    if held == Some(RAW_COUNTS) {
        roles.notes.push(format!(
            "X {RAW_COUNTS}, and distances between them show little but how many molecules a cell has: normalize them \
             in Python, `scanpy.pp.normalize_total(a); scanpy.pp.log1p(a); scanpy.pp.pca(a)`, and save them again"
        ));
    }
    let Some(other) = components.or_else(|| others.first()) else {
        return Ok(());
    };
    let example = member(&contents.columns[*other].name);
    let remedy = match others.len() {
        1 => format!("to use that instead, name it: {example}"),
        _ => format!("to use one of these instead, name it, for example {example}"),
    };
    roles.notes.push(format!(
        "X is used as features; there is also {listed}; {remedy}"
    ));
    Ok(())
}

/// What a matrix without fractions and negative numbers holds, if it is one.
fn counts(values: &Matrix) -> Option<&'static str> {
    let columns = 0..values.columns();
    let mut largest = 0.0_f64;
    for row in 0..values.rows() {
        for column in columns.clone() {
            let value = values.value(row, column);
            if !(value >= 0.0 && value.fract() == 0.0) {
                return None;
            }
            largest = largest.max(value);
        }
    }
    Some(match largest {
        ..0.5 => "holds only zeros",
        ..1.5 => "holds only 0 and 1",
        _ => RAW_COUNTS,
    })
}

/// Notes on the columns of `obs` that could be the labels.
pub(super) fn about_labels(contents: &mut Contents<'_>) -> Vec<String> {
    let (mut possible, mut notes) = (Vec::new(), Vec::new());
    for column in 0..contents.columns.len() {
        let found = &contents.columns[column];
        let name = found.name.clone();
        let is_text = found.kind == ColumnKind::Text && found.refusal.is_none();
        let is_metadata = hint(found.stem()) == Hint::Metadata;
        if !is_text || !name.starts_with("obs/") || is_metadata {
            continue;
        }
        match contents.text(column) {
            Ok(values) if Evidence::of_text(&values).could_be_classes() => possible.push(name),
            Ok(_) => {}
            Err(error) => notes.push(format!(
                "could not check whether {} could be the labels: {error}",
                printable(&name)
            )),
        }
    }
    if let Some(example) = possible.first() {
        notes.push(format!(
            "no labels were recognized; they could be {}: for example `--labels {}`",
            first(&possible, MOST_LISTED, |name| printable(name)),
            word(&format!("{}:{example}", contents.file()))
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::panic,
        clippy::unwrap_used,
        reason = "a test stops at the first surprise"
    )]

    use ndarray::Array2;

    use super::*;
    use crate::dataset::column::{Column, Values};
    use crate::dataset::formats::{Layout, Reader};

    /// `X`, components, and two columns of `obs` of which the first cannot be read.
    struct Cells(fn() -> Result<Matrix>);

    impl Reader for Cells {
        fn matrix(&mut self, _columns: &[usize]) -> Result<Matrix> {
            self.0()
        }

        fn values(&mut self, column: usize) -> Result<Values> {
            if column == 2 {
                return Err(damaged());
            }
            let types = ["ant", "bee"].repeat(10);
            Ok(Values::Text(types.into_iter().map(String::from).collect()))
        }
    }

    fn damaged() -> Error {
        Error::input("my cells.h5ad", "a block is damaged", "save it again")
    }

    fn cells(x: fn() -> Result<Matrix>) -> Contents<'static> {
        let column = |name: &str, kind, shape: &[usize]| Column {
            name: name.into(),
            kind,
            shape: shape.to_vec(),
            description: "float32".into(),
            refusal: None,
        };
        let columns = vec![
            column("X", ColumnKind::Number, &[20, 5]),
            column("obsm/X_pca", ColumnKind::Number, &[20, 4]),
            column("obs/state", ColumnKind::Text, &[20]),
            column("obs/cell type", ColumnKind::Text, &[20]),
        ];
        Contents::new("my cells.h5ad", "HDF5", Layout::Archive, columns, Cells(x))
    }

    #[test]
    fn components_are_used_for_a_reason_that_is_true() {
        let chosen = |x| {
            let mut roles = Roles {
                features: vec![0],
                ..Roles::default()
            };
            choose_features(&mut cells(x), &mut roles).map(|()| roles)
        };
        let counts = chosen(|| Ok(Matrix::Single(Array2::ones((20, 5))))).unwrap();
        assert_eq!(counts.features, [1]);
        assert!(counts.notes[0].starts_with("X holds only 0 and 1"));
        let counts = chosen(|| Ok(Matrix::Single(Array2::from_elem((20, 5), 7.0)))).unwrap();
        assert!(counts.notes[0].starts_with("X holds raw counts"));
        let zeros = chosen(|| Ok(Matrix::Single(Array2::zeros((20, 5))))).unwrap();
        assert!(zeros.notes[0].starts_with("X holds only zeros"));
        assert!(
            counts.notes[0].ends_with("name it: 'my cells.h5ad:X'"),
            "{:?}",
            counts.notes
        );
        let scaled = chosen(|| Ok(Matrix::Single(Array2::from_elem((20, 5), 0.5)))).unwrap();
        assert_eq!(scaled.features, [0]);
        assert!(
            scaled.notes[0].ends_with("name it: 'my cells.h5ad:obsm/X_pca'"),
            "{:?}",
            scaled.notes
        );
        let large = chosen(|| {
            Err(Error::Memory {
                what: "X".into(),
                needed: 9.0,
                available: 1.0,
                remedy: String::new(),
            })
        });
        assert!(large.unwrap().notes[0].starts_with("X does not fit into memory"));
        let error = chosen(|| Err(damaged())).err().unwrap().to_string();
        assert!(error.contains("a block is damaged"), "{error}");
    }

    #[test]
    fn a_column_that_cannot_be_read_hides_no_other() {
        let notes = about_labels(&mut cells(|| Err(damaged())));
        let [unread, labels] = notes.as_slice() else {
            panic!("{notes:?}");
        };
        assert!(
            unread.contains("obs/state") && unread.contains("is damaged"),
            "{unread}"
        );
        let advice =
            "they could be obs/cell type: for example `--labels 'my cells.h5ad:obs/cell type'`";
        assert!(labels.ends_with(advice), "{labels}");
    }
}
