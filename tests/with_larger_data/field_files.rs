//! Files as people save them, as the folder `field` of the larger data describes them: each is read as
//! it was meant, with a note of what was decided, or refused with the option that says it.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    unused_qualifications,
    reason = "a test stops at the first surprise, and says when it is skipped"
)]

use std::fmt::Write as _;
use std::path::Path;

use assert_cmd::Command;
use disentangle::Execution;
use disentangle::dataset::{Dataset, Labels, ReadOptions, read};
use disentangle::diagnosis::Diagnosis;

/// Figures of scikit-learn 1.9 with 10 neighbors: silhouette and share of neighbors of the same
/// class.
const BASE: [f64; 2] = [0.2783, 0.8708];
const SMALL: [f64; 2] = [0.1971, 0.7300];
const TOLERANCE: f64 = 6e-5;

/// What is expected of a file.
enum Right {
    /// Shape, figures, and words of the notes.
    Figures(usize, usize, [f64; 2], &'static [&'static str]),
    /// Shape, number of labeled samples in each class (none without labels), and words of the notes.
    Read(usize, usize, &'static [usize], &'static [&'static str]),
    /// Words of the refusal.
    Refused(&'static [&'static str]),
}

use Right::{Figures, Read, Refused};

/// Files, their options as `field=value`, and what is right.
const FILES: &[(&str, &[&str], Right)] = &[
    (
        "base_X.npy",
        &["labels=base_y.npy"],
        Figures(120, 6, BASE, &[]),
    ),
    (
        "p_index.csv",
        &[],
        Figures(
            120,
            6,
            BASE,
            &[
                "index: column 1 (0…119, as pandas writes it)",
                "label: label",
            ],
        ),
    ),
    (
        "r_writecsv.csv",
        &[],
        Figures(120, 6, BASE, &["index: column 1 (1…120, as R writes it)"]),
    ),
    (
        "r_writetable.tsv",
        &[],
        Figures(120, 6, BASE, &["index: column 1 (1…120, as R writes it)"]),
    ),
    (
        "sample_id.csv",
        &[],
        Figures(90, 4, SMALL, &["ids: sample_id"]),
    ),
    (
        "label_id_and_name.csv",
        &[],
        Figures(
            90,
            4,
            SMALL,
            &[
                "label: label_name",
                "left out: label_id (the same classes as label_name)",
            ],
        ),
    ),
    (
        "p_intheader.csv",
        &["labels=base_y.npy"],
        Read(120, 6, &[40, 40, 40], &[]),
    ),
    (
        "nohead_yn.csv",
        &[],
        Read(120, 6, &[80, 40], &["label: column 7"]),
    ),
    (
        "seurat_pca_clusters.csv",
        &[],
        Refused(&[
            "seurat_clusters",
            "3 different whole numbers",
            "--label-column",
        ]),
    ),
    (
        "seurat_pca_clusters.csv",
        &["label_column=seurat_clusters"],
        Figures(120, 6, BASE, &["ids: column 1"]),
    ),
    (
        "genes_by_cells.csv",
        &[],
        Read(80, 120, &[], &["transposed", "`--transpose`"]),
    ),
    (
        "genes_by_cells.csv",
        &["transpose"],
        Read(120, 80, &[], &["ids: id"]),
    ),
    (
        "base_X.npy",
        &["labels=lab_space_idx.txt"],
        Read(120, 6, &[40, 40, 40], &[]),
    ),
    (
        "model_table.csv",
        &[],
        Figures(
            90,
            4,
            SMALL,
            &[
                "ids: image_path",
                "label: label",
                "predictions: pred",
                "metadata: prob",
            ],
        ),
    ),
    (
        "winequality_schema.csv",
        &[],
        Refused(&[
            "quality (3 different whole numbers)",
            "fixed acidity",
            "--label-column",
        ]),
    ),
    (
        "winequality_schema.csv",
        &["label_column=quality"],
        Read(90, 4, &[30, 30, 30], &[]),
    ),
    ("bool_dummies.csv", &[], Read(120, 5, &[40, 40, 40], &[])),
    (
        "kaggle_trailing_header.csv",
        &[],
        Read(120, 6, &[80, 40], &["ids: id", "label: diagnosis"]),
    ),
    ("excel_sep.csv", &[], Figures(120, 6, BASE, &[])),
    (
        "uci_question.csv",
        &[],
        Refused(&["missing", "drop_invalid"]),
    ),
    (
        "uci_question.csv",
        &["drop_invalid"],
        Read(118, 6, &[40, 39, 39], &["2 of 120"]),
    ),
    (
        "savetxt_space.txt",
        &["labels=base_y.npy"],
        Read(120, 6, &[40, 40, 40], &[]),
    ),
    (
        "label_missing_text_NA.csv",
        &[],
        Read(
            120,
            6,
            &[33, 35, 37],
            &[
                "NA was read as “no label”",
                "--class-names",
                "15 samples have no label",
            ],
        ),
    ),
    (
        "decimal_and_thousand.csv",
        &[],
        Read(6, 2, &[3, 3], &["b has over 99.9% of the variance"]),
    ),
    (
        "base_X.npy",
        &["labels=lab_header_text.csv"],
        Figures(120, 6, BASE, &["“category”, was taken for a header"]),
    ),
    (
        "base_X.npy",
        &["labels=lab_series_index.csv"],
        Figures(120, 6, BASE, &[]),
    ),
    (
        "base_X.npy",
        &["labels=base_y.npy", "class_names=names_comma_some.txt"],
        Figures(120, 6, BASE, &[]),
    ),
    (
        "base_X.npy",
        &["labels=base_y.npy", "class_names=names_id.txt"],
        Figures(120, 6, BASE, &[]),
    ),
    (
        "base_X.npy",
        &["labels=vocab_meta.tsv"],
        Read(120, 6, &[40, 40, 40], &["quote that does not close"]),
    ),
    (
        "base_X.npy",
        &["labels=y_sent.npy", "class_names=sent_names.txt"],
        Figures(120, 6, BASE, &["label −1 was read as a class"]),
    ),
    (
        "zero8_noise.npy",
        &["labels=noise_y.npy"],
        Read(1000, 32, &[200; 5], &[]),
    ),
    (
        "deadrelu.npy",
        &["labels=base_y.npy"],
        Read(120, 6, &[40, 40, 40], &[]),
    ),
    (
        "imbalanced_noise.npz",
        &[],
        Read(3015, 16, &[3000, 12, 3], &[]),
    ),
    (
        "q_X.npy",
        &["labels=q_lab.npy", "probabilities=q_P.npy"],
        Read(
            300,
            10,
            &[60, 60, 60, 60, 60],
            &["far better in another order", "--probability-classes"],
        ),
    ),
    ("cA.npz", &[], Read(120, 6, &[40, 40, 40], &[])),
    ("cB_noids_nolab_perm.npz", &[], Read(120, 8, &[], &[])),
    ("few_20x6.npz", &[], Read(120, 16, &[6; 20], &[])),
    ("longnames.npz", &[], Read(160, 8, &[40, 40, 40, 40], &[])),
    (
        "stack_batches.npy",
        &["labels=base_y.npy"],
        Refused(&["4 × 30 = 120", "np.concatenate"]),
    ),
    (
        "obj_batches.npy",
        &[],
        Refused(&["pickle", "np.concatenate"]),
    ),
    ("sparse.npz", &[], Read(120, 6, &[], &[])),
    (
        "bf16.npy",
        &["labels=base_y.npy"],
        Read(120, 6, &[40, 40, 40], &[]),
    ),
    (
        "emb.jsonl",
        &[],
        Figures(120, 6, BASE, &["label: label", "ids: id"]),
    ),
    ("lfs.npy", &[], Refused(&["Git LFS", "git lfs pull"])),
    ("xy_only.npz", &[], Read(120, 6, &[], &[])),
];

/// Files whose formats are not read or named yet: they are listed, so that the first that is takes
/// itself off the list.
const NOT_YET: &[&str] = &[];

/// Options from `field=value`; files are in the folder.
fn options(folder: &Path, fields: &[&str]) -> ReadOptions {
    let mut options = ReadOptions::default();
    for field in fields {
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        let path = Some(folder.join(value));
        match name {
            "labels" => options.labels = path,
            "class_names" => options.class_names = path,
            "probabilities" => options.probabilities = path,
            "label_column" => options.label_column = Some(value.into()),
            "transpose" => options.transpose = true,
            "drop_invalid" => options.drop_invalid = true,
            other => unreachable!("{other}"),
        }
    }
    options
}

/// What differs from what is right; empty if nothing does.
fn differences(outcome: disentangle::Result<Dataset>, right: &Right) -> String {
    let mut found = String::new();
    let (text, words) = match (outcome, right) {
        (Err(error), Refused(words)) => (error.to_string(), words),
        (Err(error), _) => return error.to_string(),
        (Ok(data), Refused(_)) => return format!("read: {data:?} {:?}", data.notes()),
        (Ok(data), Read(rows, columns, classes, words)) => {
            let counts = data.labels().map_or_else(Vec::new, Labels::counts);
            if data.features().dim() != (*rows, *columns) || counts != *classes {
                let _ = write!(found, "{data:?} {counts:?} ");
            }
            (data.notes().join("\n"), words)
        }
        (Ok(data), Figures(rows, columns, figures, words)) => {
            if data.features().dim() != (*rows, *columns) {
                let _ = write!(found, "{data:?} ");
            }
            let execution = Execution::default().threads(2);
            match Diagnosis::of(&data, None, 10, &execution).unwrap() {
                None => found += "no labels ",
                Some(d) => {
                    let ours = [d.silhouette.in_features(), d.neighborhood_hit.in_features()];
                    for (ours, right) in ours.into_iter().zip(figures) {
                        if !ours.is_some_and(|ours| (ours - right).abs() < TOLERANCE) {
                            let _ = write!(found, "{ours:?} for {right} ");
                        }
                    }
                }
            }
            (data.notes().join("\n"), words)
        }
    };
    for word in words.iter().filter(|word| !text.contains(**word)) {
        let _ = write!(found, "no {word:?} ");
    }
    if found.is_empty() {
        return found;
    }
    found + &format!("in {text:?}")
}

pub(crate) fn files_of_the_field_are_read_as_they_were_meant(folder: &Path) {
    let folder = folder.join("field");
    let mut wrong = String::new();
    for (name, fields, right) in FILES {
        let outcome = read(folder.join(name), &options(&folder, fields));
        let found = differences(outcome, right);
        if found.is_empty() == NOT_YET.contains(name) {
            let _ = writeln!(wrong, "{name} {fields:?}: {found}");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

pub(crate) fn every_file_of_the_field_is_expected(folder: &Path) {
    let folder = folder.join("field");
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_named = |field: &&str| field.ends_with(&format!("={name}"));
        let is_tested =
            (FILES.iter()).any(|(file, fields, _)| *file == name || fields.iter().any(is_named));
        assert!(is_tested || name == "EXPECT.md", "{name}");
    }
}

/// What a program says about a file of the field.
fn said(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::cargo_bin("disentangle")
        .unwrap()
        .current_dir(folder.join("field"))
        .args(arguments)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8(text).unwrap()
}

/// Where rows may not correspond, a model is not judged.
pub(crate) fn a_set_with_its_rows_in_another_order_is_questioned(folder: &Path) {
    let sets = ["compare", "A=cA.npz", "B=cB_noids_nolab_perm.npz"];
    let text = said(folder, &sets);
    assert!(text.contains("check    B"), "{text}");
    assert!(
        text.contains("in the same order, before you discard it"),
        "{text}"
    );
}
