//! Tensors within a pickle: a type, a shape and steps through a storage that is kept outside.

use std::borrow::Cow;

use ndarray::{ArrayViewD, IxDyn, ShapeBuilder as _};

use super::pickle::{Id, Node, Problem, SAVE_AGAIN, Tree};
use crate::dataset::bounded::check_memory;
use crate::dataset::compression::is_suspicious;
use crate::dataset::formats::array::{Header, ItemKind};
use crate::error::{Error, Result};

/// A view of a storage.
pub(super) struct Tensor<'a> {
    pub(super) header: Header,
    /// The storage's name.
    pub(super) key: &'a str,
    /// Items before the first one.
    offset: usize,
    /// Items from one to the next along each axis.
    strides: Vec<usize>,
}

impl<'a> Tensor<'a> {
    /// The tensor of the arguments: storage, offset, sizes and strides; `typed` if the type is one
    /// of them, too.
    pub(super) fn of(tree: &Tree<'a>, given: &[Id], typed: bool) -> Result<Self, Problem> {
        let damaged = || ("its parts do not fit".to_owned(), SAVE_AGAIN.to_owned());
        let &[storage, offset, sizes, strides, ..] = given else {
            return Err(damaged());
        };
        let (stored, key) = storage_of(tree, storage).ok_or_else(damaged)?;
        let kind = if typed {
            given.get(6).and_then(|&id| match *tree.node(id) {
                Node::Global("torch", name) => Some(name),
                _ => None,
            })
        } else {
            stored.strip_suffix("Storage")
        };
        let kind = kind.ok_or_else(damaged)?;
        let Some((kind, item)) = item(kind) else {
            return Err((
                format!("tensors of the type {kind} are not supported"),
                "save `tensor.float()` with torch.save".into(),
            ));
        };
        // Views of complex numbers are negated when they are used.
        if given.iter().any(|&id| is_negated(tree, id)) {
            let remedy = "save `tensor.resolve_neg()` with torch.save";
            return Err(("it is negated only by a flag".into(), remedy.into()));
        }
        let numbers = |id: Id| -> Option<Vec<usize>> {
            tree.items(id)?.iter().map(|&id| tree.size(id)).collect()
        };
        let (Some(shape), Some(strides)) = (numbers(sizes), numbers(strides)) else {
            return Err(damaged());
        };
        let mut header = Header::of(kind, item, shape);
        header.bytes = header.checked_bytes().ok_or_else(damaged)?;
        if strides.len() != header.shape.len() {
            return Err(damaged());
        }
        Ok(Self {
            offset: tree.size(offset).ok_or_else(damaged)?,
            header,
            key,
            strides,
        })
    }

    /// Whether the items follow each other in the storage.
    fn is_contiguous(&self) -> bool {
        let mut expected = 1;
        let axes = self.header.shape.iter().zip(&self.strides).rev();
        axes.filter(|&(&size, _)| size != 1)
            .all(|(&size, &stride)| {
                let fits = stride == expected;
                expected *= size;
                fits
            })
    }

    /// The bytes of the values one after the other.
    pub(super) fn values<'s>(&self, storage: &'s [u8], place: &str) -> Result<Cow<'s, [u8]>> {
        let outside = || {
            let problem = "its values lie outside of its storage: the file is damaged or truncated";
            Error::input(place, problem, SAVE_AGAIN)
        };
        let (bytes, item) = (self.header.bytes as usize, self.header.item);
        if bytes == 0 {
            return Ok(Cow::Borrowed(&[]));
        }
        let start = self.offset.checked_mul(item).ok_or_else(outside)?;
        let storage = storage.get(start..).ok_or_else(outside)?;
        if self.is_contiguous() {
            return storage.get(..bytes).map(Cow::Borrowed).ok_or_else(outside);
        }
        if is_suspicious(storage.len() as u64, self.header.bytes) {
            let problem = format!(
                "it is an expanded tensor: {} bytes repeated to {bytes}",
                storage.len()
            );
            return Err(Error::input(place, problem, "save `tensor.contiguous()`"));
        }
        check_memory(place, self.header.bytes)?;
        // The bytes of an item are a further axis.
        let mut strides = Vec::with_capacity(self.strides.len() + 1);
        for &stride in &self.strides {
            strides.push(stride.checked_mul(item).ok_or_else(outside)?);
        }
        strides.push(1);
        let shape = [self.header.shape.as_slice(), &[item]].concat();
        let shape = IxDyn(&shape).strides(IxDyn(&strides));
        let view = ArrayViewD::from_shape(shape, storage).map_err(|_| outside())?;
        Ok(Cow::Owned(view.iter().copied().collect()))
    }
}

/// The type and name of a storage: ("storage", type, name, device, number of items).
fn storage_of<'a>(tree: &Tree<'a>, id: Id) -> Option<(&'a str, &'a str)> {
    let Node::Outside(description) = *tree.node(id) else {
        return None;
    };
    let &[kind, class, key, _, _, ref view @ ..] = tree.items(description)? else {
        return None;
    };
    // Files of early versions have storages that are parts of others.
    if view
        .iter()
        .any(|&id| !matches!(tree.node(id), Node::Nothing))
    {
        return None;
    }
    match *tree.node(class) {
        Node::Global("torch" | "torch.cuda" | "torch.storage", name)
            if tree.text(kind) == Some("storage") =>
        {
            Some((name, tree.text(key)?))
        }
        _ => None,
    }
}

/// Whether an argument marks the tensor as negated.
fn is_negated(tree: &Tree<'_>, id: Id) -> bool {
    let Node::Dictionary(entries) = tree.node(id) else {
        return false;
    };
    let is_set = |id: Id| matches!(tree.node(id), Node::Truth(true));
    entries
        .iter()
        .any(|&(key, value)| tree.text(key) == Some("neg") && is_set(value))
}

/// The items of a storage's class or of a type, and their bytes.
pub(super) fn item(name: &str) -> Option<(ItemKind, usize)> {
    Some(match name {
        "Bool" | "bool" => (ItemKind::Bool, 1),
        "Char" | "int8" => (ItemKind::Int, 1),
        "Short" | "int16" => (ItemKind::Int, 2),
        "Int" | "int32" => (ItemKind::Int, 4),
        "Long" | "int64" => (ItemKind::Int, 8),
        "Byte" | "uint8" => (ItemKind::Uint, 1),
        "uint16" => (ItemKind::Uint, 2),
        "uint32" => (ItemKind::Uint, 4),
        "uint64" => (ItemKind::Uint, 8),
        "BFloat16" | "bfloat16" => (ItemKind::BFloat, 2),
        "Half" | "float16" => (ItemKind::Float, 2),
        "Float" | "float32" => (ItemKind::Float, 4),
        "Double" | "float64" => (ItemKind::Float, 8),
        _ => return None,
    })
}
