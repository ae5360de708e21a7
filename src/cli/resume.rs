//! `disentangle resume`: goes on with a session.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::{Args, CommandFactory as _, FromArgMatches as _};

use super::output::print;
use super::session::{ENDING, described, elsewhere, read_session};
use super::{Cli, one_standard_input, screen};
use crate::dataset::without_member;
use crate::error::{Error, Result, printable};
use crate::text::word;

#[derive(Debug, Args)]
pub(super) struct Resume {
    /// A session (.session.npz), or the study or features that it belongs to [default: the session in the current folder]
    #[arg(value_name = "STUDY")]
    of: Option<PathBuf>,
}

/// Goes on with a session; returns the exit code.
pub(super) fn run(args: &Resume) -> Result<i32> {
    let sessions = match &args.of {
        Some(file) if is_session(file) => vec![file.clone()],
        Some(of) => beside(of)?,
        None => in_folder(Path::new("."), |_| true)?,
    };
    let file = match sessions.as_slice() {
        [file] => std::path::absolute(file).unwrap_or_else(|_| file.clone()),
        [] => {
            let of = args.of.as_ref();
            let place = of.map_or_else(|| "this folder".into(), |of| of.display().to_string());
            let remedy = "name a session, or open the data itself";
            return Err(Error::input(place, "there is no session", remedy));
        }
        several => {
            print(&listed(several))?;
            return Ok(2);
        }
    };
    let found = read_session(&file)?;
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    let folder = folder.join(&found.session.folder);
    std::env::set_current_dir(&folder).map_err(|source| Error::io("read", &folder, source))?;
    let name = [String::from("disentangle")];
    let arguments: Vec<String> = name
        .into_iter()
        .chain(found.session.arguments.clone())
        .collect();
    one_standard_input(arguments.iter().skip(1).map(Into::into))?;
    let unusable = || {
        let problem = "holds arguments that this version does not know";
        Error::input(file.display().to_string(), problem, "open the data itself")
    };
    let given = Cli::command()
        .try_get_matches_from(&arguments)
        .map_err(|_| unusable())?;
    let cli = Cli::from_arg_matches(&given).map_err(|_| unusable())?;
    if cli.command.is_some() {
        return Err(unusable());
    }
    let (inputs, origin) = (cli.sets.inputs(), cli.sets.origin());
    let resumed = Some((file, found));
    screen::open(
        cli.sets.shown()?,
        inputs,
        &origin,
        cli.screen,
        &given,
        resumed,
    )
}

/// Whether a name is that of a session or of its previous copy.
fn is_session(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_suffix(".previous").unwrap_or(&name);
    name.ends_with(&format!(".{ENDING}"))
}

/// The sessions of a study or of features.
fn beside(of: &Path) -> Result<Vec<PathBuf>> {
    let of = without_member(of);
    let stem = of
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let folder = of.parent().filter(|folder| *folder != Path::new(""));
    let other = elsewhere(&of.with_extension(ENDING)).filter(|other| other.is_file());
    let mut found = in_folder(folder.unwrap_or_else(|| Path::new(".")), |name| {
        let own = name.strip_suffix(&format!(".{ENDING}")).unwrap_or("");
        let number = own.strip_prefix(&format!("{stem}-"));
        own == stem || number.is_some_and(|number| number.parse::<u8>().is_ok())
    })?;
    found.extend(other);
    Ok(found)
}

/// The sessions of a folder, the newest first.
fn in_folder(folder: &Path, is_wanted: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(|source| Error::io("read", folder, source))?;
    let mut found: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in entries.flatten() {
        let path = if folder == Path::new(".") {
            PathBuf::from(entry.file_name())
        } else {
            entry.path()
        };
        let name = entry.file_name().to_str().map(str::to_owned);
        let is_kept = path.extension() == Some(OsStr::new("npz")) && is_session(&path);
        if is_kept && name.is_some_and(|name| is_wanted(&name)) {
            let time = entry.metadata().and_then(|data| data.modified());
            found.push((time.unwrap_or(SystemTime::UNIX_EPOCH), path));
        }
    }
    found.sort_by(|a, b| b.cmp(a));
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

/// Sessions to choose from.
fn listed(sessions: &[PathBuf]) -> String {
    let mut text = String::from("several sessions, the newest first; go on with one of them by\n");
    for file in sessions {
        let what = match read_session(file) {
            Ok(found) => described(&found.session),
            Err(error) => error.to_string(),
        };
        let name = word(&printable(&file.display().to_string()));
        let _ = writeln!(text, "  disentangle resume {name}  ({})", printable(&what));
    }
    text
}
