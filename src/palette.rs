//! Colors and marks of classes, for every color depth and with color blindness in mind.
//!
//! In: a class index, or a level between low and high, and what the terminal can show. Out: a
//! [`Color`], and as a second channel that needs no color a mark for legends, a letter for maps,
//! a digit for levels. The colors of each [`ColorSet`] differ for every common kind of color
//! blindness and stand out from the [`Background`] that they were made for; for more classes, colors
//! repeat with another mark.

mod color;
mod custom;
#[expect(
    clippy::unreadable_literal,
    reason = "colors are written as everywhere: rrggbb"
)]
mod sets;
mod xterm;

pub use color::{Color, ColorDepth};
pub use custom::{CustomColors, Theme};

use self::custom::Parts;
use crate::dataset::UNLABELED;
use crate::named::named;

/// Red, green and blue, 8 bits each.
pub type Rgb = (u8, u8, u8);

/// The mark of the first classes, and of what is no class.
pub(crate) const DISC: char = '●';

/// Marks of the classes in legends and among few points: the next one whenever the colors repeat.
const MARKS: [char; 8] = [DISC, '▲', '■', '◆', '○', '△', '□', '◇'];

/// Letters of the classes in maps without color.
const LETTERS: &[u8; 61] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ123456789";

/// What the colors are shown on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Background {
    /// Black or nearly so.
    #[default]
    Dark,
    /// White or nearly so.
    Light,
}

impl Background {
    /// What `COLORFGBG` says, which some terminals set to the numbers of their foreground and
    /// background; `None` where it is not set, or not understood.
    ///
    /// ```
    /// use disentangle::palette::Background;
    /// let light = |name: &str| (name == "COLORFGBG").then(|| "0;default;15".to_owned());
    /// assert_eq!(Background::detect(light), Some(Background::Light));
    /// ```
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let value = variable("COLORFGBG")?;
        let background: u8 = value.rsplit(';').next()?.trim().parse().ok()?;
        match background {
            7 | 9..=15 => Some(Self::Light),
            0..=6 | 8 => Some(Self::Dark),
            _ => None,
        }
    }

    /// The contrast of a color with black or white, from 1 to 21 (WCAG 2).
    pub(crate) fn contrast(self, (red, green, blue): Rgb) -> f64 {
        let linear = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        let light = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
        match self {
            Self::Dark => (light + 0.05) / 0.05,
            Self::Light => 1.05 / (light + 0.05),
        }
    }

    /// Light if a color is nearer to white than to black.
    pub fn of_rgb(red: u8, green: u8, blue: u8) -> Self {
        let weighed = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
        if weighed > 127_500 {
            Self::Light
        } else {
            Self::Dark
        }
    }
}

named!(Background {
    Dark => "dark",
    Light => "light",
});

/// A set of colors for classes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ColorSet {
    /// Okabe and Ito's eight (seven on a light background), then more up to twenty.
    #[default]
    OkabeIto,
    /// Tol's bright seven; on a light background his muted nine.
    Tol,
    /// Twenty, as different as twenty colors can be.
    Twenty,
}

named!(ColorSet {
    OkabeIto => "okabe-ito",
    Tol => "tol",
    Twenty => "twenty",
});

impl ColorSet {
    /// Its colors for a background.
    fn colors(self, background: Background) -> &'static [Rgb] {
        match (self, background) {
            (Self::OkabeIto, Background::Dark) => &sets::OKABE_ITO_DARK,
            (Self::OkabeIto, Background::Light) => &sets::OKABE_ITO_LIGHT,
            (Self::Tol, Background::Dark) => &sets::TOL_DARK,
            (Self::Tol, Background::Light) => &sets::TOL_LIGHT,
            (Self::Twenty, Background::Dark) => &sets::TWENTY_DARK,
            (Self::Twenty, Background::Light) => &sets::TWENTY_LIGHT,
        }
    }
}

/// How levels become colors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scale {
    /// From low to high: higher is further from the background.
    Sequential,
    /// From below to above a middle: orange, gray, blue.
    Diverging,
}

/// Levels of a scale that have a color of their own: fewer than the eye can distinguish, so that a
/// picture takes few bytes, and more than a legend can name.
pub const LEVELS: usize = 16;

/// Colors in the largest set.
const MOST: usize = 20;

/// Colors of a palette of high contrast, at least.
const FEWEST_READABLE: usize = 10;

/// The least contrast of text (WCAG 2, level AA).
const READABLE: f64 = 4.5;

/// Colors of classes at one color depth, on one background.
///
/// ```
/// use disentangle::palette::{Color, ColorDepth, Palette};
/// let palette = Palette::new(ColorDepth::True);
/// assert_eq!(palette.color(1), Some(Color::Rgb(0xe6, 0x9f, 0x00)));
/// assert_eq!(palette.color(1), palette.color(21));
/// assert_ne!(palette.mark(1), palette.mark(21));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    depth: ColorDepth,
    /// The depth without a theme.
    full: ColorDepth,
    set: ColorSet,
    background: Background,
    /// Only colors that stand out from the background.
    contrast: bool,
    /// The colors of the classes are those that the user chose, whatever the depth.
    has_own: bool,
    parts: Parts,
    distinct: usize,
    colors: [Color; MOST],
    sequential: [Color; LEVELS],
    diverging: [Color; LEVELS],
}

impl Palette {
    /// The palette for a terminal of this depth: Okabe and Ito's colors on a dark background.
    pub fn new(depth: ColorDepth) -> Self {
        Self::of(depth, ColorSet::default(), Background::default())
    }

    /// A set of colors at a depth and on a background.
    pub fn of(depth: ColorDepth, set: ColorSet, background: Background) -> Self {
        let (distinct, colors) = class_colors(depth, set, background);
        Self {
            depth,
            full: depth,
            set,
            background,
            contrast: false,
            has_own: false,
            parts: Parts::default(),
            distinct,
            colors,
            sequential: levels(depth, Scale::Sequential, background),
            diverging: levels(depth, Scale::Diverging, background),
        }
    }

    /// The same after its depth, set or background changed.
    fn renewed(self) -> Self {
        let mut new = Self {
            full: self.full,
            contrast: self.contrast,
            has_own: self.has_own,
            parts: self.parts,
            ..Self::of(self.depth, self.set, self.background)
        };
        if self.has_own {
            new.colors = self.colors;
            new.distinct = self.distinct;
        } else if self.contrast && self.depth > ColorDepth::Sixteen {
            let readable = new.readable();
            new.colors[..readable.len()].copy_from_slice(&readable);
            new.distinct = readable.len();
        }
        new
    }

    /// The colors that stand out from the background; if they are few, with those of the other sets that are
    /// furthest from them.
    fn readable(&self) -> Vec<Color> {
        let stands_out = |color: &Color| self.background.contrast(color.rgb()) >= READABLE;
        let all_of = |set| {
            let (distinct, colors) = class_colors(self.depth, set, self.background);
            colors.into_iter().take(distinct).filter(stands_out)
        };
        let mut readable: Vec<Color> = all_of(self.set).collect();
        let others: Vec<Color> = ColorSet::ALL.into_iter().flat_map(all_of).collect();
        while readable.len() < FEWEST_READABLE {
            let nearest = |color: &Color| {
                let known = readable.iter();
                let distances = known.map(|other| xterm::distance(other.rgb(), color.rgb()));
                distances.min().unwrap_or(u32::MAX)
            };
            match others.iter().max_by_key(|color| nearest(color)) {
                Some(furthest) => readable.push(*furthest),
                None => break,
            }
        }
        readable
    }

    /// The same with another set of colors, in place of those that were chosen for the classes.
    #[must_use]
    pub fn with_set(self, set: ColorSet) -> Self {
        Self {
            set,
            has_own: false,
            ..self
        }
        .renewed()
    }

    /// The same at another depth.
    #[must_use]
    pub fn with_depth(self, depth: ColorDepth) -> Self {
        Self {
            depth,
            full: depth,
            ..self
        }
        .renewed()
    }

    /// The same for another background.
    #[must_use]
    pub fn on(self, background: Background) -> Self {
        Self { background, ..self }.renewed()
    }

    /// The same in a theme, in place of the one that it had.
    #[must_use]
    pub fn in_theme(self, theme: Theme) -> Self {
        let depth = match theme {
            Theme::Terminal => self.full.min(ColorDepth::Sixteen),
            Theme::Dark | Theme::Light | Theme::HighContrast => self.full,
        };
        Self {
            depth,
            background: theme.background().unwrap_or(self.background),
            contrast: theme == Theme::HighContrast,
            ..self
        }
        .renewed()
    }

    /// The same with colors that the user chose.
    #[must_use]
    pub fn with_colors(mut self, custom: &CustomColors) -> Self {
        self.parts = custom.parts;
        if !custom.classes.is_empty() {
            self.has_own = true;
            self.distinct = custom.classes.len().min(MOST);
            for (color, own) in self.colors.iter_mut().zip(&custom.classes) {
                *color = *own;
            }
        }
        self
    }

    /// True if text is never dim.
    pub fn is_high_contrast(self) -> bool {
        self.contrast
    }

    /// A color that the user chose for a part of the screen.
    fn chosen(self, color: Option<Color>) -> Option<Color> {
        color
            .filter(|_| self.depth != ColorDepth::None)
            .map(|color| color.at(self.depth))
    }

    /// The color of what has the focus; `None` where there are no colors.
    pub fn focus(self) -> Option<Color> {
        let usual = match (self.contrast, self.background) {
            (false, _) => 6,
            (true, Background::Dark) => 14,
            (true, Background::Light) => 4,
        };
        let usual = (self.depth != ColorDepth::None).then_some(Color::Indexed(usual));
        self.chosen(self.parts.focus).or(usual)
    }

    /// The color of problems; `None` where there are no colors.
    pub fn problem(self) -> Option<Color> {
        let usual = match (self.contrast, self.background) {
            (true, Background::Dark) => 9,
            _ => 1,
        };
        let usual = (self.depth != ColorDepth::None).then_some(Color::Indexed(usual));
        self.chosen(self.parts.problem).or(usual)
    }

    /// The color of text that matters less, if the user chose one.
    pub fn faint(self) -> Option<Color> {
        self.chosen(self.parts.faint)
    }

    /// The depth it was made for.
    pub fn depth(self) -> ColorDepth {
        self.depth
    }

    /// The set of colors.
    pub fn set(self) -> ColorSet {
        self.set
    }

    /// The background it was made for.
    pub fn background(self) -> Background {
        self.background
    }

    /// How many classes have a color of their own; 0 without colors.
    pub fn distinct(self) -> usize {
        match self.depth {
            ColorDepth::None => 0,
            _ => self.distinct,
        }
    }

    /// The color of a class; a gray for [`UNLABELED`]; `None` where there are no colors.
    pub fn color(&self, class: u16) -> Option<Color> {
        if self.distinct() == 0 {
            None
        } else if class == UNLABELED {
            self.unlabeled()
        } else {
            let color = self.colors[usize::from(class) % self.distinct];
            Some(if self.has_own {
                color.at(self.depth)
            } else {
                color
            })
        }
    }

    /// The color of a class for text: nearer to the color of text if it could hardly be read.
    pub(crate) fn text_color(&self, class: u16) -> Option<Color> {
        let color = self.color(class)?;
        let is_own = matches!(color, Color::Indexed(0..16));
        if is_own || self.background.contrast(color.rgb()) >= READABLE {
            return Some(color);
        }
        let ink = match self.background {
            Background::Dark => (0xff, 0xff, 0xff),
            Background::Light => (0, 0, 0),
        };
        let step = |step: u8| {
            let (red, green, blue) = between(&[color.rgb(), ink], f64::from(step) / 8.0);
            Color::Rgb(red, green, blue).at(self.depth)
        };
        let is_readable = |color: &Color| self.background.contrast(color.rgb()) >= READABLE;
        let found = (1..=8).map(step).find(is_readable);
        Some(found.unwrap_or_else(|| step(8)))
    }

    /// The color of samples without a class.
    fn unlabeled(&self) -> Option<Color> {
        if let Some(color) = self.chosen(self.parts.unlabeled) {
            return Some(color);
        }
        let gray = match self.background {
            Background::Dark => 0x76,
            Background::Light => 0x8a,
        };
        match self.depth {
            ColorDepth::None => None,
            ColorDepth::Sixteen => Some(Color::Indexed(8)),
            ColorDepth::Indexed => Some(Color::Indexed(xterm::nearest((gray, gray, gray), &[]))),
            ColorDepth::True => Some(Color::Rgb(gray, gray, gray)),
        }
    }

    /// The color of right (blue) and wrong (orange) predictions.
    pub fn outcome(&self, is_right: bool) -> Option<Color> {
        let (end, chosen) = if is_right {
            (LEVELS - 1, self.parts.right)
        } else {
            (0, self.parts.wrong)
        };
        let chosen = self.chosen(chosen);
        if chosen.is_some() {
            return chosen;
        }
        (self.depth != ColorDepth::None).then_some(self.diverging[end])
    }

    /// The color of a level from 0 (low) to 1 (high); `None` where there are no colors.
    pub fn level(&self, scale: Scale, level: f64) -> Option<Color> {
        let colors = match scale {
            Scale::Sequential => &self.sequential,
            Scale::Diverging => &self.diverging,
        };
        let at = (level.clamp(0.0, 1.0) * (LEVELS - 1) as f64).round() as usize;
        (self.depth != ColorDepth::None).then(|| colors[at.min(LEVELS - 1)])
    }

    /// The levels that have a color of their own, from 0 to 1.
    pub(crate) fn levels() -> impl Iterator<Item = f64> {
        (0..LEVELS).map(|level| level as f64 / (LEVELS - 1) as f64)
    }

    /// The digit of a level from 0 to 1, for maps without color: 0 to 9.
    pub fn digit(level: f64) -> char {
        let digit = (level.clamp(0.0, 1.0) * 9.0).round() as u8;
        char::from(b'0' + digit.min(9))
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

    /// True if a class has the color of an earlier one, and another mark.
    pub(crate) fn repeats(self, class: u16) -> bool {
        self.distinct() > 0 && class != UNLABELED && usize::from(class) >= self.distinct
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

/// The number of colors at a depth, and the colors.
fn class_colors(
    depth: ColorDepth,
    set: ColorSet,
    background: Background,
) -> (usize, [Color; MOST]) {
    let mut colors = [Color::Indexed(0); MOST];
    let wanted = set.colors(background);
    let mut taken = Vec::with_capacity(MOST);
    let distinct = match depth {
        ColorDepth::None => 0,
        ColorDepth::Sixteen => {
            let sixteen: &[u8] = match background {
                Background::Dark => &sets::SIXTEEN_DARK,
                Background::Light => &sets::SIXTEEN_LIGHT,
            };
            for (color, index) in colors.iter_mut().zip(sixteen) {
                *color = Color::Indexed(*index);
            }
            sixteen.len()
        }
        ColorDepth::Indexed => {
            for (color, rgb) in colors.iter_mut().zip(wanted) {
                let index = xterm::nearest(*rgb, &taken);
                taken.push(index);
                *color = Color::Indexed(index);
            }
            wanted.len()
        }
        ColorDepth::True => {
            for (color, (red, green, blue)) in colors.iter_mut().zip(wanted) {
                *color = Color::Rgb(*red, *green, *blue);
            }
            wanted.len()
        }
    };
    (distinct, colors)
}

/// The colors of a scale's levels.
fn levels(depth: ColorDepth, scale: Scale, background: Background) -> [Color; LEVELS] {
    let anchors: &[Rgb] = match (scale, background) {
        (Scale::Sequential, Background::Dark) => &sets::SEQUENTIAL_DARK,
        (Scale::Sequential, Background::Light) => &sets::SEQUENTIAL_LIGHT,
        (Scale::Diverging, Background::Dark) => &sets::DIVERGING_DARK,
        (Scale::Diverging, Background::Light) => &sets::DIVERGING_LIGHT,
    };
    let sixteen = match scale {
        Scale::Sequential => &sets::SEQUENTIAL_SIXTEEN,
        Scale::Diverging => &sets::DIVERGING_SIXTEEN,
    };
    std::array::from_fn(|level| {
        let share = level as f64 / (LEVELS - 1) as f64;
        match depth {
            ColorDepth::None => Color::Indexed(0),
            ColorDepth::Sixteen => {
                let at = share * (sixteen.len() - 1) as f64;
                Color::Indexed(sixteen[at.round() as usize])
            }
            ColorDepth::Indexed => Color::Indexed(xterm::nearest(between(anchors, share), &[])),
            ColorDepth::True => {
                let (red, green, blue) = between(anchors, share);
                Color::Rgb(red, green, blue)
            }
        }
    })
}

/// The color at a share of the way along the anchors.
fn between(anchors: &[Rgb], share: f64) -> Rgb {
    let at = share * (anchors.len() - 1) as f64;
    let from = (at as usize).min(anchors.len() - 2);
    let rest = at - from as f64;
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * rest).round() as u8;
    let (a, b) = (anchors[from], anchors[from + 1]);
    (mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}

#[cfg(test)]
mod tests;
