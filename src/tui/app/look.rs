//! How the map is drawn: glyphs, what the colors mean, which class wins a cell, which colors.

use std::sync::Arc;

use super::{App, Camera};
use crate::dataset::Dataset;
use crate::diagnosis::Diagnosis;
use crate::palette::{ColorSet, Scale};
use crate::picture::{Coloring, Glyphs, ValueScale, Winner};
use crate::raster::{Area, Fold, Points};
use crate::tui::session::save::MapView;

/// A value per sample that can color the map.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SampleValues {
    /// The values; NaN where a sample has none.
    pub(crate) values: Arc<[f32]>,
    /// Their name and colors.
    pub(crate) scale: ValueScale,
    /// How the values of a cell become one.
    pub(crate) fold: Fold,
    /// What they mean, in words.
    pub(crate) words: &'static str,
    /// They are of the map that is shown, and say nothing of others of the same features.
    pub(crate) of_map: bool,
}

impl SampleValues {
    /// Silhouettes, of which most lie between −0.5 and 0.5.
    fn silhouettes(name: &str, values: &Arc<[f32]>, of_map: bool) -> Self {
        Self {
            values: Arc::clone(values),
            scale: ValueScale {
                name: name.into(),
                low: -0.5,
                high: 0.5,
                scale: Scale::Diverging,
            },
            fold: Fold::Mean,
            words: "below 0: nearer to another class than to its own",
            of_map,
        }
    }
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
        words: "what the classifier gives to the label",
        of_map: false,
    }]
}

/// What the diagnosis knows of each sample in the features.
fn values_of_features(diagnosis: &Diagnosis) -> Vec<SampleValues> {
    let silhouettes = diagnosis.sample_silhouettes.features.iter();
    let mut values: Vec<SampleValues> = silhouettes
        .map(|values| SampleValues::silhouettes("silhouette in the features", values, false))
        .collect();
    let suspects = diagnosis
        .suspects
        .as_ref()
        .filter(|s| !s.probabilities.is_empty());
    values.extend(suspects.map(|suspects| SampleValues {
        values: suspects.probabilities[..].into(),
        scale: ValueScale {
            name: "suspicion".into(),
            low: 0.0,
            high: 1.0,
            scale: Scale::Sequential,
        },
        // One suspect among many is to be seen.
        fold: Fold::Greatest,
        words: "probability that the tag is wrong, the greatest of a cell",
        of_map: false,
    }));
    values
}

/// The element after or before another in a cycle.
fn next<T: Copy + PartialEq>(all: &[T], present: T, by: i8) -> T {
    let at = all.iter().position(|one| *one == present).unwrap_or(0) as isize;
    all[(at + isize::from(by)).rem_euclid(all.len().max(1) as isize) as usize]
}

/// What the diagnosis knows of each sample's place in the map.
fn values_of_map(diagnosis: &Diagnosis) -> Vec<SampleValues> {
    let silhouettes = diagnosis.sample_silhouettes.map.iter();
    let mut all: Vec<SampleValues> = silhouettes
        .map(|values| SampleValues::silhouettes("silhouette in the map", values, true))
        .collect();
    let fidelity = diagnosis.fidelity.as_ref();
    let Some(points) = fidelity.and_then(|fidelity| fidelity.points.as_ref()) else {
        return all;
    };
    let fidelity = [
        (
            "trustworthiness",
            &points.trustworthiness,
            "low: neighbors in the map that are none in the features",
        ),
        (
            "continuity",
            &points.continuity,
            "low: neighbors in the features that the map has torn away",
        ),
    ]
    .map(|(name, values, words)| SampleValues {
        values: values[..].into(),
        scale: ValueScale {
            name: name.into(),
            low: 0.5,
            high: 1.0,
            scale: Scale::Diverging,
        },
        fold: Fold::Mean,
        words,
        of_map: true,
    });
    all.extend(fidelity);
    all
}

impl App {
    /// Takes in the values of a new diagnosis, those of the map only if it is the present one.
    pub(crate) fn take_values(&mut self) {
        let mut values = Vec::new();
        let diagnosis = self.run.diagnosis.as_deref();
        values.extend(diagnosis.into_iter().flat_map(values_of_features));
        values.extend(values_of(&self.run.data));
        let of_map = diagnosis.filter(|_| self.map_figures_hold());
        values.extend(of_map.into_iter().flat_map(values_of_map));
        self.map.values = values;
    }

    /// What the colors can mean with the present data; values with their name.
    pub(super) fn colorings(&self) -> Vec<(Coloring, &str)> {
        let mut all = vec![(Coloring::Class, "")];
        if self.classes() > 0 {
            all.push((Coloring::Mixing, ""));
        }
        all.push((Coloring::Density, ""));
        if !self.run.outcomes.is_empty() {
            all.push((Coloring::Outcome, ""));
        }
        let values = self.map.values.iter();
        all.extend(values.map(|values| (Coloring::Value, values.scale.name.as_str())));
        all
    }

    /// The next thing that the colors can mean.
    pub(super) fn next_coloring(&mut self, by: i8) {
        let by_value = self.map.look.coloring == Coloring::Value;
        let name = if by_value {
            self.map.value.as_str()
        } else {
            ""
        };
        let (coloring, name) = next(&self.colorings(), (self.map.look.coloring, name), by);
        let name = name.to_owned();
        self.map.look.coloring = coloring;
        self.map.value = name;
        let back = self.key(if by < 0 {
            "next-coloring"
        } else {
            "previous-coloring"
        });
        self.say_coloring(Some(&back));
    }

    /// Says what the colors mean, and what goes back if they meant something else before.
    pub(super) fn say_coloring(&mut self, back: Option<&str>) {
        let what = match self.map.look.coloring {
            Coloring::Class => "the class".to_owned(),
            Coloring::Mixing => "how many classes share a place".into(),
            Coloring::Density => "how many samples share a place".into(),
            Coloring::Outcome => "right and wrong predictions".into(),
            Coloring::Value => self.colored_by().map_or_else(String::new, |values| {
                format!("{} ({})", values.scale.name, values.words)
            }),
        };
        let back = back.map_or_else(String::new, |back| format!("; {back} goes back"));
        self.say(format!("colors: {what}{back}"));
    }

    /// The values that color the map, if any do.
    pub(crate) fn colored_by(&self) -> Option<&SampleValues> {
        let by_value = self.map.look.coloring == Coloring::Value;
        let wanted = |values: &&SampleValues| by_value && values.scale.name == self.map.value;
        self.map.values.iter().find(wanted)
    }

    /// True if the values that color the map are of the samples in features that other maps show,
    /// too.
    pub(crate) fn are_values_of_samples(&self) -> bool {
        let of_set = self.map.multiples.kind == super::maps::Kind::Perplexities;
        self.colored_by()
            .is_some_and(|values| !values.of_map && of_set)
    }

    /// The next glyphs.
    pub(super) fn next_glyphs(&mut self) {
        self.map.look.glyphs = next(&Glyphs::ALL, self.map.look.glyphs, 1);
        self.say_glyphs();
    }

    /// Says what the map is drawn with.
    pub(super) fn say_glyphs(&mut self) {
        let what = match self.map.look.glyphs {
            Glyphs::Octant => "octants; if boxes or gaps are shown, the font lacks them",
            Glyphs::Braille => "braille",
            Glyphs::HalfBlock => "half blocks",
            Glyphs::Ascii => "ASCII",
            Glyphs::Letters => "the letters of the classes",
        };
        let on = self.key("glyphs");
        self.say(format!("{what}; {on} goes on, :glyphs braille goes back"));
    }

    /// Majority or rarest.
    pub(crate) fn switch_winner(&mut self) {
        self.map.look.winner = match self.map.look.winner {
            Winner::Majority => Winner::Rarest,
            Winner::Rarest => Winner::Majority,
        };
        let what = match self.map.look.winner {
            Winner::Majority => "cells have the color of their majority",
            Winner::Rarest => {
                "cells have the color of the rarest class in them: none is hidden, areas mislead"
            }
        };
        let back = self.key("winner");
        self.say(format!("{what}; {back} goes back"));
    }

    /// The next set of colors.
    pub(super) fn next_color_set(&mut self) {
        let set = next(&ColorSet::ALL, self.palette.set(), 1);
        self.palette = self.palette.with_set(set);
        self.say_color_set();
    }

    /// Says which colors the classes have.
    pub(super) fn say_color_set(&mut self) {
        self.say(format!(
            "colors: {} ({} classes have their own); {} goes on",
            self.palette.set().name(),
            self.palette.distinct(),
            self.key("palette")
        ));
    }

    /// How the map looks, for a picture of it.
    pub(crate) fn map_view(&self) -> MapView {
        let area = self.map_area().unwrap_or_else(|| Area::new(80, 24));
        let window = match self.map.camera {
            Camera::Fit => None,
            Camera::Free(viewport) => Some(viewport),
        };
        let by_outcome = self.map.look.coloring == Coloring::Outcome;
        MapView {
            look: self.map.look,
            palette: self.palette,
            window,
            area,
            shown: self.samples.shown.clone(),
            groups: if by_outcome {
                Arc::clone(&self.run.outcomes)
            } else {
                Arc::default()
            },
            values: self.colored_by().cloned(),
            small_print: self.small_print(),
        }
    }

    /// What the map is of and how it was made, in one line.
    fn small_print(&self) -> String {
        let mut parts = vec![
            format!("disentangle {}", env!("CARGO_PKG_VERSION")),
            format!(
                "{} × {}",
                self.run.data.samples(),
                self.run.data.dimensions()
            ),
        ];
        if self.run.snapshot.is_map {
            let perplexity = super::ladder::shown(self.run.snapshot.perplexity);
            parts.push(format!("t-SNE perplexity {perplexity}"));
            parts.push(format!("{} iterations", self.run.snapshot.iteration));
            parts.extend(
                self.run
                    .snapshot
                    .kl_divergence
                    .map(|kl| format!("KL {kl:.3}")),
            );
            parts.push(format!("seed {}", self.run.snapshot.seed));
        }
        parts.join(" · ")
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
