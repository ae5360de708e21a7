//! Clusters that were found in data without labels become the classes of everything that is shown.

use std::sync::Arc;

use crate::palette::ColorDepth;
use crate::picture::Glyphs;
use crate::tui::app::App;
use crate::tui::app::samples::Samples;
use crate::words;

impl App {
    /// Takes the clusters of the newest diagnosis as classes, once.
    pub(crate) fn adopt_clusters(&mut self) {
        let found = self.run.diagnosis.as_ref().and_then(|d| d.clusters.clone());
        let Some(found) = found.filter(|found| !found.clusters.is_empty()) else {
            return;
        };
        if self.run.data.labels().is_some() {
            return;
        }
        let with = |labels| self.run.data.as_ref().clone().with_labels(labels);
        let Ok(data) = found.labels().and_then(with) else {
            return;
        };
        self.run.take_data(Arc::new(data));
        let fresh = Samples::new(self.run.counts.len());
        (self.samples.shown, self.samples.history) = (fresh.shown, fresh.history);
        self.map.names.know(&self.run.data);
        if self.palette.depth() == ColorDepth::None {
            self.map.look.glyphs = Glyphs::Letters;
        }
        let clusters = words::count(found.clusters.len(), "cluster", "clusters");
        self.say(format!(
            "{clusters} found in the features; the Reading panel says how sure they are"
        ));
    }
}
