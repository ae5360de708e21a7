//! A sparse matrix in an archive, as `scipy.sparse.save_npz` writes it.
//!
//! In: the archive's members. Out: one dense array, if the memory holds it. Entries that occur
//! several times are summed, as SciPy does.

use ndarray::Array2;

use super::Archive;
use crate::dataset::bounded::check_memory;
use crate::dataset::column::{Column, ColumnKind, Matrix, Refusal, Values};
use crate::dataset::formats::entries::check_size;
use crate::dataset::formats::{Reader, array};
use crate::error::{Error, Result};

const SAVE_AGAIN: &str = "save it again with scipy.sparse.save_npz";

/// How the places of the entries are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Places {
    /// `indices` within the rows that `indptr` bounds.
    Rows,
    /// The same by columns.
    Columns,
    /// `row` and `col` of each.
    Pairs,
}

/// A sparse matrix.
pub(super) struct Sparse<'a> {
    pub(super) archive: Archive<'a>,
    pub(super) plan: Plan,
}

/// How the matrix is to be read.
pub(super) struct Plan {
    places: Places,
    shape: (usize, usize),
}

/// How the matrix of an archive is to be read, and its column; `None` if there is no such matrix.
pub(super) fn plan(
    archive: &mut Archive<'_>,
    columns: &[Column],
) -> Result<Option<(Plan, Column)>> {
    let has = |name: &&str| columns.iter().any(|c| c.name == *name);
    if !["format", "shape", "data"].iter().all(has) {
        return Ok(None);
    }
    let format = archive.text("format")?;
    let sizes = archive.whole("shape")?;
    let [rows, width] = *sizes.as_slice() else {
        return Err(archive.wrong("its shape is not two numbers"));
    };
    let mut column = Column {
        name: "array".into(),
        kind: ColumnKind::Number,
        shape: vec![rows, width],
        description: format!("sparse ({format}) {rows} × {width}"),
        refusal: None,
    };
    let (places, needed) = match format.as_str() {
        "csc" => (Places::Columns, ["indices", "indptr"]),
        "coo" => (Places::Pairs, ["row", "col"]),
        _ => (Places::Rows, ["indices", "indptr"]),
    };
    if !["csr", "csc", "coo"].contains(&format.as_str()) {
        column.kind = ColumnKind::Other;
        column.refusal = Some(Refusal {
            problem: format!("sparse matrices of the format {format} are not supported"),
            remedy: "save `matrix.tocsr()` with scipy.sparse.save_npz".into(),
        });
    } else if !needed.iter().all(has) {
        return Err(archive.wrong(&format!("it has no {} or {}", needed[0], needed[1])));
    }
    let shape = (rows, width);
    Ok(Some((Plan { places, shape }, column)))
}

impl Sparse<'_> {
    /// The entries' rows and columns.
    fn places(&mut self) -> Result<(Vec<usize>, Vec<usize>)> {
        if self.plan.places == Places::Pairs {
            return Ok((self.archive.whole("row")?, self.archive.whole("col")?));
        }
        let bounds = self.archive.whole("indptr")?;
        let within = self.archive.whole("indices")?;
        let groups = match self.plan.places {
            Places::Columns => self.plan.shape.1,
            _ => self.plan.shape.0,
        };
        let ascends = bounds.is_sorted() && bounds.first() == Some(&0);
        if bounds.len() != groups.saturating_add(1)
            || !ascends
            || bounds.last() != Some(&within.len())
        {
            return Err(self
                .archive
                .wrong("its indptr does not fit its shape and indices"));
        }
        let mut of = Vec::with_capacity(within.len());
        for (group, pair) in bounds.windows(2).enumerate() {
            of.resize(pair[1], group);
        }
        Ok(match self.plan.places {
            Places::Columns => (within, of),
            _ => (of, within),
        })
    }
}

impl Archive<'_> {
    fn wrong(&self, problem: &str) -> Error {
        Error::input(
            self.file,
            format!("the sparse matrix is damaged: {problem}"),
            SAVE_AGAIN,
        )
    }

    /// The place of a member that is there.
    fn member(&self, name: &str) -> usize {
        let place = format!("{}:{name}", self.file);
        let found = self.members.iter().position(|m| m.place == place);
        found.unwrap_or(self.members.len())
    }

    /// A member that is one text.
    fn text(&mut self, name: &str) -> Result<String> {
        let text = self.read(self.member(name), array::text)?;
        Ok(text.into_iter().next().unwrap_or_default())
    }

    /// A member of whole numbers from 0.
    fn whole(&mut self, name: &str) -> Result<Vec<usize>> {
        let values = self.read(self.member(name), array::values)?;
        let Values::Integers(values) = values else {
            return Err(self.wrong(&format!("its {name} are not whole numbers")));
        };
        let whole = values
            .into_iter()
            .map(|v| usize::try_from(v).ok())
            .collect::<Option<_>>();
        whole.ok_or_else(|| self.wrong(&format!("some of its {name} are below 0")))
    }
}

impl Reader for Sparse<'_> {
    fn matrix(&mut self, _columns: &[usize]) -> Result<Matrix> {
        let (rows, columns) = self.plan.shape;
        let (file, bytes) = (self.archive.file, self.archive.bytes);
        check_size((rows, columns), file, bytes)?;
        // Both as they are computed, and in single precision.
        let items = rows as u64 * columns as u64;
        check_memory(file, items.saturating_mul(12))?;
        let data = self
            .archive
            .read(self.archive.member("data"), array::matrix)?;
        let (row_of, column_of) = self.places()?;
        let entries = data.rows() * data.columns();
        if row_of.len() != entries || column_of.len() != entries {
            return Err(self
                .archive
                .wrong("it does not have one place for each value"));
        }
        let is_single = matches!(data, Matrix::Single(_));
        let mut dense = Array2::<f64>::zeros(self.plan.shape);
        let data = data.into_double();
        for ((value, row), column) in data.iter().zip(row_of).zip(column_of) {
            let Some(cell) = dense.get_mut((row, column)) else {
                return Err(self.archive.wrong("a value lies outside of its shape"));
            };
            *cell += value;
        }
        Ok(if is_single {
            Matrix::Single(dense.mapv(|v| v as f32))
        } else {
            Matrix::Double(dense)
        })
    }

    fn values(&mut self, _column: usize) -> Result<Values> {
        self.matrix(&[]).map(Values::Matrix)
    }
}
