//! Whether several models together are better than the best of them.
//!
//! In: each model's probabilities for the same samples, which it was not trained on. Out: every
//! ensemble of two to four members that averages them, its accuracy, and its gain over the best
//! single model with an interval, a paired test and a correction for the number of ensembles. The
//! best of many looks better than it is, so the choice itself is tested: the best is chosen on one
//! half of the samples and scored on the other, in repeated stratified splits (Cawley & Talbot
//! 2010, JMLR 11:2079, on selection bias).

use ndarray::Array2;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::agreement::Outcomes;
use super::bits::Bits;
use super::{ComparisonOptions, McNemar, proportion};
use crate::error::Result;
use crate::progress::{Progress, check};
use crate::statistics::inference::benjamini_hochberg;
use crate::statistics::{Estimate, argmax};

/// Most members of an ensemble.
pub(super) const MOST_MEMBERS: usize = 4;
/// Ensembles are made of at most this many models, the best ones.
pub(super) const MOST_MODELS: usize = 12;
/// Repeated splits of the samples; each half is scored once.
const SPLITS: usize = 50;

/// Several models that average their probabilities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ensemble {
    /// The members' names.
    pub members: Vec<String>,
    /// Accuracy, with its Wilson interval.
    pub accuracy: Estimate,
    /// Mean recall over the classes.
    pub balanced_accuracy: f64,
    /// Accuracy minus that of the best single model, with a bootstrap interval.
    pub gain: Estimate,
    /// The paired test against the best single model; "first" is that model.
    pub test: McNemar,
    /// Its p-value, adjusted for all ensembles (Benjamini & Hochberg 1995).
    pub p_adjusted: f64,
    /// Whether a gain is shown: by the test, by its size and, for the best ensemble, by the test of
    /// the choice.
    pub gains: bool,
    /// Whether a loss is shown by the test.
    pub loses: bool,
}

/// The gain that remains when the ensemble is chosen on one half of the samples and scored on the
/// other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SelectionCheck {
    /// How often one half chose and the other scored.
    pub repeats: usize,
    /// Mean gain over the best single model (of the choosing half) on the scoring half, with the
    /// 2.5% and 97.5% points over the repeats.
    pub gain: Estimate,
    /// How often each choice was made, most often first.
    pub chosen: Vec<(Vec<String>, usize)>,
}

/// All ensembles of some models.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Ensembles {
    /// The model with the highest accuracy by itself.
    pub best_single: String,
    /// Its accuracy.
    pub best_single_accuracy: Estimate,
    /// Ensembles, by descending accuracy.
    pub ensembles: Vec<Ensemble>,
    /// The test of the choice of the best.
    pub selection: SelectionCheck,
    /// Models left out because there are too many.
    pub left_out: Vec<String>,
}

/// One model or ensemble with what it got right.
struct Candidate {
    members: Vec<usize>,
    right: Bits,
}

/// Scores all ensembles; `None` for fewer than two models. `names` and `probabilities` are by
/// model; rows are labeled samples, `classes` their class.
pub(super) fn ensembles(
    names: &[&str],
    probabilities: &[Array2<f32>],
    classes: &[u16],
    counts: &[usize],
    options: &ComparisonOptions,
    progress: &dyn Progress,
) -> Result<Option<Ensembles>> {
    let n = classes.len();
    if names.len() < 2 || n == 0 {
        return Ok(None);
    }
    check(progress)?;
    let mut singles: Vec<Candidate> = (0..names.len())
        .map(|m| candidate(vec![m], probabilities, classes))
        .collect();
    singles.sort_by_key(|c| (std::cmp::Reverse(c.right.count()), c.members[0]));
    let left_out: Vec<String> = singles
        .iter()
        .skip(MOST_MODELS)
        .map(|c| names[c.members[0]].to_string())
        .collect();
    singles.truncate(MOST_MODELS);
    let mut models: Vec<usize> = singles.iter().map(|c| c.members[0]).collect();
    models.sort_unstable();
    let several: Result<Vec<Candidate>> = subsets(&models)
        .into_par_iter()
        .map(|members| {
            check(progress)?;
            Ok(candidate(members, probabilities, classes))
        })
        .collect();
    let several = several?;
    let best = &singles[0];
    let title = |members: &[usize]| -> Vec<String> {
        members.iter().map(|&m| names[m].to_string()).collect()
    };
    let selection = selection(&singles, &several, classes, counts, options.seed, &title);
    let mut all: Vec<Ensemble> = several
        .iter()
        .map(|c| score(c, best, classes, counts, options, &title))
        .collect();
    let p: Vec<f64> = all.iter().map(|e| e.test.p).collect();
    for (ensemble, p) in all.iter_mut().zip(benjamini_hochberg(&p)) {
        ensemble.p_adjusted = p;
        let shown = p <= options.alpha;
        // The best of several models looks better than it is, so the p-value of a loss against it
        // is multiplied by their number (Bonferroni), at half the level like the other statements.
        let chosen = p * singles.len() as f64;
        ensemble.loses = chosen <= options.alpha / 2.0 && ensemble.gain.value < 0.0;
        ensemble.gains =
            shown && ensemble.gain.value >= options.least_difference && selection.gain.value > 0.0;
    }
    // The sort is stable: of equal ensembles, the smaller one comes first.
    all.sort_by(|a, b| b.accuracy.value.total_cmp(&a.accuracy.value));
    Ok(Some(Ensembles {
        best_single: names[best.members[0]].to_string(),
        best_single_accuracy: proportion(best.right.count(), n),
        ensembles: all,
        selection,
        left_out,
    }))
}

impl Ensembles {
    /// Where the probabilities are the votes of probes: if no member is shown to separate anything, and neither is the
    /// best single model, no difference between them is shown. `noise` names models whose features are not shown to.
    pub(super) fn silence_noise(&mut self, noise: &[String]) {
        let is_noise = |model: &String| noise.contains(model);
        if !is_noise(&self.best_single) {
            return;
        }
        for ensemble in &mut self.ensembles {
            if ensemble.members.iter().all(is_noise) {
                (ensemble.gains, ensemble.loses) = (false, false);
            }
        }
    }
}

/// All sets of two to four models, small ones first.
fn subsets(models: &[usize]) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = Vec::new();
    let mut last: Vec<Vec<usize>> = models.iter().map(|&m| vec![m]).collect();
    for _ in 2..=MOST_MEMBERS {
        let longer = |set: &Vec<usize>| {
            let end = set.last().copied().unwrap_or(0);
            let later: Vec<usize> = models.iter().copied().filter(|&m| m > end).collect();
            let set = set.clone();
            later
                .into_iter()
                .map(move |m| [set.clone(), vec![m]].concat())
        };
        last = last.iter().flat_map(longer).collect();
        all.extend(last.iter().cloned());
    }
    all
}

/// What the average of the members' probabilities gets right. Ties go to the first class.
fn candidate(members: Vec<usize>, probabilities: &[Array2<f32>], classes: &[u16]) -> Candidate {
    let mut sums = vec![0.0_f32; probabilities[members[0]].ncols()];
    let right = Bits::new(classes.len(), |i| {
        for (c, sum) in sums.iter_mut().enumerate() {
            *sum = members.iter().map(|&m| probabilities[m][[i, c]]).sum();
        }
        argmax(&sums) == usize::from(classes[i])
    });
    Candidate { members, right }
}

fn score(
    candidate: &Candidate,
    best: &Candidate,
    classes: &[u16],
    counts: &[usize],
    options: &ComparisonOptions,
    title: &dyn Fn(&[usize]) -> Vec<String>,
) -> Ensemble {
    let n = classes.len();
    let all = Bits::new(n, |_| true);
    let outcomes = Outcomes::of(&best.right, &candidate.right, &all);
    let mut hits = vec![0_usize; counts.len()];
    for (i, &class) in classes.iter().enumerate() {
        hits[usize::from(class)] += usize::from(candidate.right.has(i));
    }
    Ensemble {
        members: title(&candidate.members),
        accuracy: proportion(candidate.right.count(), n),
        balanced_accuracy: super::balanced(&hits, counts),
        gain: outcomes.difference(options.replicates, options.seed),
        test: McNemar::from_counts(outcomes.first_only, outcomes.second_only),
        p_adjusted: 1.0,
        gains: false,
        loses: false,
    }
}

/// Chooses on one half and scores on the other.
fn selection(
    singles: &[Candidate],
    several: &[Candidate],
    classes: &[u16],
    counts: &[usize],
    seed: u64,
    title: &dyn Fn(&[usize]) -> Vec<String>,
) -> SelectionCheck {
    let n = classes.len();
    let mut gains = Vec::with_capacity(2 * SPLITS);
    let mut chosen: Vec<(Vec<usize>, usize)> = Vec::new();
    for split in 0..SPLITS {
        let first = half(classes, counts, seed, split as u64);
        let second = Bits::new(n, |i| !first.has(i));
        for (choosing, scoring) in [(&first, &second), (&second, &first)] {
            let best = |among: &mut dyn Iterator<Item = usize>| -> Option<usize> {
                // The first of equal ones: single models come before ensembles, small ones before
                // large ones.
                let score = |&i: &usize| pick(singles, several, i).right.count_and(choosing);
                among
                    .map(|i| (i, score(&i)))
                    .reduce(|a, b| if b.1 > a.1 { b } else { a })
                    .map(|b| b.0)
            };
            let single = best(&mut (0..singles.len()));
            let any = best(&mut (0..singles.len() + several.len()));
            let (Some(single), Some(any)) = (single, any) else {
                continue;
            };
            let score = |i: usize| pick(singles, several, i).right.count_and(scoring) as f64;
            gains.push((score(any) - score(single)) / scoring.count().max(1) as f64);
            let members = &pick(singles, several, any).members;
            match chosen.iter_mut().find(|c| &c.0 == members) {
                Some(known) => known.1 += 1,
                None => chosen.push((members.clone(), 1)),
            }
        }
    }
    chosen.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let mean = gains.iter().sum::<f64>() / gains.len().max(1) as f64;
    SelectionCheck {
        repeats: gains.len(),
        gain: Estimate::from_draws(mean, gains),
        chosen: chosen
            .into_iter()
            .map(|(m, times)| (title(&m), times))
            .collect(),
    }
}

fn pick<'a>(singles: &'a [Candidate], several: &'a [Candidate], i: usize) -> &'a Candidate {
    match singles.get(i) {
        Some(single) => single,
        None => &several[i - singles.len()],
    }
}

/// A random half of every class.
fn half(classes: &[u16], counts: &[usize], seed: u64, split: u64) -> Bits {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(split);
    // How many of a class are still to be taken, and how many are left to choose from. An odd one
    // goes to either half.
    let mut left: Vec<(u64, u64)> = counts
        .iter()
        .map(|&c| (u64::midpoint(c as u64, rng.next_u64() % 2), c as u64))
        .collect();
    let mut taken = vec![false; classes.len()];
    for (taken, &class) in taken.iter_mut().zip(classes) {
        let (wanted, of) = &mut left[usize::from(class)];
        if rng.next_u64() % (*of).max(1) < *wanted {
            *taken = true;
            *wanted -= 1;
        }
        *of = of.saturating_sub(1);
    }
    Bits::new(classes.len(), |i| taken[i])
}
