//! What a value consists of when it shows itself.

use std::borrow::Cow;

use crate::export::Drawing;

/// A value that can show itself.
pub(super) trait Show {
    /// What it shows.
    fn content(&self) -> Content<'_>;
}

/// What is shown, from the top.
pub(super) type Content<'a> = Vec<Block<'a>>;

/// A part of it.
pub(super) enum Block<'a> {
    /// A paragraph.
    Text(Cow<'a, str>),
    /// A remark in dim letters.
    Note(Cow<'a, str>),
    /// A table.
    Table(Table),
    /// A map with its legend.
    Map(Box<Drawing<'a>>),
    /// Lines that are laid out for a width already.
    Lines(Box<dyn Fn(usize) -> String + 'a>),
}

/// A table. The first column stays when there is no room for all.
#[derive(Default)]
pub(super) struct Table {
    /// The line above it.
    pub(super) title: String,
    /// Names of the columns.
    pub(super) head: Vec<String>,
    /// The cells, row by row.
    pub(super) rows: Vec<Vec<Cell>>,
}

/// A cell of a table.
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) ink: Ink,
    /// Numbers stand at the right.
    pub(super) is_number: bool,
}

/// The color of a cell.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Ink {
    Plain,
    /// A share, from 0 to 1.
    Level(f64),
    /// The color of a class.
    Class(usize),
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ink: Ink::Plain,
            is_number: false,
        }
    }

    pub(super) fn number(text: impl Into<String>) -> Self {
        Self {
            is_number: true,
            ..Self::text(text)
        }
    }

    /// The same, colored by a share if there is one.
    pub(super) fn level(self, share: Option<f64>) -> Self {
        let ink = share
            .filter(|s| s.is_finite())
            .map_or(Ink::Plain, Ink::Level);
        Self { ink, ..self }
    }

    /// The same in the color of a class.
    pub(super) fn class(self, class: usize) -> Self {
        let ink = Ink::Class(class);
        Self { ink, ..self }
    }
}
