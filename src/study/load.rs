//! From options or datasets to a study: reads every set and puts all of them into one order.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};

use ndarray::{Array2, Axis};

use super::align::{self, Rows};
use super::options::{LayerSource, ModelSource, StudyOptions};
use super::{Layer, Model, Origin, SetId, Study};
use crate::dataset::{
    Dataset, InputFile, Kept, Labels, ReadOptions, UNLABELED, feature_sets, has_class_names,
    read_rows, without_member,
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
    /// The features, unless they are to be read again.
    data: Option<Dataset>,
    dimensions: usize,
    kept: Kept,
    labels: Option<Labels>,
    ids: Option<Vec<String>>,
    predictions: Option<Vec<u16>>,
    probabilities: Option<Array2<f32>>,
    /// The file and how it was read, unless the set came from memory.
    origin: Option<(PathBuf, ReadOptions)>,
}

impl Loaded {
    fn new(model: usize, layer: &str, name: String, data: Dataset, kept: Kept) -> Self {
        Self {
            model,
            layer: layer.into(),
            name,
            dimensions: data.dimensions(),
            kept,
            labels: data.labels().cloned(),
            ids: data.ids().map(<[String]>::to_vec),
            predictions: data.predictions().map(<[u16]>::to_vec),
            probabilities: data.probabilities().map(|p| p.to_owned()),
            data: Some(data),
            origin: None,
        }
    }

    fn file(&self) -> Option<&Path> {
        let (features, _) = self.origin.as_ref()?;
        Some(features)
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
        ) if first.kept.total == found => Error::Mismatch {
            what: align::against((name, Some(features)), (first.name.as_str(), first.file())),
            expected: found,
            found: expected,
        },
        (error, _) => error,
    }
}

/// The name of a set in messages.
fn set_name(model: &str, layer: &str) -> String {
    if layer.is_empty() {
        model.into()
    } else {
        format!("{model}/{layer}")
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
        let known = options.models.iter().position(|m| m.name == model);
        let number = known.unwrap_or_else(|| {
            options.models.push(ModelSource {
                name: model.clone(),
                ..ModelSource::default()
            });
            options.models.len() - 1
        });
        options.models[number].layers.push(source);
        let kept = Kept {
            total: data.samples(),
            rows: None,
        };
        let name = set_name(&model, &layer);
        loaded.push(Loaded::new(number, &layer, name, data, kept));
    }
    options.check("sets")?;
    loaded.sort_by_key(|l| l.model);
    assemble(&options, loaded, Vec::new(), Vec::new())
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
            let read = |own: &ReadOptions| {
                let read = read_rows(features, own);
                read.map_err(|error| blamed(error, &name, features, loaded.first()))
            };
            let (mut data, mut kept) = read(&own)?;
            if let (None, Some((labels, names))) = (data.labels(), &common) {
                own.labels = Some(labels.clone());
                own.class_names.clone_from(names);
                // An archive has no columns.
                if (labels.extension()).is_some_and(|e| e.eq_ignore_ascii_case("npz")) {
                    own.label_column = None;
                }
                (data, kept) = read(&own)?;
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
            let mut set = Loaded::new(number, &layer.name, name, data, kept);
            if bytes > KEPT_BYTES {
                set.data = None;
            }
            set.origin = Some((features.clone(), own));
            loaded.push(set);
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
        let mut models: Vec<ModelSource> = Vec::new();
        for layer in &only.layers {
            let (model, name) = layer.name.split_once('/').unwrap_or((&layer.name, ""));
            let source = LayerSource {
                name: name.into(),
                features: layer.features.clone(),
            };
            match models.iter_mut().find(|m| m.name == model) {
                Some(known) => known.layers.push(source),
                None => models.push(ModelSource {
                    name: model.into(),
                    layers: vec![source],
                    ..ModelSource::default()
                }),
            }
        }
        all.models = models;
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
fn common_labels(options: &StudyOptions) -> Result<Option<(PathBuf, Option<PathBuf>)>> {
    if options.read.labels.is_some() {
        return Ok(None);
    }
    for layer in options.models.iter().flat_map(|m| &m.layers) {
        let own = ReadOptions {
            label_column: options.read.label_column.clone(),
            drop_invalid: options.read.drop_invalid,
            ..ReadOptions::default()
        };
        if read_rows(&layer.features, &own)?.0.labels().is_some() {
            let file = without_member(&layer.features);
            let names = match &options.read.class_names {
                Some(names) => Some(names.clone()),
                None => has_class_names(&file)?.then(|| file.clone()),
            };
            return Ok(Some((file, names)));
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
    let by_id = options.read.ids.is_none() && loaded.iter().all(|l| l.ids.is_some());
    let rows: Vec<Rows<'_>> = loaded
        .iter()
        .map(|l| Rows {
            name: &l.name,
            file: l.file(),
            ids: l.ids.as_deref(),
            kept: &l.kept,
        })
        .collect();
    let orders = align::orders(&rows, by_id)?;
    for (set, order) in loaded.iter_mut().zip(&orders) {
        if let Some(order) = order {
            reorder(set, order);
        }
    }
    let samples = match (orders.first(), loaded.first()) {
        (Some(Some(order)), _) => order.len(),
        (_, Some(set)) => set.kept.rows.as_ref().map_or(set.kept.total, Vec::len),
        _ => 0,
    };
    if samples == 0 {
        let problem = "no sample is left that has features in every set";
        return Err(Error::input(&options.name, problem, "repair the features"));
    }
    if by_id && orders.iter().any(Option::is_some) {
        notes.push("samples were matched by their ids".into());
    }
    let ids = loaded.iter().find_map(|l| l.ids.clone());
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
            Error::option("first", name, format!("is none of the sets {known}"))
        })?,
    };
    Ok(study)
}

fn reorder(set: &mut Loaded, order: &[usize]) {
    let pick = |values: &Vec<u16>| order.iter().map(|&r| values[r]).collect::<Vec<u16>>();
    set.data = set.data.take().map(|data| data.select(order));
    if let Some(labels) = &set.labels {
        // The same classes: the names stay.
        let indices = pick(&labels.indices().to_vec());
        set.labels = Labels::new(labels.names().to_vec(), indices).ok();
    }
    set.predictions = set.predictions.as_ref().map(pick);
    let ids = set.ids.take();
    set.ids = ids.map(|ids| order.iter().map(|&r| ids[r].clone()).collect());
    let probabilities = set.probabilities.take();
    set.probabilities = probabilities.map(|p| p.select(Axis(0), order));
}

/// The labels of the first set that has some; those of the others must be the same, and their
/// predictions and probabilities are put into the same classes.
fn share_labels(loaded: &mut [Loaded], ids: Option<&[String]>) -> Result<Option<Labels>> {
    let Some(first) = loaded.iter().position(|l| l.labels.is_some()) else {
        return Ok(None);
    };
    let Some(labels) = loaded[first].labels.clone().map(|l| occupied(&l)) else {
        return Ok(None);
    };
    let name = loaded[first].name.clone();
    for set in loaded.iter_mut() {
        let Some(own) = &set.labels else { continue };
        if own == &labels {
            continue;
        }
        let map = align::same_classes((&labels, &name), (own, &set.name), ids)?;
        let predictions = set.predictions.take();
        set.predictions = predictions.map(|p| align::remap(p, &map));
        let probabilities = set.probabilities.take();
        set.probabilities = probabilities.map(|p| align::remap_columns(p, &map, labels.classes()));
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
    Labels::new(names, indices).unwrap_or_else(|_| labels.clone())
}

/// Models with their layers.
fn fill_models(
    study: &mut Study,
    options: &StudyOptions,
    mut loaded: Vec<Loaded>,
    orders: Vec<Option<Vec<usize>>>,
) -> Result<()> {
    for (number, source) in options.models.iter().enumerate() {
        let mut own = loaded.iter_mut().filter(|l| l.model == number);
        let predictions = own.find_map(|l| l.predictions.take());
        let mut own = loaded.iter_mut().filter(|l| l.model == number);
        let probabilities = own.find_map(|l| l.probabilities.take());
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
            origin: set.origin.map(|(features, options)| Origin {
                features,
                options,
                rows,
            }),
            recent: Mutex::new(Weak::new()),
        });
        if let Some(data) = set.data {
            let data = Arc::new(study.dressed(data, id)?);
            study.models[id.model].layers[id.layer].kept = Some(data);
        }
    }
    Ok(())
}
