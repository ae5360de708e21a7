//! Files of every format as real libraries write them: each is read as the array that it was made of.

#[path = "formats/arrays.rs"]
mod arrays;
#[path = "formats/tables.rs"]
mod tables;
#[path = "formats/text.rs"]
mod text;
