use ndarray::Array2;
use proptest::prelude::*;

use super::*;
use crate::execution::Execution;
use crate::run::embed_from;
use crate::tsne::Embedding;

fn data() -> Dataset {
    // Three clouds without regular distances, whose map comes to rest.
    let noise = |i: usize| ((i * 2_654_435_761) % 1000) as f32 / 1000.0;
    let value =
        |(i, j): (usize, usize)| (i / 20 * 3) as f32 + noise(i * 4 + j) + noise(i + 977 * j);
    Dataset::new(Array2::from_shape_fn((60, 4), value)).unwrap()
}

fn options() -> RunOptions {
    RunOptions {
        perplexity: 7.0,
        iterations: 120,
        ..RunOptions::default()
    }
}

/// The finished map, and the checkpoint at an iteration.
fn stopped_at(iteration: usize, options: &RunOptions) -> (Embedding, Vec<u8>) {
    let data = data();
    let mut bytes = None;
    let mut watch = |map: &Embedding, divergences: &[(usize, f64)]| {
        if map.iteration() == iteration {
            let partial = PartialMap {
                state: map.state(),
                divergences: divergences.to_vec(),
            };
            bytes = Some(to_bytes(&data, options, &partial).unwrap());
        }
    };
    let execution = Execution::default().threads(2);
    let map = embed_from(&data, options, None, &mut watch, &execution).unwrap();
    (map, bytes.unwrap())
}

fn problem(bytes: &[u8], data: &Dataset, options: &RunOptions) -> String {
    let error = from_bytes(bytes, "c.npz", data, options).unwrap_err();
    assert!(matches!(error, Error::Input { .. }), "{error}");
    error.to_string()
}

#[test]
fn a_map_continues_from_a_file_as_if_it_had_never_stopped() {
    let annealed = RunOptions {
        annealing: Some(15.0),
        ..options()
    };
    let still = RunOptions {
        stop_when_still: true,
        iterations: 2000,
        ..options()
    };
    // Early exaggeration, the switch of annealing, and just after it.
    for options in [options(), annealed, still] {
        for iteration in [0, 1, 33, 80, 81, 119] {
            let (whole, bytes) = stopped_at(iteration, &options);
            let found = from_bytes(&bytes, "c.npz", &data(), &options).unwrap();
            assert_eq!(found.other_version, None);
            let execution = Execution::default().threads(1);
            let partial = Some(found.map);
            let map = embed_from(&data(), &options, partial, &mut |_, _| {}, &execution).unwrap();
            assert_eq!(map.iteration(), whole.iteration());
            assert!(
                map.positions() == whole.positions(),
                "{iteration} {options:?}"
            );
        }
    }
}

#[test]
fn a_map_that_came_to_rest_is_not_continued() {
    let options = RunOptions {
        stop_when_still: true,
        ..options()
    };
    let (_, bytes) = stopped_at(40, &options);
    let mut found = from_bytes(&bytes, "c.npz", &data(), &options).unwrap();
    found.map.divergences = (0..9).map(|i| (25 * i, 1.5)).collect();
    let bytes = to_bytes(&data(), &options, &found.map).unwrap();
    let found = from_bytes(&bytes, "c.npz", &data(), &options).unwrap();
    let execution = Execution::default();
    let map = embed_from(
        &data(),
        &options,
        Some(found.map),
        &mut |_, _| {},
        &execution,
    )
    .unwrap();
    assert_eq!(map.iteration(), 40);
}

#[test]
fn another_map_is_refused_and_the_difference_is_named() {
    let (_, bytes) = stopped_at(40, &options());
    let other = |change: &dyn Fn(&mut RunOptions)| {
        let mut options = options();
        change(&mut options);
        problem(&bytes, &data(), &options)
    };
    let text = other(&|o| o.perplexity = 9.0);
    assert!(
        text.contains("another map (perplexity 7.0, not 9.0)"),
        "{text}"
    );
    let text = other(&|o| o.tsne.momentum = 0.9);
    assert!(text.contains("(momentum 0.8, not 0.9)"), "{text}");
    let text = other(&|o| o.seed = 2);
    assert!(text.contains("(seed 1, not 2)"), "{text}");
    let text = other(&|o| o.initialization = Initialization::Given(vec![[1.0, 2.0]; 60]));
    assert!(text.contains("initialization"), "{text}");
    let text = other(&|o| o.iterations = 30);
    assert!(
        text.contains("has 10 iterations more than asked for"),
        "{text}"
    );
    // More iterations are what a checkpoint is for.
    let more = RunOptions {
        iterations: 500,
        ..options()
    };
    assert!(from_bytes(&bytes, "c.npz", &data(), &more).is_ok());
    let moved = Dataset::new(data().features().mapv(|v| v + 1.0)).unwrap();
    let text = problem(&bytes, &moved, &options());
    assert!(text.contains("another map (other features)"), "{text}");
    let fewer = Dataset::new(data().features().slice(ndarray::s![..50, ..]).to_owned()).unwrap();
    let text = problem(&bytes, &fewer, &options());
    assert!(text.contains("(features of 60 × 4)"), "{text}");
}

#[test]
fn what_is_no_checkpoint_is_said() {
    let text = problem(b"no archive", &data(), &options());
    assert!(text.contains("is not a checkpoint"), "{text}");
    let (_, bytes) = stopped_at(40, &options());
    let text = problem(&bytes[..bytes.len() / 2], &data(), &options());
    assert!(text.contains("is not a checkpoint"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Damage is refused, or changes nothing that could fail later.
    #[test]
    fn damage_never_panics(at in 0_usize..100_000, value in any::<u8>(), cut in 0_usize..100_000) {
        static BYTES: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
        let mut bytes = BYTES.get_or_init(|| stopped_at(40, &options()).1).clone();
        let length = bytes.len();
        bytes[at % length] = value;
        if cut % 3 == 0 {
            bytes.truncate(cut % length);
        }
        if let Ok(found) = from_bytes(&bytes, "c.npz", &data(), &options()) {
            let execution = Execution::default().threads(1);
            let _ = embed_from(&data(), &options(), Some(found.map), &mut |_, _| {}, &execution);
        }
    }
}
