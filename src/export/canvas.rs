//! What pictures are drawn on: places, text and marks in pixels, and the trait that writes them.

use crate::palette::{Background, Rgb};

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

/// A line of text.
#[derive(Debug, Clone)]
pub(super) struct Label {
    pub(super) text: String,
    /// Where its baseline begins.
    pub(super) at: Point,
    /// Height of the letters.
    pub(super) size: f64,
    pub(super) color: Rgb,
    /// A color around the letters, which sets them off from points.
    pub(super) halo: Option<Rgb>,
    pub(super) is_bold: bool,
    /// The class that it names.
    #[cfg_attr(not(feature = "tui"), allow(dead_code, reason = "only pages use it"))]
    pub(super) class: Option<u16>,
}

/// Points of one color and mark.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    pub(super) color: Rgb,
    pub(super) mark: char,
    /// The class of all these points, where colors are those of classes.
    #[cfg_attr(not(feature = "tui"), allow(dead_code, reason = "only pages use it"))]
    pub(super) class: Option<u16>,
    pub(super) centers: Vec<Point>,
}

/// What a picture is drawn on.
pub(super) trait Canvas {
    fn points(&mut self, layers: &[Layer], radius: f64);
    fn mark(&mut self, center: Point, radius: f64, mark: char, color: Rgb);
    fn rectangle(&mut self, frame: Frame, color: Rgb);
    fn label(&mut self, label: &Label);
}

/// The colors of everything that is not a class or a level.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grays {
    pub(super) paper: Rgb,
    pub(super) ink: Rgb,
    pub(super) faint: Rgb,
}

/// Width of the color around letters, and of the strokes that make them bold, as shares of their height.
pub(super) const HALO: f64 = 0.3;
pub(super) const BOLD: f64 = 0.06;

impl Grays {
    pub(super) fn on(background: Background) -> Self {
        let [paper, ink, faint] = match background {
            Background::Dark => [0x12, 0xf0, 0x90],
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
