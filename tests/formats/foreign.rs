//! Files that are not read: each kind is named, with the advice of the table that also the script
//! `scripts/check_advice.py` runs.

#![allow(
    clippy::print_stdout,
    reason = "a test that needs Python says when it is skipped"
)]

use std::collections::BTreeSet;

use disentangle::dataset::{ReadOptions, read_bytes};

use crate::damage::survives_damage;

const TABLE: &str = include_str!("../../src/dataset/formats/foreign.toml");

/// A file of each kind: enough of it to be recognized.
const SAMPLES: &[(&str, &[u8])] = &[
    (
        "git-lfs",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5888\n",
    ),
    ("html", b"\n<!DOCTYPE html>\n<html><head></head></html>"),
    ("html", b"<?xml version=\"1.0\"?>\n<html xmlns=\"\"></html>"),
    (
        "xml",
        b"\xef\xbb\xbf<?xml version=\"1.0\"?>\n<data><row><a>1</a></row></data>",
    ),
    (
        "arff",
        b"% Iris\n\n@RELATION iris\n@ATTRIBUTE a NUMERIC\n@DATA\n1\n",
    ),
    (
        "time-series",
        b"# Gestures\n@problemName Taps\n@timeStamps false\n@classLabel true a b\n@data\n0.5,0.25:a\n",
    ),
    ("orange", b"height\twing\tkind\nc\tcontinuous\td\n\tmeta\tclass\n1\t2\ta\n"),
    ("orange", b"sex\tage\nmale female\td\nclass\t\nmale\told\n"),
    ("orange", b"wing,kind\ncontinuous,discrete\nclass\n2.5,a\n"),
    ("orange", b"wing;kind\nc;d\n;class\n2.5;a\n"),
    ("orange-types", b"wing,kind\nc,d\n2.5,a\n"),
    ("orange-types", b"wing\tkind\ncontinuous\tstring\n?\ta\n2.5\ta\n"),
    ("xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0"),
    ("pickle", b"\x80\x04\x95\x05\0\0\0\0\0\0\0]\x94K\x01a."),
    (
        "pickle-pandas",
        b"\x80\x04\x95\x1d\0\0\0\0\0\0\0\x8c\x11pandas.core.frame\x94.",
    ),
    (
        "pickle-joblib",
        b"\x80\x04\x95\x1d\0\0\0\0\0\0\0\x8c\x13joblib.numpy_pickle\x94.",
    ),
    (
        "pickle-scipy",
        b"\x80\x04\x95\x1d\0\0\0\0\0\0\0\x8c\x11scipy.sparse._csr\x94.",
    ),
    (
        "html-table",
        b"<table border=\"1\"><tr><td>1</td></tr></table>",
    ),
    (
        "json-split",
        b"{\"columns\":[\"a\",\"b\"],\"index\":[0,1],\"data\":[[1,\"x\"],[2,\"y\"]]}",
    ),
    (
        "json-columns",
        b"{\"a\":{\"0\":1,\"1\":2},\"b\":{\"0\":\"x\",\"1\":\"y\"}}",
    ),
    (
        "json-index",
        b"{\"0\":{\"a\":1,\"b\":\"x\"},\"1\":{\"a\":2,\"b\":\"y\"}}",
    ),
    ("json-values", b"[[1,2.5,\"x\"],[3,4.5,\"y\"]]"),
    (
        "json-lists",
        b"{\"embeddings\":[[1,2],[3,4],[5,6]],\"labels\":[\"x\",\"y\",\"x\"]}",
    ),
    ("json-lists", b"{\"lat\":[1.5,2,3],\"lon\":[4,5,6]}"),
    (
        "json-wrapped",
        b"{\"count\":2,\"data\":[{\"a\":1,\"b\":2},{\"a\":3,\"b\":4}]}",
    ),
    ("json-series", b"{\"0\":4,\"1\":2,\"2\":4}"),
    ("json-words", b"[\"oak\", \"elm\", \"oak\"]\n"),
    ("rds", b"X\n\0\0\0\x03\0\x04\x03\x01"),
    ("rdata", b"RDX3\nX\n\0\0\0\x03"),
    ("stata", b"<stata_dta><header><release>118</release>"),
    ("stata", b"\x72\x02\x01\0\x05\0\x01\0\0\0"),
    ("orc", b"ORC\x0a\x03\0\0\0\x08\x03ORC\x17"),
    ("feather-1", b"FEA1\0\0\0\0\x01\x02FEA1"),
    ("sqlite", b"SQLite format 3\0\x10\0\x01\x01"),
    ("image", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
    ("image", b"\xff\xd8\xff\xe0\0\x10JFIF\0"),
    ("pdf", b"%PDF-1.7\n"),
    ("onnx", b"\x08\x08\x12\x07pytorch\x1a\x052.1.0"),
    (
        "tensorflow-checkpoint",
        b"model_checkpoint_path: \"ckpt-1\"\n",
    ),
    (
        "tensorflow-checkpoint",
        b"\0\0\0\0\0\0\x57\xfb\x80\x8b\x24\x75\x47\xdb",
    ),
    // The length 5, with the checksum that TensorFlow writes for it.
    (
        "tfrecord",
        b"\x05\0\0\0\0\0\0\0\xea\xb2\x04\x3e\x01\x02\x03\x04\x05\0\0\0\0",
    ),
    ("7z", b"7z\xbc\xaf\x27\x1c\0\x04"),
    ("rar", b"Rar!\x1a\x07\x01\0"),
    ("lz4", b"\x04\x22\x4d\x18\x64\x40\xa7"),
    ("lzma", b"\x5d\0\0\x80\0\xff\xff\xff"),
    ("compress", b"\x1f\x9d\x90\x41"),
    ("zlib", b"\x78\x9c\x03\0\0\0\0\x01"),
];

fn kinds() -> Vec<toml::Table> {
    let table: toml::Table = TABLE.parse().unwrap();
    let kinds = table["kinds"].as_array().unwrap();
    kinds
        .iter()
        .map(|kind| kind.as_table().unwrap().clone())
        .collect()
}

fn message(name: &str, bytes: &[u8]) -> String {
    match read_bytes(name, bytes, &ReadOptions::default()) {
        Ok(data) => format!("{name} is read as {:?}", data.features().shape()),
        Err(error) => error.to_string(),
    }
}

/// A zip archive of stored files.
fn archive(names: &[&str]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in names {
        let stored = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored);
        zip.start_file(*name, stored).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let mut tar = vec![0; 1024];
    tar[..9].copy_from_slice(b"table.csv");
    tar[257..263].copy_from_slice(b"ustar\0");
    let mut objects =
        b"\x93NUMPY\x01\0\x46\0{'descr': '|O', 'fortran_order': False, 'shape': (3,), }".to_vec();
    objects.resize(80, b' ');
    let mut samples: Vec<(&str, Vec<u8>)> = vec![
        ("object-array", objects),
        ("tar", tar),
        ("zip", archive(&["a.csv", "b.csv"])),
        ("xlsx", archive(&["[Content_Types].xml", "xl/workbook.xml"])),
        ("keras", archive(&["config.json", "model.weights.h5"])),
    ];
    samples.extend(SAMPLES.iter().map(|&(kind, bytes)| (kind, bytes.to_vec())));
    samples
}

#[test]
fn each_kind_is_named_with_the_advice_of_the_table() {
    let kinds = kinds();
    let samples = samples();
    for (kind, bytes) in &samples {
        let row = kinds.iter().find(|row| row["name"].as_str() == Some(kind));
        let row = row.unwrap_or_else(|| unreachable!("{kind} is not in the table"));
        let said = message("my \"file\".x", bytes);
        let advice = row["advice"].as_str().unwrap();
        let advice = advice.replace("{file}", "my \\\"file\\\".x");
        let problem = row["problem"].as_str().unwrap();
        assert!(said.contains(problem), "{kind}: {said}");
        assert!(said.contains(&advice), "{kind}: {said}");
    }
    let known: BTreeSet<&str> = kinds
        .iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    let shown: BTreeSet<&str> = samples.iter().map(|sample| sample.0).collect();
    assert_eq!(known, shown);
}

#[test]
fn a_zip_archive_says_what_it_holds() {
    let said = message("x.zip", &archive(&["a.csv", "b.csv"]));
    assert!(
        said.contains("it holds a.csv, b.csv; run `python3 -m zipfile -e"),
        "{said}"
    );
}

#[test]
fn a_table_of_orange_says_what_its_third_line_says() {
    let said = message(
        "x.tab",
        b"h\tw\tz\tkind\nc\tc\tc\td\n\tmeta\tmeta\tclass\n1\t2\t3\ta\n",
    );
    let expected = "by line 3, the label is kind (`--label-column kind`), and w, z are no features (`--not-features 'w,z'`)";
    assert!(said.contains(expected), "{said}");
}

/// Letters that are no types.
#[test]
fn tables_of_letters_are_no_tables_of_orange() {
    for text in [
        "x,y,v\nc,t,1\nc,c,2\na,g,3\nc,t,4\n",
        "base,v\nc,1\nt,2\n",
        "h,w\nd,s\ns,d\n",
    ] {
        let said = message("x.csv", text.as_bytes());
        assert!(!said.contains("Orange"), "{said}");
    }
}

#[test]
fn damaged_foreign_files_are_refused() {
    for (kind, bytes) in samples() {
        survives_damage(kind, &bytes);
    }
}

#[test]
fn text_that_begins_alike_is_read() {
    for text in [
        "ORC,b\n1,2\n3,4\n",
        "a,@relation\n1,2\n3,4\n",
        "x^2,y\n1,2\n3,4\n",
    ] {
        let said = message("x.csv", text.as_bytes());
        assert!(said.contains("is read as [2, "), "{text}: {said}");
    }
}

/// Runs the script, which says itself what it skips.
#[cfg(feature = "tui")]
#[test]
fn every_line_of_advice_works() {
    let python = std::env::var("DISENTANGLE_PYTHON").unwrap_or_else(|_| "python3".into());
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let done = std::process::Command::new(python)
        .arg(root.join("scripts/check_advice.py"))
        .arg("--program")
        .arg(assert_cmd::cargo::cargo_bin("disentangle"))
        .output();
    let Ok(done) = done else {
        println!("skipped: there is no Python");
        return;
    };
    let said = String::from_utf8_lossy(&done.stdout);
    println!("{said}{}", String::from_utf8_lossy(&done.stderr));
    if said.is_empty() {
        println!("skipped: Python is older than 3.11");
        return;
    }
    assert!(done.status.success(), "{said}");
}
