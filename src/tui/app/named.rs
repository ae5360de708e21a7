//! Selections and views that the user gave a name to.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::maps::Camera;
use crate::decisions::{KeptView, Names, Window};
use crate::picture::{Coloring, Glyphs, Look, Winner};
use crate::raster::{Turn, Viewport};

/// No more selections than this are kept, and no more views.
const MOST: usize = 200;

/// What the map shows, and how.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct View {
    pub(crate) camera: Camera,
    pub(crate) look: Look,
    /// The values that color the map, by name.
    pub(crate) value: String,
    /// Which classes are shown, then whether samples without one are.
    pub(crate) shown: Vec<bool>,
}

/// Selections and views by their names.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Named {
    pub(crate) selections: BTreeMap<String, Arc<[u32]>>,
    pub(crate) views: BTreeMap<String, View>,
}

impl View {
    /// The view as it is kept, given the names of the classes.
    pub(crate) fn kept(&self, classes: &[String]) -> KeptView {
        let hidden = classes.iter().zip(&self.shown);
        let hidden = hidden.filter(|(_, shown)| !**shown);
        KeptView {
            window: match self.camera {
                Camera::Fit => None,
                Camera::Free(viewport) => Some(Window {
                    center: viewport.center(),
                    scale: viewport.scale(),
                    degrees: viewport.turn().degrees(),
                }),
            },
            color: self.look.coloring.name().into(),
            value: self.value.clone(),
            glyphs: self.look.glyphs.name().into(),
            rarest: self.look.winner == Winner::Rarest,
            hidden: hidden.map(|(name, _)| name.clone()).collect(),
            hides_unlabeled: self.shown.get(classes.len()) == Some(&false),
        }
    }

    /// The view that was kept, for these classes and this number of entries of the legend.
    pub(crate) fn of(kept: &KeptView, classes: &[String], entries: usize) -> Self {
        let window = kept.window.map(|window| {
            let turn = Turn::by_degrees(window.degrees);
            Viewport::new(window.center, window.scale).turned(turn)
        });
        let is_shown = |entry: usize| match classes.get(entry) {
            Some(name) => !kept.hidden.contains(name),
            None => !kept.hides_unlabeled,
        };
        Self {
            camera: window.map_or(Camera::Fit, Camera::Free),
            look: Look {
                glyphs: Glyphs::of_name(&kept.glyphs).unwrap_or_default(),
                coloring: Coloring::of_name(&kept.color).unwrap_or_default(),
                winner: if kept.rarest {
                    Winner::Rarest
                } else {
                    Winner::Majority
                },
            },
            value: kept.value.clone(),
            shown: (0..entries).map(is_shown).collect(),
        }
    }
}

impl Named {
    /// What is kept beside the data, given the names of the classes.
    pub(crate) fn kept(&self, classes: &[String]) -> Names {
        let views = self.views.iter();
        Names {
            selections: self.selections.clone(),
            views: views
                .map(|(name, view)| (name.clone(), view.kept(classes)))
                .collect(),
        }
    }

    /// What was kept, for these classes and this number of entries of the legend.
    pub(crate) fn of(names: &Names, classes: &[String], entries: usize) -> Self {
        let views = names.views.iter();
        let view =
            |(name, view): (&String, &KeptView)| (name.clone(), View::of(view, classes, entries));
        Self {
            selections: names.selections.clone(),
            views: views.map(view).collect(),
        }
    }

    /// Keeps a selection under a name; true if another one had it.
    pub(crate) fn keep_selection(&mut self, name: &str, ids: &[u32]) -> Result<bool, String> {
        keep(&mut self.selections, name, ids.into())
    }

    /// Keeps a view under a name; true if another one had it.
    pub(crate) fn keep_view(&mut self, name: &str, view: View) -> Result<bool, String> {
        keep(&mut self.views, name, view)
    }

    /// The name of a selection, if these samples have one.
    pub(crate) fn of_selection(&self, ids: &[u32]) -> Option<&str> {
        let mut all = self.selections.iter();
        let found = all.find(|(_, known)| !ids.is_empty() && ***known == *ids);
        found.map(|(name, _)| name.as_str())
    }
}

fn keep<T>(all: &mut BTreeMap<String, T>, name: &str, one: T) -> Result<bool, String> {
    if all.len() == MOST && !all.contains_key(name) {
        return Err(format!(
            "{MOST} names are in use; :forget NAME makes room for another"
        ));
    }
    Ok(all.insert(name.to_owned(), one).is_some())
}
