//! Numbers of every type that HDF5 stores, read as one type.
//!
//! The functions of `hdf5-reader` are compiled anew for each type of number. One type for all of them
//! makes the program some 400 KB smaller.

use half::f16;
use hdf5_reader::error::{Error, Result};
use hdf5_reader::{ByteOrder, Datatype, H5Type};

/// The 64 bits of an integer or of a floating-point number: the type of the array says of which.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number(u64);

impl Number {
    /// The value of a signed integer.
    pub(super) fn integer(self) -> i64 {
        self.0 as i64
    }

    /// The value of an unsigned integer.
    pub(super) fn unsigned(self) -> u64 {
        self.0
    }

    /// The value of a floating-point number.
    pub(super) fn float(self) -> f64 {
        f64::from_bits(self.0)
    }

    fn of_integer(value: impl Into<i64>) -> Self {
        Self(value.into() as u64)
    }

    fn of_unsigned(value: impl Into<u64>) -> Self {
        Self(value.into())
    }

    fn of_float(value: impl Into<f64>) -> Self {
        Self(value.into().to_bits())
    }
}

impl H5Type for Number {
    fn hdf5_type() -> Datatype {
        u64::hdf5_type()
    }

    fn from_bytes(bytes: &[u8], datatype: &Datatype) -> Result<Self> {
        let first = bytes.get(..Self::element_size(datatype));
        let values = first.and_then(|bytes| decoded(bytes, datatype));
        values
            .and_then(|values| values.first().copied())
            .ok_or_else(|| Error::InvalidData("a number that is too short".into()))
    }

    fn element_size(datatype: &Datatype) -> usize {
        match datatype {
            Datatype::FixedPoint { size, .. } | Datatype::FloatingPoint { size, .. } => {
                usize::from(*size)
            }
            _ => size_of::<Self>(),
        }
    }

    fn decode_vec(raw: &[u8], datatype: &Datatype, count: usize) -> Option<Result<Vec<Self>>> {
        let bytes = count.checked_mul(Self::element_size(datatype))?;
        decoded(raw.get(..bytes)?, datatype).map(Ok)
    }
}

/// All numbers of some bytes, if they are of a type that can be used.
fn decoded(bytes: &[u8], datatype: &Datatype) -> Option<Vec<Number>> {
    use Number as N;
    let numbers = match *datatype {
        Datatype::FixedPoint {
            size,
            signed,
            byte_order: order,
        } => match (size, signed) {
            (1, true) => each(bytes, order, |b| N::of_integer(i8::from_ne_bytes(b))),
            (2, true) => each(bytes, order, |b| N::of_integer(i16::from_ne_bytes(b))),
            (4, true) => each(bytes, order, |b| N::of_integer(i32::from_ne_bytes(b))),
            (8, true) => each(bytes, order, |b| N::of_integer(i64::from_ne_bytes(b))),
            (1, false) => each(bytes, order, |b| N::of_unsigned(u8::from_ne_bytes(b))),
            (2, false) => each(bytes, order, |b| N::of_unsigned(u16::from_ne_bytes(b))),
            (4, false) => each(bytes, order, |b| N::of_unsigned(u32::from_ne_bytes(b))),
            (8, false) => each(bytes, order, |b| N::of_unsigned(u64::from_ne_bytes(b))),
            _ => return None,
        },
        Datatype::FloatingPoint {
            size,
            byte_order: order,
        } => match size {
            2 => each(bytes, order, |b| N::of_float(f16::from_ne_bytes(b))),
            4 => each(bytes, order, |b| N::of_float(f32::from_ne_bytes(b))),
            8 => each(bytes, order, |b| N::of_float(f64::from_ne_bytes(b))),
            _ => return None,
        },
        _ => return None,
    };
    Some(numbers)
}

/// The numbers that `value` makes of `N` bytes each, in the byte order of this machine.
fn each<const N: usize>(
    bytes: &[u8],
    order: ByteOrder,
    value: impl Fn([u8; N]) -> Number,
) -> Vec<Number> {
    let is_native = (order == ByteOrder::LittleEndian) == cfg!(target_endian = "little");
    let (numbers, _) = bytes.as_chunks();
    let number = |stored: &[u8; N]| {
        let mut stored = *stored;
        if !is_native {
            stored.reverse();
        }
        value(stored)
    };
    numbers.iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_type_keep_their_values() {
        let both = [ByteOrder::LittleEndian, ByteOrder::BigEndian];
        for byte_order in both {
            let stored = |little: &[u8]| {
                let mut bytes = little.to_vec();
                if byte_order == ByteOrder::BigEndian {
                    bytes.reverse();
                }
                bytes
            };
            for size in [1, 2, 4, 8] {
                let integer = |signed| Datatype::FixedPoint {
                    size,
                    signed,
                    byte_order,
                };
                let bytes = stored(&(-2_i64).to_le_bytes()[..usize::from(size)]);
                let number = Number::from_bytes(&bytes, &integer(true)).unwrap();
                assert_eq!(number.integer(), -2);
                let number = Number::from_bytes(&bytes, &integer(false)).unwrap();
                assert_eq!(number.unsigned(), u64::MAX >> (64 - 8 * size) & !1);
            }
            let floats: [&[u8]; 3] = [
                &f16::from_f32(-1.5).to_le_bytes(),
                &(-1.5_f32).to_le_bytes(),
                &(-1.5_f64).to_le_bytes(),
            ];
            for bytes in floats {
                let size = bytes.len() as u8;
                let float = Datatype::FloatingPoint { size, byte_order };
                let number = Number::from_bytes(&stored(bytes), &float).unwrap();
                assert!((number.float() + 1.5).abs() < f64::EPSILON);
            }
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let double = f64::hdf5_type();
        assert!(Number::from_bytes(&[0; 7], &double).is_err());
        assert!(Number::decode_vec(&[0; 15], &double, 2).is_none());
        assert!(Number::decode_vec(&[0; 16], &double, usize::MAX).is_none());
        let bits = Datatype::Bitfield {
            size: 8,
            byte_order: ByteOrder::LittleEndian,
        };
        assert!(Number::decode_vec(&[0; 16], &bits, 2).is_none());
    }
}
