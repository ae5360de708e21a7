//! A study file as text, with comments for whoever edits it.

use std::fmt::Write as _;
use std::path::Path;

use super::found::Found;
use super::options::ModelSource;
use crate::error::printable;

const HEAD: &str = "\
# A study: what the files of this folder are. `disentangle init` wrote it from their names and shapes; edit it as
# you like. Open it with `disentangle study.toml`, compare its sets with `disentangle compare study.toml`.
# Paths are relative to this file; `file.npz:name` is an array of an archive.
";

/// The study file of what was found.
pub(crate) fn study_file(found: &Found) -> String {
    let mut text = String::from(HEAD);
    let options = &found.options;
    put(&mut text, "\nname", &options.name);
    text += "# The set that the screen begins with; without this line, the first model's last layer before the logits.\n";
    text += "# first = \"MODEL/LAYER\"\n\n";
    let read = &options.read;
    match &read.labels {
        Some(labels) => {
            let _ = writeln!(
                text,
                "# One label for each of the {} samples, in the order of the rows.",
                found.samples
            );
            put_path(&mut text, "labels", labels);
        }
        None => {
            text += "# Labels are those in the first file of features that holds some; `labels = \"FILE\"` names others.\n";
        }
    }
    for other in &found.other_labels {
        let _ = writeln!(text, "# labels = {}", quoted(other));
    }
    for (key, path) in [("class_names", &read.class_names), ("ids", &read.ids)] {
        if let Some(path) = path {
            put_path(&mut text, key, path);
        }
    }
    text += "# The distance between samples: euclidean, or cosine, which scales each row to unit length.\n";
    text += "# metric = \"cosine\"\n";
    for model in &options.models {
        put_model(&mut text, model);
    }
    if !found.left.is_empty() {
        text += "\n# Not used:\n";
        for (name, why) in &found.left {
            let _ = writeln!(text, "#   {}: {}", printable(name), printable(why));
        }
    }
    text
}

fn put_model(text: &mut String, model: &ModelSource) {
    text.push_str("\n[[models]]\n");
    put(text, "name", &model.name);
    if model.predictions.is_some() || model.probabilities.is_some() {
        text.push_str(
            "# What the classifier said about these samples. It must not have been trained on them.\n",
        );
    }
    for (key, path) in [
        ("predictions", &model.predictions),
        ("probabilities", &model.probabilities),
    ] {
        if let Some(path) = path {
            put_path(text, key, path);
        }
    }
    match model.layers.as_slice() {
        [only] if only.name.is_empty() => put_path(text, "features", &only.features),
        layers => {
            text.push_str("# In order from input to output, guessed from the file names; correct the order if it is wrong.\n");
            text.push_str("layers = [\n");
            for layer in layers {
                let (name, path) = (
                    quoted(&layer.name),
                    quoted(&layer.features.to_string_lossy()),
                );
                let _ = writeln!(text, "    {{ name = {name}, features = {path} }},");
            }
            text.push_str("]\n");
        }
    }
}

fn put_path(text: &mut String, key: &str, path: &Path) {
    put(text, key, &path.to_string_lossy());
}

fn put(text: &mut String, key: &str, value: &str) {
    let _ = writeln!(text, "{key} = {}", quoted(value));
}

/// A string of TOML, in which no character is invisible or changes the order of the others.
fn quoted(value: &str) -> String {
    let mut quoted = String::from("\"");
    for c in value.chars() {
        let is_plain = printable(c.encode_utf8(&mut [0; 4])).chars().eq([c]);
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if is_plain => quoted.push(c),
            c => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_read_as_they_were_and_show_every_character() {
        for name in [
            "plain",
            "a \"b\" \\ c",
            "\u{1b}[2J\n",
            "x\u{202e}npy.y",
            "é 日本",
        ] {
            let text = format!("name = {}", quoted(name));
            let table: toml::Table = toml::from_str(&text).unwrap();
            assert_eq!(table["name"].as_str(), Some(name), "{text}");
            assert!(!text.contains(['\u{1b}', '\u{202e}', '\n']), "{text}");
        }
    }
}
