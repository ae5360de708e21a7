//! MATLAB's files up to version 7: a file as it is, or parts that are compressed.
#![no_main]

use disentangle_fuzz::{container, inspect};

disentangle_fuzz::target!(|data| inspect("x.mat", &container::matlab(data)));
