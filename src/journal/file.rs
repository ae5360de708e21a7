//! The journal's file: read as far as its lines can be, and appended to.
//!
//! Cost: reading is one pass over the file, which may have at most 256 MiB.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Entry, Event, VERSION, time};
use crate::error::{Error, Result};
use crate::export::sync_folder;
use crate::words::count;

/// Larger files are refused.
const LARGEST: u64 = 256 << 20;
/// Lines that are named in a message.
const MOST_LINES: usize = 5;

/// What a journal holds.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// Oldest first.
    pub(crate) entries: Vec<Entry>,
    /// What was skipped, in sentences.
    pub(crate) notes: Vec<String>,
}

/// The version of a line that cannot be read otherwise.
#[derive(Deserialize)]
struct Version {
    journal: u32,
}

/// A journal to append to.
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
}

impl Read {
    /// Reads a journal. Lines that cannot be read are skipped.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read, [`Error::Input`] if it is too large or no journal.
    pub(crate) fn file(path: &Path) -> Result<Self> {
        let io = |source| Error::io("read", path, source);
        let size = std::fs::metadata(path).map_err(io)?.len();
        let wrong = |problem: String| {
            let file = path.display().to_string();
            let remedy = if file.ends_with(".journal.jsonl") {
                "move this file away, and the screen begins a new one"
            } else {
                "name the journal that the screen keeps, NAME.journal.jsonl"
            };
            Err(Error::input(file, problem, remedy))
        };
        if size > LARGEST {
            return wrong(format!(
                "{size} bytes is too large for a journal (at most {LARGEST})"
            ));
        }
        let read = Self::bytes(&std::fs::read(path).map_err(io)?);
        match read {
            Some(read) => Ok(read),
            None => wrong("this is not a journal: none of its lines is an entry".into()),
        }
    }

    /// Reads the bytes of a journal; nothing if they are those of something else.
    fn bytes(bytes: &[u8]) -> Option<Self> {
        let mut read = Self::default();
        let (mut damaged, mut newer) = (Vec::new(), 0);
        let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
        let torn = lines.pop().filter(|rest| !rest.is_empty());
        for (at, line) in lines.iter().chain(&torn).enumerate() {
            if line.trim_ascii().is_empty() {
                continue;
            }
            match serde_json::from_slice::<Entry>(line) {
                Ok(entry) if entry.journal <= VERSION => read.entries.push(entry),
                _ if is_newer(line) => newer += 1,
                _ => damaged.push(at + 1),
            }
        }
        let is_cut_off = torn.is_some() && damaged.last() == Some(&(lines.len() + 1));
        if is_cut_off {
            damaged.pop();
            let line = lines.len() + 1;
            read.notes.push(format!(
                "line {line} of the journal was cut off and is skipped"
            ));
        }
        if read.entries.is_empty() && newer == 0 && !damaged.is_empty() {
            return None;
        }
        if !damaged.is_empty() {
            let named = crate::text::first(&damaged, MOST_LINES, ToString::to_string);
            let are = if damaged.len() == 1 { "line" } else { "lines" };
            read.notes.push(format!(
                "{are} {named} of the journal cannot be read and are skipped"
            ));
        }
        if newer > 0 {
            let entries = count(newer, "entry", "entries");
            read.notes.push(format!(
                "{entries} of the journal skipped: a newer version of this program wrote them"
            ));
        }
        Some(read)
    }
}

/// Whether a line is an entry of a later version, or of a kind that this one does not know.
fn is_newer(line: &[u8]) -> bool {
    serde_json::from_slice::<Version>(line).is_ok_and(|line| line.journal >= VERSION)
}

impl Journal {
    /// Opens a journal to append to; one that does not exist begins with the first entry.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be written.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let opened = OpenOptions::new()
            .create(true)
            .read(true)
            .append(true)
            .open(path);
        let file = opened.map_err(|source| Error::io("write", path, source))?;
        Ok(Self {
            file,
            path: path.to_owned(),
        })
    }

    /// Appends an entry with the present time.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be written.
    pub(crate) fn append(&mut self, entry: &Entry) -> Result<()> {
        let appended = self.append_line(entry);
        appended.map_err(|source| Error::io("write", &self.path, source))
    }

    /// Waits until the system has put all entries on the disk.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot.
    pub(crate) fn sync(&self) -> Result<()> {
        let io = |source| Error::io("write", &self.path, source);
        self.file.sync_all().map_err(io)?;
        sync_folder(&self.path).map_err(io)
    }

    fn append_line(&mut self, entry: &Entry) -> std::io::Result<()> {
        let json = serde_json::to_vec(entry)?;
        let mut line = Vec::with_capacity(json.len() + 2);
        // A line that a program was killed in is ended first.
        if self.ends_within_line()? {
            line.push(b'\n');
        }
        line.extend(json);
        line.push(b'\n');
        self.file.write_all(&line)
    }

    fn ends_within_line(&mut self) -> std::io::Result<bool> {
        let mut last = [b'\n'];
        if self.file.metadata()?.len() > 0 {
            self.file.seek(SeekFrom::End(-1))?;
            self.file.read_exact(&mut last)?;
        }
        Ok(last != [b'\n'])
    }
}

impl Entry {
    /// What has just happened.
    pub(crate) fn now(event: Event) -> Self {
        Self {
            journal: VERSION,
            time: time::now(),
            event,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Place;

    fn note(text: &str) -> Entry {
        Entry::now(Event::Note {
            text: text.into(),
            sample: None,
            place: Place::default(),
        })
    }

    #[test]
    fn entries_come_back_whatever_is_in_their_texts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.journal.jsonl");
        let texts = [
            "plain",
            "two\nlines\r\n",
            "\u{1b}[2J\u{202e}<script>\"]]>",
            "",
        ];
        for text in texts {
            Journal::open(&path).unwrap().append(&note(text)).unwrap();
        }
        let read = Read::file(&path).unwrap();
        let all = texts.map(|text| note(text).event);
        assert!(read.entries.iter().map(|entry| &entry.event).eq(&all));
        assert!(read.notes.is_empty());
        let lines = std::fs::read_to_string(&path).unwrap();
        assert_eq!(lines.lines().count(), texts.len());
        assert!(lines.starts_with("{\"journal\":1,\"time\":\"2"), "{lines}");
    }

    #[test]
    fn a_line_that_was_cut_off_is_skipped_and_ended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.journal.jsonl");
        let mut journal = Journal::open(&path).unwrap();
        journal.append(&note("first")).unwrap();
        journal.append(&note("second")).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let first = bytes.iter().position(|b| *b == b'\n').unwrap() + 1;
        for end in first..bytes.len() {
            std::fs::write(&path, &bytes[..end]).unwrap();
            let read = Read::file(&path).unwrap();
            // Without its line break, the second is whole all the same.
            let whole = if end == bytes.len() - 1 { 2 } else { 1 };
            assert_eq!(read.entries.len(), whole);
            assert_eq!(
                read.notes.is_empty(),
                end == first || whole == 2,
                "{:?}",
                read.notes
            );
            Journal::open(&path)
                .unwrap()
                .append(&note("third"))
                .unwrap();
            let read = Read::file(&path).unwrap();
            assert_eq!(read.entries.len(), whole + 1);
            assert_eq!(read.entries[whole].event, note("third").event);
        }
    }

    #[test]
    fn what_is_no_journal_is_refused_and_newer_lines_are_kept_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.journal.jsonl");
        std::fs::write(&path, "a,b\n1,2\n").unwrap();
        let error = Read::file(&path).unwrap_err().to_string();
        assert!(
            error.contains("this is not a journal") && error.contains("move this file away"),
            "{error}"
        );
        std::fs::write(&path, "").unwrap();
        assert!(Read::file(&path).unwrap().entries.is_empty());
        std::fs::write(&path, "{\"journal\":2,\"time\":\"\",\"event\":\"dance\"}\n").unwrap();
        Journal::open(&path).unwrap().append(&note("now")).unwrap();
        let read = Read::file(&path).unwrap();
        assert_eq!(read.entries.len(), 1);
        assert!(read.notes[0].contains("1 entry of the journal skipped"));
    }

    /// Not a test: a program that the two tests below start, which appends until it is ended, or the number of
    /// entries that it is told, and says after each that it is written.
    #[test]
    #[ignore = "other tests start it"]
    fn child_that_appends() {
        let Ok(task) = std::env::var("DISENTANGLE_TEST_JOURNAL") else {
            return;
        };
        let mut task = task.split('|');
        let (path, name) = (task.next().unwrap(), task.next().unwrap());
        let count: usize = task.next().unwrap().parse().unwrap();
        let mut journal = Journal::open(Path::new(path)).unwrap();
        for number in 0..count {
            let text = format!("{name} {number} {}", "x".repeat(number * 37 % 5000));
            journal.append(&note(&text)).unwrap();
            eprintln!("written {number}");
        }
    }

    fn child(path: &Path, name: &str, count: usize) -> std::process::Child {
        let task = format!("{}|{name}|{count}", path.display());
        std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--ignored",
                "--exact",
                "--nocapture",
                "journal::file::tests::child_that_appends",
            ])
            .env("DISENTANGLE_TEST_JOURNAL", task)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// The numbers of a child's entries, in the order of the journal.
    fn numbers(read: &Read, name: &str) -> Vec<usize> {
        let number = |entry: &Entry| match &entry.event {
            Event::Note { text, .. } => text.strip_prefix(name)?.split(' ').nth(1)?.parse().ok(),
            _ => None,
        };
        read.entries.iter().filter_map(number).collect()
    }

    /// How many entries a child said that it had written.
    fn written(child: std::process::Child) -> usize {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        said.matches("written ").count()
    }

    #[test]
    fn killed_at_any_moment_it_loses_at_most_the_last_entry() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.journal.jsonl");
        let mut random = 12_345_u64;
        for round in 0..200 {
            let name = format!("r{round}");
            let mut child = child(&path, &name, usize::MAX);
            let length = || std::fs::metadata(&path).map_or(0, |m| m.len());
            let before = length();
            while length() == before && child.try_wait().unwrap().is_none() {
                std::thread::sleep(std::time::Duration::from_micros(200));
            }
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            std::thread::sleep(std::time::Duration::from_micros((random >> 33) % 4000));
            child.kill().unwrap();
            let told = written(child);
            let read = Read::file(&path).unwrap();
            let numbers = numbers(&read, &name);
            assert!(numbers.iter().copied().eq(0..numbers.len()), "{numbers:?}");
            assert!(
                numbers.len() >= told.max(1),
                "{} of {told} in round {round}",
                numbers.len()
            );
            if round % 20 == 0 {
                std::fs::remove_file(&path).unwrap();
            }
        }
    }

    #[test]
    fn two_programs_append_without_harm() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.journal.jsonl");
        let children = ["one", "two"].map(|name| child(&path, name, 400));
        let told = children.map(written);
        assert_eq!(told, [400, 400]);
        let read = Read::file(&path).unwrap();
        assert!(read.notes.is_empty(), "{:?}", read.notes);
        for name in ["one", "two"] {
            assert!(numbers(&read, name).into_iter().eq(0..400));
        }
    }

    /// Prints the time that a journal of 10,000 entries takes to load: docs/performance.md has it.
    #[test]
    fn ten_thousand_entries_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.journal.jsonl");
        let mut text = Vec::new();
        for number in 0..10_000 {
            let place = Place {
                set: "A/penultimate".into(),
                perplexity: 30.0,
                seed: 1,
                iteration: 750,
            };
            let event = if number % 20 == 0 {
                let view = r#"{"window":null,"color":"class","value":"","glyphs":"braille","rarest":true,"hidden":[],"hides_unlabeled":false}"#;
                Event::Picture(Box::new(crate::journal::Picture {
                    place,
                    view: serde_json::from_str(view).unwrap(),
                    selected: Vec::new(),
                    figures: [("kl_divergence".to_owned(), 1.25)].into(),
                    lines: vec!["⠁⠂⠄⡀⢀⣿".repeat(12); 30],
                }))
            } else {
                Event::Map { place }
            };
            text.extend(serde_json::to_vec(&Entry::now(event)).unwrap());
            text.push(b'\n');
        }
        std::fs::write(&path, &text).unwrap();
        let start = std::time::Instant::now();
        assert_eq!(Read::file(&path).unwrap().entries.len(), 10_000);
        eprintln!("{} bytes in {:?}", text.len(), start.elapsed());
    }
}
