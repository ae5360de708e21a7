//! Where the session of a study or of other data lies, and whether the screen goes on with it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use sha2::Digest as _;

use super::config::state_folder;
use super::data::Origin;
use super::journal::settings;
use crate::dataset::{Dataset, InputFile, hex};
use crate::decisions::beside;
use crate::error::{Error, Result, printable};
use crate::export::remove_abandoned;
use crate::run::RunOptions;
use crate::session::{Found, Lock, Locked, Session, read};
use crate::tui::{KeepSession, KeptSession, Settings};
use crate::words::count;

/// The end of the names of sessions.
pub(super) const ENDING: &str = "session.npz";
/// The largest number in the name of a session.
const MOST_FILES: usize = 99;

/// The session's file: beside the study file, or else beside the features, as the journal is.
pub(super) fn session_file(study_file: Option<&Path>, data: &Dataset) -> PathBuf {
    match study_file {
        Some(study) => study.with_extension(ENDING),
        None => beside(data, ENDING),
    }
}

/// The file that a session is written to, of it or of its previous copy.
fn written_to(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    match name.strip_suffix(".previous") {
        Some(name) => file.with_file_name(name),
        None => file.to_owned(),
    }
}

/// The same with a number.
fn numbered(file: &Path, number: usize) -> PathBuf {
    if number == 1 {
        return file.to_owned();
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.strip_suffix(ENDING).unwrap_or(&name);
    file.with_file_name(format!("{}-{number}.{ENDING}", stem.trim_end_matches('.')))
}

/// What the screen is opened on, for its session.
pub(super) struct Opening<'a> {
    pub(super) origin: &'a Origin,
    pub(super) data: &'a Dataset,
    pub(super) sources: &'a [InputFile],
    pub(super) options: &'a RunOptions,
    pub(super) k: usize,
    pub(super) settings: &'a Settings,
}

/// The session to keep, and what to say about it. `resumed` is the one to go on with, and its file.
pub(super) fn kept_session(
    opening: &Opening<'_>,
    resumed: Option<(PathBuf, Found)>,
) -> (Option<KeptSession>, Vec<String>) {
    let mut notes = Vec::new();
    let wish = opening.settings.session;
    if wish == KeepSession::Off {
        return (None, notes);
    }
    // The demo, and what comes through a pipe, cannot be read again.
    let is_file = |input: &InputFile| Path::new(&input.path).is_file();
    let is_readable = opening.origin.data.is_some() && opening.sources.iter().all(is_file);
    let known = resumed
        .as_ref()
        .map(|(_, found)| found.session.arguments.clone());
    let Some(arguments) = known.or_else(arguments).filter(|_| is_readable) else {
        return (None, notes);
    };
    let file = match &resumed {
        Some((file, _)) => written_to(file),
        None => session_file(opening.origin.study_file.as_deref(), opening.data),
    };
    let file = writable(file, &mut notes);
    let about = about(opening, &file, arguments);
    let folder = file.parent().filter(|folder| *folder != Path::new(""));
    remove_abandoned(folder.unwrap_or_else(|| Path::new(".")));
    let goes_on = resumed.is_some() || wish == KeepSession::Resume;
    let resumed = resumed.map(|(_, found)| found);
    let (file, found, lock) = match find(&file, &about, resumed, &mut notes) {
        Ok(taken) => taken,
        Err(why) => {
            notes.push(format!("no session is kept: {why}"));
            return (None, notes);
        }
    };
    let found =
        found.filter(|found| goes_on || wish == KeepSession::Ask && found.session.has_maps());
    let (session, remarks) = found.map_or((None, Vec::new()), |found| {
        (Some(Box::new(found.session)), found.notes)
    });
    notes.extend(remarks);
    if let Some(session) = &session {
        notes.extend(changed(session, opening.sources));
    }
    let asks = session.as_ref().filter(|_| !goes_on);
    let asks = asks.map(|session| format!("there is a session with {}", described(session)));
    let kept = KeptSession {
        file,
        about,
        found: session,
        asks,
        every: Duration::from_secs(opening.settings.autosave),
        lock: Some(Arc::new(lock)),
    };
    (Some(kept), notes)
}

/// The arguments of the process, if they are text.
fn arguments() -> Option<Vec<String>> {
    let arguments = std::env::args_os().skip(1);
    arguments
        .map(|argument| argument.into_string().ok())
        .collect()
}

/// What a session says of what it is about.
fn about(opening: &Opening<'_>, file: &Path, arguments: Vec<String>) -> Session {
    let folder = file.parent().unwrap_or_else(|| Path::new(""));
    let settings = serde_json::to_value(settings(opening.options, opening.k));
    let here = std::env::current_dir().unwrap_or_default();
    let data = opening.origin.data.clone();
    Session {
        arguments,
        folder: seen_from(&here, folder),
        data: data.map(|data| data.seen_from(folder)),
        is_single: opening.origin.is_single,
        samples: opening.data.samples(),
        inputs: opening.sources.to_vec(),
        settings: settings.unwrap_or(Value::Null),
        ..Session::default()
    }
}

/// A folder as seen from another one: relative where it is that one, or above it or below it.
fn seen_from(folder: &Path, from: &Path) -> String {
    let from = std::path::absolute(Path::new(".").join(from)).unwrap_or_else(|_| from.to_owned());
    let from: PathBuf = from.components().collect();
    let seen = match (folder.strip_prefix(&from), from.strip_prefix(folder)) {
        (Ok(below), _) => below.to_owned(),
        (_, Ok(above)) => above.components().map(|_| "..").collect(),
        _ => folder.to_owned(),
    };
    seen.to_string_lossy().into_owned()
}

/// The session's file where its folder can be written to; otherwise one in the user's own folder.
fn writable(file: PathBuf, notes: &mut Vec<String>) -> PathBuf {
    let is_refused = matches!(Lock::take(&file), Err(Error::Io { .. }));
    let Some(other) = elsewhere(&file).filter(|_| is_refused) else {
        return file;
    };
    if let Some(folder) = other.parent() {
        // If that fails, so does taking the lock.
        let _ = std::fs::create_dir_all(folder);
    }
    notes.push(format!(
        "the folder of the data cannot be written to: the session is kept in {}",
        printable(&other.display().to_string())
    ));
    other
}

/// The file in the user's own folder that stands for one beside the data.
pub(super) fn elsewhere(file: &Path) -> Option<PathBuf> {
    let whole = std::path::absolute(file).ok()?;
    let digest = sha2::Sha256::digest(whole.as_os_str().as_encoded_bytes());
    let digest = hex(&digest[..6]);
    let name = file.file_name()?.to_string_lossy();
    let stem = name.strip_suffix(&format!(".{ENDING}")).unwrap_or(&name);
    let folder = state_folder()?.join("sessions");
    Some(folder.join(format!("{stem}-{digest}.{ENDING}")))
}

/// The first of the numbered files that is free or about the same work, with what it holds, locked. What is gone on
/// with gets another file if another program has its own open.
fn find(
    file: &Path,
    about: &Session,
    mut resumed: Option<Found>,
    notes: &mut Vec<String>,
) -> Result<(PathBuf, Option<Found>, Lock), String> {
    for number in 1..=MOST_FILES {
        let path = numbered(file, number);
        // Also a broken link: what cannot be read is not written over.
        let is_there = std::fs::symlink_metadata(&path).is_ok();
        let is_own = number == 1 && resumed.is_some();
        let found = match is_there.then(|| read(&path)).filter(|_| !is_own) {
            None => None,
            Some(Ok(found)) if found.session.is_same_work(about) => Some(found),
            Some(Ok(_)) => continue,
            Some(Err(error)) => {
                notes.push(error.to_string());
                continue;
            }
        };
        match Lock::take(&path).map_err(|error| error.to_string())? {
            // What lies there would be lost to the one that is gone on with.
            Locked::Here(_) if resumed.is_some() && found.is_some() => {}
            Locked::Here(lock) => return Ok((path, resumed.take().or(found), lock)),
            Locked::Elsewhere(who) => notes.push(format!(
                "{} is in use by {who}; this screen keeps its own session",
                printable(&path.display().to_string())
            )),
        }
    }
    Err("too many sessions are kept beside the data; delete old ones (*.session.npz)".into())
}

/// Which files have changed since.
fn changed(session: &Session, sources: &[InputFile]) -> Option<String> {
    let known = |file: &&InputFile| !session.inputs.iter().any(|then| then.sha256 == file.sha256);
    let changed: Vec<String> = (sources.iter().filter(known))
        .map(|file| printable(&file.path))
        .collect();
    (!changed.is_empty()).then(|| {
        format!(
            "changed since the session was saved: {}; maps are kept where the features are the same",
            changed.join(", ")
        )
    })
}

/// A session in a few words.
pub(super) fn described(session: &Session) -> String {
    let maps: usize = session.sets.iter().map(|set| set.run.maps.len()).sum();
    let mut words = count(maps, "map", "maps");
    if session.sets.len() > 1 {
        words = format!(
            "{words} of {}",
            count(session.sets.len(), "feature set", "feature sets")
        );
    }
    words
}

/// Reads the session of a file.
///
/// # Errors
/// As [`read`], and [`Error::Input`] if it holds no arguments.
pub(super) fn read_session(file: &Path) -> Result<Found> {
    let found = read(file)?;
    if found.session.arguments.is_empty() {
        let name = file.display().to_string();
        return Err(Error::input(
            name,
            "does not say how it was opened",
            "name the data instead",
        ));
    }
    Ok(found)
}

/// Says on standard error where a session was kept for the first time.
pub(super) fn tell_of_session(file: Option<&Path>, was_there: bool) {
    if let Some(file) = file.filter(|file| !was_there && file.is_file()) {
        let _ = writeln!(
            std::io::stderr(),
            "note: the session is kept in {}; `disentangle resume` goes on with it",
            printable(&file.display().to_string())
        );
    }
}
