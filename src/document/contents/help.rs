//! What the words and numbers of the report mean, for readers who do not know the program.

use super::super::Document;
use super::super::block::Block;
use super::{groups, heading};

/// Terms of the report, in the order in which a reader meets them.
const TERMS: &[(&str, &str)] = &[
    (
        "features",
        "The numbers that a model computes for each sample. All statistics are about these, unless the map is named.",
    ),
    (
        "map",
        "A t-SNE map puts samples with similar features near each other. It is a picture for orientation: distances \
         between groups and the sizes of groups mean little, and it cannot keep all neighbors.",
    ),
    (
        "95% interval",
        "The values that agree with the data. Where two intervals overlap little or not at all, the difference is \
         unlikely to be chance.",
    ),
    (
        "k-NN same class",
        "The share of a sample's k nearest neighbors that have its label, averaged over the class: 100% at best. Beside \
         it is the share that random labels would give.",
    ),
    (
        "probe",
        "A linear classifier that is trained on these features and tested on samples that it has not seen; the table \
         shows the share of each class that it recognizes.",
    ),
    (
        "silhouette",
        "How much nearer a sample is to its own class than to the next one: 1 at best, 0 between two classes, \
         negative inside another class.",
    ),
    (
        "mixed pair",
        "Two classes that overlap: more of their samples lie on the other's side than chance explains.",
    ),
    (
        "trustworthiness, continuity",
        "Trustworthiness is 1 if no neighbor in the map is false; continuity is 1 if no neighbor in the features is lost \
         in the map.",
    ),
];
const MISLABELED: (&str, &str) = (
    "probably mislabeled",
    "A sample whose label several detectors contradict, each without having seen that label.",
);
const CLUSTER: (&str, &str) = (
    "cluster",
    "Samples without labels that lie close together in the features. Clusters take the place of classes here, but \
     clustering itself sets them apart.",
);

/// The last chapter.
pub(super) fn help(document: &Document) -> Vec<Block> {
    let set = document.sets.get(document.first);
    let has_clusters = set.is_some_and(|set| groups(&set.report)[0] == "cluster");
    let last = if has_clusters { CLUSTER } else { MISLABELED };
    let own = |(term, text): &(&str, &str)| ((*term).to_owned(), (*text).to_owned());
    // Clusters are not probed.
    let used = |term: &&(&str, &str)| !(has_clusters && term.0 == "probe");
    let terms = TERMS.iter().filter(used).chain([&last]);
    vec![
        heading(2, "How to read this report"),
        Block::Terms(terms.map(own).collect()),
    ]
}
