//! Files that are not read: they are named for what they are, with the line that converts them.
//!
//! In: bytes. Out: always an error. What each kind is and what to do is in `foreign.toml`, from which
//! `scripts/check_advice.py` takes the lines that it runs.

use serde::Deserialize;

use super::{Format, orange};
use crate::dataset::raw::RawFile;
use crate::error::{Error, printable};
use crate::text::first;

/// The kinds and what to do about them.
const TABLE: &str = include_str!("foreign.toml");
/// Bytes at the beginning that are searched for words.
const START: usize = 4096;
/// Members of an archive that are named.
const MOST_NAMES: usize = 5;

pub(super) const FORMAT: Format = Format {
    recognizes: |file| kind(file).is_some(),
    open: |file| {
        let kind = kind(file).unwrap_or_default();
        let orange = orange::recognize(&String::from_utf8_lossy(file.head()));
        let orange = orange.filter(|orange| orange.kind == kind);
        Err(refusal(
            file,
            kind,
            &orange.map_or_else(String::new, |o| o.more),
        ))
    },
};

/// What files begin with, by kind.
const STARTS: &[(&[u8], &str)] = &[
    (b"version https://git-lfs.github.com/spec/", "git-lfs"),
    (b"RDX2\nX\n", "rdata"),
    (b"RDX3\nX\n", "rdata"),
    (b"X\n\0\0\0\x02", "rds"),
    (b"X\n\0\0\0\x03", "rds"),
    (b"<stata_dta>", "stata"),
    (b"FEA1", "feather-1"),
    (b"SQLite format 3\0", "sqlite"),
    (b"\x89PNG\r\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF87a", "image"),
    (b"GIF89a", "image"),
    (b"II*\0", "image"),
    (b"MM\0*", "image"),
    (b"%PDF-", "pdf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
    (b"model_checkpoint_path:", "tensorflow-checkpoint"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"\x5d\0\0", "lzma"),
    (b"\x1f\x9d", "compress"),
];

/// The kind of a file, if it is one that is not read.
fn kind(file: &RawFile) -> Option<&'static str> {
    let bytes = file.head();
    let by_start = STARTS.iter().find(|(start, _)| bytes.starts_with(start));
    by_start
        .map(|&(_, kind)| kind)
        .or_else(|| of_pickle(bytes))
        .or_else(|| of_text(bytes))
        .or_else(|| is_list_of_words(file).then_some("json-words"))
        .or_else(|| of_structure(file))
}

fn of_pickle(bytes: &[u8]) -> Option<&'static str> {
    let [0x80, 2..=5, ..] = bytes else {
        return None;
    };
    let start = &bytes[..bytes.len().min(START)];
    let has = |word: &[u8]| start.windows(word.len()).any(|w| w == word);
    Some(if has(b"joblib") {
        "pickle-joblib"
    } else if has(b"scipy.sparse") {
        "pickle-scipy"
    } else if has(b"pandas") {
        "pickle-pandas"
    } else {
        "pickle"
    })
}

/// HTML, XML, and tables with a header of their own.
fn of_text(bytes: &[u8]) -> Option<&'static str> {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(START)]).to_lowercase();
    let start = start.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with("<!doctype html") || start.starts_with("<html") {
        return Some("html");
    }
    if start.starts_with("<table") {
        return Some("html-table");
    }
    if start.starts_with("<?xml") {
        return Some(if start.contains("<html") {
            "html"
        } else {
            "xml"
        });
    }
    let first = |comment: char| {
        let mut lines = start.lines().map(str::trim);
        lines.find(|line| !line.starts_with(comment) && !line.is_empty())
    };
    if first('%').is_some_and(|line| line.starts_with("@relation")) {
        return Some("arff");
    }
    let is_series =
        |line: &str| line.starts_with("@problemname") || line.starts_with("@timestamps");
    if first('#').is_some_and(is_series) {
        return Some("time-series");
    }
    orange::recognize(&String::from_utf8_lossy(bytes)).map(|orange| orange.kind)
}

/// Whether a file is a JSON list of text.
fn is_list_of_words(file: &RawFile) -> bool {
    let mut first = file.head().iter().filter(|b| !b.is_ascii_whitespace());
    (first.next(), first.next()) == (Some(&b'['), Some(&b'"'))
        && (file.ends_with(b"]") || file.ends_with(b"]\n"))
}

/// What is recognized by more than its first bytes.
fn of_structure(file: &RawFile) -> Option<&'static str> {
    let bytes = file.head();
    // The last byte is a length.
    let before_last = file.length().saturating_sub(4)..file.length().saturating_sub(1);
    let is_orc = || (file.part(before_last, &mut Vec::new())).is_ok_and(|last| last == b"ORC");
    if bytes.starts_with(b"ORC") && is_orc() {
        return Some("orc");
    }
    // Before version 117: the version, the byte order, the kind of file, and nothing.
    if let [103..=115, 1 | 2, 1, 0, ..] = bytes {
        return Some("stata");
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return Some("tar");
    }
    if file.ends_with(b"\x57\xfb\x80\x8b\x24\x75\x47\xdb") {
        return Some("tensorflow-checkpoint");
    }
    // One of its levels begins with "x^".
    let is_text = |start: &[u8]| start.iter().all(|byte| (9..0x80).contains(byte));
    if let [0x78, 0x01 | 0x5e | 0x9c | 0xda, rest @ ..] = bytes
        && !is_text(&rest[..rest.len().min(64)])
    {
        return Some("zlib");
    }
    if is_tfrecord(bytes) {
        return Some("tfrecord");
    }
    // The version, then the name of the program that wrote it and the next field.
    if let [0x08, 1..=31, 0x12, length, rest @ ..] = bytes
        && let Some((name, [0x1a | 0x22 | 0x28 | 0x32 | 0x3a | 0x42, ..])) =
            rest.split_at_checked(usize::from(*length))
        && name.iter().all(u8::is_ascii_graphic)
    {
        return Some("onnx");
    }
    None
}

/// Whether a file begins with a length and its checksum (CRC-32C, masked) as TensorFlow writes them.
fn is_tfrecord(bytes: &[u8]) -> bool {
    let (Some(length), Some(sum)) = (bytes.get(..8), bytes.get(8..12)) else {
        return false;
    };
    let mut crc = u32::MAX;
    for &byte in length {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            let odd = crc & 1;
            crc = (crc >> 1) ^ (odd * 0x82f6_3b78);
        }
    }
    let masked = (!crc).rotate_right(15).wrapping_add(0xa282_ead8);
    sum == masked.to_le_bytes()
}

/// Why a table that is written as one JSON object is refused: `kind` is of the table of kinds.
pub(super) fn of_json(file: &RawFile, kind: &str) -> Error {
    refusal(file, kind, "")
}

/// Why a zip archive without arrays is refused.
pub(super) fn of_archive(file: &RawFile, names: &[String]) -> Error {
    let has = |name: &str| names.iter().any(|n| n == name);
    if has("xl/workbook.xml") {
        return refusal(file, "xlsx", "");
    }
    if has("model.weights.h5") {
        return refusal(file, "keras", "");
    }
    let names = first(names, MOST_NAMES, |name| printable(name));
    refusal(file, "zip", &format!("; it holds {names}"))
}

/// The kinds of the table.
#[derive(Deserialize)]
struct Table {
    kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    name: String,
    problem: String,
    /// What the advice is written in, if it can be run.
    language: Option<String>,
    advice: String,
}

/// The problem and the remedy of a kind.
pub(super) fn advice(kind: &str, file: &str) -> (String, String) {
    let kinds = toml::from_str::<Table>(TABLE).map_or_else(|_| Vec::new(), |table| table.kinds);
    let Some(kind) = kinds.into_iter().find(|k| k.name == kind) else {
        return (
            "the format is not known".into(),
            "save it as CSV or .npy".into(),
        );
    };
    let name = printable(file).replace('\\', "\\\\").replace('"', "\\\"");
    let advice = kind.advice.replace("{file}", &name);
    let remedy = match kind.language.as_deref() {
        Some("shell") => format!("run `{advice}`"),
        Some(language) => format!("convert it in {language}: `{advice}`"),
        None => advice,
    };
    (kind.problem, remedy)
}

/// Why a file of this kind is refused; `more` is added to the problem.
fn refusal(file: &RawFile, kind: &str, more: &str) -> Error {
    let (problem, remedy) = advice(kind, &file.name);
    Error::input(&file.name, format!("{problem}{more}"), remedy)
}
