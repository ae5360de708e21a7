//! Which model and layer a file of features belongs to, by the words of its name.
//!
//! In: the names of the files. Out: models with their layers, from the input to the output as far as the names say
//! it. `A_L1_conv1` and `A_L2_conv2` are layers of a model A; `conv1` and `fc2` are layers of one model.

use std::cmp::Ordering;
use std::path::Path;

use super::options::{LayerSource, ModelSource, set_name};
use crate::dataset::Glance;
use crate::error::printable;

/// What separates words in names of files.
const SEPARATORS: [char; 4] = ['_', '-', '.', ' '];
/// Words for layers, a number behind them or not, in the order of the layers as far as it is certain.
const INPUTS: &[&str] = &["input", "pixels", "raw", "stem"];
const INNER: &[&str] = &[
    "l", "layer", "block", "conv", "stage", "hidden", "fc", "dense", "pool", "res", "encoder",
    "feat", "features",
];
const LATE: &[&str] = &["avgpool", "embedding", "embeddings", "penultimate"];
const OUTPUTS: &[&str] = &["head", "logits", "output"];

/// A file, and what it is for.
pub(super) struct File {
    pub(super) name: String,
    pub(super) glance: Glance,
}

/// The models of files.
pub(super) fn models(files: &[&File], folder: &str) -> Vec<ModelSource> {
    let stems: Vec<&str> = files.iter().map(|file| stem(&file.name)).collect();
    let shared = shared_words(&stems);
    let begins = |stem: &str| word_at(stem, shared).to_lowercase();
    let are_layers = stems.len() > 1 && stems.iter().all(|stem| place(&begins(stem)).is_some());
    let mut groups: Vec<(String, Vec<&File>)> = Vec::new();
    for (file, stem) in files.iter().zip(&stems) {
        let key = if are_layers {
            String::new()
        } else {
            begins(stem)
        };
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => group.push(file),
            None => groups.push((key, vec![file])),
        }
    }
    let of_group = |(_, group): &(String, Vec<&File>)| model(group, shared, folder, are_layers);
    let mut models: Vec<ModelSource> = groups.iter().map(of_group).collect();
    for at in 1..models.len() {
        // Names that differ only beyond what they are shortened to.
        if models[..at].iter().any(|m| m.name == models[at].name) {
            models[at].name = format!("{} {}", models[at].name, at + 1);
        }
    }
    models
}

/// The model of a group of files, and its layers.
fn model(group: &[&File], shared: usize, folder: &str, are_layers: bool) -> ModelSource {
    let stems: Vec<&str> = group.iter().map(|file| stem(&file.name)).collect();
    let (name, own) = match stems.as_slice() {
        [only] if !are_layers => (without_words(only, shared), shared),
        [first, ..] if are_layers && shared == 0 => {
            (if folder.is_empty() { first } else { folder }, 0)
        }
        [first, ..] => {
            let mut own = if are_layers {
                shared
            } else {
                shared_words(&stems).max(shared + 1)
            };
            while own > shared + 1 && place(word_at(first, own - 1)).is_some() {
                own -= 1;
            }
            let skipped = if are_layers { 0 } else { shared };
            let name = &first[..first.len() - without_words(first, own).len()];
            (
                without_words(name.trim_end_matches(SEPARATORS), skipped),
                own,
            )
        }
        [] => ("", 0),
    };
    let mut model = ModelSource {
        name: name.to_owned(),
        ..ModelSource::default()
    };
    let mut files: Vec<(&&File, &str)> = group
        .iter()
        .zip(stems.iter().map(|s| without_words(s, own)))
        .collect();
    files.sort_by(|a, b| in_order(a.1, b.1));
    for (file, layer) in files {
        let alone = group.len() == 1;
        if file.glance.members.is_empty() {
            let name = if alone {
                ""
            } else if layer.is_empty() {
                "features"
            } else {
                layer
            };
            model.layers.push(source(name, file.name.clone()));
        } else {
            for member in &file.glance.members {
                model
                    .layers
                    .push(source(member, format!("{}:{member}", file.name)));
            }
        }
    }
    for at in 1..model.layers.len() {
        if model.layers[..at]
            .iter()
            .any(|l| l.name == model.layers[at].name)
        {
            model.layers[at].name = format!("{} {}", model.layers[at].name, at + 1);
        }
    }
    model
}

fn source(name: &str, features: String) -> LayerSource {
    LayerSource {
        name: name.to_owned(),
        features: features.into(),
    }
}

/// What a file of features is in these models.
pub(super) fn describe(file: &File, models: &[ModelSource]) -> String {
    let is_of = |layer: &&LayerSource| {
        let path = layer.features.to_string_lossy();
        path == file.name
            || path
                .strip_prefix(&file.name)
                .is_some_and(|rest| rest.starts_with(':'))
    };
    let mut names = Vec::new();
    for model in models {
        let layers = model.layers.iter().filter(is_of);
        names.extend(layers.map(|layer| printable(&set_name(&model.name, &layer.name))));
    }
    format!("features of {} ({})", names.join(", "), file.glance.holds)
}

/// Whether a model is meant by the rest of a name, in lower case with underscores.
pub(super) fn is_named(model: &str, rest: &str) -> bool {
    let plain = |name: &str| name.to_lowercase().replace(SEPARATORS, "").replace('_', "");
    !rest.is_empty() && plain(model) == plain(rest)
}

/// Names in the order in which people number them: `conv2` before `conv10`.
pub(super) fn natural(a: &str, b: &str) -> Ordering {
    let key = |name: &str| {
        let mut parts: Vec<(String, u64)> = Vec::new();
        let mut rest = name;
        while !rest.is_empty() {
            let text = rest
                .find(|c: char| c.is_ascii_digit())
                .unwrap_or(rest.len());
            let (before, behind) = rest.split_at(text);
            let digits = behind
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(behind.len());
            let (number, next) = behind.split_at(digits);
            parts.push((before.to_lowercase(), number.parse().unwrap_or(0)));
            rest = next;
        }
        parts
    };
    key(a).cmp(&key(b)).then_with(|| a.cmp(b))
}

/// Layers from the input to the output, as far as their names say it.
fn in_order(a: &str, b: &str) -> Ordering {
    let rank = |layer: &str| place(word_at(layer, 0)).unwrap_or(1);
    rank(a).cmp(&rank(b)).then_with(|| natural(a, b))
}

/// Where in a model a layer of this word is: from 0, the input, to 3, the output; nothing if it is no such word.
fn place(word: &str) -> Option<usize> {
    let word = word.to_lowercase();
    let bare = word.trim_end_matches(|c: char| c.is_ascii_digit());
    [INPUTS, INNER, LATE, OUTPUTS]
        .iter()
        .position(|words| words.contains(&bare))
}

/// A file's name without its ending.
fn stem(name: &str) -> &str {
    let stem = Path::new(name)
        .file_stem()
        .and_then(std::ffi::OsStr::to_str);
    stem.unwrap_or(name)
}

/// The number of words that all names begin with, one word of each left over.
fn shared_words(stems: &[&str]) -> usize {
    let Some(shortest) = stems
        .iter()
        .map(|stem| stem.split(SEPARATORS).count())
        .min()
    else {
        return 0;
    };
    let same = |at: usize| {
        let word = word_at(stems[0], at);
        stems
            .iter()
            .all(|stem| word_at(stem, at).eq_ignore_ascii_case(word))
    };
    if stems.len() == 1 {
        return 0;
    }
    (0..shortest - 1).take_while(|&at| same(at)).count()
}

fn word_at(stem: &str, at: usize) -> &str {
    stem.split(SEPARATORS).nth(at).unwrap_or("")
}

/// A name without its first words.
fn without_words(stem: &str, count: usize) -> &str {
    (0..count).fold(stem, |rest, _| {
        rest.split_once(SEPARATORS).map_or("", |(_, rest)| rest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Role;

    fn sets(names: &[&str]) -> Vec<String> {
        let file = |name: &&str| File {
            name: format!("{name}.npy"),
            glance: Glance {
                role: Some(Role::Features),
                owner: String::new(),
                rows: Some(9),
                members: Vec::new(),
                has_labels: false,
                holds: String::new(),
            },
        };
        let files: Vec<File> = names.iter().map(file).collect();
        let models = models(&files.iter().collect::<Vec<_>>(), "folder");
        let names = models
            .iter()
            .flat_map(|m| m.layers.iter().map(|l| set_name(&m.name, &l.name)));
        names.collect()
    }

    #[test]
    fn words_of_names_are_models_and_layers() {
        for (names, expected) in [
            (&["features"][..], &["features"][..]),
            (
                &["conv1", "fc", "logits", "penultimate"],
                &[
                    "folder/conv1",
                    "folder/fc",
                    "folder/penultimate",
                    "folder/logits",
                ],
            ),
            (
                &[
                    "A_L1_conv1",
                    "A_L2_fc",
                    "B_L1_conv1",
                    "B_L2_fc",
                    "L0_pixels_pca50",
                ],
                &[
                    "A/L1_conv1",
                    "A/L2_fc",
                    "B/L1_conv1",
                    "B/L2_fc",
                    "L0_pixels_pca50",
                ],
            ),
            (&["resnet50", "vit"], &["resnet50", "vit"]),
            (&["digits_cnn", "digits_mlp"], &["cnn", "mlp"]),
            (
                &[
                    "resnet-50_conv2",
                    "resnet-50_conv10",
                    "vgg_conv1",
                    "vgg_logits",
                ],
                &[
                    "resnet-50/conv2",
                    "resnet-50/conv10",
                    "vgg/conv1",
                    "vgg/logits",
                ],
            ),
            (&["net_layer1", "net_layer2"], &["net/layer1", "net/layer2"]),
            (
                &["cnn", "cnn_conv1", "mlp"],
                &["cnn/features", "cnn/conv1", "mlp"],
            ),
        ] {
            assert_eq!(sets(names), expected, "{names:?}");
        }
    }

    #[test]
    fn outputs_are_named_after_their_model() {
        assert!(is_named("ResNet-50", "res_net_50"));
        assert!(is_named("A", "a"));
        assert!(!is_named("A", "b"));
        assert!(!is_named("", ""));
    }
}
