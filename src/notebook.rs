//! The crate in a notebook: one-liners, and values that show themselves.
//!
//! In: a cell of evcxr, the Rust REPL and Jupyter kernel (docs/notebook.md). Out: what the last value of the
//! cell is, as text with colors for a terminal and as HTML for front ends that take it. The methods here
//! call the rest of the crate with its usual options, on all cores, and compute nothing themselves. While a
//! long call runs in the REPL, the terminal shows how far it is.
//!
//! A value implements `Show`: it says what it consists of (`Content`: paragraphs, tables, a map), and
//! `text.rs` and `html.rs` write that. Nothing is wider or higher than the screen.

mod brief;
mod comparison;
mod data;
mod diagnosis;
mod display;
mod html;
mod live;
mod map;
mod report;
mod screen;
mod show;
mod text;
#[cfg(feature = "tui")]
mod watch;

pub use comparison::compare;
pub use data::{load, load_study};
pub use map::{Map, Saved, Tsne};
#[cfg(feature = "tui")]
pub use watch::Watched;
