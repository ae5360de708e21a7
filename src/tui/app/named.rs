//! Selections and views that the user gave a name to.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::maps::Camera;
use crate::picture::Look;

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

impl Named {
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
