//! Files compressed as a whole, whatever they hold: gzip, Zstandard, xz and bzip2.
//!
//! In: the bytes of the file. Out: what it unpacks to. Checksums are verified. What grows as no
//! data do is refused as a decompression bomb, and nothing is unpacked beyond the memory.

use std::io::Read;

use super::bounded::read_to_end;
use crate::error::{Error, Result};

/// Data that grow by more than this factor …
const SUSPICIOUS_RATIO: u64 = 200;
/// … to more than this many bytes are taken for a decompression bomb.
const SUSPICIOUS_SIZE: u64 = 64 << 20;
/// Most memory that a file may make a decoder take for what it refers back to.
#[cfg(feature = "compression")]
const LARGEST_WINDOW: u32 = 128 << 20;

/// Whether no data grow from so many bytes to so many.
pub(super) fn is_suspicious(packed: u64, unpacked: u64) -> bool {
    unpacked > SUSPICIOUS_SIZE && unpacked / packed.max(1) > SUSPICIOUS_RATIO
}

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    Zstd,
    Xz,
    Bzip2,
}

impl Compression {
    /// How a file is compressed, by its first bytes.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        match *bytes {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            // The second begins with a frame that is skipped, as parallel compressors write it.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31 | 0x17, ..] => Some(Self::Bzip2),
            _ => None,
        }
    }

    /// Its name, and the program that unpacks it.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Gzip => ("gzip", "gzip"),
            Self::Zstd => ("Zstandard", "zstd"),
            Self::Xz => ("xz", "xz"),
            Self::Bzip2 => ("bzip2", "bzip2"),
        }
    }

    /// What the bytes of a file unpack to.
    ///
    /// # Errors
    /// [`Error::Input`] if they are damaged or cut off, grow as no data do, or unpack to what is
    /// compressed once more; [`Error::Memory`] if they do not fit into memory.
    pub(super) fn unpack(self, file: &str, packed: &[u8]) -> Result<Vec<u8>> {
        let (name, program) = self.names();
        let failed = |source: std::io::Error| {
            Error::input(
                file,
                format!("the {name} data is damaged or truncated ({source})"),
                format!("copy or download the file again; `{program} -t` checks it"),
            )
        };
        let allows = |length: usize| {
            if !is_suspicious(packed.len() as u64, length as u64) {
                return Ok(());
            }
            Err(Error::input(
                file,
                format!(
                    "{} compressed bytes unpack to more than {length}, like a decompression bomb",
                    packed.len()
                ),
                format!("if the values are real, unpack the file with `{program} -d`"),
            ))
        };
        let mut bytes = Vec::new();
        let mut take =
            |decoder: &mut dyn Read| read_to_end(decoder, &mut bytes, file, &allows, &failed);
        match self {
            Self::Gzip => gzip(packed, &mut take)?,
            #[cfg(feature = "compression")]
            Self::Zstd => zstd(packed, &mut take, &failed, file)?,
            #[cfg(feature = "compression")]
            Self::Xz => take(&mut lzma_rust2::XzReader::new_mem_limit(
                packed,
                true,
                LARGEST_WINDOW / 1024,
            ))?,
            #[cfg(feature = "compression")]
            Self::Bzip2 => take(&mut bzip2::bufread::MultiBzDecoder::new(packed))?,
            #[cfg(not(feature = "compression"))]
            _ => {
                return Err(Error::input(
                    file,
                    format!("this is compressed with {name}, which this build does not read"),
                    format!(
                        "unpack it with `{program} -d`, or build this program with cargo's `--features compression`"
                    ),
                ));
            }
        }
        if let Some(again) = Self::of(&bytes) {
            return Err(Error::input(
                file,
                format!("this is {name} data that contains {} data", again.names().0),
                format!("unpack it once with `{program} -d`"),
            ));
        }
        Ok(bytes)
    }
}

/// Unpacks one member after the other; zeros after the last one are padding.
fn gzip(mut packed: &[u8], take: &mut dyn FnMut(&mut dyn Read) -> Result<()>) -> Result<()> {
    while packed.iter().any(|&byte| byte != 0) {
        take(&mut flate2::bufread::GzDecoder::new(&mut packed))?;
    }
    Ok(())
}

/// Unpacks one frame after the other; some hold no data but say how much is to be skipped.
#[cfg(feature = "compression")]
fn zstd(
    mut packed: &[u8],
    take: &mut dyn FnMut(&mut dyn Read) -> Result<()>,
    failed: &dyn Fn(std::io::Error) -> Error,
    file: &str,
) -> Result<()> {
    use ruzstd::decoding::{StreamingDecoder, errors::FrameDecoderError};
    let too_long = |window: u64| {
        let problem = format!(
            "the Zstandard data refers back over {} MiB, as `zstd --long` writes it, more than the \
             {} MiB that are kept",
            window >> 20,
            LARGEST_WINDOW >> 20
        );
        let remedy = "unpack the file with `zstd -d --long=31`";
        Error::input(file, problem, remedy)
    };
    while !packed.is_empty() {
        if let [0x50..=0x5f, 0x2a, 0x4d, 0x18, a, b, c, d, rest @ ..] = packed {
            let length = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
            packed = rest.get(length..).unwrap_or_default();
            continue;
        }
        let wrong = |problem: &str| failed(std::io::Error::other(problem.to_owned()));
        let window = u64::from(LARGEST_WINDOW);
        let mut decoder = StreamingDecoder::new_with_max_window_size(&mut packed, window).map_err(
            |e| match e {
                FrameDecoderError::WindowSizeTooBig { requested, .. } => too_long(requested),
                other => wrong(&other.to_string()),
            },
        )?;
        take(&mut decoder)?;
        let decoder = decoder.into_frame_decoder();
        let declared = decoder.get_checksum_from_data();
        if declared.is_some() && declared != decoder.get_calculated_checksum() {
            return Err(wrong("the checksum does not match"));
        }
    }
    Ok(())
}
