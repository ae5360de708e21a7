//! The journal: its entries, what is to be appended, and the entry that is gone back to.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::maps::MapId;
use super::named::View;
use crate::decisions::Decisions;
use crate::journal::{Entry, Event, Segment};

/// A map of a feature set: the number of the set, and the map's identity.
pub(crate) type MapOfSet = (usize, u64);

/// The journal.
#[derive(Debug, Clone, Default)]
pub(crate) struct JournalState {
    /// Where it is kept; nothing if it is not.
    pub(crate) file: Option<PathBuf>,
    /// All entries, oldest first.
    pub(crate) entries: Vec<Arc<Entry>>,
    /// What happened and is not an entry yet.
    pub(crate) news: Vec<Event>,
    /// Where the user goes back to.
    pub(crate) going: Option<Going>,
    /// The map that was shown last.
    pub(crate) shown: Option<MapOfSet>,
    /// The map whose end was told last, and its iteration.
    pub(crate) told: Option<(MapOfSet, usize)>,
    /// The perplexities that each map went through.
    pub(crate) paths: BTreeMap<MapOfSet, Vec<Segment>>,
    /// What was told of decisions and selections.
    pub(crate) decisions: Decisions,
    pub(crate) selections: BTreeMap<String, Arc<[u32]>>,
}

/// An entry that is gone back to, once its feature set and its map are there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Going {
    pub(crate) set: usize,
    pub(crate) map: MapId,
    /// The worker was asked for the map.
    pub(crate) is_asked: bool,
    pub(crate) view: Option<View>,
    pub(crate) selected: Option<Vec<u32>>,
}
