//! The verdict on a class: the one place where it follows from the standing and the intervals. The reading, the
//! report, the notebook and the screen share it.
//!
//! In: the separation of the classes. Out: a [`ClassVerdict`].

#[cfg(feature = "tui")]
use super::Pairs;
use super::ReadingThresholds;
use super::separation::{ClassSeparation, Separation, Standing};
use crate::statistics::Estimate;

/// An estimate about a class, and its field below `separation.classes[c]`.
#[derive(Debug, Clone)]
pub(super) struct ClassEstimate<'a> {
    pub(super) field: String,
    pub(super) estimate: &'a Estimate,
    /// The largest value that is possible.
    pub(super) most: f64,
}

impl ClassEstimate<'_> {
    /// Whether the whole interval lies above a value.
    fn is_above(&self, least: f64) -> bool {
        self.estimate.low.is_some_and(|low| low > least)
    }

    /// Whether the whole interval lies above this share of what is possible, or nothing is missing.
    fn is_apart(&self, least: f64) -> bool {
        self.is_above(least * self.most) || self.estimate.value >= self.most * (1.0 - 1e-9)
    }
}

/// The class's recall under the better of the computed probes.
pub(super) fn recall(class: &ClassSeparation) -> Option<ClassEstimate<'_>> {
    let (field, estimate) = match (&class.logistic_recall, &class.probe_recall) {
        (Some(recall), _) => ("logistic_recall", recall),
        (None, Some(recall)) => ("probe_recall", recall),
        (None, None) => return None,
    };
    let field = field.to_owned();
    Some(ClassEstimate {
        field,
        estimate,
        most: 1.0,
    })
}

/// Which of the neighborhood hits is tested.
pub(super) fn tested_scale(separation: &Separation) -> Option<usize> {
    (separation.neighborhood_hits.iter()).rposition(|h| h.k <= 10)
}

/// The neighborhood hit at the k that is tested.
pub(super) fn hit<'a>(
    class: &'a ClassSeparation,
    separation: &Separation,
) -> Option<ClassEstimate<'a>> {
    let tested = tested_scale(separation)?;
    let estimate = class.neighborhood_hits.get(tested)?.as_ref()?;
    let field = format!("neighborhood_hits[{tested}]");
    Some(ClassEstimate {
        field,
        estimate,
        most: *class.neighborhood_hit_maxima.get(tested)?,
    })
}

/// The verdict on a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClassVerdict {
    /// Probe and neighbors both recognize nearly all of its samples.
    ClearlySeparated,
    /// Most of them.
    MostlySeparated,
    /// The probe finds more of them than expected by chance.
    BeyondChance,
    /// Only the neighbors show that it is separated.
    ByNeighbors,
    /// All intervals include chance.
    NoEvidence,
}

impl ClassVerdict {
    /// In words, for a table.
    pub fn label(self) -> &'static str {
        match self {
            Self::ClearlySeparated => "clearly separated",
            Self::MostlySeparated => "mostly separated",
            Self::BeyondChance => "better than chance",
            Self::ByNeighbors => "by neighbors only",
            Self::NoEvidence => "no evidence",
        }
    }

    /// The verdict on a class by its number, with the default thresholds of a reading; `None` if its standing
    /// is not known.
    pub fn of(separation: &Separation, class: usize) -> Option<Self> {
        Self::with_threshold(separation, class, ReadingThresholds::default().apart)
    }

    /// The same; `apart` is the share that the intervals of a clearly separated class lie above.
    pub(super) fn with_threshold(separation: &Separation, at: usize, apart: f64) -> Option<Self> {
        let class = separation.classes.get(at)?;
        let (recall, hit) = (recall(class), hit(class, separation));
        let is_apart = |estimate: &Option<ClassEstimate<'_>>| {
            estimate.as_ref().is_none_or(|e| e.is_apart(apart))
        };
        let is_clear = is_apart(&recall) && is_apart(&hit);
        let labeled: usize = separation.classes.iter().map(|c| c.count).sum();
        let share = class.count as f64 / labeled.max(1) as f64;
        Some(match class.standing? {
            Standing::StandsApart if is_clear => Self::ClearlySeparated,
            Standing::StandsApart => Self::MostlySeparated,
            Standing::BeyondChance if recall.is_some_and(|e| e.is_above(share)) => {
                Self::BeyondChance
            }
            Standing::BeyondChance if hit.is_some_and(|e| e.is_above(share)) => Self::ByNeighbors,
            Standing::BeyondChance | Standing::NoEvidence => Self::NoEvidence,
        })
    }
}

#[cfg(feature = "tui")]
/// How many classes a class mixes with.
pub(crate) fn mixed_with(pairs: Option<&Pairs>, class: usize) -> usize {
    let listed = pairs.map_or(&[][..], |pairs| &pairs.listed);
    let mixes = listed
        .iter()
        .filter(|pair| pair.mixed && (pair.classes.0 == class || pair.classes.1 == class));
    mixes.count()
}
