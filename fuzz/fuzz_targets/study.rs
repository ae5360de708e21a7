//! A study file.
#![no_main]

use disentangle_fuzz::own;

disentangle_fuzz::target!(|data| own::study(data));
