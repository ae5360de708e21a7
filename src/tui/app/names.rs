//! The names of the classes on the map: whether they are shown, and where they stand.

use std::sync::Arc;

use crate::dataset::Dataset;
use crate::raster::names::{MOST_CLASSES, NamePlace, Sampled};
use crate::raster::{Area, Turn};
use crate::tui::app::maps::Camera;

/// A name is at most this wide.
const WIDEST: usize = 16;
/// Names are not shortened below this width.
const NARROWEST: usize = 5;
/// Names are shortened until they cover at most this share of the map's cells ...
const COVERED: f64 = 0.1;
/// ... and as short as they get, those that nobody asked for cover at most this share.
const MOST_COVERED: f64 = 0.18;
/// A map smaller than this (columns, rows) has no names.
const SMALLEST: (u16, u16) = (24, 8);

/// The names of the classes on the map.
#[derive(Debug, Clone, Default)]
pub(crate) struct MapNames {
    /// Whether they are shown, if the user said.
    pub(crate) wanted: Option<bool>,
    /// Some samples of each class.
    pub(crate) sampled: Sampled,
    /// Of which data these are.
    pub(crate) of: Option<Arc<Dataset>>,
    /// The names in at most so many columns.
    pub(crate) written: (usize, Vec<String>),
    /// How many columns a name has, and for what.
    pub(crate) room: Option<(RoomFor, usize)>,
    /// Where the names stood at last, and what they stood on.
    pub(crate) last: Option<(NamesOn, Vec<NamePlace>)>,
}

impl MapNames {
    /// Takes samples of each class, unless that was done for this data.
    pub(crate) fn know(&mut self, data: &Arc<Dataset>) {
        if !self
            .of
            .as_ref()
            .is_some_and(|known| Arc::ptr_eq(known, data))
        {
            let labels = data.labels();
            let classes = labels.map_or(0, |labels| labels.names().len());
            let indices = labels.map_or(&[][..], |labels| labels.indices());
            self.sampled = Sampled::of(indices, classes);
            self.of = Some(Arc::clone(data));
            self.written = (0, Vec::new());
            self.room = None;
            self.last = None;
        }
    }

    /// True if names are shown with this number of classes.
    pub(crate) fn are_shown(&self, classes: usize) -> bool {
        self.wanted.unwrap_or(classes <= MOST_CLASSES) && classes > 0
    }
}

/// What the room for names depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RoomFor {
    pub(crate) area: Area,
    /// Classes, or 1 if only that under the cursor is named.
    pub(crate) named: usize,
    pub(crate) are_asked_for: bool,
}

/// What the places of names hold for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NamesOn {
    /// Where the positions lie in memory, and the iteration that they are of.
    pub(crate) positions: (usize, usize),
    pub(crate) window: Window,
    /// Whether names are shown, if the user said.
    pub(crate) wanted: Option<bool>,
    pub(crate) shown: Vec<bool>,
    /// The one class that is named, if it is under the cursor.
    pub(crate) lit: Option<usize>,
    /// The current sample, and that whose neighbors are known.
    pub(crate) current: [Option<usize>; 2],
    pub(crate) k: usize,
}

/// The window onto the map: names stay as long as it is the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Window {
    pub(crate) area: Area,
    pub(crate) camera: Camera,
    pub(crate) turn: Turn,
}

/// The most columns of a name on a map, for names of these widths: as many as keep the names within their share
/// of the map. 0 if there is no room, also for names that were not asked for and would hide too much.
pub(crate) fn widest_that_fits(area: Area, widths: &[usize], are_asked_for: bool) -> usize {
    if area.columns < SMALLEST.0 || area.rows < SMALLEST.1 {
        return 0;
    }
    let covered = |columns: usize| {
        let cells: usize = widths.iter().map(|width| columns.min(*width)).sum();
        cells as f64 / area.cells() as f64
    };
    let widest = WIDEST.min(usize::from(area.columns) / 3);
    let narrowest = NARROWEST.min(widest);
    let fits = (narrowest..=widest)
        .rev()
        .find(|columns| covered(*columns) <= COVERED);
    match fits {
        Some(columns) => columns,
        None if are_asked_for || covered(narrowest) <= MOST_COVERED => narrowest,
        None => 0,
    }
}
