//! t-SNE by steps.
