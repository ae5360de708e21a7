//! A map as PNG: points, marks and letters with smooth edges, and how large it is on paper.

use tiny_skia::{FillRule, LineJoin, Paint, Path, Pixmap, Stroke, Transform};

use super::canvas::{BOLD, Canvas, Frame, HALO, Label, Layer, Point};
use super::drawing::{Drawing, PictureSize};
use super::font::Font;
use super::shape::{OUTLINE, Shape, outline};
use super::sheet::Sheet;
use crate::error::{Error, Result};
use crate::palette::Rgb;

/// Inches in a meter.
const INCHES: f64 = 1.0 / 0.0254;

/// A PNG picture of this size.
///
/// # Errors
/// [`Error::Option`] for a size out of bounds, [`Error::Io`] if the picture cannot be encoded.
pub fn to_png(drawing: &Drawing<'_>, size: PictureSize) -> Result<Vec<u8>> {
    let sheet = Sheet::new(drawing, size)?;
    let mut pixels = Pixmap::new(size.width, size.height).ok_or_else(|| {
        Error::option(
            "size",
            format!("{}x{}", size.width, size.height),
            "is too large",
        )
    })?;
    let (red, green, blue) = sheet.paper();
    pixels.fill(tiny_skia::Color::from_rgba8(red, green, blue, 255));
    sheet.draw(&mut Pixels {
        pixels: &mut pixels,
        font: sheet.font(),
    });
    encode(&pixels, size)
}

fn encode(pixels: &Pixmap, size: PictureSize) -> Result<Vec<u8>> {
    let failed = |e: png::EncodingError| Error::io("write", "picture", std::io::Error::other(e));
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size.width, size.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let per_meter = (f64::from(size.dpi) * INCHES).round() as u32;
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: per_meter,
        yppu: per_meter,
        unit: png::Unit::Meter,
    }));
    let mut writer = encoder.write_header().map_err(failed)?;
    // The paper covers everything, so no pixel is transparent.
    let channels = pixels.data().chunks_exact(4);
    let channels: Vec<u8> = channels.flat_map(|p| [p[0], p[1], p[2]]).collect();
    writer.write_image_data(&channels).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}

/// Pixels that are drawn on.
struct Pixels<'a> {
    pixels: &'a mut Pixmap,
    font: &'a Font,
}

fn paint((red, green, blue): Rgb) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(red, green, blue, 255);
    paint
}

impl Pixels<'_> {
    fn fill(&mut self, path: &Path, color: Rgb, at: Transform) {
        self.pixels
            .fill_path(path, &paint(color), FillRule::Winding, at, None);
    }

    fn stroke(&mut self, path: &Path, color: Rgb, width: f64, at: Transform) {
        let stroke = Stroke {
            width: width as f32,
            line_join: LineJoin::Round,
            ..Stroke::default()
        };
        self.pixels
            .stroke_path(path, &paint(color), &stroke, at, None);
    }

    fn shape(&mut self, path: &Path, shape: Shape, center: Point, color: Rgb, radius: f64) {
        let at = Transform::from_translate(center.x as f32, center.y as f32);
        if shape.is_open() {
            self.stroke(path, color, OUTLINE * radius, at);
        } else {
            self.fill(path, color, at);
        }
    }
}

impl Canvas for Pixels<'_> {
    fn points(&mut self, layers: &[Layer], radius: f64) {
        for layer in layers {
            let shape = Shape::of(layer.mark);
            let Some(path) = outline(shape, radius) else {
                continue;
            };
            for center in &layer.centers {
                self.shape(&path, shape, *center, layer.color, radius);
            }
        }
    }

    fn mark(&mut self, center: Point, radius: f64, mark: char, color: Rgb) {
        let shape = Shape::of(mark);
        if let Some(path) = outline(shape, radius) {
            self.shape(&path, shape, center, color, radius);
        }
    }

    fn rectangle(&mut self, frame: Frame, color: Rgb) {
        let [left, top] = [frame.left, frame.top].map(|v| v.floor() as f32);
        let right = (frame.left + frame.width).ceil() as f32;
        let bottom = (frame.top + frame.height).ceil() as f32;
        if let Some(rect) = tiny_skia::Rect::from_ltrb(left, top, right, bottom) {
            self.pixels
                .fill_rect(rect, &paint(color), Transform::identity(), None);
        }
    }

    fn label(&mut self, label: &Label) {
        let at = (label.at.x, label.at.y);
        let Some(path) = self.font.outline(&label.text, label.size, at) else {
            return;
        };
        if let Some(halo) = label.halo {
            self.stroke(&path, halo, HALO * label.size, Transform::identity());
        }
        self.fill(&path, label.color, Transform::identity());
        if label.is_bold {
            self.stroke(&path, label.color, BOLD * label.size, Transform::identity());
        }
    }
}
