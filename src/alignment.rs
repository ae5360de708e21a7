//! Turns a map so that it is as close as possible to another one (Procrustes).
//!
//! The orientation of a t-SNE map is arbitrary: two maps of the same samples may differ by a
//! rotation or reflection that means nothing. It is removed before maps are compared side by side.
//! The scale is kept, since it is meaningful.

use serde::{Deserialize, Serialize};

/// A rotation or reflection about the centroid, and a shift.
///
/// ```
/// use disentangle::alignment::procrustes;
/// let a = [[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]];
/// let turned = a.map(|[x, y]: [f32; 2]| [5.0 - y, x]);
/// let back = procrustes(&a, &turned).apply(&turned);
/// for (p, q) in a.iter().zip(&back) {
///     assert!((p[0] - q[0]).abs() < 1e-5 && (p[1] - q[1]).abs() < 1e-5);
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Orientation {
    /// Orthogonal matrix, by rows.
    matrix: [[f64; 2]; 2],
    /// Center of the rotation.
    center: [f64; 2],
    /// Where the center is moved to.
    target: [f64; 2],
}

impl Orientation {
    /// Leaves everything as it is.
    pub fn identity() -> Self {
        Self {
            matrix: [[1.0, 0.0], [0.0, 1.0]],
            center: [0.0; 2],
            target: [0.0; 2],
        }
    }

    /// Whether positions that are turned stay finite.
    pub(crate) fn is_possible(&self) -> bool {
        let is_small = |value: f64, most: f64| value.abs() <= most;
        let mut matrix = self.matrix.into_iter().flatten();
        let mut places = self.center.into_iter().chain(self.target);
        matrix.all(|value| is_small(value, 1.01)) && places.all(|value| is_small(value, 1e30))
    }

    /// The turned positions.
    pub fn apply(&self, positions: &[[f32; 2]]) -> Vec<[f32; 2]> {
        if *self == Self::identity() {
            return positions.to_vec();
        }
        let [[a, b], [c, d]] = self.matrix;
        positions
            .iter()
            .map(|p| {
                let x = f64::from(p[0]) - self.center[0];
                let y = f64::from(p[1]) - self.center[1];
                [
                    (a * x + b * y + self.target[0]) as f32,
                    (c * x + d * y + self.target[1]) as f32,
                ]
            })
            .collect()
    }
}

/// The orientation that brings `moving` closest to `reference`, point by point, in the sense of
/// least squares (Schönemann 1966, in two dimensions). The identity if no orientation is better or
/// the numbers of points differ.
pub fn procrustes(reference: &[[f32; 2]], moving: &[[f32; 2]]) -> Orientation {
    if reference.len() != moving.len() || reference.is_empty() {
        return Orientation::identity();
    }
    let (target, center) = (centroid(reference), centroid(moving));
    let mut cross = [[0.0; 2]; 2];
    for (r, m) in reference.iter().zip(moving) {
        for (i, row) in cross.iter_mut().enumerate() {
            for (j, sum) in row.iter_mut().enumerate() {
                *sum += (f64::from(r[i]) - target[i]) * (f64::from(m[j]) - center[j]);
            }
        }
    }
    // The best rotation and the best reflection have closed forms in the plane.
    let [[xx, xy], [yx, yy]] = cross;
    let (turn_c, turn_s) = (xx + yy, yx - xy);
    let (flip_c, flip_s) = (xx - yy, xy + yx);
    let (turn, flip) = (turn_c.hypot(turn_s), flip_c.hypot(flip_s));
    let usable = turn.max(flip).is_finite() && turn.max(flip) > 0.0;
    if !usable {
        return Orientation::identity();
    }
    let matrix = if turn >= flip {
        let (c, s) = (turn_c / turn, turn_s / turn);
        [[c, -s], [s, c]]
    } else {
        let (c, s) = (flip_c / flip, flip_s / flip);
        [[c, s], [s, -c]]
    };
    Orientation {
        matrix,
        center,
        target,
    }
}

fn centroid(points: &[[f32; 2]]) -> [f64; 2] {
    let mut sum = [0.0; 2];
    for p in points {
        sum[0] += f64::from(p[0]);
        sum[1] += f64::from(p[1]);
    }
    sum.map(|s| s / points.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn distance(a: &[[f32; 2]], b: &[[f32; 2]]) -> f64 {
        a.iter()
            .zip(b)
            .map(|(p, q)| f64::from(p[0] - q[0]).powi(2) + f64::from(p[1] - q[1]).powi(2))
            .sum()
    }

    proptest! {
        #[test]
        fn turned_and_mirrored_maps_come_back(
            points in prop::collection::vec([-50.0_f32..50.0, -50.0..50.0], 3..40),
            angle in 0.0_f32..6.3,
            mirror: bool,
            shift in [-9.0_f32..9.0, -9.0..9.0],
        ) {
            let (s, c) = angle.sin_cos();
            let sign = if mirror { -1.0 } else { 1.0 };
            let turned: Vec<[f32; 2]> = points
                .iter()
                .map(|[x, y]| [c * x - s * y + shift[0], sign * (s * x + c * y) + shift[1]])
                .collect();
            let back = procrustes(&points, &turned).apply(&turned);
            prop_assert!(distance(&points, &back) < 1e-3 * points.len() as f64);
        }

        #[test]
        fn alignment_never_makes_it_worse_than_a_shift(
            a in prop::collection::vec([-50.0_f32..50.0, -50.0..50.0], 20),
            b in prop::collection::vec([-50.0_f32..50.0, -50.0..50.0], 20),
        ) {
            let (ca, cb) = (centroid(&a), centroid(&b));
            let shifted: Vec<[f32; 2]> = b
                .iter()
                .map(|p| [p[0] + (ca[0] - cb[0]) as f32, p[1] + (ca[1] - cb[1]) as f32])
                .collect();
            let aligned = procrustes(&a, &b).apply(&b);
            prop_assert!(distance(&a, &aligned) <= distance(&a, &shifted) * (1.0 + 1e-4) + 1e-2);
        }
    }

    #[test]
    fn coincident_points_are_left_alone() {
        let points = [[1.0, 1.0]; 5];
        assert_eq!(procrustes(&points, &points), Orientation::identity());
        assert_eq!(procrustes(&points, &points[..2]), Orientation::identity());
    }
}
