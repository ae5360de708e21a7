//! The points of a picture: where each stands, which color and mark it has, which lies over which.
//!
//! In: a [`Drawing`] and the part of the paper that the map has. Out: [`Layer`]s of points of one color
//! and mark, to be painted one after the other. Painting class after class would show whatever came last, which
//! misstates mixing: the points of all classes are cut into parts by a random order that is always the
//! same, so that where classes mix, each is on top equally often. Where the rarest class is to be seen,
//! classes are painted by size instead, and where the greatest value is, by value.

use std::collections::BTreeMap;

use super::canvas::{Frame, Layer, Point};
use super::drawing::Drawing;
use crate::dataset::UNLABELED;
use crate::palette::{Color, DISC, Palette, Rgb, Scale};
use crate::picture::{Coloring, Legend, Shades, Winner};
use crate::raster::{Area, DOTS_ACROSS, DOTS_DOWN, Fold, Raster, Tile, Turn, Viewport};

/// Parts into which points are cut, each painted class after class.
const PARTS: u64 = 16;
/// Color where there is none.
const PLAIN: Rgb = (0x88, 0x88, 0x88);

/// All points of a picture.
#[derive(Debug)]
pub(super) struct Scatter {
    pub(super) layers: Vec<Layer>,
    pub(super) radius: f64,
    pub(super) legend: Legend,
}

/// What is painted later lies on top: the part, then what decides within it, then color, mark and class.
type Place = (u64, u32, Rgb, char, Option<u16>);

impl Scatter {
    /// The points in a part of the paper; `limits` are the smallest and largest radius.
    pub(super) fn new(drawing: &Drawing<'_>, map: Frame, view: Window, limits: [f64; 2]) -> Self {
        let points = &drawing.points;
        let count = points.positions.len().max(1) as f64;
        let radius = 0.33 * (map.width * map.height / count).sqrt();
        let radius = radius.clamp(limits[0], limits[1]);
        let shading = Shading::new(drawing, map, view.view.turn(), 2.0 * radius);
        let sizes = points.sizes();
        let mut layers: BTreeMap<Place, Vec<Point>> = BTreeMap::new();
        for (sample, position) in points.positions.iter().enumerate() {
            let Some(group) = points.shown_group(sample) else {
                continue;
            };
            let Some(center) = view.place(map, position.map(f64::from)) else {
                continue;
            };
            let (color, mark) = shading.look(drawing, sample, group, position.map(f64::from));
            let size = sizes.get(usize::from(group)).copied().unwrap_or(u32::MAX);
            let place = match drawing.look.coloring {
                Coloring::Class | Coloring::Outcome if group == UNLABELED => (0, 0),
                Coloring::Class | Coloring::Outcome if drawing.look.winner == Winner::Rarest => {
                    (1, u32::MAX - size)
                }
                Coloring::Value if points.fold == Fold::Greatest => {
                    (1, Shading::rank(drawing, sample))
                }
                _ => (1 + scattered(sample) % PARTS, 0),
            };
            let class = (drawing.look.coloring == Coloring::Class).then_some(group);
            let layer = layers.entry((place.0, place.1, color, mark, class));
            layer.or_default().push(center);
        }
        let layers = layers
            .into_iter()
            .map(|((.., color, mark, class), centers)| Layer {
                color,
                mark,
                class,
                centers,
            });
        Self {
            layers: layers.collect(),
            radius,
            legend: shading.legend,
        }
    }
}

/// A number that looks random, the same for the same sample (splitmix64, Steele, Lea and Flood 2014).
fn scattered(sample: usize) -> u64 {
    let mut x = (sample as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The part of the map that a picture shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub(super) view: Viewport,
    pub(super) area: Area,
}

impl Window {
    /// Where a point of the map lies on the paper, if it is within the map's frame.
    fn place(self, map: Frame, position: [f64; 2]) -> Option<Point> {
        let [x, y] = self.view.to_dot(self.area, position);
        let [across, down] = self.area.dots();
        (x >= 0.0 && x < across && y >= 0.0 && y < down).then(|| Point {
            x: map.left + x / across * map.width,
            y: map.top + y / down * map.height,
        })
    }
}

/// What colors follow from: for mixing and density, from what surrounds a point.
struct Shading {
    /// Colors of small cells, and the window in these.
    cells: Option<(Vec<Option<Color>>, Window)>,
    columns: usize,
    legend: Legend,
}

impl Shading {
    fn new(drawing: &Drawing<'_>, map: Frame, turn: Turn, spacing: f64) -> Self {
        let spacing = spacing.max(map.width.max(map.height) / 1024.0);
        let cells = |pixels: f64, dots: u32| (pixels / spacing / f64::from(dots)).max(1.0) as u16;
        let area = Area::new(cells(map.width, DOTS_ACROSS), cells(map.height, DOTS_DOWN));
        let view = drawing.turned_viewport(area, turn);
        let raster = Raster::tiled(&drawing.points, view, area, Tile::Dot);
        let reach = raster.columns().div_ceil(80);
        let (look, palette) = (drawing.look, drawing.palette);
        let shades = Shades::new(&raster, look, palette, drawing.values, reach);
        let by_place = matches!(look.coloring, Coloring::Mixing | Coloring::Density)
            || (look.coloring == Coloring::Value && drawing.values.is_none());
        let colors = (0..raster.cells().len()).map(|index| shades.color(index));
        Self {
            cells: by_place.then(|| (colors.collect(), Window { view, area })),
            columns: raster.columns(),
            legend: shades.legend(),
        }
    }

    /// The color and mark of a sample.
    fn look(
        &self,
        drawing: &Drawing<'_>,
        sample: usize,
        group: u16,
        position: [f64; 2],
    ) -> (Rgb, char) {
        let palette = &drawing.palette;
        let (color, mark) = match (&self.cells, drawing.look.coloring) {
            (Some((colors, window)), _) => {
                let [x, y] = window.view.to_dot(window.area, position);
                let at = y.max(0.0) as usize * self.columns + x.max(0.0) as usize;
                (colors.get(at).copied().flatten(), DISC)
            }
            (None, Coloring::Outcome) => match group {
                0 => (palette.outcome(true), DISC),
                1 => (palette.outcome(false), DISC),
                other => (palette.color(other), DISC),
            },
            (None, Coloring::Value) => {
                let level = Self::level(drawing, sample);
                let color = level.map_or_else(
                    || palette.color(UNLABELED),
                    |(level, scale)| palette.level(scale, level),
                );
                (color, DISC)
            }
            (None, _) if group == UNLABELED => (palette.color(group), DISC),
            (None, _) => (palette.color(group), palette.mark(group)),
        };
        (color.map_or(PLAIN, Color::rgb), mark)
    }

    fn level(drawing: &Drawing<'_>, sample: usize) -> Option<(f64, Scale)> {
        let values = drawing.values?;
        let value = drawing
            .points
            .values
            .get(sample)
            .filter(|v| v.is_finite())?;
        Some((values.level(f64::from(*value)), values.scale))
    }

    /// Higher for samples that lie on top.
    fn rank(drawing: &Drawing<'_>, sample: usize) -> u32 {
        let level = Self::level(drawing, sample);
        let steps = Palette::levels().count() as f64;
        level.map_or(0, |(level, _)| 1 + (level * steps) as u32)
    }
}
