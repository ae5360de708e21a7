//! The command line of `disentangle inspect`, with the files that it names.
#![no_main]

use disentangle_fuzz::own;

disentangle_fuzz::target!(|data| own::command_line(data));
