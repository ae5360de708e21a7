//! The map as characters with colors, as the screen shows it and text files hold it.
//!
//! In: [`Points`], a window, a [`Look`] (glyphs, and what the colors mean) and a [`Palette`]. Out:
//! a [`Picture`], a character with up to two colors per cell, and the [`Legend`] that says what the
//! colors mean. No terminal type appears here: the screen copies the marks into its buffer, files
//! write them as escape sequences, and pictures in pixels take their colors from the same [`Shades`].
//! Cost: that of the [`Raster`], and for mixing that of
//! [`effective_classes`](crate::raster::effective_classes).

mod glyphs;
mod shades;

pub use glyphs::Glyphs;
pub use shades::{Legend, Shades};

use crate::dataset::Dataset;
use crate::named::named;
use crate::palette::{Color, ColorDepth, Palette, Scale};
use crate::raster::{Area, Points, Raster, Tile, Viewport, to_text};

/// What the colors of a map mean.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Coloring {
    /// The class.
    #[default]
    Class,
    /// How many classes share a place.
    Mixing,
    /// How many samples share a place.
    Density,
    /// Whether the prediction is the label.
    Outcome,
    /// A value per sample; as an option, the probability of its label.
    Value,
}

/// Which class colors a cell that holds several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Winner {
    /// The one with the most points in the cell: areas of color show the sizes of classes.
    #[default]
    Majority,
    /// The one with the fewest samples in the whole map, so that no small class is hidden.
    Rarest,
}

/// How a map is drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Look {
    /// What cells are drawn with.
    pub glyphs: Glyphs,
    /// What the colors mean.
    pub coloring: Coloring,
    /// Which class colors a cell that holds several.
    pub winner: Winner,
}

/// How the values of [`Coloring::Value`] become levels.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueScale {
    /// What the values are, for the legend.
    pub name: String,
    /// The value of the lowest level; lower values have its color.
    pub low: f64,
    /// The value of the highest level.
    pub high: f64,
    /// Colors of the levels.
    pub scale: Scale,
    /// Cells with a lower value have a mark: `?`.
    pub marked_below: Option<f64>,
}

impl ValueScale {
    /// A scale from low to high.
    pub fn new(name: &str, (low, high): (f64, f64), scale: Scale) -> Self {
        let name = name.to_owned();
        Self {
            name,
            low,
            high,
            scale,
            marked_below: None,
        }
    }

    /// The same, with a mark in cells whose value is lower than this.
    #[must_use]
    pub fn marking_below(self, least: f64) -> Self {
        Self {
            marked_below: Some(least),
            ..self
        }
    }

    /// Where a value lies between low and high, 0 to 1; 0.5 where they are equal.
    pub fn level(&self, value: f64) -> f64 {
        let extent = self.high - self.low;
        if extent > 0.0 {
            ((value - self.low) / extent).clamp(0.0, 1.0)
        } else {
            0.5
        }
    }
}

/// One character of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The character; a space for an empty cell.
    pub glyph: char,
    /// Its color; `None` for the terminal's own.
    pub ink: Option<Color>,
    /// The color behind it; `None` for the terminal's own.
    pub ground: Option<Color>,
}

impl Mark {
    /// An empty cell.
    const EMPTY: Self = Self {
        glyph: ' ',
        ink: None,
        ground: None,
    };
}

/// A map as characters with colors.
///
/// ```
/// use disentangle::palette::{ColorDepth, Palette};
/// use disentangle::picture::{Look, Picture};
/// use disentangle::raster::{Area, Points, Viewport};
/// let positions = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
/// let area = Area::new(4, 2);
/// let points = Points::new(&positions, &[0, 0, 1, 1]);
/// let palette = Palette::new(ColorDepth::True);
/// let view = Viewport::fit(&positions, area);
/// let picture = Picture::draw(&points, view, area, Look::default(), palette, None);
/// assert_eq!(picture.to_text(), "⠁  ⠈\n⡀  ⢀");
/// ```
#[derive(Clone)]
pub struct Picture {
    area: Area,
    marks: Vec<Mark>,
    legend: Legend,
    outside: usize,
}

impl Picture {
    /// Draws the points that lie in the window. For [`Coloring::Value`], `values` says how the values
    /// of the points become levels; without it, densities are drawn.
    pub fn draw(
        points: &Points<'_>,
        viewport: Viewport,
        area: Area,
        look: Look,
        palette: Palette,
        values: Option<&ValueScale>,
    ) -> Self {
        let tile = match look.glyphs {
            Glyphs::HalfBlock => Tile::Half,
            _ => Tile::Character,
        };
        let raster = Raster::tiled(points, viewport, area, tile);
        let shades = Shades::new(&raster, look, palette, values, 1);
        let marks = match tile {
            Tile::Half => halves(&raster, &shades, area),
            _ => characters(&raster, &shades, look, palette),
        };
        Self {
            area,
            marks,
            legend: shades.legend(),
            outside: raster.outside(),
        }
    }

    /// The lines of marks, from the top.
    pub fn lines(&self) -> impl Iterator<Item = &[Mark]> {
        self.marks.chunks(usize::from(self.area.columns).max(1))
    }

    /// What the colors mean.
    pub fn legend(&self) -> &Legend {
        &self.legend
    }

    /// Number of points of shown classes that lie beyond the picture's edges.
    pub fn outside(&self) -> usize {
        self.outside
    }

    /// The picture as lines without color, without spaces at the lines' ends.
    pub fn to_text(&self) -> String {
        to_text(self.lines(), |mark| mark.glyph)
    }
}

/// Points are drawn as marks where there are this many cells for each.
const CELLS_PER_MARK: usize = 4;

/// In cells with a value below [`ValueScale::marked_below`].
const MARKED: char = '?';

/// A mark per cell. Without colors, levels are digits. Where there are few points, a dot each would
/// hardly be seen, and cells of classes whose color repeats must be told apart: these show the marks of
/// the legend.
fn characters(raster: &Raster, shades: &Shades<'_>, look: Look, palette: Palette) -> Vec<Mark> {
    let colorless = palette.depth() == ColorDepth::None && look.coloring != Coloring::Class;
    let letters = look.glyphs == Glyphs::Letters || colorless;
    let has_dots = matches!(look.glyphs, Glyphs::Braille | Glyphs::Octant);
    let is_sparse = CELLS_PER_MARK * raster.inside() <= raster.cells().len();
    raster
        .cells()
        .iter()
        .enumerate()
        .map(|(index, cell)| {
            if cell.is_empty() {
                return Mark::EMPTY;
            }
            let glyph = match look.glyphs {
                _ if shades.is_marked(index) => MARKED,
                _ if letters => shades.letter(index),
                _ if has_dots && (is_sparse || shades.repeats(index)) => shades.mark(index),
                Glyphs::Octant => glyphs::octant(cell.dots),
                Glyphs::Ascii => glyphs::ascii(cell.dots),
                _ => cell.braille(),
            };
            Mark {
                glyph,
                ink: shades.color(index),
                ground: None,
            }
        })
        .collect()
}

/// A mark per two halves: one color where they have the same, otherwise one above the other.
fn halves(raster: &Raster, shades: &Shades<'_>, area: Area) -> Vec<Mark> {
    let columns = usize::from(area.columns);
    let half = |index: usize| {
        let is_set = raster.cells().get(index).is_some_and(|c| !c.is_empty());
        is_set.then(|| shades.color(index))
    };
    (0..area.cells())
        .map(|cell| {
            let upper = cell / columns * 2 * columns + cell % columns;
            let (glyph, ink, ground) = match (half(upper), half(upper + columns)) {
                (None, None) => return Mark::EMPTY,
                (Some(ink), None) => ('▀', ink, None),
                (None, Some(ink)) => ('▄', ink, None),
                (Some(above), Some(below)) if above == below => ('█', above, None),
                (Some(above), Some(below)) => ('▀', above, below),
            };
            Mark { glyph, ink, ground }
        })
        .collect()
}

named!(Coloring {
    Class => "class",
    Mixing => "mixing",
    Density => "density",
    Outcome => "outcome",
    Value => "probability",
});

/// Right (0), wrong (1) or neither ([`UNLABELED`](crate::dataset::UNLABELED)) per sample, for
/// [`Points::groups`]: whether the prediction is the label, where there are both.
///
/// ```
/// use disentangle::{picture::outcomes, dataset::UNLABELED};
/// assert_eq!(outcomes(&[3, 1, UNLABELED], &[3, 2, 0]), [0, 1, UNLABELED]);
/// ```
pub fn outcomes(classes: &[u16], predictions: &[u16]) -> Vec<u16> {
    let none = crate::dataset::UNLABELED;
    classes
        .iter()
        .zip(predictions)
        .map(|(&class, &prediction)| {
            if class == none || prediction == none {
                none
            } else {
                u16::from(class != prediction)
            }
        })
        .collect()
}

/// The probability that the classifier gives to each sample's label, and its scale; `None` without
/// labels or probabilities.
pub fn label_probabilities(data: &Dataset) -> Option<(Vec<f32>, ValueScale)> {
    let (labels, table) = (data.labels()?, data.probabilities()?);
    let values = (0..data.samples()).map(|sample| {
        let value = labels
            .class(sample)
            .and_then(|class| table.get([sample, class]));
        value.copied().unwrap_or(f32::NAN)
    });
    let scale = ValueScale::new("probability of the label", (0.0, 1.0), Scale::Diverging);
    Some((values.collect(), scale))
}

#[cfg(test)]
mod tests;
