//! Layers and models in a notebook: compared, and what the comparison shows.

use super::diagnosis::share_cell;
use super::display::shown;
use super::live::watched;
use super::show::{Block, Cell, Content, Show, Table};
use crate::comparison::{Comparison, ComparisonOptions, Curve, Ensembles, Measure, SetSimilarity};
use crate::dataset::Dataset;
use crate::diagnosis::usual_neighbors;
use crate::error::{Error, Result};
use crate::statistics::Estimate;
use crate::study::Study;
use crate::text::name;
use crate::words::{capitalized, estimate, p_value, points, share};

/// Columns of a name.
const NAME: usize = 20;

/// Compares feature sets of the same samples: models (`"A"`), or layers of models (`"A/conv1"`).
///
/// # Errors
/// As [`Study::new`] and [`Study::compare`].
///
/// ```
/// use disentangle::prelude::*;
/// let [cnn, mlp] = [load("fixtures/digits_cnn.npz")?, load("fixtures/digits_mlp.npz")?];
/// let comparison = compare([("CNN", &cnn), ("MLP", &mlp)])?;
/// assert_eq!(comparison.recommendations.len(), 2);
/// # Ok::<(), disentangle::Error>(())
/// ```
pub fn compare<'a>(sets: impl IntoIterator<Item = (&'a str, &'a Dataset)>) -> Result<Comparison> {
    let sets = sets.into_iter().map(|(name, data)| {
        let (model, layer) = name.split_once('/').unwrap_or((name, ""));
        (model.to_owned(), layer.to_owned(), data.clone())
    });
    Study::new("comparison", sets.collect())?.compare()
}

impl Study {
    /// Compares its layers and models.
    ///
    /// # Errors
    /// [`Error::Input`] if there are no labels, and as [`Comparison::of`].
    pub fn compare(&self) -> Result<Comparison> {
        let options = ComparisonOptions {
            k: usual_neighbors(self.labels()),
            ..ComparisonOptions::default()
        };
        let comparison = watched(|execution, _| Comparison::of(self, &options, execution))?;
        comparison.ok_or_else(|| {
            let remedy = "add them to one of the sets, with `with_labels`";
            Error::input(crate::printable(self.name()), "there are no labels", remedy)
        })
    }
}

impl Comparison {
    /// The models and all ensembles of them, by accuracy.
    ///
    /// # Errors
    /// [`Error::Option`] for a single model.
    pub fn ensembles(&self) -> Result<Ensembles> {
        let ensembles = self.ensembles.clone();
        ensembles.ok_or_else(|| Error::option("ensembles", "none", "need two models"))
    }
}

/// First what to do, then what the results say, then the models side by side.
impl Show for Comparison {
    fn content(&self) -> Content<'_> {
        let advice = self.recommendations.iter().map(|advice| {
            let (word, model) = (
                capitalized(advice.advice.label()),
                name(&advice.model, NAME),
            );
            Block::Text(format!("{word} {model}: {}", advice.reason).into())
        });
        let mut content: Content<'_> = advice.collect();
        content.extend(self.reading.content());
        content.extend(self.measures.first().map(measure_table));
        let parts = "More: .ensembles()?, .curves[0], .measures[0], .similarity";
        content.push(Block::Note(parts.into()));
        content
    }
}

fn measure_table(measure: &Measure) -> Block<'_> {
    let mut head = vec!["class".to_owned(), "samples".to_owned()];
    head.extend(measure.models.iter().map(|m| name(&m.model, NAME)));
    let row = |label: String, count: String, values: &[Option<Estimate>]| {
        let mut row = vec![Cell::text(label), Cell::number(count)];
        row.extend(values.iter().map(|v| share_cell(*v)));
        row
    };
    let balanced: Vec<_> = measure.models.iter().map(|m| Some(m.balanced)).collect();
    let mut rows = vec![row("mean of classes".to_owned(), String::new(), &balanced)];
    rows.extend(
        (measure.classes.iter()).map(|c| row(name(&c.label, NAME), c.count.to_string(), &c.values)),
    );
    Block::Table(Table {
        title: format!(
            "By class: {} (%, ± 95% interval)",
            measure.name.replace('_', " ")
        ),
        head,
        rows,
    })
}

impl Show for Measure {
    fn content(&self) -> Content<'_> {
        vec![measure_table(self)]
    }
}

impl Show for Curve {
    fn content(&self) -> Content<'_> {
        let head = [
            "layer",
            "features",
            "linear probe",
            "same-class neighbors",
            "SNN loss",
        ];
        let rows = self.layers.iter().map(|layer| {
            vec![
                Cell::text(name(&layer.set, NAME)),
                Cell::number(layer.dimensions.to_string()),
                share_cell(Some(layer.probe)),
                share_cell(Some(layer.neighborhood_hit)),
                Cell::number(estimate(Some(layer.soft_nearest_neighbor_loss), 3)),
            ]
        });
        vec![Block::Table(Table {
            title: format!("Layers of {} (%, ± 95% interval)", name(&self.model, NAME)),
            head: head.map(String::from).into(),
            rows: rows.collect(),
        })]
    }
}

impl Show for Ensembles {
    fn content(&self) -> Content<'_> {
        let best = format!(
            "Best single model: {}, {}%. Ensembles average the probabilities.",
            name(&self.best_single, NAME),
            share(Some(self.best_single_accuracy))
        );
        let head = ["ensemble", "accuracy", "gain", "p", "verdict"];
        let rows = self.ensembles.iter().map(|ensemble| {
            let members: Vec<String> = ensemble.members.iter().map(|m| name(m, NAME)).collect();
            let verdict = match (ensemble.gains, ensemble.loses) {
                (true, _) => "gains",
                (_, true) => "loses",
                _ => "no gain shown",
            };
            vec![
                Cell::text(members.join(" + ")),
                share_cell(Some(ensemble.accuracy)),
                Cell::number(points(ensemble.gain)),
                Cell::number(p_value(Some(ensemble.p_adjusted))),
                Cell::text(verdict),
            ]
        });
        vec![
            Block::Text(best.into()),
            Block::Table(Table {
                title: String::new(),
                head: head.map(String::from).into(),
                rows: rows.collect(),
            }),
        ]
    }
}

impl Show for SetSimilarity {
    fn content(&self) -> Content<'_> {
        let rows = self.pairs.iter().map(|pair| {
            let (cka, overlap) = (pair.cka.map(|c| c.debiased), pair.neighbor_overlap);
            let cell = |e: Option<Estimate>| Cell::number(estimate(e, 3)).level(e.map(|e| e.value));
            vec![
                Cell::text(name(&pair.first, NAME)),
                Cell::text(name(&pair.second, NAME)),
                cell(cka),
                cell(overlap),
            ]
        });
        vec![Block::Table(Table {
            title: format!(
                "How similar the sets are (shared neighbors by chance: {:.3})",
                self.chance_overlap
            ),
            head: ["set", "and set", "CKA (debiased)", "shared neighbors"]
                .map(String::from)
                .into(),
            rows: rows.collect(),
        })]
    }
}

shown!(Comparison, Curve, Measure, Ensembles, SetSimilarity);
