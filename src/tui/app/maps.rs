//! Several maps at once (small multiples): what each shows, and where each stands.
//!
//! One of them is the current map, which has the keys, the mouse and the crosshair; the panels speak
//! of it. The others are maps of the same samples, turned (Procrustes) to lie near it: of other
//! perplexities and seeds of the same feature set, or of other models and layers. What is selected
//! is lit in all.

use std::cmp::Ordering;
use std::sync::Arc;

use ratatui::layout::Rect;

use super::ladder::same;
use crate::raster::Viewport;
use crate::run::VisitedMap;

/// The numbers of maps that a key leads through.
pub(crate) const COUNTS: [usize; 3] = [1, 2, 4];
/// The smallest map among several, with its frame (columns, rows).
const SMALLEST: (u16, u16) = (20, 6);

/// What the map shows of itself.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) enum Camera {
    /// Everything, however it grows.
    #[default]
    Fit,
    /// What the user chose.
    Free(Viewport),
}

/// Of what the maps are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Of perplexities and seeds of the feature set that is shown.
    #[default]
    Perplexities,
    /// Of feature sets: models and layers.
    Sets,
}

/// What one of the maps shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Source {
    /// A map of the feature set that is shown.
    Map(MapId),
    /// The newest map of a feature set.
    Set(usize),
}

/// Which of the maps of a feature set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MapId {
    pub(crate) perplexity: f64,
    pub(crate) seed: u64,
}

impl MapId {
    /// By perplexity, then by seed.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        let by_perplexity = self.perplexity.total_cmp(&other.perplexity);
        by_perplexity.then(self.seed.cmp(&other.seed))
    }
}

impl From<&VisitedMap> for MapId {
    fn from(map: &VisitedMap) -> Self {
        let (perplexity, seed) = (map.perplexity, map.seed);
        Self { perplexity, seed }
    }
}

impl PartialEq for MapId {
    fn eq(&self, other: &Self) -> bool {
        same(self.perplexity, other.perplexity) && self.seed == other.seed
    }
}

/// One of several maps.
#[derive(Debug, Clone)]
pub(crate) struct Facet {
    /// What it shows.
    pub(crate) source: Source,
    /// What it shows of that. The current map's is the state's own.
    pub(crate) camera: Camera,
    /// Its positions turned to the current map; empty while there is no map, and for the current
    /// one.
    pub(crate) positions: Arc<[[f32; 2]]>,
    /// Right, wrong or neither per sample, by the predictions of its own model.
    pub(crate) outcomes: Arc<[u16]>,
    /// From what the positions were turned.
    pub(crate) turned: Option<Turned>,
}

/// From what a map was turned, and to which.
#[derive(Debug, Clone)]
pub(crate) struct Turned {
    /// The positions before.
    pub(crate) original: Arc<[[f32; 2]]>,
    /// The current map: feature set, generation, and whether it rested.
    pub(crate) to: (usize, u64, bool),
}

impl Facet {
    /// One that has no positions yet.
    pub(crate) fn new(source: Source) -> Self {
        Self {
            source,
            camera: Camera::Fit,
            positions: Arc::new([]),
            outcomes: Arc::new([]),
            turned: None,
        }
    }
}

/// All of them, and how they come about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Multiples {
    /// The maps; none where there is one only.
    pub(crate) facets: Vec<Facet>,
    /// Which of them is the current one.
    pub(crate) focus: usize,
    /// Of what they are.
    pub(crate) kind: Kind,
    /// The feature set whose maps they are, if they are of perplexities.
    pub(crate) set: usize,
    /// The feature set that is computed in the background.
    pub(crate) working: Option<usize>,
    /// Feature sets that could not be read, and why.
    pub(crate) failed: Vec<(usize, String)>,
}

impl Multiples {
    /// True if there are several maps.
    pub(crate) fn are_several(&self) -> bool {
        self.facets.len() > 1
    }

    /// The place of a source among them.
    pub(crate) fn place_of(&self, source: Source) -> Option<usize> {
        self.facets.iter().position(|facet| facet.source == source)
    }
}

/// Where `count` maps stand within an area, from the left, line by line; `None` if they do not fit.
/// As many columns as lines if that fits, otherwise the way with the largest square in each.
pub(crate) fn arrange(area: Rect, count: usize) -> Option<Vec<Rect>> {
    let count = count.max(1) as u16;
    // Of equal ones, the one with fewer columns: titles need room.
    let ways = (1..=count)
        .rev()
        .filter(|columns| count.is_multiple_of(*columns));
    let size = |columns: u16| (area.width / columns, area.height / (count / columns));
    let fits = |columns: &u16| {
        let (width, height) = size(*columns);
        width >= SMALLEST.0 && height >= SMALLEST.1
    };
    // A cell is twice as high as wide. Two by two is preferred: titles need room.
    let square = |columns: &u16| {
        let (width, height) = size(*columns);
        (*columns * *columns == count, width.min(2 * height))
    };
    let columns = ways.filter(fits).max_by_key(square)?;
    let rows = count / columns;
    let cut = |whole: u16, parts: u16, at: u16| {
        (u32::from(whole) * u32::from(at) / u32::from(parts)) as u16
    };
    let mut places = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            let (left, right) = (
                cut(area.width, columns, column),
                cut(area.width, columns, column + 1),
            );
            let (top, bottom) = (cut(area.height, rows, row), cut(area.height, rows, row + 1));
            places.push(Rect::new(
                area.x + left,
                area.y + top,
                right - left,
                bottom - top,
            ));
        }
    }
    Some(places)
}

/// The size that `count` maps need side by side, in words.
pub(crate) fn needed(count: usize) -> String {
    let (columns, rows) = if count > 2 { (2, 2) } else { (2, 1) };
    format!(
        "{count} maps need {}×{}",
        columns * SMALLEST.0,
        rows * SMALLEST.1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_stand_apart_and_fill_the_area() {
        for count in [1, 2, 4] {
            for (width, height) in [(80, 20), (38, 20), (38, 16), (144, 46), (41, 12)] {
                let area = Rect::new(3, 1, width, height);
                let places = arrange(area, count).unwrap_or_else(|| vec![area; 1]);
                let sum: u32 = places.iter().map(|place| place.area()).sum();
                assert_eq!(sum, area.area(), "{count} in {width}×{height}");
                assert!(
                    places
                        .iter()
                        .all(|place| area.intersection(*place) == *place)
                );
            }
        }
        let side_by_side = arrange(Rect::new(0, 0, 80, 20), 2).unwrap();
        assert_eq!(
            side_by_side,
            [Rect::new(0, 0, 40, 20), Rect::new(40, 0, 40, 20)]
        );
        let stacked = arrange(Rect::new(0, 0, 38, 20), 2).unwrap();
        assert_eq!(stacked, [Rect::new(0, 0, 38, 10), Rect::new(0, 10, 38, 10)]);
        let four = arrange(Rect::new(0, 0, 80, 20), 4).unwrap();
        assert_eq!(
            (four[1], four[2]),
            (Rect::new(40, 0, 40, 10), Rect::new(0, 10, 40, 10))
        );
        assert_eq!(arrange(Rect::new(0, 0, 38, 11), 2), None);
        assert_eq!(needed(4), "4 maps need 40×12");
    }

    #[test]
    fn sources_are_the_same_up_to_rounding() {
        let map = |perplexity, seed| Source::Map(MapId { perplexity, seed });
        assert_eq!(map(30.0, 1), map(30.0 + 1e-9, 1));
        assert_ne!(map(30.0, 1), map(30.0, 2));
        assert_ne!(map(30.0, 1), Source::Set(0));
        assert_eq!(Source::Set(2), Source::Set(2));
    }
}
