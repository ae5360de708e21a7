//! The program on a real pseudo-terminal, as people use it: keys in, a screen read by a parser, files
//! afterwards. Every step waits for what the screen has to show, however busy the machine is.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    unused_qualifications,
    reason = "a test stops at the first surprise"
)]

mod common;
#[path = "common/terminal.rs"]
mod terminal;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use common::fixture;
use terminal::{Answers, Size, Terminal, program};

/// The program in a folder, on a terminal that answers.
fn start(folder: &Path, arguments: &[&str], size: Size) -> Terminal {
    Terminal::start(program(folder, arguments), size, Answers::Yes)
}

/// A command of the command line, and what it has to show.
fn command(terminal: &Terminal, line: &str, shows: &str) {
    terminal.press(":", "Enter run");
    terminal.press(line, &format!(":{line}"));
    terminal.press("\r", shows);
    terminal.until("no command line", |contents| {
        !contents.contains("Enter run")
    });
}

/// The study of the digits in a folder of its own.
fn study() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "digits_cnn.npz",
        "digits_cnn_layers.npz",
        "digits_mlp.npz",
        "digits.toml",
    ] {
        std::fs::copy(fixture(name), folder.path().join(name)).unwrap();
    }
    let path = folder.path().to_path_buf();
    (folder, path)
}

/// The study's files, with a map that is soon still.
const STUDY: &[&str] = &[
    "digits.toml",
    "--iterations",
    "60",
    "--early-iterations",
    "20",
];

/// The decisions that lie in a folder, if there are any.
fn decisions_in(folder: &Path) -> Option<String> {
    let files = std::fs::read_dir(folder).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let kept: Vec<PathBuf> = paths
        .filter(|p| p.to_string_lossy().ends_with(".decisions.csv"))
        .collect();
    assert!(kept.len() < 2, "{kept:?}");
    std::fs::read_to_string(kept.first()?).ok()
}

#[test]
fn a_working_day() {
    let (_kept, folder) = study();
    let mut session = start(&folder, STUDY, (120, 40));
    session.until_text("new here: ? opens the help");
    session.until_text("■ ");
    session.press("]", "[50]");
    session.press("[", "[30]");
    command(&session, "perplexity 12", "[12]");
    session.until_text("■ ");
    command(&session, "select class 3", "3: ");
    session.until_text(" added, ");
    command(&session, "find digits-0007", "digits-0007 · 7");
    command(&session, "suspects 1", "labeled 1");
    session.until_text("P(wrong)");
    session.press("t", "label kept; u undoes");
    session.press("o", "unsure; u undoes");
    session.press("u", "undone: the decision about");
    session.press("l", "relabel as:");
    session.press("8\r", "relabeled as 8; u undoes");
    // It is on disk at once, whatever may end the program.
    session.until("decisions on disk", |_| {
        decisions_in(&folder).is_some_and(|text| text.contains(",relabel,8,"))
    });
    // The first line tells it; the last may already tell of figures that have arrived.
    session.press("m", "MLP");
    session.press("M", " CNN/logits   899 ×");
    session.press(",", " CNN/penultimate   899 ×");
    session.press(",", " CNN/conv2   899 ×");
    session.until("a map", |contents| {
        contents.contains("■ ") || contents.contains("▶ ")
    });
    command(&session, "layer penultimate", " CNN/penultimate   899 ×");
    for name in ["map.svg", "map.npy", "figures.json"] {
        command(&session, &format!("save {name}"), "");
        // The message about it may have given way to one about the relabeled sample's statistics.
        session.until(name, |_| folder.join(name).is_file());
    }
    command(&session, "save selection ids.csv", "");
    session.until("ids.csv", |_| folder.join("ids.csv").is_file());
    command(&session, "save map.svg", "replace it? (y/n)");
    session.press("n", "");
    session.send("q");
    assert_eq!(session.ended(), 0);
    let text = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    assert!(text("map.svg").starts_with("<svg ") && text("map.svg").contains("perplexity"));
    let figures: serde_json::Value = serde_json::from_str(&text("figures.json")).unwrap();
    assert!(figures["classes"].as_array().is_some_and(|c| c.len() == 10));
    let ids = text("ids.csv");
    assert!(ids.starts_with("row,") && ids.lines().count() > 80, "{ids}");
    assert!(folder.join("map.npy").is_file());
    // Decisions lie beside the features, without being asked for.
    let decisions = decisions_in(&folder).unwrap();
    assert_eq!(decisions.lines().count(), 3, "{decisions}");
    assert!(decisions.contains(",keep,") && decisions.contains(",relabel,8,"));
    assert!(!folder.join("state/disentangle/help-seen").exists());
}

/// What somebody does who knows no key but `?`: the worst suspects of class 1, their neighbors, three
/// of them relabelled, a look at the other model, and the results in files.
fn journey(session: &mut Terminal, folder: &Path, (class, other, model): (&str, &str, &str)) {
    session.until_text("new here: ? opens the help");
    session.press("?", "type to search");
    session.press("wrong labels", "until the Suspects panel is in focus");
    session.press("\u{15}:suspects", "[CLASS]");
    session.send("\u{1b}");
    session.until("no help", |contents| !contents.contains("search: "));
    assert!(!session.contents().contains("new here:"));
    command(session, "suspects 1", &format!("labeled {class}"));
    // The heading is short where names need the room.
    session.until("suspects", |contents| {
        contents.contains("P(wrong)") || contents.contains(" wrong ")
    });
    // On the map, and its neighbors beside.
    session.press("\r", &format!(" · {class}"));
    command(session, "panel sample", "Sample");
    session.until_text("nearest (features)");
    command(session, "panel suspects", &format!("labeled {class}"));
    for decided in 1..=3 {
        session.press("l", "relabel as:");
        session.press(&format!("{other}\r"), &format!("{decided} decided"));
        // Once all likely ones are decided, the others.
        if decided == 1 && session.contents().contains("a: ") {
            session.press("a", "the most suspicious");
        }
    }
    command(session, "panel models", "Models");
    session.press("m", model);
    session.until("flip", |contents| {
        let told = [
            "the selection is unchanged",
            "the list of suspects is unchanged",
        ];
        told.iter().any(|message| contents.contains(message))
    });
    command(session, "panel separation", "Separation");
    command(
        session,
        "save labels corrected.txt",
        "labels saved to corrected.txt",
    );
    command(
        session,
        "save decisions decided.csv",
        "decisions saved to decided.csv",
    );
    session.send("q");
    assert_eq!(session.ended(), 0);
    let text = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let decided = text("decided.csv");
    let relabelled = format!(",relabel,{other},");
    assert_eq!(decided.matches(&relabelled).count(), 3, "{decided}");
    assert!(folder.join("state/disentangle/help-seen").is_file());
}

#[test]
fn whoever_knows_only_the_question_mark_gets_through() {
    let (_kept, folder) = study();
    let mut session = start(&folder, STUDY, (120, 40));
    journey(&mut session, &folder, ("1", "8", "MLP"));
    let corrected = std::fs::read_to_string(folder.join("corrected.txt")).unwrap();
    assert_eq!(corrected.lines().count(), 899);
}

/// The same on five grades of retinas, with models A and C, and what the panel of models then says
/// of grade 1.
#[allow(dead_code, reason = "run by tests/with_larger_data.rs")]
pub(crate) fn the_same_journey_through_grades_of_retinas(data: &Path) {
    let folder = tempfile::tempdir().unwrap();
    // Decisions are kept beside the features.
    let source = folder.path().to_path_buf();
    for name in [
        "labels.npy",
        "class_names.txt",
        "predictions_A.npy",
        "predictions_C.npy",
        "probabilities_A.npy",
        "probabilities_C.npy",
        "A_L4_penultimate.npy",
        "C_L3_penultimate.npy",
    ] {
        std::fs::copy(data.join("retina5").join(name), source.join(name)).unwrap();
    }
    let study = format!(
        "labels = \"{0}/labels.npy\"\nclass_names = \"{0}/class_names.txt\"\n{1}{2}",
        source.display(),
        of_retinas(&source, "A", "A_L4_penultimate"),
        of_retinas(&source, "C", "C_L3_penultimate"),
    );
    std::fs::write(folder.path().join("retina5.toml"), study).unwrap();
    let arguments = [
        "retina5.toml",
        "--iterations",
        "60",
        "--early-iterations",
        "20",
    ];
    let mut session = start(folder.path(), &arguments, (120, 40));
    command(&session, "panel models", "recall of the predictions");
    // 14 of 46 are recognized by A, 10 by C, and no difference is claimed.
    session.until("the recalls of grade 1", |contents| {
        let grade = contents.lines().find(|line| line.contains("│grade 1"));
        grade.is_some_and(|line| line.contains(" 30 ") && line.contains(" 22 "))
    });
    session.until_text("not shown to differ");
    journey(&mut session, folder.path(), ("grade 1", "grade 2", "C"));
    let corrected = std::fs::read_to_string(folder.path().join("corrected.txt")).unwrap();
    assert_eq!(corrected.lines().count(), 400);
}

/// The tables of a model in a study file.
fn of_retinas(source: &Path, model: &str, layer: &str) -> String {
    let source = source.display();
    format!(
        "[[models]]\nname = \"{model}\"\npredictions = \"{source}/predictions_{model}.npy\"\n\
         probabilities = \"{source}/probabilities_{model}.npy\"\n\
         features = \"{source}/{layer}.npy\"\n"
    )
}

/// Names that would act on a terminal or break its columns.
fn hostile() -> Vec<String> {
    vec![
        "\u{1b}[31mred\u{1b}[2J\u{1b}]0;title\u{7}".into(),
        "\u{202e}gnitirw\u{2066}\u{2069}".into(),
        "zero\u{200b}\u{200d}\u{feff}width".into(),
        "x".repeat(10_000),
        "👩\u{200d}🔬👍🏽 猫のクラス分類".into(),
    ]
}

#[test]
fn hostile_names_never_reach_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let names = hostile();
    let mut table = String::from("id,label,a,b,c\n");
    for row in 0..60 {
        let class = row % names.len();
        let name = &names[class];
        let value = |k: usize| ((row * 37 + k * 11) % 23) as f64 + 30.0 * class as f64;
        let _ = writeln!(
            table,
            "\"{name}{row}\",\"{name}\",{},{},{}",
            value(1),
            value(2),
            value(3)
        );
    }
    std::fs::write(folder.path().join("data.csv"), table).unwrap();
    let arguments = ["data.csv", "--label-column", "label", "--perplexity", "5"];
    let mut session = start(folder.path(), &arguments, (100, 30));
    session.until_text("perplexity");
    session.until_text("\\u{1b}[31m");
    session.until_text("finished");
    session.press("x", "◀");
    session.send(":select class ");
    session.until_text("Tab completes");
    for _ in 0..4 {
        session.send("\t");
    }
    session.send("\u{1b}");
    session.until("no command line", |contents| {
        !contents.contains("Enter run")
    });
    for _ in 0..12 {
        session.send("\t");
    }
    command(&session, "panel classes", "Classes");
    session.send("q");
    assert_eq!(session.ended(), 0);
    let sent = session.sent();
    for raw in [
        "\u{1b}[31mred",
        "\u{1b}]0;",
        "\u{202e}",
        "\u{2066}",
        "\u{200b}",
        "\u{200d}",
        "\u{feff}",
    ] {
        assert!(!sent.contains(raw), "{raw:?} was sent");
    }
    assert!(!sent.contains(&"x".repeat(300)));
}

#[test]
fn a_map_at_rest_is_silent_and_survives_resizing_and_junk() {
    let (_kept, folder) = study();
    let mut session = start(&folder, &["demo", "--iterations", "30"], (80, 24));
    session.until_text("■ ");
    // The figures of the map come a while after it stands still.
    session.until_silent();
    session.resize((20, 6));
    session.until_text("40×12");
    session.resize((80, 24));
    session.until_text("map (t-SNE)");
    let junk = "q\u{3}\u{1a}:quit\r\u{1b}[A\u{1b}Oq".repeat(60_000);
    session.send("\u{1b}[200~");
    session.send(&junk);
    session.send("\u{1b}[201~");
    session.press("?", "How to");
    session.send("\u{1b}");
    session.until("no help", |contents| !contents.contains("type to search"));
    session.send("q");
    assert_eq!(session.ended(), 0);
}
