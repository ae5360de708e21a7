//! Maps as pictures and recordings.

use super::disentangle;

#[test]
fn a_map_becomes_pictures_and_a_recording() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let names = ["map.npy", "map.svg", "map.png", "map.ans", "map.txt"];
    let mut command = disentangle();
    command.args(["embed", "fixtures/digits_cnn.npz", "--iterations", "30"]);
    for name in names {
        command.arg("-o").arg(file(name));
    }
    let cast = file("map.cast");
    command.arg("--record").arg(&cast).args(["--pca", "8"]);
    command.assert().success();
    let svg = std::fs::read_to_string(file("map.svg")).unwrap();
    assert!(svg.contains("perplexity 30") && svg.contains("30 iterations"));
    assert!(
        std::fs::read(file("map.png"))
            .unwrap()
            .starts_with(b"\x89PNG")
    );
    // As the recording ends, so stands the map as text.
    let recorded = std::fs::read_to_string(&cast).unwrap();
    assert_eq!(recorded.lines().count(), 1 + 31);
    // Features are embedded first, as `embed` does with these options.
    let at_once = file("at-once.ans");
    disentangle()
        .args(["draw", "fixtures/digits_cnn.npz", "--iterations", "30"])
        .args(["--pca", "8", "-o"])
        .arg(&at_once)
        .assert()
        .success();
    assert_eq!(
        std::fs::read_to_string(&at_once).unwrap(),
        std::fs::read_to_string(file("map.ans")).unwrap()
    );
    // The map from its file is the same picture.
    let again = file("again.ans");
    let labels = ["--labels", "fixtures/digits_cnn.npz:labels"];
    disentangle()
        .arg("draw")
        .arg(file("map.npy"))
        .args(labels)
        .arg("-o")
        .arg(&again)
        .assert()
        .success();
    let map = |path: &std::path::Path| -> Vec<String> {
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().skip(1).take(40).map(str::to_owned).collect()
    };
    assert_eq!(map(&again), map(&file("map.ans")));
    let plain = disentangle()
        .arg("draw")
        .arg(file("map.npy"))
        .args(labels)
        .args(["--size", "60x20", "--glyphs", "braille"])
        .output()
        .unwrap();
    assert!(plain.status.success() && !plain.stdout.contains(&0x1b));
    assert_eq!(
        String::from_utf8(plain.stdout)
            .unwrap()
            .lines()
            .skip(1)
            .take(20)
            .count(),
        20
    );
}

#[test]
fn pictures_that_cannot_be_drawn_are_refused() {
    let map = "fixtures/golden/digits_map.npy";
    for (arguments, said) in [
        (
            vec!["draw", "fixtures/digits_cnn.npz", "--perplexity", "0"],
            "--perplexity 0",
        ),
        (
            vec!["draw", map, "--perplexity", "50"],
            "--perplexity 50: cannot change a finished map",
        ),
        (vec!["draw", map, "--stop-when-still"], "--stop-when-still"),
        (
            vec!["draw", map, "--color", "outcome"],
            "--color outcome: needs labels and --predictions",
        ),
        (
            vec!["draw", map, "--color", "mixing"],
            "--color mixing: needs labels",
        ),
        (
            vec![
                "embed",
                "fixtures/digits_penultimate.npy",
                "-o",
                "x.svg",
                "--color",
                "probability",
            ],
            "--color probability: needs labels and --probabilities",
        ),
        (
            vec!["draw", map, "-o", "x.npy"],
            "--output x.npy: the name of a picture must end in .svg, .png, .ans or .txt",
        ),
        (
            vec!["embed", "fixtures/digits_cnn.npz", "-o", "x.cast"],
            "use --record",
        ),
        (
            vec![
                "embed",
                "fixtures/digits_cnn.npz",
                "-o",
                "x.npy",
                "--record",
                "x.svg",
            ],
            "must end in .cast",
        ),
        (
            vec![
                "embed",
                "fixtures/digits_cnn.npz",
                "-o",
                "x.npy",
                "--palette",
                "rainbow",
            ],
            "okabe-ito, tol, twenty",
        ),
        (
            vec![
                "embed",
                "fixtures/digits_cnn.npz",
                "-o",
                "x.npy",
                "--size",
                "huge",
            ],
            "1600x1200",
        ),
    ] {
        let output = disentangle().args(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains(said), "{arguments:?}: {text}");
    }
}
