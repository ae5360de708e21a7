//! Describes the maps that are not shown: those that were left before this was done, and those computed in the
//! background.
//!
//! In: the maps of a snapshot. Out: a diagnosis of each with its whole fidelity, attached to the map.

use super::observer::{Measured, Observer, Until, is_idle};
use super::{Snapshot, VisitedMap};
use crate::diagnosis::Input;
use crate::error::Result;

/// Up to this many samples, they are described while another map moves.
const BESIDE: usize = 5_000;

impl Observer<'_> {
    /// Describes maps that are not shown, one after the other, until something new comes up. While the shown map
    /// moves, one at a time.
    pub(super) fn measure_kept(&mut self, snapshot: &Snapshot, k: usize) -> Result<()> {
        let idle = is_idle(snapshot);
        if !snapshot.is_map || (!idle && self.data.samples() > BESIDE) {
            return Ok(());
        }
        let seen = snapshot.sequence;
        let until = if idle {
            Until::News { seen, k }
        } else {
            Until::Labels
        };
        for map in snapshot.visited.iter() {
            let wanted = Measured {
                generation: map.generation,
                iteration: map.iteration,
                k,
            };
            if map.generation == snapshot.generation || self.measured.contains(&wanted) {
                continue;
            }
            let described = self.measure(map, k, until);
            if self.shared.unless_overtaken(described)?.is_none() {
                return Ok(());
            }
            self.measured.insert(wanted);
            if !idle {
                return Ok(());
            }
        }
        Ok(())
    }

    fn measure(&mut self, map: &VisitedMap, k: usize, until: Until) -> Result<()> {
        let of_current = self.known.evidence.map_votes.take();
        let described = self.describe_kept(map, k, until);
        self.known.evidence.map_votes = of_current;
        described
    }

    fn describe_kept(&mut self, map: &VisitedMap, k: usize, until: Until) -> Result<()> {
        let execution = self.execution(until);
        let input = Input {
            data: &self.data,
            labeled: &self.labeled,
            k,
            exact: true,
        };
        let mut figures = self.known.describe_map(&map.positions, input, &execution)?;
        figures.fidelity = self
            .known
            .fidelity(&map.positions, &figures, input, &execution)?;
        let identity = (map.generation, map.iteration);
        self.shared
            .attach_diagnosis(self.described(Some((&figures, identity))));
        Ok(())
    }
}
