//! What a value consists of when it shows itself.

use std::borrow::Cow;

use crate::export::Drawing;

use super::screen::Screen;

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

/// Writes what the notebook takes for the result of a cell: text, and HTML where no terminal is.
pub(super) fn display(value: &dyn Show) {
    let screen = Screen::detect();
    let mut out = block("text/plain", &super::text::write(value.content(), &screen));
    if !screen.is_terminal {
        out += &block("text/html", &super::html::write(value.content()));
    }
    print(&out);
}

fn block(kind: &str, content: &str) -> String {
    // A name from a file must not end the block.
    let content = content.trim_end_matches('\n').replace("EVCXR_", "EVCXR ");
    format!("EVCXR_BEGIN_CONTENT {kind}\n{content}\nEVCXR_END_CONTENT\n")
}

#[expect(
    clippy::print_stdout,
    reason = "this is how a notebook gets the result of a cell"
)]
fn print(text: &str) {
    print!("{text}");
}

/// Gives types that implement [`Show`] what a notebook and `{}` ask for.
macro_rules! shown {
    ($($kind:ty),+ $(,)?) => {$(
        impl $kind {
            /// Shows the value as the result of a notebook's cell.
            pub fn evcxr_display(&self) {
                $crate::notebook::show::display(self);
            }

            /// What a notebook shows, as HTML: a fragment without scripts and links.
            pub fn to_html(&self) -> String {
                $crate::notebook::html::write($crate::notebook::show::Show::content(self))
            }
        }

        /// What a notebook shows, without colors.
        impl std::fmt::Display for $kind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let screen = $crate::notebook::screen::Screen::plain();
                let content = $crate::notebook::show::Show::content(self);
                f.write_str($crate::notebook::text::write(content, &screen).trim_end())
            }
        }
    )+};
}

pub(super) use shown;
