//! Formats that hold typed tables, or arrays in folders: HDF5, AnnData, MATLAB, Parquet and Arrow.
