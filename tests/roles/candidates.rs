//! Which columns are proposed as the label, and in which order.

use super::{A, B, Cell, load, load_with, table};
use disentangle::dataset::ReadOptions;

const SEX: (&str, Cell) = ("sex", two);
const RACE: [(&str, Cell); 3] = [
    ("race_white", |row| is(row % 5 < 2)),
    ("race_black", |row| is((2..4).contains(&(row % 5)))),
    ("race_other", |row| is(row % 5 == 4)),
];

fn is(value: bool) -> String {
    u8::from(value).to_string()
}

fn two(row: usize) -> String {
    is(row * 7 % 11 % 2 < 1)
}

fn words(row: usize) -> String {
    ["low", "high"][row * 5 % 7 % 2].into()
}

fn notes(columns: &[(&str, Cell)]) -> String {
    load(&table(columns)).unwrap().notes().join("\n")
}

fn refusal(columns: &[(&str, Cell)]) -> String {
    load(&table(columns)).unwrap_err().to_string()
}

#[test]
fn one_hot_columns_are_proposed_last_and_as_one() {
    let said = notes(&[&[SEX, A, B], RACE.as_slice()].concat());
    assert!(
        said.contains(
            "no label column was recognized: if one of the columns sex (2 values), race_… (3 one-hot \
             columns) is the label, name it, for example with `--label-column sex`; otherwise they are \
             read as features"
        ),
        "{said}"
    );
}

/// As scikit-learn's `DictVectorizer` calls them.
#[test]
fn one_hot_columns_with_equals_signs_can_be_the_label() {
    let columns = [
        A,
        ("race=white_1", RACE[0].1),
        ("race=black_2", RACE[1].1),
        ("race=other_3", RACE[2].1),
    ];
    let said = notes(&columns);
    assert!(
        said.contains("the columns race=… hold a single 1"),
        "{said}"
    );
    assert!(said.contains("`--label-column 'race=*'`"), "{said}");
    let options = ReadOptions {
        label_column: Some("race=*".into()),
        ..ReadOptions::default()
    };
    let data = load_with(&table(&columns), &options).unwrap();
    assert_eq!(data.labels().unwrap().classes(), 3);
    assert_eq!(data.dimensions(), 1);
}

/// Encoded columns without the first, and with names of values that are called as ids are.
#[test]
fn columns_of_an_incomplete_encoding_are_features_and_not_proposed() {
    let columns = [
        A,
        ("charge_altered ID", RACE[0].1),
        ("charge_note", RACE[1].1),
        ("charge_by fraud", |_| "0".into()),
        B,
    ];
    let data = load(&table(&columns)).unwrap();
    assert_eq!(data.dimensions(), 5);
    let said = data.notes().join("\n");
    assert!(!said.contains("label"), "{said}");
}

#[test]
fn names_of_outcomes_are_asked_about() {
    for name in [
        "two-year-recid",
        "Risk",
        "credit_risk",
        "churned",
        "is_fraud",
        "default.payment.next.month",
        "Class1",
    ] {
        let said = refusal(&[&[A, (name, two), B], RACE.as_slice()].concat());
        let expected = format!("{name} (2 different whole numbers) may be the label or a feature");
        assert!(said.contains(&expected), "{said}");
        assert!(said.contains(&format!("`--label-column {name}`")), "{said}");
    }
}

#[test]
fn answers_to_yes_or_no_are_proposed_first() {
    let said = notes(&[
        SEX,
        A,
        ("has_job", two),
        ("visits", |row| (row * 7 % 4).to_string()),
    ]);
    assert!(
        said.contains(
            "if one of the columns has_job (2 values), visits (4 values), sex (2 values) is"
        ),
        "{said}"
    );
}

/// Twelve answers from 1 to 6 are features; the one column with another range may be a class.
#[test]
fn a_column_unlike_the_answers_of_a_questionnaire_is_proposed() {
    let names: Vec<String> = (1..=12).map(|item| format!("Q{item}")).collect();
    let answer: Cell = |row| (((row * 2_654_435_761) >> 9) % 6 + 1).to_string();
    let answers: Vec<(&str, Cell)> = names.iter().map(|name| (name.as_str(), answer)).collect();
    let said = notes(&[answers.as_slice(), &[SEX, A]].concat());
    assert!(said.contains("sex (2 values)"), "{said}");
    assert!(!said.contains("Q2 "), "{said}");
}

/// The last column before others, and numbers called as labels are among the words.
#[test]
fn likely_columns_are_asked_about_first() {
    let place: Cell = |row| ["north", "south", "west"][row * 3 % 7 % 3].into();
    let said = refusal(&[
        ("place", place),
        A,
        ("job", |row| ["smith", "baker"][row % 3 % 2].into()),
        ("is_ill", two),
        ("income", words),
    ]);
    assert!(
        said.contains(
            "is_ill (2 different whole numbers), income (2 different words), place (3 different \
             words), job (2 different words) could each be the label"
        ),
        "{said}"
    );
    assert!(
        said.contains("for example with `--label-column is_ill`"),
        "{said}"
    );
    assert!(
        said.contains("`--not-features 'place,job,income'`"),
        "{said}"
    );
}

/// A feature that is called a label is never one silently.
#[test]
fn labels_beside_the_label_are_said() {
    let columns = [("class", words as Cell), A, ("survived", two), B];
    let said = notes(&columns);
    assert!(
        said.contains(
            "survived (2 values) is read as a feature: if it is the label, use `--label-column survived`; \
             if it is another label, leave it out with `--not-features survived`"
        ),
        "{said}"
    );
    let options = ReadOptions {
        label_column: Some("class".into()),
        ..ReadOptions::default()
    };
    let with = |options: &ReadOptions| {
        let data = load_with(&table(&columns), options).unwrap();
        data.notes().join("\n")
    };
    let said = with(&options);
    assert!(
        said.contains(
            "survived (2 values) is read as a feature: if it is another label, leave it out with \
             `--not-features survived`"
        ),
        "{said}"
    );
    let options = ReadOptions {
        feature_columns: vec!["a".into(), "survived".into()],
        ..options
    };
    assert!(!with(&options).contains("too"));
}

/// The only column of text is a weak reason where others number classes, wherever they stand.
#[test]
fn columns_that_number_classes_beside_a_label_of_text_are_said() {
    for columns in [
        [("sex", words as Cell), A, B, ("ill", two)],
        [("sex", words), A, ("ill", two), B],
        [("ill", two), A, ("sex", words), B],
    ] {
        let said = notes(&columns);
        assert!(
            said.contains(
                "ill (2 values) is read as a feature: if it is the label, use `--label-column ill`"
            ),
            "{said}"
        );
    }
    // Beside a label that is called so, it is a feature like others.
    assert!(!notes(&[("species", words), A, B, ("ill", two)]).contains("ill (2 values)"));
}

#[test]
fn identifiers_and_quarters_are_no_features() {
    let columns = [
        ("identifier", (|row| (row * 37 % 101).to_string()) as Cell),
        ("quarter", |row| (row % 4 + 1).to_string()),
        A,
        B,
    ];
    let said = notes(&columns);
    assert!(
        said.starts_with("ids: identifier; metadata: quarter; features: a, b"),
        "{said}"
    );
}
