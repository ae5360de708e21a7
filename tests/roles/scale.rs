//! Columns that are so much larger than the others that distances depend on them alone.

use super::{Cell, LABEL, ROWS, load, table};

/// Numbers without a pattern, from −1 to 1.
fn number(row: usize, column: usize) -> f64 {
    ((row * 7919 + column * 104_729) % 1009) as f64 / 504.5 - 1.0
}

fn notes(scales: &[f64]) -> String {
    let names: Vec<String> = (0..scales.len()).map(|c| format!("v{c}")).collect();
    let cells = |row: usize| -> Vec<String> {
        let values = scales.iter().enumerate();
        values
            .map(|(c, scale)| (scale * number(row, c)).to_string())
            .collect()
    };
    let rows: Vec<String> = (0..ROWS)
        .map(|row| format!("{},{}", cells(row).join(","), super::class(row)))
        .collect();
    let text = format!("{},label\n{}\n", names.join(","), rows.join("\n"));
    load(&text).unwrap().notes().join("\n")
}

#[test]
fn a_few_columns_with_most_of_the_variance_are_named() {
    for (scales, expected) in [
        (
            vec![1.0, 200.0, 1.0, 100.0, 1.0],
            "v1, v3 have over 99.9% of the variance together, so distances depend almost only on them: scale the \
             columns, or leave them out with `--not-features 'v1,v3'`",
        ),
        (
            vec![1.0, 1.0, 30.0, 20.0, 25.0, 1.0, 1.0],
            "v2, v4, v3 have 99.",
        ),
        (
            vec![1.0, 1.0, 7.0, 6.0, 1.0],
            "of the variance together, so distances depend mostly on them",
        ),
        (vec![1.0, 6.0, 1.0], "v1 has 9"),
        (
            vec![1.0, 300.0],
            "v1 has over 99.9% of the variance, so distances depend almost only on it",
        ),
    ] {
        let said = notes(&scales);
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn columns_of_about_the_same_size_and_components_are_not_named() {
    const LARGE: (&str, Cell) = ("large", |row| (row * 7 % 11 * 1000).to_string());
    for scales in [
        vec![1.0; 3],
        vec![1.0, 3.0],
        vec![1.0, 3.0, 2.0, 3.0],
        vec![2.0, 2.0, 1.0, 1.0, 1.0],
        // Most of the columns; and scores on principal components.
        vec![9.0, 9.0, 9.0, 1.0, 1.0],
        vec![40.0, 9.0, 4.0, 2.0, 1.0, 0.1],
    ] {
        let said = notes(&scales);
        assert!(!said.contains("variance"), "{scales:?}: {said}");
    }
    let said = load(&table(&[LARGE, LABEL])).unwrap().notes().join("\n");
    assert!(!said.contains("variance"), "{said}");
}
