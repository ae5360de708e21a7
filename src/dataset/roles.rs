//! Which column is what: features, labels, ids and so on, decided over all columns of a file.
//!
//! In: the columns of a file and the options. Out: the columns of each [`Role`]. The names that
//! columns are recognized by are all here.

use super::ReadOptions;
use super::column::{Column, ColumnKind};
use super::formats::{Contents, Layout};
use crate::error::{Error, Result, printable};

mod anndata;
mod blocks;
mod columns;
mod companion;
mod evidence;
mod labels;
mod look;
mod named;
mod naming;
mod remarks;
mod role;
mod table;

pub(super) use companion::{of_companion, of_positions};
pub(super) use role::{Role, Roles};

const AS_FEATURES: &str = "features are an array of n rows (samples) × d columns";

/// Decides the roles of a features file's columns. `member` is the one that was named for the
/// features.
///
/// # Errors
/// [`Error::Input`] if no column, or more than one, could be the features; [`Error::Option`] if
/// the named label column does not exist.
pub(super) fn decide(
    contents: &mut Contents<'_>,
    member: Option<&str>,
    options: &ReadOptions,
) -> Result<Roles> {
    if contents.layout != Layout::Archive && member.is_some() {
        return Err(Error::input(
            contents.file(),
            "only files of several arrays have members",
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
        Layout::Table => table::decide(contents, options),
    }
}

/// One array is the features; others are recognized by their names, unless options name files for
/// them.
fn of_archive(
    contents: &mut Contents<'_>,
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
        let mut named = (role.names().iter()).filter_map(|name| contents.named(&[name]));
        let found = named.find(|&c| c != features && !is_coordinate(contents, c));
        if let Some(column) = found.filter(|_| role.file(options).is_none()) {
            roles.others.push((role, vec![column]));
        }
    }
    if member.is_none() {
        anndata::choose_features(contents, &mut roles)?;
    }
    let has_labels = roles.others.iter().any(|(role, _)| *role == Role::Labels);
    if !has_labels && options.labels.is_none() {
        roles.notes.extend(anndata::about_labels(contents));
    }
    Ok(roles)
}

/// Whether an array is the y of the map whose x lies beside it.
fn is_coordinate(contents: &Contents<'_>, column: usize) -> bool {
    let y = &contents.columns[column];
    let x = contents.named(&["x"]).map(|x| &contents.columns[x]);
    y.stem() == "y" && y.shape.len() == 1 && x.is_some_and(|x| x.shape == y.shape)
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
    let names = Role::Features.names().iter();
    let mut named = names.filter_map(|name| contents.named(&[name]));
    let of_rows = named.clone().find(|&c| contents.columns[c].is_matrix());
    if let Some(named) = of_rows.or_else(|| named.next()) {
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
