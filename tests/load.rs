//! Files as people have them: every dtype, order and byte order that NumPy writes, archives,
//! tables, labels of all kinds. What goes in comes out, or is refused with a reason.

#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    unused_qualifications,
    reason = "a test stops at the first surprise; what is stored exactly is read exactly"
)]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use disentangle::Result;
use disentangle::dataset::{Dataset, ReadOptions, UNLABELED, read};
use proptest::prelude::*;

/// The bytes of an array as `numpy.save` writes them.
fn npy(descr: &str, fortran: bool, shape: &str, data: &[u8]) -> Vec<u8> {
    let fortran = if fortran { "True" } else { "False" };
    let mut header =
        format!("{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}");
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// An archive as `numpy.savez` writes it.
fn npz(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    for (name, content) in members {
        writer.start_file(format!("{name}.npy"), options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn le<const N: usize, T: Copy>(values: &[T], bytes: impl Fn(T) -> [u8; N]) -> Vec<u8> {
    values.iter().flat_map(|&v| bytes(v)).collect()
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

fn load(content: impl AsRef<[u8]>) -> Result<Dataset> {
    Dataset::load(Folder::new().file("features.npy", content))
}

/// Four samples of two features, read with this labels file.
fn with_labels(name: &str, content: impl AsRef<[u8]>) -> Result<Dataset> {
    let folder = Folder::new();
    let features = folder.file("features.csv", "a,b\n1,2\n3,4\n5,6\n7,8\n");
    let options = ReadOptions {
        labels: Some(folder.file(name, content)),
        ..ReadOptions::default()
    };
    read(features, &options)
}

/// Class names and the class of each of four samples.
fn classes(data: &Dataset) -> (Vec<&str>, Vec<u16>) {
    let labels = data.labels().unwrap();
    let names = labels.names().iter().map(String::as_str).collect();
    (names, labels.indices().to_vec())
}

#[test]
fn every_dtype_is_read_as_what_it_holds() {
    let whole = [0_i8, 1, -2, 3, 100, -128];
    let expected: Vec<f32> = whole.iter().map(|&v| f32::from(v)).collect();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("'|i1'", le(&whole, i8::to_le_bytes)),
        ("'<i2'", le(&whole, |v| i16::from(v).to_le_bytes())),
        ("'>i2'", le(&whole, |v| i16::from(v).to_be_bytes())),
        ("'<i4'", le(&whole, |v| i32::from(v).to_le_bytes())),
        ("'>i4'", le(&whole, |v| i32::from(v).to_be_bytes())),
        ("'<i8'", le(&whole, |v| i64::from(v).to_le_bytes())),
        ("'>i8'", le(&whole, |v| i64::from(v).to_be_bytes())),
        ("'<f4'", le(&whole, |v| f32::from(v).to_le_bytes())),
        ("'>f4'", le(&whole, |v| f32::from(v).to_be_bytes())),
        ("'<f8'", le(&whole, |v| f64::from(v).to_le_bytes())),
        ("'>f8'", le(&whole, |v| f64::from(v).to_be_bytes())),
        (
            "'<f2'",
            le(&whole, |v| half::f16::from_f32(f32::from(v)).to_le_bytes()),
        ),
        (
            "'>f2'",
            le(&whole, |v| half::f16::from_f32(f32::from(v)).to_be_bytes()),
        ),
    ];
    for (descr, bytes) in cases {
        let data = load(npy(descr, false, "(3, 2)", &bytes)).unwrap();
        let values: Vec<f32> = data.features().iter().copied().collect();
        assert_eq!(values, expected, "{descr}");
        // In Fortran order the same bytes are the columns.
        let data = load(npy(descr, true, "(3, 2)", &bytes)).unwrap();
        let values: Vec<f32> = data.features().t().iter().copied().collect();
        assert_eq!(values, expected, "{descr}, Fortran order");
    }
    let natural = [0_u8, 1, 2, 3, 4, 255];
    let expected: Vec<f32> = natural.iter().map(|&v| f32::from(v)).collect();
    for (descr, bytes) in [
        ("'|u1'", natural.to_vec()),
        ("'<u2'", le(&natural, |v| u16::from(v).to_le_bytes())),
        ("'>u2'", le(&natural, |v| u16::from(v).to_be_bytes())),
        ("'<u4'", le(&natural, |v| u32::from(v).to_le_bytes())),
        ("'>u4'", le(&natural, |v| u32::from(v).to_be_bytes())),
        ("'<u8'", le(&natural, |v| u64::from(v).to_le_bytes())),
        ("'>u8'", le(&natural, |v| u64::from(v).to_be_bytes())),
    ] {
        let data = load(npy(descr, false, "(3, 2)", &bytes)).unwrap();
        let values: Vec<f32> = data.features().iter().copied().collect();
        assert_eq!(values, expected, "{descr}");
    }
    let data = load(npy("'|b1'", false, "(2, 2)", &[0, 1, 1, 0])).unwrap();
    assert_eq!(data.features().iter().sum::<f32>(), 2.0);
}

#[test]
fn convolutional_features_are_flattened_and_said_so() {
    let bytes = le(&(0_u8..24).collect::<Vec<_>>(), |v| {
        f32::from(v).to_le_bytes()
    });
    let data = load(npy("'<f4'", false, "(4, 3, 2, 1)", &bytes)).unwrap();
    assert_eq!(data.features().dim(), (4, 6));
    assert_eq!(data.features()[[1, 0]], 6.0);
    assert_eq!(
        data.notes(),
        ["features of shape 4 × 3 × 2 × 1 were flattened to 4 × 6"]
    );
    // In Fortran order the first axis runs fastest.
    let data = load(npy("'<f4'", true, "(4, 3, 2, 1)", &bytes)).unwrap();
    assert_eq!(data.features().row(0).to_vec(), [0., 12., 4., 16., 8., 20.]);
}

#[test]
fn an_archive_brings_everything_along() {
    let features = npy(
        "'<f4'",
        false,
        "(3, 2)",
        &le(&[1_f32, 2., 3., 4., 5., 6.], f32::to_le_bytes),
    );
    let labels = npy(
        "'<i8'",
        false,
        "(3,)",
        &le(&[1_i64, 0, 1], i64::to_le_bytes),
    );
    let names = npy("'|S3'", false, "(2,)", b"catdog");
    let ids = npy(
        "'<U1'",
        false,
        "(3,)",
        &le(&['p', 'q', 'r'], |c| (c as u32).to_le_bytes()),
    );
    let predictions = npy(
        "'<i8'",
        false,
        "(3,)",
        &le(&[1_i64, 1, 0], i64::to_le_bytes),
    );
    let other = npy(
        "'<f4'",
        false,
        "(3, 1)",
        &le(&[7_f32, 8., 9.], f32::to_le_bytes),
    );
    let archive = npz(&[
        ("features", features),
        ("labels", labels),
        ("class_names", names),
        ("ids", ids),
        ("predictions", predictions),
        ("other", other),
    ]);
    let folder = Folder::new();
    let path = folder.file("all.npz", archive);
    let data = Dataset::load(&path).unwrap();
    assert_eq!(data.features().dim(), (3, 2));
    assert_eq!(classes(&data), (vec!["cat", "dog"], vec![1, 0, 1]));
    assert_eq!(data.ids().unwrap(), ["p", "q", "r"]);
    assert_eq!(data.predictions().unwrap(), [1, 1, 0]);
    // Another member as features, with the same labels.
    let named = format!("{}:other", path.display());
    let data = Dataset::load(named).unwrap();
    assert_eq!(data.features().dim(), (3, 1));
    assert_eq!(data.labels().unwrap().counts(), [1, 2]);
    assert_eq!(data.name(), "all:other");
}

/// Two million columns and a value in each of 100 rows would take 1.6 GB.
#[test]
fn a_sparse_archive_that_is_nearly_all_zero_is_refused() {
    let numbers = |values: &[i32]| {
        let shape = format!("({},)", values.len());
        npy("'<i4'", false, &shape, &le(values, i32::to_le_bytes))
    };
    let starts: Vec<i32> = (0..=100).collect();
    let bytes = npz(&[
        ("format", npy("'|S3'", false, "()", b"csr")),
        ("shape", numbers(&[100, 2_000_000])),
        ("data", numbers(&[1; 100])),
        ("indices", numbers(&starts[..100])),
        ("indptr", numbers(&starts)),
    ]);
    let problem = load(bytes).unwrap_err().to_string();
    assert!(
        problem.contains("100 rows × 2000000 columns are nearly all 0"),
        "{problem}"
    );
}

/// The headers are read to say what an archive holds; these would take seconds.
#[test]
fn an_archive_of_nothing_but_headers_is_refused() {
    let shape = format!("({})", "1,".repeat(32_000));
    let array = npy("'<f4'", false, &shape, &[0; 4]);
    let names: Vec<String> = (0..40).map(|i| i.to_string()).collect();
    let members: Vec<_> = names.iter().map(|name| (&**name, array.clone())).collect();
    let problem = load(npz(&members)).unwrap_err().to_string();
    assert!(
        problem.contains("the headers of its arrays have more than"),
        "{problem}"
    );
}

/// A list of 500 times the same list of 500 numbers, in 2 KB; with three levels it would fill the memory.
#[test]
fn lists_that_repeat_each_other_are_refused() {
    let list = |key: u8, item: &[u8]| [&b"]q"[..], &[key], b"(", &item.repeat(500), b"e"].concat();
    let pickle = [
        &b"\x80\x02"[..],
        &list(0, b"K\x01"),
        &list(1, b"h\0"),
        b"}X\x08\0\0\0featuresh\x01s.",
    ]
    .concat();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("x/data.pkl", stored).unwrap();
    zip.write_all(&pickle).unwrap();
    let problem = load(zip.finish().unwrap().into_inner()).unwrap_err();
    assert!(
        problem
            .to_string()
            .contains("the same lists again and again"),
        "{problem}"
    );
}

#[test]
fn only_archives_have_members() {
    let folder = Folder::new();
    let table = folder.file("table.csv", "a,b\n1,2\n3,4\n");
    let error = Dataset::load(format!("{}:a", table.display())).unwrap_err();
    assert!(
        error.to_string().contains("only files of several arrays"),
        "{error}"
    );
}

#[test]
fn labels_of_every_kind_become_classes() {
    let cases: &[(&str, &[&str], &[u16])] = &[
        ("1\n0\n1\n2\n", &["0", "1", "2"], &[1, 0, 1, 2]),
        ("10\n9\n-3\n9\n", &["-3", "9", "10"], &[2, 1, 0, 1]),
        ("1.0\n0.0\n1.0\n0.0\n", &["0", "1"], &[1, 0, 1, 0]),
        ("b\na\nb\nc\n", &["a", "b", "c"], &[1, 0, 1, 2]),
        ("label\nb\na\nb\nc\n", &["a", "b", "c"], &[1, 0, 1, 2]),
        ("1\n-1\n1\n-1\n", &["-1", "1"], &[1, 0, 1, 0]),
        ("0\n-1\n1\n0\n", &["-1", "0", "1"], &[1, 0, 2, 1]),
        ("0\n-1\n1\n2\n", &["0", "1", "2"], &[0, UNLABELED, 1, 2]),
        ("1\n\"\"\n10\n2\n", &["1", "2", "10"], &[0, UNLABELED, 2, 1]),
        ("a\n\"\"\na\nb\n", &["a", "b"], &[0, UNLABELED, 0, 1]),
        ("#1\n#2\n#1\n#2\n", &["#1", "#2"], &[0, 1, 0, 1]),
        (
            "file,label\np.png,cat\nq.png,dog\nr.png,cat\ns.png,cat\n",
            &["cat", "dog"],
            &[0, 1, 0, 0],
        ),
    ];
    for (content, names, indices) in cases {
        let data = with_labels("labels.csv", content).unwrap();
        assert_eq!(
            classes(&data),
            (names.to_vec(), indices.to_vec()),
            "{content:?}"
        );
    }
    let truths = npy("'|b1'", false, "(4,)", &[1, 0, 1, 1]);
    let data = with_labels("labels.npy", truths).unwrap();
    assert_eq!(classes(&data), (vec!["false", "true"], vec![1, 0, 1, 1]));
    let floats = npy(
        "'<f8'",
        false,
        "(4,)",
        &le(&[2_f64, 0., 2., 0.], f64::to_le_bytes),
    );
    let data = with_labels("labels.npy", floats).unwrap();
    assert_eq!(classes(&data), (vec!["0", "2"], vec![1, 0, 1, 0]));
}

#[test]
fn labels_that_are_none_are_refused() {
    for (content, words) in [
        ("1\n0\n", "2 rows, but the features have 4"),
        ("0.5\n1\n0\n1\n", "not a whole number"),
        ("a,b\nx,y\nx,y\nx,y\nx,y\n", "which of the columns"),
    ] {
        let error = with_labels("labels.csv", content).unwrap_err();
        assert!(error.to_string().contains(words), "{content:?}: {error}");
    }
}

#[test]
fn class_names_stand_for_label_numbers() {
    let folder = Folder::new();
    let features = folder.file("features.csv", "a,b\n1,2\n3,4\n5,6\n");
    let with = |labels: &str, names: &str| {
        let options = ReadOptions {
            labels: Some(folder.file("labels.txt", labels)),
            class_names: Some(folder.file("names.txt", names)),
            ..ReadOptions::default()
        };
        read(&features, &options)
    };
    let data = with("2\n0\n2\n", "cat\ndog\nox\n").unwrap();
    assert_eq!(classes(&data), (vec!["cat", "ox"], vec![1, 0, 1]));
    // Names that look like numbers stay as they are written.
    let data = with("1\n0\n1\n", "007\n01\n").unwrap();
    assert_eq!(classes(&data), (vec!["007", "01"], vec![1, 0, 1]));
    let error = with("5\n0\n1\n", "cat\ndog\n").unwrap_err();
    assert!(error.to_string().contains("do not fit"), "{error}");
}

/// A label column must not be one of the features, wherever the labels come from.
#[test]
fn the_label_column_of_a_table_is_no_feature() {
    let folder = Folder::new();
    let table = folder.file("table.csv", "a,b,label\n1,2,0\n3,4,1\n5,6,0\n");
    let data = Dataset::load(&table).unwrap();
    assert_eq!(data.dimensions(), 2);
    assert_eq!(classes(&data).1, [0, 1, 0]);
    let other = folder.file("other.csv", "path,grade\np,2\nq,3\nr,3\n");
    let options = ReadOptions {
        labels: Some(other),
        label_column: Some("grade".into()),
        ..ReadOptions::default()
    };
    let data = read(&table, &options).unwrap();
    assert_eq!(data.dimensions(), 2);
    assert_eq!(classes(&data), (vec!["2", "3"], vec![0, 1, 1]));
    assert!(
        data.notes()[0].contains("label (the labels come from another file)"),
        "{:?}",
        data.notes()
    );
}

/// The most telling name wins, and the program says which column it took.
#[test]
fn a_column_called_label_goes_before_one_called_y() {
    let folder = Folder::new();
    let data = Dataset::load(folder.file("xy.csv", "x,y,label\n1,2,a\n3,4,b\n5,6,a\n")).unwrap();
    assert_eq!(data.dimensions(), 2);
    assert_eq!(classes(&data).0, ["a", "b"]);
    assert_eq!(data.notes(), ["label: label; features: x, y"]);
    let data = Dataset::load(folder.file("xz.csv", "x,y,z\n1,2,7\n3,4,8\n5,6,9\n")).unwrap();
    assert!(data.labels().is_none(), "beside x, y is a coordinate");
}

#[test]
fn what_are_no_labels_at_all_is_refused() {
    let (mut ids, mut rows) = (String::new(), "a,b\n".to_owned());
    for i in 0..2500 {
        writeln!(ids, "{i}").unwrap();
        writeln!(rows, "{i},{}", i % 7).unwrap();
    }
    let folder = Folder::new();
    let options = ReadOptions {
        labels: Some(folder.file("ids.txt", ids)),
        ..ReadOptions::default()
    };
    let error = read(folder.file("rows.csv", rows), &options).unwrap_err();
    assert!(
        error.to_string().contains("2500 distinct labels"),
        "{error}"
    );
    let empty = npy("'<f8'", false, "(4, 0)", &[]);
    let error = with_labels("labels.npy", empty).unwrap_err();
    assert!(error.to_string().contains("labels.npy"), "{error}");
}

/// Far from the origin a map keeps its shape.
#[test]
fn a_map_with_an_offset_is_centered() {
    let folder = Folder::new();
    let path = folder.file("map.csv", "x,y\n1e9,1e9\n1000000001,1e9\n1e9,1000000003\n");
    let positions = disentangle::dataset::read_positions(&path).unwrap();
    assert_eq!(positions[1][0] - positions[0][0], 1.0);
    assert_eq!(positions[2][1] - positions[0][1], 3.0);
    let wide = folder.file("wide.csv", "x,y\n1e22,0\n0,1e22\n");
    assert!(disentangle::dataset::read_positions(&wide).is_err());
    let text = npy("'<U40'", false, "(2,)", &[0; 320]);
    assert!(disentangle::dataset::read_positions(&folder.file("text.npy", text)).is_err());
}

proptest! {
    /// Any matrix comes back as it was written, in both orders, from text too.
    #[test]
    fn a_matrix_survives_the_trip(
        rows in 1_usize..12,
        columns in 1_usize..7,
        seed in prop::collection::vec(-1e6_f32..1e6, 84),
    ) {
        let at = |r: usize, c: usize| seed[r * columns + c];
        let shape = format!("({rows}, {columns})");
        let by_rows: Vec<f32> = (0..rows * columns).map(|i| seed[i]).collect();
        let by_columns: Vec<f32> =
            (0..columns).flat_map(|c| (0..rows).map(move |r| at(r, c))).collect();
        let mut text = (0..columns).map(|c| format!("f{c}")).collect::<Vec<_>>().join(",");
        for r in 0..rows {
            let cells: Vec<String> = (0..columns).map(|c| at(r, c).to_string()).collect();
            text.push('\n');
            text += &cells.join(",");
        }
        for content in [
            npy("'<f4'", false, &shape, &le(&by_rows, f32::to_le_bytes)),
            npy("'>f4'", true, &shape, &le(&by_columns, f32::to_be_bytes)),
            npz(&[("features", npy("'<f4'", false, &shape, &le(&by_rows, f32::to_le_bytes)))]),
            text.into_bytes(),
        ] {
            let folder = Folder::new();
            let data = Dataset::load(folder.file("features", content)).unwrap();
            prop_assert_eq!(data.features().dim(), (rows, columns));
            // Columns far from the origin are centered: differences stay what they are.
            for ((r, c), ours) in data.features().indexed_iter() {
                let first = f64::from(data.features()[[0, c]]);
                let ours = f64::from(*ours) - first;
                let theirs = f64::from(at(r, c)) - f64::from(at(0, c));
                let size = at(r, c).abs().max(at(0, c).abs());
                prop_assert!((ours - theirs).abs() <= f64::from(size) * 1e-6);
            }
        }
    }

    /// Whatever bytes a file holds, reading ends with a dataset or an error that fits on a line.
    #[test]
    fn no_bytes_make_it_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        cut in 0_usize..400,
        at in 0_usize..200,
        kind in 0_u8..3,
    ) {
        let mut content = match kind {
            0 => bytes.clone(),
            1 => npy("'<f4'", false, "(4, 3)", &[1; 48]),
            _ => npz(&[("features", npy("'<f4'", false, "(4, 3)", &[1; 48]))]),
        };
        if kind > 0 {
            // Damage a good file.
            content.truncate(cut.max(1));
            let end = content.len();
            for (place, byte) in content[at.min(end)..].iter_mut().zip(bytes.iter().take(8)) {
                *place = *byte;
            }
        }
        let folder = Folder::new();
        let path = folder.file("any", content);
        if let Err(error) = Dataset::load(&path) {
            let text = error.to_string();
            prop_assert!(!text.contains(|c: char| c.is_control()), "{text:?}");
        }
        let _ = disentangle::dataset::inspect(&path, &disentangle::dataset::ReadOptions::default());
    }
}
