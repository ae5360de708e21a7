//! Clusters that were found in data without labels become the classes of everything that is shown.

use std::sync::Arc;

use crate::dataset::Dataset;
use crate::palette::ColorDepth;
use crate::picture::Glyphs;
use crate::tui::app::App;
use crate::tui::app::samples::Samples;
use crate::words;

impl App {
    /// Whether the data has no labels and clusters are still looked for.
    pub(crate) fn seeks_clusters(&self) -> bool {
        let diagnosis = self.run.diagnosis.as_deref();
        let is_done = diagnosis.is_some_and(|d| d.clusters.is_some());
        self.sets.seeks_clusters && self.run.data.labels().is_none() && !is_done
    }

    /// Takes the clusters of the newest diagnosis as classes, in place of those found before.
    pub(crate) fn adopt_clusters(&mut self) {
        let found = self.run.diagnosis.as_ref().and_then(|d| d.clusters.clone());
        let Some(found) = found else {
            return;
        };
        let adopted = self.run.adopted.as_ref();
        let is_known = adopted.is_some_and(|known| Arc::ptr_eq(known, &found));
        if is_known || (self.run.data.labels().is_some() && !self.run.is_provisional()) {
            return;
        }
        let is_first = self.run.adopted.replace(Arc::clone(&found)).is_none();
        let data = self.run.data.as_ref().clone();
        if found.clusters.is_empty() {
            if !is_first {
                self.take_classes(data.without_labels());
                self.say("no clusters of this size were found in the features");
            }
            return;
        }
        let Ok(data) = found.labels().and_then(|labels| data.with_labels(labels)) else {
            return;
        };
        self.take_classes(data);
        let clusters = words::count(found.clusters.len(), "cluster", "clusters");
        self.say(format!(
            "{clusters} found in the features, {} of them sure; the Reading panel says more",
            found.stable()
        ));
    }

    /// Takes the same samples with other classes, all of which are shown.
    fn take_classes(&mut self, data: Dataset) {
        self.run.take_data(Arc::new(data));
        let fresh = Samples::new(self.run.counts.len());
        (self.samples.shown, self.samples.history) = (fresh.shown, fresh.history);
        self.map.names.know(&self.run.data);
        if self.palette.depth() == ColorDepth::None && self.run.classes() > 0 {
            self.map.look.glyphs = Glyphs::Letters;
        }
    }
}
