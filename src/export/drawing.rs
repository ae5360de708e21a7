//! A map with its legend, before it becomes a file of one kind or another.
//!
//! In: points, a [`Look`], a [`Palette`], and what is to be written beside the map. Out: dots on a
//! fine grid for pictures, each with the color that [`Shades`] gives to its place, so that a picture
//! says the same as the screen: no dot lies hidden under one that was painted later.

use super::ansi;
use crate::dataset::{Dataset, UNLABELED};
use crate::error::{Error, Result, printable};
use crate::palette::{Color, Palette};
use crate::picture::{Legend, Look, Picture, Shades, ValueScale};
use crate::raster::{Area, DOTS_ACROSS, DOTS_DOWN, Points, Raster, Tile, Viewport};

/// A name is cut after so many characters.
const LONGEST_NAME: usize = 32;

/// A class in the legend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegendEntry {
    /// The class, or [`UNLABELED`](crate::dataset::UNLABELED).
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
    /// A window, and the area that it was chosen for; `None` for the whole map. All that it showed
    /// there is shown in a picture of another shape, too.
    pub window: Option<(Viewport, Area)>,
    /// Above the map.
    pub title: String,
    /// The classes beside it.
    pub classes: Vec<LegendEntry>,
    /// Below it: settings.
    pub small_print: String,
}

/// A rectangle in pixels: left, top, width, height.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A dot of a fine picture, in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dot {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) color: (u8, u8, u8),
}

/// A picture of so many pixels, ready to be written down.
pub(super) struct Sheet {
    pub(super) height: u32,
    /// Height of a line of text.
    pub(super) line: f64,
    /// Where the map is.
    pub(super) map: Frame,
    /// Where the legend is.
    pub(super) key: Frame,
    pub(super) radius: f64,
    pub(super) dots: Vec<Dot>,
    pub(super) legend: Legend,
    pub(super) paper: (u8, u8, u8),
    pub(super) ink: (u8, u8, u8),
    pub(super) faint: (u8, u8, u8),
}

impl Drawing<'_> {
    /// The picture of so many pixels.
    ///
    /// # Errors
    /// [`Error::Option`] for less than 160 × 120 or more than 8192 pixels a side.
    pub(super) fn sheet(&self, width: u32, height: u32) -> Result<Sheet> {
        if !(160..=8192).contains(&width) || !(120..=8192).contains(&height) {
            return Err(Error::option(
                "size",
                format!("{width}x{height}"),
                "pictures have 160x120 to 8192x8192 pixels",
            ));
        }
        let (wide, high) = (f64::from(width), f64::from(height));
        let line = (wide.min(high) / 48.0).clamp(8.0, 96.0).round();
        let key_width = (16.0 * line).min(0.35 * wide);
        let map = Frame {
            left: line,
            top: 2.5 * line,
            width: wide - 3.0 * line - key_width,
            height: high - 5.0 * line,
        };
        let key = Frame {
            left: wide - line - key_width,
            width: key_width,
            ..map
        };
        let grid = self.grid(map);
        let (dots, legend) = self.dots(map, grid);
        let is_dark = self.palette.background() == crate::palette::Background::Dark;
        let gray = |value: u8| (value, value, value);
        Ok(Sheet {
            height,
            line,
            map,
            key,
            radius: 0.7 * grid,
            dots,
            legend,
            paper: gray(if is_dark { 0x12 } else { 0xff }),
            ink: gray(if is_dark { 0xe6 } else { 0x1a }),
            faint: gray(if is_dark { 0x90 } else { 0x70 }),
        })
    }

    /// Pixels between dots: fewer for more points.
    fn grid(&self, map: Frame) -> f64 {
        let points = self.points.positions.len().max(1) as f64;
        let most = (map.width.min(map.height) / 100.0).max(2.0);
        (0.45 * (map.width * map.height / points).sqrt())
            .round()
            .clamp(2.0, most.round())
    }

    fn dots(&self, map: Frame, grid: f64) -> (Vec<Dot>, Legend) {
        let cells = |pixels: f64, dots: u32| (pixels / grid / f64::from(dots)).max(1.0) as u16;
        let area = Area::new(cells(map.width, DOTS_ACROSS), cells(map.height, DOTS_DOWN));
        let view = self.window(area);
        let raster = Raster::tiled(&self.points, view, area, Tile::Dot);
        let reach = raster.columns().div_ceil(80);
        let shades = Shades::new(&raster, self.look, self.palette, self.values, reach);
        let columns = raster.columns().max(1);
        let plain = (0x88, 0x88, 0x88);
        let dots = raster
            .cells()
            .iter()
            .enumerate()
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(index, _)| Dot {
                x: map.left + ((index % columns) as f64 + 0.5) * grid,
                y: map.top + ((index / columns) as f64 + 0.5) * grid,
                color: shades.color(index).map_or(plain, Color::rgb),
            })
            .collect();
        (dots, shades.legend())
    }

    /// The window, or the whole map.
    fn window(&self, area: Area) -> Viewport {
        let Some((chosen, for_area)) = self.window else {
            return Viewport::fit(self.points.positions, area);
        };
        let ratio = |axis: usize| for_area.dots()[axis] / area.dots()[axis].max(1.0);
        let scale = chosen.scale() * ratio(0).max(ratio(1));
        Viewport::new(chosen.center(), scale)
    }

    /// The picture as characters.
    pub(super) fn picture(&self, area: Area) -> Picture {
        Picture::draw(
            &self.points,
            self.window(area),
            area,
            self.look,
            self.palette,
            self.values,
        )
    }

    /// The picture of so many characters, as text with escape sequences for colors; plain text
    /// without colors. Below it the legend and the settings.
    pub fn to_ansi(&self, area: Area) -> String {
        ansi::lines(self, area).join("\n") + "\n"
    }
}

/// A name from a file as it is written in legends: safe and not too long.
pub(super) fn shown_name(name: &str) -> String {
    let head: String = name.chars().take(400).collect();
    let safe = printable(&head);
    match safe.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{}…", &safe[..end]),
        None => safe,
    }
}
