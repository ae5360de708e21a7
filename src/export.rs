//! Writing files whole or not at all; maps as data and as pictures.
//!
//! Content goes to a temporary file beside the target, which replaces it when everything is written:
//! an interruption leaves the old file, or none. Devices and pipes are written directly.

mod ansi;
mod canvas;
mod cast;
mod clusters;
mod drawing;
#[cfg(feature = "tui")]
mod embedded;
pub(crate) mod endings;
#[cfg(test)]
pub(crate) mod faults;
mod font;
mod inputs;
mod key;
#[cfg(feature = "tui")]
mod plain;
#[cfg(feature = "png")]
mod png;
mod samples;
mod scatter;
mod shape;
mod sheet;
mod svg;

pub use cast::Cast;
pub use clusters::{clusters_to_csv, clusters_to_npy};
pub use drawing::{Drawing, LegendEntry, PictureSize, Window};
#[cfg(feature = "tui")]
pub(crate) use embedded::{mark_to_svg, to_embedded_svg};
pub use inputs::Inputs;
#[cfg(feature = "tui")]
pub(crate) use plain::to_plain_text;
#[cfg(feature = "png")]
pub use png::to_png;
#[cfg(feature = "parquet")]
pub use samples::samples_to_parquet;
pub use samples::{samples_to_csv, samples_to_text};
pub(crate) use svg::escaped;
pub use svg::to_svg;

use std::io::Write;
use std::path::Path;

use npyz::WriterBuilder;

use crate::dataset::Dataset;
use crate::encode::{Cells, Table};
use crate::error::{Error, Result};
#[cfg(feature = "tui")]
use crate::processes::is_alive;
use crate::processes::machine;
use endings::{MAPS, PICTURES, listed, one_of};

/// Bytes that are written at once.
const PART: usize = 1 << 20;

/// Writes a file, replacing an old one if there is one.
///
/// # Errors
/// [`Error::Io`] if the system refuses.
pub fn write_file(path: &Path, content: &[u8]) -> Result<()> {
    let io = |source| Error::io("write", path, source);
    if path.metadata().is_ok_and(|m| !m.is_file()) {
        return std::fs::write(path, content).map_err(io);
    }
    temporary(path, content)?
        .persist(path)
        .map_err(|e| io(e.error))?;
    Ok(())
}

/// As [`write_file`], and waits until the system has put the content and the name on the disk, so that
/// they outlast a crash of the machine.
///
/// # Errors
/// [`Error::Io`] if the system refuses.
pub fn write_durably(path: &Path, content: &[u8]) -> Result<()> {
    let io = |source| Error::io("write", path, source);
    let file = temporary(path, content)?;
    step().map_err(io)?;
    file.as_file().sync_all().map_err(io)?;
    step().map_err(io)?;
    file.persist(path).map_err(|e| io(e.error))?;
    sync_folder(path).map_err(io)
}

/// Waits until the system has put the name of a file on the disk.
pub(crate) fn sync_folder(file: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let folder = file.parent();
        let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
        let folder = std::fs::File::open(folder.unwrap_or_else(|| Path::new(".")))?;
        // Some file systems cannot do this for a folder.
        let _ = folder.sync_all();
    }
    Ok(())
}

/// Writes a file that does not exist yet; false, and nothing changed, if it does.
///
/// # Errors
/// [`Error::Io`] if the system refuses.
pub fn write_new_file(path: &Path, content: &[u8]) -> Result<bool> {
    match temporary(path, content)?.persist_noclobber(path) {
        Ok(_) => Ok(true),
        Err(e) if e.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(e) => Err(Error::io("write", path, e.error)),
    }
}

/// The content in a temporary file beside the target.
fn temporary(path: &Path, content: &[u8]) -> Result<tempfile::NamedTempFile> {
    let mut file = beside(path)?;
    for part in content.chunks(PART) {
        // Not through the temporary file itself, whose errors name it.
        step()
            .and_then(|()| file.as_file_mut().write_all(part))
            .map_err(|source| Error::io("write", path, source))?;
    }
    Ok(file)
}

/// A step of writing, which can fail in tests.
#[cfg(test)]
pub(crate) use faults::step;
#[cfg(not(test))]
#[allow(clippy::unnecessary_wraps, reason = "it fails in tests")]
pub(crate) fn step() -> std::io::Result<()> {
    Ok(())
}

/// How the names of temporary files of programs on this machine begin.
fn mark() -> String {
    format!(".disentangle-{}-", machine())
}

/// Removes the temporary files in a folder whose programs, on this machine, have ended before they were done.
#[cfg(feature = "tui")]
pub(crate) fn remove_abandoned(folder: &Path) {
    let mark = mark();
    let is_abandoned = |name: &str| {
        let process = name
            .strip_prefix(&mark)
            .and_then(|rest| rest.split('-').next());
        process.is_some_and(|process| process.parse().is_ok_and(|process| !is_alive(process)))
    };
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(is_abandoned) {
            // Whoever may not remove it leaves it.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// An empty temporary file beside the target.
fn beside(path: &Path) -> Result<tempfile::NamedTempFile> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    let prefix = format!("{}{}-", mark(), std::process::id());
    builder.prefix(&prefix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As for any new file: the user's mask restricts it.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder).map_err(|source| {
        // The name of the temporary file would only confuse.
        let source = match source.kind() {
            kind @ std::io::ErrorKind::NotFound => {
                std::io::Error::new(kind, "its folder does not exist")
            }
            kind => kind.into(),
        };
        Error::io("write", path, source)
    })
}

/// Checks whether a map can be written there, before hours of work are done for it.
///
/// # Errors
/// As [`write_map`].
pub fn check_map_path(path: &Path) -> Result<()> {
    MapFormat::of_path(path)?;
    check_writable(path)
}

/// Checks whether a file can be written there; nothing is changed.
///
/// # Errors
/// [`Error::Io`] if the system refuses.
pub(crate) fn check_writable(path: &Path) -> Result<()> {
    if path.metadata().is_ok_and(|m| !m.is_file()) {
        return if path.is_dir() {
            let source = std::io::ErrorKind::IsADirectory.into();
            Err(Error::io("write", path, source))
        } else {
            Ok(())
        };
    }
    beside(path).map(drop)
}

/// A map as the bytes of a `.npy` file (n × 2, little-endian f4).
///
/// # Errors
/// [`Error::Io`] if the array cannot be written to memory.
pub fn map_to_npy(positions: &[[f32; 2]]) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(128 + 8 * positions.len());
    let io = |source| Error::io("write", "map", source);
    let dtype = "<f4".parse().map(npyz::DType::Plain);
    let dtype = dtype.map_err(|_bad| Error::input("map", "the dtype is unknown", "report this"))?;
    let mut writer = npyz::WriteOptions::<f32>::new()
        .dtype(dtype)
        .shape(&[positions.len() as u64, 2])
        .writer(&mut bytes)
        .begin_nd()
        .map_err(io)?;
    writer
        .extend(positions.iter().flatten().copied())
        .map_err(io)?;
    writer.finish().map_err(io)?;
    Ok(bytes)
}

/// A map as CSV: `id` (if there are ids), `x`, `y`, `label` (if there are labels), then all other
/// columns of the samples.
///
/// # Errors
/// [`Error::Io`] if the table cannot be written to memory.
pub fn map_to_csv(positions: &[[f32; 2]], data: &Dataset) -> Result<Vec<u8>> {
    map_table(positions, data).to_csv()
}

/// A map as Parquet, with the columns of [`map_to_csv`].
///
/// # Errors
/// [`Error::Io`] if the table cannot be written to memory.
#[cfg(feature = "parquet")]
pub fn map_to_parquet(positions: &[[f32; 2]], data: &Dataset) -> Result<Vec<u8>> {
    crate::encode::parquet(&map_table(positions, data))
}

fn map_table(positions: &[[f32; 2]], data: &Dataset) -> Table {
    let mut table = Table::new("map", positions.len());
    if let Some(ids) = data.ids() {
        table.add("id", Cells::Text(ids.to_vec()));
    }
    for (axis, name) in ["x", "y"].into_iter().enumerate() {
        let values = positions.iter().map(|p| p[axis]);
        table.add(name, Cells::Single(values.collect()));
    }
    if let Some(labels) = data.labels() {
        let name = |row| labels.class(row).map(|c| labels.names()[c].clone());
        let names = (0..positions.len()).map(|row| name(row).unwrap_or_default());
        table.add("label", Cells::Text(names.collect()));
    }
    add_metadata(&mut table, data, 0..positions.len());
    table
}

/// Adds all other columns of some samples.
pub(crate) fn add_metadata(
    table: &mut Table,
    data: &Dataset,
    rows: impl Iterator<Item = usize> + Clone,
) {
    for column in data.metadata() {
        let values = rows.clone().map(|row| column.values[row].clone());
        table.add(&column.name, Cells::AsRead(values.collect()));
    }
}

/// Default size of a picture as text in characters.
pub const TEXT_SIZE: (u16, u16) = (100, 40);

/// What a map can be written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapFormat {
    /// NumPy's array: n × 2, float32.
    Npy,
    /// A table with ids and labels.
    Csv,
    /// The same table with types, where the feature `parquet` is there.
    Parquet,
    /// A picture as vectors.
    Svg,
    /// A picture as pixels, where the feature `png` is there.
    Png,
    /// A picture as text with colors (`.ans`), or without (`.txt`).
    Text,
    /// A recording of the optimization.
    Cast,
}

impl MapFormat {
    /// Whether it holds positions, and is no picture.
    pub(crate) fn is_data(self) -> bool {
        matches!(self, Self::Npy | Self::Csv | Self::Parquet)
    }

    /// The format of a file by the ending of its name; `.npy` for devices and pipes without one.
    ///
    /// # Errors
    /// [`Error::Option`] for another ending.
    pub fn of_path(path: &Path) -> Result<Self> {
        let ending = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
        match ending.as_ref().and_then(|e| e.to_str()) {
            Some("csv") => Ok(Self::Csv),
            Some("parquet") if cfg!(feature = "parquet") => Ok(Self::Parquet),
            Some("npy") => Ok(Self::Npy),
            Some("svg") => Ok(Self::Svg),
            Some("png") if cfg!(feature = "png") => Ok(Self::Png),
            Some("ans" | "txt") => Ok(Self::Text),
            Some("cast") => Ok(Self::Cast),
            None if !path.is_file() && path.exists() => Ok(Self::Npy),
            _ => Err(Error::option(
                "path",
                path.display(),
                format!(
                    "the name must end in {}",
                    one_of(&[MAPS, PICTURES].concat())
                ),
            )),
        }
    }
}

/// A picture as the content of a file of this format; for text, `size` is in characters.
///
/// # Errors
/// [`Error::Option`] for a size out of bounds and for formats that are not pictures.
pub fn picture_to_bytes(
    drawing: &Drawing<'_>,
    format: MapFormat,
    size: Option<PictureSize>,
) -> Result<Vec<u8>> {
    let characters = size.map(|size| (size.width, size.height));
    let size = size.unwrap_or_default();
    match format {
        MapFormat::Svg => to_svg(drawing, size).map(String::into_bytes),
        #[cfg(feature = "png")]
        MapFormat::Png => to_png(drawing, size),
        MapFormat::Text => Ok(drawing.to_ansi(text_area(characters)?).into_bytes()),
        MapFormat::Cast => {
            let mut cast = Cast::new(text_area(characters)?);
            cast.push(drawing);
            Ok(cast.text().as_bytes().to_vec())
        }
        _ => Err(Error::option(
            "path",
            format!("({})", listed(MAPS)),
            format!(
                "is not a picture; name a file that ends in {}",
                one_of(PICTURES)
            ),
        )),
    }
}

/// The size of a picture as text.
///
/// # Errors
/// [`Error::Option`] for less than 10 × 4 or more than 1000 characters a side.
pub fn text_area(size: Option<(u32, u32)>) -> Result<crate::raster::Area> {
    let (columns, rows) = size.unwrap_or_else(|| (TEXT_SIZE.0.into(), TEXT_SIZE.1.into()));
    if !(10..=1000).contains(&columns) || !(4..=1000).contains(&rows) {
        return Err(Error::option(
            "size",
            format!("{columns}x{rows}"),
            "a picture as text must have 10x4 to 1000x1000 characters",
        ));
    }
    Ok(crate::raster::Area::new(columns as u16, rows as u16))
}

/// Writes a map: CSV or Parquet if the name ends in `.csv` or `.parquet`, NumPy's format if it ends in `.npy` or names a
/// device or pipe.
///
/// # Errors
/// [`Error::Io`] if the system refuses, [`Error::Option`] for another ending.
pub fn write_map(path: &Path, positions: &[[f32; 2]], data: &Dataset) -> Result<()> {
    write_file(path, &map_to_bytes(path, positions, data)?)
}

/// What [`write_map`] writes to a file of this name.
///
/// # Errors
/// [`Error::Option`] for another ending.
pub(crate) fn map_to_bytes(path: &Path, positions: &[[f32; 2]], data: &Dataset) -> Result<Vec<u8>> {
    match map_format(path)? {
        MapFormat::Csv => map_to_csv(positions, data),
        #[cfg(feature = "parquet")]
        MapFormat::Parquet => map_to_parquet(positions, data),
        _ => map_to_npy(positions),
    }
}

/// The format of a map's file; a picture is refused.
pub(crate) fn map_format(path: &Path) -> Result<MapFormat> {
    let problem = format!("the name of a map must end in {}", one_of(MAPS));
    match MapFormat::of_path(path) {
        Ok(format) if format.is_data() => Ok(format),
        _ => Err(Error::option("path", path.display(), problem)),
    }
}

#[cfg(test)]
mod tests;
