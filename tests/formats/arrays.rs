//! Formats that hold arrays: archives, tensors and sparse matrices, also compressed. The files are
//! made by `scripts/make_formats_arrays.py`.

use std::path::PathBuf;

use disentangle::dataset::{Dataset, ReadOptions, read, read_bytes};

use crate::common::{array, fixture};
use crate::damage::survives_damage;

fn path(name: &str) -> PathBuf {
    fixture("formats/arrays").join(name)
}

fn open(name: &str) -> Dataset {
    read(path(name), &ReadOptions::default()).unwrap()
}

/// Whether a dataset has exactly the features of `features.npy`.
fn assert_same_features(data: &Dataset, name: &str) {
    assert_eq!(data.features(), array(&path("features.npy")), "{name}");
}

fn message(name: &str, bytes: &[u8]) -> String {
    match read_bytes(name, bytes, &ReadOptions::default()) {
        Ok(data) => format!("{name} is read as {:?}", data.features().shape()),
        Err(error) => error.to_string(),
    }
}

const COMPRESSED: &[&str] = &[
    "table.csv.gz",
    "members.csv.gz",
    "features.npy.gz",
    "table.csv.zst",
    "features.npy.zst",
    "frames.csv.zst",
    "table.csv.xz",
    "features.npy.xz",
    "table.csv.bz2",
    "features.npy.bz2",
    "members.csv.bz2",
];

#[test]
fn compressed_files_are_what_they_unpack_to() {
    for name in COMPRESSED {
        let data = open(name);
        assert_same_features(&data, name);
        let stem = name.split('.').next().unwrap();
        assert_eq!(data.name(), stem);
        // The digest is that of the file as it is.
        let source = &data.sources()[0];
        let size = std::fs::metadata(path(name)).unwrap().len();
        assert_eq!(source.bytes, size, "{name}");
        let labels = data.labels().map(disentangle::dataset::Labels::classes);
        let expected = name.contains("csv").then_some(3);
        assert_eq!(labels, expected, "{name}");
    }
}

#[test]
fn the_digest_of_a_compressed_file_is_that_of_the_file_as_it_is() {
    let data = open("features.npy.gz");
    let expected = std::process::Command::new("sha256sum")
        .arg(path("features.npy.gz"))
        .output();
    let Ok(expected) = expected else {
        return;
    };
    let expected = String::from_utf8(expected.stdout).unwrap();
    assert!(expected.starts_with(&data.sources()[0].sha256));
}

#[test]
fn compressed_files_that_are_cut_off_are_refused() {
    for name in COMPRESSED {
        let bytes = std::fs::read(path(name)).unwrap();
        for cut in [bytes.len() - 1, bytes.len() - 9, bytes.len() * 9 / 10] {
            let message = message(name, &bytes[..cut]);
            assert!(message.contains("damaged or cut off"), "{name}: {message}");
            assert!(message.contains(" -t` checks it"), "{name}: {message}");
        }
    }
}

#[test]
fn compressed_files_that_are_damaged_are_refused() {
    for name in COMPRESSED {
        let bytes = std::fs::read(path(name)).unwrap();
        // Among the data, where only the checksum can tell.
        for at in [bytes.len() / 2, bytes.len() / 2 + 50] {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            let message = message(name, &damaged);
            assert!(message.contains("damaged or cut off"), "{name}: {message}");
        }
    }
}

#[test]
fn a_file_that_is_compressed_twice_is_refused() {
    use std::io::Write as _;
    let bytes = std::fs::read(path("table.csv.xz")).unwrap();
    let mut twice = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    twice.write_all(&bytes).unwrap();
    let message = message("twice.gz", &twice.finish().unwrap());
    assert!(message.contains("gzip data that hold xz data"), "{message}");
    assert!(message.contains("`gzip -d`"), "{message}");
}

#[test]
fn a_file_that_grows_as_no_data_do_is_refused() {
    use std::io::Write as _;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..200 {
        packed.write_all(&vec![0; 1 << 20]).unwrap();
    }
    let message = message("zeros.gz", &packed.finish().unwrap());
    assert!(
        message.contains("compressed bytes unpack to more than"),
        "{message}"
    );
    assert!(message.contains("`gzip -d`"), "{message}");
}

#[test]
fn damaged_files_are_read_or_refused() {
    for name in COMPRESSED {
        survives_damage(name, &std::fs::read(path(name)).unwrap());
    }
}

#[cfg(feature = "tui")]
mod streams {
    use assert_cmd::Command;

    use super::path;

    fn program(arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("disentangle").unwrap();
        command.args(arguments);
        command
    }

    fn says(command: &mut Command) -> String {
        let output = command.output().unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    }

    #[test]
    fn standard_input_is_read_whatever_it_holds() {
        let labels = path("labels.npy").display().to_string();
        for name in ["features.npy", "features.npy.gz", "table.csv.zst"] {
            let bytes = std::fs::read(path(name)).unwrap();
            let said = says(program(&["diagnose", "-", "--labels", &labels]).write_stdin(bytes));
            assert!(said.contains("24 × 5"), "{name}: {said}");
            assert!(said.contains("3 classes"), "{name}: {said}");
        }
    }

    #[test]
    fn an_option_may_name_standard_input() {
        let features = path("features.npy").display().to_string();
        let bytes = std::fs::read(path("labels.npy")).unwrap();
        let mut command = program(&["diagnose", &features, "--labels", "-"]);
        let said = says(command.write_stdin(bytes));
        assert!(said.contains("3 classes"), "{said}");
    }

    #[test]
    fn sets_of_a_study_may_come_through_pipes() {
        let script = format!(
            "'{}' compare A=<(gzip -dc '{}') B=<(cat '{}') --labels - < '{}'",
            assert_cmd::cargo::cargo_bin("disentangle").display(),
            path("features.npy.gz").display(),
            path("features.npy").display(),
            path("labels.npy").display()
        );
        let said = says(Command::new("bash").args(["-c", &script]));
        assert!(said.contains("24 samples"), "{said}");
    }

    #[test]
    fn standard_input_is_named_once() {
        let said = says(program(&["diagnose", "-", "--labels", "-"]).write_stdin("1\n2\n"));
        let expected = "standard input is one file, but it is named 2 times; name files";
        assert!(said.contains(expected), "{said}");
    }

    #[test]
    fn an_empty_stream_is_an_empty_file() {
        let said = says(program(&["diagnose", "-"]).write_stdin(""));
        assert!(said.contains("standard input: the file is empty"), "{said}");
    }
}
