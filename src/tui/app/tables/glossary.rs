//! What the headings and abbreviations on the screen mean: one line each, which direction is better, what it
//! cannot tell, and where docs/statistics.md has more.
//!
//! The help shows the words of the panel in which it was asked for, and finds all of them. A test asks for an
//! entry for every heading of every panel.

use crate::tui::app::panels::Panel;

/// A heading or an abbreviation.
pub(crate) struct Term {
    /// How it is written, in full and in short. A k stands for the number of neighbors.
    pub(crate) names: &'static [&'static str],
    /// The panel in which it means this, if it means another thing elsewhere.
    pub(crate) panel: Option<Panel>,
    pub(crate) text: &'static str,
    /// The section of docs/statistics.md.
    pub(crate) section: &'static str,
}

const fn term(names: &'static [&'static str], text: &'static str, section: &'static str) -> Term {
    Term {
        names,
        panel: None,
        text,
        section,
    }
}

const fn term_of(
    panel: Panel,
    names: &'static [&'static str],
    text: &'static str,
    section: &'static str,
) -> Term {
    Term {
        panel: Some(panel),
        ..term(names, text, section)
    }
}

const SILHOUETTE: &str = "Silhouette";
const HIT: &str = "Neighborhood hit";
const TABLE: &str = "Neighbor table";
const SEPARATION: &str = "Separation";
const PAIRS: &str = "Mixed pairs";
const STABILITY: &str = "Stability of the map";
const FIDELITY: &str = "Fidelity of the map";
const SUSPECTS: &str = "Suspects";
const MAP: &str = "The map: t-SNE";
const CLUSTERS: &str = "Clusters of unlabeled samples";
const COMPARISON: &str = "Comparison of layers and models";

const TERMS: &[Term] = &[
    // Of several panels.
    term(
        &["class", "classes"],
        "the label, as it stands in the files, with its color and mark on the map",
        "Notation and population",
    ),
    term(
        &["cluster", "clusters", "group"],
        "samples of unlabeled data that lie close together in the features, named c1, c2 … by size; they stand in for classes, but are not labels. The Reading panel says how sure each is; :save clusters FILE.csv saves them",
        CLUSTERS,
    ),
    term(
        &["noise", "(noise)"],
        "the samples of unlabeled data that belong to no cluster; the last entry of the Clusters panel",
        CLUSTERS,
    ),
    term(
        &["n"],
        "the number of labeled samples: of the class, or of those selected",
        "Notation and population",
    ),
    term(
        &["feat", "features"],
        "computed from the features, in all their dimensions. This is the number that applies to the classifier",
        "Two spaces",
    ),
    term(
        &["map"],
        "like the column feat, but computed from the positions on the map. Where the two differ, trust the features",
        "Two spaces",
    ),
    term(
        &["silhouette", "silh.", "silh"],
        "how compact a class is compared with the gap to the nearest other class, from −1 to 1. Higher is better; below 0, its samples are nearer to another class. It does not show whether a classifier can separate the classes: elongated classes side by side have a low silhouette",
        SILHOUETTE,
    ),
    term(
        &[
            "k-NN same",
            "k-NN",
            "k-NN same class",
            "hit",
            "same-class neighbors",
        ],
        "the share of a sample's k nearest neighbors that have its label (neighborhood hit), averaged over the class. Higher is better; compare it with chance, the class's share of all samples. It does not show how far apart the classes are",
        HIT,
    ),
    term(
        &["probe", "linear probe"],
        "the share of the class that a linear rule predicts correctly, on samples that it was not fitted to (recall of a ridge probe). Higher is better. Where it is low, a nonlinear classifier may still succeed",
        SEPARATION,
    ),
    term(
        &["recurrence", "again", "similarity"],
        "how well a cluster is found again when random parts of the samples are clustered: the share of samples in common with the most similar cluster found in each part, averaged over the parts. 1: always found; below 0.75 it is uncertain, and may be part of another cluster, or several clusters in one",
        CLUSTERS,
    ),
    term(
        &["±"],
        "the distance from the value to the farther end of its 95% interval",
        "How numbers are written",
    ),
    term(
        &["~"],
        "an estimate from some of the samples; the line below the table says from how many, and how exact it is",
        SILHOUETTE,
    ),
    term(&["–"], "not defined, or not computed", "Where to find what"),
    term(
        &["…"],
        "still being computed in the background",
        "Where to find what",
    ),
    // Classes.
    term(
        &["mixes with", "mixes with (features)"],
        "the classes that overlap with this one, each with its share of this class's nearest neighbors in the features. Less is better",
        PAIRS,
    ),
    // Separation.
    term(
        &["logist.", "logistic", "logistic probe"],
        "like the linear probe, but by a logistic regression over five folds, which usually predicts better. Higher is better",
        SEPARATION,
    ),
    term(
        &["loss", "SNN loss"],
        "soft nearest neighbor loss: −ln of the probability that a neighbor, drawn with the probabilities that t-SNE gives to neighbors, has the same label. Lower is better; 0 is perfect. Depends on the number of classes, so it compares layers, not datasets",
        SEPARATION,
    ),
    term(
        &["mixes", "mixed pairs"],
        "with how many other classes this one mixes; the Pairs panel lists them",
        PAIRS,
    ),
    term_of(
        Panel::Separation,
        &["verdict"],
        "what may be said of the class, in the words of the reading: clearly separated, mostly separated, better than chance (some), by neighbors only, or no evidence (none). “No evidence” does not mean that the class cannot be separated",
        "Evidence",
    ),
    term(
        &["R²"],
        "class separation: 1 − (mean cosine distance within classes) / (mean over all pairs of samples). Higher is tighter. It describes compactness: a higher value alone does not mean better separability",
        SEPARATION,
    ),
    term(
        &["NC1"],
        "variance within classes relative to that between their means (neural collapse). Lower is tighter. It describes compactness, not separability",
        SEPARATION,
    ),
    term(
        &["CDNV"],
        "variance of two classes divided by the squared distance of their means, averaged over pairs. Lower is tighter. It describes compactness, not separability",
        SEPARATION,
    ),
    term(
        &["silhouette²", "sq. silh."],
        "the silhouette of squared distances. It is on another scale than the usual one: never compare the two",
        SEPARATION,
    ),
    term(
        &["n/d"],
        "labeled samples per feature. Below 1, a linear rule fits its own samples perfectly, which means nothing; the probes are judged on other samples",
        SEPARATION,
    ),
    // Pairs.
    term_of(
        Panel::Pairs,
        &["neigh", "neighbors"],
        "the share of the pair's samples that lie on the other class's side, judged by their neighbors. Lower is better",
        PAIRS,
    ),
    term_of(
        Panel::Pairs,
        &["linear", "lin", "linear rule"],
        "like neighbors, but judged by a straight border between the two classes (Fisher's linear discriminant). Lower is better. Where only this is high, the border is curved",
        PAIRS,
    ),
    term_of(
        Panel::Pairs,
        &["model", "classifier"],
        "the share of the pair's samples that the classifier predicts as the other class. Lower is better. “=”: it mixes them as the features do; “!”: it mixes them although the features separate them; “+”: it separates them better than the features",
        PAIRS,
    ),
    term(
        &["→", "←", "×"],
        "the columns → and ←, each with its ×. →: the share of the first class's neighbors that belong to the second; ×: how many times as large as if neighbors from other classes were drawn at random; ←: the reverse direction",
        PAIRS,
    ),
    term(
        &["●", "mixed"],
        "the two classes overlap by more than chance and by at least the threshold that the first line gives, taking both directions together. Two classes can overlap and still be closer to others: then × is below 1",
        PAIRS,
    ),
    // Neighbors.
    term_of(
        Panel::Neighbors,
        &["features"],
        "one row per class: the share of each label among the nearest neighbors of its samples, in the features",
        TABLE,
    ),
    term_of(
        Panel::Neighbors,
        &["map"],
        "like features, but among the nearest neighbors on the map",
        TABLE,
    ),
    term(
        &["▲"],
        "more often than by chance: a neighbor has this label more often than if the labels were shuffled",
        "Cells above chance",
    ),
    // Suspects.
    term(&["#"], "rank: 1 is the most suspicious label", SUSPECTS),
    term(
        &["sample"],
        "the sample's id, or its row counted from 0",
        SUSPECTS,
    ),
    term(
        &["label → suggested"],
        "the label in the file, and the class that the sample looks most like",
        SUSPECTS,
    ),
    term(
        &["P(wrong)", "wrong"],
        "the probability that the label is wrong; “–” where wrong labels of this class cannot be found reliably",
        SUSPECTS,
    ),
    term_of(
        Panel::Suspects,
        &["neigh.", "neighbors"],
        "the share of the nearest neighbors that have the label. Nearer ones count more, and those whose own label is doubtful do not count. Low values speak against the label",
        SUSPECTS,
    ),
    term_of(
        Panel::Suspects,
        &["linear", "linear probe"],
        "score of the label minus that of the best other class, by a linear probe that has not seen the sample. Below 0 speaks against the label",
        SUSPECTS,
    ),
    term(
        &["kernel", "kernel probe"],
        "like the linear probe, but by a nonlinear probe. Below 0 speaks against the label",
        SUSPECTS,
    ),
    term_of(
        Panel::Suspects,
        &["model", "classifier", "logist", "logistic probe"],
        "the probability of the label according to the first model that has probabilities; without one, according to a logistic probe. Low values speak against the label",
        SUSPECTS,
    ),
    term_of(
        Panel::Suspects,
        &["verdict"],
        "mislabeled (mislab.): according to all detectors together, another class fits better, and the label is wrong with a probability of at least 50%; class overlap (overlap): the features do not settle which class it is, so neither the label nor the classifier is shown to be wrong: look at the sample; classifier error (error): the features support the label, the classifier is wrong; outlier: far from all other samples. Every verdict is only a suggestion to look at the sample",
        SUSPECTS,
    ),
    // Fidelity and Runs.
    term(
        &["k near", "k neighbors"],
        "the columns are computed from the k nearest neighbors of each sample, and averaged over the class",
        FIDELITY,
    ),
    term(
        &["trustworthiness", "trust"],
        "whether the neighbors on the map are neighbors in the features: 1 if no neighbor on the map is false. Higher is better. High for almost any t-SNE map; “neighbors kept” is stricter",
        FIDELITY,
    ),
    term(
        &["continuity", "contin"],
        "whether neighbors in the features stay neighbors on the map: 1 if none is lost. Higher is better",
        FIDELITY,
    ),
    term(
        &["neighbors kept", "kept"],
        "the share of the k nearest neighbors in the features that are among the k nearest on the map. Higher is better; 0.4 to 0.7 is usual for a few thousand samples",
        FIDELITY,
    ),
    term(
        &["stable", "stability"],
        "the share of a sample's k neighbors on one map that are its neighbors on another, over maps of other seeds and perplexities (:stability). Higher is better; within a large class, low values are usual",
        STABILITY,
    ),
    term(
        &["R_NX", "area of R_NX"],
        "neighbors kept beyond chance, over all neighborhood sizes; small neighborhoods count most. 1 is a perfect map, 0 a random one",
        FIDELITY,
    ),
    term(
        &["perpl.", "perplexity"],
        "roughly how many neighbors each sample is placed close to. Small values show fine structure, large ones coarse structure. No single value is right: distrust what appears at one only",
        MAP,
    ),
    term(
        &["seed"],
        "the number that determines all random choices. Maps of other seeds show what is due to chance",
        MAP,
    ),
    term(
        &["iter", "iterations"],
        "iterations of the optimizer so far",
        MAP,
    ),
    term(
        &["early exaggeration"],
        "the first stage of the optimizer: the attraction between neighbors is multiplied (by 12, or by 4 from 5,000 samples on), so that neighbors find each other before the map spreads out",
        MAP,
    ),
    term(
        &["KL", "KL divergence"],
        "the divergence that t-SNE minimizes, in nats. A map with a lower one fits better, but only compare maps of the same perplexity",
        "KL",
    ),
    term_of(
        Panel::Runs,
        &["exaggerates separation"],
        "a map with a ! in the Runs panel: its silhouette is at least 0.1 above that of the features, so the classes look farther apart on the map than they are",
        FIDELITY,
    ),
    term_of(
        Panel::Models,
        &["mean of classes"],
        "the mean of the values of all classes, in which each class counts the same; of recalls, it is the balanced accuracy. In the row “all samples”, each sample counts the same",
        SEPARATION,
    ),
    term(
        &["over features", "excess"],
        "the map's silhouette minus that of the features. Near 0, the map does not exaggerate; ! marks a map that does: its silhouette is at least 0.1 above that of the features. A large value is not better",
        MAP,
    ),
    term(
        &["*"],
        "the most faithful of the finished maps: no other keeps more neighbors or is more trustworthy by more than the error of the difference (95%). If several have a star, they are tied",
        "What a map cannot show",
    ),
    term(
        &["!"],
        "the map shows this class, or these two, differently than the features; the Fidelity panel says how",
        FIDELITY,
    ),
    // Sample and Selection.
    term(
        &["≠"],
        "the neighbor has another label than the current sample",
        TABLE,
    ),
    term(
        &["nearest (features)"],
        "the sample's nearest neighbors in the features, the nearest first",
        TABLE,
    ),
    term(
        &["distance"],
        "distance from the current sample in the features",
        TABLE,
    ),
    term(
        &["map rank"],
        "the neighbor's place among the sample's nearest on the map: 1 for the nearest, 2 for the second nearest, and so on",
        FIDELITY,
    ),
    term(
        &["% sel", "% of selection"],
        "the share of the selected samples that are of this class",
        "Notation and population",
    ),
    term(
        &["% cls", "% of class", "% of cluster"],
        "the share of the class that is selected",
        "Notation and population",
    ),
    term(
        &["pred", "predicted"],
        "how many of the selected samples the classifier predicts as this class",
        "Notation and population",
    ),
    // Colors of the map.
    term(
        &["effective classes"],
        "the effective number of classes in a cell of the map and the cells around it: 1 if one class is alone, 2 if two are evenly mixed. It describes the map, not the features",
        MAP,
    ),
    term(
        &["suspicion"],
        "the probability that the label is wrong; each cell of the map shows the highest probability among its samples",
        SUSPECTS,
    ),
    // Journal.
    term_of(
        Panel::Journal,
        &["time (UTC)", "time"],
        "when it happened, in universal time (UTC)",
        "Where to find what",
    ),
    term_of(
        Panel::Journal,
        &["what"],
        "what kind of entry it is: opened (the data), map (another one was shown), finished (a map, with its numbers), note, picture (of the map), selection (was given a name), decision (about a label), comparison (of feature sets)",
        "Where to find what",
    ),
    term_of(
        Panel::Journal,
        &["entry"],
        "what happened; Enter goes back to the map, view and selection of that moment",
        "Where to find what",
    ),
    // Models.
    term(
        &["CKA"],
        "how alike two sets of features are, from 0 to 1, whatever their rotation and scale. Alike does not mean equally good",
        COMPARISON,
    ),
    term(
        &["≥ 1 right", "oracle"],
        "the share of samples that at least one of the models gets right: no ensemble that chooses among them does better",
        COMPARISON,
    ),
    term(
        &["p"],
        "the p-value: how often a difference this large would occur by chance if there were no true difference. A difference counts as shown only if p, adjusted for the number of tests, is at most 0.025 (half of --alpha; 0.05 for the gain of an ensemble) and the difference is large enough",
        COMPARISON,
    ),
];

/// All words, in the order of the panels.
pub(crate) fn terms() -> impl Iterator<Item = &'static Term> {
    TERMS.iter()
}

/// How a heading is written in the table: without blanks around it, and with k for the number of neighbors.
pub(super) fn normal(heading: &str) -> String {
    let heading = heading.trim();
    if heading.starts_with('→') {
        return "→".into();
    }
    let rest = heading.trim_start_matches(|c: char| c.is_ascii_digit());
    let counts = rest.len() < heading.len()
        && (rest.starts_with("-NN") || rest == " near" || rest == " neighbors");
    if counts {
        format!("k{rest}")
    } else {
        heading.to_owned()
    }
}

/// What a heading means in a panel.
pub(crate) fn of_heading(panel: Panel, heading: &str) -> Option<&'static Term> {
    let heading = normal(heading);
    let named = |term: &&Term| term.names.contains(&&*heading);
    let own = terms().filter(|term| term.panel == Some(panel)).find(named);
    own.or_else(|| terms().filter(|term| term.panel.is_none()).find(named))
}
