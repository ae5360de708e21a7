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
        let legend = u16::from(self.legend_below(screen));
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

    /// What stands in the frame of one of several maps.
    pub(crate) fn facet_title(&self, place: usize) -> String {
        let Some(facet) = self.map.multiples.facets.get(place) else {
            return String::new();
        };
        let is_current = place == self.map.multiples.focus;
        let name = match facet.source {
            Source::Map(MapId { perplexity, seed }) => {
                let begins = if is_current && !self.run.snapshot.is_map {
                    " · principal components"
                } else {
                    ""
                };
                format!("p {} · seed {seed}{begins}", shown(perplexity))
            }
            Source::Set(set) => {
                let snapshot = if is_current {
                    Some(&*self.run.snapshot)
                } else {
                    self.aside(set).map(|(_, snapshot, _)| snapshot)
                };
                format!(
                    "{}{}",
                    self.set_name(set),
                    snapshot.map_or_else(String::new, state_of)
                )
            }
        };
        let of_map = |d: &Diagnosis| {
            d.silhouette
                .in_map()
                .filter(|_| !is_current || self.run.map_figures_hold())
        };
        let known = self.known(facet.source);
        let diagnosis = if is_current {
            self.run.diagnosis.as_deref()
        } else {
            known.and_then(|known| known.diagnosis)
        };
        let figures = diagnosis.and_then(|d| Some((d.silhouette.in_features()?, of_map(d))));
        let Some((features, map)) = figures else {
            return name;
        };
        let title = format!("{name} · silh {}", text::decimal(Some(features)));
        match map {
            Some(map) => format!("{title}, map {}", text::decimal(Some(map))),
            None => title,
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

/// What a map in the making is at, for its title.
fn state_of(snapshot: &Snapshot) -> String {
    if !snapshot.is_map {
        return " · principal components".into();
    }
    let perplexity = shown(snapshot.perplexity);
    match snapshot.activity {
        Activity::Finished | Activity::Still => format!(" · p {perplexity}"),
        _ => format!(
            " · p {perplexity} · {}/{}",
            snapshot.iteration, snapshot.iterations
        ),
    }
}
