//! Whether other maps show the same: asks for further maps, and takes in what they have in common.

use crate::diagnosis::Stability;
use crate::run::Activity;
use crate::text;
use crate::tui::app::App;
use crate::tui::app::action::{Effect, Further};
use crate::tui::app::further::further_maps;
use crate::tui::app::run::is_over;
use crate::words;

impl App {
    /// Asks for further maps to compare the one shown with.
    ///
    /// # Errors
    /// If there is no map yet, or others are being computed.
    pub(crate) fn compare_maps(&mut self) -> Result<Vec<Effect>, String> {
        self.check_worker()?;
        let snapshot = &self.run.snapshot;
        let rests = is_over(&snapshot.activity) || snapshot.activity == Activity::Paused;
        if !snapshot.is_map || !rests {
            return Err("the map still moves; ask again when it has stopped".into());
        }
        let mut all = self.sets.further.values();
        if all.any(|further| matches!(further, Further::Running { .. })) {
            return Err("further maps are being computed already".into());
        }
        let maps = further_maps(self.run.map_id(), &self.run.rungs());
        let (set, all) = (self.sets.current, maps.len());
        let running = Further::Running { done: 0, all };
        self.sets.further.insert(set, running);
        self.say(format!(
            "{all} further maps are computed in the background and compared with this one"
        ));
        Ok(vec![Effect::CompareMaps(maps)])
    }

    /// Takes in how far the further maps of a set are.
    pub(crate) fn take_further(&mut self, set: usize, outcome: Further) {
        match &outcome {
            Further::Running { .. } => {}
            Further::Failed(reason) => {
                self.complain(format!("the maps could not be compared: {reason}"));
            }
            Further::Ready(common) => {
                let found = &common.found;
                let kept = words::estimate(Some(found.mean_kept.scaled(100.0)), 0);
                let unstable = words::count(found.unstable, "sample has", "samples have");
                self.say(format!(
                    "{} maps compared: {kept}% of a sample's neighbors are the same; {unstable} no stable \
                     place (:color stability, :select unstable)",
                    found.maps
                ));
            }
        }
        self.sets.further.insert(set, outcome);
        self.take_values();
    }

    /// What several maps of the set that is shown have in common.
    pub(crate) fn stability(&self) -> Option<&Stability> {
        match self.sets.further.get(&self.sets.current)? {
            Further::Ready(common) => Some(&common.found),
            Further::Running { .. } | Further::Failed(_) => None,
        }
    }

    /// The samples without a stable place.
    pub(crate) fn unstable_samples(&self) -> Result<Vec<u32>, String> {
        let found = self.stability();
        let found = found.ok_or("no further maps were compared with this one: see :stability")?;
        let all = 0..self.run.data.samples();
        let unstable = all.filter(|sample| found.is_unstable(*sample));
        Ok(unstable.map(|sample| sample as u32).collect())
    }

    /// The share of neighbors that a sample keeps on other maps, in words.
    pub(crate) fn stability_of(&self, sample: usize) -> Option<String> {
        let found = self.stability()?;
        let kept = text::number(found.points.get(sample).map(|p| f64::from(*p)), 2);
        let remark = if found.is_unstable(sample) {
            " (not stable)"
        } else {
            ""
        };
        Some(format!("{kept}{remark}"))
    }
}
