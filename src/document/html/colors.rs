//! The part of the style sheet that is computed: colors of classes and shades of shares, on light and on dark.

use std::fmt::Write as _;

use super::super::Document;
use crate::dataset::UNLABELED;
use crate::palette::{Background, Color, Rgb};

/// Shades between nothing and all.
const SHADES: usize = 20;
/// The shade of nothing and that of all, on each background.
const LIGHT: [Rgb; 2] = [(0xff, 0xff, 0xff), (0x08, 0x45, 0x94)];
const DARK: [Rgb; 2] = [(0x1c, 0x1c, 0x1c), (0x9e, 0xca, 0xf4)];

/// The shade of a share.
pub(super) fn level(share: f64) -> usize {
    (share.clamp(0.0, 1.0) * SHADES as f64).round() as usize
}

/// The rules for so many classes.
pub(super) fn style(classes: usize) -> String {
    let mut css = String::new();
    rules(&mut css, Background::Light, classes);
    let mut dark = String::new();
    rules(&mut dark, Background::Dark, classes);
    let _ = writeln!(
        css,
        "@media screen and (prefers-color-scheme: dark) {{\n{dark}}}"
    );
    css
}

fn rules(css: &mut String, background: Background, classes: usize) {
    let palette = Document::palette(background);
    let distinct = palette.distinct().max(1);
    for first in 0..distinct.min(classes) {
        let all = (first..classes).step_by(distinct);
        let selectors = |letter: &str| {
            let each = all.clone().map(|class| format!(".{letter}{class}"));
            each.collect::<Vec<_>>().join(",")
        };
        color(css, &selectors("k"), palette.color(first as u16));
        color(css, &selectors("n"), palette.text_color(first as u16));
    }
    color(css, ".ku,.nu", palette.color(UNLABELED));
    let ends = match background {
        Background::Light => LIGHT,
        Background::Dark => DARK,
    };
    for shade in 0..=SHADES {
        let rgb = shade_of(ends, shade);
        let ink = if Background::Dark.contrast(rgb) > Background::Light.contrast(rgb) {
            "#000"
        } else {
            "#fff"
        };
        let _ = writeln!(css, ".h{shade}{{background:{};color:{ink}}}", hex(rgb));
    }
}

fn color(css: &mut String, selectors: &str, color: Option<Color>) {
    if let Some(color) = color {
        let _ = writeln!(css, "{selectors}{{color:{}}}", hex(color.rgb()));
    }
}

fn hex((red, green, blue): Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn shade_of([none, all]: [Rgb; 2], shade: usize) -> Rgb {
    let share = shade as f64 / SHADES as f64;
    let between =
        |a: u8, b: u8| (f64::from(a) + share * (f64::from(b) - f64::from(a))).round() as u8;
    (
        between(none.0, all.0),
        between(none.1, all.1),
        between(none.2, all.2),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_can_be_read_on_every_shade() {
        for ends in [LIGHT, DARK] {
            for shade in 0..=SHADES {
                let rgb = shade_of(ends, shade);
                let best = Background::Dark
                    .contrast(rgb)
                    .max(Background::Light.contrast(rgb));
                assert!(best >= 4.5, "{rgb:?}: {best}");
            }
        }
    }
}
