//! Tables without a recognized label, and columns that number groups of rows: what might be meant
//! otherwise is said, with the option that changes it.

use super::{A, B, Cell, LABEL, decided, load, load_with, table};
use disentangle::dataset::{ReadOptions, inspect};

/// A table of 60 rows.
fn long(columns: &[(&str, Cell)]) -> String {
    let head: Vec<&str> = columns.iter().map(|c| c.0).collect();
    let cells = |row: usize| -> Vec<String> { columns.iter().map(|c| c.1(row)).collect() };
    let rows = (0..60).map(|row| cells(row).join(",") + "\n");
    head.join(",") + "\n" + &rows.collect::<String>()
}

fn notes(text: &str) -> String {
    load(text).unwrap().notes().join("\n")
}

#[test]
fn numbers_of_groups_and_within_groups_are_no_features() {
    let cases: &[(Cell, &str)] = &[
        // Consecutive, and with gaps where there are many.
        (
            |row| (row / 5 + 3).to_string(),
            "numbers of groups of 5 rows each",
        ),
        (
            |row| (row / 3 * 40 + row / 9).to_string(),
            "numbers of groups of 3 rows each",
        ),
        // Groups of one size, and of several.
        (|row| (row % 6 + 1).to_string(), "counts 1…6 repeatedly"),
        (
            |row| (if row < 37 { row } else { row - 37 }).to_string(),
            "counts 0…36 repeatedly",
        ),
    ];
    for &(cell, reason) in cases {
        let text = long(&[("household", cell), A, B, LABEL]);
        let data = load(&text).unwrap();
        assert_eq!(
            decided(&data),
            "label: label; metadata: household; features: a, b"
        );
        assert_eq!(data.columns()[0].reason, reason);
        let options = ReadOptions {
            feature_columns: vec!["household".into(), "a".into()],
            ..ReadOptions::default()
        };
        assert_eq!(load_with(&text, &options).unwrap().dimensions(), 2);
        // As a label it is one.
        let text = long(&[("cluster_label", cell), A, B]);
        let options = ReadOptions {
            label_column: Some("cluster_label".into()),
            ..ReadOptions::default()
        };
        let data = load_with(&text, &options).unwrap();
        assert_eq!((data.dimensions(), data.labels().is_some()), (2, true));
    }
}

#[test]
fn numbers_that_happen_to_be_sorted_or_to_return_stay_features() {
    let cells: &[Cell] = &[
        // Unequal groups, few groups, fractions, steps of two, short cycles.
        |row| (row * row / 100).to_string(),
        |row| (row / 15).to_string(),
        |row| format!("{}", (row / 5) as f64 * 0.5),
        |row| (row % 6 * 2).to_string(),
        |row| (row % 3).to_string(),
        |row| (row * 7 % 10).to_string(),
    ];
    for cell in cells {
        let data = load(&long(&[("dose", *cell), A, B, LABEL])).unwrap();
        assert_eq!(decided(&data), "label: label; features: dose, a, b");
    }
}

/// Where there is nothing else, such numbers are the features.
#[test]
fn numbers_of_groups_alone_are_features() {
    let data = load(&long(&[("t", |row| (row % 6 + 1).to_string()), LABEL])).unwrap();
    assert_eq!(decided(&data), "label: label; features: t");
}

#[test]
fn columns_that_could_be_the_label_are_listed() {
    let text = long(&[
        ("smoker", |row| (row * 7 % 5 % 2).to_string()),
        ("visits", |row| (row * 7 % 13).to_string()),
        A,
        ("ill", |row| (row * 3 % 7 % 2).to_string()),
    ]);
    let said = notes(&text);
    assert!(
        said.contains(
            "no label column was recognized: if one of the columns ill (2 values), smoker (2 \
             values), visits (13 values) is the label, name it, for example with `--label-column \
             ill`; otherwise they are read as features"
        ),
        "{said}"
    );
    // The user said enough.
    let options = ReadOptions {
        label_column: Some("ill".into()),
        ..ReadOptions::default()
    };
    let said = load_with(&text, &options).unwrap().notes().join("\n");
    assert!(!said.contains("no label column"), "{said}");
}

/// Labels that the rows are sorted by look like numbers of groups.
#[test]
fn sorted_labels_are_metadata_and_said() {
    let cases: &[(Vec<(&str, Cell)>, &str)] = &[
        (
            vec![A, B, ("breed", |row| (row / 6).to_string())],
            "breed has 10 values: if it is the label, use `--label-column breed`; otherwise it is metadata",
        ),
        // More classes than are proposed elsewhere.
        (
            vec![("breed", |row| (row / 2).to_string()), A, B],
            "breed has 30 values: if it is the label, use `--label-column breed`; otherwise it is metadata",
        ),
        (
            vec![
                A,
                B,
                ("breed", |row| (row / 6).to_string()),
                ("wild", |row| (row * 7 % 5 % 2).to_string()),
            ],
            "otherwise breed is metadata, and the others are read as features",
        ),
    ];
    for (columns, expected) in cases {
        let said = notes(&long(columns));
        assert!(said.contains(expected), "{said}");
    }
    // At the end, they come before other numbers.
    let legs: Cell = |row| (row * 7 % 5).to_string();
    let said = notes(&long(&[
        A,
        ("legs", legs),
        B,
        ("breed", |row| (row / 5).to_string()),
    ]));
    assert!(
        said.contains("columns breed (12 values), legs (5 values) is the label"),
        "{said}"
    );
    // In the middle, so many are groups.
    let said = notes(&long(&[A, ("household", |row| (row / 2).to_string()), B]));
    assert!(!said.contains("label"), "{said}");
}

#[test]
fn several_columns_of_two_values_are_proposed_unless_they_are_pixels() {
    let cell: Cell = |row| (row * 7 % 11 % 2).to_string();
    let names = [
        "p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p10", "p11",
    ];
    let of = |count: usize| -> Vec<(&str, Cell)> {
        let others = names[..count].iter().map(|name| (*name, cell));
        [A].into_iter().chain(others).chain([B]).collect()
    };
    assert!(notes(&long(&of(7))).contains("no label column was recognized"));
    assert!(!notes(&long(&of(12))).contains("no label column was recognized"));
}

#[test]
fn a_column_that_says_which_samples_a_model_was_trained_on_is_metadata() {
    let halves: Cell = |row| if row % 3 == 0 { "True" } else { "False" }.into();
    let data = load(&long(&[("train", halves), A, B, LABEL])).unwrap();
    assert_eq!(
        decided(&data),
        "label: label; metadata: train; features: a, b"
    );
    // Numbers of trains.
    let data = load(&long(&[
        ("train", |row| (row * 7 % 23).to_string()),
        A,
        B,
        LABEL,
    ]))
    .unwrap();
    assert_eq!(decided(&data), "label: label; features: train, a, b");
}

#[test]
fn a_value_and_a_class_in_one_cell_are_no_date() {
    let both: Cell = |row| {
        format!(
            "{}0.{}:{}",
            if row % 2 == 0 { "-" } else { "" },
            61 + row,
            row % 3
        )
    };
    let data = load(&long(&[A, B, ("c", both), LABEL])).unwrap();
    assert_eq!(data.columns()[2].reason, "text, different in every row");
    for time in [
        "12:30:0{}",
        "2024-01-31T12:{}",
        "0{}.01.2024 12:30",
        "1/{}/2024 1:05",
    ] {
        let dates = (0..60).map(|row| {
            let time = time.replace("{}", &(row % 9 + 1).to_string());
            format!("{time},{},{},{}\n", (A.1)(row), (B.1)(row), (LABEL.1)(row))
        });
        let data = load(&("t,a,b,label\n".to_owned() + &dates.collect::<String>())).unwrap();
        assert_eq!(data.columns()[0].reason, "dates", "{time}");
    }
}

#[test]
fn names_in_advice_are_written_for_the_shell() {
    let cases = [
        ("income ($)", "--not-features 'income ($)'"),
        ("income gross, net", ""),
        ("owner's", "--not-features \"owner's\""),
        ("Einkommen_ä", "--not-features Einkommen_ä`"),
    ];
    for (name, advice) in cases {
        let name = if name.contains(',') {
            "\"income gross, net\""
        } else {
            name
        };
        let advice = if advice.is_empty() {
            "--not-features 'income gross* net'"
        } else {
            advice
        };
        let income: Cell = |row| (30_000 + row * 17 % 23 * 100).to_string();
        let said = notes(&table(&[(name, income), A, B, LABEL]));
        assert!(said.contains(advice), "{said}");
    }
    // A pattern stands for a name with a comma.
    let options = ReadOptions {
        not_features: vec!["income gross* net".into()],
        ..ReadOptions::default()
    };
    let income: Cell = |row| (30_000 + row * 17 % 23 * 100).to_string();
    let text = table(&[("\"income gross, net\"", income), A, B, LABEL]);
    assert_eq!(load_with(&text, &options).unwrap().dimensions(), 2);
}

#[test]
fn amounts_of_money_and_shares_are_metadata_and_said() {
    let text = long(&[
        ("price", |row| {
            format!("\"${},{:03}\"", row + 1, row * 37 % 1000)
        }),
        ("share", |row| format!("{}%", row % 9)),
        A,
        B,
        LABEL,
    ]);
    let said = notes(&text);
    assert!(
        said.contains("label: label; metadata: price, share; features: a, b"),
        "{said}"
    );
    assert!(said.contains("price, share: numbers with $, %"), "{said}");
    // Nothing is said of columns that options decide about.
    let said = |options: &ReadOptions| load_with(&text, options).unwrap().notes().join("\n");
    let mut options = ReadOptions {
        not_features: vec!["price".into()],
        ..ReadOptions::default()
    };
    assert!(said(&options).contains("\nshare: numbers with $, %"));
    options.label_column = Some("share".into());
    assert!(!said(&options).contains("numbers with $"));
    let options = ReadOptions {
        feature_columns: vec!["a".into(), "b".into()],
        ..ReadOptions::default()
    };
    assert!(!said(&options).contains("numbers with $"));
    // They are not taken for the label, nor for ids.
    let text = long(&[("share", |row| format!("{}%", row % 9)), A, B]);
    let data = load(&text).unwrap();
    assert!(data.labels().is_none() && data.ids().is_none());
}

#[test]
fn a_feature_that_the_label_was_made_from_is_mentioned() {
    let hours: Cell = |row| format!("{}.5", row * 37 % 60);
    let late: Cell = |row| if row * 37 % 60 < 25 { "no" } else { "yes" }.into();
    let said = notes(&long(&[A, ("hours", hours), B, ("class", late)]));
    assert!(
        said.contains("hours alone tells the classes apart"),
        "{said}"
    );
    assert!(said.contains("`--not-features hours`"), "{said}");
    // One sample on the wrong side.
    let late: Cell = |row| {
        if row != 7 && row * 37 % 60 < 25 {
            "no"
        } else {
            "yes"
        }
        .into()
    };
    let said = notes(&long(&[A, ("hours", hours), B, ("class", late)]));
    assert!(!said.contains("alone tells"), "{said}");
}

/// Where values are missing, the columns are named, and `inspect` shows the roles all the same.
#[test]
fn columns_with_missing_values_are_named() {
    let text = long(&[
        ("height", |row| {
            if row % 20 == 3 {
                String::new()
            } else {
                (row * 7 % 11).to_string()
            }
        }),
        ("weight", |row| {
            if row == 5 {
                "NA".into()
            } else {
                (row * 5 % 13).to_string()
            }
        }),
        A,
        LABEL,
    ]);
    let error = load(&text).unwrap_err().to_string();
    assert!(
        error.contains(
            "missing, NaN or infinite values in lines 5, 7, 25, 45; by column: height (3), weight (1)"
        ),
        "{error}"
    );
    assert!(
        error.contains("`--not-features 'height,weight'`"),
        "{error}"
    );
    let options = ReadOptions {
        drop_invalid: true,
        ..ReadOptions::default()
    };
    let said = load_with(&text, &options).unwrap().notes().join("\n");
    assert!(
        said.contains(
            "4 of 60 samples have NaN or infinite values and were left out: height (3), weight (1)"
        ),
        "{said}"
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    std::fs::write(&path, &text).unwrap();
    let shown = inspect(&path, &ReadOptions::default()).unwrap();
    assert!(shown.problem.is_some());
    assert!(
        shown
            .to_string()
            .contains("label: text × 60; label (by name)"),
        "{shown}"
    );
    // With the options of `diagnose`, it shows what that would read.
    let options = ReadOptions {
        not_features: vec!["height".into(), "weight".into()],
        ..ReadOptions::default()
    };
    let shown = inspect(&path, &options).unwrap();
    assert!(shown.problem.is_none());
    assert_eq!(shown.takes[0], "features 60 × 1");
}

/// Comments in a few rows of a column that is empty elsewhere.
#[test]
fn a_column_of_few_remarks_is_text() {
    let text = long(&[
        ("remarks", |row| {
            if row == 50 {
                "blurred".into()
            } else {
                String::new()
            }
        }),
        A,
        B,
        LABEL,
    ]);
    assert_eq!(
        decided(&load(&text).unwrap()),
        "label: label; metadata: remarks; features: a, b"
    );
}

/// R's `write.table(quote = …)` and others put names in single quotes.
#[test]
fn single_quotes_around_all_names_are_no_part_of_them() {
    let text = long(&[("'a'", A.1), ("'b'", B.1), ("'label'", LABEL.1)]);
    assert_eq!(
        decided(&load(&text).unwrap()),
        "label: label; features: a, b"
    );
    let text = long(&[("'a'", A.1), ("b", B.1), ("label", LABEL.1)]);
    assert_eq!(
        decided(&load(&text).unwrap()),
        "label: label; features: 'a', b"
    );
}

/// Of several columns that could be the label, those with a name for it come first.
#[test]
fn likely_labels_are_asked_first() {
    let text = long(&[
        ("site", |row| ["north", "south"][row % 7 % 2].into()),
        A,
        ("outcome", |row| ["good", "bad"][row % 5 % 2].into()),
    ]);
    let error = load(&text).unwrap_err().to_string();
    assert!(
        error.contains(
            "outcome (2 different words), site (2 different words) could each be the label"
        ),
        "{error}"
    );
    assert!(
        error.contains("for example with `--label-column outcome`"),
        "{error}"
    );
}

/// One-hot columns of any beginning: features, but offered as the label.
#[test]
fn one_hot_columns_can_be_the_label() {
    let kind: fn(usize) -> usize = |row| row * 7 % 11 % 3;
    let columns: [(&str, Cell); 5] = [
        A,
        ("kind_oak", |row| {
            u8::from(row * 7 % 11 % 3 == 0).to_string()
        }),
        ("kind_elm", |row| {
            u8::from(row * 7 % 11 % 3 == 1).to_string()
        }),
        ("kind_fir", |row| {
            u8::from(row * 7 % 11 % 3 == 2).to_string()
        }),
        B,
    ];
    let text = long(&columns);
    let data = load(&text).unwrap();
    assert_eq!(data.dimensions(), 5);
    let said = data.notes().join("\n");
    assert!(
        said.contains("the columns kind_… hold a single 1 in each row")
            && said.contains("`--label-column kind`"),
        "{said}"
    );
    for name in ["kind", "kind_*"] {
        let options = ReadOptions {
            label_column: Some(name.into()),
            ..ReadOptions::default()
        };
        let data = load_with(&text, &options).unwrap();
        assert_eq!(data.dimensions(), 2);
        let labels = data.labels().unwrap();
        assert_eq!(labels.names(), ["oak", "elm", "fir"]);
        assert!((0..60).all(|row| labels.class(row) == Some(kind(row))));
    }
    let options = ReadOptions {
        label_column: Some("*".into()),
        ..ReadOptions::default()
    };
    let error = load_with(&text, &options).unwrap_err().to_string();
    assert!(error.contains("matches several columns"), "{error}");
}
