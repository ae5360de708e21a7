//! Names of classes that may be the same name, written differently.

use std::collections::BTreeMap;

use crate::error::printable;
use crate::text::first;

/// Names that are listed.
const MOST_LISTED: usize = 3;

/// A note on names that differ only in upper and lower case or in blanks.
pub(super) fn note(names: &[String]) -> Option<String> {
    let mut groups: BTreeMap<String, Vec<&String>> = BTreeMap::new();
    for name in names {
        let words: Vec<&str> = name.split_whitespace().collect();
        let plain = words.join(" ").to_lowercase();
        groups.entry(plain).or_default().push(name);
    }
    let alike: Vec<Vec<&String>> = groups.into_values().filter(|g| g.len() > 1).collect();
    let shown = |group: &Vec<&String>| -> String {
        let quoted = group.iter().map(|name| format!("“{}”", printable(name)));
        quoted.collect::<Vec<_>>().join(" and ")
    };
    (!alike.is_empty()).then(|| {
        format!(
            "the classes {} differ only in case or spaces: if they are the same class, write them in the same way",
            first(&alike, MOST_LISTED, shown)
        )
    })
}
