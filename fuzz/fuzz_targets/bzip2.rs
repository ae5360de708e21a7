//! A file compressed with bzip2.
#![no_main]

use disentangle_fuzz::inspect;

disentangle_fuzz::target!(|data| inspect("x.bz2", data));
