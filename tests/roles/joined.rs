//! Labels, predictions and probabilities in files of their own, with the ids of the samples in both: rows
//! are matched by them, or the file is refused.

use std::path::{Path, PathBuf};

use disentangle::Result;
use disentangle::dataset::{Dataset, ReadOptions, read};

/// Towns of a table, which differ in every row.
fn town(row: usize) -> String {
    format!("T{:03}", row * 7 % ROWS)
}

const ROWS: usize = 40;

/// What grows in a town.
fn tree(town: &str) -> &'static str {
    let number: usize = town[1..].parse().unwrap();
    ["oak", "elm", "fir"][number * number % 7 % 3]
}

/// A table with two features of each row.
fn features(head: &str, id: impl Fn(usize) -> String) -> String {
    let row = |r: usize| {
        let [rain, wind] = [3, 5].map(|by| ((r * 7919 + by * 104_729) % 1009) as f64 / 100.0);
        format!("{},{rain},{wind}\n", id(r))
    };
    format!(
        "{head},rain,wind\n{}",
        (0..ROWS).map(row).collect::<String>()
    )
}

/// Rows of towns in an order of their own.
fn labels(head: &str, towns: impl IntoIterator<Item = String>) -> String {
    let row = |town: String| format!("{town},{}\n", tree(&town));
    format!("{head}\n{}", towns.into_iter().map(row).collect::<String>())
}

/// The towns in alphabetical order, which is not that of the table.
fn sorted() -> impl Iterator<Item = String> {
    (0..ROWS).map(|number| format!("T{number:03}"))
}

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

fn open(features: &Path, labels: PathBuf) -> Result<Dataset> {
    let options = ReadOptions {
        labels: Some(labels),
        ..ReadOptions::default()
    };
    read(features, &options)
}

fn names(data: &Dataset) -> Vec<String> {
    let labels = data.labels().unwrap();
    let name = |row| labels.class(row).map_or("", |class| &labels.names()[class]);
    (0..data.samples())
        .map(|row| name(row).to_owned())
        .collect()
}

fn expected() -> Vec<String> {
    (0..ROWS).map(|row| tree(&town(row)).to_owned()).collect()
}

#[test]
fn labels_are_matched_by_ids_in_another_order() {
    let files = Files::new();
    let table = files.write("a.csv", &features("town_id", town));
    let more = || sorted().chain([String::from("T990"), "T991".into()]);
    for (name, text, said) in [
        ("comma.csv", labels("town_id,tree", sorted()), "town_id"),
        (
            "other.csv",
            labels("place,tree", sorted()),
            "town_id and place",
        ),
        (
            "names.csv",
            labels(",tree", sorted()),
            "town_id and the index",
        ),
        (
            "tabs.tsv",
            labels("town_id,tree", sorted()).replace(',', "\t"),
            "town_id",
        ),
        (
            "more.csv",
            labels("town_id,tree", more()),
            "2 of the 42 rows",
        ),
    ] {
        let data = open(&table, files.write(name, &text)).unwrap();
        assert_eq!(names(&data), expected(), "{name}");
        let notes = data.notes().join("\n");
        assert!(
            notes.contains("labels: matched by") && notes.contains(said),
            "{name}: {notes}"
        );
    }
    // A column that is named, and JSON Lines.
    let path = files.write("c.csv", &labels("town_id,tree", sorted()));
    let named = PathBuf::from(format!("{}:tree", path.display()));
    assert_eq!(names(&open(&table, named).unwrap()), expected());
    let line = |town: String| {
        format!(
            "{{\"town_id\": \"{town}\", \"tree\": \"{}\"}}\n",
            tree(&town)
        )
    };
    let path = files.write("d.jsonl", &sorted().map(line).collect::<String>());
    assert_eq!(names(&open(&table, path).unwrap()), expected());
}

#[test]
fn ids_in_the_same_order_are_not_mentioned() {
    let files = Files::new();
    let table = files.write("a.csv", &features("town_id", town));
    for text in [
        labels("town_id,tree", (0..ROWS).map(town)),
        labels("tree_of,tree", (0..ROWS).map(town)),
    ] {
        let data = open(&table, files.write("b.csv", &text)).unwrap();
        assert_eq!(names(&data), expected());
        assert!(
            !data.notes().join("\n").contains("matched"),
            "{:?}",
            data.notes()
        );
    }
}

#[test]
fn ids_that_agree_only_partly_are_refused() {
    let files = Files::new();
    let table = files.write("a.csv", &features("town_id", town));
    let fewer = labels("town_id,tree", sorted().take(30));
    let others = sorted()
        .take(36)
        .chain((0..4).map(|number| format!("T9{number:02}")));
    let twice = sorted().chain([String::from("T005")]);
    for (text, words) in [
        (fewer, ["only 30 of the 40 samples", "empty label"]),
        (
            labels("town_id,tree", others),
            ["only 36 of the 40 samples", "delete its column town_id"],
        ),
        (
            labels("town_id,tree", twice),
            ["T005 more than once", "one row"],
        ),
    ] {
        let error = open(&table, files.write("b.csv", &text))
            .unwrap_err()
            .to_string();
        for word in words {
            assert!(error.contains(word), "{error}");
        }
    }
    // Other ids altogether say nothing about the order.
    let other = sorted().map(|town| format!("T5{}", &town[2..]));
    let data = open(&table, files.write("b.csv", &labels("town_id,tree", other))).unwrap();
    let notes = data.notes().join("\n");
    assert!(notes.contains("row i is taken for sample i"), "{notes}");
    // Nor do ids that the options exclude.
    let options = ReadOptions {
        labels: Some(files.write("b.csv", &labels("town_id,tree", sorted()))),
        not_features: vec!["town_id".into()],
        ..ReadOptions::default()
    };
    let data = read(&table, &options).unwrap();
    assert_eq!(names(&data)[1], tree("T001"));
}

#[test]
fn numbers_of_rows_are_matched_where_they_are_the_same() {
    let files = Files::new();
    let table = files.write("a.csv", &features("", |row| row.to_string()));
    let row = |by: usize| move |r: usize| (r * 7 + by) % ROWS;
    let text = |number: &dyn Fn(usize) -> usize| {
        let row = |r: usize| {
            format!(
                "{},{}\n",
                number(r),
                tree(&format!("T{:03}", number(r) % ROWS))
            )
        };
        format!(",tree\n{}", (0..ROWS).map(row).collect::<String>())
    };
    let data = open(&table, files.write("b.csv", &text(&row(3)))).unwrap();
    let by_number: Vec<String> = sorted().map(|town| tree(&town).to_owned()).collect();
    assert_eq!(names(&data), by_number);
    assert!(data.notes().join("\n").contains("matched by the index"));
    // Rows of a part of a larger table, and numbers from 1.
    let part = |r: usize| row(3)(r) * 3;
    let data = open(&table, files.write("b.csv", &text(&part))).unwrap();
    let notes = data.notes().join("\n");
    assert!(
        notes.contains("the row numbers of") && notes.contains("row i is taken"),
        "{notes}"
    );
    let data = open(&table, files.write("b.csv", &text(&|r| r + 1))).unwrap();
    assert!(
        !data.notes().join("\n").contains("matched"),
        "{:?}",
        data.notes()
    );
}

#[test]
fn ids_of_an_option_and_outputs_of_a_classifier_are_matched() {
    let files = Files::new();
    let plain = features("x", |row| format!("0.{row}5"));
    let table = files.write("a.csv", &plain);
    let ids: Vec<String> = (0..ROWS).map(town).collect();
    let predictions = |town: String| format!("{town},{}\n", tree(&town));
    let sure = |town: String| {
        let of = |class: &str| if tree(&town) == class { "0.8" } else { "0.1" };
        format!("{town},{},{},{}\n", of("elm"), of("fir"), of("oak"))
    };
    let options = ReadOptions {
        labels: Some(files.write("b.csv", &labels("town,tree", sorted()))),
        ids: Some(files.write("ids.txt", &ids.join("\n"))),
        predictions: Some(files.write(
            "p.csv",
            &format!(
                "town,predicted\n{}",
                sorted().map(predictions).collect::<String>()
            ),
        )),
        probabilities: Some(files.write(
            "q.csv",
            &format!(
                "town,elm,fir,oak\n{}",
                sorted().map(sure).collect::<String>()
            ),
        )),
        ..ReadOptions::default()
    };
    let data = read(&table, &options).unwrap();
    assert_eq!(names(&data), expected());
    assert_eq!(
        data.predictions().unwrap(),
        data.labels().unwrap().indices()
    );
    for (row, probabilities) in data.probabilities().unwrap().outer_iter().enumerate() {
        let class = data.labels().unwrap().class(row).unwrap();
        assert_eq!(probabilities[class], 0.8);
    }
}

#[test]
fn samples_in_columns_are_matched_by_their_names() {
    let files = Files::new();
    let cell = |gene: usize| move |row: usize| format!(",{}", (row * 31 + gene * 17) % 23);
    let names_of: Vec<String> = (0..ROWS).map(town).collect();
    let mut text = format!("gene,{}\n", names_of.join(","));
    for gene in 0..6 {
        text += &format!("G{gene}{}\n", (0..ROWS).map(cell(gene)).collect::<String>());
    }
    let options = ReadOptions {
        labels: Some(files.write("b.csv", &labels("sample,tree", sorted()))),
        transpose: true,
        ..ReadOptions::default()
    };
    let data = read(files.write("a.csv", &text), &options).unwrap();
    assert_eq!(names(&data), expected());
}
