//! The color and the letter of each cell of a raster, for everything that colors can mean.

use super::{Coloring, Look, ValueScale, Winner};
use crate::palette::{Color, Palette, Scale};
use crate::raster::{Cell, Raster, effective_classes};

/// The number of effective classes with the brightest color, or fewer where there are fewer classes.
const MOST_MIXED: f64 = 3.0;

/// What the colors of a picture mean.
#[derive(Debug, Clone, PartialEq)]
pub enum Legend {
    /// Each class has its color.
    Classes,
    /// Right and wrong predictions have theirs.
    Outcomes,
    /// Levels of a value.
    Levels {
        /// What the value is.
        name: String,
        /// What the lowest level stands for.
        low: String,
        /// What the highest level stands for.
        high: String,
        /// The colors between.
        scale: Scale,
    },
}

/// Colors and letters of the cells of a raster.
#[derive(Debug)]
pub struct Shades<'a> {
    raster: &'a Raster,
    look: Look,
    palette: Palette,
    values: Option<&'a ValueScale>,
    /// Effective classes around each cell, for mixing.
    mixing: Vec<f32>,
    /// What the highest level of mixing or density stands for.
    top: f64,
}

impl<'a> Shades<'a> {
    /// Prepares the colors. Mixing looks at `reach` cells around each. Without `values`, densities take
    /// the place of values.
    pub fn new(
        raster: &'a Raster,
        mut look: Look,
        palette: Palette,
        values: Option<&'a ValueScale>,
        reach: usize,
    ) -> Self {
        if look.coloring == Coloring::Value && values.is_none() {
            look.coloring = Coloring::Density;
        }
        let mixing = if look.coloring == Coloring::Mixing {
            effective_classes(raster, reach)
        } else {
            Vec::new()
        };
        let top = match look.coloring {
            Coloring::Mixing => (raster.distinct() as f64).clamp(2.0, MOST_MIXED),
            Coloring::Density => {
                let most = raster.cells().iter().map(|c| c.total).max().unwrap_or(0);
                f64::from(most.max(1))
            }
            _ => 1.0,
        };
        Self {
            raster,
            look,
            palette,
            values,
            mixing,
            top,
        }
    }

    /// The class that colors a cell.
    fn winner(&self, cell: &Cell) -> u16 {
        match self.look.winner {
            Winner::Majority => cell.majority,
            Winner::Rarest => cell.rarest,
        }
    }

    /// The level of a cell from 0 to 1, and its scale; `None` where it has none.
    fn level(&self, index: usize) -> Option<(f64, Scale)> {
        let cell = &self.raster.cells()[index];
        match self.look.coloring {
            Coloring::Class | Coloring::Outcome => None,
            Coloring::Mixing => {
                let classes = f64::from(*self.mixing.get(index)?);
                (classes > 0.0).then(|| {
                    let level = (classes - 1.0) / (self.top - 1.0);
                    (level.clamp(0.0, 1.0), Scale::Sequential)
                })
            }
            Coloring::Density => {
                // Counts differ by orders of magnitude: equal factors are equal steps.
                let level = f64::from(cell.total).ln_1p() / self.top.ln_1p();
                Some((level, Scale::Sequential))
            }
            Coloring::Value => {
                let values = self.values?;
                let value = self.raster.value(index)?;
                Some((values.level(f64::from(value)), values.scale))
            }
        }
    }

    /// The color of a cell, numbered row by row; `None` for the terminal's own.
    pub fn color(&self, index: usize) -> Option<Color> {
        let cell = self.raster.cells().get(index)?;
        match self.look.coloring {
            Coloring::Class if !self.raster.has_classes() => None,
            Coloring::Class => self.palette.color(self.winner(cell)),
            Coloring::Outcome => match self.winner(cell) {
                0 => self.palette.outcome(true),
                1 => self.palette.outcome(false),
                other => self.palette.color(other),
            },
            _ => match self.level(index) {
                Some((level, scale)) => self.palette.level(scale, level),
                None => self.palette.color(crate::dataset::UNLABELED),
            },
        }
    }

    /// The letter of a cell: its class's, `+` for right and `x` for wrong, or the digit of its
    /// level.
    pub fn letter(&self, index: usize) -> char {
        let Some(cell) = self.raster.cells().get(index) else {
            return ' ';
        };
        match self.look.coloring {
            Coloring::Class => self.palette.letter(self.winner(cell)),
            Coloring::Outcome => match self.winner(cell) {
                0 => '+',
                1 => 'x',
                _ => '.',
            },
            _ => self
                .level(index)
                .map_or('.', |(level, _)| Palette::digit(level)),
        }
    }

    /// The mark of a cell: its class's in the legend, and a disc for everything else.
    pub(super) fn mark(&self, index: usize) -> char {
        match self.raster.cells().get(index) {
            Some(cell) if self.look.coloring == Coloring::Class && self.raster.has_classes() => {
                self.palette.mark(self.winner(cell))
            }
            _ => crate::palette::DISC,
        }
    }

    /// True if the value of a cell is one of those that have a mark.
    pub(super) fn is_marked(&self, index: usize) -> bool {
        let values = self
            .values
            .filter(|_| self.look.coloring == Coloring::Value);
        let least = values.and_then(|values| values.marked_below);
        let value = self.raster.value(index).map(f64::from);
        value.zip(least).is_some_and(|(value, least)| value < least)
    }

    /// True if a cell shows a class whose color another class has, too.
    pub(super) fn repeats(&self, index: usize) -> bool {
        let is_class = self.look.coloring == Coloring::Class;
        let cell = self.raster.cells().get(index).filter(|_| is_class);
        cell.is_some_and(|cell| self.palette.repeats(self.winner(cell)))
    }

    /// What the colors mean.
    pub fn legend(&self) -> Legend {
        let levels = |name: &str, low: String, high: String, scale| Legend::Levels {
            name: name.to_owned(),
            low,
            high,
            scale,
        };
        match self.look.coloring {
            Coloring::Class => Legend::Classes,
            Coloring::Outcome => Legend::Outcomes,
            Coloring::Mixing => {
                let more = if self.raster.distinct() > MOST_MIXED as usize {
                    "+"
                } else {
                    ""
                };
                let high = format!("{:.0}{more}", self.top);
                levels("effective classes", "1".into(), high, Scale::Sequential)
            }
            Coloring::Density => {
                let high = format!("{:.0}", self.top);
                levels("samples per cell", "1".into(), high, Scale::Sequential)
            }
            Coloring::Value => match self.values {
                Some(values) => {
                    let figure = |value: f64| {
                        let text = format!("{value:.2}");
                        let text = text.trim_end_matches('0').trim_end_matches('.');
                        text.replace('-', "−")
                    };
                    levels(
                        &values.name,
                        figure(values.low),
                        figure(values.high),
                        values.scale,
                    )
                }
                None => Legend::Classes,
            },
        }
    }
}
