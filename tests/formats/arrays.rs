//! Formats that hold arrays: archives, tensors and sparse matrices, also compressed. The files are
//! made by `scripts/make_formats_arrays.py`.

use std::path::PathBuf;

use disentangle::dataset::{Dataset, ReadOptions, inspect, read, read_bytes};
use disentangle::ndarray::s;

use crate::common::{array, fixture};
use crate::damage::{alone, survives_damage};

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
            assert!(
                message.contains("damaged or truncated"),
                "{name}: {message}"
            );
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
            assert!(
                message.contains("damaged or truncated"),
                "{name}: {message}"
            );
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
    assert!(
        message.contains("gzip data that contains xz data"),
        "{message}"
    );
    assert!(message.contains("`gzip -d`"), "{message}");
}

#[test]
fn a_file_that_grows_as_no_data_do_is_refused() {
    use std::io::Write as _;
    let _alone = alone();
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

const SAFETENSORS: &[&str] = &[
    "types.safetensors",
    "named.safetensors",
    "misaligned.safetensors",
    "float8.safetensors",
];

/// The features that a member of a file is read as.
fn member(name: &str, member: &str) -> Dataset {
    read(path(&format!("{name}:{member}")), &ReadOptions::default()).unwrap()
}

#[test]
fn safetensors_of_every_type_are_what_numpy_reads() {
    for name in [
        "BOOL", "I8", "I16", "I32", "I64", "U8", "U16", "U32", "U64", "BF16", "F16", "F32", "F64",
    ] {
        let (tensor, expected) = (member("types.safetensors", name), member("types.npz", name));
        assert_eq!(tensor.features(), expected.features(), "{name}");
    }
}

#[test]
fn safetensors_are_recognized_by_names_as_archives_are() {
    let data = open("named.safetensors");
    assert_same_features(&data, "named.safetensors");
    assert_eq!(data.labels().unwrap().counts(), [8, 8, 8]);
    assert_same_features(&open("misaligned.safetensors"), "misaligned.safetensors");
}

#[test]
fn types_that_are_not_supported_are_named() {
    let bytes = std::fs::read(path("float8.safetensors")).unwrap();
    let said = message("float8.safetensors", &bytes);
    assert!(said.contains("the type F8_E4M3 is not supported"), "{said}");
    assert!(said.contains("`.to(torch.float32)`"), "{said}");
    let said = message("float8.npy", &std::fs::read(path("float8.npy")).unwrap());
    assert!(said.contains("`.astype('float32')`"), "{said}");
}

#[test]
fn safetensors_whose_header_does_not_fit_their_values_are_refused() {
    let file = |header: &str, values: usize| {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.extend(vec![0; values]);
        message("x.safetensors", &bytes)
    };
    let tensor = |offsets: &str| {
        format!(r#"{{"features":{{"dtype":"F32","shape":[2,3],"data_offsets":{offsets}}}}}"#)
    };
    for (offsets, expected) in [
        ("[0,24]", "read as [2, 3]"),
        ("[0,28]", "it is float32 2 × 3, but its values are 28 bytes"),
        (
            "[8,40]",
            "its values are bytes 8 to 40, but the file has 32",
        ),
        ("[24,0]", "its values are bytes 24 to 0"),
        ("[0]", "its data_offsets are not two numbers"),
        ("[-1,23]", "its data_offsets is not a list of whole numbers"),
    ] {
        let said = file(&tensor(offsets), 32);
        assert!(said.contains(expected), "{offsets}: {said}");
    }
    let huge =
        r#"{"features":{"dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,8]}}"#;
    let said = file(huge, 8);
    assert!(said.contains("but its values are 8 bytes"), "{said}");
    let said = file("{not JSON}", 8);
    assert!(
        said.contains("the header is not the JSON of safetensors"),
        "{said}"
    );
    let bytes = std::fs::read(path("named.safetensors")).unwrap();
    let said = message("x.safetensors", &bytes[..40]);
    assert!(said.contains("the file is truncated"), "{said}");
}

#[test]
fn bfloat16_is_rounded_as_by_pytorch() {
    let expected = member("types.npz", "BF16");
    assert_eq!(open("bfloat16.npy").features(), expected.features());
}

#[test]
fn sparse_matrices_are_read_as_dense_ones() {
    let expected = array(&path("sparse.npy"));
    for name in ["csr.npz", "csc.npz", "coo.npz", "twice.npz"] {
        assert_eq!(open(name).features(), expected, "{name}");
    }
    let whole = expected.mapv(|v| f32::from(u8::from(v > 0.0)));
    assert_eq!(open("whole.npz").features(), whole);
}

#[test]
fn other_sparse_formats_are_named() {
    let said = message("bsr.npz", &std::fs::read(path("bsr.npz")).unwrap());
    assert!(said.contains("sparse matrices of the format bsr"), "{said}");
    assert!(said.contains("`matrix.tocsr()`"), "{said}");
}

#[test]
fn images_and_labels_as_of_mnist_are_read() {
    let options = ReadOptions {
        labels: Some(path("labels-idx1-ubyte")),
        ..ReadOptions::default()
    };
    let data = read(path("images-idx3-ubyte.gz"), &options).unwrap();
    assert_eq!(data.features(), member("types.npz", "U8").features());
    assert_eq!(data.labels().unwrap().counts(), [8, 8, 8]);
    assert_same_features(&open("floats-idx2"), "floats-idx2");
    let bytes = std::fs::read(path("floats-idx2")).unwrap();
    let said = message("x-idx2", &bytes[..bytes.len() - 1]);
    assert!(
        said.contains("float32 24 × 5, but 479 bytes follow"),
        "{said}"
    );
}

const PYTORCH: &[&str] = &[
    "tensor.pt",
    "old.pt",
    "protocol5.pt",
    "lists.pt",
    "nested.pt",
    "arrays.pt",
    "types.pt",
    "views.pt",
    "refused.pt",
];

#[test]
fn tensors_of_pytorch_are_read_whatever_they_are_in() {
    for name in [
        "tensor.pt",
        "big_endian.pt",
        "old.pt",
        "parameter.pt",
        "protocol5.pt",
        "protocol5.pt:array",
        "pair.pt",
        "lists.pt",
        "nested.pt",
        "arrays.pt",
        "arrays.pt:columns",
        "arrays.pt:big",
        "views.pt:contiguous",
        "views.pt:slice",
        "views.pt:turned",
        "views.pt:steps",
        "views.pt:first",
        "views.pt:second",
    ] {
        assert_same_features(&open(name), name);
    }
    let expected = array(&path("features.npy"));
    let narrow = expected.slice(s![.., 1..]);
    assert_eq!(member("old.pt", "again").features(), narrow);
    assert_eq!(
        member("batches.pt", "1").features(),
        expected.slice(s![10.., ..])
    );
    let first = expected.slice(s![..1, ..]);
    assert_eq!(
        member("views.pt", "expanded").features(),
        first.broadcast((24, 5)).unwrap()
    );
    let half = expected.mapv(|v| half::f16::from_f32(v).to_f32());
    assert_eq!(member("arrays.pt", "half").features(), half);
}

#[test]
fn tensors_of_pytorch_have_every_type() {
    for name in [
        "BOOL", "I8", "I16", "I32", "I64", "U8", "U16", "U32", "U64", "BF16", "F16", "F32", "F64",
    ] {
        let (tensor, expected) = (member("types.pt", name), member("types.npz", name));
        assert_eq!(tensor.features(), expected.features(), "{name}");
    }
}

#[test]
fn labels_and_ids_come_from_lists_and_arrays_of_pytorch_files() {
    for name in ["lists.pt", "arrays.pt"] {
        let data = open(name);
        let labels = data.labels().unwrap();
        assert_eq!(labels.names(), ["one", "two", "zero"], "{name}");
        assert_eq!(labels.counts(), [8, 8, 8], "{name}");
        assert_eq!(data.ids().unwrap()[23], "image 23", "{name}");
    }
    for name in ["old.pt", "protocol5.pt", "nested.pt"] {
        assert_eq!(open(name).labels().unwrap().counts(), [8, 8, 8], "{name}");
    }
    let data = open("pair.pt");
    assert_eq!(data.labels().unwrap().counts(), [8, 8, 8]);
    let noted = |note: &String| note.contains("the second as the labels");
    assert!(data.notes().iter().any(noted), "{:?}", data.notes());
}

#[test]
fn state_dictionaries_list_their_tensors() {
    let shown = inspect(&path("state.pt"), &ReadOptions::default()).unwrap();
    assert_eq!(shown.format, "PyTorch");
    let members: Vec<&str> = shown.members.iter().map(|m| m.0.as_str()).collect();
    assert_eq!(members, ["fc.weight", "fc.bias"]);
    assert_eq!(member("state.pt", "fc.weight").features().shape(), [3, 5]);
}

/// Why a file or a member of it is refused.
fn refusal(name: &str) -> String {
    read(path(name), &ReadOptions::default())
        .unwrap_err()
        .to_string()
}

#[test]
fn objects_of_pytorch_files_are_refused_by_name() {
    for (name, problem, remedy) in [
        (
            "refused.pt:complex",
            "type ComplexFloat are",
            "`tensor.float()`",
        ),
        (
            "refused.pt:float8",
            "type float8_e4m3fn are",
            "`tensor.float()`",
        ),
        ("refused.pt:sparse", "sparse tensor", "`tensor.to_dense()`"),
        (
            "refused.pt:quantized",
            "quantized tensor",
            "`tensor.dequantize()`",
        ),
        ("refused.pt:storage", "a storage", "save a tensor"),
        (
            "refused.pt:model",
            "created by __main__.Net",
            "model.state_dict()",
        ),
        (
            "nested.pt:args",
            "created by argparse.Namespace",
            "torch.save",
        ),
        ("model.pt", "created by __main__.Net", "model.state_dict()"),
        (
            "script.pt",
            "created by __torch__.Net",
            "model.state_dict()",
        ),
        (
            "rows.pt",
            "a list of 24 tensors of 5 numbers",
            "`torch.stack(list)`",
        ),
        ("views.pt:row", "one axis (5 numbers)", "reshape"),
        ("views.pt:one", "a single number", "n rows"),
        ("views.pt:empty", "no rows", "n rows"),
        ("batches.pt", "0 and 1 could each be", "batches.pt:0"),
    ] {
        let said = refusal(name);
        assert!(said.contains(problem), "{name}: {said}");
        assert!(said.contains(remedy), "{name}: {said}");
    }
}

/// What `zstd --long=28` writes is not damaged.
#[cfg(feature = "compression")]
#[test]
fn a_zstandard_file_that_refers_back_too_far_is_named() {
    // A window of 2^(10 + 18) bytes, and an empty block.
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 18 << 3, 0x01, 0x00, 0x00];
    let said = message("x.npy.zst", &frame);
    assert!(said.contains("refers back over 256 MiB"), "{said}");
    assert!(said.contains("`zstd -d --long=31`"), "{said}");
    assert!(!said.contains("damaged"), "{said}");
}

#[test]
fn damaged_files_of_pytorch_are_refused() {
    let bytes = std::fs::read(path("tensor.pt")).unwrap();
    let said = message("x.pt", &bytes[..bytes.len() - 30]);
    assert!(said.contains("the archive is damaged"), "{said}");
    assert!(said.contains("save it again with torch.save"), "{said}");
    let value = array(&path("features.npy"))[(7, 2)].to_le_bytes();
    let at = bytes.windows(4).position(|w| w == value).unwrap();
    let mut damaged = bytes.clone();
    damaged[at] ^= 1;
    let said = message("x.pt", &damaged);
    assert!(said.contains("/data/0 in the archive is damaged"), "{said}");
    let bytes = std::fs::read(path("old.pt")).unwrap();
    let said = message("x.pt", &bytes[..bytes.len() - 30]);
    assert!(said.contains("the file is truncated"), "{said}");
}

#[test]
fn damaged_files_are_read_or_refused() {
    let others = ["csr.npz", "csc.npz", "coo.npz", "twice.npz", "floats-idx2"];
    for name in COMPRESSED
        .iter()
        .chain(SAFETENSORS)
        .chain(&others)
        .chain(PYTORCH)
    {
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
        let expected = "standard input can be read only once, but it is named 2 times; name files";
        assert!(said.contains(expected), "{said}");
    }

    #[test]
    fn an_empty_stream_is_an_empty_file() {
        let said = says(program(&["diagnose", "-"]).write_stdin(""));
        assert!(said.contains("standard input: the file is empty"), "{said}");
    }
}
