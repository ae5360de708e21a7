//! What cannot be used: one line, with what to do, and an exit code.

use std::path::Path;

use super::common::fixture;
use super::{Folder, cnn, run};

/// Complaints: one line on standard error, nothing on standard output, exit code 2.
#[test]
fn what_cannot_be_used_is_refused_in_one_line() {
    let folder = Folder::new();
    let features = folder.file("features.csv", "a,b\n1,2\n3,4\n5,6\n7,9\n2,2\n");
    let numbered = "a,b,z\n.1,7,0\n.5,9,1\n.2,4,1\n.7,3,0\n.3,8,1\n.9,1,0\n";
    let numbered = folder.file("numbered.csv", numbered);
    let labels = folder.file("labels.txt", "x\ny\nx\n");
    let map = folder.path("map.npy").display().to_string();
    let text_file = folder.path("map.xyz").display().to_string();
    let cnn = cnn();
    let cases: &[(&[&str], &str)] = &[
        (&["missing.npy"], "cannot read missing.npy"),
        (
            &["diagnose", &features.replace("features", "featurs")],
            "features.csv?",
        ),
        (
            &["digaose", &features, "--json"],
            "COMMAND digaose: there is no such command, and no such file; did you mean diagnose?",
        ),
        (
            &["diagnose", &format!("{cnn}:feature")],
            "; did you mean features?",
        ),
        (&["diagnose", "missing.npy"], "cannot read missing.npy"),
        (&["inspect", "missing.npy"], "cannot read missing.npy"),
        (
            &["diagnose", &features, "--no-clusters"],
            "there are no labels, but the statistics need them; name a file of labels with --labels, or the \
             label column with --label-column",
        ),
        (
            &["diagnose", &features, "--save-clusters", "c.txt"],
            "--save-clusters c.txt: must end in .csv or .npy",
        ),
        (
            &["diagnose", &cnn, "--save-clusters", "c.csv"],
            "--save-clusters c.csv: there are labels",
        ),
        (
            &["suspects", &numbered],
            "there are no labels, but suspects need them, and no label column was recognized; the label \
             could be z; name it, for example --label-column z",
        ),
        (
            &["diagnose", &features, "--labels", &labels],
            "3 rows, but the features have 5",
        ),
        (
            &["diagnose", &features, "--label-column", "c"],
            "has the columns a, b",
        ),
        (
            &["diagnose", &format!("{cnn}:nothing")],
            "there is no member nothing",
        ),
        (
            &["embed", &cnn, "-o", &text_file],
            "must end in .npy, .csv, .parquet, .svg",
        ),
        (
            &["embed", &cnn, "-o", &map, "--perplexity", "-5"],
            "--perplexity -5",
        ),
        (
            &["embed", &cnn, "-o", &map, "--perplexity", "nan"],
            "--perplexity NaN",
        ),
        (
            &["embed", &cnn, "-o", &map, "--init", &features],
            "no columns x and y",
        ),
        (
            &["embed", &cnn, "-o", &map, "--early-exaggeration", "0"],
            "--early-exaggeration 0",
        ),
        (
            &["embed", &cnn, "-o", &map, "--learning-rate", "-1"],
            "--learning-rate -1",
        ),
        (&["diagnose", "."], "folder"),
    ];
    for (arguments, words) in cases {
        is_refused(arguments, words);
    }
    assert!(!Path::new(&map).exists());
}

/// So is a single sample.
#[test]
fn a_single_sample_is_refused() {
    let folder = Folder::new();
    let one = folder.file("one.csv", "a,b,z\n.1,7,u\n");
    let cases: &[(&[&str], &str)] = &[(
        &["diagnose", &one, "--not-features", "z"],
        "one.csv: a neighbor graph needs at least 2 samples, but there is 1; name a file with more samples",
    )];
    for (arguments, words) in cases {
        let (code, out, err) = run(arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {err}");
        // Notes on how the columns were read come before.
        let last = err.lines().last().unwrap_or_default();
        assert!(last.starts_with("error: "), "{arguments:?}: {err}");
        assert!(last.contains(words), "{arguments:?}: {err}");
    }
}

fn is_refused(arguments: &[&str], words: &str) {
    let (code, out, err) = run(arguments);
    assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {err}");
    assert!(err.contains(words), "{arguments:?}: {err}");
    assert!(err.starts_with("error: "), "{arguments:?}: {err}");
    assert_eq!(err.trim_end().lines().count(), 1, "{arguments:?}: {err}");
}

/// A note about the labels comes first here.
#[test]
fn too_few_samples_are_refused_by_the_name_of_the_file() {
    let folder = Folder::new();
    let one = folder.file("one.csv", "a,b,z\n.1,7,u\n");
    for (command, words) in [
        ("suspects", "one.csv: suspects cannot be ranked"),
        (
            "compare",
            "one.csv: a comparison needs at least 2 samples, but there is 1; name a file with more samples",
        ),
    ] {
        let (code, out, err) = run(&[command, &one, "--label-column", "z"]);
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        let last = err.lines().last().unwrap_or_default();
        assert!(last.starts_with("error: ") && last.contains(words), "{err}");
    }
}

/// Complaints of the arguments themselves, which also show the usage.
#[test]
fn malformed_arguments_are_refused() {
    let cnn = cnn();
    for arguments in [
        &["embed", &cnn][..],
        &["embed", &cnn, "-o", "map.npy", "--pca", "0"],
        &["embed", &cnn, "-o", "map.npy", "--seed", "-3"],
        &["embed", &cnn, "-o", "map.npy", "--iterations", "many"],
        &["diagnose", &cnn, "--k", "0"],
        &["diagnose", &cnn, "--threads", "99999"],
        &["demo", "--perplexity", "0"],
        &["--k", "5"],
        &["--nonsense"],
        &["diagnose", &cnn, "demo"],
        &[],
    ] {
        let (code, out, err) = run(arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}");
        assert!(err.contains("Usage") || err.contains("--help"), "{err}");
    }
}

#[test]
fn failures_to_write_come_before_the_work() {
    let (code, out, err) = run(&["embed", &cnn(), "-o", "no/such/folder/map.npy"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert_eq!(
        err,
        "error: cannot write no/such/folder/map.npy: its folder does not exist\n"
    );
}

#[test]
fn the_screen_needs_a_terminal() {
    let named = format!("A={}", cnn());
    let study = fixture("digits.toml").display().to_string();
    for arguments in [&["demo"][..], &[&cnn()], &[&named], &[&study]] {
        let (code, out, err) = run(arguments);
        assert_eq!((code, out.as_str()), (1, ""));
        assert!(err.contains("not a terminal"), "{err}");
        assert!(err.contains("disentangle diagnose"), "{err}");
    }
}

/// Complaints name the files or options that do not fit, and what to do.
#[test]
#[allow(clippy::too_many_lines, reason = "a table of refusals")]
fn what_does_not_fit_is_named() {
    let folder = Folder::new();
    let two = folder.file("two.csv", "a,b\n1,2\n3,4\n");
    let five = folder.file("five.csv", "x,y\n1,2\n3,4\n5,6\n7,9\n2,2\n");
    let map = folder.path("map.npy").display().to_string();
    let gif = folder.path("map.gif").display().to_string();
    let missing = folder.file(
        "missing.toml",
        "[[models]]\nname = \"A\"\nfeatures = \"nowhere.npy\"\n",
    );
    let at = |name: &str| fixture(name).display().to_string();
    let (features, labels, cnn) = (at("digits_penultimate.npy"), at("digits_labels.npy"), cnn());
    let digits_map = at("golden/digits_map.npy");
    let (a, b) = (format!("A={features}"), format!("B={five}"));
    let embed = |more: &[&'static str]| -> Vec<String> {
        let begin: [&str; 4] = ["embed", &cnn, "-o", &map];
        let all = begin.iter().chain(more);
        all.map(|&argument| argument.to_owned()).collect()
    };
    let owned = |arguments: &[&str]| -> Vec<String> {
        arguments
            .iter()
            .map(|&argument| argument.to_owned())
            .collect()
    };
    let cases = [
        (
            owned(&["embed", &two, "-o", &map]),
            "two.csv: a t-SNE map needs at least 4 samples, but there are 2",
        ),
        (owned(&["diagnose", &cnn, "--map", &five]), "five.csv) for"),
        (
            owned(&["draw", &five, "--labels", &labels]),
            "899 rows, but the map has 5",
        ),
        (
            owned(&["compare", &a, &b, "--labels", &labels]),
            "five.csv: 5 rows, but A in ",
        ),
        (owned(&["embed", &a, "-o", &map]), "name the file alone"),
        (
            owned(&["diagnose", &cnn, "--predictions", &a]),
            "--predictions A=",
        ),
        (
            owned(&["draw", &digits_map, "-o", &gif]),
            "must end in .svg, .png, .ans or .txt",
        ),
        (
            owned(&[
                "transform",
                &five,
                "--reference",
                &features,
                "--map",
                &digits_map,
                "-o",
                &map,
            ]),
            "five.csv: 2 columns (features), but ",
        ),
        (
            owned(&["diagnose", &features, "-l", &labels, "--label-column", "x"]),
            "has no columns",
        ),
        (owned(&["inspect", &missing]), "nowhere.npy"),
        (embed(&["--record", "x.mp4"]), "must end in .cast"),
        (
            embed(&["--perplexity-annealing", "20"]),
            "must be above 30.0",
        ),
        (
            embed(&["--perplexity-annealing", "500"]),
            "at most 299.3 = (n − 1)/3",
        ),
        (
            embed(&["--iterations", "20", "--early-iterations", "50"]),
            "--early-iterations 50: must not exceed",
        ),
    ];
    for (arguments, words) in &cases {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (code, _, err) = run(&arguments);
        assert_eq!(code, 2, "{arguments:?}: {err}");
        assert!(err.contains(words), "{arguments:?}: {err}");
        assert_eq!(err.trim_end().lines().count(), 1, "{arguments:?}: {err}");
    }
    assert!(!Path::new(&map).exists());
    let (code, _, err) = run(&["embed", &cnn, "-o", &map, "--metric", "manhattan"]);
    assert_eq!(code, 2);
    assert!(err.contains("possible values: euclidean, cosine"), "{err}");
    assert!(!err.contains("--metric manhattan"), "{err}");
}
