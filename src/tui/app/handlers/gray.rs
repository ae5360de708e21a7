//! Of very many classes, the map grays those that would only add to the noise: rare and hidden ones; and
//! it lights the class under the cursor, by graying all others.

use std::sync::Arc;

use crate::dataset::UNLABELED;
use crate::picture::{Coloring, Look, Winner};
use crate::tui::app::App;
use crate::tui::app::map::Grayed;
use crate::tui::app::panels::Panel;

/// With more classes than this, some are gray.
const MANY: usize = 40;
/// A class is rare if it has less than this share of what it would have if all were equally large.
const RARE: f64 = 0.5;

impl App {
    /// Finds out which classes are gray now.
    pub(crate) fn gray_classes(&mut self) {
        let classes = self.run.classes();
        let is_by_class = self.map.look.coloring == Coloring::Class;
        let labels = self
            .run
            .data
            .labels()
            .filter(|_| is_by_class && classes > MANY);
        let Some(labels) = labels else {
            self.map.grayed = None;
            return;
        };
        let lit = self.class_at_cursor();
        let is_gray = self.gray_ones(lit);
        let known = self.map.grayed.as_ref();
        if known.is_some_and(|known| {
            known.is_gray == is_gray && known.groups.len() == labels.indices().len()
        }) {
            return;
        }
        if !is_gray.contains(&true) {
            self.map.grayed = None;
            return;
        }
        let group = |class: &u16| match is_gray.get(usize::from(*class)) {
            Some(false) => *class,
            _ => UNLABELED,
        };
        self.map.grayed = Some(Grayed {
            groups: labels
                .indices()
                .iter()
                .map(group)
                .collect::<Vec<_>>()
                .into(),
            is_gray,
            lit,
        });
    }

    /// Whether each class is gray.
    fn gray_ones(&self, lit: Option<usize>) -> Vec<bool> {
        let classes = self.run.classes();
        let all: usize = self.run.counts[..classes].iter().sum();
        let few = RARE * all as f64 / classes as f64;
        let is_gray = |class: usize| match lit {
            Some(lit) => class != lit,
            None => !self.samples.shown[class] || (self.run.counts[class] as f64) < few,
        };
        (0..classes).map(is_gray).collect()
    }

    /// The class under the cursor of the Classes panel, or that of the sample under the crosshair.
    fn class_at_cursor(&self) -> Option<usize> {
        let class = if self.is_focused(Panel::Classes) {
            self.row_at_cursor(Panel::Classes)
        } else {
            let sample = self.map.crosshair.and(self.samples.selection.current)?;
            self.run.data.labels()?.class(sample)
        };
        class.filter(|class| *class < self.run.classes())
    }

    /// The class that alone has its color, if one has.
    pub(crate) fn lit_class(&self) -> Option<usize> {
        self.map.grayed.as_ref()?.lit
    }

    /// How the map is drawn: colors lie on gray.
    pub(crate) fn look(&self) -> Look {
        let winner = match self.map.grayed {
            Some(_) => Winner::Rarest,
            None => self.map.look.winner,
        };
        Look {
            winner,
            ..self.map.look
        }
    }

    /// Which classes are gray, in words; empty if none is.
    pub(crate) fn gray_remark(&self) -> String {
        let Some(grayed) = &self.map.grayed else {
            return String::new();
        };
        if let Some(lit) = grayed.lit {
            return format!(" · {} in color", self.entry_name_in(lit, 20));
        }
        let hidden = |class: usize| !self.samples.shown[class];
        let rare = (0..grayed.is_gray.len()).filter(|c| grayed.is_gray[*c] && !hidden(*c));
        match rare.count() {
            0 => " · hidden ones in gray".into(),
            1 => " · 1 rare class in gray".into(),
            rare => format!(" · {rare} rare classes in gray"),
        }
    }
}

/// The groups that a map is drawn by.
pub(super) fn groups(grayed: Option<&Grayed>) -> &[u16] {
    grayed.map_or(&[], |grayed| Arc::as_ref(&grayed.groups))
}
