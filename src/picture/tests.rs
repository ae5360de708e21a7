use super::*;
use crate::dataset::UNLABELED;
use crate::palette::{Background, ColorSet};
use crate::raster::Fold;

/// Three blobs of different sizes, two of which overlap, and a few points of a small class within
/// the largest.
pub(crate) fn blobs() -> (Vec<[f32; 2]>, Vec<u16>) {
    let mut state = 7_u64;
    let mut uniform = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 24) as f32 - 0.5
    };
    let mut positions = Vec::new();
    let mut classes = Vec::new();
    for (class, count, x, y, spread) in [
        (0, 400, -4.0, 1.0, 9.0),
        (1, 200, 2.0, 0.0, 7.0),
        (2, 100, 8.0, -2.0, 3.0),
        (3, 6, -4.0, 1.0, 6.0),
    ] {
        for _ in 0..count {
            let mut around = || uniform() + uniform() + uniform();
            positions.push([x + around() * spread / 1.5, y + around() * spread / 2.0]);
            classes.push(class);
        }
    }
    (positions, classes)
}

fn picture(look: Look, palette: Palette, values: Option<(&[f32], &ValueScale)>) -> Picture {
    let (positions, classes) = blobs();
    let area = Area::new(48, 14);
    let mut points = Points::new(&positions, &classes);
    let predictions: Vec<u16> = classes.iter().map(|c| (*c).min(1)).collect();
    let outcomes = outcomes(&classes, &predictions);
    if look.coloring == Coloring::Outcome {
        points.groups = &outcomes;
    }
    if let Some((values, _)) = values {
        points.values = values;
    }
    let view = Viewport::fit(&positions, area);
    Picture::draw(
        &points,
        view,
        area,
        look,
        palette,
        values.map(|(_, scale)| scale),
    )
}

/// The characters, then the same with a letter per color, then what the letters stand for.
fn described(picture: &Picture) -> String {
    let mut colors: Vec<(Option<Color>, Option<Color>)> = Vec::new();
    let mut map = String::new();
    for line in picture.lines() {
        let mut text = String::new();
        for mark in line {
            if mark.glyph == ' ' {
                text.push(' ');
                continue;
            }
            let look = (mark.ink, mark.ground);
            let at = colors.iter().position(|c| *c == look).unwrap_or_else(|| {
                colors.push(look);
                colors.len() - 1
            });
            text.push(char::from(b'a' + at as u8));
        }
        map.push_str(text.trim_end());
        map.push('\n');
    }
    let legend: Vec<String> = colors
        .iter()
        .enumerate()
        .map(|(i, c)| format!("{} {c:?}", char::from(b'a' + i as u8)))
        .collect();
    format!(
        "{}\n---\n{map}---\n{}\n{:?}\n",
        picture.to_text(),
        legend.join("\n"),
        picture.legend()
    )
}

#[test]
fn each_set_of_glyphs() {
    for glyphs in Glyphs::ALL {
        let look = Look {
            glyphs,
            ..Look::default()
        };
        let picture = picture(look, Palette::new(ColorDepth::True), None);
        insta::assert_snapshot!(format!("glyphs_{}", glyphs.name()), described(&picture));
    }
}

#[test]
fn each_coloring() {
    let (positions, _) = blobs();
    let values: Vec<f32> = positions
        .iter()
        .map(|p| (p[0] / 8.0).clamp(-1.0, 1.0))
        .collect();
    let scale = ValueScale {
        name: "silhouette".into(),
        low: -1.0,
        high: 1.0,
        scale: Scale::Diverging,
        marked_below: None,
    };
    for coloring in Coloring::ALL {
        let look = Look {
            coloring,
            ..Look::default()
        };
        let values = (coloring == Coloring::Value).then_some((&values[..], &scale));
        let name = coloring.name();
        let colored = picture(look, Palette::new(ColorDepth::True), values);
        insta::assert_snapshot!(format!("coloring_{name}"), described(&colored));
        let plain = picture(look, Palette::new(ColorDepth::None), values);
        insta::assert_snapshot!(format!("coloring_{name}_colorless"), plain.to_text());
        assert!(
            plain
                .lines()
                .flatten()
                .all(|m| m.ink.is_none() && m.ground.is_none())
        );
    }
}

#[test]
fn each_depth_and_background() {
    for depth in [
        ColorDepth::None,
        ColorDepth::Sixteen,
        ColorDepth::Indexed,
        ColorDepth::True,
    ] {
        for background in [Background::Dark, Background::Light] {
            let palette = Palette::of(depth, ColorSet::Twenty, background);
            let picture = picture(Look::default(), palette, None);
            let name = format!("depth_{depth:?}_{}", background.name()).to_lowercase();
            let described = described(&picture);
            let (_, colors) = described.rsplit_once("---\n").unwrap();
            insta::assert_snapshot!(name, colors);
        }
    }
}

#[test]
fn the_rarest_class_is_never_hidden() {
    let (positions, classes) = blobs();
    let area = Area::new(48, 14);
    let view = Viewport::fit(&positions, area);
    let points = Points::new(&positions, &classes);
    let palette = Palette::new(ColorDepth::True);
    let cells_of = |winner, class: u16| {
        let look = Look {
            winner,
            ..Look::default()
        };
        let picture = Picture::draw(&points, view, area, look, palette, None);
        picture
            .lines()
            .flatten()
            .filter(|mark| mark.ink == palette.color(class))
            .count()
    };
    // Six points in as many cells, each among many of class 0.
    assert_eq!(cells_of(Winner::Rarest, 3), 6);
    assert!(cells_of(Winner::Majority, 3) < 6);
}

#[test]
fn samples_without_a_class_cover_no_class() {
    let spots = [[0.5, 0.5]; 3];
    let area = Area::new(1, 1);
    let view = Viewport::new([0.0; 2], 1.0);
    let points = Points::new(&spots, &[4, UNLABELED, UNLABELED]);
    let raster = Raster::draw(&points, view, area);
    let cell = raster.cells()[0];
    assert_eq!((cell.majority, cell.rarest), (UNLABELED, 4));
}

#[test]
fn a_single_sample_that_stands_out_is_seen_among_many() {
    let spots = [[0.5, 0.5]; 9];
    let mut values = [0.0; 9];
    values[4] = 1.0;
    values[5] = f32::NAN;
    let area = Area::new(1, 1);
    let view = Viewport::new([0.0; 2], 1.0);
    let mut points = Points::new(&spots, &[]);
    points.values = &values;
    let mean = Raster::draw(&points, view, area).value(0).unwrap();
    assert!((mean - 0.125).abs() < 1e-6);
    points.fold = Fold::Greatest;
    let greatest = Raster::draw(&points, view, area).value(0).unwrap();
    assert!((greatest - 1.0).abs() < 1e-6);
    points.values = &[f32::NAN; 9];
    assert_eq!(Raster::draw(&points, view, area).value(0), None);
}

#[test]
fn effective_classes_count_even_shares() {
    // Three cells side by side: class 0 alone, 0 and 1 even, nothing.
    let spots = [[-2.5, 0.5], [-2.4, 0.5], [-0.5, 0.5], [-0.4, 0.5]];
    let area = Area::new(3, 1);
    let view = Viewport::new([0.0; 2], 1.0);
    let raster = Raster::draw(&Points::new(&spots, &[0, 0, 0, 1]), view, area);
    let alone = crate::raster::effective_classes(&raster, 0);
    assert!((alone[0] - 1.0).abs() < 1e-6 && (alone[1] - 2.0).abs() < 1e-6 && alone[2] == 0.0);
    // With the surroundings 3 to 1: exp(-(3/4 ln 3/4 + 1/4 ln 1/4)).
    let around = crate::raster::effective_classes(&raster, 1);
    assert!((around[0] - 1.754_765).abs() < 1e-5, "{around:?}");
}

#[test]
fn no_area_and_no_points_are_no_trouble() {
    let palette = Palette::new(ColorDepth::True);
    for area in [Area::new(0, 0), Area::new(5, 0), Area::new(3, 2)] {
        for glyphs in Glyphs::ALL {
            for coloring in Coloring::ALL {
                let look = Look {
                    glyphs,
                    coloring,
                    winner: Winner::Rarest,
                };
                let points = Points::new(&[], &[]);
                let view = Viewport::fit(&[], area);
                let picture = Picture::draw(&points, view, area, look, palette, None);
                assert_eq!(picture.to_text().trim(), "");
            }
        }
    }
}
