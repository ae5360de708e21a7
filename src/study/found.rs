//! A study from the files of a folder: what each is for, which model and layer it belongs to.
//!
//! In: a folder. Out: a [`Found`], whose study can be read, with what was taken for what and what was left out.
//! What a file is for is decided by its name and shape ([`glance`]); models and layers by the words of the names.
//! Cost: every file is opened, and those that are used are read.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use super::Study;
use super::layers::{self, File};
use super::options::StudyOptions;
use crate::dataset::{Glance, Role, glance};
use crate::error::{Error, Result, printable};
use crate::text::first;

/// Ends of the names of files that the program itself writes beside the data.
const OWN_FILES: &[&str] = &[
    ".toml",
    ".decisions.csv",
    ".selections.json",
    ".journal.jsonl",
    ".session.npz",
    ".previous",
    ".lock",
    ".md",
    ".html",
];
/// Files that are named in a message.
const MOST_NAMES: usize = 6;

/// A study, and the files of its folder.
pub(crate) struct Found {
    /// Paths are names of files of the folder.
    pub(crate) options: StudyOptions,
    pub(crate) samples: usize,
    /// Files of further labels.
    pub(crate) other_labels: Vec<String>,
    /// Files that are used: name, and as what.
    pub(crate) taken: Vec<(String, String)>,
    /// Files that are not used: name, and why.
    pub(crate) left: Vec<(String, String)>,
}

/// The study of a folder's files.
///
/// # Errors
/// [`Error::Io`] if the folder cannot be read, [`Error::Input`] if no study can be made of its files.
pub(crate) fn find(folder: &Path) -> Result<Found> {
    let mut left = Vec::new();
    let mut files = Vec::new();
    for name in names(folder)? {
        match glance(&folder.join(&name)) {
            Ok(glance) => files.push(File { name, glance }),
            Err(error) => left.push((name, reason(error))),
        }
    }
    loop {
        let mut unused = left.clone();
        let mut found = sort(folder, &files, &mut unused)?;
        match Study::read(&found.options.clone().in_folder(folder)) {
            Ok(study) => {
                found.samples = study.samples();
                found.left = unused;
                return Ok(found);
            }
            Err(error) => {
                let Some(at) = at_fault(&error, &files, &found) else {
                    return Err(error);
                };
                let file = files.remove(at);
                left.push((file.name, reason(error)));
            }
        }
    }
}

/// The files that may hold data.
fn names(folder: &Path) -> Result<Vec<String>> {
    let unreadable = |source| Error::io("read", folder, source);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let is_own = OWN_FILES.iter().any(|end| name.ends_with(end));
        // What a colon is followed by would be read as the name of an array.
        if entry.path().is_file() && !is_own && !name.starts_with('.') && !name.contains(':') {
            names.push(name);
        }
    }
    names.sort_by(|a, b| layers::natural(a, b));
    Ok(names)
}

/// Why a file cannot be used, without its name.
fn reason(error: Error) -> String {
    match error {
        Error::Input { problem, .. } => problem,
        other => other.to_string(),
    }
}

/// The file that an error is about: one beside the features rather than features.
fn at_fault(error: &Error, files: &[File], found: &Found) -> Option<usize> {
    let said = error.to_string();
    let is_named = |file: &File| {
        found.taken.iter().any(|(name, _)| *name == file.name)
            && said.contains(&printable(&file.name))
    };
    let named: Vec<usize> = (0..files.len())
        .filter(|&at| is_named(&files[at]))
        .collect();
    let is_beside = |at: &&usize| files[**at].glance.role != Some(Role::Features);
    named
        .iter()
        .find(is_beside)
        .or_else(|| named.last())
        .copied()
}

/// Decides what each file is used as; says of the others why not.
fn sort(folder: &Path, files: &[File], left: &mut Vec<(String, String)>) -> Result<Found> {
    let of_role = |role: Role| files.iter().filter(move |f| f.glance.role == Some(role));
    let Some(samples) = most_common_rows(of_role(Role::Features)) else {
        let seen = left
            .iter()
            .map(|(name, _)| name)
            .chain(files.iter().map(|f| &f.name));
        let seen: Vec<&String> = seen.collect();
        let problem = match seen.as_slice() {
            [] => "there is no file of data in this folder".to_owned(),
            names => format!(
                "none of {} can be used as features",
                first(names, MOST_NAMES, |n| printable(n))
            ),
        };
        let remedy = "save features as n rows × d columns, for example with numpy.save";
        return Err(Error::input(folder.display().to_string(), problem, remedy));
    };
    let fits = |file: &&File| file.glance.rows.is_none_or(|rows| rows == samples);
    let features: Vec<&File> = of_role(Role::Features).filter(fits).collect();
    let labeled = features.iter().find(|f| f.glance.has_labels);
    let has_labels = labeled.is_some();
    let mut found = Found {
        options: StudyOptions {
            name: folder_name(folder),
            models: layers::models(&features, &folder_name(folder)),
            ..StudyOptions::default()
        },
        samples,
        other_labels: Vec::new(),
        taken: Vec::new(),
        left: Vec::new(),
    };
    for file in &features {
        found.taken.push((
            file.name.clone(),
            layers::describe(file, &found.options.models),
        ));
    }
    let mut labels: Vec<&File> = of_role(Role::Labels).filter(fits).collect();
    labels.sort_by_key(|file| file.glance.owner.len());
    let mut labels = labels.into_iter().map(|file| file.name.clone());
    if !has_labels && let Some(name) = labels.next() {
        found.options.read.labels = Some(PathBuf::from(&name));
        found.taken.push((name, "labels".into()));
    }
    found.other_labels = labels.collect();
    let is_open = has_labels || found.options.read.labels.is_some();
    if let Some(file) = of_role(Role::Ids).find(fits) {
        found.options.read.ids = Some(PathBuf::from(&file.name));
        found.taken.push((file.name.clone(), "ids".into()));
    }
    if let Some(file) = of_role(Role::ClassNames).next().filter(|_| is_open) {
        found.options.read.class_names = Some(PathBuf::from(&file.name));
        found.taken.push((file.name.clone(), "class names".into()));
    }
    for role in [Role::Predictions, Role::Probabilities] {
        for file in of_role(role).filter(fits) {
            give_output(&mut found, file, role);
        }
    }
    for file in files {
        if !found.taken.iter().any(|(name, _)| *name == file.name) {
            // The other file that is used in its place.
            let used_as = file.glance.role.map(|role| role.to_string());
            let mut taken = found.taken.iter();
            let used = match file.glance.role {
                Some(Role::Labels) if has_labels => labeled.map(|file| &file.name),
                _ => (taken.find(|(_, what)| Some(what) == used_as.as_ref())).map(|(name, _)| name),
            };
            left.push((file.name.clone(), why_not(file, samples, used)));
        }
    }
    Ok(found)
}

/// Gives predictions or probabilities to the model that their name says, or to the only one.
fn give_output(found: &mut Found, file: &File, role: Role) {
    let models = &mut found.options.models;
    let owner = &file.glance.owner;
    let named = models.iter().position(|m| layers::is_named(&m.name, owner));
    let Some(at) = named.or_else(|| (models.len() == 1).then_some(0)) else {
        return;
    };
    let output = match role {
        Role::Predictions => &mut models[at].predictions,
        _ => &mut models[at].probabilities,
    };
    if output.is_none() {
        *output = Some(PathBuf::from(&file.name));
        let what = format!("{role} of model {}", printable(&models[at].name));
        found.taken.push((file.name.clone(), what));
    }
}

/// Why a file that can be read is not used; `used` is the one that is used in its place.
fn why_not(file: &File, samples: usize, used: Option<&String>) -> String {
    let Glance { role, rows, .. } = &file.glance;
    let what = role.map_or_else(|| "values".into(), |role| role.to_string());
    match (role, rows) {
        (_, Some(rows)) if *rows != samples => {
            let what = role.map_or_else(String::new, |role| format!("{role}: "));
            let word = if *rows == 1 { "row" } else { "rows" };
            format!("{what}{rows} {word}, but the features of the study have {samples}")
        }
        (None, _) => "its name does not say what it is".into(),
        (Some(Role::Predictions | Role::Probabilities), _) => {
            format!("{what}, but its name matches no model without {what}")
        }
        (Some(Role::Positions), _) => "this is a map".into(),
        _ => match used {
            Some(used) => format!("also {what}; those of {} are used", printable(used)),
            None => format!("{what}, but there are no labels"),
        },
    }
}

/// The number of rows that most files of features have; of several, that of the first file.
fn most_common_rows<'a>(files: impl Iterator<Item = &'a File> + Clone) -> Option<usize> {
    let rows = files.filter_map(|file| file.glance.rows);
    let count = |wanted: usize| rows.clone().filter(|r| *r == wanted).count();
    let larger = |best: usize, next: usize| match count(next).cmp(&count(best)) {
        Ordering::Greater => next,
        _ => best,
    };
    rows.clone().reduce(larger)
}

/// The folder's name, for the study.
fn folder_name(folder: &Path) -> String {
    let whole = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let name = whole
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "study".into())
}
