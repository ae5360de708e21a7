//! Checkpoints: a map that was computed in part, in a file, with what it was computed from.
//!
//! In: the state of an optimizer, and the data and options of its run. Out: a NumPy archive (`.npz`), since the
//! file is the user's data: positions and last movements of the samples as arrays, everything else as JSON in the
//! array `about`. Reading it back checks that it belongs to the same data and options, because a map that continues
//! with others would be neither the one nor the other. A checkpoint holds all that the iterations depend on, so
//! that the finished map is, bit for bit, that of a run without a break.

use std::io::{Cursor, Read, Seek, Write};
use std::path::Path;

use npyz::WriterBuilder;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;

use crate::dataset::{Dataset, MOST_HEADER, digest_of, hex, npz_array};
use crate::error::{Error, Result};
use crate::run::{MapOrigin, PartialMap, RunOptions, capped_perplexity};
use crate::tsne::{EmbeddingState, GridFit, Initialization, TsneParams};

/// Layout of the file; a new number when a key changes its meaning.
pub const SCHEMA: &str = "disentangle.checkpoint/1";
/// The largest JSON text of a checkpoint (bytes).
const MOST_TEXT: u64 = 16 << 20;

/// What a map is computed from, and how: a checkpoint of something else is refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Origin {
    /// SHA-256 of shape and values of the features, as they were after reading.
    features: String,
    samples: usize,
    dimensions: usize,
    perplexity: f64,
    affinities: crate::affinities::Weighting,
    annealing: Option<f64>,
    pca_components: Option<usize>,
    seed: u64,
    initialization: String,
    /// SHA-256 of starting positions that were given.
    start: Option<String>,
    iterations: usize,
    stop_when_still: bool,
    tsne: TsneParams,
}

impl Origin {
    fn of(data: &Dataset, options: &RunOptions) -> Self {
        let start = match &options.initialization {
            Initialization::Given(positions) => {
                let mut sha = Sha256::new();
                for value in positions.iter().flatten() {
                    sha.update(value.to_le_bytes());
                }
                Some(hex(&sha.finalize()))
            }
            _ => None,
        };
        Self {
            features: digest_of(data),
            samples: data.samples(),
            dimensions: data.dimensions(),
            perplexity: capped_perplexity(options.perplexity, data.samples()).0,
            affinities: options.weighting.clone(),
            annealing: options.annealing,
            pca_components: options.components,
            seed: options.seed,
            initialization: MapOrigin::of(&options.initialization).name().into(),
            start,
            iterations: options.iterations,
            stop_when_still: options.stop_when_still,
            tsne: options.tsne.clone(),
        }
    }

    /// The first thing in which a checkpoint's origin differs, in words. More iterations may be asked for, unless the
    /// schedule depends on their number.
    fn difference(&self, now: &Self) -> Option<String> {
        if self.features != now.features {
            return Some(
                if self.samples == now.samples && self.dimensions == now.dimensions {
                    "other features".into()
                } else {
                    format!("features of {} × {}", self.samples, self.dimensions)
                },
            );
        }
        let (Ok(Value::Object(was)), Ok(Value::Object(is))) =
            (serde_json::to_value(self), serde_json::to_value(now))
        else {
            return Some("other settings".into());
        };
        is.iter().find_map(|(key, is)| {
            let was = was.get(key)?;
            if was == is || (key == "iterations" && now.annealing.is_none()) {
                return None;
            }
            let (Value::Object(was), Value::Object(is)) = (was, is) else {
                return Some(differing(key, was, is));
            };
            let inner = is.iter().find(|(key, is)| was.get(*key) != Some(is));
            inner.map(|(key, is)| differing(key, was.get(key).unwrap_or(&Value::Null), is))
        })
    }
}

fn differing(key: &str, was: &Value, is: &Value) -> String {
    let words = key.replace('_', " ");
    match key {
        "start" => "other starting positions".into(),
        _ => format!("{words} {was}, not {is}"),
    }
}

/// The part of a checkpoint that is no array.
#[derive(Debug, Serialize, Deserialize)]
struct About {
    schema: String,
    crate_version: String,
    iteration: usize,
    origin: Origin,
    schedule_start: usize,
    exaggerates: bool,
    damping: f64,
    /// Perplexity of the affinities in use, which annealing changes.
    current_perplexity: f64,
    grid: Option<GridFit>,
    divergences: Vec<(usize, f64)>,
}

/// The bytes of a checkpoint: an archive of NumPy arrays.
///
/// | array | shape | content |
/// | --- | --- | --- |
/// | `positions` | n × 2, float32 | the map so far, by sample |
/// | `updates`, `gains` | n × 2, float32 | last movements, and factors on the learning rate |
/// | `order` | n, uint32 | the optimizer's order of the samples |
/// | `about` | bytes, uint8 | JSON: `schema`, `iteration`, `origin` (data and settings) … |
///
/// # Errors
/// [`Error::Io`] if the archive cannot be written to memory.
pub fn to_bytes(data: &Dataset, options: &RunOptions, partial: &PartialMap) -> Result<Vec<u8>> {
    Basis::of(data, options).to_bytes(partial)
}

/// What the checkpoints of a run have in common: the data and options that they belong to.
#[derive(Debug, Clone)]
pub(crate) struct Basis(Origin);

impl Basis {
    /// Cost: one pass over the features.
    pub(crate) fn of(data: &Dataset, options: &RunOptions) -> Self {
        Self(Origin::of(data, options))
    }

    /// As [`to_bytes`].
    pub(crate) fn to_bytes(&self, partial: &PartialMap) -> Result<Vec<u8>> {
        bytes_of(&self.0, partial)
    }
}

fn bytes_of(origin: &Origin, partial: &PartialMap) -> Result<Vec<u8>> {
    let PartialMap { state, divergences } = partial;
    let about = About {
        schema: SCHEMA.into(),
        crate_version: env!("CARGO_PKG_VERSION").into(),
        iteration: state.iteration,
        origin: origin.clone(),
        schedule_start: state.schedule_start,
        exaggerates: state.exaggerates,
        damping: state.damping,
        current_perplexity: state.perplexity,
        grid: state.grid,
        divergences: divergences.clone(),
    };
    let about = serde_json::to_vec(&about).map_err(|e| in_memory(e.into()))?;
    let n = state.positions.len() as u64;
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let pairs = |pairs: &[[f32; 2]]| pairs.as_flattened().to_vec();
    put(&mut zip, "positions", &[n, 2], pairs(&state.positions))?;
    put(&mut zip, "updates", &[n, 2], pairs(&state.updates))?;
    put(&mut zip, "gains", &[n, 2], pairs(&state.gains))?;
    put(
        &mut zip,
        "order",
        &[state.order.len() as u64],
        state.order.clone(),
    )?;
    put(&mut zip, "about", &[about.len() as u64], about)?;
    let bytes = zip.finish().map_err(|e| in_memory(e.into()))?;
    Ok(bytes.into_inner())
}

fn in_memory(source: std::io::Error) -> Error {
    Error::io("write", "checkpoint", source)
}

/// Adds an array to an archive.
fn put<T: npyz::AutoSerialize>(
    zip: &mut zip::ZipWriter<impl Write + Seek>,
    name: &str,
    shape: &[u64],
    values: Vec<T>,
) -> Result<()> {
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file(format!("{name}.npy"), options)
        .map_err(|e| in_memory(e.into()))?;
    let array = npyz::WriteOptions::<T>::new().default_dtype().shape(shape);
    let mut array = array.writer(zip).begin_nd().map_err(in_memory)?;
    array.extend(values).map_err(in_memory)?;
    array.finish().map_err(in_memory)
}

/// A checkpoint that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// What [`embed_from`](crate::run::embed_from) continues from.
    pub map: PartialMap,
    /// The version that wrote it, if it is not this one: the map may then differ in its last digits.
    pub other_version: Option<String>,
}

/// Reads a checkpoint of these data and options; `name` is the file's in messages.
///
/// # Errors
/// [`Error::Input`] if it is no checkpoint, is damaged, or belongs to other data or options.
pub fn from_bytes(
    bytes: &[u8],
    name: &str,
    data: &Dataset,
    options: &RunOptions,
) -> Result<Checkpoint> {
    let refused = |problem: &str, remedy: &str| Error::input(name, problem, remedy);
    let damaged = |what: &str| {
        let problem = format!("is a damaged checkpoint: {what}");
        refused(&problem, "delete it to start anew")
    };
    let unknown = || refused("is not a checkpoint", "name another file");
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| unknown())?;
    let about = npz_array::<u8>(&mut zip, "about", MOST_TEXT).ok_or_else(unknown)?;
    let about: Value = serde_json::from_slice(&about).map_err(|_| unknown())?;
    match about.get("schema").and_then(Value::as_str) {
        Some(SCHEMA) => {}
        Some(schema) if schema.starts_with("disentangle.checkpoint/") => {
            let problem =
                format!("is a checkpoint of another version ({schema}; this one reads {SCHEMA})");
            return Err(refused(
                &problem,
                "use the version that wrote it, or delete it",
            ));
        }
        _ => return Err(unknown()),
    }
    let about: About = serde_json::from_value(about).map_err(|e| damaged(&e.to_string()))?;
    if let Some(difference) = about.origin.difference(&Origin::of(data, options)) {
        let problem = format!("is a checkpoint of another map ({difference})");
        return Err(refused(
            &problem,
            "name another file, or delete it to start anew",
        ));
    }
    if about.iteration > options.iterations {
        let problem = format!(
            "has {} iterations more than asked for",
            about.iteration - options.iterations
        );
        return Err(refused(&problem, "ask for more --iterations, or delete it"));
    }
    let n = data.samples();
    let mut pairs = |name: &str| -> Result<Vec<[f32; 2]>> {
        let values = npz_array::<f32>(&mut zip, name, 2 * n as u64).filter(|v| v.len() == 2 * n);
        let values = values.ok_or_else(|| damaged(name))?;
        if !values.iter().all(|v| v.is_finite()) {
            return Err(damaged(name));
        }
        Ok(values.as_chunks().0.to_vec())
    };
    let (positions, updates, gains) = (pairs("positions")?, pairs("updates")?, pairs("gains")?);
    let order = npz_array::<u32>(&mut zip, "order", n as u64).ok_or_else(|| damaged("order"))?;
    let map = PartialMap {
        state: EmbeddingState {
            params: about.origin.tsne,
            perplexity: about.current_perplexity,
            positions,
            updates,
            gains,
            iteration: about.iteration,
            schedule_start: about.schedule_start,
            exaggerates: about.exaggerates,
            damping: about.damping,
            order,
            grid: about.grid,
        },
        divergences: about.divergences,
    };
    let is_other = about.crate_version != env!("CARGO_PKG_VERSION");
    Ok(Checkpoint {
        map,
        other_version: is_other.then_some(about.crate_version),
    })
}

/// Reads a checkpoint; `None` if there is no such file.
///
/// # Errors
/// As [`from_bytes`], and [`Error::Io`] if the file cannot be read.
pub fn read(path: &Path, data: &Dataset, options: &RunOptions) -> Result<Option<Checkpoint>> {
    let name = path.display().to_string();
    let io = |source| Error::io("read", path, source);
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
    };
    // More than a checkpoint of these data takes is not read.
    let most = 64 * data.samples() as u64 + MOST_TEXT + 8 * MOST_HEADER;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes).map_err(io)?;
    from_bytes(&bytes, &name, data, options).map(Some)
}

#[cfg(test)]
mod tests;
