//! The roles of a table's columns, decided over all of them together.
//!
//! In: what the columns' names and values show, and the options. Out: one use for each column, with
//! its reason. Options decide first, then the values and the name of each column, then what is left.

use super::columns::{Uses, by_itself};
use super::evidence::{Kind, Order};
use super::look::Look;
use super::named::Named;
use super::naming::Hint;
use super::resembles::Resembles;
use super::role::{Role, Roles};
use super::{blocks, labels, marked, measured, remarks};
use crate::dataset::ReadOptions;
use crate::dataset::column_role::{ColumnRole, ColumnUse, ONE_CLASS};
use crate::dataset::formats::Contents;
use crate::error::{Error, Result, printable};
use crate::text::{pattern, word};

/// Shorter lists of numbers may be coordinates.
const LEAST_LIST: usize = 8;

/// Decides what each column of a table is.
///
/// # Errors
/// [`Error::Input`] if there are no features, or if it is not clear what the label is;
/// [`Error::Option`] if an option names a column that does not exist.
pub(super) fn decide(contents: &mut Contents<'_>, options: &ReadOptions) -> Result<Roles> {
    if contents.is_header_unclear {
        let problem = "line 1 may be the header or a sample: one of its words occurs in no other line, like \
                       a column's name, but its numbers do not look like names of columns, such as \
                       years";
        let remedy = "read it as a sample with `--no-header`, or as the header";
        return Err(Error::input(contents.file(), problem, remedy).with("header: Some(true)"));
    }
    let named = Named::of(contents, options)?;
    let others = [
        named.not_features.as_slice(),
        &named.label,
        named.ids.as_slice(),
    ]
    .concat();
    let mut look = Look::at(contents, &named.features, &others)?;
    blocks::mark_encoded(&mut look);
    let mut uses = by_options(&look, &named);
    marked::take(&look, &mut uses);
    let class_names = labels::counted_classes(&look).filter(|_| named.label.is_empty());
    if let (Some(_), Some(last)) = (&class_names, uses.last_mut()) {
        let reason = "the first line counts samples, features and classes".into();
        *last = Some((ColumnUse::Label, reason));
    }
    for (c, column) in look.columns.iter().enumerate() {
        if uses[c].is_none() {
            uses[c] = match contents.columns[c].refusal {
                Some(_) => Some((ColumnUse::LeftOut, "it cannot be read".into())),
                None => by_itself(look.rows, column, contents.row_names == Some(c)),
            };
        }
    }
    let measured = measured::set_aside(&look, &mut uses);
    let label = label(contents, &look, &named, &mut uses, options)?;
    let has_labels = label.is_some() || options.labels.is_some();
    let probabilities = blocks::probabilities(&look, &uses)
        .filter(|_| has_labels && options.probabilities.is_none());
    if probabilities.is_none() {
        only(&mut uses, ColumnUse::Probabilities, None);
    }
    let ids = named.ids.or_else(|| best_ids(&look, &uses));
    let ids = ids.filter(|_| options.ids.is_none());
    only(&mut uses, ColumnUse::Ids, ids);
    let predictions = uses
        .iter()
        .position(|u| is(u.as_ref(), ColumnUse::Predictions));
    let predictions = predictions.filter(|_| has_labels && options.predictions.is_none());
    only(&mut uses, ColumnUse::Predictions, predictions);
    let features = features(contents, &look, &named, &mut uses)?;
    let others = [
        (Role::Labels, label.unwrap_or_default()),
        (Role::Ids, ids.into_iter().collect()),
        (Role::Predictions, predictions.into_iter().collect()),
        (Role::Probabilities, probabilities.unwrap_or_default()),
    ];
    let is_metadata = |c: &usize| is(uses[*c].as_ref(), ColumnUse::Metadata);
    let (mut notes, possible_labels) = remarks::of(&look, &uses, options);
    if uses.iter().any(|u| measured::is_set_aside(u.as_ref())) {
        notes.extend(measured);
    }
    Ok(Roles {
        others: others.into_iter().filter(|(_, c)| !c.is_empty()).collect(),
        metadata: (0..uses.len()).filter(is_metadata).collect(),
        possible_labels,
        notes,
        class_names,
        has_label_column: !named.label.is_empty(),
        label_within: None,
        matrix: look.take(&features)?,
        columns: said(look, uses),
        features,
    })
}

fn is(decided: Option<&(ColumnUse, String)>, role: ColumnUse) -> bool {
    decided.is_some_and(|(decided, _)| *decided == role)
}

/// The uses that options say.
fn by_options(look: &Look, named: &Named) -> Uses {
    let mut uses: Uses = vec![None; look.columns.len()];
    let mut set = |columns: &[usize], role, reason: &str| {
        for &column in columns {
            uses[column].get_or_insert_with(|| (role, reason.to_owned()));
        }
    };
    set(&named.label, ColumnUse::Label, "named by an option");
    set(named.ids.as_slice(), ColumnUse::Ids, "named by an option");
    set(
        &named.not_features,
        ColumnUse::Metadata,
        "excluded by an option",
    );
    set(&named.features, ColumnUse::Features, "named by an option");
    uses
}

/// The columns of the labels: one, or the block of one-hot columns.
fn label(
    contents: &mut Contents<'_>,
    look: &Look,
    named: &Named,
    uses: &mut Uses,
    options: &ReadOptions,
) -> Result<Option<Vec<usize>>> {
    let is_elsewhere = options.labels.is_some();
    let columns = if let [column] = *named.label {
        labels::set_aside(contents, look, uses, column)?;
        let name = printable(&look.columns[column].name);
        for sister in blocks::sisters(look, uses, column) {
            let reason = format!("with {name}, it holds a single 1 in each row");
            uses[sister] = Some((ColumnUse::LeftOut, reason));
        }
        Some(vec![column])
    } else if !named.label.is_empty() {
        if !blocks::is_one_hot(look, &named.label) {
            let name = options.label_column.as_deref().unwrap_or_default();
            let problem =
                "matches several columns, but they are not one-hot (a single 1 in each row)";
            return Err(Error::option("label_column", name, problem));
        }
        Some(named.label.clone())
    } else if let Some(column) = uses.iter().position(|u| is(u.as_ref(), ColumnUse::Label)) {
        Some(vec![column])
    } else if let Some(block) =
        blocks::one_hot_labels(look, uses).filter(|_| !labels::is_named(look, uses))
    {
        Some(block)
    } else {
        let may_ask = !is_elsewhere && named.features.is_empty();
        labels::choose(contents, look, uses, may_ask)?.map(|column| vec![column])
    };
    labels::set_constants_aside(look, uses);
    if let (Some([label]), false) = (columns.as_deref(), is_elsewhere)
        && look.columns[*label].evidence.distinct == 1
    {
        uses[*label] = Some((ColumnUse::Label, ONE_CLASS.into()));
    }
    if is_elsewhere {
        for &column in columns.iter().flatten() {
            let reason = "the labels come from another file".into();
            uses[column] = Some((ColumnUse::LeftOut, reason));
        }
        return Ok(None);
    }
    Ok(columns)
}

/// The column of ids: one that is named as such, the names of rows, codes, other text.
fn best_ids(look: &Look, uses: &Uses) -> Option<usize> {
    let rank = |&c: &usize| {
        let column = &look.columns[c];
        let is_code = matches!(
            column.evidence.kind,
            Kind::Text(Resembles::Path | Resembles::Code)
        );
        match column.hint {
            Hint::Id => 0,
            Hint::Index => 1,
            _ if is_code => 2,
            _ => 3,
        }
    };
    let candidates = (0..uses.len()).filter(|&c| is(uses[c].as_ref(), ColumnUse::Ids));
    candidates.min_by_key(rank)
}

/// Leaves a use to one column; the others of that use become metadata.
fn only(uses: &mut Uses, role: ColumnUse, column: Option<usize>) {
    for (c, decided) in uses.iter_mut().enumerate() {
        if let Some((found, _)) = decided
            && *found == role
            && Some(c) != column
        {
            *found = ColumnUse::Metadata;
        }
    }
}

/// The features among the undecided columns: vectors if there are some, or else numbers. What else
/// is undecided becomes metadata.
fn features(
    contents: &Contents<'_>,
    look: &Look,
    named: &Named,
    uses: &mut Uses,
) -> Result<Vec<usize>> {
    let undecided: Vec<usize> = (0..uses.len()).filter(|&c| uses[c].is_none()).collect();
    let of = |kinds: &[Kind]| -> Vec<usize> {
        let fits = |c: &&usize| kinds.contains(&look.columns[**c].evidence.kind);
        undecided.iter().filter(fits).copied().collect()
    };
    if named.features.is_empty() {
        check_lists(contents, look, named, LEAST_LIST)?;
    }
    let vectors = of(&[Kind::Vectors]);
    if let ([first, second, ..], true) = (vectors.as_slice(), named.features.is_empty()) {
        let name = |c: usize| printable(&look.columns[c].name);
        let problem = format!(
            "{} and {} could each be the features",
            name(*first),
            name(*second)
        );
        let remedy = format!("choose one, for example {},", name(*first));
        return Err(Error::input(contents.file(), problem, remedy).with("feature_columns"));
    }
    let found = match (named.features.is_empty(), vectors.is_empty()) {
        (false, _) => Vec::new(),
        (true, false) => vectors,
        (true, true) => of(&[Kind::Whole, Kind::Fraction]),
    };
    for &column in &undecided {
        let is_feature = found.contains(&column);
        let reason = match look.columns[column].evidence.kind {
            Kind::Text(_) => "text",
            _ if is_feature => "numbers",
            _ => "not named as a feature",
        };
        let role = if is_feature {
            ColumnUse::Features
        } else {
            ColumnUse::Metadata
        };
        uses[column] = Some((role, reason.into()));
    }
    if !uses.iter().any(|u| is(u.as_ref(), ColumnUse::Features)) {
        // Where nothing else is left, numbers of rows and groups and targets are features.
        for &column in &look.numbers {
            let order = look.columns[column].evidence.order;
            let numbers_groups = matches!(order, Order::Counted { .. } | Order::Groups { .. });
            let is_asked = named.not_features.contains(&column);
            let is_index = is(uses[column].as_ref(), ColumnUse::Index);
            let is_left = is_index && look.columns[column].hint != Hint::Index
                || measured::is_set_aside(uses[column].as_ref());
            if is_left || numbers_groups && !is_asked {
                uses[column] = Some((ColumnUse::Features, "the only numbers".into()));
            }
        }
    }
    let features: Vec<usize> = (0..uses.len())
        .filter(|&c| is(uses[c].as_ref(), ColumnUse::Features))
        .collect();
    if features.is_empty() {
        // What is text or cannot be read may be what was meant.
        check_lists(contents, look, named, 2)?;
        let all: Vec<usize> = (0..uses.len()).collect();
        contents.check_usable(&all)?;
    }
    if features.is_empty() || look.rows == 0 {
        let problem = "the table has no features";
        if uses.len() > look.rows {
            // A row of words makes text of every column.
            let remedy = "if its rows are features, exchange rows and columns";
            return Err(Error::input(contents.file(), problem, remedy).with("transpose"));
        }
        let remedy = "give one row per sample and one column of numbers per feature";
        let label = uses.iter().position(|u| is(u.as_ref(), ColumnUse::Label));
        let Some(label) = label else {
            return Err(Error::input(contents.file(), problem, remedy));
        };
        let place = format!("{}:{}", contents.file(), look.columns[label].name);
        let remedy = format!(
            "{remedy}; if it holds the labels of other features, give both files: `FEATURES --labels {}`",
            word(&place)
        );
        return Err(Error::input(contents.file(), problem, remedy));
    }
    Ok(features)
}

/// Refuses a table that holds its features as text: lists of so many numbers at least, of one length.
fn check_lists(contents: &Contents<'_>, look: &Look, named: &Named, least: usize) -> Result<()> {
    let others = [
        named.not_features.as_slice(),
        &named.label,
        named.ids.as_slice(),
    ]
    .concat();
    for (c, column) in look.columns.iter().enumerate() {
        let Kind::Text(Resembles::Lists(length)) = column.evidence.kind else {
            continue;
        };
        if others.contains(&c) || length < least {
            continue;
        }
        let (name, file) = (printable(&column.name), printable(contents.file()));
        let problem = format!("{name} holds lists of {length} numbers as text");
        let remedy = format!(
            "save them as numbers, in Python: `import numpy, pandas, re; t = pandas.read_csv(\"{file}\")[\"{name}\"]; \
             numpy.save(\"features.npy\", [numpy.array(re.sub(r\"np.float..|[][(),]\", \" \", v).split(), float) for v in t])`; or leave them out with `--not-features {}`",
            pattern(&column.name)
        );
        return Err(Error::input(contents.file(), problem, remedy));
    }
    Ok(())
}

/// The uses with the names of their columns.
fn said(look: Look, uses: Uses) -> Vec<ColumnRole> {
    let roles = look.columns.into_iter().zip(uses);
    let role = |(column, decided): (super::look::Looked, _)| {
        let (role, reason) = decided?;
        Some(ColumnRole {
            column: column.name,
            role,
            reason,
        })
    };
    roles.filter_map(role).collect()
}
