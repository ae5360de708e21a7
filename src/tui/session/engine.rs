//! The worker as the screen sees it: commands in, the newest snapshot and diagnosis out.
//!
//! [`Run`] is the one that works; tests put a scripted one in its place. Nothing here blocks.

use std::sync::Arc;

use crate::dataset::Labels;
use crate::diagnosis::Diagnosis;
use crate::run::{Run, Snapshot};
use crate::tui::app::action::Command;

/// Whatever computes the map.
pub(crate) trait Engine {
    /// The newest snapshot.
    fn snapshot(&self) -> Arc<Snapshot>;
    /// The newest diagnosis.
    fn diagnosis(&self) -> Option<Arc<Diagnosis>>;
    /// Takes a command and returns at once.
    fn command(&self, command: Command);
    /// Has the figures counted with other labels.
    fn set_labels(&self, labels: Arc<Labels>);
}

impl Engine for Run {
    fn snapshot(&self) -> Arc<Snapshot> {
        Self::snapshot(self)
    }

    fn diagnosis(&self) -> Option<Arc<Diagnosis>> {
        Self::diagnosis(self)
    }

    fn command(&self, command: Command) {
        match command {
            Command::Pause => self.pause(),
            Command::Resume => self.resume(),
            Command::Step => self.step(),
            Command::Restart(seed) => self.restart(seed),
            Command::AddMap(seed) => self.add_map(seed),
            Command::ShowMap(generation) => self.show_map(generation),
            Command::SetPerplexity(perplexity) => self.set_perplexity(perplexity),
            Command::SetTableK(k) => self.set_table_k(k),
        }
    }

    fn set_labels(&self, labels: Arc<Labels>) {
        Self::set_labels(self, labels);
    }
}
