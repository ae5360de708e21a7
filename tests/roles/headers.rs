//! First lines whose names are numbers: years, wavelengths, counts from 0.

use disentangle::dataset::{ReadOptions, read_bytes};

use crate::load;

/// A number without a pattern.
fn value(row: usize, column: usize) -> f64 {
    ((row * 7919 + column * 104_729) % 1009) as f64 / 100.0
}

fn class(row: usize) -> &'static str {
    ["oak", "elm", "fir"][row * row % 7 % 3]
}

/// A table of 30 rows: the cells before the numbers, six numbers, the cells after them.
fn table(
    head: &str,
    before: impl Fn(usize) -> String,
    after: impl Fn(usize) -> String,
    divider: &str,
) -> String {
    let mut text = format!("{head}\n");
    for row in 0..30 {
        let numbers: Vec<String> = (0..6).map(|c| value(row, c).to_string()).collect();
        let row = [before(row), numbers.join(","), after(row)];
        let cells: Vec<String> = row.into_iter().filter(|c| !c.is_empty()).collect();
        text += &(cells.join(",") + "\n");
    }
    text.replace(',', divider)
}

fn none(_: usize) -> String {
    String::new()
}

#[test]
fn numbers_that_rise_unlike_those_below_are_names() {
    let town = |row: usize| format!("town {row}");
    let both = |row: usize| format!("town {row},{}", class(row));
    let tree = |row: usize| class(row).to_owned();
    let indexed = |row: usize| format!("{row},{}", class(row));
    let years = "2001,2002,2003,2004,2005,2006";
    let waves = "380.5,402,431.25,488,560,781";
    for (text, label) in [
        (table(&format!("town,{years}"), town, none, ","), false),
        (table(&format!("town,tree,{years}"), both, none, ","), true),
        (table(&format!("town,tree,{years}"), both, none, "\t"), true),
        (table(&format!("{waves},tree"), none, tree, ","), true),
        (table(&format!("tree,{waves}"), tree, none, ","), true),
        (table(&format!(",tree,{years}"), indexed, none, ","), true),
        (table("0,0,1,2,3,4,5", tree, none, ","), true),
        (table("1,2,3,4,5,6", none, none, ","), false),
        (table("0.125,0.25,0.5,1,2,4", none, none, ","), false),
        (
            table("77301,9120,50412,8800,60123,7", none, none, ",").replace(",7\n", ",7000\n"),
            false,
        ),
        (table(waves, none, none, ","), false),
        (
            table(
                "\"tree\",\"9\",\"8\",\"7\",\"6\",\"5\",\"4\"",
                tree,
                none,
                ",",
            ),
            true,
        ),
    ] {
        let data = load(&text).unwrap();
        assert_eq!((data.samples(), data.dimensions()), (30, 6), "{text}");
        let classes = data.labels().map(disentangle::dataset::Labels::classes);
        assert_eq!(classes, label.then_some(3), "{text}");
    }
}

#[test]
fn tables_that_pandas_joined_count_twice() {
    let code = |row: usize| (row * row % 7 % 3).to_string();
    let data = load(&table("0,0,1,2,3,4,5", code, none, ",")).unwrap();
    assert_eq!((data.samples(), data.dimensions()), (30, 7));
    assert_eq!(data.columns()[6].column, "5");
}

#[test]
fn text_before_a_table_is_named() {
    let tree = |row: usize| class(row).to_owned();
    let text = table(
        "Trees\nof the park: all\n\na,b,c,d,e,f,tree",
        none,
        tree,
        ",",
    );
    let message = load(&text).unwrap_err().to_string();
    assert!(message.contains("seems to begin in line 4"), "{message}");
    assert!(
        message.contains("`tail -n +4 table.csv > rows.csv`"),
        "{message}"
    );
}

#[test]
fn samples_that_rise_by_accident_are_no_header() {
    let tree = |row: usize| class(row).to_owned();
    let first: Vec<String> = (0..6).map(|c| value(60, c).to_string()).collect();
    let first = first.join(",");
    // Classes of one sample, one of them in the first line.
    let with_rare = |row: usize| if row == 20 { "ash".into() } else { tree(row) };
    let rare = load(&table(&format!("{first},yew"), none, with_rare, ",")).unwrap();
    assert_eq!(rare.samples(), 31);
    // All rows rise.
    let mut rising = String::new();
    for row in 0..30 {
        let cells: Vec<String> = (0..6)
            .map(|c| (c * 10 + row * (c + 3) % 7).to_string())
            .collect();
        rising += &format!("{},{}\n", cells.join(","), class(row));
    }
    assert_eq!(load(&rising).unwrap().samples(), 30);
}

#[test]
fn a_first_line_that_may_be_either_is_asked_about() {
    let tree = |row: usize| class(row).to_owned();
    let text = table("5.5,9000,3,4,1,2,wood", none, tree, ",");
    let message = load(&text).unwrap_err().to_string();
    assert!(
        message.contains("line 1 may be the header or a sample"),
        "{message}"
    );
    assert!(message.contains("`--no-header`"), "{message}");
    for (header, samples) in [(true, 30), (false, 31)] {
        let options = ReadOptions {
            header: Some(header),
            ..ReadOptions::default()
        };
        let data = read_bytes("table.csv", text.as_bytes(), &options).unwrap();
        assert_eq!(data.samples(), samples);
    }
}
