//! The map is turned so that its long axis lies along the longer side of its area.

use std::sync::Arc;

use crate::raster::{Turn, Viewport};
use crate::tui::app::App;
use crate::tui::app::map::{Transition, TurnedBy};
use crate::tui::app::maps::Camera;
use crate::tui::app::run::is_over;

/// A map is turned only if the scale gets smaller by this factor at least.
const WORTHWHILE: f64 = 0.95;

impl App {
    /// Shows the whole map, turned to fill its area.
    pub(crate) fn fit_map(&mut self) {
        self.map.camera = Camera::Fit;
        self.map.turn.chosen = TurnedBy::Nothing;
    }

    /// Back to the whole map; if that is shown, out of a map that fills the screen.
    pub(crate) fn whole_map(&mut self) {
        if self.map.camera == Camera::Fit {
            self.panels.zoomed = false;
        } else {
            self.fit_map();
        }
    }

    /// Turns the map where that is due: with the first picture, when it has stopped moving, and when
    /// its area has another shape.
    pub(crate) fn turn_map(&mut self) {
        let snapshot = &self.run.snapshot;
        let is_free = self.map.camera != Camera::Fit || self.map.transition.is_some();
        let Some(area) = self.map_area().filter(|_| !is_free) else {
            return;
        };
        if snapshot.positions.is_empty() {
            return;
        }
        let rests = snapshot.is_map && is_over(&snapshot.activity);
        let before = self.map.turn;
        let has_settled = rests && before.chosen == TurnedBy::FirstPicture;
        if before.chosen == TurnedBy::Nothing || has_settled {
            self.map.turn.chosen = if rests {
                TurnedBy::RestingMap
            } else {
                TurnedBy::FirstPicture
            };
        } else if before.shape == Some(area.shape()) {
            return;
        }
        self.map.turn.shape = Some(area.shape());
        let positions = Arc::clone(&snapshot.positions);
        let turn = Turn::to_fill(area, &positions, before.now);
        let scale = |turn| Viewport::fit_turned(&positions, area, turn).scale();
        if scale(turn) > WORTHWHILE * scale(before.now) {
            return;
        }
        self.map.turn.now = turn;
        if has_settled {
            // The points start where they were in the picture.
            let at_old_places = |p: &[f32; 2]| {
                let step = before.now.apply(p.map(f64::from));
                turn.undo(step).map(|v| v as f32)
            };
            let from = positions.iter().map(at_old_places).collect();
            self.map.transition = Some(Transition { from, now: None });
        }
    }
}
