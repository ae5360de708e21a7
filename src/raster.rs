//! The picture: points of a map become cells of characters, with the classes in each counted.
//!
//! In: positions (n × 2), a class per sample, which classes are shown, and a [`Viewport`]. Out: a
//! [`Raster`], per cell the eight braille dots that are set and how many points of each class lie
//! there. The majority decides a cell's color and equal counts fall to the smaller class index, so
//! the picture does not depend on the order of the points: a painter that draws point after point
//! would show whatever came last, which misstates mixing. No terminal type appears here; screen,
//! report and notebook draw from the same cells.
//!
//! Cost: O(n + cells): points are counted into cells twice (counting sort), nothing is hashed or
//! allocated per point.

mod viewport;

pub use viewport::{Area, DOTS_ACROSS, DOTS_DOWN, Viewport};

use crate::dataset::UNLABELED;

/// What is to be drawn.
#[derive(Debug, Clone, Copy)]
pub struct Points<'a> {
    /// Position of each sample (n × 2, map units). What is not finite is not drawn.
    pub positions: &'a [[f32; 2]],
    /// Class of each sample; samples beyond its end count as [`UNLABELED`].
    pub classes: &'a [u16],
    /// Whether each class is shown; classes beyond its end are.
    pub shown: &'a [bool],
    /// Whether samples without a class are shown.
    pub unlabeled_shown: bool,
}

impl<'a> Points<'a> {
    /// All points, all classes shown.
    pub fn new(positions: &'a [[f32; 2]], classes: &'a [u16]) -> Self {
        Self {
            positions,
            classes,
            shown: &[],
            unlabeled_shown: true,
        }
    }

    /// The class of a sample if it is shown.
    fn shown_class(&self, sample: usize) -> Option<u16> {
        let class = self.classes.get(sample).copied().unwrap_or(UNLABELED);
        let shown = if class == UNLABELED {
            self.unlabeled_shown
        } else {
            self.shown.get(usize::from(class)).copied().unwrap_or(true)
        };
        shown.then_some(class)
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
    /// Points of that class.
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

    /// Share of the majority among the cell's points, 0 to 1; 0 for an empty cell.
    pub fn purity(&self) -> f64 {
        f64::from(self.majority_count) / f64::from(self.total.max(1))
    }

    /// The braille character of the dots; a space for an empty cell.
    pub fn braille(&self) -> char {
        if self.dots == 0 {
            ' '
        } else {
            char::from_u32(0x2800 + u32::from(self.dots)).unwrap_or(' ')
        }
    }
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
#[derive(Debug, Clone)]
pub struct Raster {
    area: Area,
    /// Cells, line by line (rows × columns).
    cells: Vec<Cell>,
    /// Classes of each cell in ascending order, cell by cell.
    counts: Vec<ClassCount>,
    /// Shown points within the picture.
    inside: usize,
    /// Shown points with finite positions beyond the picture's edges.
    outside: usize,
}

impl Raster {
    /// Draws the points that lie in the window.
    pub fn draw(points: &Points<'_>, viewport: Viewport, area: Area) -> Self {
        let mut raster = Self {
            area,
            cells: vec![Cell::default(); area.cells()],
            counts: Vec::new(),
            inside: 0,
            outside: 0,
        };
        let placed = raster.place(points, viewport);
        raster.inside = placed.len();
        let mut grouped = raster.group(&placed);
        raster.count(&mut grouped);
        raster
    }

    /// Sets dots and totals; returns cell and class of each point in the picture.
    fn place(&mut self, points: &Points<'_>, viewport: Viewport) -> Vec<(u32, u16)> {
        let mut placed = Vec::with_capacity(points.positions.len());
        let [across, down] = self.area.dots();
        let columns = u32::from(self.area.columns);
        let [cx, cy] = viewport.center();
        let per_unit = 1.0 / viewport.scale();
        for (sample, p) in points.positions.iter().enumerate() {
            let Some(class) = points.shown_class(sample) else {
                continue;
            };
            let x = (f64::from(p[0]) - cx) * per_unit + across / 2.0;
            let y = (cy - f64::from(p[1])) * per_unit + down / 2.0;
            // NaN fails these comparisons, so that it is neither inside nor, below, outside.
            if x >= 0.0 && x < across && y >= 0.0 && y < down {
                let (x, y) = (x as u32, y as u32);
                let at = y / DOTS_DOWN * columns + x / DOTS_ACROSS;
                let cell = &mut self.cells[at as usize];
                cell.dots |= BITS[(y % DOTS_DOWN) as usize][(x % DOTS_ACROSS) as usize];
                cell.total += 1;
                placed.push((at, class));
            } else if p[0].is_finite() && p[1].is_finite() {
                self.outside += 1;
            }
        }
        placed
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

    /// Counts the classes of each cell and finds the majority.
    fn count(&mut self, grouped: &mut [u16]) {
        let mut rest = grouped;
        for cell in self.cells.iter_mut().filter(|c| c.total > 0) {
            let (here, after) = rest.split_at_mut(cell.total as usize);
            rest = after;
            cell.first = self.counts.len() as u32;
            here.sort_unstable();
            for run in here.chunk_by(|a, b| a == b) {
                let (class, count) = (run[0], run.len() as u32);
                if count > cell.majority_count {
                    cell.majority = class;
                    cell.majority_count = count;
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

    /// The cell at a column and row, if there is one.
    pub fn cell(&self, column: u16, row: u16) -> Option<&Cell> {
        if column >= self.area.columns || row >= self.area.rows {
            return None;
        }
        self.cells
            .get(usize::from(row) * usize::from(self.area.columns) + usize::from(column))
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
        self.cells.chunks(usize::from(self.area.columns).max(1))
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
        let lines: Vec<String> = self
            .lines()
            .map(|line| {
                let text: String = line.iter().map(Cell::braille).collect();
                text.trim_end().to_owned()
            })
            .collect();
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests;
