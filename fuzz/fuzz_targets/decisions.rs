//! A file of decisions.
#![no_main]

use disentangle_fuzz::own;

disentangle_fuzz::target!(|data| own::decisions(data));
