//! Tables as people save them: each column gets its role from its values, its type and its name, and
//! what was decided is said. Where it would be a guess, the table is refused with the option that
//! says it.

#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    clippy::format_push_string,
    unused_qualifications,
    reason = "a test stops at the first surprise"
)]

#[path = "roles/candidates.rs"]
mod candidates;
#[path = "roles/columns.rs"]
mod columns;
mod common;
#[path = "roles/companions.rs"]
mod companions;
#[path = "roles/headers.rs"]
mod headers;
#[path = "roles/joined.rs"]
mod joined;
#[path = "roles/labels.rs"]
mod labels;
#[path = "roles/numbered.rs"]
mod numbered;
#[path = "roles/orange.rs"]
mod orange;
#[path = "roles/scale.rs"]
mod scale;
#[path = "roles/targets.rs"]
mod targets;
#[path = "roles/unlabeled.rs"]
mod unlabeled;

use disentangle::Result;
use disentangle::dataset::{Dataset, ReadOptions, read, read_bytes};

/// Samples of the small tables.
const ROWS: usize = 24;

/// The cell of a column in a row.
type Cell = fn(usize) -> String;

/// A table of these columns: each a name and its cell in a row.
fn table(columns: &[(&str, Cell)]) -> String {
    let head: Vec<&str> = columns.iter().map(|c| c.0).collect();
    let mut text = head.join(",") + "\n";
    for row in 0..ROWS {
        let cells: Vec<String> = columns.iter().map(|c| c.1(row)).collect();
        text += &(cells.join(",") + "\n");
    }
    text
}

/// Two features without a pattern.
const A: (&str, Cell) = ("a", |row| format!("{}", (row * 7 % 11) as f64 * 0.3 - 1.1));
const B: (&str, Cell) = ("b", |row| format!("{}", (row * 5 % 13) as f64 * 0.2 - 0.7));
const LABEL: (&str, Cell) = ("label", class);

fn class(row: usize) -> String {
    ["ash", "birch", "cedar"][row * row % 7 % 3].into()
}

fn code(row: usize) -> String {
    (row * row % 7 % 3).to_string()
}

fn load(text: &str) -> Result<Dataset> {
    load_with(text, &ReadOptions::default())
}

fn load_with(text: &str, options: &ReadOptions) -> Result<Dataset> {
    read_bytes("table.csv", text.as_bytes(), options)
}

/// Names of features as the notes list them.
fn decided(data: &Dataset) -> String {
    data.notes().first().cloned().unwrap_or_default()
}

#[test]
fn numbers_of_rows_and_ids_are_no_features() {
    let cases: &[(&str, Cell, &str)] = &[
        (
            "",
            |row| row.to_string(),
            "index: column 1 (0…23, as pandas writes it)",
        ),
        (
            "Unnamed: 0",
            |row| row.to_string(),
            "index: Unnamed: 0 (0…23, as pandas writes it)",
        ),
        (
            "index",
            |row| row.to_string(),
            "index: index (0…23, as pandas writes it)",
        ),
        (
            "\"\"",
            |row| (row + 1).to_string(),
            "index: column 1 (1…24, as R writes it)",
        ),
        (
            "n",
            |row| (row + 1).to_string(),
            "index: n (1…24 rises by 1 in every row)",
        ),
        (
            "n",
            |row| (ROWS - row).to_string(),
            "index: n (24…1 falls by 1 in every row)",
        ),
        (
            "t",
            |row| (row as f64 * 0.5).to_string(),
            "index: t (0…11.5 rises by 0.5 in every row)",
        ),
        (
            "n",
            |row| (row * 5 % 24).to_string(),
            "index: n (each of the whole numbers 0…23 once)",
        ),
        (
            "n",
            |row| (row + row / 5).to_string(),
            "index: n (0…27 rises in every row)",
        ),
        (
            "sample_id",
            |row| format!("{}.0", 5000 + row),
            "ids: sample_id",
        ),
        (
            "PassengerId",
            |row| (row * 37 % 101).to_string(),
            "ids: PassengerId",
        ),
        ("image", |row| format!("a/{row}.png"), "ids: image"),
        ("uuid", |row| format!("6f{row:02}-77ab"), "ids: uuid"),
        ("who", |row| format!("GSM{row}"), "ids: who"),
        (
            "when",
            |row| format!("2024-01-{:02}", row % 20 + 1),
            "metadata: when",
        ),
        ("year", |row| (2007 + row % 3).to_string(), "metadata: year"),
        ("fold", |row| (row % 5).to_string(), "metadata: fold"),
        (
            "comment",
            |row| format!("no {}", row % 3),
            "metadata: comment",
        ),
        ("empty", |_| String::new(), "left out: empty (empty)"),
    ];
    for (name, cell, expected) in cases {
        let data = load(&table(&[(name, *cell), A, B, LABEL])).unwrap();
        let said = decided(&data);
        assert!(said.contains(expected), "{name}: {said}");
        assert!(
            said.contains("label: label; ") || said.contains("label: label"),
            "{said}"
        );
        assert!(said.ends_with("features: a, b"), "{name}: {said}");
        assert_eq!(data.features().dim(), (ROWS, 2), "{name}");
        assert_eq!(data.columns().len(), 4);
        // The same as the last column.
        let data = load(&table(&[A, B, LABEL, (name, *cell)])).unwrap();
        assert_eq!(data.features().dim(), (ROWS, 2), "{name} at the end");
    }
}

#[test]
fn ordinary_numbers_stay_features() {
    let cases: &[(&str, Cell)] = &[
        ("humid", |row| (row * 3 % 17).to_string()),
        ("acid", |row| format!("{}", row as f64 * 0.11 % 0.7)),
        ("sorted", |row| format!("{}", (row * row) as f64 * 0.01)),
        ("score", |row| format!("{}", row * 31 % 97)),
        ("constant", |_| "1".into()),
        ("weight", |row| (50 + row * 3 % 17).to_string()),
    ];
    for (name, cell) in cases {
        let data = load(&table(&[(name, *cell), A, B, LABEL])).unwrap();
        assert_eq!(data.dimensions(), 3, "{name}: {:?}", data.notes());
    }
}

#[test]
fn the_label_is_found_wherever_it_stands() {
    for name in [
        "label",
        "Species",
        "class",
        "target",
        "true_label",
        "diagnosis",
        "anything",
    ] {
        for order in [[0, 1, 2], [2, 0, 1]] {
            let columns = [A, B, (name, class as Cell)];
            let data = load(&table(&order.map(|c| columns[c]))).unwrap();
            assert_eq!(
                data.labels().unwrap().names(),
                ["ash", "birch", "cedar"],
                "{name}"
            );
            assert!(decided(&data).contains(&format!("label: {name}")), "{name}");
            assert_eq!(data.dimensions(), 2);
        }
    }
}

#[test]
fn what_may_be_a_label_or_a_feature_is_asked() {
    for name in [
        "quality",
        "Outcome",
        "cluster",
        "leiden",
        "cell_type",
        "seurat_clusters",
        "grade",
    ] {
        let text = table(&[A, B, (name, code)]);
        let error = load(&text).unwrap_err().to_string();
        for word in [
            name,
            "whole numbers",
            "--label-column",
            "--features 'a,b,",
            "a, b",
        ] {
            assert!(error.contains(word), "{name}: {error}");
        }
        let options = ReadOptions {
            label_column: Some(name.into()),
            ..ReadOptions::default()
        };
        let data = load_with(&text, &options).unwrap();
        assert_eq!(
            (data.dimensions(), data.labels().unwrap().classes()),
            (2, 3),
            "{name}"
        );
        let options = ReadOptions {
            feature_columns: vec!["*".into()],
            ..ReadOptions::default()
        };
        let data = load_with(&text, &options).unwrap();
        assert_eq!(data.dimensions(), 3, "{name}");
        assert!(data.labels().is_none());
    }
    let two = table(&[
        A,
        B,
        ("cut", class),
        ("color", |row| ["red", "blue"][row % 2].into()),
    ]);
    let error = load(&two).unwrap_err().to_string();
    assert!(
        error
            .contains("color (2 different words), cut (3 different words) could each be the label"),
        "{error}"
    );
    assert!(
        error
            .contains("`--label-column color`; if there is none, use `--not-features 'cut,color'`"),
        "{error}"
    );
    let options = ReadOptions {
        label_column: Some("color".into()),
        ..ReadOptions::default()
    };
    let data = load_with(&two, &options).unwrap();
    assert_eq!(data.metadata()[0].name, "cut");
    assert_eq!(data.metadata()[0].values[1], "birch");
    assert_eq!(
        decided(&data),
        "label: color; metadata: cut; features: a, b"
    );
}

/// A number that is not named as a label stays a feature, and a note proposes it.
#[test]
fn a_column_of_few_numbers_is_proposed_as_the_label() {
    let data = load(&table(&[A, B, ("z", code)])).unwrap();
    assert_eq!(data.dimensions(), 3);
    let notes = data.notes().join("\n");
    assert!(
        notes.contains("z has 3 values: if it is the label, use `--label-column z`"),
        "{notes}"
    );
}

#[test]
fn features_that_may_be_no_features_are_mentioned() {
    let text = table(&[
        ("elapsed", |row| (row * 5 + row / 3).to_string()),
        A,
        B,
        LABEL,
    ]);
    let notes = load(&text).unwrap().notes().join("\n");
    assert!(notes.contains("sorted by the feature elapsed"), "{notes}");
    let text = table(&[
        ("income", |row| (30000 + row * 17 % 23 * 100).to_string()),
        A,
        B,
        LABEL,
    ]);
    let notes = load(&text).unwrap().notes().join("\n");
    assert!(
        notes.contains("income has over 99.9% of the variance"),
        "{notes}"
    );
    assert!(notes.contains("`--not-features income`"), "{notes}");
}

/// The first line of scikit-learn's own tables.
#[test]
fn a_first_line_of_numbers_and_classes_is_understood() {
    let mut text = String::from("24,4,setosa,versicolor,virginica\n");
    for row in 0..ROWS {
        text += &format!(
            "{},{},{},{},{}\n",
            A.1(row),
            B.1(row),
            B.1(row + 3),
            A.1(row + 5),
            code(row)
        );
    }
    let data = load(&text).unwrap();
    assert_eq!(data.dimensions(), 4);
    assert_eq!(
        data.labels().unwrap().names(),
        ["setosa", "versicolor", "virginica"]
    );
}

#[test]
fn copies_of_the_label_are_no_features() {
    let text = table(&[
        A,
        ("label_id", code),
        B,
        ("encoded", |row| {
            format!("{}", (row * row % 7 % 3) as f64 * 0.5 + 0.25)
        }),
        ("is_ash", |row| u8::from(class(row) == "ash").to_string()),
        ("label_name", class),
    ]);
    let data = load(&text).unwrap();
    let said = data.notes().join("\n");
    assert!(said.contains("label: label_name"), "{said}");
    assert!(
        said.contains("label_id (the same classes as label_name)"),
        "{said}"
    );
    assert!(
        said.contains("the label determines encoded, is_ash"),
        "{said}"
    );
    let advice = "to use them anyway, name all features in `--features`, these included";
    assert!(said.contains(advice), "{said}");
    assert!(said.contains("features: a, b"), "{said}");
    assert_eq!(data.features().column(1)[1], -0.7 + 0.2 * 5.0);
    let options = ReadOptions {
        feature_columns: ["a", "b", "encoded", "is_ash"].map(Into::into).to_vec(),
        ..ReadOptions::default()
    };
    let data = load_with(&text, &options).unwrap();
    assert_eq!(data.dimensions(), 4);
    assert_eq!(data.labels().unwrap().classes(), 3);
}

#[test]
fn one_hot_labels_and_probabilities_of_a_table_are_used() {
    let text = table(&[
        A,
        B,
        ("label_ash", |row| u8::from(class(row) == "ash").to_string()),
        ("label_birch", |row| {
            u8::from(class(row) == "birch").to_string()
        }),
        ("label_cedar", |row| {
            u8::from(class(row) == "cedar").to_string()
        }),
    ]);
    let data = load(&text).unwrap();
    assert_eq!(data.labels().unwrap().names(), ["ash", "birch", "cedar"]);
    assert_eq!(data.dimensions(), 2);
    let text = table(&[
        A,
        B,
        LABEL,
        ("prob_cedar", |row| {
            if class(row) == "cedar" { "0.8" } else { "0.1" }.into()
        }),
        ("prob_ash", |row| {
            if class(row) == "ash" { "0.8" } else { "0.1" }.into()
        }),
        ("prob_birch", |row| {
            if class(row) == "birch" { "0.8" } else { "0.1" }.into()
        }),
        ("pred", class),
    ]);
    let data = load(&text).unwrap();
    assert_eq!(data.dimensions(), 2, "{:?}", data.notes());
    let probabilities = data.probabilities().unwrap();
    let labels = data.labels().unwrap().indices();
    for (row, &label) in probabilities.outer_iter().zip(labels) {
        assert_eq!(row[usize::from(label)], 0.8);
    }
    assert_eq!(data.predictions().unwrap(), labels);
}

#[test]
fn options_say_what_columns_are() {
    let text = table(&[
        ("id", |row| format!("s{row}")),
        A,
        B,
        ("gene1", A.1),
        ("gene2", B.1),
        LABEL,
    ]);
    let with = |options: ReadOptions| load_with(&text, &options);
    let patterns = |patterns: &[&str]| patterns.iter().map(ToString::to_string).collect();
    let data = with(ReadOptions {
        feature_columns: patterns(&["gene*", "a"]),
        ..ReadOptions::default()
    });
    let data = data.unwrap();
    assert_eq!(
        decided(&data),
        "ids: id; label: label; metadata: b; features: a, gene1, gene2"
    );
    let data = with(ReadOptions {
        not_features: patterns(&["gene*"]),
        ids_column: Some("a".into()),
        ..ReadOptions::default()
    });
    let data = data.unwrap();
    assert_eq!(
        decided(&data),
        "ids: a; label: label; metadata: id, gene1, gene2; features: b"
    );
    assert_eq!(data.ids().unwrap()[0], "-1.1");
    let error = with(ReadOptions {
        feature_columns: patterns(&["x*"]),
        ..ReadOptions::default()
    });
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("feature_columns x*") && error.contains("gene1"),
        "{error}"
    );
    let error = with(ReadOptions {
        feature_columns: patterns(&["a", "i*"]),
        ..ReadOptions::default()
    });
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("feature_columns i*")
            && error
                .contains("it matches only columns without numbers (id); name columns of numbers"),
        "{error}"
    );
}

#[test]
fn a_transposed_table_is_noticed_and_turned() {
    let mut text = String::from("gene,s1,s2,s3,s4,s5,s6\n");
    for row in 0..5 {
        let cells: Vec<String> = (0..6).map(|c| (row * 7 + c * 3 % 5).to_string()).collect();
        text += &format!("g{row},{}\n", cells.join(","));
    }
    let data = load(&text).unwrap();
    let notes = data.notes().join("\n");
    assert!(
        notes.contains("may be transposed") && notes.contains("`--transpose`"),
        "{notes}"
    );
    let options = ReadOptions {
        transpose: true,
        ..ReadOptions::default()
    };
    let data = load_with(&text, &options).unwrap();
    assert_eq!(data.features().dim(), (6, 5));
    assert_eq!(data.ids().unwrap()[5], "s6");
    assert_eq!(data.features()[[1, 2]], 17.0);
}

/// Features of four samples with a labels file.
fn with_file(field: &str, content: &str, names: Option<&str>) -> Result<Dataset> {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let mut options = ReadOptions::default();
    match field {
        "ids" => options.ids = Some(file("ids.csv", content)),
        _ => options.labels = Some(file("labels.csv", content)),
    }
    options.class_names = names.map(|names| file("names.txt", names));
    let features = file("features.csv", &table(&[A, B]));
    read(features, &options)
}

/// A labels file with a first line, a separator and cells.
fn lines(head: &str, cell: impl Fn(usize) -> String) -> String {
    let rows = (0..ROWS).map(|row| cell(row) + "\n");
    head.to_owned() + &rows.collect::<String>()
}

#[test]
fn the_right_column_of_a_labels_file_is_taken() {
    for text in [
        lines("category\n", class),
        lines(",0\n", |row| format!("{row},{}", class(row))),
        lines(",0\n", |row| format!("{row},{}", code(row))),
        lines("", |row| format!("img_{row}.jpg {}", code(row))),
        lines("", |row| format!("a/{row}.png\t{}", class(row))),
        lines("file,diagnosis\n", |row| {
            format!("{row}.png,{}", class(row))
        }),
    ] {
        let data = with_file("labels", &text, None).unwrap();
        let labels = data.labels().unwrap();
        assert_eq!(labels.classes(), 3, "{text}");
        assert_eq!(labels.indices()[1], 1, "{text}");
        assert_eq!(labels.indices()[2], 1, "{text}");
    }
}

/// A label that looks like a heading is one if it occurs again.
#[test]
fn a_label_that_was_taken_for_a_header_is_found() {
    let text = lines("", |row| ["y", "n"][row % 2].into());
    let data = with_file("labels", &text, None).unwrap();
    assert_eq!(data.labels().unwrap().counts(), [12, 12]);
    let short = "label\n".to_owned() + &"a\nb\n".repeat(11) + "a\n";
    let error = with_file("labels", &short, None).unwrap_err().to_string();
    assert!(error.contains("23 rows"), "{error}");
}

/// Where rows are more or fewer than labels, the message says what explains it.
#[test]
fn numbers_of_rows_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let labels = folder.path().join("labels.txt");
    let with = |rows: usize, features: &str| {
        std::fs::write(&labels, lines("", class).repeat(2)).unwrap();
        let content = std::fs::read_to_string(&labels).unwrap();
        let some: Vec<&str> = content.lines().take(rows).collect();
        std::fs::write(&labels, some.join("\n")).unwrap();
        let options = ReadOptions {
            labels: Some(labels.clone()),
            ..ReadOptions::default()
        };
        load_with(features, &options).unwrap_err().to_string()
    };
    let mut wide: Vec<String> = vec![
        (0..ROWS)
            .map(|c| format!("g{c}"))
            .collect::<Vec<_>>()
            .join(","),
    ];
    for r in 0..8 {
        let cells = (0..ROWS).map(|c| format!("{}", (r * r * (c + 1) * 7 % 11) as f64 * 0.5));
        wide.push(cells.collect::<Vec<_>>().join(","));
    }
    let error = with(ROWS, &wide.join("\n"));
    for words in ["24 labels for 8 rows", "24 columns", "transpose"] {
        assert!(error.contains(words), "{error}");
    }
    // Who has exchanged them is not told to do so again.
    let exchanged = ReadOptions {
        labels: Some(labels.clone()),
        transpose: true,
        ..ReadOptions::default()
    };
    with(ROWS, &wide.join("\n"));
    let error = load_with(&table(&[A, B]), &exchanged)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("24 labels for 2 rows")
            && error.ends_with(
                "24 columns, since rows and columns were exchanged; do not exchange them"
            ),
        "{error}"
    );
    let error = with(ROWS + 1, &table(&[A, B]));
    assert!(
        error.contains("taken for a header") && error.contains("header: Some(false)"),
        "{error}"
    );
    let error = with(ROWS + 2, &table(&[A, B]));
    assert!(
        error.contains("26 rows, but the features have 24"),
        "{error}"
    );
}

#[test]
fn the_number_of_labels_decides_about_the_header_of_class_names() {
    for names in ["id\npassport\nlicence\n", "name\nid\npassport\nlicence\n"] {
        let data = with_file("labels", &lines("", code), Some(names)).unwrap();
        assert_eq!(
            data.labels().unwrap().names(),
            ["id", "passport", "licence"],
            "{names}"
        );
    }
}

#[test]
fn minus_one_is_a_class_where_names_or_other_labels_say_so() {
    let shifted = |by: i64| {
        lines("", move |row| {
            (code(row).parse::<i64>().unwrap() - by).to_string()
        })
    };
    let classes = |text: &str, names: Option<&str>| {
        let data = with_file("labels", text, names).unwrap();
        (
            data.labels().unwrap().names().join(" "),
            data.notes().join("\n"),
        )
    };
    assert_eq!(classes(&shifted(1), None).0, "-1 0 1");
    assert_eq!(
        classes(&shifted(1), Some("low\nmid\nhigh\n")).0,
        "low mid high"
    );
    assert_eq!(classes(&shifted(1), Some("mid\nhigh\n")).0, "mid high");
    assert_eq!(classes(&shifted(2), None).0, "-2 -1 0");
    let noise = lines("", |row| ["-1", "0", "1", "2"][row % 4].into());
    let (names, notes) = classes(&noise, None);
    assert_eq!(names, "0 1 2");
    assert!(notes.contains("6 samples have no label"), "{notes}");
    assert_eq!(classes(&noise, Some("a\nb\nc\nd\n")).0, "a b c d");
    let ignored = lines("", |row| ["-100", "0", "1"][row % 3].into());
    let (names, notes) = classes(&ignored, None);
    assert_eq!(names, "-100 0 1");
    assert!(notes.contains("PyTorch"), "{notes}");
}

#[test]
fn a_missing_text_is_no_label_unless_a_class_is_called_so() {
    let text = lines("", |row| ["NA", "EU", "AS"][row % 3].into());
    let data = with_file("labels", &text, None).unwrap();
    assert_eq!(data.labels().unwrap().names(), ["AS", "EU"]);
    let notes = data.notes().join("\n");
    assert!(
        notes.contains("`--class-names`") && notes.contains("8 samples"),
        "{notes}"
    );
    let data = with_file("labels", &text, Some("NA\nEU\nAS\n")).unwrap();
    assert_eq!(data.labels().unwrap().names(), ["AS", "EU", "NA"]);
}

#[test]
fn ids_that_occur_twice_are_mentioned() {
    let data = with_file("ids", &lines("", |row| format!("s{}", row % 23)), None).unwrap();
    assert!(
        data.notes()
            .join("\n")
            .contains("the id s0 occurs more than once")
    );
}
