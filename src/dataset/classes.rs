//! From label values to classes, and predictions and probabilities in the same classes.
//!
//! Labels may be whole numbers, truth values or text. Each distinct value becomes a class;
//! numbers are in numeric order, text in alphabetical order. −1 (unless other labels speak against
//! it), empty text and `NA` mean "no label".
//! Class names, where given, replace the numbers: name v stands for the number v.

use std::collections::{HashMap, HashSet};

use ndarray::{Array2, ArrayView1, Axis};

use super::column::{LARGEST_WHOLE, MISSING, Values, is_missing};
use super::parts::Part;
use super::{Labels, UNLABELED};
use crate::error::{Error, Result, printable};
use crate::text::first;

/// Sums of probabilities may differ from 1 by this much.
const SUM_TOLERANCE: f32 = 1e-2;
/// More distinct labels than this are taken for ids.
const MOST_CLASSES: usize = 2000;
/// The label of samples that PyTorch's losses ignore.
const IGNORED: i128 = -100;
/// Class numbers up to this one may be columns of probabilities.
const MOST_NUMBERED: usize = 100_000;

/// Labels, with what is needed to read predictions and probabilities in the same classes.
pub(super) struct Classes {
    pub(super) labels: Labels,
    /// The class of each value as the files write it, and of each class name.
    by_text: HashMap<String, u16>,
    /// The column of probabilities of each class.
    columns: Vec<usize>,
    /// How many classes have names, whether they occur or not.
    named: usize,
}

impl Classes {
    /// Classes from a column of values, with names where these are given.
    pub(super) fn of(
        values: Values,
        place: &str,
        names: Option<Part<Vec<String>>>,
        notes: &mut Vec<String>,
    ) -> Result<Self> {
        let values = one_per_sample(values, place, notes)?;
        let is_numeric = matches!(values, Values::Integers(_));
        let missing = missing(&values, names.as_ref().map(|n| n.values.as_slice()), notes);
        let text = values.into_text();
        let mut distinct: Vec<(i128, &str)> = (text.iter().zip(&missing))
            .filter(|(_, missing)| !**missing)
            .map(|(t, _)| {
                (
                    if is_numeric {
                        t.parse().unwrap_or(0)
                    } else {
                        0
                    },
                    t.as_str(),
                )
            })
            .collect();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.is_empty() {
            let remedy = "open the features without labels";
            return Err(Error::input(place, "no sample has a label", remedy));
        }
        if distinct.len() > MOST_CLASSES {
            let problem = format!(
                "{} distinct labels, but at most {MOST_CLASSES} classes are supported",
                distinct.len()
            );
            let remedy = "give class labels, which repeat from sample to sample; if these are ids, give them";
            return Err(Error::input(place, problem, remedy).with("ids"));
        }
        let distinct: Vec<&str> = distinct.iter().map(|d| d.1).collect();
        let mut by_text: HashMap<String, u16> = (distinct.iter().enumerate())
            .map(|(class, value)| ((*value).to_string(), class as u16))
            .collect();
        let indices = (text.iter().zip(&missing))
            .map(|(t, missing)| if *missing { UNLABELED } else { by_text[t] })
            .collect();
        let is_declared = names.is_some();
        let Naming {
            shown,
            columns,
            named,
        } = Naming::of(&distinct, is_numeric, names)?;
        for (class, name) in shown.iter().enumerate() {
            by_text.entry(name.clone()).or_insert(class as u16);
        }
        let mut labels = Labels::new(shown, indices)?;
        if is_declared {
            // Class names are in the order of the numbers that they name, or of the columns.
            let mut order: Vec<u16> = (0..columns.len() as u16).collect();
            order.sort_by_key(|&class| columns[usize::from(class)]);
            labels = labels.in_order(order);
        }
        Ok(Self {
            labels,
            by_text,
            columns,
            named,
        })
    }

    /// Predictions as class indices.
    pub(super) fn predictions(
        &self,
        values: Values,
        place: &str,
        notes: &mut Vec<String>,
    ) -> Result<Vec<u16>> {
        let text = one_per_sample(values, place, notes)?.into_text();
        let class = |t: &String| self.by_text.get(t).copied().unwrap_or(UNLABELED);
        let predictions: Vec<u16> = text.iter().map(class).collect();
        let foreign = predictions.iter().filter(|&&p| p == UNLABELED).count();
        if foreign == predictions.len() {
            let first = printable(text.first().map_or("", String::as_str));
            return Err(Error::input(
                place,
                format!("no prediction is one of the labels ({first} …)"),
                "predictions and labels must use the same values or names",
            ));
        }
        if foreign > 0 {
            let note = format!("{foreign} predictions are of classes that no sample has");
            notes.push(note);
        }
        Ok(predictions)
    }

    /// The classes of the columns of probabilities: those given, or else those that the columns'
    /// names say, if all classes are among them.
    pub(super) fn order<'a>(&self, given: &'a [String], by_name: &'a [String]) -> &'a [String] {
        let class = |name: &String| self.by_text.get(name);
        let named: HashSet<&u16> = by_name.iter().filter_map(class).collect();
        if given.is_empty() && named.len() == self.labels.classes() {
            by_name
        } else {
            given
        }
    }

    /// The column of each class, where the classes of the columns are named.
    fn named_columns(&self, found: usize, named: &[String]) -> Result<Option<Vec<usize>>> {
        if named.is_empty() {
            return Ok(None);
        }
        let refused = |problem| Error::option("probability_classes", named.join(","), problem);
        if named.len() != found {
            let problem = format!("name the class of each of the {found} columns of probabilities");
            return Err(refused(problem));
        }
        let class_of = |name: &String| self.by_text.get(name).copied().map(usize::from);
        let classes: Vec<Option<usize>> = named.iter().map(class_of).collect();
        let column = |class: usize| {
            let missing = || {
                let name = printable(&self.labels.names()[class]);
                refused(format!("no column is of the class {name}"))
            };
            classes
                .iter()
                .position(|c| *c == Some(class))
                .ok_or_else(missing)
        };
        let columns: Result<Vec<usize>> = (0..self.labels.classes()).map(column).collect();
        columns.map(Some)
    }

    /// Probabilities with one column per class that occurs.
    pub(super) fn probabilities(
        &self,
        matrix: &Array2<f32>,
        named: &[String],
        place: &str,
        notes: &mut Vec<String>,
    ) -> Result<Array2<f32>> {
        let is_invalid = |r: ArrayView1<'_, f32>| r.iter().any(|v| !v.is_finite());
        if let Some(row) = matrix.outer_iter().position(is_invalid) {
            let problem = format!("row {row} of the probabilities is NaN or infinite");
            return Err(Error::input(place, problem, "repair it"));
        }
        let (classes, found) = (self.labels.classes(), matrix.ncols());
        let order = self.named_columns(found, named)?;
        let chosen = if let Some(order) = order {
            matrix.select(Axis(1), &order)
        } else if found == self.named || self.columns.iter().all(|&c| c < found) {
            matrix.select(Axis(1), &self.columns)
        } else if found == classes {
            matrix.clone()
        } else {
            return Err(Error::input(
                place,
                format!("{found} columns of probabilities for {classes} classes"),
                "give one column per class, in the order of the class names",
            ));
        };
        let is_off = |r: ArrayView1<'_, f32>| (r.sum() - 1.0).abs() > SUM_TOLERANCE;
        if matrix.iter().any(|&v| v < 0.0) {
            notes.push(
                "some probabilities are negative: these look like logits (apply softmax first)"
                    .into(),
            );
        } else if let Some(row) = matrix.outer_iter().position(is_off) {
            let sum = matrix.row(row).sum();
            notes.push(format!(
                "probabilities do not sum to 1 (row {row}: {sum:.3})"
            ));
        }
        Ok(chosen)
    }
}

/// Which samples have no label. `names` are the class names that were given.
fn missing(values: &Values, names: Option<&[String]>, notes: &mut Vec<String>) -> Vec<bool> {
    match values {
        Values::Integers(values) => missing_numbers(values, names, notes),
        Values::Text(text) => missing_text(text, names.unwrap_or_default(), notes),
        Values::Truths(_) | Values::Matrix(_) => vec![false; values.rows()],
    }
}

/// −1 is no label, unless the other labels or the number of class names show that it is a class.
fn missing_numbers(
    values: &[i128],
    names: Option<&[String]>,
    notes: &mut Vec<String>,
) -> Vec<bool> {
    let mut distinct: Vec<i128> = values.iter().copied().filter(|&v| v != MISSING).collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.contains(&IGNORED) {
        notes.push(format!(
            "label {IGNORED} was read as a class; if it marks samples to be ignored, as in \
             PyTorch, replace it with −1"
        ));
    }
    let largest = distinct.last().copied().unwrap_or(0);
    let is_named = names
        .is_some_and(|names| names.len() == distinct.len() && names.len() as i128 != largest + 1);
    let is_signed = matches!(distinct.as_slice(), [-1, 1] | [-1, 0, 1])
        && names.is_none_or(|names| names.len() == distinct.len());
    let others = distinct.iter().any(|&v| v < -1 && v != IGNORED);
    let is_class = distinct.contains(&-1) && (is_named || is_signed || others);
    if is_class {
        let shown = first(&distinct, 5, |v| v.to_string().replace('-', "−"));
        notes.push(format!("label −1 was read as a class, one of {shown}"));
    }
    let is_missing = |&v: &i128| v == MISSING || v == -1 && !is_class;
    values.iter().map(is_missing).collect()
}

/// What R and pandas write for a missing value is no label, unless a class is called so.
fn missing_text(text: &[String], names: &[String], notes: &mut Vec<String>) -> Vec<bool> {
    let is_none = |value: &&String| is_missing(value) && !names.contains(value);
    let mut written: Vec<&String> = text.iter().filter(is_none).collect();
    written.sort_unstable();
    written.dedup();
    for word in written.iter().filter(|word| !word.is_empty()) {
        notes.push(format!(
            "{word} was read as “no label”; if it is a class, use `--class-names` with a file \
             that lists it"
        ));
    }
    text.iter().map(|value| is_none(&value)).collect()
}

/// Whole numbers, truth values or text; rows of a single 1 become numbers.
fn one_per_sample(values: Values, place: &str, notes: &mut Vec<String>) -> Result<Values> {
    let Values::Matrix(matrix) = values else {
        return Ok(values);
    };
    let matrix = matrix.into_double();
    if matrix.ncols() > 1 {
        return one_hot(&matrix, place, notes).map(Values::Integers);
    }
    let whole = |(row, &v): (usize, &f64)| {
        if v.is_nan() {
            Err(Error::input(
                place,
                format!("the label of row {row} is NaN"),
                "give every sample a label, or -1 for none",
            ))
        } else if v.fract() != 0.0 || v.abs() > LARGEST_WHOLE {
            Err(Error::input(
                place,
                format!("the label of row {row} is {v}, which is not a whole number"),
                if matrix.iter().all(|v| (0.0..=1.0).contains(v)) {
                    "class labels are whole numbers or text; make classes of probabilities with a threshold, for example \
                     `labels >= 0.5`"
                } else {
                    "class labels are whole numbers or text; group the values into ranges, for example with pandas.qcut"
                },
            ))
        } else {
            Ok(v as i128)
        }
    };
    let values: Result<Vec<i128>> = matrix.iter().enumerate().map(whole).collect();
    Ok(Values::Integers(values?))
}

/// The column of the single 1 in each row.
fn one_hot(matrix: &Array2<f64>, place: &str, notes: &mut Vec<String>) -> Result<Vec<i128>> {
    let is = |value: f64, expected: f64| (value - expected).abs() < f64::EPSILON;
    let (rows, columns) = matrix.dim();
    let mut classes = Vec::with_capacity(rows);
    for (r, row) in matrix.outer_iter().enumerate() {
        let ones: Vec<usize> = (0..columns).filter(|&c| is(row[c], 1.0)).collect();
        let zeros = row.iter().filter(|&&v| is(v, 0.0)).count();
        if ones.len() != 1 || zeros + 1 != columns {
            let problem = format!(
                "the labels are {rows} × {columns}, and row {r} is not one-hot (a single 1 among 0s)"
            );
            let remedy = "give one label per sample, and probabilities";
            return Err(Error::input(place, problem, remedy).with("probabilities"));
        }
        classes.push(ones[0] as i128);
    }
    notes.push(format!(
        "one-hot labels of {columns} columns were read as class numbers"
    ));
    Ok(classes)
}

/// How classes are called, and which columns of probabilities are theirs.
struct Naming {
    shown: Vec<String>,
    columns: Vec<usize>,
    /// How many classes have names, whether they occur or not.
    named: usize,
}

impl Naming {
    fn of(values: &[&str], is_numeric: bool, names: Option<Part<Vec<String>>>) -> Result<Self> {
        let own = values.iter().map(ToString::to_string).collect();
        let in_order = |shown| Self {
            shown,
            columns: (0..values.len()).collect(),
            named: values.len(),
        };
        let numbers: Option<Vec<usize>> = values.iter().map(|v| v.parse().ok()).collect();
        let numbers = numbers.filter(|_| is_numeric);
        let largest = numbers.iter().flatten().max().copied();
        let Some(Part {
            values: names,
            place,
        }) = names
        else {
            // Class numbers 0…c are columns of probabilities as they are.
            return Ok(match (numbers, largest) {
                (Some(columns), Some(largest)) if largest < MOST_NUMBERED => Self {
                    shown: own,
                    columns,
                    named: largest + 1,
                },
                _ => in_order(own),
            });
        };
        let mut seen = HashSet::new();
        if let Some(name) = names.iter().find(|name| !seen.insert(*name)) {
            return Err(Error::input(
                place,
                format!("the class name {} occurs twice", printable(name)),
                "give every class a name of its own",
            ));
        }
        let named = names.len();
        if let Some(columns) = numbers.filter(|all| all.iter().all(|&v| v < named)) {
            let shown = columns.iter().map(|&v| names[v].clone()).collect();
            return Ok(Self {
                shown,
                columns,
                named,
            });
        }
        if is_numeric && named == values.len() {
            return Ok(in_order(names));
        }
        let columns: Option<Vec<usize>> = (values.iter())
            .map(|v| names.iter().position(|n| n == v))
            .collect();
        let Some(columns) = columns else {
            return Err(Error::input(
                place,
                format!(
                    "{named} class names do not fit the {} labels {}",
                    values.len(),
                    first(values, 8, |v| printable(v))
                ),
                "give a name for every label, in the order of the labels",
            ));
        };
        Ok(Self {
            shown: own,
            columns,
            named,
        })
    }
}
