//! Tables of text: as pandas, R, NumPy and others write them.
//! The files and what they hold: scripts/make_formats_text.py.

#![allow(clippy::float_cmp, reason = "what is read is the array, bit for bit")]

use std::path::PathBuf;

use disentangle::dataset::{Dataset, ReadOptions, inspect, read, read_bytes};

use crate::common::fixture;
use crate::damage::survives_damage;

fn file(name: &str) -> PathBuf {
    fixture(&format!("formats/text/{name}"))
}

/// The columns that hold the features, and the labels' column.
fn columns(features: &str, label: &str) -> ReadOptions {
    let label = (!label.is_empty()).then(|| label.to_owned());
    ReadOptions {
        feature_columns: (features.split(',').filter(|f| !f.is_empty()))
            .map(str::to_owned)
            .collect(),
        label_column: label,
        ..ReadOptions::default()
    }
}

fn data(name: &str, options: &ReadOptions) -> Dataset {
    read(file(name), options).unwrap()
}

fn array(name: &str) -> Dataset {
    data(name, &ReadOptions::default())
}

/// What bytes give as features and labels.
fn of_text(text: &str) -> Dataset {
    read_bytes("table.txt", text.as_bytes(), &ReadOptions::default()).unwrap()
}

fn refusal(text: &str) -> String {
    let outcome = read_bytes("table.txt", text.as_bytes(), &ReadOptions::default());
    outcome.unwrap_err().to_string()
}

fn features(text: &str) -> Vec<Vec<f32>> {
    let data = of_text(text);
    (data.features().outer_iter().map(|row| row.to_vec())).collect()
}

fn assert_close(data: &Dataset, expected: &Dataset, tolerance: f32, name: &str) {
    assert_eq!(data.features().dim(), expected.features().dim(), "{name}");
    for (ours, theirs) in data.features().iter().zip(expected.features()) {
        assert!(
            (ours - theirs).abs() <= tolerance,
            "{name}: {ours}, {theirs}"
        );
    }
}

fn assert_classes(data: &Dataset, names: [&str; 3], name: &str) {
    let labels = data.labels().unwrap();
    assert_eq!(labels.names(), names, "{name}");
    let expected: Vec<u16> = (0..12).map(|i| i / 4).collect();
    assert_eq!(labels.indices(), expected, "{name}");
}

const TREES: [&str; 3] = ["ash", "birch", "cedar"];
const CODES: [&str; 3] = ["0", "1", "2"];

#[test]
fn tables_of_pandas_numpy_and_r_are_the_array_bit_for_bit() {
    let expected = array("features.npy");
    for (name, features, label, names) in [
        ("pandas_index.csv", "a,b,c,d,e", "label", TREES),
        ("pandas_tabs.tsv", "", "label", TREES),
        ("pandas_decimal_comma.csv", "", "label", TREES),
        ("pandas_numbered_label.csv", "", "label", TREES),
        ("savetxt_labels.txt", "", "label", CODES),
    ] {
        let data = data(name, &columns(features, label));
        assert_close(&data, &expected, 0.0, name);
        assert_classes(&data, names, name);
    }
    for (name, features) in [
        ("pandas_numbered.csv", ""),
        ("pandas_numbered_index.csv", "0,1,2,3,4"),
        ("savetxt.txt", ""),
        ("savetxt.csv", ""),
        ("projector_tensors.tsv", ""),
    ] {
        assert_close(&data(name, &columns(features, "")), &expected, 0.0, name);
    }
}

#[test]
fn tables_with_fewer_digits_are_the_array_to_their_precision() {
    let expected = array("features.npy");
    let short = data("savetxt_short.txt", &ReadOptions::default());
    assert_close(&short, &expected, 5.1e-5, "savetxt_short.txt");
    for name in ["r_table.txt", "r_table.csv", "r_table.tsv"] {
        let data = data(name, &columns("V1,V2,V3,V4,V5", "Species"));
        assert_close(&data, &expected, 1e-6, name);
        assert_classes(&data, TREES, name);
    }
}

#[test]
fn row_names_of_r_are_no_features() {
    for name in ["r_table.txt", "r_table.tsv"] {
        assert_eq!(
            data(name, &columns("", "Species")).dimensions(),
            5,
            "{name}"
        );
    }
    let named = of_text("x y kind\nMazda 1.5 2 a\nDatsun 2.5 3 b\nHornet 0.5 4 a\nDuster 1 7 b\n");
    assert_eq!(named.features().dim(), (4, 2));
    assert_eq!(
        named.ids().unwrap(),
        ["Mazda", "Datsun", "Hornet", "Duster"]
    );
}

#[test]
fn words_with_vectors_keep_their_words() {
    let expected = array("features.npy");
    let words = [
        "the", "#", "\"", "of", "0.5", "''", "\"the", "to", "naïve", "a,b", "/", "end",
    ];
    for name in ["glove.txt", "word2vec.txt"] {
        let options = ReadOptions {
            ids_column: Some("1".into()),
            ..ReadOptions::default()
        };
        let data = data(name, &options);
        assert_close(&data, &expected, 0.0, name);
        assert_eq!(data.ids().unwrap(), words, "{name}");
    }
    let note = inspect(&file("glove.txt"), &ReadOptions::default()).unwrap();
    assert_eq!(note.format, "text (blanks)");
    assert_eq!(
        inspect(&file("word2vec.txt"), &ReadOptions::default())
            .unwrap()
            .format,
        "word2vec text"
    );
}

#[test]
fn projector_pairs_with_and_without_header() {
    let labels = |place: &str| ReadOptions {
        labels: Some(file(place)),
        ..ReadOptions::default()
    };
    let kinds = data(
        "projector_tensors.tsv",
        &labels("projector_metadata.tsv:kind"),
    );
    assert_classes(&kinds, TREES, "projector_metadata.tsv");
    let ids = ReadOptions {
        ids: Some(file("projector_one_column.tsv")),
        ..ReadOptions::default()
    };
    let words = data("projector_tensors.tsv", &ids);
    assert_eq!(words.ids().unwrap()[..3], ["the", "#", "\""]);
}

#[test]
fn libsvm_counts_from_0_and_from_1() {
    let expected = array("sparse.npy");
    for name in [
        "libsvm_from_0.txt",
        "libsvm_from_1.txt",
        "libsvm_plain.txt",
        "libsvm_queries.txt",
    ] {
        let data = data(name, &ReadOptions::default());
        assert_close(&data, &expected, 0.0, name);
        assert_classes(&data, CODES, name);
    }
    let signs = of_text("+1 1:0.5 3:1 # first\n-1 2:1e-1\n\n+1 3:2\n-1\n");
    assert_eq!(signs.features().dim(), (4, 3));
    assert_eq!(signs.features()[[2, 2]], 2.0);
    assert_eq!(signs.labels().unwrap().names(), ["-1", "1"]);
    let unlabeled = of_text("1:1 2:2\n2:3\n1:1\n");
    assert!(unlabeled.labels().is_none());
    assert!(refusal("1 1:2 1:3\n0 2:1\n").contains("line 1: the feature 1 occurs twice"));
    assert!(refusal("1,2 1:2\n3 2:1\n").contains("line 1: the label \"1,2\" is several labels"));
    let sparse = refusal("1 1:2\n0 4000000:1\n");
    assert!(
        sparse.contains("2 rows × 4000000 columns are nearly all 0"),
        "{sparse}"
    );
    let later = (0..20_000).map(|_| "1 1:1\n").collect::<String>() + "1 1:x\n";
    assert!(refusal(&later).contains("line 20001: \"1:x\" is not a feature and its value"));
}

#[test]
fn matrix_market_in_all_its_forms() {
    for (name, expected) in [
        ("market_array.mtx", "features.npy"),
        ("market_sparse.mtx", "sparse.npy"),
        ("market_whole.mtx", "whole.npy"),
        ("market_symmetric.mtx", "symmetric.npy"),
        ("market_symmetric_sparse.mtx", "symmetric.npy"),
    ] {
        let data = data(name, &ReadOptions::default());
        assert_close(&data, &array(expected), 0.0, name);
    }
    let pattern = data("market_pattern.mtx", &ReadOptions::default());
    let whole = array("whole.npy");
    for (ours, value) in pattern.features().iter().zip(whole.features()) {
        assert_eq!(*ours == 1.0, *value > 0.0);
    }
    let head = "%%MatrixMarket matrix coordinate";
    let twice = features(&format!(
        "{head} real general\n2 2 3\n1 1 1\n1 1 2\n2 2 5\n"
    ));
    assert_eq!(twice, [[3.0, 0.0], [0.0, 5.0]]);
    let skew = features(&format!("{head} real skew-symmetric\n2 2 1\n2 1 4\n"));
    assert_eq!(skew, [[0.0, -4.0], [4.0, 0.0]]);
    for (rest, words) in [
        (
            " complex general\n1 1 1\n1 1 1 0\n",
            "complex features are not supported",
        ),
        (
            " real hermitian\n1 1 1\n1 1 1\n",
            "the symmetry \"hermitian\"",
        ),
        (
            " real symmetric\n1 2 1\n1 1 1\n",
            "a symmetric matrix must be square",
        ),
        (
            " real general\n2 2 2\n1 1 1\n",
            "its sizes say 2 values, but 1 follow",
        ),
        (
            " real general\n2 2 1\n3 1 1\n",
            "line 3: row or column outside 2 × 2",
        ),
        (
            " real general\n2 2 1\n1 1 x\n",
            "line 3: \"x\" is not a number",
        ),
        (
            " real general\n2 2\n1 1 1\n",
            "the line of its sizes cannot be read",
        ),
        (" real\n2 2 1\n1 1 1\n", "the first line is"),
        (" real general\n90000 90000 1\n1 1 1\n", "nearly all 0"),
    ] {
        let message = refusal(&format!("{head}{rest}"));
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn json_rows_lists_and_arrays_of_both() {
    let expected = array("features.npy");
    for name in ["lists.jsonl", "lists.json"] {
        assert_close(&data(name, &ReadOptions::default()), &expected, 0.0, name);
    }
    let rows = data("rows.jsonl", &columns("embedding", "label"));
    assert_close(&rows, &expected, 0.0, "rows.jsonl");
    assert_classes(&rows, TREES, "rows.jsonl");
    assert_eq!(rows.ids().unwrap()[11], "doc 11");
    let records = data("pandas_records.json", &columns("a,b,c,d,e", "label"));
    assert_close(&records, &expected, 1e-6, "pandas_records.json");
    assert_classes(&records, TREES, "pandas_records.json");
    let nested = data("nested.jsonl", &ReadOptions::default());
    assert_eq!(nested.features().dim(), (12, 4));
    let missing = read(file("nan.jsonl"), &columns("embedding", "label")).unwrap_err();
    let missing = missing.to_string();
    assert!(missing.contains("line 4"), "{missing}");
}

#[test]
fn json_that_cannot_be_used_is_said_with_its_line() {
    for (text, words) in [
        (
            "{\"x\": [1, 2]}\n{\"x\": [1, 2, 3]}\n",
            "line 2 holds 3 numbers, the first list 2",
        ),
        (
            "{\"x\": [1, 2]}\n{\"x\": 5}\n",
            "line 2 holds no list of numbers",
        ),
        (
            "{\"x\": {\"a\": 1}}\n{\"x\": {}}\n",
            "line 1 holds an object",
        ),
        (
            "{\"x\": [\"a\"]}\n{\"x\": [1]}\n",
            "line 1 holds a list with text",
        ),
        ("{\"x\": [1]}\n{\"x\": [2}\n", "line 2 is not JSON"),
        ("[1, 2]\n[1, 2, 3]\n", "line 2 holds 3 numbers"),
    ] {
        let message = refusal(text);
        assert!(message.contains(words), "{text:?}: {message}");
    }
}

#[test]
fn first_rows_that_are_headers_and_first_rows_that_are_not() {
    for (text, dimensions) in [
        // pandas: an array, with index, with words beside the numbers.
        ("0,1\n0.5,1.25\n1.5,2.5\n", (2, 2)),
        ("0,1,2\n5,6,7\n7,8,9\n3,4,4\n", (3, 3)),
        // Orders of three things, of which one is sorted.
        ("0,1,2\n1,0,2\n2,1,0\n0,2,1\n", (4, 3)),
        // Probabilities of two classes.
        ("0,1\n1,0\n0,1\n", (3, 2)),
        ("0,1\n0.5,1\n0.25,0\n", (3, 2)),
        // Trailing delimiters, in the header or everywhere.
        ("a,b,\n1,2\n3,4\n", (2, 2)),
        ("a,b\n1,2,\n3,4,\n", (2, 2)),
        ("1,2,\n3,4,\n", (2, 2)),
        ("1;2;\r\n3;4;\r\n", (2, 2)),
    ] {
        assert_eq!(of_text(text).features().dim(), dimensions, "{text:?}");
    }
    for (text, first) in [
        ("1,2,y\n3,4,n\n5,6,y\n7,8,n\n", "y"),
        ("1,2,class\n3,4,class\n5,6,other\n7,8,other\n", "class"),
    ] {
        let data = of_text(text);
        assert_eq!(data.samples(), 4, "{text:?}");
        let labels = data.labels().unwrap();
        assert_eq!(labels.names()[labels.indices()[0] as usize], first);
    }
    let options = |header| ReadOptions {
        header: Some(header),
        ..ReadOptions::default()
    };
    let read = |text: &str, header| read_bytes("t.csv", text.as_bytes(), &options(header)).unwrap();
    assert_eq!(read("1,2\n3,4\n5,6\n", true).samples(), 2);
    assert_eq!(read("0,1,2\n5,6,7\n7,8,9\n3,4,4\n", false).samples(), 4);
}

#[test]
fn commas_and_points_in_numbers() {
    for (text, expected) in [
        (
            "a;b\n3,5;1.234\n4,25;2.345\n",
            [[3.5, 1234.0], [4.25, 2345.0]],
        ),
        (
            "a;b\n1.234,5;1\n-12.345,25;2\n",
            [[1234.5, 1.0], [-12345.25, 2.0]],
        ),
        ("a;b\n1,234;0,5\n5,678;1,5\n", [[1.234, 0.5], [5.678, 1.5]]),
        ("a;b\n1.234;0.5\n5.678;1.5\n", [[1.234, 0.5], [5.678, 1.5]]),
        ("1,5 2,5\n3,5 4,5\n", [[1.5, 2.5], [3.5, 4.5]]),
    ] {
        assert_eq!(features(text), expected, "{text:?}");
    }
    for (text, words) in [
        (
            "a;b\n3,5;1\n4.5;2\n",
            "line 3, column a: cannot tell whether the comma or point in \"4.5\"",
        ),
        (
            "a\tb\n1,234\t1\n5,678\t2\n",
            "line 2, column a: cannot tell whether the comma or point in \"1,234\"",
        ),
        (
            "a\tb\n1,234\t1.5\n5,678\t2.5\n",
            "\"1,234\" is not a number; write numbers without",
        ),
        (
            "a,b\n\"1,234.5\",1\n\"2,345.5\",2\n",
            "\"1,234.5\" is not a number",
        ),
    ] {
        let message = refusal(text);
        assert!(message.contains(words), "{text:?}: {message}");
    }
}

#[test]
fn missing_values_and_truth_values() {
    let data = data(
        "pandas_missing.csv",
        &ReadOptions {
            drop_invalid: true,
            ..columns("first,b,c,d,e", "label")
        },
    );
    assert_eq!(data.samples(), 11);
    assert_eq!(
        features("a,b\nTrue,0.5\nFALSE,1\n"),
        [[1.0, 0.5], [0.0, 1.0]]
    );
    let dummies = self::data("pandas_dummies.csv", &ReadOptions::default());
    assert_eq!(dummies.features().dim(), (12, 3));
    assert_eq!(dummies.features().row(4).to_vec(), [0.0, 1.0, 0.0]);
}

#[test]
fn lists_keep_their_lines() {
    let folder = tempfile::tempdir().unwrap();
    let names = folder.path().join("names.txt");
    let text = "0.1,0.2,0\n0.3,0.4,1\n0.5,0.6,2\n";
    for (list, expected) in [
        (
            "tench, Tinca tinca\nrobin\nmaple, sugar maple\n",
            ["tench, Tinca tinca", "robin", "maple, sugar maple"],
        ),
        (
            "golden retriever\ntabby cat\ngrade 1\n",
            ["golden retriever", "tabby cat", "grade 1"],
        ),
        ("a\n\"\nb\n", ["a", "\"", "b"]),
        ("\"quoted, name\"\nb\nc\n", ["quoted, name", "b", "c"]),
    ] {
        std::fs::write(&names, list).unwrap();
        let options = ReadOptions {
            class_names: Some(names.clone()),
            label_column: Some("3".into()),
            ..ReadOptions::default()
        };
        let data = read_bytes("t.csv", text.as_bytes(), &options).unwrap();
        assert_eq!(data.labels().unwrap().names(), expected, "{list:?}");
    }
}

#[test]
fn text_survives_damage() {
    for entry in std::fs::read_dir(file("")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.extension().is_none_or(|e| e != "npy") {
            survives_damage(name, &std::fs::read(&path).unwrap());
        }
    }
}
