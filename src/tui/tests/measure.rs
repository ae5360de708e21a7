//! How long a frame takes, from the state to the bytes: for people, not for the suite.
//!
//! ```sh
//! cargo test --release --lib frame_times -- --ignored --nocapture
//! ```

use std::sync::Arc;
use std::time::{Duration, Instant};

use ndarray::Array2;
use ratatui::Terminal;
use ratatui::layout::Size;

use super::{fake, press};
use crate::dataset::{Dataset, Labels};
use crate::palette::{ColorDepth, Palette};
use crate::tui::app::action::Message;
use crate::tui::app::ladder::DEFAULT_LADDER;
use crate::tui::app::selection::Join;
use crate::tui::app::{App, update};
use crate::tui::terminal::input::Key;
use crate::tui::terminal::wire::{Content, Wire};
use crate::tui::view;

const SAMPLES: usize = 70_000;
const CLASSES: usize = 10;
const FRAMES: usize = 40;

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

fn app() -> App {
    let labels: Vec<i64> = (0..SAMPLES).map(|i| (i % CLASSES) as i64).collect();
    let labels = Labels::from_integers(&labels).unwrap();
    let data = Dataset::new(Array2::zeros((SAMPLES, 2))).unwrap();
    let data = data.with_labels(labels).unwrap();
    let known = fake::app_with_classes(CLASSES);
    let mut snapshot = known.run.snapshot.as_ref().clone();
    snapshot.positions = positions(0);
    snapshot.visited = Arc::new([]);
    let palette = Palette::new(ColorDepth::True);
    let mut app = App::new(
        Arc::new(data),
        Arc::new(snapshot),
        palette,
        &DEFAULT_LADDER,
        10,
    );
    app.run.diagnosis = known.run.diagnosis;
    app.size = (200, 50);
    app
}

/// The same with three maps beside it, of other seeds.
fn four_maps() -> App {
    let mut app = app();
    let mut snapshot = app.run.snapshot.as_ref().clone();
    let known = fake::app().run.snapshot.visited[0].clone();
    let visited = (0..4).map(|seed| {
        let mut map = known.clone();
        map.seed = snapshot.seed + seed;
        map.generation = snapshot.generation + seed;
        map.perplexity = snapshot.perplexity;
        map.positions = positions(20 * seed as usize);
        map
    });
    snapshot.visited = visited.collect();
    snapshot.sequence += 1;
    let diagnosis = app.run.diagnosis.clone();
    update(&mut app, Message::News(Arc::new(snapshot), diagnosis));
    super::type_in(&mut app, "||");
    assert_eq!(app.map.multiples.facets.len(), 4);
    app
}

/// Times of a frame: a new snapshot taken in, the screen drawn, the difference written.
fn times(mut app: App, maps: &[Arc<[[f32; 2]]>]) -> Vec<Duration> {
    let mut wire = Wire::default();
    wire.resize(Size::new(app.size.0, app.size.1));
    let mut terminal = Terminal::new(wire).unwrap();
    let mut times: Vec<Duration> = (0..FRAMES)
        .map(|frame| {
            let mut snapshot = app.run.snapshot.as_ref().clone();
            snapshot.positions = Arc::clone(&maps[frame % maps.len()]);
            snapshot.sequence += 1;
            let diagnosis = app.run.diagnosis.clone();
            let start = Instant::now();
            update(&mut app, Message::News(Arc::new(snapshot), diagnosis));
            terminal.draw(|frame| view::draw(&app, frame)).unwrap();
            std::hint::black_box(terminal.backend_mut().take(usize::MAX, Content::All));
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times
}

#[test]
#[ignore = "measures; see the head of the file"]
fn frame_times() {
    let maps: Vec<_> = (0..8).map(positions).collect();
    let chosen: Vec<u32> = (0..SAMPLES as u32).filter(|i| i % 3 == 0).collect();
    let zoomed_in = |steps: usize| {
        let mut app = app();
        press(&mut app, &vec![Key::Char('+'); steps]);
        app
    };
    let with_key = |keys: &str| {
        let mut app = app();
        super::type_in(&mut app, keys);
        app
    };
    let mut selected = app();
    selected.select("a third", &chosen, Join::Toggle);
    let cases = vec![
        ("map and panels", app()),
        ("map alone (z)", with_key("z")),
        ("zoomed 2 times", zoomed_in(2)),
        ("zoomed 5 times", zoomed_in(5)),
        ("zoomed 12 times", zoomed_in(12)),
        ("zoomed out 3 times", with_key("---")),
        ("mixing", with_key("zv")),
        ("density", with_key("zvv")),
        ("half blocks", with_key("zgg")),
        ("a third selected", selected),
        ("crosshair", with_key("x")),
        ("help", with_key("?")),
        ("four maps", four_maps()),
    ];
    println!("{SAMPLES} points, 200×50, {FRAMES} frames: median, slowest");
    for (name, app) in cases {
        let times = times(app, &maps);
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        println!(
            "{name:>20}: {:.2} ms, {:.2} ms",
            ms(times[FRAMES / 2]),
            ms(times[FRAMES - 1])
        );
    }
}
