//! Colors and marks of classes, for terminals of any ability and eyes of any kind.
//!
//! In: a class index and what the terminal can show. Out: a [`Color`], and as a second channel
//! that needs no color a mark for legends and a letter for maps. The first eight colors are those
//! of Okabe and Ito (2008), told apart with every common kind of color blindness, with a light
//! gray in place of black; sixteen further hues follow for more classes, then colors repeat with
//! another mark.

use crate::dataset::UNLABELED;

/// How many colors the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ColorDepth {
    /// None: letters and marks alone tell the classes apart.
    None,
    /// The sixteen of the terminal's own theme.
    Sixteen,
    /// The 256 of xterm.
    Indexed,
    /// 24 bits.
    True,
}

impl ColorDepth {
    /// What the environment says the terminal can show: `NO_COLOR` forbids colors, `COLORTERM`
    /// promises 24 bits, `TERM` tells the rest.
    ///
    /// ```
    /// use disentangle::palette::ColorDepth;
    /// let over_ssh = |name: &str| (name == "TERM").then(|| "xterm-256color".to_owned());
    /// assert_eq!(ColorDepth::detect(over_ssh), ColorDepth::Indexed);
    /// ```
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let Some(term) = set("TERM") else {
            return Self::None;
        };
        let colorless = ["dumb", "unknown"].contains(&term.as_str()) || term.starts_with("vt");
        if set("NO_COLOR").is_some() || colorless {
            return Self::None;
        }
        let promised = set("COLORTERM").is_some_and(|v| v == "truecolor" || v == "24bit");
        let known = ["kitty", "alacritty", "foot", "wezterm", "ghostty", "direct"];
        if promised || known.iter().any(|name| term.contains(name)) {
            // GNU screen swallows 24-bit colors even where the terminal around it has them.
            return if set("STY").is_some() && set("TMUX").is_none() {
                Self::Indexed
            } else {
                Self::True
            };
        }
        if term.contains("256color") {
            Self::Indexed
        } else {
            Self::Sixteen
        }
    }
}

/// A color as the terminal wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Color {
    /// One of the sixteen (0 to 15) or 256 of the terminal.
    Indexed(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

/// The colors of the classes in 24 bits: Okabe and Ito's, light gray for black, then sixteen more.
const COLORS: [(u8, u8, u8); 24] = [
    (0x56, 0xb4, 0xe9), // sky blue
    (0xe6, 0x9f, 0x00), // orange
    (0x00, 0x9e, 0x73), // bluish green
    (0xcc, 0x79, 0xa7), // reddish purple
    (0xf0, 0xe4, 0x42), // yellow
    (0x00, 0x72, 0xb2), // blue
    (0xd5, 0x5e, 0x00), // vermilion
    (0xbb, 0xbb, 0xbb), // light gray
    (0x7f, 0xff, 0xd4), // aquamarine
    (0xff, 0x8f, 0xa3), // pink
    (0x8b, 0x5c, 0xf6), // violet
    (0xa3, 0xe6, 0x35), // lime
    (0x9c, 0x6b, 0x30), // brown
    (0x22, 0xd3, 0xee), // cyan
    (0xff, 0xd6, 0xa5), // peach
    (0xe1, 0x1d, 0x74), // crimson
    (0x6b, 0x8e, 0x23), // olive
    (0xc4, 0xb5, 0xfd), // lavender
    (0xff, 0x6f, 0x59), // coral
    (0x2d, 0xa4, 0x4e), // green
    (0x94, 0xa3, 0xb8), // slate
    (0xd9, 0x46, 0xef), // magenta
    (0xb4, 0x53, 0x09), // sienna
    (0x3b, 0x82, 0xf6), // azure
];

/// The same in xterm's 256: the nearest of its color cube and grays, each one once.
const INDEXED: [u8; 24] = [
    74, 178, 35, 175, 221, 25, 166, 250, 122, 211, 99, 149, 131, 45, 223, 162, 64, 183, 203, 71,
    109, 171, 130, 69,
];

/// The same of the terminal's sixteen; black, white and the darkest are left out.
const SIXTEEN: [u8; 12] = [14, 11, 2, 13, 3, 12, 9, 7, 10, 5, 6, 1];

/// Marks of the classes in legends; the next one for every repetition of the colors.
const MARKS: [char; 8] = ['●', '▲', '■', '◆', '○', '△', '□', '◇'];

/// Letters of the classes in maps without color.
const LETTERS: &[u8; 61] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ123456789";

/// Colors of classes at one color depth.
///
/// ```
/// use disentangle::palette::{Color, ColorDepth, Palette};
/// let palette = Palette::new(ColorDepth::True);
/// assert_eq!(palette.color(1), Some(Color::Rgb(0xe6, 0x9f, 0x00)));
/// assert_eq!(palette.color(1), palette.color(25));
/// assert_ne!(palette.mark(1), palette.mark(25));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    depth: ColorDepth,
}

impl Palette {
    /// The palette for a terminal of this depth.
    pub fn new(depth: ColorDepth) -> Self {
        Self { depth }
    }

    /// The depth it was made for.
    pub fn depth(self) -> ColorDepth {
        self.depth
    }

    /// How many classes have a color of their own; 0 without colors.
    pub fn distinct(self) -> usize {
        match self.depth {
            ColorDepth::None => 0,
            ColorDepth::Sixteen => SIXTEEN.len(),
            ColorDepth::Indexed | ColorDepth::True => COLORS.len(),
        }
    }

    /// The color of a class; a dark gray for [`UNLABELED`]; `None` where there are no colors.
    pub fn color(self, class: u16) -> Option<Color> {
        let class = if class == UNLABELED {
            return self.unlabeled();
        } else {
            usize::from(class)
        };
        match self.depth {
            ColorDepth::None => None,
            ColorDepth::Sixteen => Some(Color::Indexed(SIXTEEN[class % SIXTEEN.len()])),
            ColorDepth::Indexed => Some(Color::Indexed(INDEXED[class % INDEXED.len()])),
            ColorDepth::True => {
                let (red, green, blue) = COLORS[class % COLORS.len()];
                Some(Color::Rgb(red, green, blue))
            }
        }
    }

    /// The color of samples without a class.
    fn unlabeled(self) -> Option<Color> {
        match self.depth {
            ColorDepth::None => None,
            ColorDepth::Sixteen => Some(Color::Indexed(8)),
            ColorDepth::Indexed => Some(Color::Indexed(243)),
            ColorDepth::True => Some(Color::Rgb(0x76, 0x76, 0x76)),
        }
    }

    /// The mark of a class in legends. Classes that share a color have different marks; where
    /// there are no colors, the mark is the class's letter.
    pub fn mark(self, class: u16) -> char {
        if class == UNLABELED {
            return '·';
        }
        match usize::from(class).checked_div(self.distinct()) {
            Some(repetition) => MARKS[repetition % MARKS.len()],
            None => self.letter(class),
        }
    }

    /// The letter of a class in maps drawn with letters.
    pub fn letter(self, class: u16) -> char {
        if class == UNLABELED {
            '.'
        } else {
            char::from(LETTERS[usize::from(class) % LETTERS.len()])
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn depth(variables: &[(&str, &str)]) -> ColorDepth {
        ColorDepth::detect(|name| {
            variables
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| (*v).to_owned())
        })
    }

    #[test]
    fn the_environment_tells_the_depth() {
        let cases: &[(&[(&str, &str)], ColorDepth)] = &[
            (&[], ColorDepth::None),
            (
                &[("TERM", "dumb"), ("COLORTERM", "truecolor")],
                ColorDepth::None,
            ),
            (&[("TERM", "vt100")], ColorDepth::None),
            (&[("TERM", "xterm")], ColorDepth::Sixteen),
            (&[("TERM", "linux")], ColorDepth::Sixteen),
            (&[("TERM", "tmux-256color")], ColorDepth::Indexed),
            (
                &[("TERM", "xterm-256color"), ("NO_COLOR", "1")],
                ColorDepth::None,
            ),
            (
                &[("TERM", "xterm-256color"), ("NO_COLOR", "")],
                ColorDepth::Indexed,
            ),
            (
                &[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")],
                ColorDepth::True,
            ),
            (
                &[
                    ("TERM", "screen-256color"),
                    ("COLORTERM", "24bit"),
                    ("STY", "1.x"),
                ],
                ColorDepth::Indexed,
            ),
            (&[("TERM", "xterm-kitty")], ColorDepth::True),
        ];
        for (variables, expected) in cases {
            assert_eq!(depth(variables), *expected, "{variables:?}");
        }
    }

    #[test]
    fn classes_with_a_color_of_their_own_differ() {
        for depth in [ColorDepth::Sixteen, ColorDepth::Indexed, ColorDepth::True] {
            let palette = Palette::new(depth);
            let count = palette.distinct() as u16;
            let colors: HashSet<_> = (0..count).map(|c| palette.color(c)).collect();
            assert_eq!(colors.len(), usize::from(count), "{depth:?}");
            assert!(!colors.contains(&palette.color(UNLABELED)));
        }
    }

    #[test]
    fn color_and_mark_together_tell_a_hundred_classes_apart() {
        for depth in [ColorDepth::Sixteen, ColorDepth::Indexed, ColorDepth::True] {
            let palette = Palette::new(depth);
            let count = if depth == ColorDepth::Sixteen {
                96
            } else {
                100
            };
            let looks: HashSet<_> = (0..count)
                .map(|c| (palette.color(c), palette.mark(c)))
                .collect();
            assert_eq!(looks.len(), usize::from(count));
        }
    }

    #[test]
    fn without_colors_letters_remain() {
        let palette = Palette::new(ColorDepth::None);
        assert_eq!(palette.color(3), None);
        assert_eq!((palette.mark(3), palette.letter(UNLABELED)), ('d', '.'));
        let letters: HashSet<_> = (0..61).map(|c| palette.letter(c)).collect();
        assert_eq!(letters.len(), 61);
    }

    #[test]
    fn every_class_has_a_look() {
        for depth in [ColorDepth::None, ColorDepth::Sixteen, ColorDepth::True] {
            let palette = Palette::new(depth);
            for class in (0..=u16::MAX).step_by(257) {
                let _ = (
                    palette.color(class),
                    palette.mark(class),
                    palette.letter(class),
                );
            }
        }
    }
}
