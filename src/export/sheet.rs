//! A picture in pixels, before it becomes a file: dots, title, legend and settings, each in its place.
//!
//! In: a [`Drawing`] and a size. Out: calls of a [`Canvas`], which writes them as pixels or vectors.
//! A dot has the color that [`Shades`] gives to its place, so that a picture shows the same as the
//! screen: no dot is hidden under one that was painted later.

use super::drawing::{Drawing, shown_name};
use crate::dataset::UNLABELED;
use crate::error::{Error, Result};
use crate::palette::{Background, Color, LEVELS, Palette, Rgb, Scale};
use crate::picture::{Legend, Shades};
use crate::raster::{Area, DOTS_ACROSS, DOTS_DOWN, Raster, Tile};

/// A place in pixels, from the upper left corner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A dot of the map.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dot {
    pub(super) center: Point,
    pub(super) color: Rgb,
}

/// Where the text of a label ends up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// A line of text in a frame, whose height is that of the letters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label<'a> {
    pub(super) text: &'a str,
    pub(super) frame: Frame,
    pub(super) align: Align,
    pub(super) color: Rgb,
}

impl<'a> Label<'a> {
    fn left(text: &'a str, frame: Frame, color: Rgb) -> Self {
        Self {
            text,
            frame,
            align: Align::Left,
            color,
        }
    }
}

/// What a picture is drawn on.
pub(super) trait Canvas {
    fn dots(&mut self, dots: &[Dot], radius: f64);
    fn disc(&mut self, center: Point, radius: f64, color: Rgb);
    fn rectangle(&mut self, frame: Frame, color: Rgb);
    fn label(&mut self, label: Label<'_>);
}

/// The colors of everything that is not a class or a level.
#[derive(Debug, Clone, Copy)]
struct Grays {
    paper: Rgb,
    ink: Rgb,
    faint: Rgb,
}

/// A picture that is ready to be drawn.
pub(super) struct Sheet<'a> {
    drawing: &'a Drawing<'a>,
    width: f64,
    height: f64,
    /// Height of a line of text.
    line: f64,
    /// Where the legend is.
    key: Frame,
    radius: f64,
    dots: Vec<Dot>,
    legend: Legend,
    grays: Grays,
}

impl<'a> Sheet<'a> {
    /// A picture of this size in pixels.
    ///
    /// # Errors
    /// [`Error::Option`] for less than 160 × 120 or more than 8192 pixels a side.
    pub(super) fn new(drawing: &'a Drawing<'a>, width: u32, height: u32) -> Result<Self> {
        if !(160..=8192).contains(&width) || !(120..=8192).contains(&height) {
            return Err(Error::option(
                "size",
                format!("{width}x{height}"),
                "a picture must have 160x120 to 8192x8192 pixels",
            ));
        }
        let (width, height) = (f64::from(width), f64::from(height));
        let line = (width.min(height) / 48.0).clamp(8.0, 96.0).round();
        let key_width = (16.0 * line).min(0.35 * width);
        let map = Frame {
            left: line,
            top: 2.5 * line,
            width: width - 3.0 * line - key_width,
            height: height - 5.0 * line,
        };
        let key = Frame {
            left: width - line - key_width,
            width: key_width,
            ..map
        };
        let spacing = spacing(map, drawing.points.positions.len());
        let (dots, legend) = dots(drawing, map, spacing);
        Ok(Self {
            drawing,
            width,
            height,
            line,
            key,
            radius: 0.7 * spacing,
            dots,
            legend,
            grays: Grays::on(drawing.palette.background()),
        })
    }

    /// The color of the paper.
    pub(super) fn paper(&self) -> Rgb {
        self.grays.paper
    }

    /// Draws everything but the paper.
    pub(super) fn draw(&self, canvas: &mut impl Canvas) {
        let (line, grays) = (self.line, self.grays);
        canvas.dots(&self.dots, self.radius);
        let title = self.row(line, 0.7 * line, line);
        canvas.label(Label::left(&self.drawing.title, title, grays.ink));
        let below = self.row(line, self.height - 1.6 * line, 0.7 * line);
        canvas.label(Label::left(&self.drawing.small_print, below, grays.faint));
        match &self.legend {
            Legend::Classes => self.classes(canvas),
            Legend::Outcomes => {
                let palette = self.drawing.palette;
                self.entry(canvas, 0, palette.outcome(true), "right");
                self.entry(canvas, 1, palette.outcome(false), "wrong");
            }
            Legend::Levels {
                name,
                low,
                high,
                scale,
            } => self.levels(canvas, name, [low, high], *scale),
        }
    }

    /// A row from `left` to the right margin.
    fn row(&self, left: f64, top: f64, height: f64) -> Frame {
        Frame {
            left,
            top,
            width: self.width - self.line - left,
            height,
        }
    }

    /// A row of the legend: a disc, where it has a color, and a text.
    fn entry(&self, canvas: &mut impl Canvas, row: usize, color: Option<Color>, text: &str) {
        let (left, line) = (self.key.left, self.line);
        let top = self.key.top + row as f64 * 1.4 * line;
        if let Some(color) = color {
            let center = Point {
                x: left + 0.5 * line,
                y: top + 0.5 * line,
            };
            canvas.disc(center, 0.4 * line, color.rgb());
        }
        let frame = self.row(left + 1.4 * line, top, line);
        canvas.label(Label::left(text, frame, self.grays.ink));
    }

    /// The classes that fit, and how many do not.
    fn classes(&self, canvas: &mut impl Canvas) {
        let palette = self.drawing.palette;
        let rows = (self.key.height / (1.4 * self.line)) as usize;
        let classes = &self.drawing.classes;
        let shown = classes.len().min(rows.saturating_sub(1));
        for (row, entry) in classes[..shown].iter().enumerate() {
            // Where colors repeat, the mark distinguishes the classes.
            let repeats = usize::from(entry.class) >= palette.distinct();
            let mark = (repeats && entry.class != UNLABELED).then(|| palette.mark(entry.class));
            let mark = mark.map_or(String::new(), |mark| format!("{mark} "));
            let text = format!("{mark}{} ({})", shown_name(&entry.name), entry.count);
            self.entry(canvas, row, palette.color(entry.class), &text);
        }
        if shown < classes.len() {
            let text = format!("and {} more", classes.len() - shown);
            self.entry(canvas, shown, None, &text);
        }
    }

    /// The name of what the levels mean, their colors, and the lowest and highest value.
    fn levels(&self, canvas: &mut impl Canvas, name: &str, ends: [&str; 2], scale: Scale) {
        let (key, line, grays) = (self.key, self.line, self.grays);
        canvas.label(Label::left(
            name,
            self.row(key.left, key.top, line),
            grays.ink,
        ));
        let step = key.width / LEVELS as f64;
        for (number, level) in Palette::levels().enumerate() {
            let color = self.drawing.palette.level(scale, level);
            let frame = Frame {
                left: key.left + number as f64 * step,
                top: key.top + 1.4 * line,
                width: step,
                height: line,
            };
            canvas.rectangle(frame, color.map_or(grays.faint, Color::rgb));
        }
        let frame = self.row(key.left, key.top + 2.7 * line, line);
        for (text, align) in ends.into_iter().zip([Align::Left, Align::Right]) {
            canvas.label(Label {
                text,
                frame,
                align,
                color: grays.ink,
            });
        }
    }
}

impl Grays {
    fn on(background: Background) -> Self {
        let [paper, ink, faint] = match background {
            Background::Dark => [0x12, 0xe6, 0x90],
            Background::Light => [0xff, 0x1a, 0x70],
        };
        let gray = |value: u8| (value, value, value);
        Self {
            paper: gray(paper),
            ink: gray(ink),
            faint: gray(faint),
        }
    }
}

/// Pixels between dots: fewer for more points.
fn spacing(map: Frame, points: usize) -> f64 {
    let most = (map.width.min(map.height) / 100.0).max(2.0);
    (0.45 * (map.width * map.height / points.max(1) as f64).sqrt())
        .round()
        .clamp(2.0, most.round())
}

/// The dots of the map, this many pixels apart, and what their colors mean.
fn dots(drawing: &Drawing<'_>, map: Frame, spacing: f64) -> (Vec<Dot>, Legend) {
    let cells = |pixels: f64, dots: u32| (pixels / spacing / f64::from(dots)).max(1.0) as u16;
    let area = Area::new(cells(map.width, DOTS_ACROSS), cells(map.height, DOTS_DOWN));
    let raster = Raster::tiled(&drawing.points, drawing.viewport(area), area, Tile::Dot);
    let reach = raster.columns().div_ceil(80);
    let shades = Shades::new(
        &raster,
        drawing.look,
        drawing.palette,
        drawing.values,
        reach,
    );
    let columns = raster.columns().max(1);
    let plain = (0x88, 0x88, 0x88);
    let cells = raster.cells().iter().enumerate();
    let dots = cells
        .filter(|(_, cell)| !cell.is_empty())
        .map(|(index, _)| Dot {
            center: Point {
                x: map.left + ((index % columns) as f64 + 0.5) * spacing,
                y: map.top + ((index / columns) as f64 + 0.5) * spacing,
            },
            color: shades.color(index).map_or(plain, Color::rgb),
        })
        .collect();
    (dots, shades.legend())
}
