//! What the values of a Parquet column mean.

use std::fmt;

use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::schema::types::ColumnDescriptor;

use crate::dataset::formats::typed::CellType;

/// What a stored value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Truth,
    /// Whole numbers of so many bits.
    Signed(u8),
    Unsigned(u8),
    /// A whole number whose last digits, so many, are behind the point.
    Decimal(i32),
    Half,
    Single,
    Double,
    Text,
    /// Days since 1970.
    Date,
    /// Ticks since 1970, so many in a second.
    Timestamp(i64),
    /// Days and nanoseconds, as older programs write times.
    OldTimestamp,
}

impl Kind {
    /// The meaning that the schema declares.
    ///
    /// # Errors
    /// Why the values cannot be used.
    pub(super) fn of(column: &ColumnDescriptor) -> Result<Self, String> {
        let converted = column.converted_type();
        let logical = column.logical_type_ref();
        let refused = |what: &str| Err(format!("{what} are not supported"));
        Ok(match (logical, converted) {
            (Some(LogicalType::Decimal(decimal)), _) => Self::Decimal(decimal.scale),
            (_, ConvertedType::DECIMAL) => Self::Decimal(column.type_scale()),
            (Some(LogicalType::Date), _) | (_, ConvertedType::DATE) => Self::Date,
            (Some(LogicalType::Timestamp(time)), _) => Self::Timestamp(match time.unit {
                TimeUnit::MILLIS => 1_000,
                TimeUnit::MICROS => 1_000_000,
                TimeUnit::NANOS => 1_000_000_000,
            }),
            (_, ConvertedType::TIMESTAMP_MILLIS) => Self::Timestamp(1_000),
            (_, ConvertedType::TIMESTAMP_MICROS) => Self::Timestamp(1_000_000),
            (Some(LogicalType::Integer(integer)), _) if !integer.is_signed => {
                Self::Unsigned(integer.bit_width as u8)
            }
            (Some(LogicalType::Float16), _) if column.type_length() == 2 => Self::Half,
            (Some(LogicalType::Time(_)), _)
            | (_, ConvertedType::TIME_MILLIS | ConvertedType::TIME_MICROS) => {
                return refused("times of day");
            }
            (_, ConvertedType::INTERVAL) => return refused("intervals"),
            _ => match column.physical_type() {
                Type::BOOLEAN => Self::Truth,
                Type::INT32 => Self::Signed(32),
                Type::INT64 => Self::Signed(64),
                Type::FLOAT => Self::Single,
                Type::DOUBLE => Self::Double,
                Type::BYTE_ARRAY => Self::Text,
                Type::INT96 => Self::OldTimestamp,
                Type::FIXED_LEN_BYTE_ARRAY => return refused("bytes of a fixed length"),
            },
        })
    }

    pub(super) fn cells(self) -> CellType {
        match self {
            Self::Truth => CellType::Truth,
            Self::Signed(_) | Self::Unsigned(_) => CellType::Integer,
            Self::Decimal(_) | Self::Half | Self::Single | Self::Double => CellType::Float,
            Self::Text | Self::Date | Self::Timestamp(_) | Self::OldTimestamp => CellType::Text,
        }
    }

    pub(super) fn is_wide(self) -> bool {
        matches!(
            self,
            Self::Signed(64) | Self::Unsigned(64) | Self::Decimal(_) | Self::Double
        )
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truth => f.write_str("bool"),
            Self::Signed(bits) => write!(f, "int{bits}"),
            Self::Unsigned(bits) => write!(f, "uint{bits}"),
            Self::Decimal(_) => f.write_str("decimal"),
            Self::Half => f.write_str("float16"),
            Self::Single => f.write_str("float32"),
            Self::Double => f.write_str("float64"),
            Self::Text => f.write_str("text"),
            Self::Date => f.write_str("date"),
            Self::Timestamp(_) | Self::OldTimestamp => f.write_str("timestamp"),
        }
    }
}
