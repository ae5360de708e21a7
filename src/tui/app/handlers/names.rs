//! The names of the classes on the map: where they stand after each message.

use std::borrow::Cow;

use crate::raster::names::{Ground, NamePlace, place_names};
use crate::raster::{Area, Viewport};
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::Pick;
use crate::tui::app::names::{NamesOn, Window, columns_of_names};

impl App {
    /// Shows the names of the classes on the map, or hides them.
    pub(crate) fn show_names(&mut self, pick: Pick<bool>) {
        let now = self.map.names.are_shown(self.run.classes());
        let wanted = pick.of(&[false, true], now);
        self.map.names.wanted = Some(wanted);
        self.say(match (wanted, self.run.classes()) {
            (true, 0) => "there are no classes to name",
            (true, _) => "class names on the map",
            (false, _) => "no class names on the map",
        });
    }

    /// Puts the names where the classes are now; they move only if they must.
    pub(crate) fn place_names(&mut self) {
        if !self.map.names.are_shown(self.run.classes()) {
            self.map.names.last = None;
            return;
        }
        self.map.names.know(&self.run.data);
        let Some(area) = self.map_area() else {
            return;
        };
        let on = self.names_on(area);
        let last = self.map.names.last.take();
        let last = match last {
            Some((before, places)) if before == on => Some((before, places)),
            Some((before, places)) => {
                let stay = if before.window == on.window {
                    &places[..]
                } else {
                    &[]
                };
                let places = self.named(self.positions(), self.viewport(area), area, stay);
                Some((on, places))
            }
            None => {
                let places = self.named(self.positions(), self.viewport(area), area, &[]);
                Some((on, places))
            }
        };
        self.map.names.last = last;
    }

    /// Where the names stand on the current map.
    pub(crate) fn names_in(&self, area: Area) -> Cow<'_, [NamePlace]> {
        match &self.map.names.last {
            Some((on, places)) if *on == self.names_on(area) => Cow::Borrowed(places),
            _ => Cow::Owned(self.names_beside(self.positions(), self.viewport(area), area)),
        }
    }

    /// Where the names stand on a map of the same samples.
    pub(crate) fn names_beside(
        &self,
        positions: &[[f32; 2]],
        view: Viewport,
        area: Area,
    ) -> Vec<NamePlace> {
        if self.map.names.are_shown(self.run.classes()) {
            self.named(positions, view, area, &[])
        } else {
            Vec::new()
        }
    }

    /// The name of a class as the map shows it.
    pub(crate) fn name_on_map(&self, class: u16, area: Area) -> String {
        let columns = columns_of_names(area, self.run.classes());
        self.entry_name_in(usize::from(class), columns)
    }

    fn named(
        &self,
        positions: &[[f32; 2]],
        view: Viewport,
        area: Area,
        stay: &[NamePlace],
    ) -> Vec<NamePlace> {
        let classes = self.run.classes();
        if columns_of_names(area, classes) == 0 {
            return Vec::new();
        }
        let width = |class| text::width(&self.name_on_map(class, area)) as u16;
        let widths: Vec<u16> = (0..classes as u16).map(width).collect();
        let current = self.samples.selection.current.map(|sample| sample as u32);
        let selected = self.samples.selection.ids().iter().copied();
        let neighbors = self.current_neighbors().iter().map(|n| n.sample as u32);
        let wanted: Vec<u32> = current
            .into_iter()
            .chain(selected)
            .chain(neighbors)
            .collect();
        let ground = Ground {
            positions,
            sampled: &self.map.names.sampled,
            shown: &self.samples.shown,
            wanted: &wanted,
            view,
            area,
        };
        place_names(&ground, &widths, stay)
    }

    /// What the places of names depend on.
    fn names_on(&self, area: Area) -> NamesOn {
        let positions = self.positions();
        NamesOn {
            positions: (positions.as_ptr() as usize, self.run.snapshot.iteration),
            window: Window {
                area,
                camera: self.map.camera,
            },
            shown: self.samples.shown.clone(),
            selected: self.samples.selection.ids().len(),
            current: self.samples.selection.current,
        }
    }
}
