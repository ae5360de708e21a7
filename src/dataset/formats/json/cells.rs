//! JSON values as rows and cells, without a tree of them in memory.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Table;

/// The column of rows that are lists of numbers.
pub(super) const ARRAY: &str = "array";

/// What a row has in a field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Missing,
    Truth(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    /// Numbers, which the field keeps.
    List,
    /// What cannot be used.
    Other(&'static str),
}

impl Cell {
    pub(super) fn number(&self) -> f64 {
        match self {
            Self::Truth(v) => f64::from(u8::from(*v)),
            Self::Integer(v) => *v as f64,
            Self::Float(v) => *v,
            _ => f64::NAN,
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truth(v) => v.fmt(f),
            Self::Integer(v) => v.fmt(f),
            Self::Float(v) => v.fmt(f),
            Self::Text(text) => text.fmt(f),
            Self::Missing | Self::List | Self::Other(_) => Ok(()),
        }
    }
}

/// Adds the rows of a JSON value to a table: an object is a row, and so is a list of numbers; a list
/// of these is several rows.
pub(super) struct Rows<'t, 'f>(pub(super) &'t mut Table<'f>);

impl<'de> DeserializeSeed<'de> for Rows<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Rows<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list of numbers")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let row = self.0.rows;
        let mut list = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            list.clear();
            let cell = map.next_value_seed(Value {
                list: &mut list,
                rows: None,
            })?;
            self.0.field(&name).add(row, cell, &list);
        }
        self.0.rows += 1;
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut numbers = Vec::new();
        let mut length = 0_usize;
        while let Some(cell) = items.next_element_seed(Value {
            list: &mut numbers,
            rows: Some(&mut *self.0),
        })? {
            match cell {
                // A list or an object is a row of its own.
                Cell::List => self.0.add_list(&std::mem::take(&mut numbers)),
                Cell::Other(OBJECT) => {}
                Cell::Other(what) => {
                    numbers.clear();
                    self.0.add_other(what);
                }
                scalar => {
                    length += 1;
                    numbers.push(scalar.number());
                }
            }
        }
        if length > 0 {
            self.0.add_list(&numbers);
        }
        Ok(())
    }
}

impl Table<'_> {
    /// Adds a row that is a list of something else.
    fn add_other(&mut self, what: &'static str) {
        let row = self.rows;
        self.field(ARRAY).add(row, Cell::Other(what), &[]);
        self.rows += 1;
    }

    /// Adds a row that is a list of numbers.
    fn add_list(&mut self, numbers: &[f64]) {
        let row = self.rows;
        self.field(ARRAY).add(row, Cell::List, numbers);
        self.rows += 1;
    }
}

pub(super) const OBJECT: &str = "an object";
pub(super) const OBJECTS: &str = "a list of objects";
pub(super) const WITH_TEXT: &str = "a list with text";

/// A value of a row. The numbers of a list go to `list`; an object is a row where there are `rows`.
struct Value<'l, 't, 'f> {
    list: &'l mut Vec<f64>,
    rows: Option<&'t mut Table<'f>>,
}

impl<'de> DeserializeSeed<'de> for Value<'_, '_, '_> {
    type Value = Cell;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Cell, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_, '_, '_> {
    type Value = Cell;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or a list of numbers")
    }

    fn visit_unit<E>(self) -> Result<Cell, E> {
        Ok(Cell::Missing)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Cell, E> {
        Ok(Cell::Truth(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Cell, E> {
        Ok(Cell::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Cell, E> {
        Ok(i64::try_from(value).map_or(Cell::Float(value as f64), Cell::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Cell, E> {
        Ok(Cell::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Cell, E> {
        Ok(Cell::Text(value.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell, A::Error> {
        if let Some(table) = self.rows {
            Rows(table).visit_map(map)?;
        } else {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        }
        Ok(Cell::Other(OBJECT))
    }

    /// Lists within lists are flattened.
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Cell, A::Error> {
        let mut found = Cell::List;
        loop {
            let value = Value {
                list: &mut *self.list,
                rows: None,
            };
            match items.next_element_seed(value)? {
                None => return Ok(found),
                Some(Cell::List) => {}
                Some(Cell::Other(OBJECT)) => found = Cell::Other(OBJECTS),
                Some(Cell::Other(what)) => found = Cell::Other(what),
                Some(Cell::Text(_)) => found = Cell::Other(WITH_TEXT),
                Some(scalar) => self.list.push(scalar.number()),
            }
        }
    }
}

/// The text with `null` for `NaN` and infinite numbers, which JSON does not have but Python writes;
/// `None` if there are none.
pub(super) fn without_nan(text: &str) -> Option<String> {
    const WORDS: [&str; 3] = ["NaN", "-Infinity", "Infinity"];
    let mut result = String::new();
    let (mut is_quoted, mut is_escaped, mut copied, mut at) = (false, false, 0, 0);
    let bytes = text.as_bytes();
    while at < bytes.len() {
        let word = WORDS
            .iter()
            .find(|w| !is_quoted && bytes[at..].starts_with(w.as_bytes()));
        if let Some(word) = word {
            result.push_str(&text[copied..at]);
            result.push_str("null");
            at += word.len();
            copied = at;
            continue;
        }
        is_quoted ^= bytes[at] == b'"' && !is_escaped;
        is_escaped = bytes[at] == b'\\' && !is_escaped;
        at += 1;
    }
    result.push_str(&text[copied..]);
    (result.len() != text.len() || result != text).then_some(result)
}
