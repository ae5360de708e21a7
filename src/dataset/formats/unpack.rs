//! Blocks of bytes that a file keeps compressed: unpacked up to a limit, in pure Rust.

use std::io::Read;

/// How a block is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Snappy,
    /// gzip with its header and checksum.
    Gzip,
    Zstd,
    /// LZ4 without a frame.
    Lz4,
    /// LZ4 in frames.
    Lz4Frames,
}

/// Unpacks a block of at most `limit` bytes.
///
/// # Errors
/// What is wrong with the block, for a message.
pub(super) fn unpack(packing: Packing, block: &[u8], limit: usize) -> Result<Vec<u8>, String> {
    let problem = |e: &dyn std::fmt::Display| e.to_string();
    match packing {
        Packing::Snappy => {
            let size = snap::raw::decompress_len(block).map_err(|e| problem(&e))?;
            check_size(size, limit)?;
            // A block cannot grow more than this, whatever it declares.
            check_size(size, block.len().saturating_mul(64))?;
            let mut decoder = snap::raw::Decoder::new();
            decoder.decompress_vec(block).map_err(|e| problem(&e))
        }
        Packing::Gzip => read(flate2::read::MultiGzDecoder::new(block), limit),
        Packing::Zstd => {
            let decoder = ruzstd::decoding::StreamingDecoder::new(block);
            read(decoder.map_err(|e| problem(&e))?, limit)
        }
        Packing::Lz4Frames => read(lz4_flex::frame::FrameDecoder::new(block), limit),
        Packing::Lz4 => lz4_block(block, limit),
    }
}

fn check_size(size: usize, limit: usize) -> Result<(), String> {
    if size > limit {
        return Err(format!(
            "{size} bytes unpacked, more than the {limit} declared"
        ));
    }
    Ok(())
}

/// Everything that a decoder gives, which may be less than the limit.
fn read(decoder: impl Read, limit: usize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut limited = decoder.take(limit as u64 + 1);
    limited.read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    check_size(bytes.len(), limit)?;
    Ok(bytes)
}

/// A block that does not say how large it is.
fn lz4_block(block: &[u8], limit: usize) -> Result<Vec<u8>, String> {
    // A byte of LZ4 cannot hold more than 255.
    let most = block.len().saturating_mul(255).min(limit);
    let mut size = block.len().saturating_mul(4).min(most);
    loop {
        let mut bytes = vec![0; size];
        match lz4_flex::block::decompress_into(block, &mut bytes) {
            Ok(length) => {
                bytes.truncate(length);
                return Ok(bytes);
            }
            Err(lz4_flex::block::DecompressError::OutputTooSmall { .. }) if size < most => {
                size = size.saturating_mul(2).min(most);
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}
