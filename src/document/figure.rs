//! The maps of a report as drawings, for every format.

use super::Document;
use super::block::MapFigure;
use crate::dataset::UNLABELED;
use crate::export::Drawing;
use crate::palette::{Background, ColorDepth, ColorSet, Palette};
use crate::picture::Look;
use crate::raster::Points;
use crate::raster::names::MOST_CLASSES;
use crate::text::count;

/// Points of a small map.
const MOST_POINTS: usize = 4_000;
/// 2⁶⁴ divided by the golden ratio: its multiples are spread evenly.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Document {
    /// The colors on a background.
    pub(super) fn palette(background: Background) -> Palette {
        Palette::of(ColorDepth::True, ColorSet::default(), background)
    }

    fn positions(&self, map: &MapFigure) -> &[[f32; 2]] {
        let Some(set) = self.sets.get(map.set) else {
            return &[];
        };
        match map.other {
            None => &set.positions,
            Some(other) => set.others.get(other).map_or(&[], |other| &other.positions),
        }
    }

    /// A map, with names on it if there are few classes.
    pub(super) fn drawing(&self, map: &MapFigure) -> Drawing<'_> {
        let points = Points::new(self.positions(map), &self.classes);
        let names = (1..=MOST_CLASSES).contains(&self.legend.len());
        Drawing {
            names,
            ..self.drawing_of(points)
        }
    }

    fn drawing_of<'a>(&self, points: Points<'a>) -> Drawing<'a> {
        Drawing {
            points,
            values: None,
            look: Look::default(),
            palette: Self::palette(Background::Light),
            window: None,
            turn: None,
            names: false,
            title: String::new(),
            classes: self.legend.clone(),
            small_print: String::new(),
        }
    }

    /// A map for a small picture: with a part of the samples if there are many, always the same.
    pub(super) fn sampled(&self, map: &MapFigure) -> SampledMap {
        let positions = self.positions(map);
        let class = |row: usize| self.classes.get(row).copied().unwrap_or(UNLABELED);
        let share = MOST_POINTS as f64 / positions.len().max(1) as f64;
        let place = |row: usize| (row as u64).wrapping_mul(GOLDEN) as f64 / u64::MAX as f64;
        let drawn = |row: &usize| place(*row) < share;
        let rows: Vec<usize> = (0..positions.len()).filter(drawn).collect();
        SampledMap {
            positions: rows.iter().map(|&row| positions[row]).collect(),
            classes: rows.iter().map(|&row| class(row)).collect(),
            all: positions.len(),
        }
    }
}

/// A map with a part of its samples.
pub(super) struct SampledMap {
    positions: Vec<[f32; 2]>,
    classes: Vec<u16>,
    all: usize,
}

impl SampledMap {
    /// How many samples are drawn, if not all are.
    pub(super) fn remark(&self) -> Option<String> {
        let (drawn, all) = (count(self.positions.len()), count(self.all));
        (self.positions.len() < self.all).then(|| format!("{drawn} of {all} samples are drawn."))
    }

    /// The map, without names.
    pub(super) fn drawing(&self, document: &Document) -> Drawing<'_> {
        document.drawing_of(Points::new(&self.positions, &self.classes))
    }
}
