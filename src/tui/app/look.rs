//! How the map is drawn: glyphs, what the colors mean, which class wins a cell, which colors.

use super::App;
use crate::palette::ColorSet;
use crate::picture::{Coloring, Glyphs, ValueScale, Winner};
use crate::raster::{Fold, Points};

/// The element after or before another in a cycle.
fn next<T: Copy + PartialEq>(all: &[T], present: T, by: i8) -> T {
    let at = all.iter().position(|one| *one == present).unwrap_or(0) as isize;
    all[(at + isize::from(by)).rem_euclid(all.len().max(1) as isize) as usize]
}

impl App {
    /// What the colors can mean with the present data.
    fn colorings(&self) -> Vec<Coloring> {
        let has_classes = self.classes() > 0;
        Coloring::ALL
            .into_iter()
            .filter(|coloring| match coloring {
                Coloring::Class | Coloring::Density => true,
                Coloring::Mixing => has_classes,
                Coloring::Outcome => !self.outcomes.is_empty(),
                Coloring::Value => self.value_scale().is_some(),
            })
            .collect()
    }

    /// The next thing that the colors can mean.
    pub(super) fn next_coloring(&mut self, by: i8) {
        self.look.coloring = next(&self.colorings(), self.look.coloring, by);
        self.say(match self.look.coloring {
            Coloring::Class => "colors: the class",
            Coloring::Mixing => "colors: how many classes share a place",
            Coloring::Density => "colors: how many samples share a place",
            Coloring::Outcome => "colors: right and wrong predictions",
            Coloring::Value => "colors: the value of the samples",
        });
    }

    /// The next glyphs.
    pub(super) fn next_glyphs(&mut self) {
        self.look.glyphs = next(&Glyphs::ALL, self.look.glyphs, 1);
        self.say(match self.look.glyphs {
            Glyphs::Octant => "octants; if boxes or gaps are shown, the font lacks them: g goes on",
            Glyphs::Braille => "braille",
            Glyphs::HalfBlock => "half blocks",
            Glyphs::Ascii => "ASCII",
            Glyphs::Letters => "the letters of the classes",
        });
    }

    /// Majority or rarest.
    pub(super) fn switch_winner(&mut self) {
        self.look.winner = match self.look.winner {
            Winner::Majority => Winner::Rarest,
            Winner::Rarest => Winner::Majority,
        };
        self.say(match self.look.winner {
            Winner::Majority => "cells have the color of their majority",
            Winner::Rarest => {
                "cells have the color of the rarest class in them: none is hidden, areas mislead"
            }
        });
    }

    /// The next set of colors.
    pub(super) fn next_color_set(&mut self) {
        let set = next(&ColorSet::ALL, self.palette.set(), 1);
        self.palette = self.palette.with_set(set);
        self.say(format!(
            "colors: {} ({} classes have their own)",
            set.name(),
            self.palette.distinct()
        ));
    }

    /// The values that can color the map, one per sample, and their scale.
    pub(crate) fn value_scale(&self) -> Option<ValueScale> {
        None
    }

    /// The points with the values that color them.
    pub(crate) fn colored_points(&self) -> Points<'_> {
        Points {
            fold: Fold::Mean,
            ..self.points()
        }
    }
}
