//! Columns that are known by what they hold: parts of the data, months, lists of numbers, numbers of rows.

use disentangle::dataset::ReadOptions;

use super::{A, B, Cell, LABEL, class, code, decided, load, load_with, table};

fn notes(columns: &[(&str, Cell)]) -> String {
    load(&table(columns)).unwrap().notes().join("\n")
}

fn refusal(text: &str) -> String {
    load(text).unwrap_err().to_string()
}

#[test]
fn parts_of_the_data_and_months_are_metadata() {
    let part: Cell = |row| ["Training", "Testing"][row % 5 % 2].into();
    let month: Cell = |row| format!("19{}-{:02}", 50 + row % 3, row % 4 + 1);
    for (name, cell, reason) in [("set", part, "parts of the data"), ("seen", month, "dates")] {
        let data = load(&table(&[A, (name, cell), B, ("tree", class)])).unwrap();
        let expected = format!("label: tree; metadata: {name}; features: a, b");
        assert_eq!(decided(&data), expected);
        assert_eq!(data.columns()[1].reason, reason);
    }
}

#[test]
fn numbers_of_rows_never_become_features() {
    let index: (&str, Cell) = ("rownames", |row| (row + 1).to_string());
    let error = refusal(&table(&[index, ("vote", class)]));
    assert!(error.contains("the table has no features"), "{error}");
    assert!(error.contains("table.csv:vote`"), "{error}");
    // Measurements that rise steadily may be all that there is.
    let data = load(&table(&[("depth", |row| (row * 5).to_string()), LABEL])).unwrap();
    assert_eq!(decided(&data), "label: label; features: depth");
}

#[test]
fn lists_of_numbers_as_text_are_refused_with_the_line_that_converts_them() {
    let list: Cell = |row| {
        let numbers = (0..9).map(|c| format!("{}", (row * c % 7) as f64 / 4.0));
        format!("\"[{}]\"", numbers.collect::<Vec<_>>().join(", "))
    };
    let pixels: Cell = |row| {
        let numbers = (0..12).map(|c| (row * c % 5).to_string());
        numbers.collect::<Vec<_>>().join(" ")
    };
    let numpy: Cell = |row| {
        let numbers = (0..8).map(|c| format!("np.float64({}.5)", row * c % 7));
        format!("\"[{}]\"", numbers.collect::<Vec<_>>().join(", "))
    };
    for (name, cell, length) in [
        ("embedding", list, 9),
        ("pixels", pixels, 12),
        ("vector", numpy, 8),
    ] {
        let text = table(&[("emotion", code), (name, cell)]);
        let error = refusal(&text);
        for words in [
            format!("{name} holds lists of {length} numbers as text"),
            format!("pandas.read_csv(\"table.csv\")[\"{name}\"]"),
        ] {
            assert!(error.contains(&words), "{error}");
        }
        let options = ReadOptions {
            not_features: vec![name.into()],
            ..ReadOptions::default()
        };
        assert_eq!(load_with(&text, &options).unwrap().dimensions(), 1);
    }
    let point: Cell = |row| format!("\"[{row}, {}]\"", row * 3 % 7);
    assert!(load(&table(&[A, B, ("place", point)])).is_ok());
    // Short ones, if there is nothing else.
    let error = refusal(&table(&[("place", point), LABEL]));
    assert!(
        error.contains("place holds lists of 2 numbers as text"),
        "{error}"
    );
}

#[test]
fn numbers_of_classes_are_asked() {
    for name in ["cluster_id", "species_id", "categoryId"] {
        let error = refusal(&table(&[A, B, (name, code)]));
        assert!(error.contains("may be the label or a feature"), "{error}");
    }
}

#[test]
fn in_a_table_without_names_the_last_column_is_asked_too() {
    let with_names = table(&[
        A,
        ("history", |row| ["yes", "no"][row % 2].into()),
        B,
        ("c", code),
    ]);
    let data = load(&with_names).unwrap();
    assert_eq!(decided(&data), "label: history; features: a, b, c");
    let (_, rows) = with_names.split_once('\n').unwrap();
    let error = refusal(rows);
    for words in [
        "2 (2 different words)",
        "4 (3 different whole numbers)",
        "`--label-column 4`",
    ] {
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn the_words_of_classes_go_before_their_one_hot_columns() {
    let one_hot: [(&str, Cell); 3] = [
        ("target_0", |row| u8::from(class(row) == "ash").to_string()),
        ("target_1", |row| {
            u8::from(class(row) == "birch").to_string()
        }),
        ("target_2", |row| {
            u8::from(class(row) == "cedar").to_string()
        }),
    ];
    let columns = [&[A, B], one_hot.as_slice(), &[("target", class as Cell)]].concat();
    let data = load(&table(&columns)).unwrap();
    assert_eq!(data.labels().unwrap().names(), ["ash", "birch", "cedar"]);
    assert_eq!(data.dimensions(), 2);
}

#[test]
fn scales_that_end_in_a_word_are_text_and_points_are_missing() {
    let children: Cell = |row| ["0", "1", "2", "3+"][row * 3 % 7 % 4].into();
    let data = load(&table(&[A, B, ("children", children), ("label", class)])).unwrap();
    assert_eq!(
        decided(&data),
        "label: label; metadata: children; features: a, b"
    );
    let weight: Cell = |row| {
        if row == 7 {
            ".".into()
        } else {
            format!("{}", (row * 7 % 5) as f64 / 2.0)
        }
    };
    let error = refusal(&table(&[A, ("weight", weight), LABEL]));
    assert!(error.contains("by column: weight (1)"), "{error}");
}

#[test]
fn counts_that_are_called_labels_are_doubted() {
    let count: Cell = |row| (row * row % 8 + row % 3).to_string();
    let said = notes(&[A, B, ("y", count)]);
    assert!(
        said.contains("different numbers, most of them of fewer than 5 samples"),
        "{said}"
    );
    // Of few rows, most numbers occur once.
    let said = load("a,b,y\n.1,2,3\n.4,1,5\n.3,7,7\n.9,4,8\n.2,6,10\n.5,3,16\n.8,5,3\n").unwrap();
    assert!(said.labels().is_none());
}

#[test]
fn names_in_a_comment_may_be_any_words() {
    let rows = "4,1.5,13.6,7\n2,3.25,9.5,8\n".repeat(5);
    for (comments, label) in [
        ("# label,RI,Na,Mg\n", "label"),
        ("#label,RI,Na,Mg\n# below the names\n", "label"),
    ] {
        let data = load(&format!("{comments}{rows}")).unwrap();
        assert_eq!(data.columns()[0].column, label);
        assert_eq!(data.columns()[2].column, "Na");
    }
}
