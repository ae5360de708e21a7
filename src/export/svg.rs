//! A map as SVG: dots as strokes of no length, one path per color; text in the reader's font.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::drawing::Drawing;
use super::sheet::{Align, Canvas, Dot, Frame, Label, Point, Sheet};
use crate::error::{Result, printable};
use crate::palette::Rgb;

/// An SVG picture of this size in pixels.
///
/// # Errors
/// [`Error::Option`](crate::Error::Option) for a size out of bounds.
pub fn to_svg(drawing: &Drawing<'_>, width: u32, height: u32) -> Result<String> {
    let sheet = Sheet::new(drawing, width, height)?;
    let mut svg = Svg(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" font-family=\"sans-serif\">\n\
         <title>{}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"{}\"/>\n",
        escaped(&printable(&drawing.title)),
        hex(sheet.paper())
    ));
    sheet.draw(&mut svg);
    Ok(svg.0 + "</svg>\n")
}

/// The text of the picture.
struct Svg(String);

impl Canvas for Svg {
    fn dots(&mut self, dots: &[Dot], radius: f64) {
        let mut paths: BTreeMap<Rgb, String> = BTreeMap::new();
        for Dot { center, color } in dots {
            let path = paths.entry(*color).or_default();
            let _ = write!(path, "M{:.1} {:.1}h0", center.x, center.y);
        }
        let _ = writeln!(
            self.0,
            "<g fill=\"none\" stroke-linecap=\"round\" stroke-width=\"{:.2}\">",
            2.0 * radius
        );
        for (color, path) in paths {
            let _ = writeln!(self.0, "<path stroke=\"{}\" d=\"{path}\"/>", hex(color));
        }
        self.0.push_str("</g>\n");
    }

    fn disc(&mut self, center: Point, radius: f64, color: Rgb) {
        let _ = writeln!(
            self.0,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"{radius:.1}\" fill=\"{}\"/>",
            center.x,
            center.y,
            hex(color)
        );
    }

    fn rectangle(&mut self, frame: Frame, color: Rgb) {
        // A little wider, so that no gap shows between neighbors.
        let _ = writeln!(
            self.0,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{}\"/>",
            frame.left,
            frame.top,
            frame.width + 0.5,
            frame.height,
            hex(color)
        );
    }

    fn label(&mut self, label: Label<'_>) {
        let frame = label.frame;
        let (x, anchor) = match label.align {
            Align::Left => (frame.left, ""),
            Align::Right => (frame.left + frame.width, " text-anchor=\"end\""),
        };
        let _ = writeln!(
            self.0,
            "<text x=\"{x:.1}\" y=\"{:.1}\" font-size=\"{:.1}\"{anchor} fill=\"{}\">{}</text>",
            frame.top + 0.85 * frame.height,
            frame.height,
            hex(label.color),
            escaped(&printable(label.text))
        );
    }
}

fn hex((red, green, blue): Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Text with everything escaped that means something in XML or HTML.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML 1.0 has no place for these, even escaped.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
