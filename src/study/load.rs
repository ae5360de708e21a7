//! From options or datasets to a study: reads every set and puts all of them into one order.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};

use ndarray::Array2;

use super::align::{self, Rows};
use super::options::{LayerSource, StudyOptions, set_name};
use super::{Layer, Model, Origin, SetId, Study};
use crate::dataset::{
    Dataset, InputFile, KeptRows, Labels, ReadOptions, UNLABELED, feature_sets,
    is_table_or_names_classes, read_rows, without_member,
};
use crate::error::{Error, Result, printable};

/// Features of up to this many bytes in total stay in memory.
const KEPT_BYTES: usize = 1 << 30;

/// A set as it was read, before all sets are put into one order.
struct Loaded {
    model: usize,
    layer: String,
    /// For messages.
    name: String,
    /// The set; without features if these are to be read again.
    data: Dataset,
    dimensions: usize,
    kept: KeptRows,
    /// The class of the study that each of its own classes is, if that is another one.
    classes: Option<Vec<u16>>,
    /// Where it was read from, unless it came from memory.
    origin: Option<Origin>,
}

impl Loaded {
    fn file(&self) -> Option<&Path> {
        Some(&self.origin.as_ref()?.features)
    }

    /// Its predictions in the classes of the study.
    fn predictions(&self) -> Option<Vec<u16>> {
        let own = self.data.predictions()?.to_vec();
        Some(match &self.classes {
            Some(map) => align::remap(own, map),
            None => own,
        })
    }

    /// Its probabilities in the classes of the study.
    fn probabilities(&self, labels: Option<&Labels>) -> Option<Array2<f32>> {
        let own = self.data.probabilities()?.to_owned();
        Some(match (&self.classes, labels) {
            (Some(map), Some(labels)) => align::remap_columns(own, map, labels.classes()),
            _ => own,
        })
    }
}

/// Where labels fit the first set but not this one, the error names the features of this set
/// instead of the labels.
fn blamed(error: Error, name: &str, features: &Path, first: Option<&Loaded>) -> Error {
    match (error, first) {
        (
            Error::Mismatch {
                expected, found, ..
            },
            Some(first),
        ) if first.kept.total == found => align::other_rows(
            (name, Some(features)),
            expected,
            (first.name.as_str(), first.file()),
            found,
        ),
        (error, _) => error,
    }
}

pub(super) fn from_datasets(name: String, sets: Vec<(String, String, Dataset)>) -> Result<Study> {
    let mut options = StudyOptions {
        name,
        ..StudyOptions::default()
    };
    let mut loaded = Vec::new();
    for (model, layer, data) in sets {
        let source = LayerSource {
            name: layer.clone(),
            features: PathBuf::new(),
        };
        loaded.push(Loaded {
            name: set_name(&model, &layer),
            model: options.add_layer(&model, source),
            layer,
            dimensions: data.dimensions(),
            kept: KeptRows {
                total: data.samples(),
                rows: None,
            },
            data,
            classes: None,
            origin: None,
        });
    }
    options.check("sets")?;
    loaded.sort_by_key(|l| l.model);
    assemble(&options, loaded, Vec::new(), Vec::new())
}

/// Reads a set. The label column may be that of another file of the study: it is taken out of the options of an
/// archive or array without it.
fn read_set(features: &Path, own: &mut ReadOptions) -> Result<(Dataset, KeptRows)> {
    let read = read_rows(features, own);
    let is_name = |name: &String| name.parse::<usize>().is_err();
    match &read {
        Err(Error::Option { field, .. })
            if *field == "label_column"
                && own.labels.is_none()
                && own.label_column.as_ref().is_some_and(is_name)
                && !is_table_or_names_classes(&without_member(features))?.0 =>
        {
            own.label_column = None;
            read_rows(features, own)
        }
        _ => read,
    }
}

pub(super) fn from_files(options: &StudyOptions) -> Result<Study> {
    let mut notes = Vec::new();
    let options = expanded(options, &mut notes)?;
    let common = common_labels(&options)?;
    let mut loaded: Vec<Loaded> = Vec::new();
    let mut sources: Vec<InputFile> = Vec::new();
    let mut bytes = 0;
    for (number, model) in options.models.iter().enumerate() {
        for layer in &model.layers {
            let name = set_name(&model.name, &layer.name);
            let features = &layer.features;
            let mut own = ReadOptions {
                predictions: model.predictions.clone(),
                probabilities: model.probabilities.clone(),
                ..options.read.clone()
            };
            let read = |own: &mut ReadOptions| {
                let read = read_set(features, own);
                read.map_err(|error| blamed(error, &name, features, loaded.first()))
            };
            let (mut data, mut kept) = read(&mut own)?;
            if let (None, Some(common)) = (data.labels(), &common) {
                own.labels.clone_from(&common.labels);
                own.label_column.clone_from(&common.label_column);
                own.class_names.clone_from(&common.class_names);
                (data, kept) = read(&mut own)?;
            }
            for note in data.notes() {
                let note = format!("{}: {note}", printable(&name));
                if !is_known(&notes, &note, &name) {
                    notes.push(note);
                }
            }
            for source in data.sources() {
                if !sources.contains(source) {
                    sources.push(source.clone());
                }
            }
            bytes += data.features().len() * size_of::<f32>();
            let dimensions = data.dimensions();
            if bytes > KEPT_BYTES {
                data.forget_features();
            }
            loaded.push(Loaded {
                model: number,
                layer: layer.name.clone(),
                name,
                dimensions,
                kept,
                data,
                classes: None,
                origin: Some(Origin {
                    features: features.clone(),
                    options: own,
                    rows: None,
                }),
            });
        }
    }
    assemble(&options, loaded, notes, sources)
}

/// Whether another set gave the same note, as sets do that share their labels.
fn is_known(notes: &[String], note: &str, name: &str) -> bool {
    let text = note.strip_prefix(&printable(name)).unwrap_or(note);
    notes.iter().any(|n| n.ends_with(text))
}

/// The options with each archive of several arrays as its layers. A single archive whose members
/// are all called `model/layer` holds these models.
fn expanded(options: &StudyOptions, notes: &mut Vec<String>) -> Result<StudyOptions> {
    let mut all = options.clone();
    shared_outputs(&mut all)?;
    for model in &mut all.models {
        let [only] = model.layers.as_slice() else {
            continue;
        };
        if !only.name.is_empty() {
            continue;
        }
        let Some((members, left_out)) = feature_sets(&only.features)? else {
            continue;
        };
        notes.extend(left_out);
        if members.len() > 1 {
            let file = only.features.display().to_string();
            let layer = |member: &String| LayerSource {
                name: member.clone(),
                features: format!("{file}:{member}").into(),
            };
            model.layers = members.iter().map(layer).collect();
        }
    }
    if let [only] = all.models.as_slice()
        && only.layers.len() > 1
        && only.predictions.is_none()
        && only.probabilities.is_none()
        && only.layers.iter().all(|l| l.name.contains('/'))
    {
        for layer in std::mem::take(&mut all.models).remove(0).layers {
            let (model, name) = layer.name.split_once('/').unwrap_or((&layer.name, ""));
            let source = LayerSource {
                name: name.into(),
                features: layer.features,
            };
            all.add_layer(model, source);
        }
    }
    all.check("features")?;
    Ok(all)
}

/// Gives the outputs that name no model to the only model.
fn shared_outputs(options: &mut StudyOptions) -> Result<()> {
    let predictions = options.read.predictions.take();
    let probabilities = options.read.probabilities.take();
    let outputs = [
        ("predictions", &predictions),
        ("probabilities", &probabilities),
    ];
    if options.models.len() != 1
        && let Some((field, file)) = (outputs.into_iter())
            .find_map(|(field, path)| Some((field, path.as_ref()?.display().to_string())))
    {
        return Err(options.whose(field, &file));
    }
    if let [only] = options.models.as_mut_slice() {
        only.predictions = only.predictions.take().or(predictions);
        only.probabilities = only.probabilities.take().or(probabilities);
    }
    Ok(())
}

/// Where labels come from if no option names them: the first features file that holds some, with
/// the class names in it.
fn common_labels(options: &StudyOptions) -> Result<Option<ReadOptions>> {
    if options.read.labels.is_some() {
        return Ok(None);
    }
    for layer in options.models.iter().flat_map(|m| &m.layers) {
        let mut own = ReadOptions {
            class_names: None,
            ids: None,
            probability_classes: Vec::new(),
            ..options.read.clone()
        };
        if read_set(&layer.features, &mut own)?.0.labels().is_some() {
            let file = without_member(&layer.features);
            let (is_table, names_classes) = is_table_or_names_classes(&file)?;
            let names = options.read.class_names.clone();
            return Ok(Some(ReadOptions {
                label_column: options.read.label_column.clone().filter(|_| is_table),
                class_names: names.or_else(|| names_classes.then(|| file.clone())),
                labels: Some(file),
                ..ReadOptions::default()
            }));
        }
    }
    Ok(None)
}

/// Puts the sets into one order and makes their labels and ids those of the study.
fn assemble(
    options: &StudyOptions,
    mut loaded: Vec<Loaded>,
    mut notes: Vec<String>,
    sources: Vec<InputFile>,
) -> Result<Study> {
    let by_id = options.read.ids.is_none() && loaded.iter().all(|l| l.data.ids().is_some());
    let rows: Vec<Rows<'_>> = loaded
        .iter()
        .map(|l| Rows {
            name: &l.name,
            file: l.file(),
            ids: l.data.ids(),
            kept: &l.kept,
        })
        .collect();
    let orders = align::orders(&rows, by_id)?;
    for (set, order) in loaded.iter_mut().zip(&orders) {
        if let Some(order) = order {
            set.data = set.data.select(order);
        }
    }
    let samples = loaded.first().map_or(0, |set| set.data.samples());
    if samples == 0 {
        let problem = "no sample is left that has features in every set";
        return Err(Error::input(&options.name, problem, "repair the features"));
    }
    if by_id && orders.iter().any(Option::is_some) {
        notes.push("samples were matched by their ids".into());
    }
    let ids = (loaded.iter()).find_map(|l| l.data.ids().map(<[String]>::to_vec));
    let labels = share_labels(&mut loaded, ids.as_deref())?;
    let mut study = Study {
        name: options.name.clone(),
        samples,
        labels,
        ids,
        models: Vec::new(),
        first: SetId::default(),
        notes,
        sources,
    };
    fill_models(&mut study, options, loaded, orders)?;
    study.first = match &options.first {
        None => SetId {
            model: 0,
            layer: study.last_features(0),
        },
        Some(name) => study.find(name).ok_or_else(|| {
            let sets: Vec<String> = study.sets().map(|id| study.set_name(id)).collect();
            let known = printable(&sets.join(", "));
            Error::option(
                "first",
                name,
                format!("there is no such set; the study has {known}"),
            )
        })?,
    };
    Ok(study)
}

/// The labels of the first set that has some. Those of the other sets must be the same, but may
/// have other names.
fn share_labels(loaded: &mut [Loaded], ids: Option<&[String]>) -> Result<Option<Labels>> {
    let mut labeled = loaded.iter_mut().filter(|l| l.data.labels().is_some());
    let Some(first) = labeled.next() else {
        return Ok(None);
    };
    let Some(labels) = first.data.labels().map(occupied) else {
        return Ok(None);
    };
    let name = first.name.clone();
    for set in std::iter::once(first).chain(labeled) {
        if let Some(own) = set.data.labels().filter(|own| **own != labels) {
            let map = align::same_classes((&labels, &name), (own, &set.name), ids)?;
            set.classes = Some(map);
        }
    }
    Ok(Some(labels))
}

/// Labels without the classes that have lost all their samples.
fn occupied(labels: &Labels) -> Labels {
    let counts = labels.counts();
    if counts.iter().all(|&c| c > 0) {
        return labels.clone();
    }
    let mut map = vec![UNLABELED; counts.len()];
    let mut names = Vec::new();
    for (class, name) in labels.names().iter().enumerate() {
        if counts[class] > 0 {
            map[class] = names.len() as u16;
            names.push(name.clone());
        }
    }
    let indices = align::remap(labels.indices().to_vec(), &map);
    let order = labels.order().map(|order| {
        let kept = order.iter().map(|&class| map[usize::from(class)]);
        kept.filter(|&class| class != UNLABELED).collect()
    });
    let labels_of = |labels: Labels| match order {
        Some(order) => labels.in_order(order),
        None => labels,
    };
    Labels::new(names, indices).map_or_else(|_| labels.clone(), labels_of)
}

/// Models with their layers.
fn fill_models(
    study: &mut Study,
    options: &StudyOptions,
    loaded: Vec<Loaded>,
    orders: Vec<Option<Vec<usize>>>,
) -> Result<()> {
    for (number, source) in options.models.iter().enumerate() {
        let own = || loaded.iter().filter(|l| l.model == number);
        let predictions = own().find_map(Loaded::predictions);
        let probabilities = own().find_map(|l| l.probabilities(study.labels.as_ref()));
        study.models.push(Model {
            name: source.name.clone(),
            layers: Vec::new(),
            predictions,
            probabilities: probabilities.map(Arc::new),
        });
    }
    for (set, rows) in loaded.into_iter().zip(orders) {
        let id = SetId {
            model: set.model,
            layer: study.models[set.model].layers.len(),
        };
        study.models[set.model].layers.push(Layer {
            name: set.layer,
            dimensions: set.dimensions,
            kept: None,
            origin: set.origin.map(|origin| Origin { rows, ..origin }),
            recent: Mutex::new(Weak::new()),
        });
        if set.data.dimensions() > 0 {
            let data = Arc::new(study.dressed(set.data, id)?);
            study.models[id.model].layers[id.layer].kept = Some(data);
        }
    }
    Ok(())
}
