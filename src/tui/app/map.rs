//! The map: what of it is seen, how it is drawn, the crosshair, and several maps at once.

use std::sync::Arc;

use super::choose::Crosshair;
use super::flip::Transition;
use super::look::SampleValues;
use super::maps::Multiples;
use crate::picture::Look;
use crate::raster::Viewport;

/// What the map shows of itself.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) enum Camera {
    /// Everything, however it grows.
    #[default]
    Fit,
    /// What the user chose.
    Free(Viewport),
}

/// The state of the map.
#[derive(Debug, Clone)]
pub(crate) struct MapState {
    /// What the map shows of itself.
    pub(crate) camera: Camera,
    /// How the map is drawn.
    pub(crate) look: Look,
    /// Values per sample that can color the map.
    pub(crate) values: Vec<SampleValues>,
    /// The name of those that do.
    pub(crate) value: String,
    /// The crosshair on the map, if there is one.
    pub(crate) crosshair: Option<Crosshair>,
    /// Draw lines to the current sample's neighbors.
    pub(crate) neighbor_lines: bool,
    /// Several maps at once.
    pub(crate) multiples: Multiples,
    /// Positions on their way to another map.
    pub(crate) transition: Option<Transition>,
    /// The positions before the last flip.
    pub(super) previous: Option<Arc<[[f32; 2]]>>,
    /// Show the paths of the points that moved most.
    pub(super) trails: bool,
    /// Where the mouse was, while it drags the map.
    pub(super) drag: Option<(u16, u16)>,
    /// Where the left button went down on the map, while nothing was dragged.
    pub(super) pressed: Option<(u16, u16)>,
}

impl Default for MapState {
    fn default() -> Self {
        Self {
            camera: Camera::Fit,
            look: Look::default(),
            values: Vec::new(),
            value: String::new(),
            crosshair: None,
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
