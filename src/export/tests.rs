use super::*;
use crate::dataset::Labels;
use crate::palette::{Background, ColorDepth, ColorSet, Palette, Scale};
#[cfg(feature = "png")]
use crate::picture::Winner;
use crate::picture::{Coloring, Look, ValueScale, outcomes};
use crate::raster::{Area, Points};
use ndarray::Array2;

/// Names that mean something to terminals and to XML.
const HOSTILE: [&str; 5] = [
    "\u{1b}[31mred\u{1b}[2J\u{7}",
    "<script>alert('x')</script> & \"co\"",
    "\u{202e}gnitirw\u{2066}\u{200b}",
    "猫のクラス 👩\u{200d}🔬",
    "]]>--><!--",
];

fn data() -> (Dataset, Vec<[f32; 2]>) {
    let mut names: Vec<String> = HOSTILE.map(str::to_owned).to_vec();
    names.push("long".repeat(2500));
    let classes: Vec<u16> = (0..600).map(|i| (i % 6) as u16).collect();
    let positions = (0..600)
        .map(|i| {
            let (angle, ring) = (i as f32 * 0.37, (i % 6) as f32);
            [angle.cos() * (1.0 + ring), angle.sin() * (1.0 + ring)]
        })
        .collect();
    let data = Dataset::new(Array2::zeros((600, 3)))
        .and_then(|d| d.with_labels(Labels::new(names, classes)?))
        .unwrap()
        .with_name("<b>\u{1b}]0;evil\u{7}");
    (data, positions)
}

fn drawing<'a>(data: &'a Dataset, positions: &'a [[f32; 2]], coloring: Coloring) -> Drawing<'a> {
    Drawing {
        points: Points::new(positions, data.labels().unwrap().indices()),
        values: None,
        look: Look {
            coloring,
            ..Look::default()
        },
        palette: Palette::of(ColorDepth::True, ColorSet::OkabeIto, Background::Light),
        window: None,
        turn: None,
        names: true,
        title: data.name().to_owned(),
        classes: LegendEntry::of(data),
        small_print: "perplexity 30 <&>".into(),
    }
}

/// Elements opened and closed in order, attributes quoted, nothing else that XML gives a meaning.
fn assert_well_formed(svg: &str) {
    let mut open: Vec<String> = Vec::new();
    let mut rest = svg;
    while let Some(start) = rest.find('<') {
        let text = &rest[..start];
        assert!(!text.contains('>'), "{text}");
        for entity in text.split('&').skip(1) {
            let known = ["amp;", "lt;", "gt;", "quot;", "#39;"];
            assert!(known.iter().any(|k| entity.starts_with(k)), "{entity}");
        }
        let end = start + rest[start..].find('>').unwrap();
        let tag = &rest[start + 1..end];
        assert!(!tag.contains('<'));
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
        } else {
            let name = tag.split_whitespace().next().unwrap();
            assert!(
                ["svg", "title", "rect", "g", "path", "text", "circle"]
                    .contains(&name.trim_end_matches('/')),
                "{name}"
            );
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            if !tag.ends_with('/') {
                open.push(name.to_owned());
            }
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn an_svg_is_well_formed_whatever_the_names_are() {
    let (data, positions) = data();
    for coloring in Coloring::ALL {
        let svg = to_svg(
            &drawing(&data, &positions, coloring),
            PictureSize::pixels(800, 600),
        )
        .unwrap();
        assert_well_formed(&svg);
        assert!(!svg.contains("<script") && !svg.contains('\u{1b}') && !svg.contains('\u{202e}'));
        assert!(!svg.chars().any(|c| c.is_control() && c != '\n'));
        assert!(svg.len() < 60_000, "{}", svg.len());
    }
    let svg = to_svg(
        &drawing(&data, &positions, Coloring::Class),
        PictureSize::pixels(800, 600),
    )
    .unwrap();
    assert!(svg.contains("&lt;script&gt;alert(&#39;x&#39;)") && svg.contains("猫のクラス"));
    assert!(svg.contains("longlong") && svg.contains("… (100)"));
    // Every sample has a dot, and every class one in the legend.
    assert_eq!(svg.matches("h0").count(), 600 + 6);
    // Names stand on the map, in front of a pale copy that sets them off.
    let named = svg.matches(">猫のクラス").count();
    assert!(named == 3 || named == 5, "{named}");
    let bare = Drawing {
        names: false,
        ..drawing(&data, &positions, Coloring::Class)
    };
    let svg = to_svg(&bare, PictureSize::pixels(800, 600)).unwrap();
    assert_eq!(svg.matches(">猫のクラス").count(), 1);
}

#[cfg(feature = "png")]
#[test]
fn a_png_shows_the_colors_of_the_classes() {
    let (data, positions) = data();
    let drawing = drawing(&data, &positions, Coloring::Class);
    let bytes = to_png(&drawing, PictureSize::pixels(640, 480)).unwrap();
    let mut reader = ::png::Decoder::new(std::io::Cursor::new(&bytes))
        .read_info()
        .unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.width, info.height), (640, 480));
    for class in 0..6 {
        let (red, green, blue) = drawing.palette.color(class).unwrap().rgb();
        let found = pixels
            .chunks(3)
            .filter(|p| *p == [red, green, blue])
            .count();
        assert!(found > 100, "class {class}: {found} pixels");
    }
    // The paper, and letters on it.
    assert_eq!(&pixels[..3], [0xff; 3]);
    let ink = pixels.chunks(3).filter(|p| *p == [0x1a; 3]).count();
    assert!(ink > 500, "{ink}");
    assert_eq!(
        bytes,
        to_png(&drawing, PictureSize::pixels(640, 480)).unwrap()
    );
}

#[cfg(feature = "png")]
#[test]
fn a_picture_says_how_large_it_is_on_paper() {
    let (data, positions) = data();
    let drawing = drawing(&data, &positions, Coloring::Class);
    let size = PictureSize {
        width: 1800,
        height: 1200,
        dpi: 300,
    };
    let svg = to_svg(&drawing, size).unwrap();
    assert!(
        svg.contains("width=\"6in\" height=\"4in\""),
        "{}",
        &svg[..300]
    );
    let bytes = to_png(&drawing, size).unwrap();
    let reader = ::png::Decoder::new(std::io::Cursor::new(&bytes));
    let reader = reader.read_info().unwrap();
    let pixels = reader.info().pixel_dims.unwrap();
    assert_eq!((pixels.xppu, pixels.yppu), (11_811, 11_811));
}

#[test]
fn the_legend_is_complete_with_a_hundred_classes_and_their_marks_differ() {
    let positions: Vec<[f32; 2]> = (0..2000)
        .map(|i| [(i % 10) as f32, (i % 97) as f32])
        .collect();
    let classes: Vec<u16> = (0..2000).map(|i| (i % 100) as u16).collect();
    let names = (0..100).map(|i| format!("class number {i}")).collect();
    let data = Dataset::new(Array2::zeros((2000, 3)))
        .and_then(|d| d.with_labels(Labels::new(names, classes)?))
        .unwrap();
    let mut drawing = drawing(&data, &positions, Coloring::Class);
    drawing.names = false;
    for (width, height) in [(1800, 1200), (1200, 1600)] {
        let size = PictureSize {
            width,
            height,
            dpi: 300,
        };
        let svg = to_svg(&drawing, size).unwrap();
        assert_well_formed(&svg);
        for class in 0..100 {
            let entry = format!(">class number {class} (20)<");
            assert_eq!(svg.matches(&entry).count(), 1, "{entry}");
        }
        // Triangles, squares and diamonds are filled; the discs of the first are strokes.
        assert!(svg.matches("fill=\"#").count() > 100 && svg.contains("h0"));
    }
}

#[cfg(feature = "png")]
#[test]
fn where_classes_mix_each_is_on_top_equally_often() {
    // Two classes at the same places, the second one after the first.
    let places = |i: usize| [(i % 30) as f32, (i / 30 % 30) as f32];
    let positions: Vec<[f32; 2]> = (0..1800).map(places).collect();
    let classes: Vec<u16> = (0..1800).map(|i| u16::from(i >= 900)).collect();
    let names = vec!["a".into(), "b".into()];
    let data = Dataset::new(Array2::zeros((1800, 3)))
        .and_then(|d| d.with_labels(Labels::new(names, classes)?))
        .unwrap();
    let mut drawing = drawing(&data, &positions, Coloring::Class);
    drawing.names = false;
    let shown = |drawing: &Drawing<'_>| {
        let bytes = to_png(drawing, PictureSize::pixels(800, 600)).unwrap();
        let decoder = ::png::Decoder::new(std::io::Cursor::new(&bytes));
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        [0, 1].map(|class| {
            let (red, green, blue) = drawing.palette.color(class).unwrap().rgb();
            let color = [red, green, blue];
            pixels.chunks(3).filter(|p| **p == color).count() as f64
        })
    };
    let [a, b] = shown(&drawing);
    assert!((a / (a + b) - 0.5).abs() < 0.06, "{a} {b}");
    // The rarest class is painted last.
    let labels: Vec<u16> = (0..1800)
        .map(|i| u16::from(i >= 900 && i % 3 > 0))
        .collect();
    drawing.points.classes = &labels;
    drawing.look.winner = Winner::Rarest;
    let [_, rare] = shown(&drawing);
    drawing.look.winner = Winner::Majority;
    let [_, mixed] = shown(&drawing);
    assert!(rare > 1.4 * mixed, "{rare} {mixed}");
}

/// The text and the colors that a terminal makes of it.
fn on_a_terminal(text: &str, rows: u16, columns: u16) -> vt100::Screen {
    let size = |n| std::num::NonZero::new(n).unwrap();
    let mut parser = vt100::Parser::new(size(rows), size(columns), 0);
    parser.process(text.replace('\n', "\r\n").as_bytes());
    parser.screen().clone()
}

#[test]
fn text_shows_what_the_picture_holds_and_no_name_reaches_a_terminal_raw() {
    let (data, positions) = data();
    let mut drawing = drawing(&data, &positions, Coloring::Class);
    let area = Area::new(60, 20);
    let text = drawing.to_ansi(area);
    let known = |sequence: &str| {
        let end = sequence
            .find(|c: char| c.is_ascii_alphabetic())
            .unwrap_or(0);
        sequence.starts_with('[') && sequence[end..].starts_with('m')
    };
    assert!(text.split('\u{1b}').skip(1).all(known), "{text:?}");
    assert!(!text.contains('\u{202e}') && !text.contains('\u{7}'));
    let screen = on_a_terminal(&text, 40, 100);
    let picture = drawing.picture(area);
    for (row, line) in (1..).zip(picture.lines()) {
        for (column, mark) in (0..).zip(line) {
            let cell = screen.cell(row, column).unwrap();
            let shown = cell.contents();
            let shown = if shown.is_empty() { " " } else { shown };
            assert_eq!(shown, mark.glyph.to_string());
            if mark.glyph != ' ' {
                let (red, green, blue) = mark.ink.unwrap().rgb();
                assert_eq!(cell.fgcolor(), vt100::Color::Rgb(red, green, blue));
            }
        }
    }
    drawing.palette = Palette::new(ColorDepth::None);
    assert!(!drawing.to_ansi(area).contains('\u{1b}'));
}

#[test]
fn a_recording_ends_with_the_last_frame() {
    let (data, positions) = data();
    let moved: Vec<[f32; 2]> = positions.iter().map(|p| [p[0] * p[1], p[1]]).collect();
    let area = Area::new(50, 12);
    let mut cast = Cast::new(area);
    let first = drawing(&data, &positions, Coloring::Class);
    let last = drawing(&data, &moved, Coloring::Class);
    for drawing in [&first, &first, &last] {
        cast.push(drawing);
    }
    let lines: Vec<serde_json::Value> = cast
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        (&lines[0]["version"], &lines[0]["width"]),
        (&2.into(), &50.into())
    );
    let rows = lines[0]["height"].as_u64().unwrap() as u16;
    assert_eq!(lines.len(), 4);
    assert!(lines[1..].is_sorted_by_key(|event| (event[0].as_f64().unwrap() * 1e3) as u64));
    // A frame like the one before writes nothing.
    assert_eq!(lines[2][2], "");
    let all: String = lines[1..].iter().map(|e| e[2].as_str().unwrap()).collect();
    let shown = on_a_terminal(&all, rows, 100).contents();
    let expected = on_a_terminal(last.to_ansi(area).trim_end(), rows, 100).contents();
    assert_eq!(shown, expected);
}

#[test]
fn levels_and_outcomes_have_their_legends() {
    let (data, positions) = data();
    let predictions = vec![0; 600];
    let outcomes = outcomes(data.labels().unwrap().indices(), &predictions);
    let mut drawing = drawing(&data, &positions, Coloring::Outcome);
    drawing.points.groups = &outcomes;
    let svg = to_svg(&drawing, PictureSize::pixels(800, 600)).unwrap();
    assert!(svg.contains(">right<") && svg.contains(">wrong<"));
    let colors: std::collections::BTreeSet<&str> = svg
        .split("stroke=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|color| !["#ffffff", "#1a1a1a", "none"].contains(color))
        .collect();
    assert_eq!(colors.len(), 2, "{colors:?}");
    let values: Vec<f32> = (0..600).map(|i| i as f32 / 600.0).collect();
    let scale = ValueScale {
        name: "silhouette".into(),
        low: -1.0,
        high: 1.0,
        scale: Scale::Diverging,
        marked_below: None,
    };
    drawing.points.groups = &[];
    drawing.points.values = &values;
    drawing.look.coloring = Coloring::Value;
    drawing.values = Some(&scale);
    let svg = to_svg(&drawing, PictureSize::pixels(800, 600)).unwrap();
    assert!(svg.contains(">silhouette<") && svg.contains(">−1<"));
    assert!(drawing.to_ansi(Area::new(50, 9)).contains("silhouette: −1"));
}

#[test]
fn sizes_and_endings_are_checked() {
    let (data, positions) = data();
    let drawing = drawing(&data, &positions, Coloring::Class);
    for size in [(10, 600), (800, 19_000)] {
        let size = PictureSize::pixels(size.0, size.1);
        let error = to_svg(&drawing, size).unwrap_err();
        assert!(matches!(error, Error::Option { .. }));
        #[cfg(feature = "png")]
        assert!(to_png(&drawing, size).is_err());
    }
    assert!(picture_to_bytes(&drawing, MapFormat::Text, Some(PictureSize::pixels(5, 5))).is_err());
    assert!(picture_to_bytes(&drawing, MapFormat::Npy, None).is_err());
    assert!(MapFormat::of_path(Path::new("map.pdf")).is_err());
    assert_eq!(
        MapFormat::of_path(Path::new("a/MAP.SVG")).unwrap(),
        MapFormat::Svg
    );
}
