//! Arrow's schema: which columns there are, and how their values are stored.

use super::flatbuffer::Table;
use crate::dataset::formats::typed::CellType;

/// Most columns and parts of columns.
const MOST_FIELDS: usize = 1 << 17;
/// How deeply the parts of columns may be nested.
const DEEPEST: usize = 8;

/// A column, or a part of one.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) storage: Storage,
    pub(super) parts: Vec<Self>,
    /// The number of the dictionary that its values are in, and the type of its indices.
    pub(super) dictionary: Option<(i64, Storage)>,
}

/// How values are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Storage {
    Truth,
    Signed(usize),
    Unsigned(usize),
    Float(usize),
    /// A whole number of so many bits, whose last digits, so many, are behind the point.
    Decimal(usize, i32),
    Text,
    /// Text with eight-byte offsets.
    LongText,
    /// Text of which long values lie apart.
    TextView,
    /// Days since 1970.
    Date,
    /// Ticks since 1970 in eight bytes, so many in a second.
    Timestamp(i64),
    List,
    /// Lists with eight-byte offsets.
    LongList,
    FixedList(usize),
    /// Something that is not supported: what it is, and how many buffers it has.
    Other(&'static str, usize),
}

impl Storage {
    pub(super) fn cells(self) -> CellType {
        match self {
            Self::Truth => CellType::Truth,
            Self::Signed(_) | Self::Unsigned(_) => CellType::Integer,
            Self::Float(_) | Self::Decimal(..) => CellType::Float,
            Self::Text | Self::LongText | Self::TextView | Self::Date | Self::Timestamp(_) => {
                CellType::Text
            }
            Self::List | Self::LongList | Self::FixedList(_) | Self::Other(..) => CellType::Other,
        }
    }

    pub(super) fn is_wide(self) -> bool {
        match self {
            Self::Signed(bits) | Self::Unsigned(bits) | Self::Float(bits) => bits > 32,
            Self::Decimal(..) => true,
            _ => false,
        }
    }

    /// The type for people.
    pub(super) fn name(self) -> String {
        match self {
            Self::Truth => "bool".into(),
            Self::Signed(bits) => format!("int{bits}"),
            Self::Unsigned(bits) => format!("uint{bits}"),
            Self::Float(bits) => format!("float{bits}"),
            Self::Decimal(..) => "decimal".into(),
            Self::Text | Self::LongText | Self::TextView => "text".into(),
            Self::Date => "date".into(),
            Self::Timestamp(_) => "timestamp".into(),
            Self::List | Self::LongList | Self::FixedList(_) => "lists".into(),
            Self::Other(what, _) => what.into(),
        }
    }

    /// The bytes of a value of a fixed size.
    pub(super) fn size(self) -> Option<usize> {
        match self {
            Self::Signed(bits)
            | Self::Unsigned(bits)
            | Self::Float(bits)
            | Self::Decimal(bits, _) => Some(bits / 8),
            Self::Date => Some(4),
            Self::Timestamp(_) => Some(8),
            Self::TextView => Some(16),
            _ => None,
        }
    }

    /// How a field's type says that its values are stored.
    fn of(field: Table<'_>) -> Self {
        let kind = field.byte(2).unwrap_or(0);
        let Some(of) = field.table(3) else {
            return Self::Other("columns of no type", 0);
        };
        match kind {
            1 => Self::Other("empty columns", 0),
            2 => integer(of),
            3 => match of.short(0).unwrap_or(0) {
                0 => Self::Float(16),
                1 => Self::Float(32),
                _ => Self::Float(64),
            },
            4 | 5 => Self::Text,
            6 => Self::Truth,
            7 => match of.int(2).unwrap_or(128) {
                bits @ (32 | 64 | 128 | 256) => {
                    Self::Decimal(bits as usize, of.int(1).unwrap_or(0))
                }
                _ => Self::Other("decimals of this size", 2),
            },
            8 if of.short(0) == Some(0) => Self::Date,
            8 => Self::Timestamp(1000),
            9 => Self::Other("times of day", 2),
            10 => Self::Timestamp(10_i64.pow(3 * of.short(0).unwrap_or(0).clamp(0, 3) as u32)),
            11 => Self::Other("intervals", 2),
            12 => Self::List,
            13 => Self::Other("structures", 1),
            14 => Self::Other("unions", 1 + usize::from(of.short(0) == Some(1))),
            15 => Self::Other("bytes of a fixed length", 2),
            16 => Self::FixedList(of.int(0).and_then(|n| n.try_into().ok()).unwrap_or(0)),
            17 => Self::Other("maps", 2),
            18 => Self::Other("durations", 2),
            19 | 20 => Self::LongText,
            21 => Self::LongList,
            22 => Self::Other("run-end encoded columns", 0),
            23 | 24 => Self::TextView,
            _ => Self::Other("columns of this type", 3),
        }
    }
}

fn integer(of: Table<'_>) -> Storage {
    match (of.int(0).unwrap_or(0), of.byte(1).unwrap_or(0)) {
        (bits @ (8 | 16 | 32 | 64), 0) => Storage::Unsigned(bits as usize),
        (bits @ (8 | 16 | 32 | 64), _) => Storage::Signed(bits as usize),
        _ => Storage::Other("whole numbers of this size", 2),
    }
}

impl Field {
    /// The columns of a schema, and the name of the index that pandas saved.
    ///
    /// # Errors
    /// What is wrong with it, for a message.
    pub(super) fn columns(schema: Table<'_>) -> Result<(Vec<Self>, Option<String>), &'static str> {
        if schema.short(0).unwrap_or(0) != 0 {
            return Err("numbers are big-endian");
        }
        let mut count = 0;
        let columns = schema.tables(1).map(|f| Self::of(f, 0, &mut count));
        let columns: Option<Vec<Self>> = columns.collect();
        let columns = columns.ok_or("the schema has too many or too deeply nested columns")?;
        let mut pandas = schema.tables(2).filter(|e| e.text(0) == Some("pandas"));
        let description = pandas.next().and_then(|entry| entry.text(1));
        let index = description.and_then(crate::dataset::formats::columnar::pandas_index);
        Ok((columns, index))
    }

    fn of(field: Table<'_>, depth: usize, count: &mut usize) -> Option<Self> {
        *count += 1;
        if *count > MOST_FIELDS || depth > DEEPEST {
            return None;
        }
        let parts = field.tables(5).map(|part| Self::of(part, depth + 1, count));
        let dictionary = field.table(4).map(|d| {
            let indices = d.table(1).map_or(Storage::Signed(32), integer);
            (d.long(0).unwrap_or(0), indices)
        });
        Some(Self {
            name: field.text(0).unwrap_or_default().to_owned(),
            storage: Storage::of(field),
            parts: parts.collect::<Option<_>>()?,
            dictionary,
        })
    }

    /// The values of a list, or those of the column itself.
    pub(super) fn values(&self) -> Option<&Self> {
        match self.storage {
            Storage::List | Storage::LongList | Storage::FixedList(_) => self.parts.first(),
            _ => Some(self),
        }
    }

    /// Why a column cannot be used, if so.
    pub(super) fn problem(&self) -> Option<String> {
        let is_list = self.storage.cells() == CellType::Other;
        let values = self.values()?;
        if let Storage::Other(what, _) = values.storage {
            return Some(format!("{what} are not supported"));
        }
        (values.storage.cells() == CellType::Other || is_list && values.dictionary.is_some())
            .then(|| "lists of lists are not supported".into())
    }
}
