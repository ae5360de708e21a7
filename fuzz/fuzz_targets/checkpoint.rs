//! A checkpoint, made of parts; its map goes on for some iterations.
#![no_main]

use disentangle_fuzz::own;

disentangle_fuzz::target!(|data| own::checkpoint(data));
