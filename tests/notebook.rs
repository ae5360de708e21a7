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

#[test]
fn another_perplexity_goes_on_from_the_map() {
    let data = small();
    let mut map = data.tsne().perplexity(5).iterations(60).run().unwrap();
    let before = map.clone();
    map.perplexity(8).unwrap();
    assert!(map.iteration() > before.iteration());
    assert_ne!(map.positions(), before.positions());
    // The same as the stages by themselves: the map that `embed` makes.
    let options = RunOptions {
        perplexity: 5.0,
        ..RunOptions::for_samples(60).with_iterations(60)
    };
    let embedded = embed(&data, &options, &Execution::default()).unwrap();
    assert_eq!(before.positions(), embedded.positions());
}

#[test]
fn a_seed_is_another_map_and_the_same_seed_the_same() {
    let data = small();
    let of_seed = |seed| data.tsne().seed(seed).iterations(30).run().unwrap();
    assert_eq!(of_seed(3).positions(), of_seed(3).positions());
    assert_ne!(of_seed(3).positions(), of_seed(4).positions());
}

#[test]
fn arguments_that_cannot_be_used_are_errors_and_change_nothing() {
    let data = small();
    let error = |outcome: Result<String>| outcome.unwrap_err().to_string();
    for perplexity in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(data.tsne().perplexity(perplexity).start().is_err());
    }
    let mut map = data.tsne().iterations(20).run().unwrap();
    assert!(map.perplexity(0).is_err());
    assert_eq!(map.iteration(), 20);
    map.run(0).unwrap();
    assert_eq!(map.iteration(), 20);

    let text = error(data.relabel(0, "dog").map(|d| d.to_string()));
    assert!(text.contains("the classes are <b>, "), "{text}");
    let text = error(data.relabel(60, "c").map(|d| d.to_string()));
    assert_eq!(
        text,
        "row 60: there is no such row; the 60 rows count from 0"
    );
    map.perplexity(1000).unwrap();
    let said = map.to_string();
    assert!(
        said.contains("perplexity 19.67, the largest possible"),
        "{said}"
    );
    assert_eq!(
        data.relabel(0, "c").unwrap().labels().unwrap().counts()[2],
        21
    );

    let other = load("fixtures/digits_mlp.npz").unwrap();
    let text = error(other.diagnose(&map).map(|d| d.to_string()));
    assert!(text.contains("60 rows"), "{text}");
    let text = error(map.save("map.bmp").map(|s| s.to_string()));
    assert!(text.contains("must end in"), "{text}");
    let read = other.tsne().iterations(1).start().unwrap();
    let text = error(read.save("fixtures/digits_mlp.npz").map(|s| s.to_string()));
    assert!(text.contains("were read from this file"), "{text}");
    let text = error(load("no such file").map(|d| d.to_string()));
    assert!(text.contains("no such file"), "{text}");
    let unlabeled = Dataset::new(Array2::zeros((5, 2))).unwrap();
    let text = error(unlabeled.diagnose(None).map(|d| d.to_string()));
    assert!(text.contains("with_labels"), "{text}");
    let text = error(compare([("A", &unlabeled)]).map(|c| c.to_string()));
    assert!(text.contains("no labels"), "{text}");
}

#[test]
fn names_from_files_do_no_harm() {
    let data = small();
    let map = data.tsne().iterations(20).run().unwrap();
    let d = data.diagnose(&map).unwrap();
    let html = [
        data.to_html(),
        map.to_html(),
        d.to_html(),
        d.confusion().to_html(),
        d.suspects().unwrap().to_html(),
    ];
    for html in html {
        assert!(html.contains("&lt;b&gt;"), "{html}");
        assert!(!html.contains("<b>") && !html.contains('\u{1b}'), "{html}");
    }
    assert!(map.to_html().contains("<svg"));
    assert!(!d.to_string().contains('\u{1b}'));
}

#[test]
fn maps_are_saved_as_pictures_and_positions() {
    let folder = tempfile::tempdir().unwrap();
    let map = small().tsne().iterations(20).run().unwrap();
    for name in ["map.svg", "map.txt", "map.npy", "map.csv"] {
        let path = folder.path().join(name);
        let saved = map.save(&path).unwrap();
        assert_eq!(saved.bytes as u64, path.metadata().unwrap().len());
        map.save(&path).unwrap();
    }
}

#[test]
fn many_classes_stay_within_a_screen() {
    let features =
        Array2::from_shape_fn((600, 3), |(i, j)| (i / 4 * 5 + (i * 7 + j * 3) % 5) as f32);
    let labels: Vec<String> = (0..600)
        .map(|i| format!("a class with a long name {}", i / 4))
        .collect();
    let data = Dataset::new(features).unwrap();
    let data = data
        .with_labels(Labels::from_strings(&labels).unwrap())
        .unwrap();
    let map = data.tsne().perplexity(5).iterations(20).run().unwrap();
    let d = data.diagnose(&map).unwrap();
    let texts = [
        data.to_string(),
        map.to_string(),
        d.to_string(),
        d.confusion().to_string(),
        d.suspects().unwrap().to_string(),
        d.pairs().unwrap().to_string(),
        d.fidelity().unwrap().to_string(),
    ];
    for text in texts {
        assert_fits(&text);
    }
    assert!(map.to_string().contains("more lines of classes"));
    assert!(d.confusion().to_string().contains("… 113 more rows and 1"));
}
