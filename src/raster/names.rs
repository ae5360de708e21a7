//! Where the names of the classes stand on a map: at the densest place of each class.
//!
//! In: positions, some samples of each class ([`Sampled`]), the window, and how wide each name is.
//! Out: a [`NamePlace`] per name. A class that falls into two large parts gets its name twice. Names
//! never overlap; a name that finds no room is left out. A name covers points of its own class
//! rather than others', unless these are most of the points that its class has.
//!
//! A map that forms moves with every iteration, and a name that moved with it could not be read. So
//! the places of the frame before are given in, and a name stays where it is as long as its class is
//! at least half as dense there as at its densest place.
//!
//! Cost: the samples looked at, at most [`MOST_SAMPLES`] per class, and the cells of the picture.

use std::collections::BTreeSet;

use super::{Area, DOTS_ACROSS, DOTS_DOWN, Viewport};
use crate::dataset::UNLABELED;

/// With more classes than this, names are written only if they are asked for.
pub(crate) const MOST_CLASSES: usize = 30;
/// So many samples of each class say where it is dense.
const MOST_SAMPLES: usize = 128;
/// A second part has at least this share of the class's samples to get a name ...
const SECOND_PART: f64 = 0.3;
/// ... and keeps it down to this share.
const SECOND_PART_STAYS: f64 = 0.2;
/// A part needs at least this many of the samples looked at.
const SMALLEST_PART: usize = 4;
/// A name stays where the class is at least this dense, as a share of its densest place.
const STAYS: f64 = 0.5;
/// Lines above and below the densest place at which a name may stand.
const LINES: [i32; 7] = [0, -1, 1, -2, 2, -3, 3];
/// What a line away from the densest place costs, in cells of other classes that a name covers.
const PER_LINE: f64 = 1.5;
/// What covering all of its own class would cost a name, in the same unit ...
const PER_OWN: f64 = 12.0;
/// ... which counts from this share on: of a small class, hardly anything else would be left to see.
const MUCH_OF_OWN: f64 = 0.25;
/// What covering a sample that was asked for costs, in the same unit.
const PER_WANTED: f64 = 8.0;

/// Some samples of each class, evenly spaced in the order of the rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sampled {
    of_class: Vec<Vec<u32>>,
    /// Classes by size, the largest first.
    order: Vec<u16>,
}

impl Sampled {
    /// Samples of `count` classes.
    pub(crate) fn of(classes: &[u16], count: usize) -> Self {
        let mut sizes = vec![0_usize; count];
        let known = |class: u16| class != UNLABELED && usize::from(class) < count;
        for class in classes.iter().filter(|class| known(**class)) {
            sizes[usize::from(*class)] += 1;
        }
        let mut seen = vec![0_usize; count];
        let mut of_class = vec![Vec::new(); count];
        for (sample, class) in classes.iter().enumerate() {
            let class = usize::from(*class);
            if known(class as u16) {
                let stride = sizes[class].div_ceil(MOST_SAMPLES);
                if seen[class].is_multiple_of(stride) {
                    of_class[class].push(sample as u32);
                }
                seen[class] += 1;
            }
        }
        let mut order: Vec<u16> = (0..count as u16).collect();
        order.sort_by_key(|class| std::cmp::Reverse(sizes[usize::from(*class)]));
        Self { of_class, order }
    }

    /// Those of a class.
    #[cfg(feature = "tui")]
    pub(crate) fn of_class(&self, class: usize) -> &[u32] {
        self.of_class.get(class).map_or(&[], Vec::as_slice)
    }
}

/// A name on the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NamePlace {
    /// The class.
    pub(crate) class: u16,
    /// The first cell, counted from the left of the picture.
    pub(crate) column: u16,
    /// The line, counted from the top.
    pub(crate) row: u16,
    /// Cells from the first one on, an empty one at each end included.
    pub(crate) width: u16,
    /// The densest place (column, row), near which the name stands.
    anchor: (u16, u16),
}

impl NamePlace {
    fn overlaps(&self, other: &Self) -> bool {
        self.row == other.row
            && self.column < other.column + other.width
            && other.column < self.column + self.width
    }
}

/// What the names are to stand on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ground<'a> {
    /// Position of each sample (map units).
    pub(crate) positions: &'a [[f32; 2]],
    /// Samples of each class.
    pub(crate) sampled: &'a Sampled,
    /// Whether each class is shown; classes beyond its end are.
    pub(crate) shown: &'a [bool],
    /// Samples that a name should not cover.
    pub(crate) wanted: &'a [u32],
    /// The part of the map in the picture.
    pub(crate) view: Viewport,
    /// The size of the picture.
    pub(crate) area: Area,
}

/// Places the names of the classes; `widths` are those of the names, 0 for none. `before` are the
/// places of the frame before, if it had the same size and window.
pub(crate) fn place_names(
    ground: &Ground<'_>,
    widths: &[u16],
    before: &[NamePlace],
) -> Vec<NamePlace> {
    let area = ground.area;
    if area.cells() == 0 {
        return Vec::new();
    }
    let classes: Vec<(u16, Vec<(u16, u16)>)> = ground.cells_of_classes(widths).collect();
    let cover = Cover::new(ground, &classes);
    let mut grid = Grid::new(area);
    let mut wishes = Vec::new();
    for (class, cells) in &classes {
        let was = before.iter().filter(|place| place.class == *class);
        for part in grid.parts(cells, was.clone().count() > 1) {
            let stays = was.clone().find(|place| part.holds(&grid, place.anchor));
            let width = widths[usize::from(*class)] + 2;
            let stays = stays.filter(|place| place.width == width).copied();
            wishes.push((*class, part.anchor(cells, &grid), width, stays));
        }
        grid.clear(cells);
    }
    let mut placed: Vec<NamePlace> = Vec::with_capacity(wishes.len());
    // Those that stay come first, so that no other pushes them away. What is looked at is not covered.
    for (_, _, _, stays) in &wishes {
        let may = |place: &NamePlace| {
            let hides = cover.hides_wanted(place) || cover.share_of_own(place) > 2.0 * MUCH_OF_OWN;
            cover.has_room(place, &placed) && !hides
        };
        placed.extend(stays.filter(may));
    }
    for (class, anchor, width, stays) in wishes {
        if !stays.is_some_and(|place| placed.contains(&place)) {
            placed.extend(cover.best(class, anchor, width, &placed));
        }
    }
    placed
}

impl Ground<'_> {
    /// The cell of a sample, if it is in the picture.
    fn cell(&self, sample: u32) -> Option<(u16, u16)> {
        let position = self.positions.get(sample as usize)?;
        let [x, y] = self.view.to_dot(self.area, position.map(f64::from));
        let [across, down] = self.area.dots();
        let cell = (
            (x as u32 / DOTS_ACROSS) as u16,
            (y as u32 / DOTS_DOWN) as u16,
        );
        (x >= 0.0 && x < across && y >= 0.0 && y < down).then_some(cell)
    }

    /// The shown classes that have a name, the largest first, and the cells of their samples.
    fn cells_of_classes(&self, widths: &[u16]) -> impl Iterator<Item = (u16, Vec<(u16, u16)>)> {
        let order = self.sampled.order.iter().copied();
        order.filter_map(move |class| {
            let index = usize::from(class);
            let has_name = widths.get(index).is_some_and(|width| *width > 0);
            let is_shown = self.shown.get(index).copied().unwrap_or(true);
            let samples = self.sampled.of_class.get(index)?;
            let cells = samples.iter().filter_map(|sample| self.cell(*sample));
            (has_name && is_shown).then(|| (class, cells.collect()))
        })
    }
}

/// Counts of one class in blocks of cells that are about square.
struct Grid {
    /// Cells of a block, across and down.
    block: (u16, u16),
    columns: usize,
    rows: usize,
    counts: Vec<u16>,
    /// The part that a block belongs to, counted from 1.
    parts: Vec<u16>,
}

/// A part of a class that hangs together.
struct Part {
    id: u16,
    /// The block around which it is densest, and the samples in the three by three blocks there.
    peak: (usize, u32),
}

impl Grid {
    fn new(area: Area) -> Self {
        let across = (area.columns / 24).max(1);
        let block = (across, (across / 2).max(1));
        let columns = usize::from(area.columns.div_ceil(block.0));
        let rows = usize::from(area.rows.div_ceil(block.1));
        let blocks = columns * rows;
        Self {
            block,
            columns,
            rows,
            counts: vec![0; blocks],
            parts: vec![0; blocks],
        }
    }

    fn index(&self, cell: (u16, u16)) -> usize {
        usize::from(cell.1 / self.block.1) * self.columns + usize::from(cell.0 / self.block.0)
    }

    /// A block and those around it.
    fn around(&self, index: usize) -> impl Iterator<Item = usize> {
        let (row, column) = (index / self.columns, index % self.columns);
        let rows = row.saturating_sub(1)..(row + 2).min(self.rows);
        let columns = self.columns;
        let across = column.saturating_sub(1)..(column + 2).min(columns);
        rows.flat_map(move |y| across.clone().map(move |x| y * columns + x))
    }

    fn density(&self, index: usize) -> u32 {
        self.around(index).map(|i| u32::from(self.counts[i])).sum()
    }

    /// The largest part of a class, and the second one if it is large.
    fn parts(&mut self, cells: &[(u16, u16)], had_two: bool) -> Vec<Part> {
        for cell in cells {
            let index = self.index(*cell);
            self.counts[index] += 1;
        }
        // Single samples between two clusters do not make them one.
        let least = (cells.len() / 64).max(1) as u16;
        let mut found: Vec<(usize, Part)> = Vec::new();
        for cell in cells {
            let start = self.index(*cell);
            if self.parts[start] == 0 && self.counts[start] >= least {
                let id = found.len() as u16 + 1;
                found.push(self.fill(start, id, least));
            }
        }
        found.sort_by_key(|(samples, part)| (std::cmp::Reverse(*samples), part.peak.0));
        let share = if had_two {
            SECOND_PART_STAYS
        } else {
            SECOND_PART
        };
        let enough = (share * cells.len() as f64).max(SMALLEST_PART as f64);
        let is_large = |(place, (samples, _)): &(usize, (usize, Part))| {
            *place == 0 || *samples as f64 >= enough
        };
        let large = found.into_iter().take(2).enumerate().filter(is_large);
        large.map(|(_, (_, part))| part).collect()
    }

    /// Marks the part that a block belongs to: its samples, and the part.
    fn fill(&mut self, start: usize, id: u16, least: u16) -> (usize, Part) {
        let (mut samples, mut peak) = (0, (start, 0));
        let mut open = vec![start];
        self.parts[start] = id;
        while let Some(index) = open.pop() {
            samples += usize::from(self.counts[index]);
            let density = self.density(index);
            if (density, std::cmp::Reverse(index)) > (peak.1, std::cmp::Reverse(peak.0)) {
                peak = (index, density);
            }
            let around: Vec<usize> = self.around(index).collect();
            for next in around {
                if self.parts[next] == 0 && self.counts[next] >= least {
                    self.parts[next] = id;
                    open.push(next);
                }
            }
        }
        (samples, Part { id, peak })
    }

    fn clear(&mut self, cells: &[(u16, u16)]) {
        for cell in cells {
            let index = self.index(*cell);
            self.counts[index] = 0;
            self.parts[index] = 0;
        }
    }
}

impl Part {
    /// True if a cell is still a dense place of this part.
    fn holds(&self, grid: &Grid, cell: (u16, u16)) -> bool {
        let index = grid.index(cell);
        let is_here = grid.around(index).any(|i| grid.parts[i] == self.id);
        is_here && f64::from(grid.density(index)) >= STAYS * f64::from(self.peak.1)
    }

    /// The cell of a sample in the middle of the densest place.
    fn anchor(&self, cells: &[(u16, u16)], grid: &Grid) -> (u16, u16) {
        let near: Vec<usize> = grid.around(self.peak.0).collect();
        let here = || {
            cells
                .iter()
                .filter(|cell| near.contains(&grid.index(**cell)))
        };
        let (mut count, mut sum) = (0.0, [0.0; 2]);
        for cell in here() {
            count += 1.0;
            sum = [sum[0] + f64::from(cell.0), sum[1] + f64::from(cell.1)];
        }
        let middle = sum.map(|s| s / f64::max(count, 1.0));
        // A cell is twice as high as wide.
        let distance = |cell: &&(u16, u16)| {
            let across = f64::from(cell.0) - middle[0];
            let down = 2.0 * (f64::from(cell.1) - middle[1]);
            across * across + down * down
        };
        let nearest = here().min_by(|a, b| distance(a).total_cmp(&distance(b)).then(a.cmp(b)));
        nearest.copied().unwrap_or_default()
    }
}

/// What names would cover: a class per cell.
struct Cover {
    area: Area,
    cells: Vec<u16>,
    /// How many cells each class is in.
    extents: Vec<(u16, usize)>,
}

/// No sample in the cell.
const EMPTY: u16 = UNLABELED;
/// Samples of several classes.
const SEVERAL: u16 = UNLABELED - 1;
/// A sample that was asked for.
const WANTED: u16 = UNLABELED - 2;

impl Cover {
    fn new(ground: &Ground<'_>, classes: &[(u16, Vec<(u16, u16)>)]) -> Self {
        let area = ground.area;
        let columns = usize::from(area.columns);
        let mut cells = vec![EMPTY; area.cells()];
        let at = |cell: (u16, u16)| usize::from(cell.1) * columns + usize::from(cell.0);
        for (class, of_class) in classes {
            for cell in of_class {
                let here = &mut cells[at(*cell)];
                *here = match *here {
                    EMPTY => *class,
                    other if other == *class => other,
                    _ => SEVERAL,
                };
            }
        }
        for cell in ground.wanted.iter().filter_map(|s| ground.cell(*s)) {
            cells[at(cell)] = WANTED;
        }
        let extent = |cells: &[(u16, u16)]| cells.iter().collect::<BTreeSet<_>>().len();
        let extents = classes.iter().map(|(class, cells)| (*class, extent(cells)));
        Self {
            area,
            extents: extents.collect(),
            cells,
        }
    }

    fn has_room(&self, place: &NamePlace, placed: &[NamePlace]) -> bool {
        place.row < self.area.rows
            && place.column + place.width <= self.area.columns
            && !placed.iter().any(|other| other.overlaps(place))
    }

    /// The place near a cell at which a name covers least of other classes; `None` without room.
    fn best(
        &self,
        class: u16,
        anchor: (u16, u16),
        width: u16,
        placed: &[NamePlace],
    ) -> Option<NamePlace> {
        let last = i32::from(self.area.columns) - i32::from(width);
        if last < 0 {
            return None;
        }
        let quarter = i32::from(width / 4).max(1);
        let mut best: Option<(f64, NamePlace)> = None;
        for line in LINES {
            let row = i32::from(anchor.1) + line;
            if row < 0 {
                continue;
            }
            for shift in [0, -quarter, quarter, -2 * quarter, 2 * quarter] {
                let column = i32::from(anchor.0) - i32::from(width / 2) + shift;
                let place = NamePlace {
                    class,
                    column: column.clamp(0, last) as u16,
                    row: row as u16,
                    width,
                    anchor,
                };
                if self.has_room(&place, placed) {
                    let away = PER_LINE * f64::from(line.abs());
                    let away = away + 0.25 * f64::from(shift.abs());
                    let cost = away + self.cost(&place);
                    if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                        best = Some((cost, place));
                    }
                }
            }
        }
        best.map(|(_, place)| place)
    }

    /// What is in the cells of a name that lies within the picture.
    fn under(&self, place: &NamePlace) -> &[u16] {
        let start =
            usize::from(place.row) * usize::from(self.area.columns) + usize::from(place.column);
        &self.cells[start..start + usize::from(place.width)]
    }

    fn hides_wanted(&self, place: &NamePlace) -> bool {
        self.under(place).contains(&WANTED)
    }

    /// The share of the cells of its class that a name covers.
    fn share_of_own(&self, place: &NamePlace) -> f64 {
        let own = self.under(place).iter().filter(|c| **c == place.class);
        let extent = self.extents.iter().find(|(class, _)| *class == place.class);
        own.count() as f64 / extent.map_or(1, |(_, cells)| *cells).max(1) as f64
    }

    /// What a name covers: of others, and much of its own class.
    fn cost(&self, place: &NamePlace) -> f64 {
        let own = self.share_of_own(place);
        let own = if own > MUCH_OF_OWN {
            PER_OWN * own
        } else {
            0.0
        };
        let others = self.under(place).iter().map(|cell| match *cell {
            EMPTY => 0.0,
            WANTED => PER_WANTED,
            class if class == place.class => 0.0,
            _ => 1.0,
        });
        own + others.sum::<f64>()
    }
}

#[cfg(test)]
mod tests;
