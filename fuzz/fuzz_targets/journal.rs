//! A journal.
#![no_main]

use disentangle_fuzz::own;

disentangle_fuzz::target!(|data| own::journal(data));
