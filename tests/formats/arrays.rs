//! Formats that hold arrays: archives, tensors and sparse matrices, also compressed.
