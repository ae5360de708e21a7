//! Safetensors: a file as it is, or a header in JSON, to which the length is added.
#![no_main]

use disentangle_fuzz::{container, inspect};

disentangle_fuzz::target!(|data| inspect("x.safetensors", &container::safetensors(data)));
