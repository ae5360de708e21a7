//! Numbers of things and of rows in any order are no features; measurements are.

use super::{A, B, Cell, LABEL, decided, load};

/// A table of 40 rows.
fn forty(name: &str, cell: Cell) -> String {
    let mut text = format!("{name},a,b,label\n");
    for row in 0..40 {
        text += &format!("{},{},{},{}\n", cell(row), A.1(row), B.1(row), LABEL.1(row));
    }
    text
}

#[test]
fn numbers_that_never_repeat_in_a_narrow_range_are_no_features() {
    for (name, cell, expected) in [
        (
            "n",
            (|row| (row * 27 % 40 + 7).to_string()) as Cell,
            "index: n (each of the whole numbers 7…46 once); label",
        ),
        (
            "n",
            |row| (row * 27 % 40 * 2 - row % 2 * (row * 27 % 40 % 3 / 2)).to_string(),
            "index: n (whole numbers of ",
        ),
        (
            "STATE_FIPS",
            |row| (row * 27 % 40 * 37).to_string(),
            "ids: STATE_FIPS; label",
        ),
        (
            "FIPSNO",
            |row| (row * 27 % 40 * 370).to_string(),
            "ids: FIPSNO; label",
        ),
        (
            "CNTY_FIPS",
            |row| (row % 13 * 37).to_string(),
            "label: label; metadata: CNTY_FIPS;",
        ),
        (
            "zip code",
            |row| (row % 13 * 37).to_string(),
            "label: label; metadata: zip code;",
        ),
        (
            "t",
            |row| ((row + 5) % 16).to_string(),
            "label: label; metadata: t;",
        ),
        (
            "t",
            |row| ((row + 15) % 16).to_string(),
            "label: label; metadata: t;",
        ),
    ] {
        let said = decided(&load(&forty(name, cell)).unwrap());
        assert!(said.starts_with(expected), "{name}: {said}");
        assert!(said.ends_with("features: a, b"), "{name}: {said}");
    }
}

#[test]
fn measurements_stay_features() {
    let cells: &[Cell] = &[
        // All different, but in a wide range; a value twice; jumps back to elsewhere.
        |row| (row * 27 % 40 * 3).to_string(),
        |row| (row * 27 % 40 - row / 39).to_string(),
        |row| ((row + 5) % 16 + row / 27).to_string(),
        |row| (row * row % 41).to_string(),
    ];
    for cell in cells {
        let said = decided(&load(&forty("width", *cell)).unwrap());
        assert_eq!(said, "label: label; features: width, a, b");
    }
}
