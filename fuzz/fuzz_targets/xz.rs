//! A file compressed with xz: the compressed chunks; what stands around them is added.
#![no_main]

use disentangle_fuzz::{container, inspect};

disentangle_fuzz::target!(|data| inspect("x.xz", &container::xz(data)));
