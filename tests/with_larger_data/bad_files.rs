//! Hostile and odd files, as the folder `bad` of the larger data describes them: each is either
//! read as what it holds, or refused in one line that names the file, the place and the cure.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    unused_qualifications,
    reason = "a test stops at the first surprise, and says when it is skipped"
)]

use std::path::Path;

use assert_cmd::Command;
use disentangle::Error;
use disentangle::dataset::{Dataset, ReadOptions, read};

/// What is expected of a file of features.
enum Features {
    /// The same numbers as `good_f8.npy`, to single precision.
    Base,
    /// This shape, and a remark that holds this text ("" for no remark).
    Shape(usize, usize, &'static str),
    /// Refused in words that hold each of these.
    Refused(&'static [&'static str]),
}

use Features::{Base, Refused, Shape};

const FEATURES: &[(&str, Features)] = &[
    ("good_f8.npy", Base),
    ("fortran_f8.npy", Base),
    ("bigendian_f8.npy", Base),
    ("bigendian_f4.npy", Base),
    ("fortran_bigendian_f4.npy", Base),
    ("float32.npy", Base),
    ("version2_header.npy", Base),
    ("version3_header.npy", Base),
    ("header_no_padding.npy", Base),
    ("header_reordered_doublequotes.npy", Base),
    ("gz_named_npy.npy", Base),
    ("npz_stored.npz", Base),
    ("npz_Xy.npz", Base),
    ("npz_foreign_members.npz", Base),
    ("npz_path_traversal.npz", Base),
    ("csv_header.csv", Base),
    ("csv_bom.csv", Base),
    ("csv_bom_crlf_no_final_newline.csv", Base),
    ("csv_cr_only.csv", Base),
    ("csv_quoted.csv", Base),
    ("csv_semicolon_decimal_comma.csv", Base),
    ("csv_tabs.tsv", Base),
    ("csv_spaces.csv", Base),
    ("csv_comments_blank.csv", Base),
    ("csv_exponents.csv", Base),
    ("int8_features.npy", Shape(150, 4, "")),
    ("uint8_features.npy", Shape(150, 4, "")),
    ("bool_features.npy", Shape(150, 4, "identical")),
    ("uint64_features_huge.npy", Shape(20, 3, "scaled")),
    ("shape_4d_conv.npy", Shape(12, 72, "flattened")),
    ("n2.npy", Shape(2, 4, "")),
    ("n4.npy", Shape(4, 4, "")),
    ("row_1x4.npy", Shape(1, 4, "")),
    ("trailing_bytes.npy", Shape(150, 4, "26 bytes after")),
    ("huge_values_1e200.npy", Shape(150, 4, "scaled")),
    ("huge_values_f4_1e30.npy", Shape(150, 4, "scaled")),
    ("tiny_values_1e-200.npy", Shape(150, 4, "scaled")),
    ("large_offset_f4.npy", Shape(150, 4, "")),
    ("half_identical.npy", Shape(150, 4, "identical")),
    ("constant_column.npy", Shape(150, 4, "")),
    ("one_outlier_151.npy", Shape(151, 4, "")),
    ("denormals.npy", Shape(20, 3, "scaled")),
    ("two_far_blobs.npy", Shape(150, 4, "identical")),
    ("npz_duplicate_member.npz", Shape(150, 4, "same name")),
    (
        "csv_numbers_only_no_header.csv",
        Shape(150, 5, "--label-column 5"),
    ),
    ("csv_one_column.csv", Shape(150, 1, "identical")),
    ("complex.npy", Refused(&["complex"])),
    ("structured.npy", Refused(&["structured"])),
    ("object_pickled.npy", Refused(&["pickle", "np.stack"])),
    ("object_ragged.npy", Refused(&["pickle", "np.stack"])),
    (
        "shape_1d.npy",
        Refused(&["one axis", "150", "reshape(-1, 1)"]),
    ),
    ("shape_0d.npy", Refused(&["single number"])),
    ("empty_0x4.npy", Refused(&["empty", "no rows"])),
    ("empty_0.npy", Refused(&["empty"])),
    ("truncated_last_byte.npy", Refused(&["4800 bytes", "4799"])),
    ("truncated_header.npy", Refused(&["header", "60 bytes"])),
    ("truncated_magic.npy", Refused(&["neither", "numpy.save"])),
    ("zero_bytes.npy", Refused(&["empty", "0 bytes"])),
    ("wrong_magic.npy", Refused(&["neither", "numpy.save"])),
    ("version9.npy", Refused(&["version 9.0"])),
    ("huge_header_len_v2.npy", Refused(&["4294967280"])),
    ("header_len_zero.npy", Refused(&["header is empty"])),
    ("overflow_shape.npy", Refused(&["larger than any memory"])),
    ("negative_shape.npy", Refused(&["-150"])),
    ("shape_not_tuple.npy", Refused(&["not a tuple"])),
    ("header_evil_expr.npy", Refused(&["literals"])),
    ("header_unknown_descr.npy", Refused(&["<q9"])),
    ("nan_rows.npy", Refused(&["7, 70", "drop_invalid"])),
    (
        "nan_one_cell.npy",
        Refused(&["3", "feature 2", "drop_invalid"]),
    ),
    (
        "npz_no_2d.npz",
        Refused(&["a (int64 5)", "n rows (samples) × d columns"]),
    ),
    (
        "npz_many_members.npz",
        Refused(&["layer1", "layer2", "npz:layer1"]),
    ),
    ("npz_empty.npz", Refused(&["no members"])),
    ("npz_truncated_tail.npz", Refused(&["damaged"])),
    ("npz_bad_crc.npz", Refused(&["cannot be read", "damaged"])),
    (
        "npz_bomb_160MB.npz",
        Refused(&["155602 compressed bytes", "160000128"]),
    ),
    ("npz_bzip2.npz", Refused(&["Bzip2", "numpy.savez"])),
    ("csv_NA_nan.csv", Refused(&["22, 32", "drop_invalid"])),
    (
        "csv_ragged.csv",
        Refused(&["line 42 has 6", "line 52 has 4"]),
    ),
    ("csv_utf16.csv", Refused(&["UTF-16", "UTF-8"])),
    ("csv_nul_bytes.csv", Refused(&["line 52", "NUL"])),
    ("csv_unclosed_quote.csv", Refused(&["line 7"])),
    (
        "csv_thousands.csv",
        Refused(&["line 2", "1,234.5", "thousands"]),
    ),
];

/// Classes and their sizes, or words of the refusal.
type Classes = Result<&'static [(&'static str, usize)], &'static [&'static str]>;

/// Label files: what they give for the 150 rows of the base features.
const LABELS: &[(&str, Classes)] = &[
    ("good_labels_i8.npy", Ok(&[("0", 50), ("1", 50), ("2", 50)])),
    (
        "header_long_suffix.npy",
        Ok(&[("0", 50), ("1", 50), ("2", 50)]),
    ),
    (
        "labels_U10.npy",
        Ok(&[("setosa", 50), ("versicolor", 50), ("virginica", 50)]),
    ),
    (
        "labels_U_bigendian.npy",
        Ok(&[("setosa", 50), ("versicolor", 50), ("virginica", 50)]),
    ),
    (
        "labels_S.npy",
        Ok(&[("setosa", 50), ("versicolor", 50), ("virginica", 50)]),
    ),
    (
        "labels_U_unicode.npy",
        Ok(&[("légère", 50), ("重度", 50), ("🧬 stade", 50)]),
    ),
    ("labels_bool.npy", Ok(&[("false", 50), ("true", 100)])),
    (
        "labels_column_150x1.npy",
        Ok(&[("0", 50), ("1", 50), ("2", 50)]),
    ),
    (
        "labels_onehot_150x3.npy",
        Ok(&[("0", 50), ("1", 50), ("2", 50)]),
    ),
    (
        "labels_negative.npy",
        Ok(&[("0", 40), ("1", 50), ("2", 50)]),
    ),
    (
        "labels_u2_bigendian.npy",
        Ok(&[("0", 50), ("1", 50), ("2", 50)]),
    ),
    (
        "labels_sparse_ids.npy",
        Ok(&[("3", 50), ("1000000", 50), ("1099511627776", 50)]),
    ),
    (
        "labels_singleton_class.npy",
        Ok(&[("0", 50), ("1", 50), ("2", 49), ("3", 1)]),
    ),
    ("labels_151.npy", Err(&["151 rows", "150"])),
    ("labels_object.npy", Err(&["pickle", ".astype(str)"])),
    ("labels_float_fractional.npy", Err(&["row 0", "0.5"])),
    ("labels_float_nan.npy", Err(&["row 9", "NaN"])),
];

/// Files of probabilities are all taken; these draw a remark.
const PROBABILITIES: &[(&str, &str)] = &[
    ("probabilities_good.npy", ""),
    ("probabilities_not_normalised.npy", "do not sum to 1"),
    ("probabilities_logits.npy", "logits"),
];

fn refusal(path: &Path, outcome: disentangle::Result<Dataset>, words: &[&str]) {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let error = outcome.expect_err(&name);
    let text = error.to_string();
    for word in words.iter().chain([&name.as_str()]) {
        assert!(text.contains(word), "{name}: no {word:?} in {text:?}");
    }
    assert!(!text.contains('\n'), "{name}: {text:?}");
    let unusable = matches!(error, Error::Input { .. } | Error::Mismatch { .. });
    assert!(unusable, "{name}: {error:?}");
}

pub(crate) fn features_are_read_or_refused(folder: &Path) {
    let folder = folder.join("bad");
    let base = Dataset::load(folder.join("good_f8.npy")).unwrap();
    for (name, expected) in FEATURES {
        let path = folder.join(name);
        let outcome = Dataset::load(&path);
        match expected {
            Base => {
                let data = outcome.unwrap();
                assert_eq!(data.features().dim(), (150, 4), "{name}");
                for (ours, theirs) in data.features().iter().zip(base.features()) {
                    assert!((ours - theirs).abs() < 1e-5, "{name}: {ours} for {theirs}");
                }
            }
            Shape(rows, columns, note) => {
                let data = outcome.unwrap();
                assert_eq!(data.features().dim(), (*rows, *columns), "{name}");
                let notes = data.notes().join("\n");
                assert!(notes.contains(note), "{name}: no {note:?} in {notes:?}");
                assert_eq!(note.is_empty(), notes.is_empty(), "{name}: {notes:?}");
            }
            Refused(words) => refusal(&path, outcome, words),
        }
    }
}

pub(crate) fn labels_are_read_or_refused(folder: &Path) {
    let folder = folder.join("bad");
    for (name, expected) in LABELS {
        let path = folder.join(name);
        let options = ReadOptions {
            labels: Some(path.clone()),
            ..ReadOptions::default()
        };
        let outcome = read(folder.join("good_f8.npy"), &options);
        match expected {
            Ok(classes) => {
                let data = outcome.unwrap();
                let labels = data.labels().unwrap();
                let found: Vec<(&str, usize)> = labels
                    .names()
                    .iter()
                    .map(String::as_str)
                    .zip(labels.counts())
                    .collect();
                assert_eq!(found, *classes, "{name}");
            }
            Err(words) => refusal(&path, outcome, words),
        }
    }
}

pub(crate) fn probabilities_are_read_with_a_remark(folder: &Path) {
    let folder = folder.join("bad");
    for (name, remark) in PROBABILITIES {
        let options = ReadOptions {
            labels: Some(folder.join("good_labels_i8.npy")),
            probabilities: Some(folder.join(name)),
            ..ReadOptions::default()
        };
        let data = read(folder.join("good_f8.npy"), &options).unwrap();
        assert_eq!(data.probabilities().unwrap().dim(), (150, 3), "{name}");
        let notes = data.notes().join("\n");
        assert!(notes.contains(remark), "{name}: {notes:?}");
        assert_eq!(remark.is_empty(), notes.is_empty(), "{name}: {notes:?}");
    }
}

pub(crate) fn every_file_of_the_folder_is_expected(folder: &Path) {
    let folder = folder.join("bad");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let known = FEATURES.iter().any(|(n, _)| *n == name)
            || LABELS.iter().any(|(n, _)| *n == name)
            || PROBABILITIES.iter().any(|(n, _)| *n == name)
            || name == "EXPECT.md";
        assert!(known, "{name}");
    }
}

/// Invalid samples leave all aligned arrays at once.
pub(crate) fn invalid_rows_can_be_dropped(folder: &Path) {
    let folder = folder.join("bad");
    let options = ReadOptions {
        labels: Some(folder.join("good_labels_i8.npy")),
        probabilities: Some(folder.join("probabilities_good.npy")),
        drop_invalid: true,
        ..ReadOptions::default()
    };
    let data = read(folder.join("nan_rows.npy"), &options).unwrap();
    assert_eq!(data.samples(), 148);
    assert_eq!(data.labels().unwrap().counts(), [49, 49, 50]);
    assert_eq!(data.probabilities().unwrap().nrows(), 148);
    assert!(data.notes().iter().any(|n| n.contains('2')));
}

/// What is accepted also becomes a map of finite numbers, and what is too small is refused.
pub(crate) fn odd_numbers_give_finite_maps(folder: &Path) {
    let folder = folder.join("bad");
    let out = tempfile::tempdir().unwrap();
    for (name, expected) in FEATURES {
        if matches!(expected, Refused(_)) {
            continue;
        }
        let map = out.path().join(format!("{name}.map.npy"));
        let assert = Command::cargo_bin("disentangle")
            .unwrap()
            .args(["embed", "--iterations", "300", "-o"])
            .args([&map, &folder.join(name)])
            .assert();
        if matches!(*name, "n2.npy" | "row_1x4.npy") {
            let text = String::from_utf8(assert.code(2).get_output().stderr.clone()).unwrap();
            assert!(text.contains("at least 4 samples"), "{name}: {text}");
            assert!(!map.exists(), "{name}");
            continue;
        }
        assert.success().stdout("");
        let positions = crate::common::array(&map);
        assert!(positions.iter().all(|p| p.is_finite()), "{name}");
        let first = positions.row(0);
        assert!(positions.outer_iter().any(|p| p != first), "{name}");
    }
}
