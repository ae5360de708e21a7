//! Which part of the map is looked at: map units to dots and back.
//!
//! Three coordinate systems meet here. *Map units* are the embedding's, y upward. *Dots* are the
//! picture's, from its top left corner, y downward. Two dots across and four down make a *cell*, one
//! character. A character is about twice as high as wide, so dots are about square and one scale
//! serves both axes: clusters keep their shape.

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

    /// Width and height in dots.
    pub fn dots(self) -> [f64; 2] {
        [
            f64::from(u32::from(self.columns) * DOTS_ACROSS),
            f64::from(u32::from(self.rows) * DOTS_DOWN),
        ]
    }
}

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
}

/// The scale stays in this range, so that zooming never overflows.
const SCALES: std::ops::RangeInclusive<f64> = 1e-30..=1e38;
/// Share of the points that may be outliers on each side of an axis.
const OUTLIERS: f64 = 0.001;
/// An outlier is left out only if it lies further from the rest than this many times its extent.
const FAR: f64 = 2.0;
/// Empty margin around the points on each side, as a share of their extent.
const MARGIN: f64 = 0.02;
/// Quantiles are taken from about this many points: enough for a margin, cheap at any n.
const QUANTILE_SAMPLE: usize = 8192;

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
        }
    }

    /// The window that shows all points in `area`, except outliers so far away that they would
    /// squeeze all others (at most 0.1% on each side, or one). Positions that are not finite are
    /// ignored.
    pub fn fit(positions: &[[f32; 2]], area: Area) -> Self {
        let [dots_across, dots_down] = area.dots().map(|d| d.max(1.0));
        let (Some([left, right]), Some([bottom, top])) =
            (extent(positions, 0), extent(positions, 1))
        else {
            return Self::new([0.0, 0.0], 1.0);
        };
        let needed = ((right - left) / dots_across).max((top - bottom) / dots_down);
        let center = [f64::midpoint(left, right), f64::midpoint(bottom, top)];
        if needed > 0.0 {
            Self::new(center, needed * (1.0 + 2.0 * MARGIN))
        } else {
            Self::new(center, 1.0)
        }
    }

    /// The point in the middle (map units).
    pub fn center(&self) -> [f64; 2] {
        self.center
    }

    /// Map units per dot.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Where in the map a dot lies; its middle is at halves.
    pub fn to_map(&self, area: Area, dot: [f64; 2]) -> [f64; 2] {
        let [across, down] = area.dots();
        [
            self.center[0] + (dot[0] - across / 2.0) * self.scale,
            self.center[1] - (dot[1] - down / 2.0) * self.scale,
        ]
    }

    /// Where in the picture a point of the map lies (dots, possibly outside of the picture).
    pub fn to_dot(&self, area: Area, point: [f64; 2]) -> [f64; 2] {
        let [across, down] = area.dots();
        [
            (point[0] - self.center[0]) / self.scale + across / 2.0,
            (self.center[1] - point[1]) / self.scale + down / 2.0,
        ]
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
        Self::new(
            [
                x + (self.center[0] - x) * ratio,
                y + (self.center[1] - y) * ratio,
            ],
            scale,
        )
    }

    /// Moves the window by this many dots to the right and down.
    #[must_use]
    pub fn pan(&self, right: f64, down: f64) -> Self {
        Self::new(
            [
                self.center[0] + right * self.scale,
                self.center[1] - down * self.scale,
            ],
            self.scale,
        )
    }
}

/// The lowest and highest value along an axis, without far outliers; `None` without a finite point.
fn extent(positions: &[[f32; 2]], axis: usize) -> Option<[f64; 2]> {
    let finite = |p: &[f32; 2]| p[0].is_finite() && p[1].is_finite();
    let (mut lowest, mut highest) = (f32::INFINITY, f32::NEG_INFINITY);
    for p in positions.iter().filter(|p| finite(p)) {
        lowest = lowest.min(p[axis]);
        highest = highest.max(p[axis]);
    }
    if lowest > highest {
        return None;
    }
    let all = [f64::from(lowest), f64::from(highest)];
    let stride = positions.len().div_ceil(QUANTILE_SAMPLE).max(1);
    let mut sample: Vec<f32> = positions
        .iter()
        .step_by(stride)
        .filter(|p| finite(p))
        .map(|p| p[axis])
        .collect();
    let trimmed = ((sample.len() as f64 * OUTLIERS) as usize).max(1);
    if sample.len() < 2 * trimmed + 2 {
        return Some(all);
    }
    let upper = sample.len() - 1 - trimmed;
    let low = f64::from(*sample.select_nth_unstable_by(trimmed, f32::total_cmp).1);
    let high = f64::from(*sample.select_nth_unstable_by(upper, f32::total_cmp).1);
    let reach = FAR * (high - low);
    if reach <= 0.0 {
        return Some(all);
    }
    Some([
        if all[0] < low - reach { low } else { all[0] },
        if all[1] > high + reach { high } else { all[1] },
    ])
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
