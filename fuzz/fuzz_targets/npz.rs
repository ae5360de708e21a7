//! NumPy's .npz: an archive as it is, or one made of parts with the right checksums.
#![no_main]

use disentangle_fuzz::{container, inspect};

disentangle_fuzz::target!(|data| inspect("x.npz", &container::zip(data, "")));
