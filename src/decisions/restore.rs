//! Decisions of an earlier session: found beside the data, and the file that new ones go to.
//!
//! A file that does not fit the data (it is about other data, or was edited) is neither changed nor written
//! over, and stops nobody: what it says of samples whose ids are in this data is taken over, and decisions go to another
//! file, `NAME.decisions-2.csv`.

use std::path::{Path, PathBuf};

use super::Decisions;
use crate::dataset::Dataset;
use crate::error::{Error, printable};

/// The largest number in the name of a file of decisions.
const MOST_FILES: usize = 99;

/// What was found beside the data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Restored {
    /// The decisions.
    pub(crate) decisions: Decisions,
    /// Where new ones are saved.
    pub(crate) file: Option<PathBuf>,
    /// What to say about it, the most important last.
    pub(crate) remarks: Vec<String>,
}

/// The decisions kept beside the features, and their file. Data without a file (the demo) keep them in
/// the current folder; data without labels have none.
pub(crate) fn kept_decisions(data: &Dataset) -> Restored {
    if data.labels().is_none() {
        return Restored::default();
    }
    restore(&beside(data, "decisions.csv"), data)
}

/// A file beside the features, or in the current folder if these have no file.
pub(crate) fn beside(data: &Dataset, ending: &str) -> PathBuf {
    let mut sources = data.sources().iter();
    let features = sources.find(|source| source.role.starts_with("features"));
    let features = features.map(|source| Path::new(&source.path));
    match features.filter(|file| file.is_file()) {
        Some(file) => file.with_extension(ending),
        None => PathBuf::from(format!("{}.{ending}", safe_name(data.name()))),
    }
}

/// A name as a file name: all but letters, digits and underscores become hyphens.
fn safe_name(name: &str) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || c == '_' {
            c
        } else {
            '-'
        }
    };
    let name: String = name.chars().take(60).map(safe).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "data" } else { name }.to_owned()
}

/// Decisions from this file or, if it does not fit the data, from the first of its successors that does.
pub(crate) fn restore(file: &Path, data: &Dataset) -> Restored {
    let mut found = Restored::default();
    let mut matching = Decisions::default();
    for number in 1..=MOST_FILES {
        let path = numbered(file, number);
        let name = shown(&path);
        // Also a broken link or a folder: what cannot be read is not written over.
        if std::fs::symlink_metadata(&path).is_err() {
            if number > 1 {
                let names = [file, &path].map(file_name);
                found.remarks.push(elsewhere(&names, &matching));
            }
            found.decisions = matching;
            found.file = Some(path);
            return found;
        }
        match Decisions::load(&path, data) {
            Ok(decisions) => {
                if !decisions.is_empty() {
                    found
                        .remarks
                        .push(format!("{} restored from {name}", counted(&decisions)));
                }
                found.decisions = decisions;
                found.file = Some(path);
                return found;
            }
            Err(error) => {
                let bytes = std::fs::read(&path).unwrap_or_default();
                for (row, decision) in Decisions::of_known_ids(&bytes, data).iter() {
                    matching.set(row, Some(decision.clone()));
                }
                found.remarks.push(reason(&name, &error));
            }
        }
    }
    found.decisions = matching;
    found.remarks.push(format!(
        "decisions are not saved: {}, and all other file names that were tried, hold decisions about other data",
        shown(file)
    ));
    found
}

/// `NAME.decisions.csv`, `NAME.decisions-2.csv` and so on.
fn numbered(file: &Path, number: usize) -> PathBuf {
    if number == 1 {
        return file.to_owned();
    }
    let name = file
        .file_name()
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let stem = name.strip_suffix(".csv").unwrap_or(&name);
    file.with_file_name(format!("{stem}-{number}.csv"))
}

/// The name without its folder, in which all these files lie.
fn file_name(path: &Path) -> String {
    shown(Path::new(path.file_name().unwrap_or_default()))
}

fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}

fn counted(decisions: &Decisions) -> String {
    match decisions.len() {
        1 => "1 decision".into(),
        n => format!("{n} decisions"),
    }
}

/// What is done where a file does not fit.
fn elsewhere([file, other]: &[String; 2], matching: &Decisions) -> String {
    let taken = match matching.len() {
        0 => String::new(),
        _ => format!(
            "; {} about samples with ids of this data kept",
            counted(matching)
        ),
    };
    format!(
        "{file} is not about this data and is not changed; decisions are saved to {other}{taken}"
    )
}

/// Why it does not fit.
fn reason(name: &str, error: &Error) -> String {
    match error {
        Error::Input { problem, .. } => format!("{name}: {problem}"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::dataset::Labels;
    use crate::decisions::{Choice, Decision};

    fn data(ids: Option<[&str; 3]>) -> Dataset {
        let data = Dataset::new(Array2::zeros((3, 2))).unwrap();
        let labels = Labels::from_strings(&["a", "b", "a"]).unwrap();
        let data = data.with_labels(labels).unwrap();
        match ids {
            Some(ids) => data.with_ids(ids.map(String::from).to_vec()).unwrap(),
            None => data,
        }
    }

    fn keep() -> Decision {
        Decision {
            choice: Choice::Keep,
            note: String::new(),
        }
    }

    #[test]
    fn decisions_come_back_from_the_file_that_they_are_saved_in() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.decisions.csv");
        let fresh = restore(&file, &data(None));
        assert_eq!((fresh.file, fresh.remarks.len()), (Some(file.clone()), 0));
        let mut decisions = Decisions::default();
        decisions.set(2, Some(keep()));
        decisions.save(&file, &data(None)).unwrap();
        let found = restore(&file, &data(None));
        assert_eq!(found.decisions, decisions);
        assert!(found.remarks[0].starts_with("1 decision restored from "));
    }

    #[test]
    fn a_file_of_other_data_is_left_alone_and_decisions_go_to_another() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.decisions.csv");
        for text in [
            "row,decision\n9,keep\n",
            "row,label,decision\n0,b,keep\n",
            "no table at all",
            "\u{0}\u{1}\n\"",
        ] {
            std::fs::write(&file, text).unwrap();
            let found = restore(&file, &data(None));
            assert!(found.decisions.is_empty());
            let next = folder.path().join("x.decisions-2.csv");
            assert_eq!(found.file, Some(next.clone()));
            let said = &found.remarks[1];
            assert!(said.contains("x.decisions.csv is not about this data and is not changed"));
            assert!(said.ends_with("x.decisions-2.csv"), "{said}");
            assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
            // The next session goes on with the other file.
            let mut decisions = Decisions::default();
            decisions.set(1, Some(keep()));
            decisions.save(&next, &data(None)).unwrap();
            let again = restore(&file, &data(None));
            assert_eq!(
                (again.decisions, again.file),
                (decisions, Some(next.clone()))
            );
            std::fs::remove_file(next).unwrap();
        }
    }

    #[test]
    fn of_other_data_the_samples_with_known_ids_are_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.decisions.csv");
        let text = "row,id,label,decision,relabel,note\n0,q,b,keep,,\n1,z,a,keep,,\n2,r,a,relabel,ox,\n\
                    3,p,b,keep,,\n4,r,a,unsure,,dim\n";
        std::fs::write(&file, text).unwrap();
        let found = restore(&file, &data(Some(["p", "q", "r"])));
        // p has another label than when it was decided about; ox is no class; z is no sample.
        let rows: Vec<usize> = found.decisions.iter().map(|(row, _)| row).collect();
        assert_eq!(rows, [1, 2]);
        assert_eq!(found.decisions.get(2).unwrap().note, "dim");
        let said = &found.remarks[1];
        assert!(
            said.ends_with("; 2 decisions about samples with ids of this data kept"),
            "{said}"
        );
        // Without ids, rows say nothing about other data.
        assert!(restore(&file, &data(None)).decisions.is_empty());
    }

    #[test]
    fn decisions_are_kept_beside_the_features_file() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Path::new("fixtures/digits_cnn.npz");
        for name in ["digits.npz", "digits.v2.npz"] {
            let file = folder.path().join(name);
            std::fs::copy(archive, &file).unwrap();
            let data = Dataset::load(&file).unwrap();
            let kept = kept_decisions(&data).file;
            assert_eq!(kept, Some(file.with_extension("decisions.csv")));
        }
        // The demo has no file: its name becomes a file name in the current folder.
        let bytes = std::fs::read(archive).unwrap();
        let options = crate::dataset::ReadOptions::default();
        let demo = crate::dataset::read_bytes("digits_cnn (demo)", &bytes, &options).unwrap();
        let kept = kept_decisions(&demo).file;
        assert_eq!(kept, Some("digits_cnn--demo.decisions.csv".into()));
    }

    #[test]
    fn names_become_file_names() {
        assert_eq!(safe_name("demo: digits (CNN)"), "demo--digits--CNN");
        assert_eq!(safe_name("../../etc/passwd"), "etc-passwd");
        assert_eq!(safe_name("\u{1b}[2J"), "2J");
        assert_eq!(safe_name("日本"), "data");
    }
}
