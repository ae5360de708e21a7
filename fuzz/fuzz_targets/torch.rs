//! PyTorch: a file as it is, or an archive made of parts with the right checksums.
#![no_main]

use disentangle_fuzz::{container, inspect};

disentangle_fuzz::target!(|data| inspect("x.pt", &container::torch(data)));
