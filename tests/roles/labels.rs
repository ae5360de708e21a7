//! Labels that cannot be what was meant, or that say little: of one class, of many small ones.

use super::{A, B, Cell, class, decided, load, load_with, table};
use disentangle::dataset::{ReadOptions, inspect};

const ONE: Cell = |_| "1".into();

fn notes(text: &str) -> String {
    load(text).unwrap().notes().join("\n")
}

fn with_label(name: &str) -> ReadOptions {
    ReadOptions {
        label_column: Some(name.into()),
        ..ReadOptions::default()
    }
}

#[test]
fn a_column_that_never_changes_is_no_label_beside_one_that_does() {
    for name in ["Class", "label", "target"] {
        for cell in [ONE, |_| "sick".into()] {
            let text = table(&[("stage name", class), A, B, (name, cell)]);
            let expected = format!("label: stage name; metadata: {name}; features: a, b");
            assert_eq!(decided(&load(&text).unwrap()), expected);
            let data = load_with(&text, &with_label("stage name")).unwrap();
            assert_eq!(decided(&data), expected);
        }
    }
    // Two of them; and columns of numbers that must be asked about.
    let text = table(&[("label", ONE), A, B, ("class", class)]);
    assert!(decided(&load(&text).unwrap()).starts_with("label: class; metadata: label"));
    let text = table(&[("label", ONE), A, B, ("quality", super::code)]);
    let said = load(&text).unwrap_err().to_string();
    assert!(
        said.contains("quality (3 different whole numbers) may be"),
        "{said}"
    );
}

#[test]
fn a_label_of_one_class_is_said_to_separate_nothing() {
    let text = table(&[A, B, ("ill", super::code), ("Class", ONE)]);
    let said = notes(&text);
    let expected = "label: Class (one class only: nothing can be separated); features: a, b, ill";
    assert!(said.starts_with(expected), "{said}");
    // What could be the label instead.
    assert!(said.contains("use `--label-column ill`"), "{said}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    std::fs::write(&path, &text).unwrap();
    for options in [ReadOptions::default(), with_label("Class")] {
        let said = inspect(&path, &options).unwrap().to_string();
        assert!(
            said.contains("use: labels of one class: 1 (nothing can be separated)"),
            "{said}"
        );
        assert!(
            said.contains("label (one class only: nothing can be separated)"),
            "{said}"
        );
    }
}

/// Names of players with three rows each, as an example.
#[test]
fn many_small_classes_of_text_are_doubted() {
    let text = table(&[("name", |row| format!("n{}", row / 2)), A, B]);
    let data = load(&text).unwrap();
    assert_eq!(decided(&data), "label: name; features: a, b");
    let said = data.notes().join("\n");
    assert!(
        said.contains(
            "the label name has 12 classes of 2.0 samples each on average, and was chosen only because it is text: if \
             it names or groups the samples, leave it out with `--not-features name`"
        ),
        "{said}"
    );
    for text in [
        table(&[("name", |row| format!("n{}", row / 3)), A, B]),
        table(&[("species", |row| format!("n{}", row / 2)), A, B]),
    ] {
        assert!(!notes(&text).contains("on average"));
    }
    assert!(
        !load_with(&text, &with_label("name"))
            .unwrap()
            .notes()
            .join("\n")
            .contains("on average")
    );
}

const STAY: Cell = |row| (row * 31 % 97 + 1).to_string();
const EVENT: Cell = |row| (row * 5 % 7 % 2).to_string();

#[test]
fn outcomes_are_named_beside_any_label() {
    let columns = [
        ("stage name", class as Cell),
        A,
        B,
        ("event", EVENT),
        ("c", A.1),
    ];
    let data = load_with(&table(&columns), &with_label("stage name")).unwrap();
    let said = data.notes().join("\n");
    let expected =
        "event (2 values) is read as a feature: if it is another label, leave it out with";
    assert!(said.contains(expected), "{said}");
    // The last column, whatever its name; not one of many, nor one of many values.
    let with_last = |last: Cell| {
        let columns = [("stage name", class as Cell), A, B, ("z", last)];
        load_with(&table(&columns), &with_label("stage name"))
            .unwrap()
            .notes()
            .join("\n")
    };
    assert!(with_last(EVENT).contains("z (2 values) is read as a feature"));
    assert!(!with_last(STAY).contains("z ("));
}

#[test]
fn survival_times_are_said() {
    let columns = [A, B, ("Stime", STAY), ("event", EVENT)];
    let said = notes(&table(&columns));
    assert!(
        said.contains(
            "the feature Stime may be the survival time that belongs to event: if it is, it is part of the outcome; leave \
             it out with `--not-features Stime`"
        ),
        "{said}"
    );
    let named = |name: &str| {
        load_with(&table(&columns), &with_label(name))
            .unwrap()
            .notes()
            .join("\n")
    };
    assert!(named("event").contains("the feature Stime may be the survival time"));
    let said = named("Stime");
    assert!(
        said.contains("the label Stime may be the survival time that belongs to event, and times are no classes: use \
             `--label-column event`"),
        "{said}"
    );
    // Times of other things, and what is told otherwise.
    assert!(!notes(&table(&[A, B, ("Stime", STAY), ("c", EVENT)])).contains("survival"));
    let said = load_with(
        &table(&columns),
        &ReadOptions {
            not_features: vec!["Stime".into()],
            ..ReadOptions::default()
        },
    );
    assert!(!said.unwrap().notes().join("\n").contains("survival"));
}

#[test]
fn labels_that_are_probabilities_are_called_so() {
    let share: Cell = |row| format!("{}", (row * 31 % 97) as f64 / 97.0);
    let text = table(&[A, B, ("target", share)]);
    let said = notes(&text);
    assert!(
        said.contains(
            "target has numbers from 0 to 1, which look like probabilities, not classes: it is kept as metadata. Make \
             classes with a threshold first, for example with `table[\"target\"] >= 0.5` in pandas"
        ),
        "{said}"
    );
    let error = load_with(&text, &with_label("target"))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("make classes of probabilities with a threshold"),
        "{error}"
    );
}
