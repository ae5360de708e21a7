//! A file compressed with gzip, with the right checksum.
#![no_main]

use disentangle_fuzz::{container, inspect};

disentangle_fuzz::target!(|data| inspect("x.gz", &container::gzip(data)));
