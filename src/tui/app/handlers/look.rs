//! How the map is drawn: glyphs, what the colors mean, which class wins a cell, which colors.

use std::sync::Arc;

use crate::palette::ColorSet;
use crate::picture::{Coloring, Glyphs, Winner};
use crate::raster::{Area, Points};
use crate::tui::app::App;
use crate::tui::app::action::{Action, Direction, LookAction, Pick};
use crate::tui::app::ladder::shown;
use crate::tui::app::map::MapView;
use crate::tui::app::maps::{Camera, Kind};
use crate::tui::app::named::View;
use crate::tui::app::values::{
    SampleValues, value_of_stability, values_of, values_of_features, values_of_map,
};

impl App {
    /// Takes in the values of a new diagnosis, those of the map only if it is the current one.
    pub(crate) fn take_values(&mut self) {
        let mut values = Vec::new();
        let diagnosis = self.run.diagnosis.as_deref();
        values.extend(diagnosis.into_iter().flat_map(values_of_features));
        values.extend(values_of(&self.run.data));
        values.extend(self.stability().map(value_of_stability));
        let of_map = diagnosis.filter(|_| self.run.map_figures_hold());
        values.extend(of_map.into_iter().flat_map(values_of_map));
        self.map.values = values;
    }

    /// What the colors can mean with the current data; values with their name.
    pub(crate) fn colorings(&self) -> Vec<(Coloring, &str)> {
        let mut all = vec![(Coloring::Class, "")];
        if self.run.classes() > 0 {
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

    /// Does what the user wants of the look.
    pub(crate) fn act_on_look(&mut self, action: LookAction) {
        match action {
            LookAction::Glyphs(pick) => {
                self.map.look.glyphs = pick.of(&Glyphs::ALL, self.map.look.glyphs);
                self.say_glyphs();
            }
            LookAction::Coloring(pick) => self.color_by(pick),
            LookAction::Winner(pick) => self.take_winner(pick),
            LookAction::ColorSet(pick) => {
                let set = pick.of(&ColorSet::ALL, self.palette.set());
                self.palette = self.palette.with_set(set);
                self.say_color_set();
            }
            LookAction::Theme(theme) => {
                self.palette = self.palette.in_theme(theme);
                self.say(format!("theme: {}", theme.name()));
            }
            LookAction::NeighborLines(pick) => self.show_neighbor_lines(pick),
            LookAction::Trails(pick) => self.show_trails(pick),
            LookAction::Names(pick) => self.show_names(pick),
        }
    }

    /// Shows a view that was kept.
    pub(crate) fn show_view(&mut self, view: View) {
        self.map.camera = view.camera;
        self.map.look = view.look;
        self.map.value = view.value;
        self.samples.remember("showing a view");
        // A view from before clusters were found says nothing of their classes.
        if view.shown.len() == self.samples.shown.len() {
            self.samples.shown.clone_from(&view.shown);
        }
        self.samples.forget_if_unchanged();
    }

    /// Lines to the neighbors, or none.
    fn show_neighbor_lines(&mut self, pick: Pick<bool>) {
        self.map.neighbor_lines = pick.of(&[false, true], self.map.neighbor_lines);
        let text = match (self.map.neighbor_lines, self.samples.selection.current) {
            (true, Some(_)) => {
                "lines to the nearest neighbors in the features: ○ same label, × another".to_owned()
            }
            (true, None) => format!(
                "lines to the nearest neighbors in the features, once there is a crosshair ({})",
                self.key(Action::CROSSHAIR)
            ),
            (false, _) => "lines to the nearest neighbors hidden".to_owned(),
        };
        self.say(text);
    }

    /// What the colors mean now, by its place among [`colorings`](Self::colorings).
    fn coloring_place(&self) -> usize {
        let (coloring, value) = (self.map.look.coloring, &self.map.value);
        let is_current = |(other, name): &(Coloring, &str)| {
            *other == coloring && (coloring != Coloring::Value || *name == value)
        };
        self.colorings().iter().position(is_current).unwrap_or(0)
    }

    /// Lets the colors mean another thing, and says what leads back.
    fn color_by(&mut self, pick: Pick<usize>) {
        let before = self.coloring_place();
        let back = match pick {
            Pick::Next(to) => {
                let back = Pick::Next(to.opposite());
                Some(self.key(Action::Look(LookAction::Coloring(back))))
            }
            Pick::This(at) => {
                let names = self.coloring_names();
                let name = names.get(before).map_or("class", String::as_str);
                (at != before).then(|| format!(":color {name}"))
            }
        };
        let places: Vec<usize> = (0..self.colorings().len()).collect();
        let chosen = self.colorings().get(pick.of(&places, before)).copied();
        if let Some((coloring, value)) = chosen.map(|(c, value)| (c, value.to_owned())) {
            (self.map.look.coloring, self.map.value) = (coloring, value);
            self.say_coloring(back.as_deref());
        }
    }

    /// What the colors can mean, by name.
    pub(crate) fn coloring_names(&self) -> Vec<String> {
        let name = |(coloring, value): &(Coloring, &str)| match coloring {
            Coloring::Class => "class".to_owned(),
            Coloring::Mixing => "mixing".into(),
            Coloring::Density => "density".into(),
            Coloring::Outcome => Coloring::Outcome.name().into(),
            Coloring::Value => (*value).to_owned(),
        };
        self.colorings().iter().map(name).collect()
    }

    /// Says what the colors mean, and what goes back if they meant something else before.
    fn say_coloring(&mut self, back: Option<&str>) {
        let what = match self.map.look.coloring {
            Coloring::Class => "the class".to_owned(),
            Coloring::Mixing => "how many classes share a place".into(),
            Coloring::Density => "how many samples share a place".into(),
            Coloring::Outcome => "right and wrong predictions".into(),
            Coloring::Value => self.colored_by().map_or_else(String::new, |values| {
                format!("{} ({})", values.scale.name, values.words)
            }),
        };
        let back = back.map_or_else(String::new, |back| format!("; {back} to go back"));
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
        let of_set = self.map.multiples.kind == Kind::Perplexities;
        self.colored_by()
            .is_some_and(|values| !values.of_map && of_set)
    }

    /// Says what the map is drawn with.
    fn say_glyphs(&mut self) {
        let what = match self.map.look.glyphs {
            Glyphs::Octant => "octants; if you see boxes or gaps, the font lacks them",
            Glyphs::Braille => "braille",
            Glyphs::HalfBlock => "half blocks",
            Glyphs::Ascii => "ASCII",
            Glyphs::Letters => "the letters of the classes",
        };
        let on = self.key_to_next(LookAction::Glyphs);
        self.say(format!(
            "{what}; {on} for the next, :glyphs braille to go back"
        ));
    }

    /// The key that leads to the next of several possibilities.
    fn key_to_next<T>(&self, action: fn(Pick<T>) -> LookAction) -> String {
        self.key(Action::Look(action(Pick::Next(Direction::Forward))))
    }

    /// Majority or rarest.
    fn take_winner(&mut self, pick: Pick<Winner>) {
        let both = [Winner::Majority, Winner::Rarest];
        self.map.look.winner = pick.of(&both, self.map.look.winner);
        let what = match self.map.look.winner {
            Winner::Majority => "each cell has the color of its most frequent class",
            Winner::Rarest => {
                "each cell has the color of its rarest class: no class is hidden, but areas mislead"
            }
        };
        let back = self.key_to_next(LookAction::Winner);
        self.say(format!("{what}; {back} to go back"));
    }

    /// Says which colors the classes have.
    fn say_color_set(&mut self) {
        self.say(format!(
            "colors: {} ({} distinct ones); {} for the next set",
            self.palette.set().name(),
            self.palette.distinct(),
            self.key_to_next(LookAction::ColorSet)
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
            look: self.look(),
            palette: self.palette,
            window,
            turn: self.map.turn.now,
            area,
            names: self.map.names.are_shown(self.run.classes()),
            shown: match self.map.grayed {
                Some(_) => vec![true; self.samples.shown.len()],
                None => self.samples.shown.clone(),
            },
            groups: match &self.map.grayed {
                _ if by_outcome => Arc::clone(&self.run.outcomes),
                Some(grayed) => Arc::clone(&grayed.groups),
                None => Arc::default(),
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
            let perplexity = shown(self.run.snapshot.perplexity);
            parts.push(format!("t-SNE perplexity {perplexity}"));
            parts.push(format!("{} iterations", self.run.snapshot.iteration));
            let divergence = self.run.snapshot.kl_divergence;
            parts.extend(divergence.map(|kl| format!("KL {kl:.3}")));
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
