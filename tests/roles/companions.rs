//! Files that options name: their rows are those of the features, by ids where both have them; and what is
//! refused names the columns that there are.

use std::path::PathBuf;

use disentangle::dataset::{Dataset, ReadOptions, read};

use super::{A, B, Cell, ROWS, class, table};

/// A folder that is removed at the end.
struct Folder(tempfile::TempDir);

impl Folder {
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, text: String) -> PathBuf {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }
}

/// Numbers of rows in another order.
fn shuffled(row: usize) -> usize {
    row * 7 % ROWS
}

fn id(row: usize) -> String {
    format!("s{row:02}")
}

/// A table of the features, and one of other columns.
fn files(features: &[(&str, Cell)], others: &[(&str, Cell)]) -> (Folder, ReadOptions) {
    let folder = Folder(tempfile::tempdir().unwrap());
    folder.file("features.csv", table(features));
    let labels = folder.file("labels.csv", table(others));
    let options = ReadOptions {
        labels: Some(labels),
        ..ReadOptions::default()
    };
    (folder, options)
}

fn opened(features: &[(&str, Cell)], others: &[(&str, Cell)]) -> Result<Dataset, String> {
    let (folder, options) = files(features, others);
    read(folder.path("features.csv"), &options).map_err(|error| error.to_string())
}

fn names(data: &Dataset) -> Vec<String> {
    let labels = data.labels().unwrap();
    let name = |row: usize| {
        labels
            .class(row)
            .map_or(String::new(), |c| labels.names()[c].clone())
    };
    (0..ROWS).map(name).collect()
}

fn expected() -> Vec<String> {
    (0..ROWS).map(class).collect()
}

#[test]
fn rows_are_matched_by_ids() {
    let ids: (&str, Cell) = ("sample_id", id);
    let own: &[(&str, Cell)] = &[ids, A, B];
    let same = opened(own, &[ids, ("kind", class)]).unwrap();
    assert_eq!(names(&same), expected());
    let said = |data: &Dataset| data.notes().iter().any(|note| note.contains("matched by"));
    assert!(!said(&same));
    let other = opened(
        own,
        &[
            ("sample", |row| id(shuffled(row))),
            ("kind", |row| class(shuffled(row))),
        ],
    )
    .unwrap();
    assert_eq!(names(&other), expected());
    assert!(said(&other), "{:?}", other.notes());
    // Ids of another kind say nothing.
    let strange = opened(
        own,
        &[
            ("sample", |row| format!("x{row}")),
            ("kind", |row| class(shuffled(row))),
        ],
    )
    .unwrap();
    assert_ne!(names(&strange), expected());
    assert!(!said(&strange));
    // Most ids, but not all.
    let error = opened(
        own,
        &[
            ("sample", |row| id(row + usize::from(row > 19))),
            ("kind", class),
        ],
    )
    .unwrap_err();
    assert!(error.contains("only 23 of the 24 samples"), "{error}");
    assert!(error.contains("none for s20"), "{error}");
}

#[test]
fn rows_are_matched_by_the_index_that_pandas_wrote() {
    let index: (&str, Cell) = ("", |row| row.to_string());
    let mixed: (&str, Cell) = ("", |row| shuffled(row).to_string());
    let data = opened(
        &[index, A, B],
        &[mixed, ("kind", |row| class(shuffled(row)))],
    )
    .unwrap();
    assert_eq!(names(&data), expected());
    let from_one: (&str, Cell) = ("", |row| (row + 1).to_string());
    let data = opened(&[index, A, B], &[from_one, ("kind", class)]).unwrap();
    assert_eq!(names(&data), expected());
}

#[test]
fn a_header_that_may_be_a_value_is_asked_about() {
    let (folder, options) = files(&[A, B], &[("kind", class)]);
    let values = (0..ROWS).map(|row| format!("{}\n", row % 3));
    let text = "0\n".to_owned() + &values.collect::<String>();
    let options = ReadOptions {
        labels: Some(folder.file("y.txt", text)),
        ..options
    };
    let error = read(folder.path("features.csv"), &options)
        .unwrap_err()
        .to_string();
    assert!(error.contains("25 values for 24 rows"), "{error}");
    assert!(error.contains("`tail -n +2 "), "{error}");
}

#[test]
fn the_names_of_probabilities_are_their_classes() {
    let (folder, options) = files(&[A, B], &[("kind", class)]);
    let probability: fn(usize, &str) -> String =
        |row, name| if class(row) == name { "0.8" } else { "0.1" }.to_owned();
    let rows = (0..ROWS).map(|row| {
        let cells = ["cedar", "ash", "birch"].map(|name| probability(row, name));
        cells.join(",") + "\n"
    });
    let text = "cedar,ash,birch\n".to_owned() + &rows.collect::<String>();
    let options = ReadOptions {
        probabilities: Some(folder.file("probabilities.csv", text)),
        ..options
    };
    let data = read(folder.path("features.csv"), &options).unwrap();
    let found = data.probabilities().unwrap();
    let labels = data.labels().unwrap();
    assert!((0..ROWS).all(|row| found[[row, labels.class(row).unwrap()]] > 0.7));
}

#[test]
fn refusals_name_the_columns_that_there_are() {
    let number: Cell = |row| (row * 7 % 5).to_string();
    for (others, place) in [
        (vec![A, B, ("ill", number)], ":ill"),
        (
            vec![
                A,
                ("kind of tree", |row: usize| class(row)),
                ("b", |row: usize| ["x", "y"][row % 2].into()),
            ],
            "labels.csv:",
        ),
    ] {
        let error = opened(&[A, B], &others).unwrap_err();
        assert!(error.contains("which of the columns a, "), "{error}");
        assert!(error.contains("name one, for example "), "{error}");
        assert!(error.contains(place), "{error}");
    }
    let (folder, mut options) = files(&[A, B], &[("kind", class), ("site", class)]);
    options.labels = Some(folder.path("labels.csv:sort"));
    let error = read(folder.path("features.csv"), &options)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("there is no column sort; the columns are kind, site"),
        "{error}"
    );
}
