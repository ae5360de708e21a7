//! Checks that all sets describe the same samples, and matches their rows and classes.
//!
//! Rows are matched by ids or by number. Labels must agree, but classes may have other names.

use std::collections::HashMap;
use std::path::Path;

use ndarray::{Array2, Axis};

use crate::dataset::{KeptRows, Labels, UNLABELED};
use crate::error::{Error, Result, printable};

/// What identifies the rows of one set.
pub(super) struct Rows<'a> {
    /// The set's name, for messages.
    pub(super) name: &'a str,
    /// Its file, if it is from one.
    pub(super) file: Option<&'a Path>,
    /// Ids of the samples that were kept.
    pub(super) ids: Option<&'a [String]>,
    /// Which rows of its file were kept.
    pub(super) kept: &'a KeptRows,
}

impl Rows<'_> {
    fn count(&self) -> usize {
        self.kept.rows.as_ref().map_or(self.kept.total, Vec::len)
    }

    fn row(&self, sample: usize) -> usize {
        self.kept.rows.as_ref().map_or(sample, |rows| rows[sample])
    }
}

/// A set that has another number of rows than the first one.
pub(super) fn other_rows(
    set: (&str, Option<&Path>),
    rows: usize,
    first: (&str, Option<&Path>),
    expected: usize,
) -> Error {
    let place = |name: &str, file: Option<&Path>| match file {
        Some(file) => {
            let file = file.display().to_string();
            format!("{} in {}", printable(name), printable(&file))
        }
        None => printable(name),
    };
    Error::input(
        place(set.0, set.1),
        format!(
            "{rows} rows, but {} has {expected}",
            place(first.0, first.1)
        ),
        "all sets must describe the same samples",
    )
}

/// For each set, those of its samples that every set has, in the order of the first set; `None` if
/// all sets have the same samples in the same order. Matched by ids or by row number.
pub(super) fn orders(sets: &[Rows<'_>], by_id: bool) -> Result<Vec<Option<Vec<usize>>>> {
    let Some(first) = sets.first() else {
        return Ok(Vec::new());
    };
    for set in sets {
        if set.kept.total != first.kept.total {
            return Err(other_rows(
                (set.name, set.file),
                set.kept.total,
                (first.name, first.file),
                first.kept.total,
            ));
        }
    }
    let plain = if by_id {
        sets.iter().all(|s| s.ids == first.ids)
    } else {
        sets.iter().all(|s| s.kept.rows == first.kept.rows)
    };
    if plain {
        return Ok(vec![None; sets.len()]);
    }
    if by_id {
        by_ids(sets)
    } else {
        Ok(by_rows(sets))
    }
}

fn by_rows(sets: &[Rows<'_>]) -> Vec<Option<Vec<usize>>> {
    let total = sets.first().map_or(0, |s| s.kept.total);
    let mut sets_with = vec![0; total];
    for set in sets {
        for sample in 0..set.count() {
            sets_with[set.row(sample)] += 1;
        }
    }
    let chosen = |set: &Rows<'_>| {
        let samples = 0..set.count();
        samples
            .filter(|&s| sets_with[set.row(s)] == sets.len())
            .collect()
    };
    sets.iter().map(|set| Some(chosen(set))).collect()
}

fn by_ids(sets: &[Rows<'_>]) -> Result<Vec<Option<Vec<usize>>>> {
    let dropped = sets.iter().any(|s| s.kept.rows.is_some());
    let mut places: Vec<HashMap<&str, usize>> = Vec::new();
    for set in sets {
        let mut place = HashMap::new();
        for (sample, id) in set.ids.unwrap_or_default().iter().enumerate() {
            if place.insert(id.as_str(), sample).is_some() {
                return Err(Error::input(
                    set.name,
                    format!("the id {} occurs twice", printable(id)),
                    "give every sample an id of its own, or none, to match rows by their order",
                ));
            }
        }
        places.push(place);
    }
    let first = sets[0].ids.unwrap_or_default();
    let mut chosen: Vec<&str> = Vec::with_capacity(first.len());
    for id in first {
        match places
            .iter()
            .position(|place| !place.contains_key(id.as_str()))
        {
            None => chosen.push(id),
            Some(_) if dropped => {}
            Some(set) => {
                return Err(Error::input(
                    sets[set].name,
                    format!("there is no sample {}", printable(id)),
                    format!(
                        "{} has it: all feature sets must describe the same samples",
                        printable(sets[0].name)
                    ),
                ));
            }
        }
    }
    let order = |place: &HashMap<&str, usize>| chosen.iter().map(|id| place[id]).collect();
    Ok(places.iter().map(|place| Some(order(place))).collect())
}

/// For each class of the second labels, the class of the first labels that the same samples have,
/// whatever its name.
pub(super) fn same_classes(
    first: (&Labels, &str),
    second: (&Labels, &str),
    ids: Option<&[String]>,
) -> Result<Vec<u16>> {
    let (a, b) = (first.0, second.0);
    let mut map = vec![UNLABELED; b.classes()];
    let mut taken = vec![UNLABELED; a.classes()];
    let by_name = b.names().iter().all(|name| a.names().contains(name));
    if by_name {
        for (class, name) in b.names().iter().enumerate() {
            let place = a.names().iter().position(|n| n == name).unwrap_or(0);
            map[class] = place as u16;
            taken[place] = class as u16;
        }
    }
    for (row, (&ca, &cb)) in a.indices().iter().zip(b.indices()).enumerate() {
        let agrees = match (ca, cb) {
            (UNLABELED, UNLABELED) => true,
            (UNLABELED, _) | (_, UNLABELED) => false,
            (ca, cb) => {
                let (to, from) = (&mut map[usize::from(cb)], &mut taken[usize::from(ca)]);
                if *to == UNLABELED && *from == UNLABELED {
                    (*to, *from) = (ca, cb);
                }
                *to == ca && *from == cb
            }
        };
        if !agrees {
            let name = |labels: &Labels, class: u16| match labels.names().get(usize::from(class)) {
                Some(name) => printable(name),
                None => "no label".into(),
            };
            let id = ids.map_or_else(String::new, |ids| format!(" ({})", printable(&ids[row])));
            return Err(Error::input(
                second.1,
                format!(
                    "sample {row}{id} is labeled {}, but {} in {}",
                    name(b, cb),
                    name(a, ca),
                    printable(first.1)
                ),
                "the sets must share their labels: name one labels file for all",
            ));
        }
    }
    Ok(map)
}

/// Predictions as classes of the study.
pub(super) fn remap(predictions: Vec<u16>, map: &[u16]) -> Vec<u16> {
    let class = |&p: &u16| map.get(usize::from(p)).copied().unwrap_or(UNLABELED);
    predictions.iter().map(class).collect()
}

/// Columns of probabilities in the order of the classes of the study.
pub(super) fn remap_columns(matrix: Array2<f32>, map: &[u16], classes: usize) -> Array2<f32> {
    let mut columns = Array2::zeros((matrix.nrows(), classes));
    for (column, &class) in matrix.axis_iter(Axis(1)).zip(map) {
        if usize::from(class) < classes {
            columns.column_mut(usize::from(class)).assign(&column);
        }
    }
    columns
}
