//! A map with its legend, before it becomes a file of one format or another.
//!
//! In: points, a [`Look`], a [`Palette`], and what is written beside the map. Out: a [`Drawing`], which
//! becomes characters here and pixels or vectors in `sheet`.

use crate::dataset::{Dataset, UNLABELED};
use crate::palette::Palette;
use crate::picture::{Look, Picture, ValueScale};
use crate::raster::{Area, Points, Turn, Viewport};
use crate::text;

/// The most columns that a name gets in a legend.
const LONGEST_NAME: usize = 32;

/// A class in the legend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegendEntry {
    /// The class, or [`UNLABELED`].
    pub class: u16,
    /// Its name.
    pub name: String,
    /// Number of its samples.
    pub count: usize,
}

impl LegendEntry {
    /// The classes of a dataset in their order, then the samples without one if there are any.
    pub fn of(data: &Dataset) -> Vec<Self> {
        let Some(labels) = data.labels() else {
            return Vec::new();
        };
        let counts = labels.counts();
        let unlabeled = data.samples() - counts.iter().sum::<usize>();
        let entry = |(class, (name, &count)): (usize, (&String, &usize))| Self {
            class: class as u16,
            name: name.clone(),
            count,
        };
        let mut entries: Vec<Self> = labels
            .names()
            .iter()
            .zip(&counts)
            .enumerate()
            .map(entry)
            .collect();
        if unlabeled > 0 {
            entries.push(Self {
                class: UNLABELED,
                name: "(no label)".into(),
                count: unlabeled,
            });
        }
        entries
    }
}

/// A window on the map, and the area of characters that it was chosen for.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// What part of the map is shown.
    pub viewport: Viewport,
    /// The area in which it is shown.
    pub area: Area,
}

/// The size of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureSize {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// Pixels per inch: how large letters, points and the picture are on paper.
    pub dpi: u32,
}

impl Default for PictureSize {
    fn default() -> Self {
        Self::pixels(1600, 1200)
    }
}

impl PictureSize {
    /// Pixels per inch where nothing is said about paper.
    pub const SCREEN_DPI: u32 = 200;

    /// A size in pixels.
    pub fn pixels(width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            dpi: Self::SCREEN_DPI,
        }
    }
}

/// A map that is to become a picture.
#[derive(Debug, Clone)]
pub struct Drawing<'a> {
    /// What is drawn.
    pub points: Points<'a>,
    /// How the values of [`Coloring::Value`](crate::picture::Coloring::Value) become levels.
    pub values: Option<&'a ValueScale>,
    /// Glyphs of text pictures, and what the colors mean.
    pub look: Look,
    /// The colors, and the background of pictures.
    pub palette: Palette,
    /// What part of the map is shown, at least: a picture of another shape shows more; `None` for the
    /// whole map.
    pub window: Option<Window>,
    /// How the map is turned where all of it is shown; `None` for the turn that fills the picture.
    pub turn: Option<Turn>,
    /// Whether the names of the classes are written on the map.
    pub names: bool,
    /// The text above the map.
    pub title: String,
    /// The classes beside it.
    pub classes: Vec<LegendEntry>,
    /// The text below it: settings.
    pub small_print: String,
}

impl Drawing<'_> {
    /// What part of the map a picture of this area shows.
    pub(super) fn viewport(&self, area: Area) -> Viewport {
        let fill = || Turn::to_fill(area, self.points.positions, Turn::default());
        self.turned_viewport(area, self.turn.unwrap_or_else(fill))
    }

    /// The same with the map turned, unless the window says how.
    pub(super) fn turned_viewport(&self, area: Area, turn: Turn) -> Viewport {
        let Some(window) = self.window else {
            return Viewport::fit_turned(self.points.positions, area, turn);
        };
        let ratio = |axis: usize| window.area.dots()[axis] / area.dots()[axis].max(1.0);
        let scale = window.viewport.scale() * ratio(0).max(ratio(1));
        window.viewport.scaled(scale)
    }

    /// The picture as characters.
    pub(super) fn picture(&self, area: Area) -> Picture {
        Picture::draw(
            &self.points,
            self.viewport(area),
            area,
            self.look,
            self.palette,
            self.values,
        )
    }
}

/// A name from a file as legends show it.
pub(super) fn shown_name(name: &str) -> String {
    text::name(name, LONGEST_NAME)
}
