//! A file compressed with Zstandard.
#![no_main]

use disentangle_fuzz::inspect;

disentangle_fuzz::target!(|data| inspect("x.zst", data));
