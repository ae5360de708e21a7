//! Which column is what: features, labels, ids and so on, decided over all columns of a file.
//!
//! In: the columns of a file and the options. Out: the columns of each [`Role`]. The names that
//! columns are recognized by are all here.

use std::fmt;
use std::path::PathBuf;

use super::ReadOptions;
use super::column::{Column, ColumnKind};
use super::formats::{Contents, Layout};
use crate::error::{Error, Result, printable};

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Features,
    Labels,
    ClassNames,
    Ids,
    Predictions,
    Probabilities,
    /// A map.
    Positions,
}

impl Role {
    /// What may come with the features, in the same file or in files of its own.
    pub(super) const COMPANIONS: [Self; 5] = [
        Self::Labels,
        Self::ClassNames,
        Self::Ids,
        Self::Predictions,
        Self::Probabilities,
    ];

    /// Names in archives, the most specific first.
    pub(super) const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Features => &[
                "features",
                "X",
                "x",
                "embeddings",
                "feats",
                "penultimate",
                "Z",
                "data",
            ],
            Self::Labels => &["labels", "y", "Y", "label", "targets", "target"],
            Self::ClassNames => &["class_names", "classes", "target_names"],
            Self::Ids => &["ids", "id", "names", "paths", "filenames"],
            Self::Predictions => &["predictions", "y_pred", "preds"],
            Self::Probabilities => &["probabilities", "probs", "y_prob"],
            Self::Positions => &["map", "embedding", "positions"],
        }
    }

    /// The role that an array's name says, unless it could be features.
    fn of_name(column: &Column) -> Option<Self> {
        let mut others = Self::COMPANIONS.into_iter().chain([Self::Positions]);
        others.find(|role| role.names().contains(&column.stem()))
    }

    /// The file that an option names for it.
    pub(super) fn file(self, options: &ReadOptions) -> Option<&PathBuf> {
        match self {
            Self::Features | Self::Positions => None,
            Self::Labels => options.labels.as_ref(),
            Self::ClassNames => options.class_names.as_ref(),
            Self::Ids => options.ids.as_ref(),
            Self::Predictions => options.predictions.as_ref(),
            Self::Probabilities => options.probabilities.as_ref(),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Features => "features",
            Self::Labels => "labels",
            Self::ClassNames => "class names",
            Self::Ids => "ids",
            Self::Predictions => "predictions",
            Self::Probabilities => "probabilities",
            Self::Positions => "positions",
        })
    }
}

/// Label columns of a table of features, the most specific first.
const LABEL_HEADINGS: &[&str] = &["label", "labels", "class", "target", "species", "y"];
/// Id columns of a table of features.
const ID_HEADINGS: &[&str] = &["id", "ids", "path", "file", "filename"];
/// Columns that are taken from a table which an option names for labels, ids and the like.
const COMPANION_HEADINGS: &[&str] = &[
    "label",
    "labels",
    "class",
    "class_name",
    "target",
    "name",
    "y",
];
const AS_FEATURES: &str = "features are an array of n rows (samples) × d columns";

/// The columns of a features file by role.
#[derive(Debug, Default)]
pub(super) struct Roles {
    pub(super) features: Vec<usize>,
    /// Columns of other roles, each role once at most.
    pub(super) others: Vec<(Role, usize)>,
    pub(super) notes: Vec<String>,
    /// Whether the file has the column that the options name for the labels.
    pub(super) has_label_column: bool,
}

/// Decides the roles of a features file's columns. `member` is the one that was named for the
/// features.
///
/// # Errors
/// [`Error::Input`] if no column, or more than one, could be the features; [`Error::Option`] if
/// the named label column does not exist.
pub(super) fn decide(
    contents: &Contents<'_>,
    member: Option<&str>,
    options: &ReadOptions,
) -> Result<Roles> {
    if contents.layout != Layout::Archive && member.is_some() {
        return Err(Error::input(
            contents.file(),
            "only .npz archives have members",
            "name the file alone, and the label column of a table",
        )
        .with("label_column"));
    }
    match contents.layout {
        Layout::Array => {
            check_features(contents, 0)?;
            Ok(Roles {
                features: vec![0],
                ..Roles::default()
            })
        }
        Layout::Archive => of_archive(contents, member, options),
        Layout::Table => of_table(contents, options),
    }
}

/// One array is the features; others are recognized by their names, unless options name files for
/// them.
fn of_archive(
    contents: &Contents<'_>,
    member: Option<&str>,
    options: &ReadOptions,
) -> Result<Roles> {
    let features = features_of_archive(contents, member)?;
    check_features(contents, features)?;
    let mut roles = Roles {
        features: vec![features],
        ..Roles::default()
    };
    for role in Role::COMPANIONS {
        let found = contents.named(role.names()).filter(|&c| c != features);
        if let Some(column) = found.filter(|_| role.file(options).is_none()) {
            roles.others.push((role, column));
        }
    }
    Ok(roles)
}

/// The array of an archive that is the features.
fn features_of_archive(contents: &Contents<'_>, member: Option<&str>) -> Result<usize> {
    let file = contents.file();
    if let Some(name) = member {
        return contents.named(&[name]).ok_or_else(|| {
            let name = printable(name);
            let problem = format!("there is no member {name}; {}", contents.listing());
            Error::input(file, problem, "name one of these")
        });
    }
    if let Some(named) = contents.named(Role::Features.names()) {
        return Ok(named);
    }
    let columns = contents.columns.iter().enumerate();
    // What is called an embedding may be features as well as a map.
    let could_be = |c: &Column| matches!(Role::of_name(c), None | Some(Role::Positions));
    let unnamed: Vec<(usize, &Column)> = columns.filter(|(_, c)| could_be(c)).collect();
    let candidates: Vec<(usize, &Column)> = (unnamed.iter())
        .filter(|(_, c)| c.is_matrix())
        .copied()
        .collect();
    match candidates.as_slice() {
        [(only, _)] => Ok(*only),
        [] => {
            if let Some((column, _)) = unnamed.iter().find(|(_, c)| c.refusal.is_some()) {
                contents.check_usable(&[*column])?;
            }
            Err(Error::input(
                file,
                format!("no member can be features; {}", contents.listing()),
                "features are an array of n rows × d columns; save it as `features`",
            ))
        }
        several => {
            let names: Vec<String> = several.iter().map(|(_, c)| printable(&c.name)).collect();
            Err(Error::input(
                file,
                format!(
                    "{} could each be the features; {}",
                    names.join(" and "),
                    contents.listing()
                ),
                format!("choose one, for example {}:{}", printable(file), names[0]),
            ))
        }
    }
}

/// Refuses an array that cannot be features.
fn check_features(contents: &Contents<'_>, column: usize) -> Result<()> {
    contents.check_usable(&[column])?;
    let array = &contents.columns[column];
    let wrong =
        |problem: String, remedy: &str| Err(Error::input(contents.place(column), problem, remedy));
    if array.kind != ColumnKind::Number {
        let remedy = format!("{AS_FEATURES} of numbers");
        return wrong(format!("the array is {}", array.description), &remedy);
    }
    match *array.shape.as_slice() {
        [] => wrong("the array is a single number".into(), AS_FEATURES),
        [0, ..] => wrong("the array is empty: it has no rows".into(), AS_FEATURES),
        [n] => wrong(
            format!("the array has one axis ({n} numbers)"),
            &format!("{AS_FEATURES}; one feature per sample is saved with `.reshape(-1, 1)`"),
        ),
        [_, ref rest @ ..] if rest.contains(&0) => {
            wrong("the array is empty: it has no columns".into(), AS_FEATURES)
        }
        _ => Ok(()),
    }
}

/// All columns are features but those of the labels and ids.
fn of_table(contents: &Contents<'_>, options: &ReadOptions) -> Result<Roles> {
    let ids = match &options.ids_column {
        Some(name) => Some(named_column(contents, "ids_column", name)?),
        None => contents
            .row_names
            .or_else(|| heading(contents, ID_HEADINGS)),
    };
    let wanted = matching(contents, "feature_columns", &options.feature_columns)?;
    let unwanted = matching(contents, "not_features", &options.not_features)?;
    let labels = label_column(contents, ids, options)?;
    let named = options.label_column.as_deref();
    let mut roles = Roles {
        has_label_column: named.is_some_and(|name| contents.column(name).is_some()),
        ..Roles::default()
    };
    roles.features = (0..contents.columns.len())
        .filter(|&c| Some(c) != labels && Some(c) != ids && !unwanted.contains(&c))
        .filter(|c| wanted.is_empty() || wanted.contains(c))
        .collect();
    let rows = contents.columns.first().map_or(0, |c| c.shape[0]);
    if roles.features.is_empty() || rows == 0 {
        return Err(Error::input(
            contents.file(),
            "the table has no features",
            "give one row per sample and one column of numbers per feature",
        ));
    }
    if let Some(column) = labels {
        let name = printable(&contents.columns[column].name);
        if options.labels.is_some() {
            // Labels among the features would separate the classes by themselves.
            roles.notes.push(format!(
                "column {name} of {} is not among the features: the labels come from another file",
                printable(contents.file())
            ));
        } else {
            if named.is_none() {
                let note = format!("labels were taken from the column {name}");
                roles.notes.push(note);
            }
            roles.others.push((Role::Labels, column));
        }
    }
    roles.others.extend(ids.map(|column| (Role::Ids, column)));
    Ok(roles)
}

/// The label column of a table of features: the one that is named, one of a usual name, or the
/// only column of text.
fn label_column(
    contents: &Contents<'_>,
    ids: Option<usize>,
    options: &ReadOptions,
) -> Result<Option<usize>> {
    if let Some(name) = &options.label_column {
        let named = contents.column(name);
        if named.is_none() && options.labels.is_none() {
            let file = printable(contents.file());
            let problem = format!("{file} has the columns {}", contents.headings());
            return Err(Error::option("label_column", name, problem));
        }
        if named.is_some() {
            return Ok(named);
        }
    }
    // Beside a column x, y is a coordinate.
    let is_map = heading(contents, &["x"]).is_some();
    let usual = (LABEL_HEADINGS.iter())
        .filter(|&&name| name != "y" || !is_map)
        .find_map(|name| heading(contents, &[name]));
    let text: Vec<usize> = (0..contents.columns.len())
        .filter(|&c| Some(c) != ids && contents.columns[c].kind == ColumnKind::Text)
        .collect();
    let only = (text.len() == 1).then(|| text[0]);
    Ok(usual.or(only))
}

/// The column that an option names.
fn named_column(contents: &Contents<'_>, field: &'static str, name: &str) -> Result<usize> {
    contents.column(name).ok_or_else(|| {
        let file = printable(contents.file());
        let problem = format!("{file} has the columns {}", contents.headings());
        Error::option(field, name, problem)
    })
}

/// The columns of these names or patterns, each of which must fit one at least.
fn matching(
    contents: &Contents<'_>,
    field: &'static str,
    patterns: &[String],
) -> Result<Vec<usize>> {
    let mut columns = Vec::new();
    for pattern in patterns {
        let fitting =
            (0..contents.columns.len()).filter(|&c| matches(pattern, &contents.columns[c].name));
        let before = columns.len();
        columns.extend(fitting);
        if columns.len() == before {
            columns.push(named_column(contents, field, pattern)?);
        }
    }
    Ok(columns)
}

/// Whether a name fits a pattern in which `*` stands for any text.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(name) = name.strip_prefix(start) else {
        return false;
    };
    let mut ends = name.char_indices().map(|(at, _)| at).chain([name.len()]);
    ends.any(|at| matches(rest, &name[at..]))
}

/// The column with the first of these headings, in capitals or not.
fn heading(contents: &Contents<'_>, headings: &[&str]) -> Option<usize> {
    let place = |heading: &&str| {
        let mut columns = contents.columns.iter();
        columns.position(|c| c.name.to_lowercase() == **heading)
    };
    headings.iter().find_map(place)
}

/// The columns of a role in a file of its own: one column, or all columns of a table of numbers.
/// `wanted` is the column that the options name for it.
pub(super) fn of_companion(
    contents: &Contents<'_>,
    role: Role,
    member: Option<&str>,
    wanted: Option<&str>,
) -> Result<Vec<usize>> {
    let columns = &contents.columns;
    match contents.layout {
        Layout::Array => Ok(vec![0]),
        Layout::Archive => {
            let only = (columns.len() == 1).then_some(0);
            let found = match member {
                Some(member) => contents.named(&[member]),
                None => contents.named(role.names()).or(only),
            };
            let problem = || {
                format!(
                    "no member is called {}; {}",
                    role.names()[0],
                    contents.listing()
                )
            };
            found.map(|column| vec![column]).ok_or_else(|| {
                Error::input(contents.file(), problem(), "name one as file.npz:member")
            })
        }
        Layout::Table => {
            let chosen = match member.or(wanted) {
                Some(name) => contents.column(name),
                None if columns.len() == 1 => Some(0),
                None => heading(contents, COMPANION_HEADINGS),
            };
            if let Some(column) = chosen {
                return Ok(vec![column]);
            }
            let all_numbers = columns.iter().all(|c| c.kind == ColumnKind::Number);
            if member.or(wanted).is_none() && all_numbers {
                return Ok((0..columns.len()).collect());
            }
            let problem = format!(
                "which of the columns {} holds the {role}?",
                contents.headings()
            );
            Err(Error::input(
                contents.file(),
                problem,
                "name it as file.csv:column",
            ))
        }
    }
}

/// The columns of a map: x and y of a table, or an array.
pub(super) fn of_positions(contents: &Contents<'_>, member: Option<&str>) -> Result<Vec<usize>> {
    if contents.layout != Layout::Table {
        return of_companion(contents, Role::Positions, member, None);
    }
    match (contents.column("x"), contents.column("y")) {
        (Some(x), Some(y)) => Ok(vec![x, y]),
        _ => Err(Error::input(
            contents.file(),
            format!("no columns x and y among {}", contents.headings()),
            "give a map as written by `disentangle embed`",
        )),
    }
}

/// The arrays of an archive that can be features of the same samples, in the file's order, and
/// notes on those that were left out.
///
/// Arrays of numbers with at least two axes count, unless their name says that they are
/// something else, or they have another number of rows than the labels (without labels: than most
/// arrays), as weights have.
pub(super) fn feature_sets(contents: &Contents<'_>) -> Result<(Vec<String>, Vec<String>)> {
    let candidates: Vec<(&str, usize)> = (contents.columns.iter())
        .filter(|c| c.is_matrix() && Role::of_name(c).is_none())
        .map(|c| (c.name.as_str(), c.shape[0]))
        .collect();
    let labels = contents.named(Role::Labels.names());
    let labels = labels.and_then(|c| contents.columns[c].shape.first().copied());
    let Some(samples) = labels.or_else(|| most_common(&candidates)) else {
        return Err(Error::input(
            contents.file(),
            format!("no member can be features; {}", contents.listing()),
            "features are an array of n rows × d columns",
        ));
    };
    let (fitting, others): (Vec<(&str, usize)>, Vec<_>) =
        candidates.into_iter().partition(|c| c.1 == samples);
    let note = |(name, rows): (&str, usize)| {
        let file = printable(contents.file());
        let name = printable(name);
        format!("{file}:{name} has {rows} rows, not {samples}: it is not one of the feature sets")
    };
    let names = fitting.iter().map(|c| c.0.to_string()).collect();
    Ok((names, others.into_iter().map(note).collect()))
}

/// The number of rows that most arrays have; of several, that of the first array.
fn most_common(candidates: &[(&str, usize)]) -> Option<usize> {
    let count = |rows: usize| candidates.iter().filter(|c| c.1 == rows).count();
    let most = candidates.iter().map(|c| count(c.1)).max()?;
    candidates.iter().map(|c| c.1).find(|&r| count(r) == most)
}
