//! How the map is drawn: glyphs, what the colors mean, which class wins a cell, which colors.

use std::sync::Arc;

use super::App;
use crate::dataset::Dataset;
use crate::palette::{ColorSet, Scale};
use crate::picture::{Coloring, Glyphs, ValueScale, Winner};
use crate::raster::{Fold, Points};

/// A value per sample that can color the map.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SampleValues {
    /// The values; NaN where a sample has none.
    pub(crate) values: Arc<[f32]>,
    /// Their name and colors.
    pub(crate) scale: ValueScale,
    /// How the values of a cell become one.
    pub(crate) fold: Fold,
}

/// What the data itself brings: the probability that the classifier gives to each sample's label.
pub(super) fn values_of(data: &Dataset) -> Vec<SampleValues> {
    let (Some(labels), Some(probabilities)) = (data.labels(), data.probabilities()) else {
        return Vec::new();
    };
    let values = (0..data.samples()).map(|sample| {
        let class = labels.class(sample);
        let value = class.and_then(|class| probabilities.get([sample, class]));
        value.copied().unwrap_or(f32::NAN)
    });
    vec![SampleValues {
        values: values.collect(),
        scale: ValueScale {
            name: "probability of the label".into(),
            low: 0.0,
            high: 1.0,
            scale: Scale::Diverging,
        },
        fold: Fold::Mean,
    }]
}

/// The element after or before another in a cycle.
fn next<T: Copy + PartialEq>(all: &[T], present: T, by: i8) -> T {
    let at = all.iter().position(|one| *one == present).unwrap_or(0) as isize;
    all[(at + isize::from(by)).rem_euclid(all.len().max(1) as isize) as usize]
}

impl App {
    /// What the colors can mean with the present data; values with their number.
    fn colorings(&self) -> Vec<(Coloring, usize)> {
        let mut all = vec![(Coloring::Class, 0)];
        if self.classes() > 0 {
            all.push((Coloring::Mixing, 0));
        }
        all.push((Coloring::Density, 0));
        if !self.outcomes.is_empty() {
            all.push((Coloring::Outcome, 0));
        }
        all.extend((0..self.values.len()).map(|value| (Coloring::Value, value)));
        all
    }

    /// The next thing that the colors can mean.
    pub(super) fn next_coloring(&mut self, by: i8) {
        let present = (self.look.coloring, self.value);
        (self.look.coloring, self.value) = next(&self.colorings(), present, by);
        self.say(match self.look.coloring {
            Coloring::Class => "colors: the class".to_owned(),
            Coloring::Mixing => "colors: how many classes share a place".into(),
            Coloring::Density => "colors: how many samples share a place".into(),
            Coloring::Outcome => "colors: right and wrong predictions".into(),
            Coloring::Value => {
                let name = self.colored_by().map_or("", |values| &values.scale.name);
                format!("colors: {name}")
            }
        });
    }

    /// The values that color the map, if any do.
    pub(crate) fn colored_by(&self) -> Option<&SampleValues> {
        let by_value = self.look.coloring == Coloring::Value;
        self.values.get(self.value).filter(|_| by_value)
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

    /// The points with the values that color them.
    pub(crate) fn colored_points(&self) -> Points<'_> {
        let points = self.points();
        match self.colored_by() {
            Some(colored) => Points {
                values: &colored.values,
                fold: colored.fold,
                ..points
            },
            None => points,
        }
    }
}
