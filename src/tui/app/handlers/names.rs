//! The names of the classes on the map: where they stand after each message.

use std::borrow::Cow;

use crate::raster::names::{Ground, NamePlace, place_names};
use crate::raster::{Area, Viewport};
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::Pick;
use crate::tui::app::names::{NamesOn, RoomFor, Window, widest_that_fits};

impl App {
    /// Shows the names of the classes on the map, or hides them.
    pub(crate) fn show_names(&mut self, pick: Pick<bool>) {
        let has_room = |area: Area| self.columns_of_names(area) > 0;
        let now =
            self.map.names.are_shown(self.run.classes()) && self.map_area().is_none_or(has_room);
        let wanted = pick.of(&[false, true], now);
        self.map.names.wanted = Some(wanted);
        self.say(match (wanted, self.run.classes()) {
            (true, 0) => "there are no classes to name",
            (true, _) => "class names shown on the map",
            (false, _) => "class names hidden",
        });
    }

    /// Puts the names where the classes are now; they move only if they must.
    pub(crate) fn place_names(&mut self) {
        if !self.has_names() {
            self.map.names.last = None;
            return;
        }
        self.map.names.know(&self.run.data);
        let Some(area) = self.map_area() else {
            return;
        };
        self.write_names(area);
        let on = self.names_on(area);
        let last = self.map.names.last.take();
        let places = match &last {
            Some((before, _)) if *before == on => {
                self.map.names.last = last;
                return;
            }
            Some((before, places)) if before.window == on.window => &places[..],
            _ => &[],
        };
        let places = self.named(self.positions(), self.viewport(area), area, places);
        self.map.names.last = Some((on, places));
    }

    /// True if a class is named on the map.
    fn has_names(&self) -> bool {
        self.map.names.are_shown(self.run.classes()) || self.lit_class().is_some()
    }

    /// What the room for names on a map of this size depends on.
    fn room_for(&self, area: Area) -> RoomFor {
        RoomFor {
            area,
            named: self.lit_class().map_or_else(|| self.run.classes(), |_| 1),
            are_asked_for: self.map.names.wanted == Some(true) || self.lit_class().is_some(),
        }
    }

    /// The most columns of a name on a map of this size.
    fn columns_of_names(&self, area: Area) -> usize {
        let room = self.room_for(area);
        if let Some((_, columns)) = self.map.names.room.filter(|(known, _)| *known == room) {
            return columns;
        }
        let width = |class| text::width(&self.entry_name(class));
        let widths: Vec<usize> = match self.lit_class() {
            Some(class) => vec![width(class)],
            None => (0..self.run.classes()).map(width).collect(),
        };
        widest_that_fits(area, &widths, room.are_asked_for)
    }

    /// Shortens the names for a map of this size, unless that is done.
    fn write_names(&mut self, area: Area) {
        let classes = self.run.classes();
        let columns = self.columns_of_names(area);
        self.map.names.room = Some((self.room_for(area), columns));
        if self.map.names.written.0 != columns {
            let name = |class| self.entry_name_in(class, columns);
            self.map.names.written = (columns, (0..classes).map(name).collect());
        }
    }

    /// Where the names stand on the current map.
    pub(crate) fn names_in(&self, area: Area) -> Cow<'_, [NamePlace]> {
        match &self.map.names.last {
            Some((on, places)) if *on == self.names_on(area) => Cow::Borrowed(places),
            _ => Cow::Owned(self.names_beside(self.positions(), self.viewport(area), area)),
        }
    }

    /// Where the names stand on a map of the same samples: afresh, whatever moved.
    pub(crate) fn names_beside(
        &self,
        positions: &[[f32; 2]],
        view: Viewport,
        area: Area,
    ) -> Vec<NamePlace> {
        if self.has_names() {
            self.named(positions, view, area, &[])
        } else {
            Vec::new()
        }
    }

    /// The name of a class as a map of this size shows it.
    pub(crate) fn name_on_map(&self, class: u16, area: Area) -> Cow<'_, str> {
        let class = usize::from(class);
        let columns = self.columns_of_names(area);
        let (known, names) = &self.map.names.written;
        match names.get(class).filter(|_| *known == columns) {
            Some(name) => Cow::Borrowed(name),
            None => Cow::Owned(self.entry_name_in(class, columns)),
        }
    }

    fn named(
        &self,
        positions: &[[f32; 2]],
        view: Viewport,
        area: Area,
        stay: &[NamePlace],
    ) -> Vec<NamePlace> {
        let classes = self.run.classes();
        if self.columns_of_names(area) == 0 {
            return Vec::new();
        }
        // Where not all are named, the one under the cursor is.
        let only = self.lit_class();
        let is_named = |class: u16| {
            let all = self.map.names.are_shown(classes) && only.is_none();
            all || only == Some(usize::from(class))
        };
        let width = |class: u16| {
            if is_named(class) {
                text::width(&self.name_on_map(class, area)) as u16
            } else {
                0
            }
        };
        let widths: Vec<u16> = (0..classes as u16).map(width).collect();
        let current = self.samples.selection.current.into_iter();
        let neighbors = self.current_neighbors().iter().map(|n| n.sample);
        let mut wanted: Vec<u32> = current.chain(neighbors).map(|s| s as u32).collect();
        if let Some(lit) = only {
            wanted.extend(self.map.names.sampled.of_class(lit));
        }
        let ground = Ground {
            positions,
            sampled: &self.map.names.sampled,
            shown: if only.is_some() {
                &[]
            } else {
                &self.samples.shown
            },
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
                turn: self.map.turn.now,
            },
            wanted: self.map.names.wanted,
            shown: self.samples.shown.clone(),
            lit: self.lit_class(),
            current: [
                self.samples.selection.current,
                self.samples.evidence.as_ref().map(|e| e.sample),
            ],
            k: self.run.table_k,
        }
    }
}
