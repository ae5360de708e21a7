//! A color, how many of them a terminal shows, and the nearest one where it shows fewer.

use super::{Rgb, sets, xterm};

/// How many colors the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ColorDepth {
    /// None: only letters and marks distinguish the classes.
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
    /// promises 24 bits, `TERM` decides otherwise.
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
            // GNU screen drops 24-bit colors even where the terminal around it has them.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Color {
    /// One of the sixteen (0 to 15) or 256 of the terminal.
    Indexed(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

impl Color {
    /// The parameters of the escape sequence (SGR) that selects it; `base` is 30 for text and 40 for the
    /// background.
    pub(crate) fn sgr(self, base: u8) -> String {
        match self {
            Self::Indexed(index @ 0..=7) => (base + index).to_string(),
            Self::Indexed(index @ 8..=15) => (base + 52 + index).to_string(),
            Self::Indexed(index) => format!("{};5;{index}", base + 8),
            Self::Rgb(red, green, blue) => format!("{};2;{red};{green};{blue}", base + 8),
        }
    }

    /// The color nearest to it that a terminal of some depth shows.
    pub(super) fn at(self, depth: ColorDepth) -> Self {
        match (self, depth) {
            (Self::Rgb(red, green, blue), ColorDepth::Indexed) => {
                Self::Indexed(xterm::nearest((red, green, blue), &[]))
            }
            (Self::Rgb(..) | Self::Indexed(16..), ColorDepth::Sixteen) => {
                Self::Indexed(xterm::nearest_of_sixteen(self.rgb()))
            }
            _ => self,
        }
    }

    /// Its red, green and blue; for the terminal's sixteen, xterm's defaults.
    pub fn rgb(self) -> Rgb {
        match self {
            Self::Indexed(index) if index < 16 => sets::XTERM_SIXTEEN[usize::from(index)],
            Self::Indexed(index) => xterm::rgb(index),
            Self::Rgb(red, green, blue) => (red, green, blue),
        }
    }
}
