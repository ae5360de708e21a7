//! The terminal: taking it and giving it back ([`screen`]), what it sends ([`input`]), what is written to
//! it ([`wire`]) and when ([`line`]), and asking it questions ([`ask`]). Where it is: [`device`].
//!
//! Nothing here knows what the screen shows: it draws what a closure hands it and delivers plain input.

pub(crate) mod ask;
pub(crate) mod device;
mod event;
pub(crate) mod input;
pub(crate) mod line;
pub(crate) mod output;
mod parser;
pub(crate) mod screen;
pub(crate) mod wire;
