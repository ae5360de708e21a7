//! Lists of plain values within a pickle: labels, names, and vectors as lists of numbers.

use ndarray::Array2;

use super::pickle::{Id, Node, Tree};
use crate::dataset::column::{Matrix, Values};

/// The values of a list or tuple, if all are of one kind; rows of numbers must have one length.
pub(super) fn plain(tree: &Tree<'_>, id: Id) -> Option<Values> {
    let items = tree.items(id)?;
    let within = |&row: &Id| tree.items(row).map_or(0, <[Id]>::len);
    tree.spend(items.len())?;
    tree.spend(items.iter().map(within).sum())?;
    match tree.node(*items.first()?) {
        Node::Text(_) => all(items, |id| tree.text(id).map(str::to_owned)).map(Values::Text),
        Node::Truth(_) => {
            let truth = |id| match tree.node(id) {
                Node::Truth(truth) => Some(*truth),
                _ => None,
            };
            all(items, truth).map(Values::Truths)
        }
        Node::Integer(_) | Node::Float(_) => {
            let integer = |id| match tree.node(id) {
                Node::Integer(value) => Some(*value),
                _ => None,
            };
            let integers = all(items, integer).map(Values::Integers);
            integers.or_else(|| {
                let values = all(items, |id| number(tree, id))?;
                matrix(values, items.len())
            })
        }
        Node::List(_) | Node::Tuple(_) => {
            let width = tree.items(*items.first()?)?.len();
            let mut values = Vec::new();
            for &row in items {
                let row = tree.items(row).filter(|row| row.len() == width)?;
                values.extend(all(row, |id| number(tree, id))?);
            }
            matrix(values, items.len())
        }
        _ => None,
    }
}

fn all<T>(items: &[Id], value: impl Fn(Id) -> Option<T>) -> Option<Vec<T>> {
    items.iter().map(|&id| value(id)).collect()
}

fn number(tree: &Tree<'_>, id: Id) -> Option<f64> {
    match tree.node(id) {
        Node::Integer(value) => Some(*value as f64),
        Node::Float(value) => Some(*value),
        _ => None,
    }
}

fn matrix(values: Vec<f64>, rows: usize) -> Option<Values> {
    if values.is_empty() {
        return None;
    }
    let shape = (rows, values.len() / rows);
    let matrix = Array2::from_shape_vec(shape, values).ok()?;
    Some(Values::Matrix(Matrix::Double(matrix)))
}
