//! Xterm's 256 colors: the cube and the grays, and which of them is nearest to a color.

use super::Rgb;

/// The levels of the color cube.
const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The red, green and blue of a color from 16 to 255; black for the terminal's own sixteen, which
/// may be set to anything.
pub(super) fn rgb(index: u8) -> Rgb {
    match index {
        0..=15 => (0, 0, 0),
        16..=231 => {
            let cube = usize::from(index - 16);
            (LEVELS[cube / 36], LEVELS[cube / 6 % 6], LEVELS[cube % 6])
        }
        232..=255 => {
            let gray = 8 + 10 * (index - 232);
            (gray, gray, gray)
        }
    }
}

/// The nearest color from 16 to 255 that is not taken yet.
pub(super) fn nearest(color: Rgb, taken: &[u8]) -> u8 {
    (16..=255)
        .filter(|index| !taken.contains(index))
        .min_by_key(|index| distance(rgb(*index), color))
        .unwrap_or(16)
}

/// The nearest of the terminal's own sixteen, as xterm shows them.
pub(super) fn nearest_of_sixteen(color: Rgb) -> u8 {
    let nearest = (0..16_u8).min_by_key(|at| {
        let own = super::sets::XTERM_SIXTEEN[usize::from(*at)];
        distance(own, color)
    });
    nearest.unwrap_or(7)
}

/// Squared distance, weighted by how sensitive the eye is to each channel.
pub(super) fn distance(a: Rgb, b: Rgb) -> u32 {
    let channel = |a: u8, b: u8, weight: u32| weight * u32::from(a.abs_diff(b)).pow(2);
    channel(a.0, b.0, 3) + channel(a.1, b.1, 4) + channel(a.2, b.2, 2)
}
