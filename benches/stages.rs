//! Time of each stage on blobs of 50 dimensions: `cargo bench`, or `cargo bench -- neighbors`.

use disentangle::Execution;
use disentangle::affinities::{Affinities, neighbors_for};
use disentangle::dataset::{Dataset, Labels};
use disentangle::diagnosis::Diagnosis;
use disentangle::ndarray::Array2;
use disentangle::neighbors::Neighbors;
use disentangle::reduce::principal_components;
use disentangle::tsne::{Embedding, Initialization, TsneParams, initial_positions};
use divan::Bencher;

const SIZES: [usize; 3] = [1_000, 10_000, 70_000];
const DIMENSIONS: usize = 50;
const CLASSES: usize = 10;
const PERPLEXITY: f64 = 30.0;

fn main() {
    divan::main();
}

/// Ten overlapping blobs, the same on every machine.
fn blobs(samples: usize) -> Array2<f32> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut uniform = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / 16_777_216.0 - 0.5
    };
    Array2::from_shape_fn((samples, DIMENSIONS), |(i, j)| {
        let center = if j % CLASSES == i % CLASSES { 2.0 } else { 0.0 };
        center + uniform() + uniform() + uniform() + uniform()
    })
}

fn graph(features: &Array2<f32>) -> Neighbors {
    neighbor_graph(features, neighbors_for(PERPLEXITY, features.nrows()))
}

fn neighbor_graph(features: &Array2<f32>, k: usize) -> Neighbors {
    Neighbors::exact(features.view(), k, &Execution::default()).expect("neighbors")
}

/// A map after early exaggeration, whose steps cost what most steps cost.
fn map(samples: usize) -> Embedding {
    let features = blobs(samples);
    let p =
        Affinities::new(&graph(&features), PERPLEXITY, &Execution::default()).expect("affinities");
    let pca =
        principal_components(features.view(), 2, 1, &Execution::default()).expect("components");
    let start = initial_positions(&Initialization::Pca, &pca, 1).expect("positions");
    let mut map = Embedding::start(p, start, TsneParams::default(), &Execution::default())
        .expect("embedding");
    map.advance(400).expect("iterations");
    map
}

#[divan::bench(args = SIZES, sample_count = 5, sample_size = 1)]
fn components(bencher: Bencher<'_, '_>, samples: usize) {
    let features = blobs(samples);
    bencher.bench(|| principal_components(features.view(), 20, 1, &Execution::default()));
}

#[divan::bench(args = SIZES, sample_count = 5, sample_size = 1)]
fn neighbors(bencher: Bencher<'_, '_>, samples: usize) {
    let features = blobs(samples);
    bencher.bench(|| graph(&features));
}

#[divan::bench(args = SIZES, sample_count = 5, sample_size = 1)]
fn affinities(bencher: Bencher<'_, '_>, samples: usize) {
    let graph = graph(&blobs(samples));
    bencher.bench(|| Affinities::new(&graph, PERPLEXITY, &Execution::default()));
}

/// From perplexity 30 to 50 with a graph that holds enough neighbors: affinities, re-targeting, and
/// the first iteration.
#[divan::bench(args = SIZES, sample_count = 5, sample_size = 1)]
fn retarget(bencher: Bencher<'_, '_>, samples: usize) {
    let features = blobs(samples);
    let k = neighbors_for(50.0, samples);
    let graph = neighbor_graph(&features, k);
    let map = map(samples);
    bencher
        .with_inputs(|| map.clone())
        .bench_local_values(|mut map| {
            let p = Affinities::new(&graph, 50.0, &Execution::default()).expect("affinities");
            map.retarget(p).expect("same samples");
            map.step().expect("iteration")
        });
}

/// Ten iterations.
#[divan::bench(args = SIZES, sample_count = 10, sample_size = 1)]
fn iterations(bencher: Bencher<'_, '_>, samples: usize) {
    let mut map = map(samples);
    bencher.bench_local(|| map.advance(10));
}

#[divan::bench(args = SIZES, sample_count = 3, sample_size = 1)]
fn diagnosis(bencher: Bencher<'_, '_>, samples: usize) {
    let labels: Vec<i64> = (0..samples).map(|i| (i % CLASSES) as i64).collect();
    let labels = Labels::from_integers(&labels).expect("labels");
    let data = Dataset::new(blobs(samples)).and_then(|d| d.with_labels(labels));
    let data = data.expect("dataset");
    bencher.bench(|| Diagnosis::of(&data, None, 10, &Execution::default()));
}

/// What a picture costs: a window of 200 × 50 characters on 70,000 points, fitted anew. The window
/// shows all of the map, a fourth of its width, a hundredth.
#[divan::bench(args = [1, 4, 100], consts = [0, 1])]
fn picture<const MIXING: usize>(bencher: Bencher<'_, '_>, zoom: u32) {
    use disentangle::palette::{ColorDepth, Palette};
    use disentangle::picture::{Coloring, Look, Picture};
    use disentangle::raster::{Area, Points, Viewport};
    let samples = 70_000;
    let features = blobs(samples);
    let positions: Vec<[f32; 2]> = (0..samples)
        .map(|i| [features[[i, i % 5]], features[[i, 5 + i % 7]]])
        .collect();
    let classes: Vec<u16> = (0..samples).map(|i| (i % CLASSES) as u16).collect();
    let area = Area::new(200, 50);
    let look = Look {
        coloring: [Coloring::Class, Coloring::Mixing][MIXING],
        ..Look::default()
    };
    let palette = Palette::new(ColorDepth::True);
    bencher.bench(|| {
        let all = Viewport::fit(&positions, area);
        let middle = area.dots().map(|dots| dots / 2.0);
        let view = all.zoom_at(area, middle, f64::from(zoom));
        let points = Points::new(&positions, &classes);
        Picture::draw(&points, view, area, look, palette, None)
    });
}

/// Fitting the window, and drawing the dots alone.
#[divan::bench]
fn raster(bencher: Bencher<'_, '_>) {
    use disentangle::raster::{Area, Points, Raster, Viewport};
    let features = blobs(70_000);
    let positions: Vec<[f32; 2]> = features.outer_iter().map(|row| [row[0], row[1]]).collect();
    let classes: Vec<u16> = (0..positions.len()).map(|i| (i % CLASSES) as u16).collect();
    let area = Area::new(200, 50);
    bencher.bench(|| {
        let view = Viewport::fit(&positions, area);
        Raster::draw(&Points::new(&positions, &classes), view, area)
    });
}
