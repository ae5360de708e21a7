//! Containers around what the fuzzer made, so that its changes are not refused for their checksums.
//!
//! Parts are written one after the other, each below a line `==> name`.

use std::io::{Cursor, Read as _, Write as _};

use flate2::Compression;
use flate2::bufread::DeflateDecoder;
use flate2::write::ZlibEncoder;
use lzma_rust2::Lzma2Reader;
use zip::write::SimpleFileOptions;

/// What stands before the name of a part.
const MARK: &[u8] = b"==> ";
/// No container is unpacked further than this (bytes).
const MOST: u64 = 16 << 20;
/// Larger dictionaries of xz are refused by the crate.
const LARGEST_DICTIONARY: u8 = 28;

/// The parts of an input: names and contents.
pub fn parts(input: &[u8]) -> Vec<(String, &[u8])> {
    let starts: Vec<usize> = (0..input.len())
        .filter(|&at| input[at..].starts_with(MARK) && (at == 0 || input[at - 1] == b'\n'))
        .collect();
    let ends = starts.iter().skip(1).map(|at| at - 1).chain([input.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| {
            let part = input.get(start + MARK.len()..end).unwrap_or_default();
            let line = part.iter().position(|&byte| byte == b'\n');
            let (name, content) = part.split_at(line.unwrap_or(part.len()));
            let name = String::from_utf8_lossy(name).into_owned();
            (name, content.get(1..).unwrap_or_default())
        })
        .collect()
}

/// An archive as it is, or one made of the parts, whose names begin with `folder`. Names that end in `|` are
/// compressed.
pub fn zip(input: &[u8], folder: &str) -> Vec<u8> {
    if input.starts_with(b"PK") {
        return input.to_vec();
    }
    let parts = parts(input);
    let parts = parts
        .iter()
        .map(|(name, content)| (format!("{folder}{name}"), *content));
    zip_of(parts)
}

/// An archive of some members.
pub fn zip_of<'a>(members: impl IntoIterator<Item = (String, &'a [u8])>) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        let (name, method) = match name.strip_suffix('|') {
            Some(name) => (name, zip::CompressionMethod::Deflated),
            None => (&*name, zip::CompressionMethod::Stored),
        };
        let options = SimpleFileOptions::default().compression_method(method);
        // A name that occurs twice is left out.
        if zip.start_file(name, options).is_ok() {
            let _ = zip.write_all(content);
        }
    }
    zip.finish().map(Cursor::into_inner).unwrap_or_default()
}

/// A file of PyTorch as it is, or an archive of the parts.
pub fn torch(input: &[u8]) -> Vec<u8> {
    if input.starts_with(MARK) {
        zip(input, "archive/")
    } else {
        input.to_vec()
    }
}

/// A file of safetensors as it is, or one whose header is the first line.
pub fn safetensors(input: &[u8]) -> Vec<u8> {
    if !input.starts_with(b"{") {
        return input.to_vec();
    }
    let end = input.iter().position(|&byte| byte == b'\n');
    let (header, values) = input.split_at(end.unwrap_or(input.len()));
    let length = (header.len() as u64).to_le_bytes();
    [&length, header, values.get(1..).unwrap_or_default()].concat()
}

/// A file of MATLAB as it is, or one of the parts, each compressed.
pub fn matlab(input: &[u8]) -> Vec<u8> {
    if !input.starts_with(MARK) {
        return input.to_vec();
    }
    let mut file = vec![b' '; 124];
    file[..10].copy_from_slice(b"MATLAB 5.0");
    file.extend([0, 1, b'I', b'M']);
    for (_, content) in parts(input) {
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
        let packed = packed.write_all(content).and_then(|()| packed.finish());
        let packed = packed.unwrap_or_default();
        file.extend(15_u32.to_le_bytes());
        file.extend((packed.len() as u32).to_le_bytes());
        file.extend(packed);
    }
    file
}

/// A file of gzip: the compressed data of one as it is, then the right checksum and length.
pub fn gzip(input: &[u8]) -> Vec<u8> {
    let data = input
        .get(10..)
        .filter(|_| input.starts_with(&[0x1f, 0x8b, 8, 0]));
    let Some(data) = data else {
        return input.to_vec();
    };
    let mut unpacked = Vec::new();
    let mut decoder = DeflateDecoder::new(data);
    let is_whole = (&mut decoder).take(MOST).read_to_end(&mut unpacked).is_ok();
    let end = decoder.total_in() as usize;
    if !is_whole || end > data.len() {
        return input.to_vec();
    }
    let mut crc = flate2::Crc::new();
    crc.update(&unpacked);
    let mut file = input[..10 + end].to_vec();
    file.extend(crc.sum().to_le_bytes());
    file.extend((unpacked.len() as u32).to_le_bytes());
    file.extend(data.get(end + 8..).unwrap_or_default());
    file
}

/// A file of xz with one block and no checksum: the size of the dictionary (first byte), and the chunks.
pub fn xz(input: &[u8]) -> Vec<u8> {
    const FLAGS: [u8; 2] = [0, 0];
    let Some((&size, chunks)) = input.split_first().filter(|_| input[0] != 0xfd) else {
        return input.to_vec();
    };
    let (unpacked, packed) = unpacked_xz(chunks, size);
    let mut file = [&b"\xfd7zXZ\0"[..], &FLAGS, &crc(&FLAGS)].concat();
    let header = [2, 0, 0x21, 1, size, 0, 0, 0];
    file.extend(header);
    file.extend(crc(&header));
    file.extend(&chunks[..packed]);
    pad(&mut file);
    let mut index = vec![0, 1];
    index.extend(variable(12 + packed as u64));
    index.extend(variable(unpacked));
    pad(&mut index);
    let backward = (index.len() as u32 / 4).to_le_bytes();
    file.extend(&index);
    file.extend(crc(&index));
    let end = [&backward[..], &FLAGS].concat();
    file.extend(crc(&end));
    file.extend(end);
    file.extend(b"YZ");
    file
}

/// The number of bytes that chunks unpack to, and that they take; all of them if they are damaged.
fn unpacked_xz(chunks: &[u8], size: u8) -> (u64, usize) {
    let size = size.min(LARGEST_DICTIONARY);
    let dictionary = (2 | u32::from(size & 1)) << (size / 2 + 11);
    let mut source = chunks;
    let mut decoder = Lzma2Reader::new(&mut source, dictionary, None);
    let read = std::io::copy(&mut (&mut decoder).take(MOST), &mut std::io::sink());
    drop(decoder);
    match read {
        Ok(unpacked) => (unpacked, chunks.len() - source.len()),
        Err(_) => (0, chunks.len()),
    }
}

fn crc(bytes: &[u8]) -> [u8; 4] {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum().to_le_bytes()
}

fn pad(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(4), 0);
}

/// A number with seven bits in each byte.
fn variable(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}
