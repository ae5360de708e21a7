//! Several maps at once, as they are drawn: where each stands, what its title says, and why one has
//! nothing to show.

use ratatui::layout::Rect;

use crate::diagnosis::Diagnosis;
use crate::run::{Activity, Snapshot};
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::{Action, Direction};
use crate::tui::app::ladder::shown;
use crate::tui::app::layout::Layout;
use crate::tui::app::maps::{self, Camera, MapId, Source};

impl App {
    /// Where the maps stand, if there are several and they fit.
    pub(crate) fn facet_places(&self, screen: &Layout) -> Option<Vec<Rect>> {
        let map = screen.map.filter(|_| self.map.multiples.are_several())?;
        let legend = u16::from(!self.run.counts.is_empty());
        let area = Rect {
            height: map.height.saturating_sub(legend),
            ..map
        };
        maps::arrange(area, self.map.multiples.facets.len())
    }

    /// The frame of the current map.
    pub(crate) fn map_frame(&self, screen: &Layout) -> Option<Rect> {
        match self.facet_places(screen) {
            Some(places) => places.get(self.map.multiples.focus).copied(),
            None => screen.map,
        }
    }

    /// What stands in the frame of one of several maps: in short words if long ones do not fit.
    pub(crate) fn facet_title(&self, place: usize, columns: usize) -> String {
        let title = self.title_in(place, true);
        if text::width(&title) <= columns {
            title
        } else {
            self.title_in(place, false)
        }
    }

    fn title_in(&self, place: usize, long: bool) -> String {
        let Some(facet) = self.map.multiples.facets.get(place) else {
            return String::new();
        };
        let is_current = place == self.map.multiples.focus;
        let silhouettes = self.silhouettes_of(facet.source, is_current, long);
        let name = match facet.source {
            Source::Map(MapId { perplexity, seed }) => {
                let begins = if is_current && !self.run.snapshot.is_map {
                    " · principal components"
                } else {
                    ""
                };
                format!("{}, seed {seed}{begins}", perplexity_in(perplexity, long))
            }
            Source::Set(set) => {
                let snapshot = if is_current {
                    Some(&*self.run.snapshot)
                } else {
                    self.aside(set).map(|(_, snapshot, _)| snapshot)
                };
                let is_brief = !long && !silhouettes.is_empty();
                let state = snapshot.map_or_else(String::new, |s| state_of(s, long, is_brief));
                format!("{}{state}", self.set_name(set))
            }
        };
        format!("{name}{silhouettes}")
    }

    /// The mean silhouettes of one of several maps, for its title; empty if they are not known.
    fn silhouettes_of(&self, source: Source, is_current: bool, long: bool) -> String {
        let of_map = |d: &Diagnosis| {
            d.silhouette
                .in_map()
                .filter(|_| !is_current || self.run.map_figures_hold())
        };
        let known = self.known(source);
        let diagnosis = if is_current {
            self.run.diagnosis.as_deref()
        } else {
            known.and_then(|known| known.diagnosis)
        };
        let figures = diagnosis.and_then(|d| Some((d.silhouette.in_features()?, of_map(d))));
        let Some((features, map)) = figures else {
            return String::new();
        };
        let features = text::decimal(Some(features));
        let map = map.map(|map| text::decimal(Some(map)));
        match (map, long) {
            (Some(map), true) => format!(" · silhouette: features {features}, map {map}"),
            (Some(map), false) => format!(" · silh. feat {features}, map {map}"),
            (None, true) => format!(" · silhouette: features {features}"),
            (None, false) => format!(" · silh. feat {features}"),
        }
    }

    /// Why one of several maps has nothing to show.
    pub(crate) fn facet_lack(&self, place: usize) -> String {
        let Some(facet) = self.map.multiples.facets.get(place) else {
            return String::new();
        };
        let next = self.key(Action::NextMap(Direction::Forward));
        match facet.source {
            Source::Map(_) => {
                format!("Not computed yet: press {next} or click here to compute it.")
            }
            Source::Set(set) => {
                let multiples = &self.map.multiples;
                match multiples.failed.iter().find(|(failed, _)| *failed == set) {
                    Some((_, reason)) => format!("Cannot be read: {reason}"),
                    None if multiples.working == Some(set) => "Reading the file …".into(),
                    None => {
                        format!(
                            "Not computed yet: this map will be computed in the background once the current \
                             one has stopped. Press {next} or click here to compute it now."
                        )
                    }
                }
            }
        }
    }

    /// The camera of one of several maps.
    pub(crate) fn facet_camera(&self, place: usize) -> Camera {
        let facet = self.map.multiples.facets.get(place);
        facet.map_or(Camera::Fit, |facet| facet.camera)
    }
}

fn perplexity_in(perplexity: f64, long: bool) -> String {
    let word = if long { "perplexity" } else { "perpl." };
    format!("{word} {}", shown(perplexity))
}

/// What a map in the making is at, for its title; in brief, nothing about a finished one.
fn state_of(snapshot: &Snapshot, long: bool, is_brief: bool) -> String {
    if !snapshot.is_map {
        return " · principal components".into();
    }
    let perplexity = perplexity_in(snapshot.perplexity, long);
    match snapshot.activity {
        Activity::Finished | Activity::Still if is_brief => String::new(),
        Activity::Finished | Activity::Still => format!(" · {perplexity}"),
        _ => format!(
            " · {perplexity} · {}/{}",
            snapshot.iteration, snapshot.iterations
        ),
    }
}
