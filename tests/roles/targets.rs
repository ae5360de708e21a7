//! Labels that are spread over columns, measurements that are called labels, and numbers of things.

use disentangle::dataset::{Dataset, Labels, ReadOptions, read, read_bytes};

use crate::common::fixture;

/// A table of 90 rows.
fn table(head: &str, cells: impl Fn(usize) -> String) -> String {
    let rows: Vec<String> = (0..90).map(cells).collect();
    format!("{head}\n{}\n", rows.join("\n"))
}

fn open(text: &str, options: &ReadOptions) -> Dataset {
    read_bytes("table.csv", text.as_bytes(), options).unwrap()
}

fn with_label(name: &str) -> ReadOptions {
    ReadOptions {
        label_column: Some(name.into()),
        ..ReadOptions::default()
    }
}

fn said(data: &Dataset) -> String {
    data.notes().join("\n")
}

/// A number with a fraction and without a pattern.
fn number(row: usize, column: usize) -> f64 {
    ((row * 7919 + column * 104_729) % 1009) as f64 / 100.0 + 0.003
}

fn kind(row: usize) -> usize {
    row * 7 % 11 % 4
}

/// What `pandas.get_dummies` makes of two columns, without a prefix.
fn dummies() -> String {
    table("a,b,oak,elm,fir,yew,wet,dry", |row| {
        let is = |value: bool| if value { "True" } else { "False" };
        let kinds: Vec<&str> = (0..4).map(|k| is(kind(row) == k)).collect();
        let wet = row % 7 < 3;
        format!(
            "{},{},{},{},{}",
            number(row, 0),
            number(row, 1),
            kinds.join(","),
            is(wet),
            is(!wet)
        )
    })
}

#[test]
fn dummies_without_a_shared_beginning_are_one_label() {
    let text = dummies();
    let data = open(&text, &ReadOptions::default());
    assert_eq!(data.dimensions(), 8);
    let notes = said(&data);
    assert!(
        notes.contains(
            "if one of the columns oak … yew (4 one-hot columns), wet … dry (2 one-hot columns) is the \
             label, name it, for example with `--label-column 'oak,elm,fir,yew'`; otherwise they are \
             read as features"
        ),
        "{notes}"
    );
    let data = open(&text, &with_label("oak,elm,fir,yew"));
    let labels = data.labels().unwrap();
    assert_eq!(labels.names(), ["oak", "elm", "fir", "yew"]);
    assert!((0..90).all(|row| labels.class(row) == Some(kind(row))));
    assert_eq!(data.dimensions(), 4);
}

#[test]
fn the_sisters_of_a_label_are_no_features() {
    let data = open(&dummies(), &with_label("fir"));
    assert_eq!(data.labels().map(Labels::classes), Some(2));
    assert_eq!(data.dimensions(), 4);
    let notes = said(&data);
    assert!(
        notes.contains("left out: oak (with fir, it holds a single 1 in each row)"),
        "{notes}"
    );
}

#[test]
fn measurements_are_no_labels_unless_they_are_asked_for() {
    for (values, words) in [
        (0, "72 different numbers"),
        (1, "numbers with fractions"),
        (2, "30 different numbers"),
    ] {
        let text = table("a,b,target", |row| {
            let target = [
                (row % 72 * 37 % 541 + 20).to_string(),
                number(row, 5).to_string(),
                // Ages.
                (row % 30 * 2 + row % 30 / 7 + 18).to_string(),
            ];
            format!("{},{},{}", number(row, 0), number(row, 1), target[values])
        });
        let data = open(&text, &ReadOptions::default());
        assert!(data.labels().is_none());
        assert_eq!((data.dimensions(), data.metadata().len()), (2, 1));
        let notes = said(&data);
        assert!(
            notes.contains(words) && notes.contains("--label-column target"),
            "{notes}"
        );
    }
    // Where there are no other numbers, they are the features.
    let alone = open(
        &table("town,y", |row| format!("t{row},{}", number(row, 5))),
        &ReadOptions::default(),
    );
    assert_eq!((alone.dimensions(), alone.metadata().len()), (1, 0));
    // Classes of few samples, but without gaps; and numbers that are asked for.
    let codes = table("a,b,target", |row| {
        format!("{},{},{}", number(row, 0), number(row, 1), row % 45)
    });
    assert_eq!(
        open(&codes, &ReadOptions::default())
            .labels()
            .map(Labels::classes),
        Some(45)
    );
    let gaps = codes
        .replace(",44\n", ",4400\n")
        .replace(",43\n", ",1234\n");
    let asked = open(&gaps, &with_label("target"));
    assert_eq!(asked.labels().map(Labels::classes), Some(45));
    assert!(
        said(&asked).contains("look like measurements"),
        "{}",
        said(&asked)
    );
}

#[test]
fn targets_of_an_archive_are_no_labels_unless_they_are_asked_for() {
    let path = fixture("formats/folders/regression.npz");
    let data = read(&path, &ReadOptions::default()).unwrap();
    assert!(data.labels().is_none());
    let notes = said(&data);
    assert!(
        notes.contains("look like measurements, not classes"),
        "{notes}"
    );
    assert!(
        notes.contains(&format!("`--labels {}:y`", path.display())),
        "{notes}"
    );
}

#[test]
fn different_whole_numbers_of_things_are_ids() {
    for (name, is_id) in [
        ("pid", true),
        ("SCHOOL_CODE", true),
        ("order no", true),
        ("Key", true),
        ("weight", false),
        ("novelty", false),
        ("lipid", false),
        ("yes or no", false),
    ] {
        let text = table(&format!("{name},a,b"), |row| {
            format!(
                "{},{},{}",
                50_000 + row * 2741 % 9973,
                number(row, 0),
                number(row, 1)
            )
        });
        let data = open(&text, &ReadOptions::default());
        assert_eq!(data.ids().is_some(), is_id, "{name}");
        assert_eq!(data.dimensions(), if is_id { 2 } else { 3 }, "{name}");
    }
}

#[test]
fn classes_that_differ_in_case_or_blanks_are_noted() {
    let text = table("a,b,tree", |row| {
        let tree = ["oak", "Oak", "elm", "red  elm", "red elm"][row % 5];
        format!("{},{},{tree}", number(row, 0), number(row, 1))
    });
    let data = open(&text, &ReadOptions::default());
    assert_eq!(data.labels().map(Labels::classes), Some(5));
    let notes = said(&data);
    assert!(
        notes.contains("“Oak” and “oak”, “red  elm” and “red elm” differ only"),
        "{notes}"
    );
}

#[test]
fn columns_without_names_have_numbers() {
    let text = table(",a,b,tree", |row| {
        let size = ["small", "large", "small"][row % 3];
        format!(
            "{size},{},{},{}",
            number(row, 0),
            number(row, 1),
            ["oak", "elm"][row / 2 % 2]
        )
    });
    for name in ["1", "column 1"] {
        let data = open(&text, &with_label(name));
        assert_eq!(data.labels().unwrap().names(), ["large", "small"], "{name}");
    }
    let refused = read_bytes("table.csv", text.as_bytes(), &with_label("2"));
    assert!(refused.unwrap_err().to_string().contains("no such column"));
}

#[test]
fn a_word_among_numbers_is_named_with_its_line_and_an_option_that_helps() {
    let text = table("a,b,wind,tree", |row| {
        let wind = if row == 40 {
            "n.d.".into()
        } else {
            number(row, 2).to_string()
        };
        format!(
            "{},{},{wind},{}",
            number(row, 0),
            number(row, 1),
            ["oak", "elm"][row / 2 % 2]
        )
    });
    let message = read_bytes("t.csv", text.as_bytes(), &ReadOptions::default()).unwrap_err();
    let message = message.to_string();
    for words in [
        "line 42, column wind",
        "\"n.d.\"",
        "leave the column out with `--not-features wind`",
    ] {
        assert!(message.contains(words), "{message}");
    }
    for options in [
        ReadOptions {
            not_features: vec!["wind".into()],
            ..ReadOptions::default()
        },
        ReadOptions {
            feature_columns: vec!["a".into(), "b".into()],
            ..ReadOptions::default()
        },
    ] {
        let data = open(&text, &options);
        assert_eq!(data.dimensions(), 2);
        assert_eq!(data.labels().map(Labels::classes), Some(2));
    }
}

#[test]
fn all_features_that_are_mostly_missing_are_named() {
    let text = table("a,b,c,d,tree", |row| {
        let rare = if row % 3 == 0 {
            number(row, 3).to_string()
        } else {
            String::new()
        };
        let tree = ["oak", "elm"][row / 2 % 2];
        format!("{},{rare},{},{rare},{tree}", number(row, 0), number(row, 1))
    });
    let message = read_bytes("t.csv", text.as_bytes(), &ReadOptions::default()).unwrap_err();
    let message = message.to_string();
    assert!(
        message.contains("2 features are missing, NaN or infinite in most of 90 rows"),
        "{message}"
    );
    assert!(message.contains("`--not-features 'b,d'`"), "{message}");
}

#[test]
fn a_row_of_labels_of_a_transposed_table_is_their_column() {
    let row = |name: &str, cell: &dyn Fn(usize) -> String| {
        let cells: Vec<String> = (0..40).map(cell).collect();
        format!("{name},{}\n", cells.join(","))
    };
    let text = [
        row("", &|c| format!("s{c}")),
        row("height", &|c| number(c, 0).to_string()),
        row("width", &|c| number(c, 1).to_string()),
        row("tree", &|c| ["oak", "elm", "fir"][c % 5 % 3].into()),
    ]
    .concat();
    let options = ReadOptions {
        transpose: true,
        ..ReadOptions::default()
    };
    let data = open(&text, &options);
    assert_eq!((data.samples(), data.dimensions()), (40, 2));
    assert_eq!(data.labels().unwrap().names(), ["elm", "fir", "oak"]);
    assert_eq!(data.ids().unwrap()[39], "s39");
}

/// What is the same for all samples of a group is no example of a label.
#[test]
fn columns_that_describe_groups_are_proposed_last() {
    let text = table("plot,a,cut,dose", |row| {
        let plot = 100 + row / 4 * 3 + row / 40;
        let (dose, cut) = (row / 4 % 3, row * 7 % 11 % 4);
        format!("{plot},{},{cut},{dose}", number(row, 0))
    });
    let notes = said(&open(&text, &ReadOptions::default()));
    assert!(notes.contains("with `--label-column cut`"), "{notes}");
}

#[test]
fn a_table_of_rows_as_features_without_numbers_in_columns_is_named() {
    let text = "x,p,q,r,s\nsize,1,2,3,4\nkind,oak,elm,oak,elm\nsort,a,b,a,b\n";
    let message = read_bytes("t.csv", text.as_bytes(), &ReadOptions::default()).unwrap_err();
    assert!(
        message.to_string().contains("with `transpose`"),
        "{message}"
    );
}
