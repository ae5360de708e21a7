//! From a number in a table to the samples behind it: what Enter does on a pair of classes, and on a cell
//! of the neighbor table.

use crate::statistics::NeighborLabels;
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::{Action, Effect};
use crate::tui::app::panels::{Panel, Space};
use crate::tui::app::selection::Join;

impl App {
    /// The labels of the neighbors of each sample, as far as they are known.
    fn neighbor_labels(&self, space: Space) -> Option<&NeighborLabels> {
        let known = &self.run.diagnosis.as_deref()?.neighbor_labels;
        match space {
            Space::Features => known[0].as_deref(),
            Space::Map => known[1].as_deref().filter(|_| self.run.map_figures_hold()),
        }
    }

    /// The pair of classes under the cursor of its panel.
    fn pair_at_cursor(&self) -> Option<(usize, usize)> {
        let pairs = self.run.diagnosis.as_deref()?.pairs.as_ref()?;
        let at = self.row_at_cursor(Panel::Pairs)?;
        pairs.listed.get(at).map(|pair| pair.classes)
    }

    /// The two classes that stand out on the map: those under the cursor of the Pairs panel, while it has
    /// the focus.
    pub(crate) fn lit_pair(&self) -> Option<(usize, usize)> {
        let is_wanted = self.panels.follows && self.is_focused(Panel::Pairs);
        self.pair_at_cursor().filter(|_| is_wanted)
    }

    /// Shows only the two classes under the cursor, and selects the samples of each that lie on the
    /// other's side.
    pub(crate) fn select_pair(&mut self) -> Vec<Effect> {
        let Some((a, b)) = self.pair_at_cursor() else {
            self.say("there is no pair to show");
            return Vec::new();
        };
        let known = self.neighbor_labels(Space::Features);
        let mixed = known.map(|known| known.across((a as u16, b as u16)));
        let names = [a, b].map(|class| self.class_named(class, 20));
        let names = format!("{} and {}", names[0], names[1]);
        self.samples.remember(format!("showing {names} only"));
        for (at, shown) in self.samples.shown.iter_mut().enumerate() {
            *shown = at == a || at == b;
        }
        if let Some(mixed) = &mixed {
            self.samples.selection.join(mixed, Join::Replace);
        }
        self.samples.forget_if_unchanged();
        let (undo, all) = (self.key(Action::UNDO), self.key(Action::ShowAll));
        let selected = match mixed.as_deref() {
            None => "their neighbors are still being counted".into(),
            Some([]) => "no sample lies on the other class's side".into(),
            Some([_]) => "1 sample on the other class's side selected".into(),
            Some(ids) => format!(
                "{} samples on the other class's side selected",
                text::count(ids.len())
            ),
        };
        self.say(format!(
            "only {names} shown; {selected}; {undo} undoes, {all} shows all"
        ));
        Vec::new()
    }

    /// Selects the samples behind the cell under the cursor of the neighbor table.
    pub(crate) fn select_cell(&mut self) -> Vec<Effect> {
        let classes = self.run.classes();
        let (columns, row) = {
            let content = self.content(Panel::Neighbors);
            (content.cells.len(), self.row_at_cursor(Panel::Neighbors))
        };
        let Some(class) = row.filter(|_| columns > 0) else {
            return Vec::new();
        };
        let column = self.state(Panel::Neighbors).column.min(columns - 1);
        // The table of the map stands beside that of the features where both fit.
        let space = match (columns > classes, column >= classes) {
            (false, _) => self.panels.space,
            (true, false) => Space::Features,
            (true, true) => Space::Map,
        };
        let label = column % classes;
        let Some(known) = self.neighbor_labels(space) else {
            self.say("neighbors are still being counted");
            return Vec::new();
        };
        let ids = known.with_neighbors(class as u16, label as u16);
        let [name, other] = [class, label].map(|class| self.entry_name_in(class, 20));
        let place = match space {
            Space::Features => "in the features",
            Space::Map => "on the map",
        };
        self.select_only(
            &format!("{name} with neighbors labeled {other} {place}"),
            &ids,
        );
        Vec::new()
    }

    /// Selects these samples in place of others; if they are what is selected, nothing.
    pub(crate) fn select_only(&mut self, what: &str, ids: &[u32]) {
        if ids.is_empty() {
            self.say(format!("{what}: no samples"));
        } else if self.samples.selection.ids() == ids {
            self.clear_selection();
        } else {
            self.samples.remember(format!("selecting {what}"));
            self.samples.selection.join(ids, Join::Replace);
            let (count, undo) = (text::count(ids.len()), self.key(Action::UNDO));
            self.say(format!("{what}: {count} selected; {undo} undoes"));
        }
    }
}
