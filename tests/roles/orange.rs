//! Names with marks of their use, as Orange writes them in a table with one line of header.

use super::{A, B, Cell, class, decided, load, load_with, table};
use disentangle::dataset::ReadOptions;

const WEIGHT: Cell = |row| (row * 31 % 97).to_string();

#[test]
fn marks_before_names_say_what_columns_are() {
    let text = table(&[
        ("C#a", A.1),
        ("b", B.1),
        ("mC#z", WEIGHT),
        ("iD#old", WEIGHT),
        ("cD#kind", class),
        ("mS#who", |row| format!("n{}", row % 4)),
    ]);
    let data = load(&text).unwrap();
    assert_eq!(
        decided(&data),
        "label: cD#kind; metadata: mC#z, mS#who; left out: iD#old (marked iD#, as Orange does); features: C#a, b"
    );
    // Options come first; a target of a regression is no label.
    let options = ReadOptions {
        label_column: Some("mS#who".into()),
        ..ReadOptions::default()
    };
    let said = decided(&load_with(&text, &options).unwrap());
    assert!(
        said.starts_with("label: mS#who; metadata: mC#z, cD#kind;"),
        "{said}"
    );
    let said = decided(
        &load(&table(&[
            A,
            B,
            ("c#yield", |row| format!("{}.5", row * 7 % 11)),
        ]))
        .unwrap(),
    );
    assert_eq!(said, "metadata: c#yield; features: a, b");
}

#[test]
fn other_names_with_a_number_sign_are_names() {
    for name in ["c#4", "m#1 b", "C#"] {
        let columns = [A, B, (name, WEIGHT), ("F#4", WEIGHT)];
        assert_eq!(load(&table(&columns)).unwrap().dimensions(), 4, "{name}");
    }
}
