//! The config file of the screen.
#![no_main]

use disentangle_fuzz::own;

disentangle_fuzz::target!(|data| own::config(data));
