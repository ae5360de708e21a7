//! What a diagnosis shows: the reading, then a table of the classes; and its parts, each by itself.

use super::display::shown;
use super::show::{Block, Cell, Content, Show, Table};
use crate::diagnosis::{
    ClassDiagnosis, ClassVerdict, Confusion, Diagnosis, Fidelity, Pairs, Reading, Suspect, Suspects,
};
use crate::error::{Error, Result};
use crate::statistics::Estimate;
use crate::text::{first, name};
use crate::words::{estimate, percent, share, signed};

/// Columns of a class's name.
const NAME: usize = 16;
/// Neighbors of a suspect that are named.
const MOST_NEIGHBORS: usize = 10;
/// Columns of a name at the head of a column.
const HEAD: usize = 7;

impl Diagnosis {
    /// Which labels the neighbors of each class have.
    pub fn confusion(&self) -> Confusion {
        self.confusion.clone()
    }

    /// The samples whose labels are most suspicious.
    ///
    /// # Errors
    /// [`Error::Option`] if they were not computed: there must be two classes of at least three samples.
    pub fn suspects(&self) -> Result<Suspects> {
        let suspects = self.suspects.as_deref().cloned();
        suspects.ok_or_else(|| missing("suspects", "two classes of at least three samples"))
    }

    /// How far the map can be trusted.
    ///
    /// # Errors
    /// [`Error::Option`] if the diagnosis is of no map, or there are fewer than three samples.
    pub fn fidelity(&self) -> Result<Fidelity> {
        let fidelity = self.fidelity.clone();
        fidelity.ok_or_else(|| missing("fidelity", "a map: data.diagnose(&map)?"))
    }

    /// The pairs of classes that mix.
    ///
    /// # Errors
    /// [`Error::Option`] if they were not computed: there must be two classes of at least two samples.
    pub fn pairs(&self) -> Result<Pairs> {
        let pairs = self.pairs.clone();
        pairs.ok_or_else(|| missing("pairs", "two classes of at least two samples"))
    }
}

fn missing(field: &'static str, needed: &str) -> Error {
    Error::option(field, "cannot be shown", format!("they need {needed}"))
}

fn value(estimate: Option<Estimate>) -> Option<f64> {
    estimate.map(|e| e.value)
}

/// A share in percent with its margin, colored by it.
pub(super) fn share_cell(estimate: Option<Estimate>) -> Cell {
    Cell::number(share(estimate)).level(value(estimate))
}

/// A silhouette, colored from 0 to 1.
fn silhouette_cell(figure: Option<Estimate>) -> Cell {
    Cell::number(estimate(figure, 2)).level(value(figure))
}

fn reading(reading: Option<&Reading>) -> impl Iterator<Item = Block<'_>> {
    let statements = reading.map_or(&[][..], |r| &r.statements);
    statements.iter().map(|s| Block::Text((&*s.text).into()))
}

impl Show for Reading {
    fn content(&self) -> Content<'_> {
        reading(Some(self)).collect()
    }
}

impl Show for Diagnosis {
    fn content(&self) -> Content<'_> {
        let mut content: Content<'_> = reading(self.reading.as_ref()).collect();
        content.push(Block::Table(self.class_table()));
        content
    }
}

impl Diagnosis {
    fn class_table(&self) -> Table {
        let k = self.confusion.k;
        let has_map = self
            .classes
            .iter()
            .any(|c| c.neighborhood_hit.map.is_some());
        // The probe that the sentences give.
        let probe = if self.is_logistic() {
            "logistic"
        } else {
            "linear"
        };
        let mut head = vec![
            "class".to_owned(),
            "samples".to_owned(),
            probe.to_owned(),
            format!("{k}-NN same"),
            "silhouette".to_owned(),
        ];
        if has_map {
            head.extend([format!("{k}-NN map"), "silhouette map".to_owned()]);
        }
        head.push("verdict".to_owned());
        let rows = self.classes.iter().enumerate();
        Table {
            title: "Separation in the features (%, ± 95% interval)".to_owned(),
            head,
            rows: rows
                .map(|(c, class)| self.class_row(c, class, has_map))
                .collect(),
        }
    }

    fn is_logistic(&self) -> bool {
        let separation = self.separation.as_ref();
        separation.is_some_and(|s| s.classes.iter().any(|c| c.logistic_recall.is_some()))
    }

    fn class_row(&self, index: usize, class: &ClassDiagnosis, has_map: bool) -> Vec<Cell> {
        let separation = self.separation.as_ref().and_then(|s| s.classes.get(index));
        let mut row = vec![
            Cell::text(name(&class.label, NAME)).class(index),
            Cell::number(class.count.to_string()),
            share_cell(separation.and_then(|s| {
                if self.is_logistic() {
                    s.logistic_recall
                } else {
                    s.probe_recall
                }
            })),
            share_cell(class.neighborhood_hit.features),
            silhouette_cell(class.silhouette.features),
        ];
        if has_map {
            row.push(share_cell(class.neighborhood_hit.map));
            row.push(silhouette_cell(class.silhouette.map));
        }
        let verdict = (self.separation.as_ref()).and_then(|s| ClassVerdict::of(s, index));
        row.push(Cell::text(match verdict {
            Some(verdict) => verdict.label(),
            None if class.count < 2 => "too few samples",
            None => "–",
        }));
        row
    }
}

impl Show for Confusion {
    fn content(&self) -> Content<'_> {
        let tables = [
            ("features", &self.features, &self.features_above_chance),
            ("map", &self.map, &self.map_above_chance),
        ];
        let shown = tables
            .into_iter()
            .find_map(|(space, shares, marks)| Some((space, shares.as_ref()?, marks.as_ref()?)));
        let Some((space, shares, marks)) = shown else {
            return vec![Block::Text("The neighbors were not counted.".into())];
        };
        let mut head = vec!["class".to_owned()];
        head.extend(self.labels.iter().map(|label| name(label, HEAD)));
        let rows = self.labels.iter().enumerate().map(|(r, label)| {
            let mut row = vec![Cell::text(name(label, NAME)).class(r)];
            let cells = shares[r].iter().zip(&marks[r]);
            row.extend(cells.map(|(&share, &above)| {
                let mark = if above { "*" } else { " " };
                Cell::number(format!("{:.1}{mark}", 100.0 * share)).level(Some(share))
            }));
            row
        });
        vec![Block::Table(Table {
            title: format!(
                "{} nearest neighbors in the {space}, % of each row's class (* above chance)",
                self.k
            ),
            head,
            rows: rows.collect(),
        })]
    }
}

impl Show for Suspects {
    fn content(&self) -> Content<'_> {
        let mut content: Content<'_> = vec![
            Block::Text(self.reliability().into()),
            Block::Note(self.verdict_counts().into()),
        ];
        content.extend(self.duplicates().map(|d| Block::Text(d.into())));
        let head = [
            "rank",
            "row",
            "id",
            "label",
            "suggested",
            "P(wrong)",
            "verdict",
        ];
        let mut entries: Vec<&Suspect> = self.entries.iter().collect();
        entries.sort_by_key(|s| s.rank);
        content.push(Block::Table(Table {
            title: String::new(),
            head: head.map(String::from).into(),
            rows: entries.into_iter().map(|s| self.row(s)).collect(),
        }));
        content
    }
}

impl Suspects {
    fn row(&self, suspect: &Suspect) -> Vec<Cell> {
        // Where wrong labels cannot be found reliably, a probability would mislead.
        let is_reliable = self.is_reliable(&suspect.label);
        let probability = Some(suspect.probability).filter(|_| is_reliable);
        let wrong = probability.map_or_else(|| "–".to_owned(), percent);
        let suggested = if suspect.suggested == suspect.label {
            "–".to_owned()
        } else {
            name(&suspect.suggested, NAME)
        };
        vec![
            Cell::number(suspect.rank.to_string()),
            Cell::number(suspect.row.to_string()),
            Cell::text(name(suspect.id.as_deref().unwrap_or("–"), NAME)),
            Cell::text(name(&suspect.label, NAME)).class(suspect.class),
            Cell::text(suggested),
            Cell::number(wrong).level(probability),
            Cell::text(suspect.verdict.label()),
        ]
    }
}

impl Show for Pairs {
    fn content(&self) -> Content<'_> {
        let head = [
            "class",
            "and class",
            "neighbors",
            "linear rule",
            "on the map",
        ];
        let rows = self.listed.iter().map(|pair| {
            vec![
                Cell::text(name(&pair.first, NAME)),
                Cell::text(name(&pair.second, NAME)),
                share_cell(Some(pair.neighbor_overlap)),
                share_cell(pair.linear_overlap),
                share_cell(pair.map_neighbor_overlap),
            ]
        });
        vec![Block::Table(Table {
            title: format!(
                "{} of {} pairs of classes mixed (overlap of {}% or more in the features); % on the other \
                 class's side",
                self.mixed,
                self.total,
                self.thresholds.least_percent()
            ),
            head: head.map(String::from).into(),
            rows: rows.collect(),
        })]
    }
}

impl Show for Suspect {
    fn content(&self) -> Content<'_> {
        let id = self
            .id
            .as_deref()
            .map_or_else(String::new, |id| format!(" ({})", name(id, NAME)));
        let near = first(&self.neighbors, MOST_NEIGHBORS, |n| name(&n.label, NAME));
        vec![
            Block::Text(
                format!(
                    "Row {}{id}, rank {}: labeled {}, suggested {}: {}",
                    self.row,
                    self.rank,
                    name(&self.label, NAME),
                    name(&self.suggested, NAME),
                    self.verdict.label()
                )
                .into(),
            ),
            Block::Text(format!("Its nearest neighbors: {near}").into()),
            Block::Text(
                format!(
                    "Share of neighbors with its label {}; linear probe {}, kernel probe {}",
                    percent(self.scores.neighbors),
                    signed(self.scores.linear_probe, 2),
                    signed(self.scores.kernel_probe, 2)
                )
                .into(),
            ),
        ]
    }
}

impl Show for Fidelity {
    fn content(&self) -> Content<'_> {
        let row = |label: String, [trust, continuity, recall]: [Option<Estimate>; 3]| {
            vec![
                Cell::text(label),
                share_cell(trust),
                share_cell(continuity),
                share_cell(recall),
            ]
        };
        let all = [self.trustworthiness, self.continuity, self.knn_recall];
        let mut rows = vec![row("all samples".to_owned(), all)];
        rows.extend(self.classes.iter().map(|class| {
            let own = [class.trustworthiness, class.continuity, class.knn_recall];
            row(name(&class.label, NAME), own)
        }));
        let head = ["class", "trustworthiness", "continuity", "neighbors kept"];
        vec![Block::Table(Table {
            title: format!("How far the map can be trusted (%, {} neighbors)", self.k),
            head: head.map(String::from).into(),
            rows,
        })]
    }
}

shown!(
    Diagnosis, Reading, Confusion, Suspects, Suspect, Pairs, Fidelity
);
