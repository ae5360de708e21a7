//! NumPy's .npy, as features and as a map.
#![no_main]

use disentangle_fuzz::own;

disentangle_fuzz::target!(|data| own::array(data));
