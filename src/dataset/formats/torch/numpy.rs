//! NumPy's arrays within a pickle.

use std::borrow::Cow;

use super::pickle::{Id, Node, Problem, SAVE_AGAIN, Tree};
use super::plain::plain;
use super::source::Source;
use crate::dataset::formats::array::Header;
use crate::dataset::formats::npy;

/// The array of a shape, a type and its values.
pub(super) fn array<'a>(
    tree: &Tree<'a>,
    [shape, dtype, data]: [Id; 3],
    fortran: bool,
) -> Result<Source<'a>, Problem> {
    let damaged = |what: &str| (format!("its {what} cannot be read"), SAVE_AGAIN.to_owned());
    let sizes = tree.items(shape).unwrap_or_default().iter();
    let sizes: Option<Vec<usize>> = sizes.map(|&id| tree.size(id)).collect();
    let shape = sizes.ok_or_else(|| damaged("shape"))?;
    if let Node::List(_) = tree.node(data) {
        // Objects, which may all be plain.
        let values = plain(tree, data).filter(|values| shape == [values.rows()]);
        let remedy = "convert it with `.astype(str)`, or with `np.stack` if it holds arrays";
        return values
            .map(Source::Plain)
            .ok_or_else(|| ("it is an array of objects".into(), remedy.into()));
    }
    let mut header = header(tree, dtype).ok_or_else(|| damaged("type"))?;
    let bytes = bytes(tree, data).ok_or_else(|| damaged("content"))?;
    if let Some(refusal) = header.refusal {
        return Err((refusal.problem, refusal.remedy));
    }
    header.shape = shape;
    header.fortran = fortran;
    if header.checked_bytes() != Some(bytes.len() as u64) {
        return Err(damaged("size"));
    }
    Ok(Source::Array(header, bytes))
}

/// The type: `numpy.dtype("f8", …)` with the byte order in its state.
fn header(tree: &Tree<'_>, dtype: Id) -> Option<Header> {
    let Some(("numpy", "dtype", call)) = tree.call(dtype) else {
        return None;
    };
    let name = tree.text(*tree.items(call.arguments)?.first()?)?;
    let state = call.state.and_then(|id| tree.items(id)).unwrap_or_default();
    let order = state.get(1).and_then(|&id| tree.text(id)).unwrap_or("|");
    // The fields of a structure.
    let fields = state.get(3).map(|&id| tree.node(id));
    if !matches!(fields, None | Some(Node::Nothing)) {
        return None;
    }
    npy::type_of(&format!("{order}{name}"))
}

/// The values; before protocol 3, `_codecs.encode(text, "latin1")`.
fn bytes<'a>(tree: &Tree<'a>, data: Id) -> Option<Cow<'a, [u8]>> {
    if let Node::Bytes(bytes) = tree.node(data) {
        return Some(Cow::Borrowed(bytes));
    }
    let Some(("_codecs", "encode", call)) = tree.call(data) else {
        return None;
    };
    let text = tree.text(*tree.items(call.arguments)?.first()?)?;
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
    bytes.map(Cow::Owned)
}
