//! Letters of pictures, from a font that is part of the program: no font of the system is needed, and a
//! picture looks the same everywhere.
//!
//! In: text and a size. Out: its width, and its outline. Characters that the font does not have (it has
//! Latin, Greek and Cyrillic letters) become boxes; in SVG the reader's fonts have them.

#[cfg(feature = "png")]
use tiny_skia::{Path, PathBuilder};
#[cfg(feature = "png")]
use ttf_parser::OutlineBuilder;
use ttf_parser::{Face, GlyphId};

use crate::error::{Error, Result};

/// DejaVu Sans, made smaller by `scripts/make_font.py`; its license is beside it.
const SANS: &[u8] = include_bytes!("font/sans.ttf");

/// The font, ready to be measured and drawn.
pub(super) struct Font {
    face: Face<'static>,
    /// Size of a letter in the font's units.
    units: f64,
    missing: GlyphId,
}

impl Font {
    /// Reads the font.
    ///
    /// # Errors
    /// [`Error::Input`] if it is damaged.
    pub(super) fn new() -> Result<Self> {
        let face = Face::parse(SANS, 0)
            .map_err(|why| Error::input("the font of pictures", why.to_string(), "report this"))?;
        let missing = face.glyph_index('□').unwrap_or_default();
        Ok(Self {
            units: f64::from(face.units_per_em()),
            face,
            missing,
        })
    }

    /// The glyphs of a text, and how far each moves the next one to the right, in letters' sizes.
    fn glyphs<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (GlyphId, f64)> + 'a {
        text.chars().map(|c| {
            let glyph = self.face.glyph_index(c).unwrap_or(self.missing);
            let advance = self.face.glyph_hor_advance(glyph).unwrap_or(0);
            (glyph, f64::from(advance) / self.units)
        })
    }

    /// The width of a text at a size.
    pub(super) fn width(&self, text: &str, size: f64) -> f64 {
        size * self.glyphs(text).map(|(_, advance)| advance).sum::<f64>()
    }

    /// A text in at most this width, with an ellipsis where something is left out at its end.
    pub(super) fn fitted(&self, text: &str, size: f64, width: f64) -> String {
        if self.width(text, size) <= width {
            return text.to_owned();
        }
        let mut left = width - self.width("…", size);
        let fits = |c: &char| {
            left -= self.width(c.encode_utf8(&mut [0; 4]), size);
            left >= 0.0
        };
        let mut cut: String = text.chars().take_while(fits).collect();
        cut.truncate(cut.trim_end().len());
        cut + "…"
    }

    /// The outline of a text whose baseline begins at a place; `None` if nothing is to be seen of it.
    #[cfg(feature = "png")]
    pub(super) fn outline(&self, text: &str, size: f64, (x, y): (f64, f64)) -> Option<Path> {
        let mut pen = Pen {
            path: PathBuilder::new(),
            scale: (size / self.units) as f32,
            at: (x as f32, y as f32),
        };
        for (glyph, advance) in self.glyphs(text) {
            self.face.outline_glyph(glyph, &mut pen);
            pen.at.0 += (size * advance) as f32;
        }
        pen.path.finish()
    }
}

/// Draws outlines in the font's units, y upward, into a path in pixels, y downward.
#[cfg(feature = "png")]
struct Pen {
    path: PathBuilder,
    scale: f32,
    at: (f32, f32),
}

#[cfg(feature = "png")]
impl Pen {
    fn place(&self, x: f32, y: f32) -> (f32, f32) {
        (self.at.0 + self.scale * x, self.at.1 - self.scale * y)
    }
}

#[cfg(feature = "png")]
impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.place(x1, y1), self.place(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2)) = (self.place(x1, y1), self.place(x2, y2));
        let (x, y) = self.place(x, y);
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_have_widths_and_outlines() {
        let font = Font::new().unwrap();
        assert!(font.width("iii", 10.0) < font.width("mmm", 10.0));
        // Widths as DejaVu Sans defines them: 0.636 for a digit, 0.318 for a space.
        assert!((font.width("0 0", 1000.0) - 1590.0).abs() < 2.0);
        #[cfg(feature = "png")]
        has_outlines(&font);
    }

    #[cfg(feature = "png")]
    fn has_outlines(font: &Font) {
        let path = font.outline("Ag", 10.0, (5.0, 20.0)).unwrap();
        let bounds = path.bounds();
        assert!(bounds.left() >= 5.0 && bounds.right() < 5.0 + font.width("Ag", 10.0) as f32);
        assert!(bounds.top() > 10.0 && bounds.bottom() > 21.0 && bounds.bottom() < 24.0);
        assert!(font.outline("  ", 10.0, (0.0, 0.0)).is_none());
    }

    #[test]
    fn every_script_of_the_font_is_there_and_others_become_boxes() {
        let font = Font::new().unwrap();
        for text in ["ÄößñçŁő", "αΩ", "Жя", "±×−–…→≤", "●▲■◆"] {
            assert!(
                text.chars().all(|c| font.face.glyph_index(c).is_some()),
                "{text}"
            );
        }
        let boxes = font.width("□□", 10.0);
        assert!((font.width("猫の", 10.0) - boxes).abs() < 1e-9 && boxes > 0.0);
    }

    #[test]
    fn a_text_is_cut_at_the_width() {
        let font = Font::new().unwrap();
        assert_eq!(font.fitted("short", 10.0, 100.0), "short");
        let cut = font.fitted("a long name of a class", 10.0, 60.0);
        assert!(
            cut.ends_with('…') && font.width(&cut, 10.0) <= 60.0,
            "{cut}"
        );
        assert_eq!(font.fitted("name", 10.0, 0.0), "…");
    }
}
