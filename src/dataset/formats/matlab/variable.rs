//! What a variable of a MATLAB file is: its name, class and shape.

use super::element::{Element, Order};
use crate::dataset::formats::typed::{CellType, TypedColumn};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Truth,
    /// Whole numbers of so many bits.
    Signed(u8),
    Unsigned(u8),
    Single,
    Double,
    Text,
    /// An array whose items are arrays.
    Cells,
    Sparse,
    /// Something that is not supported.
    Other(&'static str),
}

pub(super) struct Variable {
    pub(super) name: String,
    pub(super) class: Class,
    pub(super) shape: Vec<usize>,
}

impl Variable {
    /// The variable that begins with these elements.
    pub(super) fn read(elements: &[u8], order: Order) -> Option<Self> {
        Self::split(elements, order).map(|(variable, _)| variable)
    }

    /// The variable that begins with these elements, and those that hold its values.
    pub(super) fn split(elements: &[u8], order: Order) -> Option<(Self, &[u8])> {
        let (flags, rest) = Element::first(elements, order)?;
        let (sizes, rest) = Element::first(rest, order)?;
        let (name, rest) = Element::first(rest, order)?;
        let flags = order.word(flags.bytes);
        let (is_complex, is_logical) = (flags & 0x800 != 0, flags & 0x200 != 0);
        let sizes: Vec<i128> = sizes.numbers(order)?;
        let shape = sizes.iter().map(|&s| usize::try_from(s).ok());
        let class = match flags & 0xff {
            _ if is_complex => Class::Other("complex numbers"),
            1 => Class::Cells,
            2 => Class::Other("structures"),
            4 => Class::Text,
            5 => Class::Sparse,
            6..=15 if is_logical => Class::Truth,
            6 => Class::Double,
            7 => Class::Single,
            class @ 8..=15 => {
                let bits = 8 << ((class - 8) / 2);
                if class % 2 == 0 {
                    Class::Signed(bits)
                } else {
                    Class::Unsigned(bits)
                }
            }
            _ => Class::Other("objects and functions"),
        };
        let variable = Self {
            name: String::from_utf8_lossy(name.bytes).into_owned(),
            class,
            shape: shape.collect::<Option<_>>()?,
        };
        variable.values().map(|_| (variable, rest))
    }

    /// Number of values.
    pub(super) fn values(&self) -> Option<usize> {
        self.shape
            .iter()
            .try_fold(1_usize, |all, &s| all.checked_mul(s))
    }

    /// The text of each row of characters, which are stored column by column.
    pub(super) fn texts(&self, characters: &[char]) -> Option<Vec<String>> {
        let rows = self.shape.first().copied().unwrap_or(0);
        if rows <= 1 && characters.is_empty() {
            return Some(vec![String::new()]);
        }
        if rows == 0 || self.values()? != characters.len() {
            return None;
        }
        let row = |row| characters[row..].iter().step_by(rows).collect::<String>();
        Some((0..rows).map(|r| row(r).trim_end().to_owned()).collect())
    }

    /// The variable as a column. A single row or column is a list.
    pub(super) fn column(&self) -> TypedColumn {
        let (cells, type_name) = match self.class {
            Class::Truth => (CellType::Truth, "bool".into()),
            Class::Signed(bits) => (CellType::Integer, format!("int{bits}")),
            Class::Unsigned(bits) => (CellType::Integer, format!("uint{bits}")),
            Class::Single => (CellType::Float, "float32".into()),
            Class::Double => (CellType::Float, "float64".into()),
            Class::Sparse => (CellType::Float, "sparse float64".into()),
            Class::Text => (CellType::Text, "text".into()),
            Class::Cells => (CellType::Text, "cells".into()),
            Class::Other(what) => {
                let rows = self.shape.first().copied().unwrap_or(0);
                let problem = format!("{what} are not supported");
                return TypedColumn::refused(self.name.clone(), rows, problem);
            }
        };
        let shape = match (self.class, self.shape.as_slice()) {
            (Class::Text, shape) => vec![shape.first().copied().unwrap_or(0).max(1)],
            (Class::Cells, _) => vec![self.values().unwrap_or(0)],
            (Class::Sparse, shape) => shape.to_vec(),
            (_, &[1, n] | &[n, 1]) => vec![n],
            (_, shape) => shape.to_vec(),
        };
        TypedColumn {
            name: self.name.clone(),
            cells,
            is_wide: matches!(
                self.class,
                Class::Double | Class::Sparse | Class::Signed(64) | Class::Unsigned(64)
            ),
            type_name,
            shape,
            refusal: None,
        }
    }
}
