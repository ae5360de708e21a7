//! Formats that hold typed tables, or arrays in folders: HDF5, AnnData, MATLAB, Parquet and Arrow.
//! The files and what they hold: scripts/make_formats_tables.py.

use std::path::PathBuf;

#[cfg(feature = "parquet")]
use disentangle::dataset::read_bytes;
use disentangle::dataset::{Dataset, ReadOptions, read};

use crate::common::fixture;
use crate::damage::survives_damage;

fn file(name: &str) -> PathBuf {
    fixture(&format!("formats/{name}"))
}

fn data(name: &str) -> Dataset {
    read(file(name), &ReadOptions::default()).unwrap()
}

/// The error of a file that is given for the features.
fn refusal(name: &str) -> String {
    let error = read(file(name), &ReadOptions::default()).unwrap_err();
    error.to_string()
}

/// The labels that a column of a file gives.
fn labels(place: &str) -> Vec<String> {
    let options = ReadOptions {
        labels: Some(file(place)),
        ..ReadOptions::default()
    };
    let data = read(file("tables_f8.npy"), &options).unwrap();
    let labels = data.labels().unwrap();
    let name = |i| labels.class(i).map_or("", |c| labels.names()[c].as_str());
    (0..40).map(|i| name(i).to_owned()).collect()
}

const ANIMALS: [&str; 3] = ["ant", "bee", "cat"];

fn animals() -> Vec<String> {
    (0..40).map(|i| ANIMALS[i * 7 % 3].to_owned()).collect()
}

/// What a file gives as features is what the array file gives.
#[cfg(feature = "parquet")]
fn same_features(name: &str, array: &str) {
    let (data, array) = (data(name), data(array));
    assert_eq!(data.features(), array.features(), "{name}");
}

#[cfg(feature = "parquet")]
mod parquet {
    use disentangle::ndarray::s;

    use super::*;

    const PACKED: [&str; 5] = ["none", "snappy", "gzip", "zstd", "lz4"];

    fn the_table_of_pandas(name: &str) {
        let column = |name: &str, column: &str| labels(&format!("{name}:{column}"));
        assert_eq!(column(name, "label"), animals(), "{name}");
        assert_eq!(column(name, "site")[..5], ["s0", "s1", "s2", "", "s0"]);
        let days = column(name, "day");
        assert_eq!(days[..3], ["2026-01-30", "2026-01-31", "2026-02-01"]);
        assert_eq!(column(name, "kept")[..3], ["true", "false", "true"]);
        assert_eq!(column(name, "batch")[8..12], ["0", "0", "1", "1"]);
    }

    fn the_table_with_empty_cells(name: &str) {
        let column = |column: &str| labels(&format!("{name}:{column}"));
        assert_eq!(column("whole")[..4], ["0", "1", "", "3"], "{name}");
        assert_eq!(column("truth")[..4], ["true", "false", "", "false"]);
        assert_eq!(column("text")[..4], ["t0", "t1", "", "t0"]);
        assert_eq!(column("tiny")[..2], ["-20", "-19"]);
        assert_eq!(column("large")[1], "1152921504606846977");
    }

    #[test]
    fn vectors_are_the_array() {
        for name in ["vectors_fixed.parquet", "vectors_lists.parquet"] {
            same_features(name, "tables_f4.npy");
            assert_eq!(labels(&format!("{name}:label")), animals(), "{name}");
        }
    }

    #[test]
    fn every_compression_gives_the_same_table() {
        for packing in PACKED {
            let name = format!("pandas_{packing}.parquet");
            the_table_of_pandas(&name);
        }
    }

    /// A table is read as its text form is: the same features, labels and other columns.
    #[test]
    fn a_table_of_pandas_is_read_as_its_csv_is() {
        let csv = data("tables.csv");
        for name in ["pandas_snappy.parquet", "pandas_zstd.feather"] {
            let data = data(name);
            assert_eq!(data.features(), csv.features(), "{name}");
            assert_eq!(data.labels(), csv.labels(), "{name}");
            assert_eq!(data.ids(), csv.ids(), "{name}");
            let names = |data: &Dataset| -> Vec<String> {
                data.metadata().iter().map(|m| m.name.clone()).collect()
            };
            assert_eq!(names(&data), names(&csv), "{name}");
        }
    }

    #[test]
    fn empty_cells_are_missing_and_numbers_keep_their_digits() {
        for name in ["nulls_v2.parquet", "nulls_delta.parquet"] {
            the_table_with_empty_cells(name);
        }
    }

    /// One column in several encodings, in pages of few values.
    #[test]
    fn every_encoding_gives_the_same_values() {
        for version in 1..=2 {
            let name = format!("encodings_v{version}.parquet");
            let of = |kind: &str, encodings: &[&str], expected: &dyn Fn(usize) -> String| {
                let expected: Vec<String> = (0..40).map(expected).collect();
                for encoding in encodings {
                    let column = format!("{name}:{kind} {encoding}");
                    assert_eq!(labels(&column), expected, "{column}");
                }
            };
            let or_missing = |i: usize, value: String| match i % 7 {
                3 => String::new(),
                _ => value,
            };
            let numbers = [
                "PLAIN",
                "RLE_DICTIONARY",
                "BYTE_STREAM_SPLIT",
                "DELTA_BINARY_PACKED",
            ];
            of("int", &numbers, &|i| (i as i64 * 37 % 11 - 5).to_string());
            of("long", &numbers, &|i| {
                or_missing(i, ((i * i) as i64 - (1 << 40)).to_string())
            });
            let texts = [
                "PLAIN",
                "RLE_DICTIONARY",
                "DELTA_LENGTH_BYTE_ARRAY",
                "DELTA_BYTE_ARRAY",
            ];
            of("text", &texts, &|i| {
                or_missing(i, format!("t{}", i * 5 % 13).repeat(i % 3) + ".")
            });
            of("truth", &["PLAIN", "RLE"], &|i| {
                or_missing(i, (i % 3 == 0).to_string())
            });
            let array = data("tables_f8.npy");
            for column in ["single", "double"].iter().flat_map(|kind| {
                let encodings = numbers[..3].iter();
                encodings.map(move |encoding| format!("{kind} {encoding}"))
            }) {
                let options = ReadOptions {
                    feature_columns: vec![column.clone()],
                    ..ReadOptions::default()
                };
                let data = read(file(&name), &options).unwrap();
                let expected = array.features().slice_move(s![.., ..1]);
                assert_eq!(data.features(), expected, "{name}:{column}");
            }
        }
    }

    #[test]
    fn arrow_files_and_streams_hold_the_same() {
        for name in [
            "vectors_fixed.feather",
            "vectors_fixed.arrows",
            "vectors_lists.arrows",
        ] {
            same_features(name, "tables_f4.npy");
            assert_eq!(labels(&format!("{name}:label")), animals(), "{name}");
        }
        for packing in ["uncompressed", "lz4", "zstd"] {
            the_table_of_pandas(&format!("pandas_{packing}.feather"));
        }
        let name = "nulls.arrows";
        the_table_with_empty_cells(name);
        for column in ["view", "large_text"] {
            assert_eq!(
                labels(&format!("{name}:{column}"))[..4],
                ["t0", "t1", "", "t0"]
            );
        }
        let long = labels(&format!("{name}:long"));
        assert_eq!(long[1], "a text of more than twelve bytes, 1");
        assert_eq!(labels(&format!("{name}:cents"))[..3], ["0", "1", "2"]);
        assert_eq!(labels(&format!("{name}:last"))[37..], ["l1", "l2", "l0"]);
    }

    #[test]
    fn maps_and_selections_are_written_with_their_types() {
        use disentangle::export::{map_to_parquet, samples_to_parquet};
        let options = ReadOptions {
            labels: Some(file("vectors_fixed.parquet:label")),
            ids: Some(file("pandas_zstd.parquet:__index_level_0__")),
            ..ReadOptions::default()
        };
        let data = read(file("tables_f4.npy"), &options).unwrap();
        let positions: Vec<[f32; 2]> = (0..40).map(|i| [i as f32 / 3.0, -1.5]).collect();
        let map = map_to_parquet(&positions, &data).unwrap();
        let again = read_bytes("map.parquet", &map, &ReadOptions::default()).unwrap();
        assert_eq!(again.features().row(7).to_vec(), [7.0 / 3.0, -1.5]);
        assert_eq!(again.labels(), data.labels());
        assert_eq!(again.ids(), data.ids());
        let some = samples_to_parquet(&data, &[3, 5, 99]).unwrap();
        assert!(some.starts_with(b"PAR1") && some.ends_with(b"PAR1"));
    }

    #[test]
    fn damage_is_survived() {
        for packing in PACKED {
            damaged(&format!("pandas_{packing}.parquet"));
        }
        for packing in ["uncompressed", "lz4", "zstd"] {
            damaged(&format!("pandas_{packing}.feather"));
        }
        for name in ["vectors_fixed", "vectors_lists", "nulls", "endless_lists"] {
            damaged(&format!("{name}.arrows"));
        }
        for name in [
            "nulls_v2",
            "nulls_delta",
            "vectors_fixed",
            "vectors_lists",
            "encodings_v1",
            "encodings_v2",
        ] {
            damaged(&format!("{name}.parquet"));
        }
    }

    /// Lists of no values take no bytes, however many of them a file declares.
    #[test]
    fn lists_of_no_values_are_refused() {
        let mut bytes = std::fs::read(file("vectors_fixed.arrows")).unwrap();
        // The length of the lists, in the schema.
        assert_eq!(bytes[208..212], [6, 0, 0, 0]);
        bytes[208] = 0;
        let error = read_bytes("x.arrows", &bytes, &ReadOptions::default()).unwrap_err();
        let message = error.to_string();
        assert!(message.contains("its lists are empty"), "{message}");
    }

    #[test]
    fn what_is_not_supported_is_named() {
        for (name, what) in [
            (
                "vectors_brotli.parquet",
                "compression with BROTLI is not supported, only snappy",
            ),
            ("v1.feather", "version 1"),
            // 2.7 KB that declare many millions of lists.
            ("endless_lists.arrows", "a list without values"),
        ] {
            let message = refusal(name);
            assert!(message.contains(what), "{message}");
        }
    }
}

fn damaged(name: &str) {
    survives_damage(name, &std::fs::read(file(name)).unwrap());
}

#[cfg(not(feature = "parquet"))]
#[test]
fn parquet_is_named_where_it_is_not_built_in() {
    let message = refusal("vectors_fixed.parquet");
    assert!(message.contains("--features parquet"), "{message}");
}

/// What one part of a file gives as features is what the array file gives.
fn same_array(place: &str, array: &str) {
    let data = read(file(place), &ReadOptions::default());
    let data = data.unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(data.features(), self::data(array).features(), "{place}");
}

#[cfg(feature = "hdf5")]
mod hdf5 {
    use super::*;

    #[test]
    fn arrays_are_the_same_in_every_version_of_the_format() {
        for version in ["earliest", "v110", "latest"] {
            let name = format!("arrays_{version}.h5");
            for array in ["train/features", "/train/chunks", "train/wide"] {
                let wide = array.ends_with("wide");
                let expected = if wide {
                    "tables_f8.npy"
                } else {
                    "tables_f4.npy"
                };
                same_array(&format!("{name}:{array}"), expected);
            }
            assert_eq!(labels(&format!("{name}:names")), animals());
            assert_eq!(
                labels(&format!("{name}:train/labels"))[..4],
                ["0", "1", "2", "0"]
            );
            same_array(&name, "tables_f4.npy");
        }
    }

    #[test]
    fn every_packing_and_type() {
        for array in ["lzf", "checked", "growing"] {
            same_array(&format!("packed.h5:{array}"), "tables_f4.npy");
        }
        same_array("packed.h5:big", "tables_f8.npy");
        same_array("packed.h5:half", "tables_f2.npy");
        assert_eq!(labels("packed.h5:text"), animals());
        assert_eq!(
            labels("packed.h5:truth")[..4],
            ["false", "true", "false", "false"]
        );
        assert_eq!(labels("packed.h5:whole")[..3], ["-5", "-4", "-3"]);
        let filled = data("packed.h5:empty");
        assert!(filled.features().iter().all(|&v| (v - 2.5).abs() < 1e-9));
        let message = refusal("packed.h5:pair");
        assert!(message.contains("records of several fields"), "{message}");
    }

    #[test]
    fn single_cells_have_scores_labels_and_ids() {
        same_array("dense.h5ad:X", "counts.npy");
        same_array("sparse.h5ad:X", "counts.npy");
        same_array("dense.h5ad:obsm/X_pca", "tables_f8.npy");
        for name in ["dense.h5ad", "sparse.h5ad"] {
            let types = labels(&format!("{name}:obs/cell_type"));
            assert_eq!(types[..5], ["ant", "bee", "cat", "", "bee"]);
        }
        assert_eq!(labels("dense.h5ad:batch")[..2], ["b0", "b1"]);
    }

    /// Without a member: principal components rather than raw counts.
    #[test]
    fn of_single_cells_the_features_are_said() {
        same_array("dense.h5ad", "tables_f8.npy");
        let said = data("dense.h5ad").notes().join("\n");
        assert!(said.contains("X holds raw counts"), "{said}");
        assert!(said.contains("dense.h5ad:X"), "{said}");
        assert!(said.contains("dense.h5ad:obs/cell_type`"), "{said}");
        same_array("sparse.h5ad", "counts.npy");
        let said = data("sparse.h5ad").notes().join("\n");
        assert!(said.contains("they could be obs/cell_type"), "{said}");
    }

    #[test]
    fn newer_files_of_matlab_are_turned() {
        same_array("v73.mat", "tables_f8.npy");
        assert_eq!(labels("v73.mat:names"), animals());
        assert_eq!(labels("v73.mat:labels")[..4], ["0", "1", "2", "0"]);
    }

    #[test]
    fn damage_is_survived() {
        for name in [
            "arrays_earliest.h5",
            "arrays_v110.h5",
            "arrays_latest.h5",
            "packed.h5",
            "keras.h5",
            "dense.h5ad",
            "sparse.h5ad",
            "v73.mat",
        ] {
            damaged(name);
        }
    }
}

mod matlab {
    use super::*;

    #[test]
    fn variables_are_the_arrays() {
        for name in ["plain.mat", "packed.mat"] {
            same_array(name, "tables_f8.npy");
            same_array(&format!("{name}:single"), "tables_f4.npy");
            same_array(&format!("{name}:counts"), "counts.npy");
            for text in ["names", "letters"] {
                assert_eq!(labels(&format!("{name}:{text}")), animals(), "{name}");
            }
            let column = |column: &str| labels(&format!("{name}:{column}"));
            assert_eq!(column("labels")[..4], ["0", "1", "2", "0"]);
            assert_eq!(column("truth")[..4], ["false", "true", "false", "false"]);
            let whole = read(file(&format!("{name}:whole")), &ReadOptions::default()).unwrap();
            assert_eq!(whole.features().row(1).to_vec(), [-38.0, -37.0]);
        }
    }

    #[test]
    fn damage_is_survived() {
        damaged("plain.mat");
        damaged("packed.mat");
        damaged("old.mat");
    }

    #[test]
    fn what_is_not_supported_is_named() {
        for (place, what) in [("old.mat", "version 4"), ("plain.mat:nested", "structures")] {
            let message = refusal(place);
            assert!(message.contains(what), "{message}");
        }
    }
}
