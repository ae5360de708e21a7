//! The map: what of it is seen, how it is drawn, the crosshair, and several maps at once.

use std::sync::Arc;

use super::maps::{Camera, Multiples};
use super::names::MapNames;
use super::values::SampleValues;
use crate::palette::Palette;
use crate::picture::Look;
use crate::raster::{Area, Shape, Turn, Viewport};

/// The state of the map.
#[derive(Debug, Clone)]
pub(crate) struct MapState {
    /// What the map shows of itself.
    pub(crate) camera: Camera,
    /// How it is turned to fill its area.
    pub(crate) turn: Turned,
    /// How the map is drawn.
    pub(crate) look: Look,
    /// Values per sample that can color the map.
    pub(crate) values: Vec<SampleValues>,
    /// The name of those that do.
    pub(crate) value: String,
    /// The classes that are gray, if there are many classes.
    pub(crate) grayed: Option<Grayed>,
    /// The crosshair on the map, if there is one.
    pub(crate) crosshair: Option<Crosshair>,
    /// The names of the classes on it.
    pub(crate) names: MapNames,
    /// Draw lines to the current sample's neighbors.
    pub(crate) neighbor_lines: bool,
    /// Several maps at once.
    pub(crate) multiples: Multiples,
    /// Positions on their way to another map.
    pub(crate) transition: Option<Transition>,
    /// The positions before the last flip.
    pub(crate) previous: Option<Arc<[[f32; 2]]>>,
    /// Show the paths of the points that moved most.
    pub(crate) trails: bool,
    /// Where the mouse was, while it drags the map.
    pub(crate) drag: Option<(u16, u16)>,
    /// Where the left button went down on the map, while nothing was dragged.
    pub(crate) pressed: Option<(u16, u16)>,
}

impl Default for MapState {
    fn default() -> Self {
        Self {
            camera: Camera::Fit,
            turn: Turned::default(),
            look: Look::default(),
            values: Vec::new(),
            value: String::new(),
            grayed: None,
            crosshair: None,
            names: MapNames::default(),
            neighbor_lines: true,
            multiples: Multiples::default(),
            transition: None,
            previous: None,
            trails: false,
            drag: None,
            pressed: None,
        }
    }
}

/// Which of many classes are gray.
#[derive(Debug, Clone)]
pub(crate) struct Grayed {
    /// Whether each class is.
    pub(crate) is_gray: Vec<bool>,
    /// The one class that is not, if it is the one under the cursor.
    pub(crate) lit: Option<usize>,
    /// The class of each sample, none for those of gray classes.
    pub(crate) groups: Arc<[u16]>,
}

/// How the map is turned, and since when: it is turned when its first picture is there and once
/// more when it has stopped moving, but not while it forms, nor when another map is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Turned {
    /// The turn.
    pub(crate) now: Turn,
    /// What it was chosen by.
    pub(crate) chosen: TurnedBy,
    /// The shape of the area that it was chosen for.
    pub(crate) shape: Option<Shape>,
}

/// By what map a turn was chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum TurnedBy {
    /// None: there was no picture yet.
    #[default]
    Nothing,
    /// The first picture.
    FirstPicture,
    /// A map that had stopped moving.
    RestingMap,
}

/// The crosshair on the map.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Crosshair {
    /// Where it is (map units), if not on the current sample.
    pub(crate) free: Option<[f64; 2]>,
    /// The corner at which a box began (map units).
    pub(crate) corner: Option<[f64; 2]>,
}

/// Positions on their way from one map to another.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Transition {
    /// Where they come from.
    pub(crate) from: Arc<[[f32; 2]]>,
    /// Where they are now; `None` before the first frame.
    pub(crate) now: Option<Arc<[[f32; 2]]>>,
}

/// How the map looks on the screen, for pictures of it.
#[derive(Debug, Clone)]
pub(crate) struct MapView {
    /// Glyphs and what the colors mean.
    pub(crate) look: Look,
    /// The colors.
    pub(crate) palette: Palette,
    /// The window, unless it is the whole map.
    pub(crate) window: Option<Viewport>,
    /// How the map is turned.
    pub(crate) turn: Turn,
    /// Size of the map on the screen.
    pub(crate) area: Area,
    /// Whether the names of the classes are on it.
    pub(crate) names: bool,
    /// Which classes are shown, then whether samples without one are.
    pub(crate) shown: Vec<bool>,
    /// Right and wrong, where they color the map.
    pub(crate) groups: Arc<[u16]>,
    /// The values that color the map, if any do.
    pub(crate) values: Option<SampleValues>,
    /// Settings.
    pub(crate) small_print: String,
}
