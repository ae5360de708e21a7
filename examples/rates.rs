//! How often something false is said, and how often something true is missed, on data whose truth is
//! known: labels dealt at random, classes apart, classes that overlap by 10 %, models that are noise.
//!
//! ```sh
//! cargo run --release --example rates -- 200          # data sets of each kind
//! cargo run --release --example rates -- 200 noise    # of the kinds whose name has this word
//! ```
//!
//! prints the table of docs/statistics.md. The tests of the crate do the same with fewer data sets.
#![expect(clippy::print_stdout, reason = "a program for the terminal")]

use disentangle::comparison::{Comparison, ComparisonOptions, StepVerdict};
use disentangle::dataset::{Dataset, Labels};
use disentangle::diagnosis::{Diagnosis, Standing};
use disentangle::ndarray::{Array2, s};
use disentangle::study::Study;
use disentangle::{Error, Execution, Result};
use rand_chacha::{ChaCha8Rng, rand_core::Rng, rand_core::SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

/// Distance of two unit Gaussians whose densities share 10 %: 2 Φ(−δ/2) = 0.1.
const TENTH: f64 = 3.289_707;
/// Distance of classes that do not touch.
const APART: f64 = 8.4;

/// Sizes of the classes, and features.
struct Arrangement {
    name: &'static str,
    sizes: Vec<usize>,
    features: usize,
    /// One data set of so many is enough: they are large.
    every: usize,
}

fn arrangements() -> Vec<Arrangement> {
    let of = |name, sizes: &[usize], features, every| Arrangement {
        name,
        sizes: sizes.to_vec(),
        features,
        every,
    };
    vec![
        of("3 classes of 200, 8 features", &[200; 3], 8, 1),
        of(
            "4 classes of 1,000 to 200, 30 features",
            &[1000, 200, 500, 300],
            30,
            4,
        ),
        of("10 classes of 200, 20 features", &[200; 10], 20, 4),
        of("50 classes of 200, 20 features", &[200; 50], 20, 20),
    ]
}

fn main() -> Result<()> {
    let rounds = std::env::args().nth(1).map_or(Ok(200), |text| {
        let problem = "must be a number of data sets";
        text.parse()
            .map_err(|_| Error::option("ROUNDS", &text, problem))
    })?;
    println!("| data | classes | data sets | with a false statement | pairs missed |");
    println!("| --- | --- | ---: | ---: | ---: |");
    let word = std::env::args().nth(2).unwrap_or_default();
    let arrangements = arrangements().into_iter();
    for arrangement in arrangements.filter(|a| a.name.contains(&word)) {
        let rounds = (rounds / arrangement.every).max(10);
        let count = |of: &(dyn Fn(u64) -> Result<usize> + Sync)| -> Result<Vec<usize>> {
            (0..rounds as u64).into_par_iter().map(of).collect()
        };
        let some = |found: &[usize]| found.iter().filter(|&&n| n > 0).count();
        let row = |data: &str, wrong: &str, missed: &str| {
            println!(
                "| {data} | {} | {rounds} | {wrong} | {missed} |",
                arrangement.name
            );
        };
        let shuffled = count(&|seed| shuffled(&arrangement, seed))?;
        row(
            "labels dealt at random",
            &share(some(&shuffled), rounds),
            "–",
        );
        let apart = count(&|seed| planted(&arrangement, seed, 0).map(|p| p.invented))?;
        row("no overlap", &share(some(&apart), rounds), "–");
        let pairs = arrangement.sizes.len() / 2;
        let overlapping: Result<Vec<Planted>> = (0..rounds as u64)
            .into_par_iter()
            .map(|seed| planted(&arrangement, seed, pairs))
            .collect();
        let overlapping = overlapping?;
        let invented = overlapping.iter().filter(|p| p.invented > 0).count();
        let missed: usize = overlapping.iter().map(|p| p.missed).sum();
        row(
            "pairs that share 10 %",
            &share(invented, rounds),
            &share(missed, pairs * rounds),
        );
    }
    for (name, change) in NOISE.into_iter().filter(|(name, _)| name.contains(&word)) {
        let seeds = (0..rounds as u64).into_par_iter();
        let compared: Result<Vec<bool>> = seeds.map(|seed| compared(seed, change)).collect();
        let wrong = compared?.into_iter().filter(|&w| w).count();
        println!(
            "| five layers of three models, {name} | 3 classes of 50 | {rounds} | {} | – |",
            share(wrong, rounds)
        );
    }
    Ok(())
}

fn share(of: usize, all: usize) -> String {
    format!(
        "{of} of {all} ({:.1}%)",
        100.0 * of as f64 / all.max(1) as f64
    )
}

fn diagnose(features: Array2<f32>, labels: &[i64]) -> Result<Diagnosis> {
    let data = Dataset::new(features)?.with_labels(Labels::from_integers(labels)?)?;
    Diagnosis::of(&data, None, 10, &Execution::default().threads(1))?.ok_or_else(|| {
        Error::WorkerStopped {
            reason: "there are no labels".into(),
        }
    })
}

/// Unit Gaussians on a grid, the first `near` pairs of classes at a distance of [`TENTH`].
fn draw(arrangement: &Arrangement, seed: u64, near: usize) -> (Array2<f32>, Vec<i64>) {
    let (sizes, d) = (&arrangement.sizes, arrangement.features);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let side = (1..=sizes.len()).find(|s| s.pow(d.min(8) as u32) >= sizes.len());
    let side = side.unwrap_or(1);
    let place = |class: usize, j: usize| {
        let digit = if j < 8 {
            class / side.pow(j as u32) % side
        } else {
            0
        };
        digit as f64 * (APART + TENTH)
    };
    let mut labels = Vec::new();
    for (class, &size) in sizes.iter().enumerate() {
        labels.extend(std::iter::repeat_n(class, size));
    }
    let features = Array2::from_shape_fn((labels.len(), d), |(i, j)| {
        let class = labels[i];
        let follows = class % 2 == 1 && class / 2 < near;
        let mut mean = place(if follows { class - 1 } else { class }, j);
        if follows && (j == class % d || j == (class + 1) % d) {
            mean += TENTH / std::f64::consts::SQRT_2;
        }
        let noise: f64 = StandardNormal.sample(&mut random);
        (mean + noise) as f32
    });
    (features, labels.into_iter().map(|c| c as i64).collect())
}

fn shuffle(labels: &mut [i64], random: &mut ChaCha8Rng) {
    for i in (1..labels.len()).rev() {
        labels.swap(i, (random.next_u64() % (i as u64 + 1)) as usize);
    }
}

/// Statements of separation where the labels mean nothing.
fn shuffled(arrangement: &Arrangement, seed: u64) -> Result<usize> {
    let (features, mut labels) = draw(arrangement, 1000 + seed, 0);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    shuffle(&mut labels, &mut random);
    let diagnosis = diagnose(features, &labels)?;
    let sentences = diagnosis.reading.iter().flat_map(|r| &r.statements);
    let sentences = sentences.filter(|s| s.topic.states_separation()).count();
    let separation = diagnosis.separation.as_ref();
    let classes = separation.iter().flat_map(|s| &s.classes);
    let standings = classes.filter(|c| {
        matches!(
            c.standing,
            Some(Standing::BeyondChance | Standing::StandsApart)
        )
    });
    let overall = separation.is_some_and(|s| s.evidence == Some(true));
    Ok(sentences + standings.count() + usize::from(overall))
}

/// What is said of planted pairs.
struct Planted {
    /// Pairs that are named and do not touch.
    invented: usize,
    /// Pairs that overlap and are not named.
    missed: usize,
}

fn planted(arrangement: &Arrangement, seed: u64, near: usize) -> Result<Planted> {
    let (features, labels) = draw(arrangement, seed, near);
    let diagnosis = diagnose(features, &labels)?;
    let listed = diagnosis.pairs.iter().flat_map(|p| &p.listed);
    let mixed: Vec<(usize, usize)> = listed
        .filter(|p| p.mixed)
        .map(|p| (p.classes.0.min(p.classes.1), p.classes.0.max(p.classes.1)))
        .collect();
    let is_near = |&(a, b): &(usize, usize)| a % 2 == 0 && b == a + 1 && a / 2 < near;
    let found = mixed.iter().filter(|pair| is_near(pair)).count();
    Ok(Planted {
        invented: mixed.len() - found,
        missed: near - found,
    })
}

/// Changes the rows of a layer (of 150 samples).
type Change = fn(&mut Array2<f32>);

/// Kinds of noise, most of them with identical samples.
const NOISE: [(&str, Change); 5] = [
    ("noise", |_| ()),
    ("noise, binary features", |rows| {
        rows.mapv_inplace(|v| f32::from(u8::from(v > 0.0)));
    }),
    ("noise, four distinct rows", |rows| {
        rows.mapv_inplace(|v| f32::from(u8::from(v > 0.0)));
        rows.slice_mut(s![.., 2..]).fill(0.0);
    }),
    ("noise, half the rows all 0", |rows| {
        let is_even = |value: f32| value.to_bits().is_multiple_of(2);
        for mut row in rows.outer_iter_mut() {
            if is_even(row[0]) {
                row.fill(0.0);
            }
        }
    }),
    ("noise, each sample three times in all layers", |rows| {
        for i in 0..rows.nrows() {
            let first = rows.row(i % 50).to_owned();
            rows.row_mut(i).assign(&first);
        }
    }),
];

/// Whether anything is claimed of layers and models that are noise.
fn compared(seed: u64, change: Change) -> Result<bool> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut noise = |d: usize| {
        let mut rows = Array2::from_shape_simple_fn((150, d), || {
            let value: f64 = StandardNormal.sample(&mut random);
            value as f32
        });
        change(&mut rows);
        Dataset::new(rows)
    };
    let mut labels: Vec<i64> = (0..150).map(|i| i % 3).collect();
    shuffle(&mut labels, &mut ChaCha8Rng::seed_from_u64(!seed));
    let first = noise(6)?.with_labels(Labels::from_integers(&labels)?)?;
    let study = Study::new(
        "noise",
        vec![
            ("A".into(), "1".into(), first),
            ("A".into(), "2".into(), noise(8)?),
            ("A".into(), "3".into(), noise(4)?),
            ("B".into(), String::new(), noise(6)?),
            ("C".into(), String::new(), noise(5)?),
        ],
    )?;
    let options = ComparisonOptions::default();
    let Some(found) = Comparison::of(&study, &options, &Execution::default().threads(1))? else {
        return Ok(false);
    };
    let steps = found.curves.iter().flat_map(|c| &c.steps);
    let moved = steps
        .flat_map(|s| s.classes.iter().map(|c| c.verdict).chain([s.verdict]))
        .any(|v| matches!(v, StepVerdict::MoreSeparable | StepVerdict::LessSeparable));
    let ranked = found.measures.iter().any(|m| m.ranking.len() > 1);
    let rows = found.measures.iter().flat_map(|m| &m.classes);
    let best = rows.into_iter().any(|c| c.best.is_some());
    let ensembles = found.ensembles.iter().flat_map(|e| &e.ensembles);
    let gains = ensembles.into_iter().any(|e| e.gains || e.loses);
    Ok(moved || ranked || best || gains)
}
