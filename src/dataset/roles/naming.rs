//! What a column's name says about its role. The names that columns of tables are recognized by
//! are all here.

/// What a name hints at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    /// The usual name of labels.
    Label,
    /// A name that labels, but also features may have.
    PerhapsLabel,
    /// Whether something is so: a label, or a feature like any other.
    Flag,
    Id,
    /// As libraries call the numbers of rows.
    Index,
    Prediction,
    Probability,
    /// What is known about samples and is no feature.
    Metadata,
    /// The name of a feature, in a table whose rows are features.
    Feature,
    None,
}

/// The usual names of labels, the most specific first.
pub(super) const LABELS: &[&str] = &[
    "label",
    "labels",
    "class",
    "class_name",
    "class_label",
    "label_name",
    "target",
    "target_name",
    "species",
    "y_true",
    "true_label",
    "ground_truth",
    "y",
    "label_id",
    "class_id",
];
const PERHAPS_LABELS: &[&str] = &[
    "annotation",
    "annotations",
    "attrition",
    "category",
    "cell_type",
    "celltype",
    "choice",
    "churn",
    "churned",
    "cluster",
    "clusters",
    "decision",
    "default",
    "default_payment_next_month",
    "defaulted",
    "diagnosis",
    "died",
    "disease",
    "fraud",
    "genre",
    "grade",
    "group",
    "groups",
    "hired",
    "kind",
    "leiden",
    "louvain",
    "outcome",
    "phenotype",
    "quality",
    "readmitted",
    "recidivism",
    "response",
    "result",
    "risk",
    "sentiment",
    "seurat_clusters",
    "severity",
    "spam",
    "stage",
    "status",
    "subtype",
    "survived",
    "type",
    "variety",
    "verdict",
    "vote",
];
/// Last words of such names.
const PERHAPS_LABEL_ENDS: &[&str] = &[
    "category",
    "churn",
    "class",
    "cluster",
    "clusters",
    "diagnosis",
    "fraud",
    "label",
    "leiden",
    "louvain",
    "outcome",
    "recid",
    "risk",
    "spam",
    "survived",
    "target",
];
const IDS: &[&str] = &[
    "id",
    "ids",
    "path",
    "paths",
    "file",
    "files",
    "filename",
    "filepath",
    "image",
    "img",
    "uuid",
    "guid",
    "barcode",
    "accession",
    "identifier",
    "key",
];
/// Things whose number is often written as one word: `userid`.
const THINGS: &[&str] = &[
    "case",
    "cell",
    "customer",
    "doc",
    "document",
    "frame",
    "image",
    "img",
    "item",
    "object",
    "passenger",
    "patient",
    "record",
    "row",
    "sample",
    "subject",
    "track",
    "user",
    "video",
];
/// Words that end like `pid`.
const OTHER_WORDS: &[&str] = &[
    "acid", "aid", "bid", "fluid", "grid", "humid", "lipid", "liquid", "oid", "solid", "valid",
];
const INDICES: &[&str] = &[
    "",
    "index",
    "level_0",
    "unnamed",
    "rownames",
    "row_names",
    "row",
    "rownum",
    "row_number",
];
const PREDICTIONS: &[&str] = &[
    "pred",
    "preds",
    "prediction",
    "predictions",
    "predicted",
    "y_pred",
    "yhat",
    "y_hat",
];
const PROBABILITIES: &[&str] = &[
    "prob",
    "probs",
    "proba",
    "probability",
    "probabilities",
    "confidence",
    "conf",
    "y_prob",
    "score",
];
const METADATA: &[&str] = &[
    "batch",
    "comment",
    "comments",
    "date",
    "datetime",
    "day",
    "description",
    "fold",
    "folds",
    "kfold",
    "month",
    "note",
    "notes",
    "partition",
    "quarter",
    "split",
    "subset",
    "time",
    "timestamp",
    "url",
    "week",
    "weekday",
    "weights",
    "year",
];
/// Ends of such names.
const METADATA_ENDS: &[&str] = &[
    "_date",
    "_fold",
    "_split",
    "_time",
    "_timestamp",
    "_url",
    "_weight",
    "_weights",
    "_year",
];
const FEATURES: &[&str] = &[
    "gene",
    "genes",
    "gene_id",
    "gene_name",
    "gene_symbol",
    "symbol",
    "feature",
    "features",
    "feature_id",
    "probe",
    "probe_id",
    "protein",
    "ensembl",
    "ensembl_id",
    "variable",
];

/// A name in lower case, with one underscore between words: `SampleID` is `sample_id`.
pub(super) fn plain(name: &str) -> String {
    let mut plain = String::new();
    let mut before = ' ';
    for c in name.chars() {
        let begins_word = c.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit());
        if begins_word || !c.is_alphanumeric() {
            plain.push('_');
        }
        if c.is_alphanumeric() {
            plain.extend(c.to_lowercase());
        }
        before = c;
    }
    let words: Vec<&str> = plain.split('_').filter(|w| !w.is_empty()).collect();
    words.join("_")
}

/// What a name hints at.
pub(super) fn hint(name: &str) -> Hint {
    let plain = plain(name);
    let is = |names: &[&str]| names.contains(&plain.as_str());
    let last = plain.rsplit('_').next().unwrap_or_default();
    let first = plain.split('_').next().unwrap_or_default();
    if is(INDICES) || first == "unnamed" {
        Hint::Index
    } else if is(LABELS) {
        Hint::Label
    } else if is(PREDICTIONS)
        || ["pred", "predicted", "prediction"].contains(&last)
        || ["pred", "predicted"].contains(&first)
    {
        Hint::Prediction
    } else if is(PROBABILITIES)
        || ["prob", "proba", "probability"].contains(&last)
        || ["prob", "proba", "probability"].contains(&first)
    {
        Hint::Probability
    } else if is_class_number(&plain) || is_numbered_label(&plain) {
        Hint::PerhapsLabel
    } else if is_id(&plain, last) {
        Hint::Id
    } else if is(METADATA)
        || METADATA_ENDS.iter().any(|end| plain.ends_with(end))
        || plain.starts_with("is_train")
    {
        Hint::Metadata
    } else if is(PERHAPS_LABELS) || PERHAPS_LABEL_ENDS.contains(&last) {
        Hint::PerhapsLabel
    } else if plain != first && ["has", "is"].contains(&first) || is_outcome(name) {
        Hint::Flag
    } else if is(FEATURES) {
        Hint::Feature
    } else {
        Hint::None
    }
}

/// Whether a name is that of the numbers of classes: `species_id`.
fn is_class_number(plain: &str) -> bool {
    const CLASSES: [&str; 8] = [
        "category",
        "cell_type",
        "celltype",
        "cluster",
        "diagnosis",
        "genre",
        "species",
        "variety",
    ];
    plain
        .strip_suffix("_id")
        .is_some_and(|stem| CLASSES.contains(&stem))
}

/// Whether a name is that of one of several labels: `Class14`. (`y2` may be a coordinate.)
fn is_numbered_label(plain: &str) -> bool {
    let stem = plain.trim_end_matches(|c: char| c.is_ascii_digit());
    let stem = stem.trim_end_matches('_');
    stem != plain && stem != "y" && LABELS.contains(&stem)
}

fn is_id(plain: &str, last: &str) -> bool {
    let thing = plain.strip_suffix("id").unwrap_or_default();
    IDS.contains(&plain)
        || [
            "id",
            "ids",
            "identifier",
            "path",
            "file",
            "filename",
            "uuid",
            "barcode",
        ]
        .contains(&last)
        || THINGS.contains(&thing)
}

/// Whether a name is that of codes and numbers of things, if these are all different: `pid`,
/// `CDS_CODE`, `order no`.
pub(super) fn is_code(name: &str) -> bool {
    let plain = plain(name);
    let last = plain.rsplit('_').next().unwrap_or_default();
    // “No” may be an answer.
    let is_number = ["no", "nr", "num", "number", "key"].contains(&last) && !plain.contains("yes");
    let is_other = OTHER_WORDS.iter().any(|word| last.ends_with(word));
    is_number || last.ends_with("id") && !is_other || last.ends_with("code") || is_place_code(name)
}

/// Whether a name is that of the codes of places: `STATE_FIPS`, `zip`.
pub(super) fn is_place_code(name: &str) -> bool {
    const CODES: [&str; 7] = [
        "fips", "fipsno", "geoid", "postcode", "zip", "zipcode", "zip_code",
    ];
    let plain = plain(name);
    let is_last = |code: &&str| plain == **code || plain.ends_with(&format!("_{code}"));
    CODES.iter().any(is_last) || plain.ends_with("fips")
}

/// Whether a name is that of what happened to samples, or did not: `event`, `died`.
pub(super) fn is_outcome(name: &str) -> bool {
    const OUTCOMES: [&str; 12] = [
        "censor",
        "censored",
        "censoring",
        "dead",
        "death",
        "deceased",
        "died",
        "event",
        "recurrence",
        "relapse",
        "status",
        "survived",
    ];
    let plain = plain(name);
    let plain = plain.trim_end_matches(|c: char| c.is_ascii_digit());
    let last = plain.trim_end_matches('_').rsplit('_').next();
    last.is_some_and(|last| OUTCOMES.contains(&last))
}

/// Whether a name is that of a time until something: `Stime`, `os_time`, `days_to_death`.
pub(super) fn is_duration(name: &str) -> bool {
    const DURATIONS: [&str; 8] = [
        "duration", "followup", "fu", "os", "pfs", "rfs", "survival", "dfs",
    ];
    let plain = plain(name);
    let plain = plain.trim_end_matches(|c: char| c.is_ascii_digit());
    let plain = plain.trim_end_matches('_');
    let last = plain.rsplit('_').next().unwrap_or_default();
    let is_until = ["days_to_", "follow_up", "time_to_", "survival_"]
        .iter()
        .any(|s| plain.starts_with(s));
    last.ends_with("time") || DURATIONS.contains(&last) || is_until
}

/// Whether a name is that of a part of the data, such as those that a model was trained on.
pub(super) fn is_part(name: &str) -> bool {
    const PARTS: [&str; 8] = [
        "train",
        "training",
        "trainset",
        "in_train",
        "is_test",
        "testset",
        "validation",
        "holdout",
    ];
    PARTS.contains(&plain(name).as_str())
}

/// Whether names are those of samples: bar codes of cells, or one word with a number each.
pub(super) fn are_samples(names: &[&str]) -> bool {
    let is_code = |name: &&&str| {
        let bases = name.chars().take_while(|c| "ACGT".contains(*c)).count();
        bases >= 6
    };
    let is_numbered = |name: &&&str| {
        let plain = plain(name);
        ["sample", "cell", "patient", "subject", "gsm", "tcga", "s_"]
            .iter()
            .any(|s| plain.starts_with(s))
    };
    let most = |count: usize| names.len() >= 2 && 10 * count >= 9 * names.len();
    most(names.iter().filter(is_code).count()) || most(names.iter().filter(is_numbered).count())
}
