//! The order of points along a Morton curve of the map: near in the plane, near in memory.

use rayon::prelude::*;

/// Cells per side of the curve's grid, as a power of two.
const BITS: u32 = 16;

/// Indices of the points along the curve; ties keep their order.
pub(super) fn order(positions: &[[f32; 2]]) -> Vec<u32> {
    let (low, high) = positions.iter().fold(
        ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]),
        |(low, high), p| {
            (
                [low[0].min(p[0]), low[1].min(p[1])],
                [high[0].max(p[0]), high[1].max(p[1])],
            )
        },
    );
    let extent = (high[0] - low[0]).max(high[1] - low[1]);
    let scale = if extent > 0.0 {
        ((1_u32 << BITS) - 1) as f32 / extent
    } else {
        0.0
    };
    let mut keys: Vec<(u32, u32)> = positions
        .par_iter()
        .enumerate()
        .map(|(i, p)| {
            let x = ((p[0] - low[0]) * scale) as u32;
            let y = ((p[1] - low[1]) * scale) as u32;
            (spread(x) | (spread(y) << 1), i as u32)
        })
        .collect();
    keys.par_sort_unstable();
    keys.into_iter().map(|(_, i)| i).collect()
}

/// Puts a zero bit after each of the 16 low bits.
fn spread(v: u32) -> u32 {
    let mut v = v & 0xffff;
    v = (v | (v << 8)) & 0x00ff_00ff;
    v = (v | (v << 4)) & 0x0f0f_0f0f;
    v = (v | (v << 2)) & 0x3333_3333;
    (v | (v << 1)) & 0x5555_5555
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_corners_come_in_z_order() {
        let corners = [[1.0, 1.0], [0.0, 1.0], [1.0, 0.0], [0.0, 0.0]];
        assert_eq!(order(&corners), [3, 2, 1, 0]);
    }

    #[test]
    fn identical_points_keep_their_order() {
        assert_eq!(order(&[[2.0, 2.0]; 4]), [0, 1, 2, 3]);
    }
}
