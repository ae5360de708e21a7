//! A session, made of parts; its maps go on for some iterations.
#![no_main]

use disentangle_fuzz::own;

disentangle_fuzz::target!(|data| own::session(data));
