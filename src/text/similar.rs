//! What may have been meant by a name that does not exist.

use strsim::damerau_levenshtein;

use super::name;

/// Columns of a suggested name.
const COLUMNS: usize = 60;

/// The most similar of some names: at most one letter in three differs, is missing, added or exchanged with the
/// next; upper and lower case are the same. Of several, the first.
pub(crate) fn most_similar<S: AsRef<str>>(
    wanted: &str,
    names: impl IntoIterator<Item = S>,
) -> Option<S> {
    let lower = wanted.to_lowercase();
    let length = lower.chars().count();
    let changes = |candidate: &S| {
        let candidate = candidate.as_ref().to_lowercase();
        let longest = candidate.chars().count().max(length);
        let shortest = longest - candidate.chars().count().min(length);
        // At least so many letters are missing: of long names, most need not be compared.
        let changes = if 3 * shortest > longest {
            longest
        } else {
            damerau_levenshtein(&lower, &candidate)
        };
        (3 * changes <= longest).then_some(changes)
    };
    let found = names
        .into_iter()
        .filter_map(|candidate| Some((changes(&candidate)?, candidate)));
    found
        .min_by_key(|(changes, _)| *changes)
        .map(|(_, candidate)| candidate)
}

/// `; did you mean NAME?`, or nothing.
pub(crate) fn did_you_mean<S: AsRef<str>>(
    wanted: &str,
    names: impl IntoIterator<Item = S>,
) -> String {
    let found = most_similar(wanted, names);
    found.map_or_else(String::new, |found| {
        format!("; did you mean {}?", name(found.as_ref(), COLUMNS))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_seen_through() {
        let commands = ["color", "clusters", "k", "name", "names", "zoom"];
        for (typed, meant) in [
            ("colr", Some("color")),
            ("Colour", Some("color")),
            ("oclor", Some("color")),
            ("nmae", Some("name")),
            ("cluster", Some("clusters")),
            ("quit", None),
            ("kk", None),
            ("", None),
        ] {
            assert_eq!(most_similar(typed, commands), meant, "{typed}");
        }
    }

    #[test]
    fn suggestions_are_safe_to_print() {
        assert_eq!(did_you_mean("quit", ["zoom"]), "");
        let text = did_you_mean("gato\u{1b}", ["gatos\u{1b}"]);
        assert_eq!(text, "; did you mean gatos\\u{1b}?");
    }
}
