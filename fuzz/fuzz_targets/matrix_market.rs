//! Matrix Market.
#![no_main]

use disentangle_fuzz::inspect;

disentangle_fuzz::target!(|data| inspect("x.mtx", data));
