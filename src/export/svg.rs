//! A map as SVG: points of one color and mark in one path; text in the reader's font.

use std::fmt::Write as _;

use super::canvas::{BOLD, Canvas, Frame, HALO, Label, Layer, Point};
use super::drawing::{Drawing, PictureSize};
use super::shape::{OUTLINE, Shape};
use super::sheet::Sheet;
use crate::error::{Result, printable};
use crate::palette::Rgb;

/// Steps into which a pixel is divided: a point is placed as exactly as it can be seen.
const STEPS: f64 = 10.0;

/// Points are sorted by lines of this many pixels, so that the steps from one to the next are short.
const BAND: f64 = 8.0;

/// An SVG picture of this size.
///
/// # Errors
/// [`Error::Option`](crate::Error::Option) for a size out of bounds.
pub fn to_svg(drawing: &Drawing<'_>, size: PictureSize) -> Result<String> {
    let sheet = Sheet::new(drawing, size)?;
    let PictureSize { width, height, .. } = size;
    let [on_paper, high] = [width, height].map(|pixels| {
        let inches = f64::from(pixels) / f64::from(size.dpi);
        let text = format!("{inches:.3}");
        format!("{}in", text.trim_end_matches('0').trim_end_matches('.'))
    });
    let mut svg = Svg(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{on_paper}\" height=\"{high}\" font-family=\"DejaVu Sans, Verdana, Helvetica, Arial, \
         sans-serif\">\n<title>{}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"{}\"/>\n",
        escaped(&printable(&drawing.title)),
        hex(sheet.paper())
    ));
    sheet.draw(&mut svg);
    Ok(svg.0 + "</svg>\n")
}

/// The text of the picture.
struct Svg(String);

impl Svg {
    /// A path of one color with the marks of points.
    fn marks(&mut self, shape: Shape, radius: f64, color: Rgb, centers: &[Point]) {
        let path = path(shape, radius, centers, STEPS);
        let color = hex(color);
        let radius = radius * STEPS;
        let _ = if shape.is_disc() {
            let width = 2.0 * radius;
            writeln!(
                self.0,
                "<path stroke=\"{color}\" stroke-width=\"{width:.1}\" d=\"{path}\"/>"
            )
        } else if shape.is_open() {
            let width = OUTLINE * radius;
            writeln!(
                self.0,
                "<path stroke=\"{color}\" stroke-width=\"{width:.1}\" d=\"{path}\"/>"
            )
        } else {
            writeln!(
                self.0,
                "<path stroke=\"none\" fill=\"{color}\" d=\"{path}\"/>"
            )
        };
    }

    fn group(&mut self) {
        let _ = writeln!(
            self.0,
            "<g transform=\"scale({})\" fill=\"none\" stroke-linecap=\"round\" stroke-linejoin=\"round\">",
            1.0 / STEPS
        );
    }

    fn text(&mut self, label: &Label, look: &str) {
        let _ = writeln!(
            self.0,
            "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"{:.1}\" {look}>{}</text>",
            label.at.x,
            label.at.y,
            label.size,
            escaped(&printable(&label.text))
        );
    }
}

/// The path of the marks of points, in parts of a pixel.
pub(super) fn path(shape: Shape, radius: f64, centers: &[Point], parts: f64) -> String {
    let whole = |v: f64| (v * parts).round() as i64;
    let mut at: Vec<(i64, i64)> = centers.iter().map(|c| (whole(c.x), whole(c.y))).collect();
    let band = |y: i64| y / (BAND * parts) as i64;
    // To the right in one band, to the left in the next.
    at.sort_unstable_by_key(|(x, y)| {
        let along = if band(*y) % 2 == 0 { *x } else { -*x };
        (band(*y), along, *y)
    });
    at.dedup();
    let mut path = String::new();
    let mut from = (0, 0);
    let rest = steps(shape, radius * parts);
    for (x, y) in at {
        let _ = write!(path, "m{}{rest}", pair(x - from.0, y - from.1));
        from = (x, y);
    }
    path
}

/// Two numbers with as few characters between them as possible.
fn pair(x: i64, y: i64) -> String {
    if y < 0 {
        format!("{x}{y}")
    } else {
        format!("{x} {y}")
    }
}

/// What follows on the step to a point, to draw its mark and be back there: a stroke of no length with
/// round ends for a disc.
fn steps(shape: Shape, radius: f64) -> String {
    let whole = |v: f64| v.round() as i64;
    if shape.is_disc() {
        return "h0".into();
    }
    let corners = shape.corners(radius);
    let Some(first) = corners.first() else {
        let (r, across) = (whole(radius), 2 * whole(radius));
        return format!(
            "m{}a{r} {r} 0 1 0 {across} 0a{r} {r} 0 1 0-{across} 0zm{r} 0",
            pair(-r, 0)
        );
    };
    let start = first.map(whole);
    let mut text = format!("m{}", pair(start[0], start[1]));
    let mut from = start;
    for corner in &corners[1..] {
        let to = corner.map(whole);
        let _ = write!(text, "l{}", pair(to[0] - from[0], to[1] - from[1]));
        from = to;
    }
    let _ = write!(text, "zm{}", pair(-start[0], -start[1]));
    text
}

impl Canvas for Svg {
    fn points(&mut self, layers: &[Layer], radius: f64) {
        self.group();
        for layer in layers {
            self.marks(Shape::of(layer.mark), radius, layer.color, &layer.centers);
        }
        self.0.push_str("</g>\n");
    }

    fn mark(&mut self, center: Point, radius: f64, mark: char, color: Rgb) {
        self.group();
        self.marks(Shape::of(mark), radius, color, &[center]);
        self.0.push_str("</g>\n");
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

    fn label(&mut self, label: &Label) {
        if let Some(halo) = label.halo {
            let color = hex(halo);
            let width = HALO * label.size;
            let look = format!(
                "fill=\"{color}\" stroke=\"{color}\" stroke-width=\"{width:.1}\" stroke-linejoin=\"round\""
            );
            self.text(label, &look);
        }
        let color = hex(label.color);
        let mut look = format!("fill=\"{color}\"");
        if label.is_bold {
            let _ = write!(
                look,
                " stroke=\"{color}\" stroke-width=\"{:.2}\"",
                BOLD * label.size
            );
        }
        self.text(label, &look);
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
