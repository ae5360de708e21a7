//! Which arrays an HDF5 file has, folder by folder.

use std::collections::HashMap;

use hdf5_reader::error::Result;
use hdf5_reader::group::Group;
use hdf5_reader::{CompoundField, Dataset, Datatype, Hdf5File};

use super::array::{Array, Categories, Sparse, kind};
use super::records::Field;
use crate::dataset::formats::typed::{CellType, TypedColumn};

/// Most arrays of a file, and the deepest folder that is looked into.
const MOST_ARRAYS: usize = 10_000;
const DEEPEST: usize = 12;
/// The folders of AnnData that describe samples, the first of them first.
const OF_SAMPLES: [&str; 4] = ["X", "layers", "obsm", "obs"];
/// A sparse matrix may have so many zeros for each value.
const MOST_ZEROS: usize = 4096;

type Found = Vec<(TypedColumn, Array)>;

/// A walk through the folders.
struct Walk {
    is_matlab: bool,
    /// Values that an array can have in a file of this size.
    most_values: usize,
    /// MATLAB's cells, by where they are.
    cells: HashMap<u64, Dataset>,
    found: Found,
}

/// All arrays of a file.
pub(super) fn arrays(file: &Hdf5File, is_matlab: bool, most_values: usize) -> Result<Found> {
    let root = file.root_group()?;
    let mut walk = Walk {
        is_matlab,
        most_values,
        cells: HashMap::new(),
        found: Vec::new(),
    };
    if is_matlab && let Ok(cells) = root.group("#refs#") {
        let cells = cells.datasets()?;
        walk.cells = cells.into_iter().map(|d| (d.address(), d)).collect();
    }
    let (groups, datasets) = root.member_names()?;
    let has = |name: &&str| groups.iter().chain(&datasets).any(|n| n == *name);
    if text_of(&root, "encoding-type").as_deref() == Some("anndata")
        || has(&"obs") && has(&"var") && has(&"X")
    {
        for name in OF_SAMPLES.iter().filter(|name| has(name)) {
            match fields(&root, name, most_values) {
                Some(fields) => walk.found.extend(fields),
                None => walk.member(&root, "", name, 0)?,
            }
        }
    } else {
        walk.folder(&root, "", 0)?;
    }
    Ok(walk.found)
}

/// The fields of an array of records as columns, as older versions of AnnData stored `obs` and `obsm`; `None`
/// if it is something else.
fn fields(root: &Group, name: &str, most_values: usize) -> Option<Found> {
    let records = root.dataset(name).ok()?;
    let Datatype::Compound { size, fields } = records.dtype() else {
        return None;
    };
    let rows = records.shape().first().map_or(1, |&rows| rows as usize);
    if rows > most_values {
        return None;
    }
    let column = |field: &CompoundField| {
        let stem = match field.name.as_str() {
            "index" => "_index",
            name => name,
        };
        let name = format!("{name}/{stem}");
        let categories = format!("{}_categories", field.name);
        let names = root.group("uns").and_then(|g| g.dataset(&categories));
        match Field::of(&records, *size as usize, field) {
            Some(field) => of_field(name, rows, field, names.ok()),
            None => refused(name, rows, "fields of this type are not supported".into()),
        }
    };
    Some(fields.iter().map(column).collect())
}

/// A field as a column, or what its numbers stand for.
fn of_field(
    name: String,
    rows: usize,
    field: Field,
    names: Option<Dataset>,
) -> (TypedColumn, Array) {
    let (cells, bytes, type_name) = match kind(&field.datatype) {
        Ok(kind) => kind,
        Err(what) => return refused(name, rows, format!("{what} are not supported")),
    };
    let shape = match field.count {
        1 => vec![rows],
        count => vec![rows, count],
    };
    let array = Array::Field(Box::new(field));
    if let (Some(names), CellType::Integer) = (names, cells) {
        return categories_of(name, rows, array, names);
    }
    let column = TypedColumn {
        name,
        cells,
        is_wide: bytes == 8,
        type_name,
        shape,
        refusal: None,
    };
    (column, array)
}

/// A text that describes a folder.
fn text_of(group: &Group, name: &str) -> Option<String> {
    group.attribute(name).ok()?.read_string().ok()
}

impl Walk {
    fn folder(&mut self, group: &Group, path: &str, depth: usize) -> Result<()> {
        let (groups, datasets) = group.member_names()?;
        for name in datasets.iter().chain(&groups) {
            // MATLAB and pandas keep what they need for themselves under such names.
            let is_hidden = name.starts_with('#') || name == "__categories";
            if !is_hidden && self.found.len() < MOST_ARRAYS {
                self.member(group, path, name, depth)?;
            }
        }
        Ok(())
    }

    /// Adds an array, or those of a folder.
    fn member(&mut self, group: &Group, path: &str, name: &str, depth: usize) -> Result<()> {
        let full = if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}/{name}")
        };
        if let Ok(folder) = group.group(name) {
            if let Some(found) = self.together(&folder, &full) {
                self.found.push(found);
                return Ok(());
            }
            return if depth < DEEPEST {
                self.folder(&folder, &full, depth + 1)
            } else {
                Ok(())
            };
        }
        let found = match group.dataset(name) {
            Ok(dataset) => self.array(group, full, dataset),
            Err(problem) => refused(full, 0, problem.to_string()),
        };
        self.found.push(found);
        Ok(())
    }

    /// An array on its own.
    fn array(&self, group: &Group, name: String, dataset: Dataset) -> (TypedColumn, Array) {
        let mut shape: Vec<usize> = dataset.shape().iter().map(|&s| s as usize).collect();
        let rows = shape.first().copied().unwrap_or(1);
        let values = shape.iter().try_fold(1_usize, |all, &s| all.checked_mul(s));
        if values.is_none_or(|values| values > self.most_values) {
            let problem = format!(
                "it claims to have the shape {shape:?}, more values than the file can hold"
            );
            return refused(name, rows, problem);
        }
        if self.is_matlab {
            return self.of_matlab(name, dataset);
        }
        // Categories as older versions of AnnData keep them.
        let stem = name.rsplit('/').next().unwrap_or(&name);
        let categories = group.group("__categories").and_then(|g| g.dataset(stem));
        if let Ok(names) = categories {
            return categories_of_codes(name, dataset, names);
        }
        match kind(dataset.dtype()) {
            Ok((cells, bytes, type_name)) => {
                let column = TypedColumn {
                    name,
                    cells,
                    is_wide: bytes == 8,
                    type_name,
                    shape: std::mem::take(&mut shape),
                    refusal: None,
                };
                (column, Array::Plain(dataset))
            }
            Err(what) => refused(name, rows, format!("{what} are not supported")),
        }
    }

    /// An array as MATLAB stores it. A single row or column is a list.
    fn of_matlab(&self, name: String, dataset: Dataset) -> (TypedColumn, Array) {
        let mut shape: Vec<usize> = dataset.shape().iter().rev().map(|&s| s as usize).collect();
        let class = dataset.attribute("MATLAB_class");
        let class = class
            .and_then(|class| class.read_string())
            .unwrap_or_default();
        let is_list = shape.len() == 2 && shape.contains(&1);
        if is_list && class != "char" {
            shape = vec![shape.iter().product()];
        }
        let rows = shape.first().copied().unwrap_or(1);
        let mut column = TypedColumn {
            name,
            cells: CellType::Text,
            is_wide: false,
            type_name: "text".into(),
            shape,
            refusal: None,
        };
        match class.as_str() {
            "char" => {
                column.shape.truncate(1);
                (column, Array::Characters(dataset))
            }
            "cell" => match self.texts(&dataset) {
                Some(texts) => (column, Array::Texts(texts)),
                None => refused(
                    column.name,
                    rows,
                    "cell arrays of anything but text are not supported".into(),
                ),
            },
            _ => match kind(dataset.dtype()) {
                Ok((cells, bytes, type_name)) => {
                    column.cells = if class == "logical" {
                        CellType::Truth
                    } else {
                        cells
                    };
                    column.is_wide = bytes == 8;
                    column.type_name = type_name;
                    (column, Array::Reversed(dataset))
                }
                Err(what) => refused(column.name, rows, format!("{what} are not supported")),
            },
        }
    }

    /// The texts that cells refer to, if all are text.
    fn texts(&self, dataset: &Dataset) -> Option<Vec<Dataset>> {
        let bytes = dataset.read_raw_bytes().ok()?;
        let (addresses, _) = bytes.as_chunks();
        let text = |&address: &[u8; 8]| {
            let text = self.cells.get(&u64::from_le_bytes(address))?;
            let is_small = text.num_elements().ok()? <= self.most_values as u64;
            let class = text.attribute("MATLAB_class").ok()?.read_string().ok()?;
            (class == "char" && is_small).then(|| text.clone())
        };
        addresses.iter().map(text).collect()
    }

    /// The arrays of a folder as one column, if they describe one together.
    fn together(&self, folder: &Group, name: &str) -> Option<(TypedColumn, Array)> {
        let array = |name: &str| {
            let array = folder.dataset(name).ok()?;
            let is_small = array.num_elements().ok()? <= self.most_values as u64;
            is_small.then_some(array)
        };
        let old_form = text_of(folder, "h5sparse_format").map(|f| format!("{f}_matrix"));
        let encoding = text_of(folder, "encoding-type").or(old_form);
        match encoding.as_deref() {
            Some("categorical") => {
                let (codes, names) = (array("codes")?, array("categories")?);
                Some(categories_of_codes(name.into(), codes, names))
            }
            Some(encoding) if encoding.starts_with("nullable-") => {
                let (values, mask) = (array("values")?, array("mask")?);
                let (column, _) = self.array(folder, name.into(), values.clone());
                let is_one_each = values.shape() == mask.shape() && column.refusal.is_none();
                let mask = Box::new(mask);
                is_one_each.then_some((column, Array::Masked { values, mask }))
            }
            Some(encoding @ ("csr_matrix" | "csc_matrix")) => {
                let shape = folder.attribute("shape");
                let shape = shape.or_else(|_| folder.attribute("h5sparse_shape")).ok()?;
                let &[rows, columns] = shape.read_1d::<i64>().ok()?.as_slice() else {
                    return None;
                };
                let sparse = Sparse {
                    values: array("data")?,
                    indices: array("indices")?,
                    starts: array("indptr")?,
                    by_column: encoding == "csc_matrix",
                    rows: usize::try_from(rows).ok()?,
                    columns: usize::try_from(columns).ok()?,
                };
                Some(sparse_of(name, sparse))
            }
            _ if self.is_matlab => {
                let rows = folder.attribute("MATLAB_sparse").ok()?.read_as_f64().ok()?;
                let starts = array("jc")?;
                let sparse = Sparse {
                    values: array("data")?,
                    indices: array("ir")?,
                    by_column: true,
                    rows: rows as usize,
                    columns: starts.num_elements().ok()?.saturating_sub(1) as usize,
                    starts,
                };
                Some(sparse_of(name, sparse))
            }
            _ => None,
        }
    }
}

fn refused(name: String, rows: usize, problem: String) -> (TypedColumn, Array) {
    (TypedColumn::refused(name, rows, problem), Array::None)
}

fn categories_of_codes(name: String, codes: Dataset, names: Dataset) -> (TypedColumn, Array) {
    let rows = codes.shape().first().map_or(0, |&s| s as usize);
    match kind(codes.dtype()) {
        Ok((CellType::Integer, ..)) => categories_of(name, rows, Array::Plain(codes), names),
        _ => refused(name, rows, "its categories cannot be read".into()),
    }
}

/// The texts that whole numbers stand for.
fn categories_of(name: String, rows: usize, codes: Array, names: Dataset) -> (TypedColumn, Array) {
    let Ok((cells, bytes, type_name)) = kind(names.dtype()) else {
        return refused(name, rows, "its categories cannot be read".into());
    };
    let column = TypedColumn {
        name,
        cells,
        is_wide: bytes == 8,
        type_name,
        shape: vec![rows],
        refusal: None,
    };
    (
        column,
        Array::Categories(Box::new(Categories { codes, names })),
    )
}

fn sparse_of(name: &str, sparse: Sparse) -> (TypedColumn, Array) {
    let (rows, columns) = (sparse.rows, sparse.columns);
    let lines = if sparse.by_column { columns } else { rows };
    let starts = sparse.starts.num_elements().unwrap_or(0);
    let values = sparse.values.num_elements().unwrap_or(0) as usize;
    let most = values.saturating_add(lines).saturating_mul(MOST_ZEROS);
    let is_consistent = starts.checked_sub(1) == Some(lines as u64)
        && rows.checked_mul(columns).is_some_and(|all| all <= most);
    let types = [&sparse.values, &sparse.indices, &sparse.starts].map(|d| kind(d.dtype()));
    match types {
        [
            Ok((cells @ (CellType::Integer | CellType::Float | CellType::Truth), bytes, type_name)),
            Ok((CellType::Integer, ..)),
            Ok((CellType::Integer, ..)),
        ] if is_consistent => {
            let column = TypedColumn {
                name: name.into(),
                cells,
                is_wide: bytes == 8,
                type_name: format!("sparse {type_name}"),
                shape: vec![rows, columns],
                refusal: None,
            };
            (column, Array::Sparse(Box::new(sparse)))
        }
        _ => refused(
            name.into(),
            rows,
            "its sparse matrix contradicts itself".into(),
        ),
    }
}
