//! A map as part of a page: colors, letters and size come from the page's style sheet.
//!
//! In: a [`Drawing`], a size. Out: the content of an `svg` element. A point of class 3 has the style class `k3`,
//! and a name `n3`; all else is up to the page.

use std::fmt::Write as _;

use super::canvas::{Canvas, Frame, Label, Layer, Point};
use super::drawing::{Drawing, PictureSize};
use super::shape::{OUTLINE, Shape};
use super::sheet::Sheet;
use super::svg::{escaped, path};
use crate::dataset::UNLABELED;
use crate::error::{Result, printable};
use crate::palette::Rgb;

/// The points of a map and the names on it, as the content of an `svg` element. Places are exact to a pixel
/// divided by `parts`.
///
/// # Errors
/// [`Error::Option`](crate::Error::Option) for a size out of bounds.
pub(crate) fn to_embedded_svg(
    drawing: &Drawing<'_>,
    size: PictureSize,
    parts: f64,
) -> Result<String> {
    let sheet = Sheet::without_key(drawing, size)?;
    let text = String::new();
    let mut svg = Embedded { text, parts };
    sheet.draw_map(&mut svg);
    Ok(svg.text)
}

/// A mark of a legend as the content of an `svg` element of 20 × 20.
pub(crate) fn mark_to_svg(mark: char, class: u16) -> String {
    let text = String::new();
    let mut svg = Embedded { text, parts: 1.0 };
    let layer = Layer {
        color: (0, 0, 0),
        mark,
        class: Some(class),
        centers: vec![Point { x: 10.0, y: 10.0 }],
    };
    svg.points(&[layer], 7.0);
    svg.text
}

struct Embedded {
    text: String,
    parts: f64,
}

impl Canvas for Embedded {
    fn points(&mut self, layers: &[Layer], radius: f64) {
        let _ = writeln!(
            self.text,
            "<g class=\"points\" transform=\"scale({})\">",
            1.0 / self.parts
        );
        for layer in layers {
            let shape = Shape::of(layer.mark);
            let width = radius * self.parts * if shape.is_open() { OUTLINE } else { 2.0 };
            let look = if shape.is_disc() || shape.is_open() {
                format!("stroke-width=\"{width:.1}\"")
            } else {
                "class=\"filled\"".to_owned()
            };
            let path = path(shape, radius, &layer.centers, self.parts);
            let class = style(layer.class.unwrap_or(UNLABELED));
            let _ = writeln!(
                self.text,
                "<g class=\"k{class}\"><path {look} d=\"{path}\"/></g>"
            );
        }
        self.text.push_str("</g>\n");
    }

    fn mark(&mut self, _: Point, _: f64, _: char, _: Rgb) {}

    fn rectangle(&mut self, _: Frame, _: Rgb) {}

    fn label(&mut self, label: &Label) {
        let _ = writeln!(
            self.text,
            "<text class=\"n{}\" x=\"{:.0}\" y=\"{:.0}\" font-size=\"{:.0}\">{}</text>",
            style(label.class.unwrap_or(UNLABELED)),
            label.at.x,
            label.at.y,
            label.size,
            escaped(&printable(&label.text))
        );
    }
}

/// What the names of a class's styles end in.
fn style(class: u16) -> String {
    if class == UNLABELED {
        "u".to_owned()
    } else {
        class.to_string()
    }
}
