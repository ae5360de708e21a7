//! How large a page becomes with many samples and many maps.

use super::{DescribedSet, Document, OtherMap};
use crate::dataset::{Dataset, Labels};
use crate::document::Pictures;
use crate::report::{Report, TsneSummary};

/// A document with a map of samples in ten groups, and small maps of the same samples.
fn document(samples: usize, small: usize) -> Document {
    let classes: Vec<i64> = (0..samples as i64).map(|i| i % 10).collect();
    let features = ndarray::Array2::from_shape_fn((samples, 1), |(i, _)| i as f32);
    let labels = Labels::from_integers(&classes).unwrap();
    let data = Dataset::new(features).unwrap().with_labels(labels).unwrap();
    let mut state = 1u64;
    let mut random = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 40) as f32 / (1u64 << 24) as f32
    };
    let mut positions = || -> Vec<[f32; 2]> {
        let position = |i: usize| [random() + (i % 5) as f32, random() + (i % 10 / 5) as f32];
        (0..samples).map(position).collect()
    };
    let mut document = Document::new("large", &data, "disentangle report".into());
    let other = |positions| OtherMap {
        tsne: TsneSummary::default(),
        fidelity: None,
        positions,
    };
    document.sets.push(DescribedSet {
        set: "large".into(),
        model: String::new(),
        layer: String::new(),
        in_full: true,
        report: Report::new(&data, None, 10, TsneSummary::default()),
        others: (0..small).map(|_| other(positions())).collect(),
        positions: positions(),
    });
    document
}

#[test]
fn a_map_of_70_000_samples_takes_less_than_a_megabyte() {
    let page = document(70_000, 0).to_html().unwrap();
    assert!(page.len() < 1 << 20, "{}", page.len());
}

#[test]
fn small_maps_are_small() {
    for (samples, most) in [(2_000, 28 << 10), (70_000, 60 << 10)] {
        let [none, twelve] = [0, 12].map(|small| document(samples, small).to_html().unwrap().len());
        assert!((twelve - none) / 12 < most, "{samples}: {none} {twelve}");
    }
}

#[test]
fn the_journal_is_told_and_does_no_harm() {
    let mut document = document(20, 0);
    let place = r#""set":"A<img src=x>","perplexity":30.0,"seed":1,"iteration":750"#;
    let view = r#"{"window":null,"color":"class","value":"","glyphs":"braille","rarest":false,"hidden":[],"hides_unlabeled":false}"#;
    for line in [
        format!(
            r#""event":"note","text":"<script>x</script> ]]> \u202e`*_","sample":null,{place}"#
        ),
        format!(r#""event":"map",{place}"#),
        format!(
            r#""event":"picture",{place},"view":{view},"selected":[],"figures":{{"kl_divergence":1.25}},"picture":["⠁</pre><script>","```\u001b[31m"]"#
        ),
    ] {
        let line = format!(r#"{{"journal":1,"time":"2026-01-31T12:00:00Z",{line}}}"#);
        document.journal.push(serde_json::from_str(&line).unwrap());
    }
    let html = document.to_html().unwrap();
    assert!(
        html.contains("&lt;script&gt;x&lt;/script&gt;") && html.contains("kl divergence 1.250")
    );
    assert!(
        !html.contains("<script>x") && !html.contains("</pre><script>") && !html.contains("<img")
    );
    let markdown = document.to_markdown(Pictures::Inline).unwrap().text;
    assert!(markdown.contains("## Journal") && markdown.contains("2026-01-31 12:00 UTC"));
    assert!(!markdown.contains("\n```\u{1b}") && !markdown.contains("<script>x"));
    for text in [&html, &markdown] {
        assert!(!text.contains(['\u{202e}', '\u{1b}']), "{text}");
        // Maps that were passed on the way are left out.
        assert_eq!(text.matches("2026-01-31 12:00 UTC").count(), 2);
    }
}
