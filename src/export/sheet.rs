//! A picture before it becomes a file: points, names, title, legend and settings, each in its place.
//!
//! In: a [`Drawing`] and a size. Out: calls of a [`Canvas`], which writes them as pixels or vectors.
//! Everything is in pixels; letters and margins follow from the pixels per inch, so that they have the
//! same size on paper in any resolution.

use super::canvas::{Canvas, Frame, Grays, Label, Point};
use super::drawing::{Drawing, LegendEntry, PictureSize};
use super::font::Font;
use super::key::Key;
use super::scatter::{Scatter, Window};
use crate::dataset::UNLABELED;
use crate::error::{Error, Result, printable};
use crate::palette::{Color, Rgb};
use crate::picture::Coloring;
use crate::raster::Area;
use crate::raster::names::{Ground, NamePlace, Sampled, place_names};
use crate::text;

/// Height of letters in points (1/72 inch), if there is room.
const LETTERS: f64 = 8.0;
/// Smallest and largest radius of a point, in points.
const RADII: [f64; 2] = [0.25, 2.4];
/// The most columns of a name on the map.
const NAME_COLUMNS: usize = 20;

/// A picture that is ready to be drawn.
pub(super) struct Sheet<'a> {
    drawing: &'a Drawing<'a>,
    height: f64,
    /// Height of the letters.
    line: f64,
    width: f64,
    key: Key,
    scatter: Scatter,
    names: Vec<Label>,
    grays: Grays,
    font: Font,
}

impl<'a> Sheet<'a> {
    /// A picture of this size.
    ///
    /// # Errors
    /// [`Error::Option`] for less than 160 × 120 or more than 16,384 pixels a side.
    pub(super) fn new(drawing: &'a Drawing<'a>, size: PictureSize) -> Result<Self> {
        Self::laid_out(drawing, size, true)
    }

    /// The same without a legend, for a page that has one of its own.
    #[cfg(feature = "tui")]
    pub(super) fn without_key(drawing: &'a Drawing<'a>, size: PictureSize) -> Result<Self> {
        Self::laid_out(drawing, size, false)
    }

    fn laid_out(drawing: &'a Drawing<'a>, size: PictureSize, has_key: bool) -> Result<Self> {
        let PictureSize { width, height, dpi } = size;
        if !(160..=16_384).contains(&width) || !(120..=16_384).contains(&height) {
            return Err(Error::option(
                "size",
                format!("{width}x{height}"),
                "a picture must have 160x120 to 16384x16384 pixels",
            ));
        }
        let font = Font::new()?;
        let point = f64::from(dpi) / 72.0;
        let (width, height) = (f64::from(width), f64::from(height));
        // Small pictures have small letters.
        let line = (LETTERS * point).min(width.min(height) / 24.0).max(6.0);
        let grays = Grays::on(drawing.palette.background());
        let top = if drawing.title.is_empty() {
            line
        } else {
            2.6 * line
        };
        let below = if drawing.small_print.is_empty() {
            line
        } else {
            2.4 * line
        };
        let mut map = Frame {
            left: line,
            top,
            width: width - 2.0 * line,
            height: height - top - below,
        };
        let key = Key::new(drawing, &font, map, line);
        if has_key {
            map.width -= key.width();
        }
        // A cell of names is half as wide as high, and a dot is a half of its width.
        let cell = 0.6 * line;
        let cells = |pixels: f64| (pixels / cell).max(1.0) as u16;
        let area = Area::new(cells(map.width), cells(map.height / 2.0));
        map.width = f64::from(area.columns) * cell;
        map.height = f64::from(area.rows) * 2.0 * cell;
        let view = drawing.viewport(area);
        let window = Window { view, area };
        let scatter = Scatter::new(drawing, map, window, RADII.map(|r| (r * point).max(0.7)));
        let mut sheet = Self {
            drawing,
            width,
            height,
            line,
            key,
            scatter,
            names: Vec::new(),
            grays,
            font,
        };
        sheet.names = sheet.names(map, window, cell);
        Ok(sheet)
    }

    /// The color of the paper.
    pub(super) fn paper(&self) -> Rgb {
        self.grays.paper
    }

    /// The letters.
    #[cfg(feature = "png")]
    pub(super) fn font(&self) -> &Font {
        &self.font
    }

    /// Draws the points and the names on them.
    pub(super) fn draw_map(&self, canvas: &mut impl Canvas) {
        canvas.points(&self.scatter.layers, self.scatter.radius);
        for name in &self.names {
            canvas.label(name);
        }
    }

    /// Draws everything but the paper.
    pub(super) fn draw(&self, canvas: &mut impl Canvas) {
        let (line, grays) = (self.line, self.grays);
        self.draw_map(canvas);
        let title = (1.3 * line, 1.9 * line, grays.ink);
        let small_print = (0.75 * line, self.height - 0.7 * line, grays.faint);
        for (text, (size, y, color)) in [
            (&self.drawing.title, title),
            (&self.drawing.small_print, small_print),
        ] {
            let text = self
                .font
                .fitted(&printable(text), size, self.width - 2.0 * line);
            if !text.is_empty() {
                canvas.label(&Label {
                    text,
                    at: Point { x: line, y },
                    size,
                    color,
                    halo: None,
                    is_bold: false,
                    class: None,
                });
            }
        }
        self.key.draw(
            self.drawing,
            &self.font,
            &self.scatter.legend,
            grays,
            canvas,
        );
    }

    /// The names of the classes, each at its densest place.
    fn names(&self, map: Frame, Window { view, area }: Window, cell: f64) -> Vec<Label> {
        if !self.drawing.names {
            return Vec::new();
        }
        let points = &self.drawing.points;
        let names = names_on_map(&self.drawing.classes);
        let count = names.len();
        let size = 1.3 * self.line;
        let width = |name: &String| (self.font.width(name, size) / cell).ceil() as u16;
        let widths: Vec<u16> = names.iter().map(width).collect();
        let ground = Ground {
            positions: points.positions,
            sampled: &Sampled::of(points.classes, count),
            shown: points.shown,
            wanted: &[],
            view,
            area,
        };
        let places = place_names(&ground, &widths, &[]);
        let label = |place: NamePlace| {
            let text = names[usize::from(place.class)].clone();
            let middle = f64::from(place.column) + f64::from(place.width) / 2.0;
            let x = map.left + middle * cell - self.font.width(&text, size) / 2.0;
            let y = map.top + (f64::from(place.row) + 0.5) * 2.0 * cell + 0.36 * size;
            Label {
                text,
                at: Point { x, y },
                size,
                color: self.name_color(place.class),
                halo: Some(self.grays.paper),
                is_bold: true,
                class: Some(place.class),
            }
        };
        places.into_iter().map(label).collect()
    }

    /// The color of a name on the map: that of its class, as far as it can be read.
    fn name_color(&self, class: u16) -> Rgb {
        let by_class = self.drawing.look.coloring == Coloring::Class;
        let palette = self.drawing.palette;
        let color = palette.text_color(class).filter(|_| by_class);
        color.map_or(self.grays.ink, Color::rgb)
    }
}

/// The names of the classes as a map shows them, by class.
pub(super) fn names_on_map(entries: &[LegendEntry]) -> Vec<String> {
    let classes = || entries.iter().filter(|e| e.class != UNLABELED);
    let count = classes()
        .map(|e| usize::from(e.class) + 1)
        .max()
        .unwrap_or(0);
    let mut names = vec![String::new(); count];
    let all = || entries.iter().map(|e| text::safe(&e.name));
    for entry in classes() {
        names[usize::from(entry.class)] =
            text::shorten_among(&text::safe(&entry.name), all(), NAME_COLUMNS);
    }
    names
}
