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
    let trailing = plain.replace('\n', ",\n");
    let below_header = trailing.replacen("label,", "label", 1);
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
        ("trailing.csv", &trailing),
        ("below_header.csv", &below_header),
    ] {
        assert_eq!(same(name, text.as_bytes(), &options), None, "{name}");
    }
}

#[test]
fn delimiters_at_the_ends_of_lines_are_no_column() {
    let text = table(9000, ',', "\n");
    let columns = |text: &str| {
        let data = read_bytes("t.csv", text.as_bytes(), &ReadOptions::default()).unwrap();
        (data.columns().to_vec(), data.features().to_owned())
    };
    let expected = columns(&text);
    let trailing = text.replace('\n', ",\n");
    assert_eq!(columns(&trailing), expected);
    assert_eq!(columns(&trailing.replacen("label,", "label", 1)), expected);
    // A single cell makes it a column.
    let with_cell = trailing.replacen("é2,\n", "é2,7\n", 1);
    let error = read_bytes("t.csv", with_cell.as_bytes(), &ReadOptions::default());
    let error = error.unwrap_err().to_string();
    assert!(error.contains("infinite in 8999 of 9000 rows"), "{error}");
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

#[cfg(feature = "parquet")]
mod columns {
    use std::sync::Arc;

    use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, FloatType};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
    use parquet::schema::parser::parse_message_type;

    use super::*;

    type Group<'a> = SerializedRowGroupWriter<'a, Vec<u8>>;

    const GROUPS: usize = 3;
    const ROWS: usize = 4000;

    /// A file of several groups of rows, with columns of several pages.
    fn file(schema: &str, write: impl Fn(&mut Group<'_>)) -> Vec<u8> {
        let schema = parse_message_type(schema).unwrap();
        let properties = WriterProperties::builder()
            .set_data_page_size_limit(1 << 14)
            .set_write_batch_size(256)
            .build();
        let properties = Arc::new(properties);
        let mut file = SerializedFileWriter::new(Vec::new(), schema.into(), properties).unwrap();
        for _ in 0..GROUPS {
            let mut group = file.next_row_group().unwrap();
            write(&mut group);
            group.close().unwrap();
        }
        file.into_inner().unwrap()
    }

    /// Writes a column of values; levels say which are there, and which begin a row.
    fn column<T: DataType>(
        group: &mut Group<'_>,
        values: &[T::T],
        levels: Option<&[i16]>,
        starts: Option<&[i16]>,
    ) {
        let mut column = group.next_column().unwrap().unwrap();
        let typed = column.typed::<T>();
        typed.write_batch(values, levels, starts).unwrap();
        column.close().unwrap();
    }

    fn numbers(count: usize) -> Vec<f64> {
        let mut random = ChaCha8Rng::seed_from_u64(count as u64);
        (0..count)
            .map(|_| f64::from(random.next_u32()) / 1e6)
            .collect()
    }

    fn texts(text: impl Fn(usize) -> String) -> Vec<ByteArray> {
        (0..ROWS)
            .map(|row| ByteArray::from(text(row).as_str()))
            .collect()
    }

    #[test]
    fn of_parquet() {
        let schema = "message m { required binary name (STRING); required double a; \
                      optional double b; required binary label (STRING); }";
        let bytes = file(schema, |group| {
            column::<ByteArrayType>(group, &texts(|row| format!("item{row}")), None, None);
            column::<DoubleType>(group, &numbers(ROWS), None, None);
            let mut levels = vec![1; ROWS];
            levels[7] = 0;
            column::<DoubleType>(group, &numbers(ROWS - 1), Some(&levels), None);
            let labels = texts(|row| format!("é{}", row % 3));
            column::<ByteArrayType>(group, &labels, None, None);
        });
        let error = same("gap.parquet", &bytes, &ReadOptions::default()).unwrap_or_default();
        assert!(error.contains("b (3)"), "{error}");
        let options = ReadOptions {
            drop_invalid: true,
            ..ReadOptions::default()
        };
        assert_eq!(same("gap.parquet", &bytes, &options), None);
        let data = read_bytes("gap.parquet", &bytes, &options).unwrap();
        assert_eq!(data.features().dim(), (GROUPS * (ROWS - 1), 2));
        let mut damaged = bytes.clone();
        damaged[bytes.len() / 2..][..4000].fill(0xff);
        same("damaged.parquet", &damaged, &options);
    }

    #[test]
    fn of_lists_in_parquet() {
        const WIDTH: usize = 12;
        let schema = "message m { optional group vector (LIST) { repeated group list { \
                      required float element; } } }";
        let values: Vec<f32> = (numbers(WIDTH * (ROWS - 1)).into_iter())
            .map(|value| value as f32)
            .collect();
        let bytes = file(schema, |group| {
            // The first list of each group is missing.
            let levels = [vec![0], vec![2; values.len()]].concat();
            let mut starts = vec![0];
            starts.extend((0..values.len()).map(|i| i16::from(i % WIDTH > 0)));
            column::<FloatType>(group, &values, Some(&levels), Some(&starts));
        });
        let options = ReadOptions {
            drop_invalid: true,
            ..ReadOptions::default()
        };
        assert_eq!(same("lists.parquet", &bytes, &options), None);
        let data = read_bytes("lists.parquet", &bytes, &options).unwrap();
        assert_eq!(data.features().dim(), (GROUPS * (ROWS - 1), WIDTH));
        let found: Vec<f32> = data.features().iter().copied().collect();
        assert_eq!(found, values.repeat(GROUPS));
    }
}
