//! Which part of the map is looked at: map units to dots and back.
//!
//! Three coordinate systems meet here. *Map units* are the embedding's, y upward. *Dots* are the
//! picture's, from its top left corner, y downward. Two dots across and four down make a *cell*, one
//! character. A character is about twice as high as wide, so dots are about square and one scale
//! serves both axes: clusters keep their shape. A window may show the map turned ([`Turn`]).

use super::extent::extent;
use super::turn::Turn;

/// Dots per cell, side by side.
pub const DOTS_ACROSS: u32 = 2;
/// Dots per cell, on top of each other.
pub const DOTS_DOWN: u32 = 4;

/// The size of a picture in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Characters per line.
    pub columns: u16,
    /// Lines.
    pub rows: u16,
}

impl Area {
    /// An area of this many columns and rows of characters.
    pub fn new(columns: u16, rows: u16) -> Self {
        Self { columns, rows }
    }

    /// Number of cells.
    pub fn cells(self) -> usize {
        usize::from(self.columns) * usize::from(self.rows)
    }

    /// Which of its sides is the longer one.
    pub fn shape(self) -> Shape {
        let [across, down] = self.dots();
        if across > SQUARE * down {
            Shape::Wide
        } else if down > SQUARE * across {
            Shape::High
        } else {
            Shape::Square
        }
    }

    /// Width and height in dots.
    pub fn dots(self) -> [f64; 2] {
        [
            f64::from(u32::from(self.columns) * DOTS_ACROSS),
            f64::from(u32::from(self.rows) * DOTS_DOWN),
        ]
    }
}

/// Which side of an area is the longer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// It is wider than high.
    Wide,
    /// It is higher than wide.
    High,
    /// Neither is much longer.
    Square,
}

/// An area counts as square if no side is longer than the other by more than this factor.
const SQUARE: f64 = 1.2;

/// A window onto the map: what lies in the middle, and how much of the map a dot covers.
///
/// ```
/// use disentangle::raster::{Area, Viewport};
/// let area = Area::new(40, 20);
/// let view = Viewport::fit(&[[-1.0, -1.0], [1.0, 1.0]], area);
/// let dot = view.to_dot(area, [1.0, -1.0]);
/// let [x, y] = view.to_map(area, dot);
/// assert!((x - 1.0).abs() < 1e-9 && (y + 1.0).abs() < 1e-9);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Viewport {
    /// The point in the middle (map units); finite.
    center: [f64; 2],
    /// Map units per dot; positive and finite.
    scale: f64,
    /// How the map is turned in the picture.
    turn: Turn,
}

/// The scale stays in this range, so that zooming never overflows.
const SCALES: std::ops::RangeInclusive<f64> = 1e-30..=1e38;
/// Empty margin around the points on each side, as a share of their extent.
const MARGIN: f64 = 0.02;

impl Viewport {
    /// A window around `center` (map units) with `scale` map units per dot. Values that are not
    /// usable (not finite, not positive) become 0 and 1.
    pub fn new(center: [f64; 2], scale: f64) -> Self {
        Self {
            center: center.map(|c| if c.is_finite() { c } else { 0.0 }),
            scale: if scale.is_nan() || scale <= 0.0 {
                1.0
            } else {
                scale.clamp(*SCALES.start(), *SCALES.end())
            },
            turn: Turn::default(),
        }
    }

    /// The same with the map turned.
    #[must_use]
    pub fn turned(self, turn: Turn) -> Self {
        Self { turn, ..self }
    }

    /// The same around another point of the map.
    #[must_use]
    pub fn around(self, center: [f64; 2]) -> Self {
        Self::new(center, self.scale).turned(self.turn)
    }

    /// The same with this many map units per dot.
    #[must_use]
    pub fn scaled(self, scale: f64) -> Self {
        Self::new(self.center, scale).turned(self.turn)
    }

    /// The window that shows all points in `area`, except outliers so far away that they would
    /// squeeze all others (at most 0.1% on each side, or one). Positions that are not finite are
    /// ignored.
    pub fn fit(positions: &[[f32; 2]], area: Area) -> Self {
        Self::fit_turned(positions, area, Turn::default())
    }

    /// The same with the map turned.
    pub fn fit_turned(positions: &[[f32; 2]], area: Area, turn: Turn) -> Self {
        let [dots_across, dots_down] = area.dots().map(|d| d.max(1.0));
        let (Some([left, right]), Some([bottom, top])) =
            (extent(positions, turn, 0), extent(positions, turn, 1))
        else {
            return Self::new([0.0, 0.0], 1.0).turned(turn);
        };
        let needed = ((right - left) / dots_across).max((top - bottom) / dots_down);
        let center = turn.undo([f64::midpoint(left, right), f64::midpoint(bottom, top)]);
        let scale = if needed > 0.0 {
            needed * (1.0 + 2.0 * MARGIN)
        } else {
            1.0
        };
        Self::new(center, scale).turned(turn)
    }

    /// The point in the middle (map units).
    pub fn center(&self) -> [f64; 2] {
        self.center
    }

    /// Map units per dot.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// How the map is turned in the picture.
    pub fn turn(&self) -> Turn {
        self.turn
    }

    /// Where in the map a dot lies; its middle is at halves.
    pub fn to_map(&self, area: Area, dot: [f64; 2]) -> [f64; 2] {
        let [across, down] = area.dots();
        self.moved([
            (dot[0] - across / 2.0) * self.scale,
            (down / 2.0 - dot[1]) * self.scale,
        ])
    }

    /// Where a step in the picture (map units, y upward) leads from the middle.
    fn moved(&self, step: [f64; 2]) -> [f64; 2] {
        let [x, y] = self.turn.undo(step);
        [self.center[0] + x, self.center[1] + y]
    }

    /// Where in the picture a point of the map lies (dots, possibly outside of the picture).
    pub fn to_dot(&self, area: Area, point: [f64; 2]) -> [f64; 2] {
        let [across, down] = area.dots();
        let [x, y] = self
            .turn
            .apply([point[0] - self.center[0], point[1] - self.center[1]]);
        [x / self.scale + across / 2.0, down / 2.0 - y / self.scale]
    }

    /// Zooms by `factor` (above 1: closer) so that what lies under `dot` stays there.
    #[must_use]
    pub fn zoom_at(&self, area: Area, dot: [f64; 2], factor: f64) -> Self {
        if !(factor.is_finite() && factor > 0.0) {
            return *self;
        }
        let scale = (self.scale / factor).clamp(*SCALES.start(), *SCALES.end());
        let [x, y] = self.to_map(area, dot);
        let ratio = scale / self.scale;
        self.scaled(scale).around([
            x + (self.center[0] - x) * ratio,
            y + (self.center[1] - y) * ratio,
        ])
    }

    /// Moves the window by this many dots to the right and down.
    #[must_use]
    pub fn pan(&self, right: f64, down: f64) -> Self {
        self.around(self.moved([right * self.scale, -down * self.scale]))
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn near(a: f64, b: f64, scale: f64) -> bool {
        (a - b).abs() <= 1e-9 * (1.0 + scale)
    }

    proptest! {
        #[test]
        fn to_map_undoes_to_dot(
            cx in -1e3..1e3f64, cy in -1e3..1e3f64, scale in 1e-3..1e3f64,
            x in -1e4..1e4f64, y in -1e4..1e4f64,
            columns in 0..300u16, rows in 0..100u16,
        ) {
            let area = Area::new(columns, rows);
            let view = Viewport::new([cx, cy], scale);
            let [bx, by] = view.to_map(area, view.to_dot(area, [x, y]));
            prop_assert!(near(bx, x, 1e4) && near(by, y, 1e4));
        }

        #[test]
        fn zooming_keeps_what_lies_under_the_pointer(
            dx in 0.0..200.0f64, dy in 0.0..200.0f64, factor in 0.1..10.0f64,
        ) {
            let area = Area::new(100, 50);
            let view = Viewport::new([3.0, -2.0], 0.5);
            let before = view.to_map(area, [dx, dy]);
            let after = view.zoom_at(area, [dx, dy], factor).to_map(area, [dx, dy]);
            prop_assert!(near(before[0], after[0], 100.0) && near(before[1], after[1], 100.0));
        }

        #[test]
        fn fit_shows_every_point_of_a_compact_cloud(
            points in prop::collection::vec(prop::array::uniform2(-1.0..1.0f32), 1..200),
            columns in 1..80u16, rows in 1..40u16,
        ) {
            let area = Area::new(columns, rows);
            let mut points = points;
            points.extend([[-1.0, -1.0], [1.0, 1.0], [-0.9, 0.9], [0.9, -0.9], [-0.8, -0.9]]);
            points.extend([[0.8, 0.8], [0.9, 0.9]]);
            let view = Viewport::fit(&points, area);
            let [across, down] = area.dots();
            for p in &points {
                let [x, y] = view.to_dot(area, [f64::from(p[0]), f64::from(p[1])]);
                prop_assert!(x >= 0.0 && x < across && y >= 0.0 && y < down, "{p:?} at {x}, {y}");
            }
        }
    }

    #[test]
    fn panning_there_and_back_changes_nothing() {
        let view = Viewport::new([1.0, 2.0], 0.25);
        let back = view.pan(4.0, -6.0).pan(-4.0, 6.0);
        assert_eq!(view, back);
        assert_eq!(view.pan(4.0, 8.0).center(), [2.0, 0.0]);
    }

    #[test]
    fn one_point_far_away_does_not_squeeze_the_rest() {
        let mut points: Vec<[f32; 2]> = (0..100)
            .map(|i| [(i % 10) as f32, (i / 10) as f32])
            .collect();
        let area = Area::new(40, 20);
        let alone = Viewport::fit(&points, area);
        points.push([1e6, -1e6]);
        let view = Viewport::fit(&points, area);
        assert!((view.scale() / alone.scale() - 1.0).abs() < 0.2);
        points.pop();
        points.push([15.0, 5.0]);
        let wider = Viewport::fit(&points, area);
        assert!(wider.to_dot(area, [15.0, 5.0])[0] < 80.0);
    }

    #[test]
    fn fit_survives_what_is_degenerate() {
        for area in [Area::new(0, 0), Area::new(1, 1), Area::new(7, 3)] {
            for points in [
                vec![],
                vec![[f32::NAN, 1.0]],
                vec![[5.0, 5.0]; 9],
                vec![[f32::MAX, f32::MIN], [f32::MIN, f32::MAX]],
                vec![[f32::INFINITY, 0.0], [1.0, 2.0]],
                vec![[0.0, 0.0], [1e-40, 0.0]],
            ] {
                let view = Viewport::fit(&points, area);
                assert!(view.scale() > 0.0 && view.scale().is_finite());
                assert!(view.center().iter().all(|c| c.is_finite()));
            }
        }
        let same = Viewport::fit(&[[5.0, 5.0]; 9], Area::new(10, 10));
        assert_eq!(same.center(), [5.0, 5.0]);
    }

    #[test]
    fn endless_zooming_stays_finite() {
        let area = Area::new(10, 10);
        let (mut near, mut far) = (
            Viewport::new([0.0, 0.0], 1.0),
            Viewport::new([0.0, 0.0], 1.0),
        );
        for _ in 0..2000 {
            near = near.zoom_at(area, [3.0, 4.0], 2.0);
            far = far.zoom_at(area, [3.0, 4.0], 0.5).pan(1e3, 1e3);
        }
        assert!(near.scale() > 0.0 && far.scale().is_finite());
        assert!(far.center()[0].is_finite());
        assert_eq!(near.zoom_at(area, [0.0, 0.0], f64::NAN), near);
    }
}
