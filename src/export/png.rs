//! A map as PNG: dots with smooth edges, letters of a small bitmap font, so that no font of the
//! system is needed. Characters that the font does not have (it has Latin, Greek and Kana) become
//! boxes; SVG has them all.

use font8x8::UnicodeFonts;

use super::drawing::Drawing;
use super::sheet::{Align, Canvas, Dot, Frame, Label, Point, Sheet};
use crate::error::{Error, Result, printable};
use crate::palette::Rgb;

/// A PNG picture of this size in pixels.
///
/// # Errors
/// [`Error::Option`] for a size out of bounds, [`Error::Io`] if the picture cannot be encoded.
pub fn to_png(drawing: &Drawing<'_>, width: u32, height: u32) -> Result<Vec<u8>> {
    let sheet = Sheet::new(drawing, width, height)?;
    let mut pixels = Pixels::new(width, height, sheet.paper());
    sheet.draw(&mut pixels);
    pixels.encode()
}

/// Pixels in memory.
struct Pixels {
    width: u32,
    height: u32,
    /// Red, green and blue of each pixel, row by row.
    channels: Vec<u8>,
}

impl Pixels {
    fn new(width: u32, height: u32, paper: Rgb) -> Self {
        let pixel = [paper.0, paper.1, paper.2];
        Self {
            width,
            height,
            channels: pixel.repeat(width as usize * height as usize),
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
        for (pixel, new) in self.channels[at..at + 3]
            .iter_mut()
            .zip([color.0, color.1, color.2])
        {
            let old = f64::from(*pixel);
            *pixel = (old + (f64::from(new) - old) * share.min(1.0)).round() as u8;
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
        writer.write_image_data(&self.channels).map_err(failed)?;
        writer.finish().map_err(failed)?;
        Ok(bytes)
    }
}

impl Canvas for Pixels {
    fn dots(&mut self, dots: &[Dot], radius: f64) {
        for dot in dots {
            self.disc(dot.center, radius, dot.color);
        }
    }

    fn disc(&mut self, center: Point, radius: f64, color: Rgb) {
        let reach = radius + 1.0;
        for y in (center.y - reach) as i64..=(center.y + reach) as i64 {
            for x in (center.x - reach) as i64..=(center.x + reach) as i64 {
                let (dx, dy) = (x as f64 + 0.5 - center.x, y as f64 + 0.5 - center.y);
                self.cover(x, y, radius + 0.5 - dx.hypot(dy), color);
            }
        }
    }

    fn rectangle(&mut self, frame: Frame, color: Rgb) {
        for y in frame.top as i64..(frame.top + frame.height) as i64 {
            for x in frame.left as i64..(frame.left + frame.width).ceil() as i64 {
                self.cover(x, y, 1.0, color);
            }
        }
    }

    /// Every character takes one cell of the font, also those that are wide on a terminal.
    fn label(&mut self, label: Label<'_>) {
        let frame = label.frame;
        let scale = ((frame.height / 8.0).round() as i64).max(1);
        let fitting = (frame.width / (8 * scale) as f64).max(0.0) as usize;
        let mut letters: Vec<char> = printable(label.text).chars().collect();
        if letters.len() > fitting {
            letters.truncate(fitting.saturating_sub(1));
            letters.push('…');
        }
        let left = match label.align {
            Align::Left => frame.left,
            Align::Right => frame.left + frame.width - (letters.len() as i64 * 8 * scale) as f64,
        };
        for (i, letter) in (0..).zip(letters) {
            let at = (left as i64 + i * 8 * scale, frame.top as i64);
            self.letter(at, scale, label.color, letter);
        }
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
