//! Tables of text: as pandas, R, NumPy and others write them.
