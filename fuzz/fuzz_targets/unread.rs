//! Files that are not read, which are recognized, and everything else that may be given.
#![no_main]

use disentangle_fuzz::inspect;

disentangle_fuzz::target!(|data| inspect("x", data));
