//! Straight lines in braille, separate from the dots of points, so that neither is mistaken for the
//! other.
//!
//! In: pairs of places in map units and a [`Viewport`]. Out: the cells that the lines run through,
//! with their braille characters. Cost: the lines' length in dots.

use super::{Area, BITS, DOTS_ACROSS, DOTS_DOWN, Viewport, braille};

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    /// Every dot.
    Solid,
    /// Every other dot.
    Dotted,
}

/// Lines on an area of cells.
///
/// ```
/// use disentangle::raster::{Area, Segments, Stroke, Viewport};
/// let area = Area::new(3, 1);
/// let mut lines = Segments::new(area);
/// let view = Viewport::new([3.0, -2.0], 1.0);
/// lines.add(view, [0.5, -0.5], [5.5, -0.5], Stroke::Solid);
/// let text: String = lines.cells().map(|(_, _, glyph)| glyph).collect();
/// assert_eq!(text, "⠉⠉⠉");
/// ```
#[derive(Debug, Clone)]
pub struct Segments {
    area: Area,
    /// Braille dots of each cell, line by line.
    dots: Vec<u8>,
}

impl Segments {
    /// An area without lines.
    pub fn new(area: Area) -> Self {
        Self {
            area,
            dots: vec![0; area.cells()],
        }
    }

    /// Draws the part of a line between two places (map units) that is in the window.
    pub fn add(&mut self, view: Viewport, from: [f64; 2], to: [f64; 2], stroke: Stroke) {
        let limits = self.area.dots();
        let ends = [view.to_dot(self.area, from), view.to_dot(self.area, to)];
        let Some([a, b]) = clipped(ends, limits) else {
            return;
        };
        let steps = (b[0] - a[0]).abs().max((b[1] - a[1]).abs()).ceil();
        let count = steps as u32;
        let step = match stroke {
            Stroke::Solid => 1,
            Stroke::Dotted => 2,
        };
        for i in (0..=count).step_by(step) {
            let share = f64::from(i) / steps.max(1.0);
            let x = (a[0] + share * (b[0] - a[0])) as u32;
            let y = (a[1] + share * (b[1] - a[1])) as u32;
            let at = y / DOTS_DOWN * u32::from(self.area.columns) + x / DOTS_ACROSS;
            if let Some(cell) = self.dots.get_mut(at as usize)
                && f64::from(x) < limits[0]
            {
                *cell |= BITS[(y % DOTS_DOWN) as usize][(x % DOTS_ACROSS) as usize];
            }
        }
    }

    /// The cells with parts of lines: column, row and character.
    pub fn cells(&self) -> impl Iterator<Item = (u16, u16, char)> + '_ {
        let columns = usize::from(self.area.columns).max(1);
        let drawn = self.dots.iter().enumerate().filter(|(_, dots)| **dots != 0);
        drawn.map(move |(at, dots)| {
            let (column, row) = ((at % columns) as u16, (at / columns) as u16);
            (column, row, braille(*dots))
        })
    }
}

/// The part of a line within the window (Liang and Barsky 1984); `None` if there is none.
fn clipped([a, b]: [[f64; 2]; 2], limits: [f64; 2]) -> Option<[[f64; 2]; 2]> {
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    for axis in 0..2 {
        let (start, way) = (a[axis], b[axis] - a[axis]);
        if !(start.is_finite() && way.is_finite()) {
            return None;
        }
        if way == 0.0 {
            if start < 0.0 || start >= limits[axis] {
                return None;
            }
            continue;
        }
        let (one, other) = (-start / way, (limits[axis] - start) / way);
        enter = enter.max(one.min(other));
        leave = leave.min(one.max(other));
    }
    let at = |share: f64| [0, 1].map(|axis| a[axis] + share * (b[axis] - a[axis]));
    // The far edges belong to no dot.
    let inside = |p: [f64; 2]| [0, 1].map(|axis| p[axis].clamp(0.0, limits[axis] - 0.01));
    (enter <= leave).then(|| [inside(at(enter)), inside(at(leave))])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(lines: &Segments) -> Vec<(u16, u16, char)> {
        lines.cells().collect()
    }

    #[test]
    fn lines_are_clipped_to_the_window_however_far_they_go() {
        let area = Area::new(4, 2);
        let view = Viewport::new([4.0, -4.0], 1.0);
        let mut lines = Segments::new(area);
        lines.add(view, [-1e12, -4.5], [1e12, -4.5], Stroke::Solid);
        let row: Vec<char> = text(&lines).iter().map(|c| c.2).collect();
        assert_eq!(row, ['⠉'; 4]);
        assert!(text(&lines).iter().all(|c| c.1 == 1));
        let mut none = Segments::new(area);
        none.add(view, [-1e12, 5.0], [1e12, 5.0], Stroke::Solid);
        none.add(view, [f64::NAN, 0.0], [1.0, 1.0], Stroke::Solid);
        assert!(text(&none).is_empty());
        let mut empty = Segments::new(Area::new(0, 0));
        empty.add(view, [0.0, 0.0], [1.0, -1.0], Stroke::Solid);
        assert!(text(&empty).is_empty());
    }

    #[test]
    fn dotted_lines_have_half_the_dots() {
        let area = Area::new(8, 1);
        let view = Viewport::new([8.0, -2.0], 1.0);
        let count = |stroke| {
            let mut lines = Segments::new(area);
            lines.add(view, [0.5, -0.5], [15.5, -0.5], stroke);
            lines.dots.iter().map(|d| d.count_ones()).sum::<u32>()
        };
        assert_eq!((count(Stroke::Solid), count(Stroke::Dotted)), (16, 8));
    }

    #[test]
    fn a_line_of_no_length_is_a_dot() {
        let view = Viewport::new([4.0, -4.0], 1.0);
        let mut lines = Segments::new(Area::new(4, 2));
        lines.add(view, [1.5, -1.5], [1.5, -1.5], Stroke::Dotted);
        assert_eq!(text(&lines), [(0, 0, '⠐')]);
    }
}
