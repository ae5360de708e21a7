//! Files of every format as real libraries write them: each is read as the array that it was made of.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

#[path = "formats/arrays.rs"]
mod arrays;
mod common;
#[path = "formats/damage.rs"]
mod damage;
#[cfg(feature = "hdf5")]
#[path = "formats/folders.rs"]
mod folders;
#[path = "formats/foreign.rs"]
mod foreign;
#[path = "formats/large.rs"]
mod large;
#[path = "formats/tables.rs"]
mod tables;
#[path = "formats/text.rs"]
mod text;
#[cfg(feature = "hdf5")]
#[path = "formats/unnamed.rs"]
mod unnamed;
