//! Arrays of plain values in a file's bytes: their type and shape, and how they become columns.
//!
//! In: a header that a format made of its own, and a reader of the bytes that it describes. Out: a
//! column, and its values in row-major order.

use crate::dataset::column::{Column, ColumnKind, Refusal};
use crate::error::Error;

mod values;

pub(super) use values::{Bytes, matrix, text, values};

/// What an array's bytes mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ItemKind {
    Bool,
    Int,
    Uint,
    Float,
    /// The upper half of a float of 32 bits.
    BFloat,
    /// UCS-4 text.
    Unicode,
    /// Byte strings.
    Bytes,
    /// A type that cannot be used; the reason is in [`Header::refusal`].
    Refused,
}

/// The header of an array.
#[derive(Debug, Clone)]
pub(super) struct Header {
    pub(super) kind: ItemKind,
    /// Bytes per item.
    pub(super) item: usize,
    pub(super) big_endian: bool,
    pub(super) fortran: bool,
    pub(super) shape: Vec<usize>,
    /// The name of a type that is refused, for people.
    descr: String,
    pub(super) refusal: Option<Refusal>,
    /// Bytes of the array's values.
    pub(super) bytes: u64,
    /// Bytes before the values in a `.npy` file.
    pub(super) offset: u64,
}

impl Header {
    /// An array of plain values.
    pub(super) fn of(kind: ItemKind, item: usize, shape: Vec<usize>) -> Self {
        Self {
            kind,
            item,
            big_endian: false,
            fortran: false,
            shape,
            descr: String::new(),
            refusal: None,
            bytes: 0,
            offset: 0,
        }
    }

    /// An array of a type that cannot be used.
    pub(super) fn refused(descr: &str, problem: String, remedy: &str) -> Self {
        Self {
            descr: descr.into(),
            refusal: Some(Refusal {
                problem,
                remedy: remedy.into(),
            }),
            ..Self::of(ItemKind::Refused, 1, Vec::new())
        }
    }

    /// Bytes of the values, unless there are more than any memory holds.
    pub(super) fn checked_bytes(&self) -> Option<u64> {
        let item = self.item as u64;
        let bytes = (self.shape.iter()).try_fold(item, |all, &s| all.checked_mul(s as u64))?;
        isize::try_from(bytes).is_ok().then_some(bytes)
    }

    /// Whether the items are numbers or truth values.
    pub(super) fn is_number(&self) -> bool {
        use ItemKind::{BFloat, Bool, Float, Int, Uint};
        matches!(self.kind, Bool | Int | Uint | Float | BFloat)
    }

    /// Number of items.
    fn items(&self) -> usize {
        self.shape.iter().product()
    }

    /// The array as a column of this name.
    pub(super) fn column(&self, name: &str) -> Column {
        Column {
            name: name.into(),
            kind: match self.kind {
                ItemKind::Unicode | ItemKind::Bytes => ColumnKind::Text,
                ItemKind::Refused => ColumnKind::Other,
                _ => ColumnKind::Number,
            },
            shape: self.shape.clone(),
            description: self.describe(),
            refusal: self.refusal.clone(),
        }
    }

    /// "float32 1797 × 64", for people.
    pub(super) fn describe(&self) -> String {
        let name = match self.kind {
            ItemKind::Bool => "bool".into(),
            ItemKind::Int => format!("int{}", 8 * self.item),
            ItemKind::Uint => format!("uint{}", 8 * self.item),
            ItemKind::Float => format!("float{}", 8 * self.item),
            ItemKind::BFloat => "bfloat16".into(),
            ItemKind::Unicode => "text".into(),
            ItemKind::Bytes => "byte text".into(),
            ItemKind::Refused => self.descr.clone(),
        };
        let shape: Vec<String> = self.shape.iter().map(ToString::to_string).collect();
        if shape.is_empty() && self.kind == ItemKind::Refused {
            name
        } else if shape.is_empty() {
            format!("{name} scalar")
        } else {
            format!("{name} {}", shape.join(" × "))
        }
    }
}

/// A failure to read the values.
pub(super) fn reading(file: &str, source: &std::io::Error) -> Error {
    Error::input(
        file,
        format!("the values cannot be read ({source})"),
        "the file is damaged or truncated; save or copy it again",
    )
}
