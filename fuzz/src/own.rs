//! Readers of the files that the program writes itself, and of its command line.

use std::ffi::OsString;
use std::hint::black_box;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use disentangle::affinities::Affinities;
use disentangle::checkpoint;
use disentangle::dataset::read_positions;
use disentangle::decisions::Decisions;
use disentangle::ndarray::Array2;
use disentangle::neighbors::Neighbors;
use disentangle::prelude::*;
use disentangle::run::embed_from;

use crate::{container, file, folder, inspect};

/// Samples of the data that sessions and checkpoints are about.
pub const SAMPLES: usize = 12;
/// Files that a command line may name, and the longest of its names.
const MOST_FILES: usize = 6;
const LONGEST_NAME: usize = 40;

/// An array as features, and as a map.
pub fn array(data: &[u8]) {
    inspect("x.npy", data);
    let _ = black_box(read_positions(&folder().join("x.npy")));
}

/// A study file, without the files that it names.
pub fn study(data: &[u8]) {
    let path = file("x.toml", data).display().to_string();
    said(StudyOptions::from_arguments(&[path]));
}

/// The data that sessions, checkpoints and decisions are about.
pub fn dataset() -> &'static Dataset {
    static DATA: OnceLock<Dataset> = OnceLock::new();
    DATA.get_or_init(|| {
        let value = |(i, j): (usize, usize)| (i % 3 * 20 + (i * 7 + j * 5) % 6) as f32;
        let labels: Vec<&str> = (0..SAMPLES).map(|i| ["cat", "dog", "ox"][i % 3]).collect();
        let ids = (0..SAMPLES).map(|i| format!("s{i}")).collect();
        Dataset::new(Array2::from_shape_fn((SAMPLES, 4), value))
            .and_then(|data| {
                data.with_labels(Labels::from_strings(&labels)?)?
                    .with_ids(ids)
            })
            .expect("the data are fit")
    })
}

/// How the map of a checkpoint is made.
pub fn options() -> RunOptions {
    RunOptions {
        perplexity: 3.0,
        iterations: 30,
        ..RunOptions::default()
    }
}

/// Decisions about the samples; what is read is written, and comes back as it was.
pub fn decisions(data: &[u8]) {
    let read = Decisions::from_csv(data, "decisions.csv", dataset());
    if let Ok(decisions) = &read {
        drop(decisions.apply(dataset()));
        let written = decisions
            .to_csv(dataset())
            .expect("they are about these data");
        let again = Decisions::from_csv(&written, "decisions.csv", dataset());
        assert_eq!(Some(decisions), again.as_ref().ok());
    }
    said(read);
    // Those found beside the features: a table of other data, whose ids may be known.
    let features = file(
        "x.csv",
        b"a,b,id,label\n1,2,s1,ox\n3,4,s2,cat\n5,7,s3,cat\n",
    );
    file("x.decisions.csv", data);
    if let Ok(data) = Dataset::load(features) {
        black_box(disentangle::cli::fuzzing::decisions(&data));
    }
}

/// A checkpoint, whose map goes on.
pub fn checkpoint(data: &[u8]) {
    let parts = container::parts(data);
    let bytes = if parts.is_empty() {
        data.to_vec()
    } else {
        let about = parts.iter().find(|(name, _)| name == "about");
        let about = about.map(|(_, text)| npy("|u1", &text.len().to_string(), text));
        let arrays = parts.iter().filter(|(name, _)| name != "about").cloned();
        let about = about
            .iter()
            .map(|about| ("about.npy".to_owned(), &about[..]));
        container::zip_of(arrays.chain(about))
    };
    let read = checkpoint::from_bytes(&bytes, "x.checkpoint", dataset(), &options());
    match read {
        Ok(read) => {
            let from = Some(read.map);
            let goes_on = embed_from(
                dataset(),
                &options(),
                from,
                &mut |_, _| (),
                &Execution::default(),
            );
            said(goes_on.map(|map| map.positions()));
        }
        Err(error) => drop(black_box(error.to_string())),
    }
}

/// An array of the given type and shape.
pub fn npy(kind: &str, shape: &str, values: &[u8]) -> Vec<u8> {
    let mut header =
        format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({shape},), }}");
    while (header.len() + 11) % 64 > 0 {
        header.push(' ');
    }
    header.push('\n');
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\0", &length[..], header.as_bytes(), values].concat()
}

/// A config file.
pub fn config(data: &[u8]) {
    let path = file("config.toml", data);
    said(disentangle::cli::fuzzing::config(&path));
}

/// A journal.
pub fn journal(data: &[u8]) {
    let path = file("x.journal.jsonl", data);
    said(disentangle::cli::fuzzing::journal(&path));
}

/// A session, whose maps go on.
pub fn session(data: &[u8]) {
    let path = file("x.session.npz", &container::zip(data, ""));
    if let Ok((runs, _)) = disentangle::cli::fuzzing::session(&path) {
        for map in runs.iter().flat_map(|run| &run.maps) {
            if map.check(SAMPLES).is_ok() {
                goes_on((*map.optimizer).clone());
            }
        }
    }
}

/// Some iterations of a map that was read.
fn goes_on(state: disentangle::tsne::EmbeddingState) {
    let execution = Execution::default();
    if let Ok(mut map) = Embedding::restore(Arc::clone(affinities()), state, &execution) {
        let _ = map.advance(3);
        black_box(map.positions());
    }
}

/// The affinities of the samples.
fn affinities() -> &'static Arc<Affinities> {
    static AFFINITIES: OnceLock<Arc<Affinities>> = OnceLock::new();
    AFFINITIES.get_or_init(|| {
        let execution = Execution::default();
        let neighbors = Neighbors::exact(dataset().features(), 9, &execution);
        let affinities = neighbors.and_then(|found| Affinities::new(&found, 3.0, &execution));
        Arc::new(affinities.expect("the data are fit"))
    })
}

/// `disentangle inspect`: its arguments, one a line, in the first part; files in the others.
pub fn command_line(data: &[u8]) {
    let parts = container::parts(data);
    let Some(((_, arguments), files)) = parts.split_first() else {
        return;
    };
    let arguments: Vec<String> = String::from_utf8_lossy(arguments)
        .lines()
        .map(str::to_owned)
        .collect();
    let stays = |text: &str| !(text.contains(['/', '\\']) || text.contains(".."));
    let is_plain = |name: &str| {
        let is_letter = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        !name.is_empty()
            && name.len() <= LONGEST_NAME
            && !name.starts_with('.')
            && name.chars().all(is_letter)
    };
    // Only files of this folder are named, by a study file as well.
    let is_own = |(name, content): &(String, &[u8])| {
        is_plain(name) && (!name.ends_with("toml") || stays(&String::from_utf8_lossy(content)))
    };
    if files.len() > MOST_FILES || !files.iter().all(is_own) || !arguments.iter().all(|a| stays(a))
    {
        return;
    }
    let written = files.iter().map(|(name, content)| file(name, content));
    let written: Vec<_> = written.collect();
    let arguments: Vec<OsString> = arguments.iter().map(Into::into).collect();
    static MOVED: OnceLock<()> = OnceLock::new();
    MOVED.get_or_init(|| std::env::set_current_dir(folder()).expect("it was made"));
    said(disentangle::cli::fuzzing::inspect(&arguments));
    written.iter().for_each(remove);
}

fn remove(path: impl AsRef<Path>) {
    let _ = std::fs::remove_file(path);
}

/// The words of an error are a part of what is tested.
fn said<T>(outcome: Result<T>) {
    match outcome {
        Ok(value) => drop(black_box(value)),
        Err(error) => drop(black_box(error.to_string())),
    }
}
