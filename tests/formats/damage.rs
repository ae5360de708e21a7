//! Damaged files: cut off at 20 places and with 200 random changes, each must be read or refused
//! within a second and 64 MB, and never panic.

#![allow(
    unsafe_code,
    reason = "an allocator that counts is the only way to see the peak of memory"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use disentangle::dataset::{ReadOptions, read_bytes};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const CUTS: usize = 20;
const CHANGES: u64 = 200;
const LONGEST: Duration = Duration::from_secs(1);
const MOST_MEMORY: usize = 64 << 20;

/// The system's allocator, which remembers how much is in use.
struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn taken(bytes: usize) {
    let now = IN_USE.fetch_add(bytes, Relaxed) + bytes;
    PEAK.fetch_max(now, Relaxed);
}

// SAFETY: every call goes to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        // SAFETY: the caller's promises are those that the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        taken(size);
        IN_USE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.realloc(memory, layout, size) }
    }
}

/// Checks damaged forms of a file, as features and as labels. `name` is its name for the reader and
/// for messages.
pub(crate) fn survives_damage(name: &str, bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name.rsplit('/').next().unwrap());
    let mut failures = String::new();
    for (what, damaged) in cut(bytes).chain(changed(bytes)) {
        std::fs::write(&path, &damaged).unwrap();
        let labels = ReadOptions {
            labels: Some(path.clone()),
            ..ReadOptions::default()
        };
        let features = b"0,1\n1,0\n";
        let found = [
            problem(|| drop(read_bytes(name, &damaged, &ReadOptions::default()))),
            problem(|| drop(read_bytes("two rows", features, &labels))),
        ];
        for problem in found.into_iter().flatten() {
            writeln!(failures, "{name}, {what}: {problem}").unwrap();
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

/// The file cut off at evenly spaced places, one of them before its last byte.
fn cut(bytes: &[u8]) -> impl Iterator<Item = (String, Vec<u8>)> {
    let last = bytes.len().saturating_sub(1);
    (0..CUTS).map(move |i| {
        let at = last * (i + 1) / CUTS;
        (format!("cut off after {at} bytes"), bytes[..at].to_vec())
    })
}

/// The file with one to eight changed bytes, half of the time among the first 256.
fn changed(bytes: &[u8]) -> impl Iterator<Item = (String, Vec<u8>)> {
    (0..CHANGES).map(move |seed| {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut below = |n: usize| random.next_u64() as usize % n.max(1);
        let mut damaged = bytes.to_vec();
        for _ in 0..=below(8) {
            let near = if below(2) == 0 { 256 } else { usize::MAX };
            let at = below(bytes.len().min(near));
            let value = below(256) as u8;
            damaged[at] = if below(2) == 0 {
                value
            } else {
                damaged[at] ^ (1 << (value % 8))
            };
        }
        (format!("changed with seed {seed}"), damaged)
    })
}

/// Keeps other tests from taking much memory: that of all threads is counted together.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What went wrong in a call, if anything did.
fn problem(call: impl FnOnce()) -> Option<String> {
    let _alone = alone();
    let before = IN_USE.load(Relaxed);
    PEAK.store(before, Relaxed);
    let start = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(call));
    let (time, peak) = (start.elapsed(), PEAK.load(Relaxed).saturating_sub(before));
    if outcome.is_err() {
        return Some("it panics".into());
    }
    if time > LONGEST {
        return Some(format!("it takes {time:?}"));
    }
    (peak > MOST_MEMORY).then(|| format!("it takes {} MB", peak >> 20))
}

#[test]
fn memory_and_panics_are_noticed() {
    assert!(problem(|| ()).is_none());
    let large = problem(|| drop(std::hint::black_box(vec![1_u8; MOST_MEMORY + (1 << 20)])));
    assert!(large.is_some_and(|p| p.contains("MB")));
    let panics = problem(|| assert_eq!(std::hint::black_box(1), 2));
    assert_eq!(panics.as_deref(), Some("it panics"));
}

#[test]
fn damaged_tables_and_archives_of_the_fixtures() {
    for name in [
        "digits_excerpt.csv",
        "digits_labels.npy",
        "digits_flipped_indices.npy",
    ] {
        let bytes = std::fs::read(crate::common::fixture(name)).unwrap();
        survives_damage(name, &bytes[..bytes.len().min(20_000)]);
    }
}
