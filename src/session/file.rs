//! A session as the bytes of its file, and back: `session.json`, and four arrays a map, `set0/map2/positions` and so
//! on, by the places of set and map in the JSON.

use std::io::{Cursor, Read, Seek, Write};
use std::sync::Arc;

use npyz::WriterBuilder;
use serde_json::Value;
use zip::write::SimpleFileOptions;

use super::Session;
use crate::dataset::npz_array;
use crate::error::{Error, Result};
use crate::run::{MapState, RunState};
use crate::tsne::EmbeddingState;

/// Format and version of the file; a new number when a key changes its meaning.
const FORMAT: &str = "disentangle.session/";
const VERSION: u64 = 1;
/// The text of the session.
const TEXT: &str = "session.json";
/// The largest text that is read (bytes).
const MOST_TEXT: u64 = 64 << 20;

/// Why a file cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It is no session, or nothing of it can be read.
    Damaged(String),
    /// A newer version of the program wrote it, in this version of the format.
    Newer(u64),
}

/// The bytes of a session's file.
///
/// # Errors
/// [`Error::Io`] if the archive cannot be written to memory.
pub(crate) fn to_bytes(session: &Session) -> Result<Vec<u8>> {
    let text = serde_json::to_vec(&without_arrays(session)).map_err(|e| in_memory(e.into()))?;
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    begin(&mut zip, TEXT)?;
    zip.write_all(&text).map_err(in_memory)?;
    for (set, of_set) in session.sets.iter().enumerate() {
        for (map, of_map) in of_set.run.maps.iter().enumerate() {
            let optimizer = &of_map.optimizer;
            for (name, pairs) in [
                ("positions", &optimizer.positions),
                ("updates", &optimizer.updates),
                ("gains", &optimizer.gains),
            ] {
                let shape = [pairs.len() as u64, 2];
                let values = pairs.as_flattened().iter().copied();
                put(&mut zip, &place(set, map, name), &shape, values)?;
            }
            let shape = [optimizer.order.len() as u64];
            let order = optimizer.order.iter().copied();
            put(&mut zip, &place(set, map, "order"), &shape, order)?;
        }
    }
    Ok(zip.finish().map_err(|e| in_memory(e.into()))?.into_inner())
}

/// What becomes JSON.
fn without_arrays(session: &Session) -> Session {
    let mut text = session.clone();
    text.schema = format!("{FORMAT}{VERSION}");
    text.program = env!("CARGO_PKG_VERSION").into();
    for map in text.sets.iter_mut().flat_map(|set| &mut set.run.maps) {
        map.optimizer = Arc::new(map.optimizer.without_arrays());
    }
    text
}

/// The name of an array.
fn place(set: usize, map: usize, name: &str) -> String {
    format!("set{set}/map{map}/{name}")
}

fn in_memory(source: std::io::Error) -> Error {
    Error::io("write", "session", source)
}

fn begin(zip: &mut zip::ZipWriter<impl Write + Seek>, name: &str) -> Result<()> {
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file(name, options)
        .map_err(|e| in_memory(e.into()))
}

fn put<T: npyz::AutoSerialize>(
    zip: &mut zip::ZipWriter<impl Write + Seek>,
    name: &str,
    shape: &[u64],
    values: impl Iterator<Item = T>,
) -> Result<()> {
    begin(zip, &format!("{name}.npy"))?;
    let array = npyz::WriteOptions::<T>::new().default_dtype().shape(shape);
    let mut array = array.writer(zip).begin_nd().map_err(in_memory)?;
    array.extend(values).map_err(in_memory)?;
    array.finish().map_err(in_memory)
}

/// Reads the bytes of a session as far as that is possible; with what is missing, in words.
pub(super) fn from_bytes(bytes: &[u8]) -> Result<(Session, Vec<String>), Unusable> {
    let damaged = |why: &str| Unusable::Damaged(why.to_owned());
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes))
        .map_err(|_| damaged("it is not an archive, or is cut off"))?;
    let text = text(&mut zip).ok_or_else(|| damaged("its text cannot be read"))?;
    let text: Value = serde_json::from_slice(&text).map_err(|_| damaged("its text is no JSON"))?;
    let schema = text.get("schema").and_then(Value::as_str).unwrap_or("");
    match schema
        .strip_prefix(FORMAT)
        .and_then(|number| number.parse().ok())
    {
        Some(VERSION) => {}
        Some(newer) if newer > VERSION => return Err(Unusable::Newer(newer)),
        _ => return Err(damaged("it is not a session")),
    }
    let mut session: Session =
        serde_json::from_value(text).map_err(|error| Unusable::Damaged(error.to_string()))?;
    let samples = session.samples;
    let mut lost = Vec::new();
    for (number, set) in session.sets.iter_mut().enumerate() {
        let name = if set.name.is_empty() { "" } else { &set.name };
        let run = std::mem::take(&mut set.run);
        set.run = with_arrays(run, samples, name, &mut lost, |map, state| {
            arrays(&mut zip, (number, map), state, samples)
        });
    }
    Ok((session, lost))
}

/// A run with the arrays of its maps; maps without them are left out and named.
fn with_arrays(
    mut run: RunState,
    samples: usize,
    set: &str,
    lost: &mut Vec<String>,
    mut arrays: impl FnMut(usize, &EmbeddingState) -> Option<EmbeddingState>,
) -> RunState {
    let mut kept: Vec<(usize, MapState)> = Vec::new();
    for (place, mut map) in std::mem::take(&mut run.maps).into_iter().enumerate() {
        let whole = arrays(place, &map.optimizer).is_some_and(|optimizer| {
            map.optimizer = Arc::new(optimizer);
            map.check(samples).is_ok()
        });
        if whole {
            kept.push((place, map));
        } else {
            let (perplexity, seed) = (map.perplexity, map.seed);
            let of = if set.is_empty() {
                String::new()
            } else {
                format!(" of {set}")
            };
            lost.push(format!(
                "the map at perplexity {perplexity}, seed {seed}{of}"
            ));
        }
    }
    let moved = |place: Option<usize>| kept.iter().position(|(before, _)| Some(*before) == place);
    run.shown = moved(run.shown);
    run.background = moved(run.background).filter(|place| Some(*place) != run.shown);
    run.maps = kept.into_iter().map(|(_, map)| map).collect();
    if run.check(samples).is_ok() {
        return run;
    }
    lost.push(if set.is_empty() {
        "all maps".into()
    } else {
        format!("all maps of {set}")
    });
    RunState::default()
}

fn text(zip: &mut zip::ZipArchive<impl Read + Seek>) -> Option<Vec<u8>> {
    let file = zip.by_name(TEXT).ok()?;
    let mut bytes = Vec::new();
    file.take(MOST_TEXT).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// The state of an optimizer with its arrays.
fn arrays(
    zip: &mut zip::ZipArchive<impl Read + Seek>,
    (set, map): (usize, usize),
    state: &EmbeddingState,
    samples: usize,
) -> Option<EmbeddingState> {
    let mut pairs = |name: &str| -> Option<Vec<[f32; 2]>> {
        let values = array::<f32>(zip, &place(set, map, name), samples.checked_mul(2)?)?;
        Some(values.as_chunks().0.to_vec())
    };
    let (positions, updates, gains) = (pairs("positions")?, pairs("updates")?, pairs("gains")?);
    let order = array::<u32>(zip, &place(set, map, "order"), samples)?;
    Some(EmbeddingState {
        positions,
        updates,
        gains,
        order,
        ..state.without_arrays()
    })
}

/// The values of an array of exactly so many.
fn array<T: npyz::Deserialize>(
    zip: &mut zip::ZipArchive<impl Read + Seek>,
    name: &str,
    length: usize,
) -> Option<Vec<T>> {
    npz_array(zip, name, length as u64).filter(|values| values.len() == length)
}
