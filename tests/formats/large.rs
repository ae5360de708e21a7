//! Files that are read from disk in parts: the same comes of them as of their bytes in memory.

use std::fmt::Write as _;
use std::path::Path;

use disentangle::dataset::{ReadOptions, read, read_bytes};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::damage::alone;

/// What a file says, from disk or from memory.
fn found(path: &Path, bytes: Option<&[u8]>, options: &ReadOptions) -> Result<String, String> {
    let data = match bytes {
        Some(bytes) => read_bytes(&path.display().to_string(), bytes, options),
        None => read(path, options),
    };
    let data = data.map_err(|error| error.to_string())?;
    let bits: Vec<u32> = data.features().iter().map(|v| v.to_bits()).collect();
    Ok(format!(
        "{:?} {bits:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        data.features().dim(),
        data.labels(),
        data.ids(),
        data.metadata(),
        data.columns(),
        data.notes(),
        data.sources()
    ))
}

/// Both ways give the same; returns the error if there is one.
fn same(name: &str, bytes: &[u8], options: &ReadOptions) -> Option<String> {
    assert!(bytes.len() > 300_000, "{name} is read at once");
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let of_file = found(&path, None, options);
    let of_bytes = found(&path, Some(bytes), options);
    let is_same = of_file == of_bytes;
    assert!(is_same, "{name}: {:?} {:?}", of_file.err(), of_bytes.err());
    of_file.err()
}

/// Rows of numbers, a label and a name each.
fn table(rows: usize, delimiter: char, end: &str) -> String {
    let mut random = ChaCha8Rng::seed_from_u64(rows as u64);
    let mut text = format!("name{delimiter}a{delimiter}b{delimiter}c{delimiter}label{end}");
    for row in 0..rows {
        let mut number = || f64::from(random.next_u32()) / f64::from(1 << 30) - 2.0;
        let [a, b, c] = [number(), number(), number()];
        let d = delimiter;
        write!(text, "item{row}{d}{a}{d}{b:.3}{d}{c:e}{d}é{}{end}", row % 3).unwrap();
    }
    text
}

#[test]
fn tables_of_text() {
    let options = ReadOptions::default();
    let plain = table(9000, ',', "\n");
    let windows = format!("\u{feff}{}", table(9000, ';', "\r\n"));
    let old_mac = table(9000, '\t', "\r");
    let commas = table(9000, ';', "\n").replace('.', ",");
    let quoted = plain.replace("item7000,", "\"item, \"\"7000\"\"\",");
    let whole_cells = plain.replace("item7000,", "\"item7000\",");
    let commented = format!(
        "# a table\n\n{}",
        plain.replace("item5000,", "# a comment\n\nitem5000,")
    );
    let literal = old_mac.replace('\r', "\n").replace("item8000\t", "\"\t");
    let blanks = plain.replace(',', " ");
    let of_r = plain.replacen("name,", "", 1);
    for (name, text) in [
        ("plain.csv", &plain),
        ("windows.csv", &windows),
        ("old_mac.tsv", &old_mac),
        ("commas.csv", &commas),
        ("quoted.csv", &quoted),
        ("whole_cells.csv", &whole_cells),
        ("commented.csv", &commented),
        ("literal.tsv", &literal),
        ("blanks.txt", &blanks),
        ("of_r.csv", &of_r),
    ] {
        assert_eq!(same(name, text.as_bytes(), &options), None, "{name}");
    }
}

#[test]
fn lines_that_are_longer_than_what_is_read_at_a_time() {
    let cell = |row: usize, c: usize| format!("{}.5{:030}", (row * 7 + c * c) % 1000, 0);
    let line = |row: usize| -> String {
        let cells: Vec<String> = (0..9000).map(|c| cell(row, c)).collect();
        cells.join(",")
    };
    let lines: Vec<String> = (0..6).map(line).collect();
    for end in ["\n", "\r\n", "\r"] {
        let text = lines.join(end);
        assert_eq!(
            same("long.csv", text.as_bytes(), &ReadOptions::default()),
            None
        );
    }
}

#[test]
fn what_is_wrong_is_found_at_the_same_place() {
    let options = ReadOptions::default();
    let plain = table(9000, ',', "\n");
    let spoiled = |with: &[u8]| {
        let mut bytes = plain.clone().into_bytes();
        let at = plain.find("item8000,").unwrap();
        bytes.splice(at..at + 4, with.iter().copied());
        bytes
    };
    for (name, bytes, expected) in [
        ("nul.csv", spoiled(b"it\0m"), "line 8002 has a NUL byte"),
        ("latin.csv", spoiled(b"it\xe9m"), "line 8002 is not UTF-8"),
        ("ragged.csv", spoiled(b"a,b,"), "line 8002 has 7 fields"),
        (
            "open.csv",
            spoiled(b"x,\"y"),
            "the quote opened in line 8002",
        ),
        (
            "utf16.csv",
            [b"\xff\xfe", plain.as_bytes()].concat(),
            "UTF-16",
        ),
    ] {
        let error = same(name, &bytes, &options).unwrap_or_default();
        assert!(error.contains(expected), "{name}: {error}");
    }
    let text = plain
        .replace(",é1\n", ",\n")
        .replace("item8000,", "item8000,x");
    let named = ReadOptions {
        feature_columns: vec!["a".into()],
        ..ReadOptions::default()
    };
    let error = same("word.csv", text.as_bytes(), &named).unwrap_or_default();
    assert!(error.contains("line 8002, column a"), "{error}");
}

#[test]
fn arrays() {
    let options = ReadOptions::default();
    let header = |kind: &str, rows: usize| {
        let header =
            format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({rows}, 10), }}");
        let header = format!("{header:117}\n");
        [b"\x93NUMPY\x01\x00\x76\x00", header.as_bytes()].concat()
    };
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let single: Vec<f32> = (0..90_000)
        .map(|_| random.next_u32() as f32 / 1e9)
        .collect();
    let bytes: Vec<u8> = single.iter().flat_map(|v| v.to_le_bytes()).collect();
    let npy = [header("<f4", 9000), bytes.clone()].concat();
    assert_eq!(same("single.npy", &npy, &options), None);
    let error = same("cut.npy", &npy[..npy.len() - 1], &options);
    assert!(error.unwrap_or_default().contains("truncated"));
    let wide = single.iter().map(|&v| f64::from(v) * 1e9);
    let wide: Vec<u8> = wide.flat_map(f64::to_be_bytes).collect();
    let wide = [header(">f8", 9000), wide].concat();
    assert_eq!(same("double.npy", &wide, &options), None);
    let json = r#"{"x":{"dtype":"F32","shape":[9000,10],"data_offsets":[0,360000]}}"#;
    let tensors = [&(json.len() as u64).to_le_bytes(), json.as_bytes(), &bytes].concat();
    assert_eq!(same("x.safetensors", &tensors, &options), None);
    let error = same("cut.safetensors", &tensors[..tensors.len() - 1], &options);
    assert!(error.unwrap_or_default().contains("truncated"));
}
