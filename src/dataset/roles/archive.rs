//! The roles of an archive's arrays, by their names and folders.

use super::folders::{beside, folder, folders_of, in_folder, is_called_label, possible_labels};
use super::role::{Role, Roles};
use super::{anndata, array, unnamed};
use crate::dataset::ReadOptions;
use crate::dataset::column::{Column, ColumnKind};
use crate::dataset::formats::Contents;
use crate::error::{Error, Result, printable};
use crate::text::{did_you_mean, first as listed, word};

/// Members that are listed.
const MOST_LISTED: usize = 6;

/// One array is the features; others are recognized by their names, unless options name files for
/// them.
pub(super) fn decide(
    contents: &mut Contents<'_>,
    member: Option<&str>,
    options: &ReadOptions,
) -> Result<Roles> {
    let mut notes = Vec::new();
    let features = features(contents, member, &mut notes)?;
    array::check(contents, features)?;
    let mut roles = Roles {
        features: vec![features],
        notes,
        ..Roles::default()
    };
    for role in Role::COMPANIONS {
        let found = beside(contents, role, features).filter(|&c| !is_coordinate(contents, c));
        if let Some(column) = found.filter(|_| role.file(options).is_none()) {
            roles.others.push((role, vec![column]));
        }
    }
    if member.is_none() {
        anndata::choose_features(contents, &mut roles)?;
    }
    let has_labels = |roles: &Roles| roles.others.iter().any(|(role, _)| *role == Role::Labels);
    let is_open = options.labels.is_none() && options.label_column.is_none();
    if is_open && !has_labels(&roles) {
        unnamed::take_labels(contents, &mut roles)?;
    }
    unnamed::take_class_names(contents, &mut roles, options)?;
    if is_open && !has_labels(&roles) {
        let possible = possible_labels(contents, features);
        let name = |&c: &usize| contents.columns[c].name.clone();
        roles.possible_labels = possible.iter().map(name).collect();
        match unnamed::about_labels(contents, &possible) {
            Some(note) => roles.notes.push(note),
            None => roles.notes.extend(anndata::about_labels(contents)),
        }
    }
    Ok(roles)
}

/// Whether an array is the y of the map whose x lies beside it.
fn is_coordinate(contents: &Contents<'_>, column: usize) -> bool {
    let y = &contents.columns[column];
    let x = contents.named(&["x"]).map(|x| &contents.columns[x]);
    y.stem() == "y" && y.shape.len() == 1 && x.is_some_and(|x| x.shape == y.shape)
}

/// The array of a name, in full or as its last part.
///
/// # Errors
/// [`Error::Input`] if there is none, or if several folders hold one.
pub(super) fn member(contents: &Contents<'_>, name: &str) -> Result<usize> {
    only(contents, &[name])?.ok_or_else(|| {
        let meant = did_you_mean(name, contents.columns.iter().map(|column| &column.name));
        let name = printable(name);
        let problem = format!("there is no member {name}; {}{meant}", contents.listing());
        let remedy = match contents.columns.iter().find(|c| c.refusal.is_none()) {
            Some(column) => {
                let place = format!("{}:{}", contents.file(), column.name);
                format!("name one of these, for example {}", word(&place))
            }
            None => "name another file".into(),
        };
        Error::input(contents.file(), problem, remedy)
    })
}

/// The first of these names that an array has: in full, or as its last part if that is clear.
///
/// # Errors
/// [`Error::Input`] if several folders hold arrays of such names, and none is at the top.
pub(super) fn only(contents: &Contents<'_>, names: &[&str]) -> Result<Option<usize>> {
    if let Some(column) = names.iter().find_map(|name| contents.column(name)) {
        return Ok(Some(column));
    }
    match folders_of(contents, names).as_slice() {
        [] => Ok(None),
        [place] => Ok(in_folder(contents, names, place).next()),
        [..] if in_folder(contents, names, "").next().is_some() => {
            Ok(in_folder(contents, names, "").next())
        }
        places => {
            let of_place = |place: &&str| in_folder(contents, names, place).next();
            let found: Vec<usize> = places.iter().filter_map(of_place).collect();
            let names = listed(&found, MOST_LISTED, |&c| {
                printable(&contents.columns[c].name)
            });
            let problem = format!("several members could be meant: {names}");
            Err(Error::input(
                contents.file(),
                problem,
                "name one in full, as FILE:NAME",
            ))
        }
    }
}

/// The array that is the features.
fn features(
    contents: &Contents<'_>,
    wanted: Option<&str>,
    notes: &mut Vec<String>,
) -> Result<usize> {
    if let Some(name) = wanted {
        return member(contents, name);
    }
    let names = Role::Features.names();
    let is_matrix = |c: &usize| contents.columns[*c].is_matrix();
    let of_folder = |place: &&str| in_folder(contents, names, place).find(is_matrix);
    if let Some(found) = of_folder(&"") {
        return Ok(found);
    }
    let named: Vec<usize> = folders_of(contents, names)
        .iter()
        .filter_map(of_folder)
        .collect();
    match named.as_slice() {
        [] => {
            if let Some(found) = contents.named(names) {
                return Ok(found);
            }
            let found = only_matrix(contents)?;
            if contents.columns.len() > 1 {
                let name = printable(&contents.columns[found].name);
                notes.push(format!(
                    "features: {name}, the only array with rows of numbers"
                ));
            }
            Ok(found)
        }
        [only] => Ok(*only),
        several => {
            let has_labels = |&&c: &&usize| {
                let place = folder(contents, &contents.columns[c].name);
                in_folder(contents, Role::Labels.names(), place)
                    .next()
                    .is_some()
            };
            let labeled: Vec<&usize> = several.iter().filter(has_labels).collect();
            if let [only] = labeled.as_slice() {
                let others: Vec<&usize> = several.iter().filter(|c| c != only).collect();
                let name = |c: usize| printable(&contents.columns[c].name);
                notes.push(format!(
                    "{} is used as features, because labels are beside it; {} is not used",
                    name(**only),
                    listed(&others, MOST_LISTED, |c| name(**c))
                ));
                return Ok(**only);
            }
            Err(ask(contents, several))
        }
    }
}

/// The only array that could be features, where none is named as such.
fn only_matrix(contents: &Contents<'_>) -> Result<usize> {
    let columns = contents.columns.iter().enumerate();
    // What is called an embedding may be features as well as a map.
    let could_be = |c: &Column| matches!(Role::of_name(c), None | Some(Role::Positions));
    let unnamed: Vec<(usize, &Column)> = columns.filter(|(_, c)| could_be(c)).collect();
    let could_be_features =
        |c: &Column| c.is_matrix() && !is_called_label(c) && !unnamed::is_parameter(c);
    let matrices = unnamed.iter().filter(|(_, c)| could_be_features(c));
    let candidates: Vec<usize> = matrices.map(|(at, _)| *at).collect();
    match candidates.as_slice() {
        [only] => Ok(*only),
        [] if contents.columns.iter().any(unnamed::is_parameter) => {
            Err(unnamed::parameters(contents))
        }
        [] => {
            if let Some((column, _)) = unnamed.iter().find(|(_, c)| c.refusal.is_some()) {
                contents.check_usable(&[*column])?;
            }
            let problem = format!("no member can be used as features; {}", contents.listing());
            Err(Error::input(
                contents.file(),
                problem,
                how_to_stack(contents),
            ))
        }
        several => Err(ask(contents, several)),
    }
}

/// What to do where no array has a row of values per sample.
fn how_to_stack(contents: &Contents<'_>) -> String {
    let general = "features are an array of n rows (samples) × d columns";
    let is_list = |c: &&Column| c.kind == ColumnKind::Number && c.shape.len() == 1;
    let lists: Vec<&Column> = contents.columns.iter().filter(is_list).collect();
    let are_alike = lists.windows(2).all(|two| two[0].shape == two[1].shape);
    if lists.len() < 2 || lists.len() > MOST_LISTED || !are_alike {
        return format!("{general}; save it as `features`");
    }
    let names = listed(&lists, MOST_LISTED, |c| printable(&c.name));
    format!(
        "{general}; if each of these is a feature, join them: `numpy.save(\"features.npy\", \
         numpy.stack([{names}], axis=1))`"
    )
}

/// The refusal of an archive of which several arrays could be the features.
fn ask(contents: &Contents<'_>, candidates: &[usize]) -> Error {
    let name = |c: usize| printable(&contents.columns[c].name);
    let names = if candidates.len() > MOST_LISTED {
        listed(candidates, MOST_LISTED, |&c| name(c))
    } else {
        let names: Vec<String> = candidates.iter().map(|&c| name(c)).collect();
        let (last, others) = names
            .split_last()
            .map_or((String::new(), [].as_slice()), |(last, others)| {
                (last.clone(), others)
            });
        format!("{} and {last}", others.join(", "))
    };
    let file = printable(contents.file());
    let first = candidates[0];
    let labels = match (
        beside(contents, Role::Labels, first),
        possible_labels(contents, first).first(),
    ) {
        (None, Some(&labels)) => format!(" --labels {file}:{}", name(labels)),
        _ => String::new(),
    };
    Error::input(
        contents.file(),
        format!(
            "{} could each be the features; {}",
            names,
            contents.listing()
        ),
        format!("choose one, for example {file}:{}{labels}", name(first)),
    )
}

/// The arrays of an archive that can be features of the same samples, in the file's order, and
/// notes on those that were left out.
///
/// Arrays of numbers with at least two axes count, unless their name says that they are
/// something else, or they have another number of rows than the labels (without labels: than most
/// arrays), as weights have.
///
/// # Errors
/// [`Error::Input`] if there are none, or if several folders hold labels of their own.
pub(in crate::dataset) fn feature_sets(
    contents: &Contents<'_>,
) -> Result<(Vec<String>, Vec<String>)> {
    let labels = folders_of(contents, Role::Labels.names());
    let is_candidate =
        |c: &&Column| c.is_matrix() && Role::of_name(c).is_none() && !unnamed::is_parameter(c);
    let all = contents.columns.iter().filter(is_candidate);
    let candidates: Vec<(&str, usize)> = all.map(|c| (c.name.as_str(), c.shape[0])).collect();
    if labels.len() > 1 && !labels.contains(&"") {
        let with_labels =
            |c: &&usize| labels.contains(&folder(contents, &contents.columns[**c].name));
        let matrices = (0..contents.columns.len()).filter(|&c| is_candidate(&&contents.columns[c]));
        let matrices: Vec<usize> = matrices.collect();
        let own: Vec<usize> = matrices.iter().filter(with_labels).copied().collect();
        if own.len() > 1 {
            return Err(ask(contents, &own));
        }
    }
    let labels = contents.named(Role::Labels.names());
    let labels = labels.and_then(|c| contents.columns[c].shape.first().copied());
    let Some(samples) = labels.or_else(|| most_common(&candidates)) else {
        if contents.columns.iter().any(unnamed::is_parameter) {
            return Err(unnamed::parameters(contents));
        }
        return Err(Error::input(
            contents.file(),
            format!("no member can be used as features; {}", contents.listing()),
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
