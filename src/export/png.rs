//! A map as PNG: dots with smooth edges, letters of a small bitmap font, so that no font of the
//! system is needed. Characters that the font does not have (it has Latin, Greek and Kana) become
//! boxes; the SVG has them all.

use font8x8::UnicodeFonts;

use super::drawing::{Drawing, Sheet};
use super::svg::entries;
use crate::error::{Error, Result, printable};
use crate::palette::{Color, LEVELS};
use crate::picture::Legend;

type Rgb = (u8, u8, u8);

/// A PNG picture of so many pixels.
///
/// # Errors
/// [`Error::Option`] for a size out of bounds, [`Error::Io`] if the picture cannot be encoded.
pub fn to_png(drawing: &Drawing<'_>, width: u32, height: u32) -> Result<Vec<u8>> {
    let sheet = drawing.sheet(width, height)?;
    let mut canvas = Canvas::new(width, height, sheet.paper);
    for dot in &sheet.dots {
        canvas.disc((dot.x, dot.y), sheet.radius, dot.color);
    }
    let line = sheet.line;
    let left = sheet.map.left;
    let room = f64::from(width) - 2.0 * left;
    canvas.text((left, 0.7 * line), line, sheet.ink, &drawing.title, room);
    let below = f64::from(height) - 1.6 * line;
    canvas.text(
        (left, below),
        0.7 * line,
        sheet.faint,
        &drawing.small_print,
        room,
    );
    key(&mut canvas, &sheet, drawing);
    canvas.encode()
}

fn key(canvas: &mut Canvas, sheet: &Sheet, drawing: &Drawing<'_>) {
    let (left, top, line) = (sheet.key.left, sheet.key.top, sheet.line);
    let room = sheet.key.width - 1.4 * line;
    let mut entry = |row: usize, color: Option<Color>, text: &str| {
        let y = top + row as f64 * 1.4 * line;
        if let Some(color) = color {
            canvas.disc((left + 0.5 * line, y + 0.5 * line), 0.4 * line, color.rgb());
        }
        canvas.text((left + 1.4 * line, y), line, sheet.ink, text, room);
    };
    match &sheet.legend {
        Legend::Classes => {
            let rows = (sheet.key.height / (1.4 * line)) as usize;
            let (shown, more) = entries(drawing, rows.saturating_sub(1));
            for (row, (class, text)) in shown.iter().enumerate() {
                entry(row, drawing.palette.color(*class), text);
            }
            if more > 0 {
                entry(shown.len(), None, &format!("and {more} more"));
            }
        }
        Legend::Outcomes => {
            entry(0, drawing.palette.outcome(true), "right");
            entry(1, drawing.palette.outcome(false), "wrong");
        }
        Legend::Levels {
            name,
            low,
            high,
            scale,
        } => {
            let width = sheet.key.width;
            canvas.text((left, top), line, sheet.ink, name, width);
            let step = width / LEVELS as f64;
            for level in 0..LEVELS {
                let share = level as f64 / (LEVELS - 1) as f64;
                let color = drawing
                    .palette
                    .level(*scale, share)
                    .map_or(sheet.faint, Color::rgb);
                let x = left + level as f64 * step;
                canvas.rectangle((x, top + 1.4 * line), (step, line), color);
            }
            canvas.text((left, top + 2.7 * line), line, sheet.ink, low, width);
            let end = left + width - Canvas::width_of(high, line);
            canvas.text((end, top + 2.7 * line), line, sheet.ink, high, width);
        }
    }
}

/// Pixels in memory.
struct Canvas {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Canvas {
    fn new(width: u32, height: u32, paper: Rgb) -> Self {
        let pixel = [paper.0, paper.1, paper.2];
        Self {
            width,
            height,
            pixels: pixel.repeat(width as usize * height as usize),
        }
    }

    /// Covers a share of a pixel with a color.
    fn cover(&mut self, x: i64, y: i64, share: f64, color: Rgb) {
        let inside =
            (0..i64::from(self.width)).contains(&x) && (0..i64::from(self.height)).contains(&y);
        if !inside || share <= 0.0 {
            return;
        }
        let at = 3 * (y as usize * self.width as usize + x as usize);
        for (pixel, new) in self.pixels[at..at + 3]
            .iter_mut()
            .zip([color.0, color.1, color.2])
        {
            let old = f64::from(*pixel);
            *pixel = (old + (f64::from(new) - old) * share.min(1.0)).round() as u8;
        }
    }

    fn disc(&mut self, (cx, cy): (f64, f64), radius: f64, color: Rgb) {
        let reach = radius + 1.0;
        for y in (cy - reach) as i64..=(cy + reach) as i64 {
            for x in (cx - reach) as i64..=(cx + reach) as i64 {
                let (dx, dy) = (x as f64 + 0.5 - cx, y as f64 + 0.5 - cy);
                self.cover(x, y, radius + 0.5 - dx.hypot(dy), color);
            }
        }
    }

    fn rectangle(&mut self, (left, top): (f64, f64), (width, height): (f64, f64), color: Rgb) {
        for y in top as i64..(top + height) as i64 {
            for x in left as i64..(left + width).ceil() as i64 {
                self.cover(x, y, 1.0, color);
            }
        }
    }

    /// Pixels of the font per pixel of the picture, for a line of this height.
    fn scale(line: f64) -> i64 {
        ((line / 8.0).round() as i64).max(1)
    }

    /// Columns that a text takes.
    fn width_of(text: &str, line: f64) -> f64 {
        (text.chars().count() as i64 * 8 * Self::scale(line)) as f64
    }

    /// Writes a text from its upper left corner, cut where there is no room.
    fn text(&mut self, (left, top): (f64, f64), line: f64, color: Rgb, text: &str, room: f64) {
        let scale = Self::scale(line);
        let fitting = (room / (8 * scale) as f64).max(0.0) as usize;
        let text = printable(text);
        let is_cut = text.chars().count() > fitting;
        let kept = if is_cut {
            fitting.saturating_sub(1)
        } else {
            fitting
        };
        let characters = text.chars().take(kept).chain(is_cut.then_some('…'));
        for (i, c) in characters.enumerate() {
            let x = left as i64 + i as i64 * 8 * scale;
            self.letter((x, top as i64), scale, color, c);
        }
    }

    fn letter(&mut self, (left, top): (i64, i64), scale: i64, color: Rgb, c: char) {
        const BOX: [u8; 8] = [0x7e, 0x42, 0x42, 0x42, 0x42, 0x42, 0x7e, 0];
        const DOTS: [u8; 8] = [0, 0, 0, 0, 0, 0, 0x54, 0];
        let rows = match c {
            '…' => DOTS,
            '–' => font8x8::BASIC_FONTS.get('-').unwrap_or(BOX),
            c => letter_of(c).unwrap_or(BOX),
        };
        for (row, bits) in (0..).zip(rows) {
            for column in (0..8).filter(|column| bits >> column & 1 == 1) {
                for y in 0..scale {
                    for x in 0..scale {
                        let at = (left + column * scale + x, top + row * scale + y);
                        self.cover(at.0, at.1, 1.0, color);
                    }
                }
            }
        }
    }

    fn encode(self) -> Result<Vec<u8>> {
        let failed =
            |e: png::EncodingError| Error::io("write", "picture", std::io::Error::other(e));
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().map_err(failed)?;
        writer.write_image_data(&self.pixels).map_err(failed)?;
        writer.finish().map_err(failed)?;
        Ok(bytes)
    }
}

/// The rows of a letter, the leftmost pixel in the lowest bit.
fn letter_of(c: char) -> Option<[u8; 8]> {
    font8x8::BASIC_FONTS
        .get(c)
        .or_else(|| font8x8::LATIN_FONTS.get(c))
        .or_else(|| font8x8::GREEK_FONTS.get(c))
        .or_else(|| font8x8::HIRAGANA_FONTS.get(c))
        .or_else(|| font8x8::MISC_FONTS.get(c))
}
