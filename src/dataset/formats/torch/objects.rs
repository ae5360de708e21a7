//! The arrays among the objects of a pickle: tensors, NumPy arrays and lists of plain values, also
//! within dictionaries and lists.
//!
//! In: a tree of names and values. Out: columns, and where the values of each are. What is not among
//! the known names here is refused under its own name.

use super::numpy;
use super::pickle::{Call, Id, Node, Problem, SAVE_AGAIN, Tree};
use super::plain::plain;
use super::source::Source;
use super::tensor::Tensor;
use crate::dataset::column::{Column, ColumnKind, Values};
use crate::dataset::formats::array::{Header, ItemKind};

/// Most arrays that a file may hold.
const MOST_COLUMNS: usize = 10_000;
/// Calls within calls that are followed.
const DEEPEST: usize = 8;
/// So many vectors are more likely the rows of one array than arrays of their own.
const ROWS: usize = 3;

/// What a file holds.
#[derive(Default)]
pub(super) struct Found<'a> {
    pub(super) columns: Vec<Column>,
    pub(super) sources: Vec<Source<'a>>,
    /// Whether it is a single array.
    pub(super) is_array: bool,
    /// Whether it is a pair of features and labels, which then have these names.
    pub(super) is_pair: bool,
}

impl<'a> Found<'a> {
    /// The arrays of a tree.
    ///
    /// # Errors
    /// Why the file holds no arrays.
    pub(super) fn of(tree: &Tree<'a>) -> Result<Self, Problem> {
        let mut found = Self::default();
        if let Some(array) = array(tree, tree.root, 0) {
            found.is_array = true;
            found.push("array", Ok(array?));
            return Ok(found);
        }
        let Some(entries) = entries(tree, tree.root) else {
            let remedy = "save a tensor, or a dictionary of tensors, with torch.save";
            return Err(("it holds a single value".into(), remedy.into()));
        };
        refuse_rows(tree, &entries)?;
        for (name, id) in entries {
            if let Some(array) = array(tree, id, 0) {
                found.push(&name, array);
                continue;
            }
            for (inner, id) in self::entries(tree, id).unwrap_or_default() {
                if let Some(array) = array(tree, id, 0) {
                    found.push(&format!("{name}/{inner}"), array);
                }
                if found.columns.len() > MOST_COLUMNS {
                    let problem = format!("it holds more than {MOST_COLUMNS} arrays");
                    return Err((problem, "save those that are wanted with torch.save".into()));
                }
            }
        }
        if tree.is_spent() {
            let problem = "its lists name the same lists again and again";
            return Err((problem.into(), "save arrays or tensors".into()));
        }
        found.is_pair = tree.items(tree.root).is_some() && found.has_pair();
        if found.is_pair {
            found.columns[0].name = "features".into();
            found.columns[1].name = "labels".into();
        }
        Ok(found)
    }

    /// Whether there are rows of numbers, and one whole number or text for each of them.
    fn has_pair(&self) -> bool {
        use ItemKind::{Bool, Int, Uint, Unicode};
        let ([rows, values], [_, source]) = (self.columns.as_slice(), self.sources.as_slice())
        else {
            return false;
        };
        let are_labels = match source {
            Source::Tensor(Tensor { header, .. }) | Source::Array(header, _) => {
                matches!(header.kind, Bool | Int | Uint | Unicode)
            }
            Source::Plain(values) => !matches!(values, Values::Matrix(_)),
            Source::Refused => false,
        };
        are_labels && rows.is_matrix() && values.shape == rows.shape[..1]
    }

    /// Adds an array, or why there is none.
    fn push(&mut self, name: &str, array: Result<Source<'a>, Problem>) {
        let source = array.unwrap_or_else(|(problem, remedy)| {
            let header = Header::refused("unreadable", problem, &remedy);
            self.columns.push(header.column(name));
            Source::Refused
        });
        match &source {
            Source::Tensor(Tensor { header, .. }) | Source::Array(header, _) => {
                self.columns.push(header.column(name));
            }
            Source::Plain(values) => self.columns.push(column_of_list(name, values)),
            Source::Refused => {}
        }
        self.sources.push(source);
    }
}

fn column_of_list(name: &str, values: &Values) -> Column {
    let (kind, what) = match values {
        Values::Integers(_) => (ColumnKind::Number, "whole numbers"),
        Values::Truths(_) => (ColumnKind::Number, "booleans"),
        Values::Text(_) => (ColumnKind::Text, "texts"),
        Values::Matrix(_) => (ColumnKind::Number, "numbers"),
    };
    let mut shape = vec![values.rows()];
    if let Values::Matrix(matrix) = values
        && matrix.columns() > 1
    {
        shape.push(matrix.columns());
    }
    let sizes: Vec<String> = shape.iter().map(ToString::to_string).collect();
    Column {
        name: name.into(),
        kind,
        shape,
        description: format!("list of {} {what}", sizes.join(" × ")),
        refusal: None,
    }
}

/// Refuses a list of vectors, which are probably the rows of one array.
fn refuse_rows(tree: &Tree<'_>, entries: &[(String, Id)]) -> Result<(), Problem> {
    if tree.items(tree.root).is_none() || entries.len() < ROWS {
        return Ok(());
    }
    let length = |(_, id): &(String, Id)| match array(tree, *id, 0)? {
        Ok(Source::Tensor(tensor)) if tensor.header.shape.len() == 1 => {
            Some(tensor.header.shape[0])
        }
        _ => None,
    };
    match length(&entries[0]) {
        Some(first) if entries.iter().all(|entry| length(entry) == Some(first)) => Err((
            format!(
                "it holds a list of {} tensors of {first} numbers",
                entries.len()
            ),
            "if they are the samples, save `torch.stack(list)` as one tensor".into(),
        )),
        _ => Ok(()),
    }
}

/// The members of a dictionary, list or tuple, by name or number.
fn entries(tree: &Tree<'_>, id: Id) -> Option<Vec<(String, Id)>> {
    let pairs = match (tree.node(id), tree.call(id)) {
        (Node::Dictionary(pairs), _) => pairs,
        (_, Some(("collections", "OrderedDict" | "defaultdict", call))) => &call.entries,
        _ => {
            let items = tree.items(id)?;
            tree.spend(items.len())?;
            let numbered = items.iter().enumerate();
            return Some(numbered.map(|(i, &id)| (i.to_string(), id)).collect());
        }
    };
    let name = |id: Id| match tree.node(id) {
        Node::Text(text) => Some((*text).to_owned()),
        Node::Integer(number) => Some(number.to_string()),
        _ => None,
    };
    tree.spend(pairs.len())?;
    let named = pairs.iter();
    Some(
        named
            .filter_map(|&(key, value)| Some((name(key)?, value)))
            .collect(),
    )
}

/// An array, or why it cannot be used; `None` for a container or a plain value.
fn array<'a>(tree: &Tree<'a>, id: Id, depth: usize) -> Option<Result<Source<'a>, Problem>> {
    if let Node::Outside(_) = tree.node(id) {
        let problem = "it is a storage, which has no shape";
        return Some(Err((
            problem.into(),
            "save a tensor with torch.save".into(),
        )));
    }
    if tree.items(id).is_some() {
        return plain(tree, id).map(|values| Ok(Source::Plain(values)));
    }
    let (module, name, call) = tree.call(id)?;
    made_by(tree, (module, name), call.arguments, Some(call), depth)
}

/// What a known function makes of its arguments.
fn made_by<'a>(
    tree: &Tree<'a>,
    function: (&str, &str),
    arguments: Id,
    call: Option<&Call>,
    depth: usize,
) -> Option<Result<Source<'a>, Problem>> {
    let given = tree.items(arguments).unwrap_or_default();
    let damaged = || {
        let problem = format!("the arguments of {} do not fit", function.1);
        Some(Err((problem, SAVE_AGAIN.into())))
    };
    let refuse = |problem: &str, method: &str| {
        let remedy = format!("save `tensor.{method}()` with torch.save");
        Some(Err((problem.into(), remedy)))
    };
    match function {
        ("torch._utils", name @ ("_rebuild_tensor" | "_rebuild_tensor_v2" | "_rebuild_tensor_v3")) => {
            Some(Tensor::of(tree, given, name.ends_with('3')).map(Source::Tensor))
        }
        ("torch._utils", "_rebuild_parameter" | "_rebuild_parameter_with_state") => {
            let &[inner, ..] = given else {
                return damaged();
            };
            let inner = (depth < DEEPEST).then(|| array(tree, inner, depth + 1));
            inner.flatten().or_else(damaged)
        }
        ("torch._tensor", "_rebuild_from_type_v2") => {
            let (&[inner, _, arguments, _], true) = (given, depth < DEEPEST) else {
                return damaged();
            };
            match *tree.node(inner) {
                Node::Global(module, name) => {
                    made_by(tree, (module, name), arguments, None, depth + 1)
                }
                _ => damaged(),
            }
        }
        ("torch._utils", "_rebuild_sparse_tensor") => refuse("it is a sparse tensor", "to_dense"),
        ("torch._utils", "_rebuild_qtensor") => refuse("it is a quantized tensor", "dequantize"),
        ("numpy.core.multiarray" | "numpy._core.multiarray", "_reconstruct") => {
            let state = call.and_then(|call| tree.items(call.state?));
            let Some(&[.., shape, dtype, fortran, data]) = state else {
                return damaged();
            };
            let fortran = matches!(tree.node(fortran), Node::Truth(true));
            Some(numpy::array(tree, [shape, dtype, data], fortran))
        }
        ("numpy.core.numeric" | "numpy._core.numeric", "_frombuffer") => {
            let &[data, dtype, shape, order] = given else {
                return damaged();
            };
            let fortran = tree.text(order) == Some("F");
            Some(numpy::array(tree, [shape, dtype, data], fortran))
        }
        // Containers and plain values.
        ("collections", "OrderedDict" | "defaultdict")
        | ("torch", "Size" | "device")
        | ("numpy.core.multiarray" | "numpy._core.multiarray", "scalar") => None,
        (module, name) => Some(Err((
            format!(
                "it is created by {module}.{name}, which is never called, because it could run \
                 any code"
            ),
            "save tensors with torch.save; for a model, use `torch.save(model.state_dict(), \"state.pt\")`"
                .into(),
        ))),
    }
}
