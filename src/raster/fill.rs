//! The turn by which a map fills its area.
//!
//! In: positions and an [`Area`]. Out: a [`Turn`]. The smallest rectangle around the points is found
//! among directions one degree apart, and its longer side laid along the longer side of the area.
//! Cost: some 50 looks at about a thousand points.

use super::extent::extent;
use super::turn::Turn;
use super::viewport::{Area, Shape};

/// About this many points are looked at.
const POINTS: usize = 1024;
/// Degrees between the directions that are tried first.
const COARSE: i32 = 5;

impl Turn {
    /// The turn after which the map's long axis lies along the longer side of the area: of the two, the
    /// one nearer to `before`. In a square area the axis stays as upright or level as before.
    pub fn to_fill(area: Area, positions: &[[f32; 2]], before: Self) -> Self {
        let stride = positions.len().div_ceil(POINTS).max(1);
        let some: Vec<[f32; 2]> = positions.iter().step_by(stride).copied().collect();
        let extents = |degrees: i32| {
            let turn = Self::by_degrees(degrees);
            let extent = |axis| extent(&some, turn, axis).map(|[low, high]| high - low);
            Some([extent(0)?, extent(1)?])
        };
        let least = |degrees: &mut dyn Iterator<Item = i32>| {
            let sizes = degrees.filter_map(|d| extents(d).map(|[w, h]| (d, w * h)));
            sizes.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(d, _)| d)
        };
        let coarse = least(&mut (0..90 / COARSE).map(|i| i * COARSE));
        let fine = coarse.and_then(|d| least(&mut (d - COARSE + 1..d + COARSE)));
        let Some((degrees, [width, height])) = fine.and_then(|d| Some((d, extents(d)?))) else {
            return before;
        };
        let level = Self::by_degrees(if width >= height {
            degrees
        } else {
            degrees + 90
        });
        let upright = level.then_quarter();
        let along = |turn: Self| turn.likeness(before).abs();
        let best = match area.shape() {
            Shape::High => upright,
            Shape::Square if along(upright) > along(level) => upright,
            Shape::Wide | Shape::Square => level,
        };
        if best.likeness(before) < 0.0 {
            best.opposite()
        } else {
            best
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::raster::Viewport;

    /// A strip of this length and width, turned by degrees.
    fn strip(length: f64, width: f64, degrees: i32) -> Vec<[f32; 2]> {
        let turn = Turn::by_degrees(degrees);
        let place = |i: u32| {
            let along = f64::from(i % 40) / 39.0 - 0.5;
            let across = f64::from(i / 40) / 9.0 - 0.5;
            turn.apply([length * along, width * across])
        };
        (0..400).map(|i| place(i).map(|v| v as f32)).collect()
    }

    #[test]
    fn the_long_axis_lies_along_the_longer_side() {
        for degrees in (-180..180).step_by(17) {
            let positions = strip(9.0, 2.0, degrees);
            for (area, long) in [(Area::new(80, 20), 0), (Area::new(20, 40), 1)] {
                let turn = Turn::to_fill(area, &positions, Turn::default());
                let sides = [0, 1].map(|axis| extent(&positions, turn, axis).unwrap());
                let sides = sides.map(|[low, high]| high - low);
                assert!((sides[long] - 9.0).abs() < 0.1, "{degrees}: {sides:?}");
                assert!((sides[1 - long] - 2.0).abs() < 0.3, "{degrees}: {sides:?}");
                assert!(turn.likeness(Turn::default()) >= 0.0, "{degrees}");
            }
        }
    }

    #[test]
    fn in_a_square_a_turned_map_stays_as_it_was() {
        let square = Area::new(20, 10);
        let positions = strip(9.0, 2.0, 0);
        let upright = Turn::to_fill(Area::new(10, 20), &positions, Turn::default());
        assert_eq!(Turn::to_fill(square, &positions, upright), upright);
        let level = Turn::to_fill(square, &positions, Turn::default());
        assert_eq!(level, Turn::default());
    }

    #[test]
    fn what_has_no_extent_is_not_turned() {
        let before = Turn::by_degrees(30);
        for positions in [vec![], vec![[f32::NAN; 2]; 5]] {
            let turn = Turn::to_fill(Area::new(9, 9), &positions, before);
            assert_eq!(turn, before);
        }
        let point = Turn::to_fill(Area::new(9, 9), &[[1.0, 2.0]], before);
        assert!(Viewport::fit_turned(&[[1.0, 2.0]], Area::new(9, 9), point).scale() > 0.0);
    }

    proptest! {
        #[test]
        fn a_turned_window_leads_there_and_back(
            degrees in -400..400i32, x in -1e3..1e3f64, y in -1e3..1e3f64,
            columns in 1..300u16, rows in 1..100u16,
        ) {
            let area = Area::new(columns, rows);
            let positions = strip(5.0, 3.0, 20);
            let view = Viewport::fit_turned(&positions, area, Turn::by_degrees(degrees));
            let [bx, by] = view.to_map(area, view.to_dot(area, [x, y]));
            prop_assert!((bx - x).abs() < 1e-6 && (by - y).abs() < 1e-6);
            let pan = view.pan(6.0, 4.0);
            let [dx, dy] = pan.to_dot(area, [x, y]);
            let [ox, oy] = view.to_dot(area, [x, y]);
            prop_assert!((ox - dx - 6.0).abs() < 1e-6 && (oy - dy - 4.0).abs() < 1e-6);
            for p in &positions {
                let [x, y] = view.to_dot(area, p.map(f64::from));
                let [across, down] = area.dots();
                prop_assert!(x >= 0.0 && x < across && y >= 0.0 && y < down);
            }
        }
    }
}
