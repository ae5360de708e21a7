//! The checksums of HDF5's headers, set right after the fuzzer has changed what they protect.

/// A file with the right checksums of its superblock, object headers, and the headers of its trees, heaps and
/// arrays, as far as these say how long they are.
pub fn with_checksums(input: &[u8]) -> Vec<u8> {
    let mut file = input.to_vec();
    for base in [0, 512] {
        if file.get(base..).is_some_and(|f| f.starts_with(b"\x89HDF"))
            && file.get(base + 8) > Some(&1)
        {
            let size = usize::from(file.get(base + 9).copied().unwrap_or(8));
            set(&mut file, base, 12 + 4 * size);
        }
    }
    for at in 0..file.len() {
        let length = match file.get(at..at + 4) {
            Some(b"OHDR") => object_header(&file[at..]),
            Some(b"BTHD") => Some(34),
            Some(b"FAHD") => Some(24),
            Some(b"EAHD") => Some(68),
            Some(b"FRHP") => Some(142),
            _ => None,
        };
        if let Some(length) = length {
            set(&mut file, at, length);
        }
    }
    file
}

/// The length of an object header without its checksum.
fn object_header(from: &[u8]) -> Option<usize> {
    let flags = *from.get(5)?;
    let times = if flags & 0x20 == 0 { 0 } else { 16 };
    let limits = if flags & 0x10 == 0 { 0 } else { 4 };
    let at = 6 + times + limits;
    let width = 1 << (flags & 3);
    let mut size = [0; 8];
    size[..width].copy_from_slice(from.get(at..at + width)?);
    at.checked_add(width)?
        .checked_add(usize::try_from(u64::from_le_bytes(size)).ok()?)
}

/// Sets the checksum of so many bytes, which follows them.
fn set(file: &mut [u8], start: usize, length: usize) {
    let Some(end) = start
        .checked_add(length)
        .filter(|end| end.saturating_add(4) <= file.len())
    else {
        return;
    };
    let sum = lookup3(&file[start..end]).to_le_bytes();
    file[end..end + 4].copy_from_slice(&sum);
}

/// Jenkins' lookup3 (hashlittle, with 0 to begin with).
fn lookup3(bytes: &[u8]) -> u32 {
    let first = 0xdead_beef_u32.wrapping_add(bytes.len() as u32);
    let [mut a, mut b, mut c] = [first; 3];
    let mut rest = bytes;
    let word = |bytes: &[u8], at: usize| {
        let byte = |i: usize| {
            bytes
                .get(at + i)
                .map_or(0, |&byte| u32::from(byte) << (8 * i))
        };
        (0..4).map(byte).sum::<u32>()
    };
    while rest.len() > 12 {
        a = a.wrapping_add(word(rest, 0));
        b = b.wrapping_add(word(rest, 4));
        c = c.wrapping_add(word(rest, 8));
        for (x, y, z, turn) in [
            (0, 2, 1, 4),
            (1, 0, 2, 6),
            (2, 1, 0, 8),
            (0, 2, 1, 16),
            (1, 0, 2, 19),
            (2, 1, 0, 4),
        ] {
            let mut words = [a, b, c];
            words[x] = words[x].wrapping_sub(words[y]) ^ words[y].rotate_left(turn);
            words[y] = words[y].wrapping_add(words[z]);
            [a, b, c] = words;
        }
        rest = &rest[12..];
    }
    if rest.is_empty() {
        return c;
    }
    a = a.wrapping_add(word(rest, 0));
    b = b.wrapping_add(word(rest, 4));
    c = c.wrapping_add(word(rest, 8));
    for (x, y, turn) in [
        (2, 1, 14),
        (0, 2, 11),
        (1, 0, 25),
        (2, 1, 16),
        (0, 2, 4),
        (1, 0, 14),
        (2, 1, 24),
    ] {
        let mut words = [a, b, c];
        words[x] = (words[x] ^ words[y]).wrapping_sub(words[y].rotate_left(turn));
        [a, b, c] = words;
    }
    c
}
