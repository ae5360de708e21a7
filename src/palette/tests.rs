use std::collections::HashSet;

use super::*;

fn depth(variables: &[(&str, &str)]) -> ColorDepth {
    ColorDepth::detect(|name| {
        variables
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, v)| (*v).to_owned())
    })
}

#[test]
fn the_environment_tells_the_depth() {
    let cases: &[(&[(&str, &str)], ColorDepth)] = &[
        (&[], ColorDepth::None),
        (
            &[("TERM", "dumb"), ("COLORTERM", "truecolor")],
            ColorDepth::None,
        ),
        (&[("TERM", "vt100")], ColorDepth::None),
        (&[("TERM", "xterm")], ColorDepth::Sixteen),
        (&[("TERM", "linux")], ColorDepth::Sixteen),
        (&[("TERM", "tmux-256color")], ColorDepth::Indexed),
        (
            &[("TERM", "xterm-256color"), ("NO_COLOR", "1")],
            ColorDepth::None,
        ),
        (
            &[("TERM", "xterm-256color"), ("NO_COLOR", "")],
            ColorDepth::Indexed,
        ),
        (
            &[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")],
            ColorDepth::True,
        ),
        (
            &[
                ("TERM", "screen-256color"),
                ("COLORTERM", "24bit"),
                ("STY", "1.x"),
            ],
            ColorDepth::Indexed,
        ),
        (&[("TERM", "xterm-kitty")], ColorDepth::True),
    ];
    for (variables, expected) in cases {
        assert_eq!(depth(variables), *expected, "{variables:?}");
    }
}

#[test]
fn classes_with_a_color_of_their_own_differ() {
    for depth in [ColorDepth::Sixteen, ColorDepth::Indexed, ColorDepth::True] {
        let palette = Palette::new(depth);
        let count = palette.distinct() as u16;
        let colors: HashSet<_> = (0..count).map(|c| palette.color(c)).collect();
        assert_eq!(colors.len(), usize::from(count), "{depth:?}");
        assert!(!colors.contains(&palette.color(UNLABELED)));
    }
}

#[test]
fn color_and_mark_together_tell_a_hundred_classes_apart() {
    for depth in [ColorDepth::Sixteen, ColorDepth::Indexed, ColorDepth::True] {
        let palette = Palette::new(depth);
        let count = if depth == ColorDepth::Sixteen {
            96
        } else {
            100
        };
        let looks: HashSet<_> = (0..count)
            .map(|c| (palette.color(c), palette.mark(c)))
            .collect();
        assert_eq!(looks.len(), usize::from(count));
    }
}

#[test]
fn without_colors_letters_remain() {
    let palette = Palette::new(ColorDepth::None);
    assert_eq!(palette.color(3), None);
    assert_eq!((palette.mark(3), palette.letter(UNLABELED)), ('d', '.'));
    let letters: HashSet<_> = (0..61).map(|c| palette.letter(c)).collect();
    assert_eq!(letters.len(), 61);
}

#[test]
fn every_class_has_a_look() {
    for depth in [ColorDepth::None, ColorDepth::Sixteen, ColorDepth::True] {
        let palette = Palette::new(depth);
        for class in (0..=u16::MAX).step_by(257) {
            let _ = (
                palette.color(class),
                palette.mark(class),
                palette.letter(class),
            );
        }
    }
}

/// Red, green and blue from 0 to 1, linear in light.
fn linear((red, green, blue): (u8, u8, u8)) -> [f64; 3] {
    [red, green, blue].map(|value| {
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    })
}

fn times(matrix: [[f64; 3]; 3], vector: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row.iter().zip(vector).map(|(m, v)| m * v).sum())
}

/// OKLab (Ottosson 2020).
fn oklab(rgb: [f64; 3]) -> [f64; 3] {
    let cones = times(
        [
            [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
            [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
            [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
        ],
        rgb,
    );
    times(
        [
            [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
            [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
            [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
        ],
        cones.map(f64::cbrt),
    )
}

/// Vision without one kind of cones: Machado, Oliveira and Fernandes (2009), severity 1.
const BLINDNESS: [(&str, [[f64; 3]; 3]); 4] = [
    ("none", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    (
        "protanopia",
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
    ),
    (
        "deuteranopia",
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
    ),
    (
        "tritanopia",
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ),
];

/// The least distance of two colors in OKLab times 100, with each kind of color blindness.
fn least_distances(colors: &[(u8, u8, u8)]) -> [f64; 4] {
    BLINDNESS.map(|(_, matrix)| {
        let seen: Vec<[f64; 3]> = colors
            .iter()
            .map(|c| oklab(times(matrix, linear(*c)).map(|v| v.clamp(0.0, 1.0))))
            .collect();
        let mut least = f64::INFINITY;
        for (i, a) in seen.iter().enumerate() {
            for b in &seen[..i] {
                let square: f64 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
                least = least.min(100.0 * square.sqrt());
            }
        }
        least
    })
}

/// Distances below about 2 are hardly seen on neighboring patches; dots need more.
#[test]
fn colors_stay_apart_for_color_blind_eyes() {
    use Background::{Dark, Light};
    use ColorSet::{OkabeIto, Tol, Twenty};
    let cases = [
        (OkabeIto, Dark, 8, 13.0, 7.5),
        (OkabeIto, Light, 8, 15.0, 7.5),
        (OkabeIto, Dark, 12, 13.0, 7.5),
        (OkabeIto, Light, 12, 14.0, 7.5),
        (OkabeIto, Dark, 20, 9.5, 6.2),
        (OkabeIto, Light, 20, 9.5, 6.2),
        (Tol, Dark, 7, 10.0, 3.2),
        (Tol, Light, 9, 12.0, 5.0),
        (Twenty, Dark, 8, 19.0, 13.0),
        (Twenty, Light, 8, 13.0, 8.5),
        (Twenty, Dark, 20, 9.5, 7.0),
        (Twenty, Light, 20, 9.5, 6.6),
    ];
    for (set, background, count, normal, blind) in cases {
        let palette = Palette::of(ColorDepth::True, set, background);
        assert!(palette.distinct() >= count.min(7));
        let colors: Vec<_> = (0..count)
            .filter_map(|class| palette.color(class as u16))
            .map(Color::rgb)
            .collect();
        let least = least_distances(&colors);
        assert!(
            least[0] >= normal,
            "{set:?} {background:?} {count}: {least:?}"
        );
        for (distance, (kind, _)) in least.iter().zip(BLINDNESS).skip(1) {
            assert!(
                *distance >= blind,
                "{set:?} {background:?} {count} {kind}: {distance}"
            );
        }
    }
}

#[test]
fn colors_stand_out_from_their_background() {
    for background in [Background::Dark, Background::Light] {
        let ground: f64 = if background == Background::Dark {
            0.0
        } else {
            1.0
        };
        for set in ColorSet::ALL {
            for depth in [ColorDepth::True, ColorDepth::Indexed] {
                let palette = Palette::of(depth, set, background);
                for class in 0..palette.distinct() as u16 {
                    let rgb = linear(palette.color(class).unwrap().rgb());
                    let light = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
                    let contrast = (light.max(ground) + 0.05) / (light.min(ground) + 0.05);
                    assert!(
                        contrast > 1.45,
                        "{set:?} {background:?} {class}: {contrast:.2}"
                    );
                }
            }
        }
    }
}

#[test]
fn levels_go_from_one_end_to_the_other() {
    for background in [Background::Dark, Background::Light] {
        for depth in [ColorDepth::Sixteen, ColorDepth::Indexed, ColorDepth::True] {
            let palette = Palette::of(depth, ColorSet::OkabeIto, background);
            for scale in [Scale::Sequential, Scale::Diverging] {
                let ends = [-1.0, 0.0, 1.0, 2.0].map(|level| palette.level(scale, level));
                assert_eq!(ends[0], ends[1]);
                assert_eq!(ends[2], ends[3]);
                assert_ne!(ends[1], ends[2]);
                assert!(palette.level(scale, f64::NAN).is_some());
            }
            assert_ne!(palette.outcome(true), palette.outcome(false));
        }
        // Lightness rises, or falls, all the way: the order of levels shows without hue.
        let palette = Palette::new(ColorDepth::True).on(background);
        let light: Vec<f64> = (0..LEVELS)
            .map(|i| palette.level(Scale::Sequential, i as f64 / (LEVELS - 1) as f64))
            .map(|c| oklab(linear(c.unwrap().rgb()))[0])
            .collect();
        match background {
            Background::Dark => assert!(light.is_sorted(), "{light:?}"),
            Background::Light => assert!(light.iter().rev().is_sorted(), "{light:?}"),
        }
    }
    assert_eq!((Palette::digit(0.0), Palette::digit(1.0)), ('0', '9'));
    assert_eq!(
        Palette::new(ColorDepth::None).level(Scale::Sequential, 0.5),
        None
    );
}

#[test]
fn the_environment_may_tell_the_background() {
    let background = |value: &str| Background::detect(|_| Some(value.to_owned()));
    assert_eq!(background("15;0"), Some(Background::Dark));
    assert_eq!(background("0;15"), Some(Background::Light));
    assert_eq!(background("default"), None);
    assert_eq!(Background::detect(|_| None), None);
    assert_eq!(Background::of_rgb(0xfd, 0xf6, 0xe3), Background::Light);
    assert_eq!(Background::of_rgb(0x00, 0x2b, 0x36), Background::Dark);
}
