//! What a report consists of, from top to bottom, whatever it is written as.
//!
//! Texts are plain: each writer escapes all of them.

use crate::statistics::Estimate;

/// A part of the report.
pub(super) enum Block {
    /// A heading of level 2 to 4.
    Heading { level: u8, text: String },
    /// A paragraph.
    Text(String),
    /// A paragraph in small print.
    Note(String),
    /// Sentences, each with what it is about.
    List(Vec<Item>),
    /// Terms and what they mean.
    Terms(Vec<(String, String)>),
    /// A table.
    Table(Table),
    /// Shares of classes among classes.
    Heat(Heat),
    /// One large map.
    Map(MapFigure),
    /// Small maps side by side.
    Strip(Vec<MapFigure>),
    /// Statistics from layer to layer.
    Curve(Curve),
    /// A picture made of characters: what it shows, and its lines.
    Drawn(String, Vec<String>),
    /// A line to be typed.
    Command(String),
}

/// A sentence.
pub(super) struct Item {
    /// What it is about, in a word.
    pub(super) about: String,
    pub(super) text: String,
}

/// A table.
#[derive(Default)]
pub(super) struct Table {
    pub(super) caption: String,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Row>,
    /// A row below all others, which is never sorted.
    pub(super) last: Option<Row>,
}

/// A column.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) is_number: bool,
}

/// A row; its first cell names it.
pub(super) struct Row {
    pub(super) cells: Vec<Cell>,
    /// The class that it is about.
    pub(super) class: Option<usize>,
}

/// A cell.
pub(super) struct Cell {
    pub(super) text: String,
    /// What the row is sorted by, where the text is a number.
    pub(super) value: Option<f64>,
    pub(super) look: Look,
}

/// What is drawn beside the text of a cell.
#[derive(Clone, Copy)]
pub(super) enum Look {
    Plain,
    /// The mark of a class.
    Class(usize),
    /// A dot with its interval on an axis.
    Interval {
        estimate: Estimate,
        axis: (f64, f64),
        /// A value to compare with: chance.
        reference: Option<f64>,
    },
}

/// A table of shares, each row of a class.
pub(super) struct Heat {
    pub(super) caption: String,
    pub(super) labels: Vec<String>,
    pub(super) rows: Vec<Vec<HeatCell>>,
}

/// A share.
pub(super) struct HeatCell {
    pub(super) share: f64,
    pub(super) is_marked: bool,
    /// The cell in a sentence.
    pub(super) title: String,
}

/// A map: which one, and what is written below it.
pub(super) struct MapFigure {
    /// Its place in the document's sets.
    pub(super) set: usize,
    /// Its place in that set's maps with other perplexities, if it is one of these.
    pub(super) other: Option<usize>,
    pub(super) title: String,
    pub(super) caption: String,
}

/// Statistics from layer to layer, as shares.
pub(super) struct Curve {
    pub(super) title: String,
    pub(super) layers: Vec<String>,
    pub(super) lines: Vec<Line>,
}

/// One statistic.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) values: Vec<Option<Estimate>>,
}

impl Column {
    pub(super) fn text(name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            name,
            is_number: false,
        }
    }

    pub(super) fn number(name: impl Into<String>) -> Self {
        Self {
            is_number: true,
            ..Self::text(name)
        }
    }
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            value: None,
            look: Look::Plain,
        }
    }

    pub(super) fn number(text: impl Into<String>, value: Option<f64>) -> Self {
        Self {
            value: value.filter(|v| v.is_finite()),
            ..Self::text(text)
        }
    }

    pub(super) fn count(count: usize) -> Self {
        Self::number(crate::text::count(count), Some(count as f64))
    }

    pub(super) fn class(name: &str, class: usize) -> Self {
        Self {
            look: Look::Class(class),
            ..Self::text(name)
        }
    }

    /// The same with a dot and its interval on an axis.
    pub(super) fn drawn(
        self,
        estimate: Option<Estimate>,
        axis: (f64, f64),
        reference: Option<f64>,
    ) -> Self {
        let look = estimate.map_or(Look::Plain, |estimate| Look::Interval {
            estimate,
            axis,
            reference,
        });
        Self { look, ..self }
    }
}

impl Row {
    pub(super) fn new(cells: Vec<Cell>) -> Self {
        Self { cells, class: None }
    }

    pub(super) fn of_class(class: usize, cells: Vec<Cell>) -> Self {
        Self {
            cells,
            class: Some(class),
        }
    }
}

impl Item {
    pub(super) fn new(about: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            about: about.into(),
            text: text.into(),
        }
    }
}
