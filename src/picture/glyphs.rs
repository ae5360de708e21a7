//! Characters for the dots of a cell, for old and new fonts and terminals.

use crate::named::named;

/// What cells are drawn with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Glyphs {
    /// Braille patterns: 2 × 4 round dots (Unicode 3).
    #[default]
    Braille,
    /// Block octants: 2 × 4 blocks without gaps (Unicode 16; few fonts have them yet).
    Octant,
    /// Half blocks: two colors in a cell, one above the other.
    HalfBlock,
    /// ASCII: the more dots, the darker the character.
    Ascii,
    /// The letters of the classes, or digits for levels.
    Letters,
}

named!(Glyphs {
    Braille => "braille",
    Octant => "octant",
    HalfBlock => "half-block",
    Ascii => "ascii",
    Letters => "letters",
});

impl Glyphs {
    /// What the environment says the terminal can show: ASCII where the locale names another
    /// encoding than UTF-8, half blocks on the Linux console, whose font has no braille, and
    /// braille everywhere else.
    ///
    /// ```
    /// use disentangle::picture::Glyphs;
    /// let console = |name: &str| (name == "TERM").then(|| "linux".to_owned());
    /// assert_eq!(Glyphs::detect(console), Glyphs::HalfBlock);
    /// ```
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let locale = set("LC_ALL")
            .or_else(|| set("LC_CTYPE"))
            .or_else(|| set("LANG"));
        // A locale without an encoding (`C`, `POSIX`, common over SSH) says nothing.
        let encoding = locale.and_then(|l| l.split_once('.').map(|(_, e)| e.to_ascii_lowercase()));
        if encoding.is_some_and(|e| !e.starts_with("utf-8") && !e.starts_with("utf8")) {
            Self::Ascii
        } else if set("TERM").is_some_and(|term| term == "linux") {
            Self::HalfBlock
        } else {
            Self::Braille
        }
    }
}

/// ASCII by the number of dots, from none to eight.
pub(crate) fn ascii(dots: u8) -> char {
    char::from(b" .:-=+*#@"[dots.count_ones() as usize])
}

/// Braille bits in the order of octants: left to right, then top to bottom.
const OCTANT_BITS: [u8; 8] = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80];

/// Octants whose characters are older in Unicode than the block of octants: bit i is octant i + 1, left
/// to right and top to bottom.
const OLDER: [(u8, char); 26] = [
    (0b0000_0000, ' '),
    (0b0000_0001, '\u{1cea8}'),
    (0b0000_0010, '\u{1ceab}'),
    (0b0000_0011, '\u{1fb82}'),
    (0b0000_0101, '▘'),
    (0b0000_1010, '▝'),
    (0b0000_1111, '▀'),
    (0b0001_0100, '\u{1fbe6}'),
    (0b0010_1000, '\u{1fbe7}'),
    (0b0011_1111, '\u{1fb85}'),
    (0b0100_0000, '\u{1cea3}'),
    (0b0101_0000, '▖'),
    (0b0101_0101, '▌'),
    (0b0101_1010, '▞'),
    (0b0101_1111, '▛'),
    (0b1000_0000, '\u{1cea0}'),
    (0b1010_0000, '▗'),
    (0b1010_0101, '▚'),
    (0b1010_1010, '▐'),
    (0b1010_1111, '▜'),
    (0b1100_0000, '▂'),
    (0b1111_0000, '▄'),
    (0b1111_0101, '▙'),
    (0b1111_1010, '▟'),
    (0b1111_1100, '▆'),
    (0b1111_1111, '█'),
];

/// The octant character of dots in the bit order of braille: the block U+1CD00 to U+1CDE5 holds the
/// patterns that have no older character, ascending.
pub(crate) fn octant(dots: u8) -> char {
    let pattern = OCTANT_BITS
        .iter()
        .enumerate()
        .filter(|(_, bit)| dots & **bit != 0)
        .fold(0_u8, |pattern, (i, _)| pattern | 1 << i);
    match OLDER.binary_search_by_key(&pattern, |(p, _)| *p) {
        Ok(at) => OLDER[at].1,
        Err(before) => {
            let at = u32::from(pattern) - before as u32;
            char::from_u32(0x1cd00 + at).unwrap_or('█')
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_pattern_has_its_own_octant() {
        let all: HashSet<char> = (0..=255).map(octant).collect();
        assert_eq!(all.len(), 256);
        // Named in the Unicode character database: octant-3 and octant-4 alone, all but the first.
        assert_eq!(octant(0x02), '\u{1cd00}');
        assert_eq!(octant(0x10), '\u{1cd03}');
        assert_eq!(octant(0xfe), '\u{1cde5}');
        assert_eq!((octant(0), octant(0xff), octant(0x47)), (' ', '█', '▌'));
        assert_eq!((octant(0x1b), octant(0xe4)), ('▀', '▄'));
    }

    #[test]
    fn more_dots_are_darker() {
        assert_eq!((ascii(0), ascii(0x81), ascii(0xff)), (' ', ':', '@'));
    }

    #[test]
    fn the_environment_decides_what_can_be_shown() {
        let glyphs = |variables: &[(&str, &str)]| {
            Glyphs::detect(|name| {
                let found = variables.iter().find(|(n, _)| *n == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(glyphs(&[("LANG", "C")]), Glyphs::Braille);
        assert_eq!(glyphs(&[("LANG", "de_DE.ISO-8859-1")]), Glyphs::Ascii);
        assert_eq!(
            glyphs(&[("LANG", "de_DE.ISO-8859-1"), ("LC_ALL", "C.UTF-8")]),
            Glyphs::Braille
        );
        assert_eq!(glyphs(&[("TERM", "linux")]), Glyphs::HalfBlock);
    }
}
