//! Computes the statistics again when labels were corrected.
//!
//! In: the newest labels. Out: an observer that uses them. The neighbors of the features stay as
//! long as the same samples are labeled; everything else is computed again. The list of suspects
//! also stays: it is about the labels as they were read, and users go through it from top to
//! bottom.

use super::observer::{Observer, Until};
use crate::dataset::Labels;
use crate::error::Result;
use crate::statistics::Labeled;

impl Observer<'_> {
    /// Takes the newest labels, if they changed, and starts again.
    pub(super) fn take_labels(&mut self) -> Result<()> {
        while let Some(labels) = self.shared.take_labels() {
            let Some(read) = self.data.labels() else {
                return Ok(());
            };
            if labels.indices().len() != self.data.samples() || labels.names() != read.names() {
                continue;
            }
            self.begin_again(&labels, changed(read, &labels));
            let counted = self.follow_plan(Until::Labels);
            self.shared.unless_overtaken(counted)?;
        }
        Ok(())
    }

    pub(super) fn begin_again(&mut self, labels: &Labels, relabeled: usize) {
        let labeled = Labeled::new(labels).in_order_of(&self.sorted);
        // Other labels only exchange identical samples, so the graph stays right.
        let same = labeled.is_complete() && self.labeled.is_complete();
        self.known = std::mem::take(&mut self.known).relabeled(same);
        self.labeled = labeled;
        self.relabeled = relabeled;
        self.stability = None;
        self.measured.clear();
        // The diagnoses of other maps are of the old labels.
        self.shared.forget_diagnoses();
    }
}

/// Number of samples with another label than before.
fn changed(before: &Labels, after: &Labels) -> usize {
    let pairs = before.indices().iter().zip(after.indices());
    pairs.filter(|(a, b)| a != b).count()
}
