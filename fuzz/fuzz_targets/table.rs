//! Tables as text: CSV, TSV, other delimiters and encodings, and Orange's.
#![no_main]

use disentangle_fuzz::inspect;

disentangle_fuzz::target!(|data| inspect("x.csv", data));
