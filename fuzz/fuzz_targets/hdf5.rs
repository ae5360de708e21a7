//! HDF5, AnnData and MATLAB 7.3, with the checksums of their headers set right.
#![no_main]

use disentangle_fuzz::{hdf5, inspect};

disentangle_fuzz::target!(|data| inspect("x.h5", &hdf5::with_checksums(data)));
