//! What the fuzz targets share: the limits that every input is held to, and files in memory.
//!
//! An input fails if its reader panics, takes more than [`MOST_TIME`] of processor time, or asks for more than
//! [`MOST_MEMORY`] at once. The largest values so far go to the file that `FUZZ_RECORD` names.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use disentangle::dataset::ReadOptions;
use rustix::time::{ClockId, clock_gettime};

pub mod container;
pub mod hdf5;
mod memory;
pub mod own;

pub use libfuzzer_sys::fuzz_target;

/// Processor time that an input may take.
const MOST_TIME: Duration = Duration::from_secs(1);
/// Bytes that an input may make a reader allocate at once.
const MOST_MEMORY: usize = 64 << 20;

/// A fuzz target: what is done with the bytes of an input.
#[macro_export]
macro_rules! target {
    (|$data:ident| $run:expr) => {
        $crate::fuzz_target!(
            init: $crate::start(),
            |$data: &[u8]| $crate::watched($data, || drop($run))
        );
    };
}

/// Before the first input.
pub fn start() {
    // Without threads of its own, one run differs from the next only in its input.
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .use_current_thread();
    pool.build_global().expect("nothing was computed before");
}

/// Runs a reader on an input, and holds it to the limits.
pub fn watched(input: &[u8], run: impl FnOnce()) {
    memory::begin();
    let before = clock_gettime(ClockId::ProcessCPUTime);
    run();
    let after = clock_gettime(ClockId::ProcessCPUTime);
    let time = Duration::try_from(after - before).unwrap_or_default();
    let used = memory::used();
    record(input, time, used);
    assert!(time <= MOST_TIME, "took {time:?}");
    assert!(
        used.largest <= MOST_MEMORY,
        "allocated {} bytes at once",
        used.largest
    );
}

/// Notes the slowest input and the largest allocations.
fn record(input: &[u8], time: Duration, used: memory::Used) {
    use std::sync::Mutex;
    static MOST: Mutex<(Duration, memory::Used)> = Mutex::new((Duration::ZERO, memory::NONE));
    let Ok(mut most) = MOST.lock() else { return };
    if time <= most.0 && used.largest <= most.1.largest && used.peak <= most.1.peak {
        return;
    }
    let is_slowest = time > most.0;
    most.0 = most.0.max(time);
    most.1.largest = most.1.largest.max(used.largest);
    most.1.peak = most.1.peak.max(used.peak);
    let Some(file) = std::env::var_os("FUZZ_RECORD").map(PathBuf::from) else {
        return;
    };
    let text = format!(
        "{:.3} {:.2} {:.2}\n",
        most.0.as_secs_f64() * 1e3,
        most.1.largest as f64 / f64::from(1 << 20),
        most.1.peak as f64 / f64::from(1 << 20),
    );
    let _ = std::fs::write(&file, text);
    if is_slowest {
        let _ = std::fs::write(file.with_extension("slowest"), input);
    }
}

/// A folder for files of this process.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let name = format!("disentangle-fuzz-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("the temporary folder can be written to");
        folder
    })
}

/// Writes a file to the folder.
pub fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder().join(name);
    std::fs::write(&path, bytes).expect("the temporary folder can be written to");
    path
}

/// All stages of reading a file of data, and the words that `disentangle inspect` has for it.
pub fn inspect(name: &str, bytes: &[u8]) {
    let path = file(name, bytes);
    match disentangle::dataset::inspect(&path, &ReadOptions::default()) {
        Ok(inspection) => drop(black_box(inspection.to_string())),
        Err(error) => drop(black_box(error.to_string())),
    }
}
