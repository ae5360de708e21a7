//! The points of a map, counted into cells of characters by class.
//!
//! In: positions (n × 2), a class per sample, which classes are shown, and a [`Viewport`]. Out: a
//! [`Raster`], per cell the eight braille dots that are set and how many points of each class lie
//! there. The majority decides a cell's color, or the rarest class in it, and of equal counts the
//! smaller class index, so the picture does not depend on the order of the points: drawing one point
//! after the other would show whatever came last, which misstates mixing. No terminal type appears
//! here; screen and files draw from the same cells.
//!
//! A [`Tile`] says what a cell is: a character, half of one, or a single dot of a fine picture.
//!
//! Cost: O(n + cells): points are counted into cells twice (counting sort), nothing is hashed or
//! allocated per point.

mod extent;
mod fill;
mod mixing;
pub(crate) mod names;
mod segments;
mod turn;
mod values;
mod viewport;

pub use mixing::effective_classes;
pub use segments::{Segments, Stroke};
pub use turn::Turn;
pub use viewport::{Area, DOTS_ACROSS, DOTS_DOWN, Shape, Viewport};

use self::values::Values;
use crate::dataset::UNLABELED;

/// What is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Points<'a> {
    /// Position of each sample (n × 2, map units). Points that are not finite are not drawn.
    pub positions: &'a [[f32; 2]],
    /// Class of each sample; samples beyond its end count as [`UNLABELED`].
    pub classes: &'a [u16],
    /// Whether each class is shown; classes beyond its end are.
    pub shown: &'a [bool],
    /// Whether samples without a class are shown.
    pub unlabeled_shown: bool,
    /// What is counted in place of the classes, for example right and wrong; empty for the classes
    /// themselves. Samples beyond its end count as [`UNLABELED`].
    pub groups: &'a [u16],
    /// A value per sample, averaged in each cell; samples beyond its end and values that are not
    /// finite have none.
    pub values: &'a [f32],
    /// How the values of a cell become one.
    pub fold: Fold,
}

/// How the values of a cell become one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fold {
    /// Their mean.
    #[default]
    Mean,
    /// The greatest, so that a single outstanding sample shows among many.
    Greatest,
}

/// What one cell covers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tile {
    /// A character: 2 × 4 dots.
    #[default]
    Character,
    /// The upper or lower half of a character: 2 × 2 dots.
    Half,
    /// A single dot.
    Dot,
}

impl Tile {
    /// Dots across and down.
    fn dots(self) -> [u32; 2] {
        match self {
            Self::Character => [DOTS_ACROSS, DOTS_DOWN],
            Self::Half => [DOTS_ACROSS, DOTS_DOWN / 2],
            Self::Dot => [1, 1],
        }
    }
}

impl<'a> Points<'a> {
    /// All points, all classes shown.
    pub fn new(positions: &'a [[f32; 2]], classes: &'a [u16]) -> Self {
        Self {
            positions,
            classes,
            shown: &[],
            unlabeled_shown: true,
            groups: &[],
            values: &[],
            fold: Fold::Mean,
        }
    }

    /// How many samples count as each class; those that are hidden, too.
    pub(crate) fn sizes(&self) -> Vec<u32> {
        let counted = if self.groups.is_empty() {
            self.classes
        } else {
            self.groups
        };
        let mut sizes = Vec::new();
        for class in counted.iter().filter(|class| **class != UNLABELED) {
            let class = usize::from(*class);
            if class >= sizes.len() {
                sizes.resize(class + 1, 0);
            }
            sizes[class] += 1;
        }
        sizes
    }

    /// What a sample counts as, if it is shown.
    pub(crate) fn shown_group(&self, sample: usize) -> Option<u16> {
        let class = self.classes.get(sample).copied().unwrap_or(UNLABELED);
        let shown = if class == UNLABELED {
            self.unlabeled_shown
        } else {
            self.shown.get(usize::from(class)).copied().unwrap_or(true)
        };
        if self.groups.is_empty() {
            shown.then_some(class)
        } else {
            shown.then(|| self.groups.get(sample).copied().unwrap_or(UNLABELED))
        }
    }
}

/// How many points of a class lie in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassCount {
    /// The class, or [`UNLABELED`].
    pub class: u16,
    /// Number of its points in the cell, at least 1.
    pub count: u32,
}

/// One character of the picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cell {
    /// The dots that are set, in the bit order of the Unicode braille patterns.
    pub dots: u8,
    /// The class with the most points; of several, the one with the smallest index.
    pub majority: u16,
    /// The class that has the fewest samples in the whole map, of those in the cell; of several,
    /// the one with the smallest index.
    pub rarest: u16,
    /// Points of the majority.
    pub majority_count: u32,
    /// Points of all shown classes.
    pub total: u32,
    /// Where the cell's counts begin in the raster's list.
    first: u32,
    /// How many classes the cell holds.
    distinct: u32,
}

impl Cell {
    /// True if no point lies in the cell.
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// The braille character of the dots; a space for an empty cell.
    pub fn braille(&self) -> char {
        if self.dots == 0 {
            ' '
        } else {
            braille(self.dots)
        }
    }
}

/// The braille character of dots.
fn braille(dots: u8) -> char {
    char::from_u32(0x2800 + u32::from(dots)).unwrap_or(' ')
}

/// Braille bit of a dot within its cell: `BITS[down][across]`.
const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

/// A picture of a map.
///
/// ```
/// use disentangle::raster::{Area, Points, Raster, Viewport};
/// let positions = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
/// let area = Area::new(4, 2);
/// let view = Viewport::fit(&positions, area);
/// let raster = Raster::draw(&Points::new(&positions, &[0, 0, 1, 1]), view, area);
/// assert_eq!(raster.to_text(), "⠁  ⠈\n⡀  ⢀");
/// ```
#[derive(Clone)]
pub struct Raster {
    area: Area,
    /// Dots across and down of a cell.
    tile: [u32; 2],
    /// Cells per line.
    columns: u32,
    /// Cells, line by line (rows × columns).
    cells: Vec<Cell>,
    /// Classes of each cell in ascending order, cell by cell.
    counts: Vec<ClassCount>,
    /// The value of each cell, NaN where there is none; empty without values.
    values: Vec<f32>,
    /// Classes with a shown sample, in the picture or not.
    distinct: usize,
    /// Shown points within the picture.
    inside: usize,
    /// Shown points with finite positions beyond the picture's edges.
    outside: usize,
}

/// The points in the picture, before they are grouped.
struct Placed {
    /// Cell and class of each.
    points: Vec<(u32, u16)>,
    /// Shown samples of each class in the whole map; the last entry is of those without one.
    sizes: Vec<u32>,
}

impl Raster {
    /// Draws the points that lie in the window, a cell per character.
    pub fn draw(points: &Points<'_>, viewport: Viewport, area: Area) -> Self {
        Self::tiled(points, viewport, area, Tile::Character)
    }

    /// Draws the points that lie in the window in cells of another size; with halves, there are twice
    /// as many rows of cells.
    pub fn tiled(points: &Points<'_>, viewport: Viewport, area: Area, tile: Tile) -> Self {
        let tile = tile.dots();
        let columns = u32::from(area.columns) * DOTS_ACROSS / tile[0];
        let rows = u32::from(area.rows) * DOTS_DOWN / tile[1];
        let mut raster = Self {
            area,
            tile,
            columns,
            cells: vec![Cell::default(); columns as usize * rows as usize],
            counts: Vec::new(),
            values: Vec::new(),
            distinct: 0,
            inside: 0,
            outside: 0,
        };
        let placed = raster.place(points, viewport);
        raster.inside = placed.points.len();
        raster.distinct = placed.sizes[1..].iter().filter(|size| **size > 0).count();
        let mut grouped = raster.group(&placed.points);
        raster.count(&mut grouped, &placed.sizes);
        raster
    }

    /// Sets dots, totals and values; returns cell and class of each point in the picture.
    fn place(&mut self, points: &Points<'_>, viewport: Viewport) -> Placed {
        let mut placed = Vec::with_capacity(points.positions.len());
        let mut sizes = vec![0_u32; 1];
        let mut values = Values::new(points, self.cells.len());
        let [across, down] = self.area.dots();
        let [wide, high] = self.tile;
        let [cx, cy] = viewport.center();
        let (turn, per_unit) = (viewport.turn(), 1.0 / viewport.scale());
        for (sample, p) in points.positions.iter().enumerate() {
            let Some(class) = points.shown_group(sample) else {
                continue;
            };
            let size = usize::from(class.wrapping_add(1));
            if size >= sizes.len() {
                sizes.resize(size + 1, 0);
            }
            sizes[size] += 1;
            let [x, y] = turn.apply([f64::from(p[0]) - cx, f64::from(p[1]) - cy]);
            let (x, y) = (x * per_unit + across / 2.0, down / 2.0 - y * per_unit);
            // NaN fails these comparisons, so that it counts neither as inside nor as outside.
            if x >= 0.0 && x < across && y >= 0.0 && y < down {
                let (x, y) = (x as u32, y as u32);
                let at = y / high * self.columns + x / wide;
                let cell = &mut self.cells[at as usize];
                cell.dots |= BITS[(y % high) as usize][(x % wide) as usize];
                cell.total += 1;
                values.add(at, sample);
                placed.push((at, class));
            } else if p[0].is_finite() && p[1].is_finite() {
                self.outside += 1;
            }
        }
        self.values = values.finish();
        Placed {
            points: placed,
            sizes,
        }
    }

    /// The points' classes, grouped by cell.
    fn group(&mut self, placed: &[(u32, u16)]) -> Vec<u16> {
        let mut next = 0;
        for cell in &mut self.cells {
            cell.first = next;
            next += cell.total;
        }
        let mut grouped = vec![0; placed.len()];
        for &(at, class) in placed {
            let cell = &mut self.cells[at as usize];
            grouped[cell.first as usize] = class;
            cell.first += 1;
        }
        grouped
    }

    /// Counts the classes of each cell; finds the majority and the rarest.
    fn count(&mut self, grouped: &mut [u16], sizes: &[u32]) {
        let mut rest = grouped;
        for cell in self.cells.iter_mut().filter(|c| c.total > 0) {
            let (here, after) = rest.split_at_mut(cell.total as usize);
            rest = after;
            cell.first = self.counts.len() as u32;
            here.sort_unstable();
            let mut fewest = u32::MAX;
            for run in here.chunk_by(|a, b| a == b) {
                let (class, count) = (run[0], run.len() as u32);
                if count > cell.majority_count {
                    cell.majority = class;
                    cell.majority_count = count;
                }
                // Samples without a class never win over a class.
                let size = if class == UNLABELED {
                    u32::MAX - 1
                } else {
                    sizes[usize::from(class) + 1]
                };
                if size < fewest {
                    fewest = size;
                    cell.rarest = class;
                }
                self.counts.push(ClassCount { class, count });
            }
            cell.distinct = self.counts.len() as u32 - cell.first;
        }
    }

    /// Size of the picture.
    pub fn area(&self) -> Area {
        self.area
    }

    /// Cells per line.
    pub fn columns(&self) -> usize {
        self.columns as usize
    }

    /// The cell at a column and row, if there is one.
    pub fn cell(&self, column: u16, row: u16) -> Option<&Cell> {
        if u32::from(column) >= self.columns {
            return None;
        }
        self.cells
            .get(usize::from(row) * self.columns() + usize::from(column))
    }

    /// The cells, line by line from the top.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The values of the points in a cell, folded; `None` where there are none. Cells are numbered
    /// line by line.
    pub fn value(&self, index: usize) -> Option<f32> {
        self.values.get(index).copied().filter(|v| !v.is_nan())
    }

    /// The classes in a cell and their counts, by ascending class.
    pub fn counts(&self, cell: &Cell) -> &[ClassCount] {
        let first = cell.first as usize;
        self.counts
            .get(first..first + cell.distinct as usize)
            .unwrap_or(&[])
    }

    /// The lines of cells, from the top.
    pub fn lines(&self) -> impl Iterator<Item = &[Cell]> {
        self.cells.chunks(self.columns().max(1))
    }

    /// Number of classes with a shown sample, in the picture or not.
    pub fn distinct(&self) -> usize {
        self.distinct
    }

    /// True if any shown sample has a class.
    pub fn has_classes(&self) -> bool {
        self.distinct > 0
    }

    /// Number of points drawn.
    pub fn inside(&self) -> usize {
        self.inside
    }

    /// Number of points of shown classes that lie beyond the picture's edges.
    pub fn outside(&self) -> usize {
        self.outside
    }

    /// The picture as lines of braille without color, without spaces at the lines' ends.
    pub fn to_text(&self) -> String {
        to_text(self.lines(), Cell::braille)
    }
}

/// Lines of characters, without spaces at their ends.
pub(crate) fn to_text<'a, T: 'a>(
    lines: impl Iterator<Item = &'a [T]>,
    glyph: impl Fn(&T) -> char,
) -> String {
    let line = |line: &[T]| {
        line.iter()
            .map(&glyph)
            .collect::<String>()
            .trim_end()
            .to_owned()
    };
    lines.map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
