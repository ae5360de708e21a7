//! What the diagnosis costs beside a running map: when each panel has its figures, how much slower
//! the optimizer becomes meanwhile, and the peak of memory.
//!
//! ```sh
//! cargo run --release --example background -- features.npy labels.npy [iterations]
//! ```
//!
//! The map is made twice, without labels (no statistics of classes are computed then) and with them; the
//! iterations are those of the screen's defaults unless a number is given.
#![expect(clippy::print_stdout, reason = "a program for the terminal")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use disentangle::dataset::{Dataset, ReadOptions, read};
use disentangle::diagnosis::Diagnosis;
use disentangle::run::{Activity, Run, RunOptions};
use disentangle::{Error, Execution, Result};

/// Time between two looks at a run.
const LOOK: Duration = Duration::from_millis(10);

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [features, labels, rest @ ..] = &arguments[..] else {
        return Err(Error::option(
            "FEATURES LABELS",
            "(none)",
            "name a features file and a labels file",
        ));
    };
    let iterations = rest.first().and_then(|n| n.parse().ok());
    let options = ReadOptions {
        labels: Some(labels.into()),
        ..ReadOptions::default()
    };
    let labeled = read(features, &options)?;
    let bare = Dataset::new(labeled.features().to_owned())?;
    println!("{} × {}", labeled.samples(), labeled.dimensions());
    let alone = watch(bare, iterations)?;
    println!("without statistics: {alone}, {} MB at most", peak());
    let beside = watch(labeled, iterations)?;
    println!("with statistics:    {beside}, {} MB at most", peak());
    println!(
        "an iteration takes {:+.1} %",
        100.0 * (beside.per_iteration() / alone.per_iteration() - 1.0)
    );
    for (panel, seconds) in beside.panels {
        println!("{seconds:8.2} s  {panel}");
    }
    Ok(())
}

/// What was seen of a run.
struct Seen {
    iterations: usize,
    /// From the first iteration to the last.
    moving: Duration,
    /// From the start to the last figure.
    described: Duration,
    /// Figures, and when they were first there, in seconds from the start.
    panels: Vec<(&'static str, f64)>,
}

impl Seen {
    fn per_iteration(&self) -> f64 {
        self.moving.as_secs_f64() / self.iterations.max(1) as f64
    }
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} iterations of {:.2} ms, all done after {:.2} s",
            self.iterations,
            1e3 * self.per_iteration(),
            self.described.as_secs_f64()
        )
    }
}

/// Follows a run to its end.
fn watch(data: Dataset, iterations: Option<usize>) -> Result<Seen> {
    let tuned = RunOptions::for_samples(data.samples());
    let options = RunOptions {
        iterations: iterations.unwrap_or(tuned.iterations),
        stop_when_still: false,
        pace: Duration::ZERO,
        ..tuned
    };
    let started = Instant::now();
    let run = Run::start(
        Arc::new(data),
        options,
        Arc::new(|| {}),
        &Execution::default(),
    )?;
    let (mut first, mut last) = (None, (0, Instant::now()));
    let mut panels = Vec::new();
    loop {
        std::thread::sleep(LOOK);
        if let Some(diagnosis) = run.diagnosis() {
            note(&diagnosis, started.elapsed().as_secs_f64(), &mut panels);
        }
        let snapshot = run.snapshot();
        if snapshot.iteration > last.0 {
            last = (snapshot.iteration, Instant::now());
            first.get_or_insert(last);
        }
        match &snapshot.activity {
            Activity::Failed(reason) => {
                let reason = reason.clone();
                return Err(Error::WorkerStopped { reason });
            }
            Activity::Finished | Activity::Still => break,
            _ => {}
        }
    }
    let waiting = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| run.wait_until_diagnosed());
        while !waiting.is_finished() {
            std::thread::sleep(LOOK);
            if let Some(diagnosis) = run.diagnosis() {
                note(&diagnosis, started.elapsed().as_secs_f64(), &mut panels);
            }
        }
        waiting.join()
    });
    drop(waiting);
    let first = first.unwrap_or(last);
    Ok(Seen {
        iterations: last.0 - first.0,
        moving: last.1 - first.1,
        described: started.elapsed(),
        panels,
    })
}

/// Notes which figures are there for the first time.
fn note(diagnosis: &Diagnosis, seconds: f64, panels: &mut Vec<(&'static str, f64)>) {
    let separation = diagnosis.separation.as_ref();
    let fidelity = diagnosis.fidelity.as_ref();
    let has = [
        (
            "neighbors of the features",
            diagnosis.confusion.features.is_some(),
        ),
        (
            "silhouettes of the features",
            diagnosis.silhouette.features.is_some(),
        ),
        (
            "the same, as good as they get",
            diagnosis.silhouette.features.is_some() && diagnosis.silhouette_references != Some(200),
        ),
        (
            "closed-form probe",
            separation.is_some_and(|s| s.probe.is_some()),
        ),
        (
            "logistic probe",
            separation.is_some_and(|s| s.logistic.is_some()),
        ),
        (
            "geometry",
            separation.is_some_and(|s| s.class_separation_r2.is_some()),
        ),
        ("pairs", diagnosis.pairs.is_some()),
        ("suspects", diagnosis.suspects.is_some()),
        ("neighbors of the map", diagnosis.confusion.map.is_some()),
        ("silhouettes of the map", diagnosis.silhouette.map.is_some()),
        ("neighbors kept by the map", fidelity.is_some()),
        (
            "fidelity of the map",
            fidelity.is_some_and(|f| f.trustworthiness.is_some()),
        ),
    ];
    for (name, is_there) in has {
        if is_there && panels.iter().all(|(known, _)| *known != name) {
            panels.push((name, seconds));
        }
    }
}

/// Peak of the resident memory in megabytes, where the system tells it.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.map_or_else(|| "?".into(), |kb| (kb / 1024).to_string())
}
