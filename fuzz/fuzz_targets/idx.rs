//! IDX, the format of MNIST.
#![no_main]

use disentangle_fuzz::inspect;

disentangle_fuzz::target!(|data| inspect("x-idx3-ubyte", data));
