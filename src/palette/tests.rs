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

/// CIELAB under daylight (D65).
fn cielab(rgb: [f64; 3]) -> [f64; 3] {
    let light = times(
        [
            [0.412_456_4, 0.357_576_1, 0.180_437_5],
            [0.212_672_9, 0.715_152_2, 0.072_175_0],
            [0.019_333_9, 0.119_192_0, 0.950_304_1],
        ],
        rgb,
    );
    let white = [0.950_47, 1.0, 1.088_83];
    let root = |i: usize| {
        let share: f64 = light[i] / white[i];
        if share > 216.0 / 24_389.0 {
            share.cbrt()
        } else {
            (24_389.0 / 27.0 * share + 16.0) / 116.0
        }
    };
    let [x, y, z] = [root(0), root(1), root(2)];
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// The difference of two colors in CIELAB by CIEDE2000 (Sharma, Wu and Dalal 2005).
fn ciede2000(one: [f64; 3], other: [f64; 3]) -> f64 {
    let chroma = |lab: [f64; 3]| lab[1].hypot(lab[2]);
    let seventh = |c: f64| (c.powi(7) / (c.powi(7) + 25_f64.powi(7))).sqrt();
    let stretch = 1.5 - 0.5 * seventh(f64::midpoint(chroma(one), chroma(other)));
    let stretched = |lab: [f64; 3]| [lab[0], stretch * lab[1], lab[2]];
    let (one, other) = (stretched(one), stretched(other));
    let hue = |lab: [f64; 3]| lab[2].atan2(lab[1]).to_degrees().rem_euclid(360.0);
    let (c1, c2, h1, h2) = (chroma(one), chroma(other), hue(one), hue(other));
    let apart = match h2 - h1 {
        _ if c1 * c2 == 0.0 => 0.0,
        d if d > 180.0 => d - 360.0,
        d if d < -180.0 => d + 360.0,
        d => d,
    };
    let middle = match h1 + h2 {
        sum if c1 * c2 == 0.0 => sum,
        sum if (h1 - h2).abs() <= 180.0 => sum / 2.0,
        sum if sum < 360.0 => sum / 2.0 + 180.0,
        sum => sum / 2.0 - 180.0,
    };
    let cosine = |degrees: f64| degrees.to_radians().cos();
    let weight = 1.0 - 0.17 * cosine(middle - 30.0)
        + 0.24 * cosine(2.0 * middle)
        + 0.32 * cosine(3.0 * middle + 6.0)
        - 0.2 * cosine(4.0 * middle - 63.0);
    let chroma = f64::midpoint(c1, c2);
    let from_gray = (f64::midpoint(one[0], other[0]) - 50.0).powi(2);
    let light = (other[0] - one[0]) / (1.0 + 0.015 * from_gray / (20.0 + from_gray).sqrt());
    let vivid = (c2 - c1) / (1.0 + 0.045 * chroma);
    let hue = 2.0 * (c1 * c2).sqrt() * (apart / 2.0).to_radians().sin();
    let hue = hue / (1.0 + 0.015 * chroma * weight);
    let turn = 60.0 * (-((middle - 275.0) / 25.0).powi(2)).exp();
    let blue = -turn.to_radians().sin() * 2.0 * seventh(chroma);
    (light * light + vivid * vivid + hue * hue + blue * vivid * hue).sqrt()
}

/// Pairs from the test data of Sharma, Wu and Dalal.
#[test]
fn ciede2000_agrees_with_its_published_values() {
    for (one, other, expected) in [
        ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
        ([50.0, 2.49, -0.001], [50.0, -2.49, 0.0011], 7.2195),
        ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
        ([2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082),
        (
            [60.2574, -34.0099, 36.2677],
            [60.4626, -34.1751, 39.4387],
            1.2644,
        ),
    ] {
        let found = ciede2000(one, other);
        assert!((found - expected).abs() < 1e-4, "{found} {expected}");
    }
}

/// The least distance of two colors with each kind of color blindness.
fn least(colors: &[(u8, u8, u8)], distance: impl Fn([f64; 3], [f64; 3]) -> f64) -> [f64; 4] {
    BLINDNESS.map(|(_, matrix)| {
        let seen: Vec<[f64; 3]> = colors
            .iter()
            .map(|c| times(matrix, linear(*c)).map(|v| v.clamp(0.0, 1.0)))
            .collect();
        let pairs = (0..seen.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
        let distances = pairs.map(|(i, j)| distance(seen[i], seen[j]));
        distances.fold(f64::INFINITY, f64::min)
    })
}

/// The least distance in OKLab times 100.
fn least_distances(colors: &[(u8, u8, u8)]) -> [f64; 4] {
    least(colors, |a, b| {
        let (a, b) = (oklab(a), oklab(b));
        let square: f64 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
        100.0 * square.sqrt()
    })
}

/// A CIEDE2000 of 2 is just seen between neighboring patches, and 10 at a glance.
#[test]
fn no_two_of_twenty_colors_look_alike() {
    for set in [ColorSet::OkabeIto, ColorSet::Twenty] {
        for background in [Background::Dark, Background::Light] {
            for depth in [ColorDepth::True, ColorDepth::Indexed] {
                let palette = Palette::of(depth, set, background);
                // Okabe and Ito's orange and yellow move together among xterm's 256.
                let least_seen = if depth == ColorDepth::True {
                    14.0
                } else {
                    10.0
                };
                assert_eq!(palette.distinct(), 20);
                let colors = (0..20).filter_map(|class| palette.color(class));
                let colors: Vec<_> = colors.map(Color::rgb).collect();
                let found = least(&colors, |a, b| ciede2000(cielab(a), cielab(b)));
                assert!(
                    found[0] >= least_seen,
                    "{set:?} {background:?} {depth:?}: {found:?}"
                );
                for distance in &found[1..] {
                    assert!(
                        *distance >= 6.0,
                        "{set:?} {background:?} {depth:?}: {found:?}"
                    );
                }
            }
        }
    }
}

/// Distances below about 2 are hardly seen on neighboring patches; dots need more.
#[test]
fn colors_stay_apart_for_color_blind_eyes() {
    use Background::{Dark, Light};
    use ColorSet::{OkabeIto, Tol, Twenty};
    let cases = [
        (OkabeIto, Dark, 8, 13.0, 7.5),
        (OkabeIto, Light, 8, 14.5, 7.5),
        (OkabeIto, Dark, 12, 13.0, 5.6),
        (OkabeIto, Light, 12, 14.0, 6.8),
        (OkabeIto, Dark, 20, 10.9, 4.8),
        (OkabeIto, Light, 20, 11.3, 5.4),
        (Tol, Dark, 7, 10.0, 3.2),
        (Tol, Light, 9, 12.0, 5.0),
        (Twenty, Dark, 8, 12.0, 7.0),
        (Twenty, Light, 8, 11.5, 6.5),
        (Twenty, Dark, 20, 9.5, 5.3),
        (Twenty, Light, 20, 10.5, 5.7),
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

#[test]
fn high_contrast_keeps_only_colors_that_can_be_read() {
    for background in [Background::Dark, Background::Light] {
        for set in ColorSet::ALL {
            for depth in [ColorDepth::Indexed, ColorDepth::True] {
                let palette = Palette::of(depth, set, background).in_theme(Theme::HighContrast);
                assert!(
                    palette.distinct() >= 10,
                    "{set:?} {background:?} {}",
                    palette.distinct()
                );
                let colors = (0..palette.distinct() as u16).filter_map(|c| palette.color(c));
                let colors: Vec<[f64; 3]> = colors.map(|c| cielab(linear(c.rgb()))).collect();
                for (at, color) in colors.iter().enumerate() {
                    for other in &colors[..at] {
                        let apart = ciede2000(*color, *other);
                        let least = if depth == ColorDepth::True { 14.0 } else { 8.0 };
                        assert!(apart > least, "{set:?} {background:?} {depth:?} {apart}");
                    }
                }
                for class in 0..palette.distinct() as u16 {
                    let rgb = palette.color(class).unwrap().rgb();
                    assert!(
                        background.contrast(rgb) >= 4.5,
                        "{set:?} {background:?} {rgb:?}"
                    );
                }
                // Classes whose color repeats have another mark.
                let next = palette.distinct() as u16;
                assert!(palette.repeats(next) && palette.mark(next) != palette.mark(0));
            }
        }
    }
    assert!((Background::Dark.contrast((255, 255, 255)) - 21.0).abs() < 1e-9);
    assert!((Background::Light.contrast((0x76, 0x76, 0x76)) - 4.54).abs() < 0.01);
}

#[test]
fn names_of_classes_can_be_read_in_their_colors() {
    for background in [Background::Dark, Background::Light] {
        for depth in [ColorDepth::Indexed, ColorDepth::True] {
            let palette = Palette::of(depth, ColorSet::OkabeIto, background);
            for class in 0..20 {
                let rgb = palette.text_color(class).unwrap().rgb();
                assert!(
                    background.contrast(rgb) >= 4.0,
                    "{background:?} {depth:?} {class}"
                );
            }
            // What can be read stays as it is.
            assert_eq!(palette.text_color(6), palette.color(6));
        }
    }
    assert_eq!(Palette::new(ColorDepth::None).text_color(1), None);
}

#[test]
fn the_terminals_theme_has_only_its_sixteen_colors() {
    let palette = Palette::new(ColorDepth::True).in_theme(Theme::Terminal);
    assert_eq!(palette.depth(), ColorDepth::Sixteen);
    let all = (0..30).map(|class| palette.color(class));
    assert!(
        all.flatten()
            .all(|color| matches!(color, Color::Indexed(0..16)))
    );
    // Another theme brings the colors back.
    let back = palette.in_theme(Theme::Dark);
    assert_eq!(back, Palette::new(ColorDepth::True));
    let none = Palette::new(ColorDepth::None).in_theme(Theme::Terminal);
    assert_eq!(none.depth(), ColorDepth::None);
}

#[test]
fn chosen_colors_hold_at_every_depth_until_another_set_is_chosen() {
    let mut chosen = CustomColors::default();
    let text = |values: &[&str]| values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>();
    chosen
        .set("classes", &text(&["#ff0000", "#0000ff"]))
        .unwrap();
    chosen.set("wrong", &text(&["208"])).unwrap();
    let palette = Palette::new(ColorDepth::True).with_colors(&chosen);
    assert_eq!(palette.distinct(), 2);
    let on = palette.on(Background::Light);
    assert_eq!(on.color(1), Some(Color::Rgb(0, 0, 255)));
    assert_eq!(on.outcome(false), Some(Color::Indexed(208)));
    assert_eq!(
        palette.with_depth(ColorDepth::Indexed).color(0),
        Some(Color::Indexed(196))
    );
    assert_eq!(
        palette.with_depth(ColorDepth::Sixteen).color(0),
        Some(Color::Indexed(9))
    );
    assert_eq!(palette.with_depth(ColorDepth::None).color(0), None);
    assert_eq!(palette.with_depth(ColorDepth::None).outcome(false), None);
    let other = palette.with_set(ColorSet::Tol);
    assert_eq!(other.distinct(), 7);
    assert_eq!(other.outcome(false), Some(Color::Indexed(208)));
}
