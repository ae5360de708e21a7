use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use ndarray::Array2;
use proptest::prelude::*;

use super::file::{Unusable, from_bytes};
use super::store::previous;
use super::*;
use crate::dataset::{Dataset, digest_of};
use crate::error::Error;
use crate::execution::Execution;
use crate::export::faults;
use crate::run::{Command, Run, RunOptions};

fn data() -> Arc<Dataset> {
    let value = |(i, j)| (i / 20 * 9 + (i * 7 + j * 5) % 6) as f32;
    Arc::new(Dataset::new(Array2::from_shape_fn((60, 4), value)).unwrap())
}

/// A run with three maps.
fn run() -> RunState {
    let options = RunOptions {
        perplexity: 5.0,
        iterations: 60,
        further_iterations: 20,
        ..RunOptions::default()
    };
    let run = Run::start(data(), options, Arc::new(|| ()), &Execution::default()).unwrap();
    run.wait_until_idle();
    for command in [Command::SetPerplexity(8.0), Command::AddMap(3)] {
        run.send(command);
        run.wait_until_idle();
    }
    run.stop().unwrap()
}

fn session() -> &'static Session {
    static SESSION: OnceLock<Session> = OnceLock::new();
    SESSION.get_or_init(|| Session {
        arguments: vec!["a b.npz".into(), "--seed".into(), "3".into()],
        samples: 60,
        screen: Screen {
            set: "A/fc".into(),
            selected: vec![Sample::Row(3), Sample::Id("x\u{1b}".into())],
            crosshair: Some(Crosshair {
                free: Some([0.1 + 0.2, 1e-300]),
                corner: None,
            }),
            ..Screen::default()
        },
        sets: ["A/fc", "B/fc"]
            .map(|name| SetSession {
                name: name.into(),
                features: digest_of(&data()),
                run: run(),
            })
            .into(),
        ..Session::default()
    })
}

/// What is written of it; reading adds format and program.
fn written(session: &Session) -> (Session, Vec<String>) {
    let (mut read, lost) = from_bytes(&to_bytes(session).unwrap()).unwrap();
    assert_eq!(read.program, env!("CARGO_PKG_VERSION"));
    (read.schema, read.program) = (String::new(), String::new());
    (read, lost)
}

#[test]
fn a_session_comes_back_bit_for_bit() {
    let (read, lost) = written(session());
    assert_eq!(read.sets[0].run.maps.len(), 3);
    assert!(read == *session());
    assert!(lost.is_empty());
}

#[test]
fn what_is_missing_is_named_and_the_rest_is_there() {
    let bytes = to_bytes(session()).unwrap();
    // The archive without one array, by another name of it.
    let name = b"set0/map1/gains.npy";
    let at = |from: usize| {
        let windows = bytes[from..].windows(name.len());
        windows
            .enumerate()
            .find(|(_, w)| w == name)
            .map(|(at, _)| from + at)
    };
    let first = at(0).unwrap();
    let second = at(first + 1).unwrap();
    let mut changed = bytes.clone();
    for at in [first, second] {
        changed[at] = b'x';
    }
    let (read, lost) = from_bytes(&changed).unwrap();
    assert_eq!(lost, ["the map at perplexity 8, seed 1 of A/fc"]);
    let run = &read.sets[0].run;
    assert_eq!((run.maps.len(), run.shown), (2, Some(1)));
    assert!(read.sets[1] == session().sets[1]);
    // Other values than were written are recognized by the archive's checksum.
    let mut changed = bytes.clone();
    changed[first + 200] ^= 1;
    let (_, lost) = from_bytes(&changed).unwrap();
    assert_eq!(lost.len(), 1);
    // A map that is not possible.
    let mut wrong = session().clone();
    Arc::make_mut(&mut wrong.sets[1].run.maps[0].optimizer).positions[7][0] = f32::NAN;
    let (read, lost) = from_bytes(&to_bytes(&wrong).unwrap()).unwrap();
    assert_eq!(lost, ["the map at perplexity 5, seed 1 of B/fc"]);
    assert_eq!(read.sets[1].run.maps.len(), 2);
    let mut wrong = session().clone();
    wrong.sets[1].run.generations = u64::MAX;
    let (read, lost) = from_bytes(&to_bytes(&wrong).unwrap()).unwrap();
    assert_eq!(lost, ["all maps of B/fc"]);
    assert!(read.sets[1].run.maps.is_empty());
}

#[test]
fn other_files_and_newer_sessions_are_refused_with_a_reason() {
    let damaged = |bytes: &[u8]| match from_bytes(bytes) {
        Err(Unusable::Damaged(why)) => why,
        other => format!("{other:?}"),
    };
    assert!(damaged(b"PK").contains("not an archive"));
    let bytes = to_bytes(session()).unwrap();
    assert!(damaged(&bytes[..bytes.len() - 30]).contains("cut off"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.session.npz");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(text.contains("disentangle.session/1"));
    // The checksum of the text is not that of the changed one, so the archive is made again.
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file("session.json", options).unwrap();
    std::io::Write::write_all(&mut zip, br#"{"schema":"disentangle.session/2","sets":7}"#).unwrap();
    std::fs::write(&path, zip.finish().unwrap().into_inner()).unwrap();
    let error = read(&path).unwrap_err().to_string();
    assert!(
        error.contains("is a session of a newer version of this program (format 2)"),
        "{error}"
    );
    // Not even if there is a previous copy.
    std::fs::write(previous(&path), &bytes).unwrap();
    assert!(read(&path).is_err());
    std::fs::write(&path, b"x").unwrap();
    let found = read(&path).unwrap();
    assert!(
        found.notes[0].contains("a.session.npz.previous, is used"),
        "{:?}",
        found.notes
    );
    std::fs::remove_file(&path).unwrap();
    assert!(read(&path).unwrap().session.has_maps());
    std::fs::remove_file(previous(&path)).unwrap();
    assert!(matches!(read(&path), Err(Error::Io { .. })));
}

#[test]
fn whatever_fails_while_it_is_saved_a_session_opens() {
    let (old, new) = (session().clone(), {
        let mut new = session().clone();
        new.screen.panel = "Log".into();
        new
    });
    let bytes = [&old, &new].map(|session| to_bytes(session).unwrap());
    let mut failures = 0;
    for had_previous in [false, true] {
        for step in 0.. {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a.session.npz");
            save(&path, &bytes[0], true).unwrap();
            if had_previous {
                save(&path, &bytes[0], true).unwrap();
            }
            let saved = faults::failing_at(step, || save(&path, &bytes[1], true));
            let found = read(&path).unwrap();
            assert!(found.session.has_maps() && found.session.sets[0].run.maps.len() == 3);
            if saved.is_err() {
                failures += 1;
                assert_ne!(found.session.screen.panel, "Log");
            }
            let left: Vec<PathBuf> = std::fs::read_dir(folder.path())
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .collect();
            assert!(left.len() <= 2, "{left:?}");
            if saved.is_ok() {
                assert_eq!(found.session.screen.panel, "Log");
                break;
            }
        }
    }
    assert!(failures >= 8, "{failures}");
}

#[test]
fn a_damaged_file_does_not_replace_the_previous_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.session.npz");
    let bytes = to_bytes(session()).unwrap();
    std::fs::write(previous(&path), &bytes).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    save(&path, &bytes, false).unwrap();
    for file in [&path, &previous(&path)] {
        assert!(std::fs::read(file).unwrap() == bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Damage is an error or a part of the session, from which a run can go on.
    #[test]
    fn damage_never_panics(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
        let mut bytes = BYTES.get_or_init(|| to_bytes(session()).unwrap()).clone();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok((found, _)) = from_bytes(&bytes) {
            for set in found.sets {
                prop_assert!(set.run.check(60).is_ok() || set.run.maps.is_empty());
            }
        }
    }

    /// The text is not trusted either.
    #[test]
    fn changed_texts_never_panic(at in any::<prop::sample::Index>(), with in "[-0-9eE.,:{}\\[\\]a-z\"]{0,4}") {
        static PARTS: OnceLock<Session> = OnceLock::new();
        let session = PARTS.get_or_init(|| session().clone());
        let mut text = serde_json::to_string(&session.sets[0].run).unwrap().into_bytes();
        let at = at.index(text.len());
        text.splice(at..=at, with.bytes());
        if let Ok(state) = serde_json::from_slice::<RunState>(&text) {
            let options = RunOptions { perplexity: 5.0, iterations: 60, ..RunOptions::default() };
            let execution = Execution::default().threads(1);
            if let Ok(run) = Run::start_from(data(), options, Some(state), Arc::new(|| ()), &execution) {
                drop(run.stop());
            }
        }
    }
}
