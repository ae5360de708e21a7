//! The ladder: which perplexities one key press after another leads through.
//!
//! Perplexity p needs 3p neighbors, so that n samples allow (n − 1)/3 at most; what lies above is
//! left out, with a sentence that says so.

use super::action::Direction;
use crate::error::printable;

/// The default perplexities.
pub(crate) const DEFAULT_LADDER: [f64; 6] = [5.0, 10.0, 20.0, 30.0, 50.0, 100.0];

/// Perplexities closer than this are the same.
const SAME: f64 = 1e-6;

/// Ascending perplexities that the data allows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ladder {
    /// The rungs, ascending, never empty.
    rungs: Vec<f64>,
    /// The largest possible perplexity.
    limit: f64,
}

/// True for two perplexities that are the same.
pub(crate) fn same(a: f64, b: f64) -> bool {
    (a - b).abs() < SAME
}

impl Ladder {
    /// The rungs of `wanted` that `samples` samples allow, and a remark if some had to go.
    pub(crate) fn new(wanted: &[f64], samples: usize) -> (Self, Option<String>) {
        let limit = (samples.saturating_sub(1) as f64 / 3.0).max(1.0);
        let usable = |p: &f64| p.is_finite() && *p >= 1.0;
        let mut rungs: Vec<f64> = wanted
            .iter()
            .copied()
            .filter(|p| usable(p) && *p <= limit)
            .collect();
        let left_out: Vec<String> = wanted
            .iter()
            .filter(|p| usable(p) && **p > limit)
            .map(f64::to_string)
            .collect();
        if rungs.is_empty() {
            rungs.push(limit);
        }
        rungs.sort_unstable_by(f64::total_cmp);
        rungs.dedup_by(|a, b| same(*a, *b));
        let remark = (!left_out.is_empty()).then(|| {
            format!(
                "perplexity {} left out: {samples} samples allow {} at most, (n − 1)/3",
                left_out.join(", "),
                shown(limit)
            )
        });
        (Self { rungs, limit }, remark)
    }

    /// The rungs, ascending.
    pub(crate) fn rungs(&self) -> &[f64] {
        &self.rungs
    }

    /// The largest possible perplexity.
    pub(crate) fn limit(&self) -> f64 {
        self.limit
    }

    /// The highest rung.
    pub(crate) fn highest(&self) -> f64 {
        self.rungs.last().copied().unwrap_or(self.limit)
    }

    /// The next rung below or above a perplexity, if there is one.
    pub(crate) fn next(&self, from: f64, direction: Direction) -> Option<f64> {
        let mut rungs = self.rungs.iter().copied();
        match direction {
            Direction::Back => rungs.rev().find(|p| *p < from - SAME),
            Direction::Forward => rungs.find(|p| *p > from + SAME),
        }
    }

    /// Makes a perplexity a rung.
    pub(crate) fn insert(&mut self, perplexity: f64) {
        let at = self.rungs.partition_point(|p| *p < perplexity - SAME);
        if self.rungs.get(at).is_none_or(|p| !same(*p, perplexity)) {
            self.rungs.insert(at, perplexity);
        }
    }
}

/// A perplexity from what was typed, or what is wrong with it.
pub(crate) fn parse_perplexity(text: &str, limit: f64) -> Result<f64, String> {
    let value: f64 = text
        .trim()
        .replace(',', ".")
        .parse()
        .map_err(|_| format!("'{}' is not a number", printable(text.trim())))?;
    if !value.is_finite() || value < 1.0 {
        Err("a perplexity is at least 1".into())
    } else if value > limit {
        Err(format!(
            "this data allows {:.2} at most, (n − 1)/3",
            (limit * 100.0).floor() / 100.0
        ))
    } else {
        Ok(value)
    }
}

/// A perplexity in as few characters as tell it: 30, 12.5, 199.67.
pub(crate) fn shown(perplexity: f64) -> String {
    let text = format!("{perplexity:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rungs_that_the_data_does_not_allow_are_left_out_and_named() {
        let (ladder, remark) = Ladder::new(&DEFAULT_LADDER, 100);
        assert_eq!(ladder.rungs(), [5.0, 10.0, 20.0, 30.0]);
        let remark = remark.unwrap();
        assert!(
            remark.contains("50, 100") && remark.contains("33"),
            "{remark}"
        );
        assert_eq!(Ladder::new(&DEFAULT_LADDER, 1000).1, None);
    }

    #[test]
    fn tiny_data_still_has_a_rung() {
        for samples in 0..6 {
            let (ladder, _) = Ladder::new(&DEFAULT_LADDER, samples);
            assert_eq!(ladder.rungs().len(), 1);
        }
        let (ladder, _) = Ladder::new(&[f64::NAN, -3.0, 0.0], 50);
        assert_eq!(ladder.rungs(), [49.0 / 3.0]);
    }

    #[test]
    fn steps_lead_from_rung_to_rung_and_from_between() {
        let (mut ladder, _) = Ladder::new(&[50.0, 5.0, 15.0, 5.0], 1000);
        assert_eq!(ladder.rungs(), [5.0, 15.0, 50.0]);
        assert_eq!(ladder.next(15.0, Direction::Forward), Some(50.0));
        assert_eq!(ladder.next(30.0, Direction::Back), Some(15.0));
        assert_eq!(ladder.next(50.0, Direction::Forward), None);
        assert_eq!(ladder.next(5.0, Direction::Back), None);
        ladder.insert(30.0);
        ladder.insert(30.0);
        assert_eq!(ladder.rungs(), [5.0, 15.0, 30.0, 50.0]);
        assert_eq!(shown(ladder.highest()), "50");
        assert_eq!(
            (shown(12.5), shown(199.667)),
            ("12.5".into(), "199.67".into())
        );
    }

    #[test]
    fn answers_that_are_no_perplexity_are_told_why() {
        assert_eq!(parse_perplexity(" 12,5 ", 100.0), Ok(12.5));
        for (text, part) in [
            ("x", "not a number"),
            ("0", "at least 1"),
            ("nan", "at least 1"),
            ("500", "100.00 at most"),
        ] {
            let problem = parse_perplexity(text, 100.0).unwrap_err();
            assert!(problem.contains(part), "{problem}");
        }
    }
}
