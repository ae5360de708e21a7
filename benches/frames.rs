//! Time of a frame of the screen, from a new snapshot to the bytes for the terminal: 70,000 points that
//! move, on 200 × 50 characters. `cargo bench --bench frames`.

use std::sync::{Arc, OnceLock};

use disentangle::Execution;
use disentangle::dataset::{Dataset, Labels};
use disentangle::diagnosis::Diagnosis;
use disentangle::ndarray::Array2;
use disentangle::run::{Activity, Snapshot, VisitedMap};
use disentangle::tui::bench::Frames;
use divan::Bencher;

const SAMPLES: usize = 70_000;
const CLASSES: usize = 10;

fn main() {
    divan::main();
}

/// Ten discs of points that have moved a little since the frame before.
fn positions(frame: usize) -> Arc<[[f32; 2]]> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut uniform = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / 16_777_216.0
    };
    let turn = frame as f32 * 0.01;
    let place = |sample: usize| {
        let around = (sample % CLASSES) as f32 * 0.628 + turn;
        let (angle, radius) = (uniform() * std::f32::consts::TAU, 22.0 * uniform().sqrt());
        [
            60.0 * around.cos() + radius * angle.cos(),
            60.0 * around.sin() + radius * angle.sin(),
        ]
    };
    (0..SAMPLES).map(place).collect()
}

/// The samples with their positions as features, and the figures of these.
fn labeled() -> &'static (Arc<Dataset>, Arc<Diagnosis>) {
    static LABELED: OnceLock<(Arc<Dataset>, Arc<Diagnosis>)> = OnceLock::new();
    LABELED.get_or_init(|| {
        let map = positions(0);
        let features = Array2::from_shape_fn((SAMPLES, 2), |(i, j)| map[i][j]);
        let labels: Vec<i64> = (0..SAMPLES).map(|i| (i % CLASSES) as i64).collect();
        let labels = Labels::from_integers(&labels).expect("labels");
        let data = Dataset::new(features).and_then(|data| data.with_labels(labels));
        let data = data.expect("dataset");
        let diagnosis = Diagnosis::of(&data, Some(&map), 10, &Execution::default());
        let diagnosis = diagnosis.expect("diagnosis").expect("labels");
        (Arc::new(data), Arc::new(diagnosis))
    })
}

/// A running map, with maps of three other seeds kept.
#[allow(
    clippy::field_reassign_with_default,
    reason = "other crates cannot write a Snapshot as an expression"
)]
fn snapshot() -> Snapshot {
    let mut snapshot = Snapshot::default();
    snapshot.positions = positions(0);
    snapshot.is_map = true;
    snapshot.activity = Activity::Running;
    snapshot.perplexity = 30.0;
    let kept = |seed: u64| VisitedMap {
        generation: seed,
        perplexity: 30.0,
        seed,
        iteration: 500,
        is_finished: true,
        kl_divergence: None,
        positions: positions(20 * seed as usize),
        diagnosis: None,
    };
    snapshot.visited = (0..4).map(kept).collect();
    snapshot
}

/// By the keys pressed before: nothing, without class names, the map alone, that without class names, closer,
/// farther, colors, characters, the crosshair, help, four maps.
#[divan::bench(
    args = ["", "Y", "z", "zY", "++", "+++++", "---", "zv", "zvv", "zgg", "x", "?", "||"],
    sample_count = 40,
    sample_size = 1
)]
fn frame(bencher: Bencher<'_, '_>, keys: &str) {
    let (data, diagnosis) = labeled();
    let mut frames = Frames::new(
        Arc::clone(data),
        snapshot(),
        Some(Arc::clone(diagnosis)),
        (200, 50),
    );
    frames.press(keys);
    let maps: Vec<_> = (0..8).map(positions).collect();
    let mut next = maps.iter().cycle();
    bencher
        .with_inputs(|| next.next().cloned().unwrap_or_default())
        .bench_local_values(|map| frames.draw(map));
}
