//! Which arrays of an archive belong to the same samples, by their folders and by words such as
//! `train` and `test` in their names.

use super::naming::plain;
use super::role::Role;
use crate::dataset::column::Column;
use crate::dataset::formats::Contents;

/// Folders of AnnData whose arrays describe the samples of the folder above.
const OF_SAMPLES: [&str; 3] = ["layers", "obsm", "obs"];
/// Words for parts of a data set, each with those that mean the same.
const SPLITS: &[&[&str]] = &[
    &["train", "training"],
    &["test", "testing"],
    &["val", "valid", "validation", "dev"],
    &["eval"],
    &["holdout"],
    &["query"],
    &["gallery"],
];
/// Words that a number follows: `fold2`, `fold_2`.
const NUMBERED: &[&str] = &["fold", "cv", "split", "part", "batch"];
/// Words in the names of labels.
const LABEL_WORDS: &[&str] = &[
    "y", "label", "labels", "target", "targets", "class", "classes",
];

/// The folder of an array; empty at the top.
pub(super) fn folder<'a>(contents: &Contents<'_>, name: &'a str) -> &'a str {
    let folder = parent(name);
    let last = folder.rsplit('/').next().unwrap_or_default();
    let is_x = |c: &Column| c.stem() == "X" && parent(&c.name) == parent(folder);
    if OF_SAMPLES.contains(&last) && contents.columns.iter().any(is_x) {
        parent(folder)
    } else {
        folder
    }
}

fn parent(name: &str) -> &str {
    name.rfind(['/', '\\']).map_or("", |at| &name[..at])
}

/// The array of a role that belongs to an array of features: of its folder, of the nearest one above
/// it, or the only one of the archive that a folder below holds.
pub(super) fn beside(contents: &Contents<'_>, role: Role, features: usize) -> Option<usize> {
    let of_features = &contents.columns[features];
    let is_fitting = |&c: &usize| {
        c != features && (role == Role::ClassNames || is_same_part(contents, features, c))
    };
    let mut place = folder(contents, &of_features.name);
    loop {
        if let Some(found) = in_folder(contents, role.names(), place).find(is_fitting) {
            return Some(found);
        }
        if place.is_empty() {
            break;
        }
        place = parent(place);
    }
    let is_one = |c: &&Column| role.names().contains(&c.stem());
    let are_features = |c: &Column| c.is_matrix() && Role::Features.names().contains(&c.stem());
    let others = contents.columns.iter().filter(|c| are_features(c)).count();
    let mut all = contents
        .columns
        .iter()
        .enumerate()
        .filter(|(_, c)| is_one(c));
    match (all.next(), all.next()) {
        (Some((only, _)), None) if others <= 1 => Some(only).filter(is_fitting),
        _ => None,
    }
}

/// The arrays of a folder with one of these names, in the order of the names.
pub(super) fn in_folder<'a>(
    contents: &'a Contents<'_>,
    names: &'a [&str],
    place: &'a str,
) -> impl Iterator<Item = usize> + 'a {
    let of_name = move |name: &'a &str| {
        let is_named = move |c: &&Column| c.stem() == *name;
        let columns = contents.columns.iter().enumerate();
        columns.filter(move |(_, c)| is_named(c) && folder(contents, &c.name) == place)
    };
    names.iter().flat_map(of_name).map(|(at, _)| at)
}

/// The folders that hold an array of one of these names, in the file's order.
pub(super) fn folders_of<'a>(contents: &'a Contents<'_>, names: &[&str]) -> Vec<&'a str> {
    let mut folders = Vec::new();
    for column in contents
        .columns
        .iter()
        .filter(|c| names.contains(&c.stem()))
    {
        let place = folder(contents, &column.name);
        if !folders.contains(&place) {
            folders.push(place);
        }
    }
    folders
}

/// Whether two arrays can be of the same part of the samples: their names hold the same words for it,
/// or only one of them does, and no other array of features could be what the other one describes.
fn is_same_part(contents: &Contents<'_>, features: usize, other: usize) -> bool {
    let name = |c: usize| contents.columns[c].name.as_str();
    let (part, of_other) = (splits(name(features)), splits(name(other)));
    if part == of_other {
        return true;
    }
    if !of_other.is_empty() {
        return false;
    }
    let rows = contents.columns[other].shape.first();
    let is_rival = |c: &Column| {
        let could_be = c.is_matrix() && Role::of_name(c).is_none();
        could_be && splits(&c.name) != part && c.shape.first() == rows
    };
    !contents.columns.iter().any(is_rival)
}

/// Labels that fit an array of features by their number and by the words of their name, or else the lists
/// beside it, where none was taken.
pub(super) fn possible_labels(contents: &Contents<'_>, features: usize) -> Vec<usize> {
    let of_features = &contents.columns[features];
    let place = folder(contents, &of_features.name);
    let fits = |&c: &usize| {
        let column = &contents.columns[c];
        c != features
            && column.refusal.is_none()
            && column.shape.first() == of_features.shape.first()
            && is_called_label(column)
            && folder(contents, &column.name) == place
            && splits(&column.name) == splits(&of_features.name)
    };
    let called: Vec<usize> = (0..contents.columns.len()).filter(fits).collect();
    if called.is_empty() {
        lists_beside(contents, features)
    } else {
        called
    }
}

/// Whether an array has one value for each row, and a word in its name that is used for labels.
pub(super) fn is_called_label(column: &Column) -> bool {
    let plain = plain(column.stem());
    let mut words = plain.split('_').map(without_part);
    column.shape.iter().skip(1).all(|&axis| axis == 1)
        && words.any(|word| LABEL_WORDS.contains(&word))
}

/// The arrays beside the features that have one value for each of their rows, and no name that says what
/// they are.
pub(super) fn lists_beside(contents: &Contents<'_>, features: usize) -> Vec<usize> {
    let of_features = &contents.columns[features];
    let is_list = |&c: &usize| {
        let column = &contents.columns[c];
        column.refusal.is_none()
            && column.shape.len() == 1
            && column.shape.first() == of_features.shape.first()
            && parent(&column.name) == parent(&of_features.name)
            && splits(&column.name) == splits(&of_features.name)
            && Role::of_name(column).is_none()
    };
    (0..contents.columns.len()).filter(is_list).collect()
}

/// The words for a part of the samples in a name, each in its usual form.
fn splits(name: &str) -> Vec<String> {
    let plain = plain(name);
    let words: Vec<&str> = plain.split('_').collect();
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let bare = word.trim_start_matches(['x', 'y']);
        let same = SPLITS
            .iter()
            .find(|same| same.contains(word) || same.contains(&bare));
        let number = word.trim_start_matches(|c: char| !c.is_ascii_digit());
        let before = &word[..word.len() - number.len()];
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if let Some(same) = same {
            found.push(same[0].to_owned());
        } else if NUMBERED.contains(&before) {
            let next = words.get(at + 1).copied().filter(|next| is_number(next));
            let number = if is_number(number) {
                Some(number)
            } else {
                next
            };
            found.extend(number.map(|number| format!("{before}{number}")));
        }
    }
    found
}

/// `y` of `ytrain`.
fn without_part(word: &str) -> &str {
    let is_part = |rest: &str| SPLITS.iter().any(|same| same.contains(&rest));
    word.strip_prefix('y')
        .filter(|rest| is_part(rest))
        .map_or(word, |_| "y")
}
