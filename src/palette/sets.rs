//! The tables of colors: three sets, each for dark and for light backgrounds.
//!
//! Sources: Okabe and Ito (2008), "Color Universal Design"; Tol (2021), "Colour Schemes", bright
//! and muted. The other colors were found by search: from xterm's 256, those with enough contrast,
//! so that the least distance of two is largest, in CIEDE2000 and in OKLab, also as people without one kind
//! of cones see them (simulation of Machado, Oliveira and Fernandes 2009), and so that few are pale or
//! nearly black, which dots hardly tell apart. The distances are tested.

use super::Rgb;

/// A color written as one number.
const fn rgb(value: u32) -> Rgb {
    ((value >> 16) as u8, (value >> 8) as u8, value as u8)
}

/// A table of them.
const fn table<const N: usize>(values: [u32; N]) -> [Rgb; N] {
    let mut colors = [(0, 0, 0); N];
    let mut i = 0;
    while i < N {
        colors[i] = rgb(values[i]);
        i += 1;
    }
    colors
}

/// Okabe and Ito's, light gray for black, then twelve more.
#[rustfmt::skip]
pub(super) const OKABE_ITO_DARK: [Rgb; 20] = table([
    0x56b4e9, 0xe69f00, 0x009e73, 0xcc79a7, 0xf0e442, 0x0072b2, 0xd55e00, 0xbbbbbb, 0x8700ff, 0xaf005f,
    0x00ffaf, 0xffffd7, 0x875f87, 0x875f00, 0x870000, 0x5f87ff, 0xafd787, 0xff87ff, 0x4e4e4e, 0x870087,
]);

/// Okabe and Ito's without yellow, which is hard to see on white, then thirteen more.
#[rustfmt::skip]
pub(super) const OKABE_ITO_LIGHT: [Rgb; 20] = table([
    0x0072b2, 0xe69f00, 0x009e73, 0xcc79a7, 0xd55e00, 0x56b4e9, 0x000000, 0xafd75f, 0x005f00, 0xd700ff,
    0xaf0000, 0x875f87, 0x8787d7, 0xafaf87, 0x00d7af, 0x00005f, 0x5f00d7, 0x87005f, 0x5f0000, 0x3a3a3a,
]);

/// Tol's bright.
#[rustfmt::skip]
pub(super) const TOL_DARK: [Rgb; 7] = table([
    0x4477aa, 0xee6677, 0x228833, 0xccbb44, 0x66ccee, 0xaa3377, 0xbbbbbb,
]);

/// Tol's muted.
#[rustfmt::skip]
pub(super) const TOL_LIGHT: [Rgb; 9] = table([
    0xcc6677, 0x332288, 0xddcc77, 0x117733, 0x88ccee, 0x882255, 0x44aa99, 0x999933, 0xaa4499,
]);

/// Twenty far apart, all of xterm's 256: they look the same at that depth and take few bytes.
#[rustfmt::skip]
pub(super) const TWENTY_DARK: [Rgb; 20] = table([
    0xffafaf, 0x5f00ff, 0x00ffff, 0xd70000, 0xd7ff87, 0x5f8787, 0xaf87ff, 0xaf875f, 0x4e4e4e, 0xaf0087,
    0xff5faf, 0xffd700, 0x875f5f, 0x00d75f, 0x87afd7, 0xd75f00, 0xafd7d7, 0x00afaf, 0xafffd7, 0xaf5faf,
]);

/// The same for a light background.
#[rustfmt::skip]
pub(super) const TWENTY_LIGHT: [Rgb; 20] = table([
    0x5f8787, 0xaf0000, 0xffafaf, 0x080808, 0xafaf00, 0x5f00ff, 0x5fd7d7, 0x5f5f87, 0xd7005f, 0xaf87af,
    0x5faf87, 0x005f00, 0xff5f5f, 0x87d75f, 0x444444, 0x0087d7, 0xaf5f00, 0xaf00af, 0x5f0087, 0xd787ff,
]);

/// The terminal's sixteen on a dark background; black, white and the darkest are left out.
pub(super) const SIXTEEN_DARK: [u8; 12] = [14, 11, 2, 13, 3, 12, 9, 7, 10, 5, 6, 1];

/// The same on a light background, without the pale ones.
pub(super) const SIXTEEN_LIGHT: [u8; 9] = [4, 3, 2, 5, 1, 6, 0, 12, 13];

/// Low to high on a dark background: viridis (van der Walt and Smith 2015) without its darkest.
pub(super) const SEQUENTIAL_DARK: [Rgb; 8] = table([
    0x3e4989, 0x31688e, 0x26828e, 0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b, 0xfde725,
]);

/// Low to high on a light background: viridis backward without its palest.
pub(super) const SEQUENTIAL_LIGHT: [Rgb; 8] = table([
    0x6ece58, 0x35b779, 0x1f9e89, 0x26828e, 0x31688e, 0x3e4989, 0x482878, 0x440154,
]);

/// Below to above zero on a dark background: orange, gray, blue.
pub(super) const DIVERGING_DARK: [Rgb; 5] =
    table([0xff7a2a, 0xc27a4a, 0x7a7a7a, 0x5f9ac4, 0x56c4ff]);

/// The same on a light background.
pub(super) const DIVERGING_LIGHT: [Rgb; 5] =
    table([0xa83800, 0xcc8456, 0xa8a8a8, 0x5a8fc0, 0x004c8f]);

/// Low to high in the terminal's sixteen, on any background.
pub(super) const SEQUENTIAL_SIXTEEN: [u8; 5] = [4, 6, 2, 3, 1];

/// Below to above zero in the terminal's sixteen.
pub(super) const DIVERGING_SIXTEEN: [u8; 5] = [1, 3, 8, 6, 4];

/// The terminal's sixteen as xterm shows them by default.
#[rustfmt::skip]
pub(super) const XTERM_SIXTEEN: [Rgb; 16] = table([
    0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
    0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
]);
