//! The one-liners of a notebook, and what values show of themselves. `scripts/run_notebook.py` runs the cells
//! of docs/notebook.md in the real evcxr.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use disentangle::ndarray::Array2;
use disentangle::prelude::*;

/// Columns and lines of what `{}` writes at most.
const SCREEN: (usize, usize) = (100, 40);

fn assert_fits(text: &str) {
    assert!(text.lines().count() <= SCREEN.1, "{text}");
    for line in text.lines() {
        assert!(line.chars().count() <= SCREEN.0, "{line}");
    }
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn an_analysis_of_one_classifier_in_one_liners() {
    let data = load("fixtures/digits_mlp.npz").unwrap();
    let text = data.to_string();
    println!("{text}\n");
    assert_fits(&text);
    assert_eq!(text.lines().count(), 4);
    assert!(text.contains("899 samples × 64 features"), "{text}");

    let mut map = data.tsne().iterations(60).start().unwrap();
    assert_eq!(map.iteration(), 0);
    println!("{}\n", map.run(40).unwrap());
    assert_eq!(map.iteration(), 40);
    map.finish().unwrap();
    assert_eq!(map.iteration(), 60);
    assert_fits(&map.to_string());
    println!("{map}\n{map:?}\n");

    let d = data.diagnose(&map).unwrap();
    let shown = [
        d.to_string(),
        d.confusion().to_string(),
        d.suspects().unwrap().top(10).to_string(),
        d.suspects().unwrap().to_string(),
        d.pairs().unwrap().to_string(),
    ];
    for text in shown {
        println!("{text}\n");
        assert_fits(&text);
    }

    let cnn = load("fixtures/digits_cnn.npz").unwrap();
    let c = compare([("CNN", &cnn), ("MLP", &data)]).unwrap();
    println!("{c}\n");
    assert_fits(&c.to_string());
    println!("{}\n", load_study("fixtures/digits.toml").unwrap());
}

fn small() -> Dataset {
    let features =
        Array2::from_shape_fn((60, 4), |(i, j)| (i / 20 * 9 + (i * 7 + j * 5) % 6) as f32);
    let classes: Vec<&str> = (0..60)
        .map(|i| ["<b>", "a\u{1b}[2J", "c"][i / 20])
        .collect();
    let labels = Labels::from_strings(&classes).unwrap();
    Dataset::new(features).unwrap().with_labels(labels).unwrap()
}
