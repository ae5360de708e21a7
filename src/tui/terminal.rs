//! The terminal: what it sends, what is written to it, and how it is taken and given back.
//!
//! Nothing here knows what the screen shows.

pub(crate) mod ask;
pub(crate) mod input;
pub(crate) mod line;
mod parser;
pub(crate) mod screen;
pub(crate) mod wire;
