//! Models side by side, and the curve over the layers of each.

use super::super::Document;
use super::super::block::{Block, Cell, Column, Curve, Item, Line, MapFigure, Row, Table};
use super::{NAME, SHARES, heading, set};
use crate::comparison::{
    Comparison, Complementarity, Curve as Found, Ensembles, LayerFigures, Measure,
};
use crate::report::comparison::{
    answers_words, ensemble_words, joined, pair_words, ranking_words, saves_words, selection_words,
    step_words, title, with_width,
};
use crate::statistics::Estimate;
use crate::text::name;
use crate::words::{capitalized, corrected_p_value, estimate, points, share};

/// Rows of a table; the JSON has all.
const MOST_ROWS: usize = 60;

/// The chapter about models.
pub(super) fn models(comparison: &Comparison) -> Vec<Block> {
    if comparison.curves.len() < 2 {
        return Vec::new();
    }
    let mut blocks = vec![heading(2, "Models side by side")];
    for measure in &comparison.measures {
        blocks.extend(measured(comparison, measure));
    }
    if let Some(found) = &comparison.complementarity {
        blocks.extend(complementarity(comparison, found));
    }
    if let Some(found) = &comparison.ensembles {
        blocks.extend(ensembles(found, comparison.least_difference));
    }
    blocks.extend(similarity(comparison));
    blocks
}

fn share_cell(value: Option<Estimate>) -> Cell {
    Cell::number(share(value), value.map(|v| v.value)).drawn(value, SHARES, None)
}

fn measured(comparison: &Comparison, measure: &Measure) -> Vec<Block> {
    let title = title(measure, comparison.k);
    let mut columns = vec![Column::text("class"), Column::number("samples")];
    columns.extend(
        measure
            .models
            .iter()
            .map(|m| Column::number(format!("{}, %", name(&m.model, NAME)))),
    );
    columns.push(Column::text("shown to be best"));
    let rows = measure.classes.iter().enumerate().map(|(at, class)| {
        let mut cells = vec![
            Cell::class(&name(&class.label, NAME), at),
            Cell::count(class.count),
        ];
        let values = class.values.iter();
        cells.extend(values.map(|v| share_cell(v.map(|v| with_width(v, class.count)))));
        cells.push(Cell::text(
            class
                .best
                .as_deref()
                .map_or_else(String::new, |m| name(m, NAME)),
        ));
        Row::of_class(at, cells)
    });
    let rows: Vec<Row> = rows.take(MOST_ROWS).collect();
    let mut last = vec![
        Cell::text("mean of classes"),
        Cell::count(comparison.labeled),
    ];
    last.extend(measure.models.iter().map(|m| share_cell(Some(m.balanced))));
    last.push(Cell::text(""));
    let table = Table {
        caption: format!("{title} (± 95% interval)"),
        columns,
        rows,
        last: Some(Row::new(last)),
    };
    let layers = measure.layers();
    let layers = layers.map_or_else(String::new, |layers| format!(" Features: {layers}."));
    let ranking = format!("{}.{layers}", capitalized(&ranking_words(measure)));
    let pairs = measure.pairs.iter().take(MOST_ROWS);
    let pairs = pairs.map(|pair| Item::new("", pair_words(pair, comparison.least_difference)));
    vec![
        heading(3, title),
        Block::Text(ranking),
        Block::Table(table),
        Block::List(pairs.collect()),
    ]
}

fn complementarity(comparison: &Comparison, found: &Complementarity) -> Vec<Block> {
    let number = |value: Option<Estimate>| Cell::number(estimate(value, 2), value.map(|v| v.value));
    let row = |pair: &crate::comparison::PairAgreement| {
        let o = &pair.overall;
        Row::new(vec![
            Cell::text(name(&pair.first, NAME)),
            Cell::text(name(&pair.second, NAME)),
            share_cell(Some(o.disagreement)),
            share_cell(Some(o.double_fault)),
            share_cell(Some(o.oracle)),
            number(o.q),
            number(o.correlation),
        ])
    };
    let table = Table {
        caption: format!(
            "Errors of pairs of models, {}",
            answers_words(comparison.answers)
        ),
        columns: vec![
            Column::text("model"),
            Column::text("and model"),
            Column::number("only one right, %"),
            Column::number("both wrong, %"),
            Column::number("at least one right, %"),
            Column::number("Yule's Q"),
            Column::number("correlation"),
        ],
        rows: found.pairs.iter().take(MOST_ROWS).map(row).collect(),
        last: None,
    };
    let saves = found.saves.iter();
    let saves = saves.map(|s| Item::new("", capitalized(&saves_words(s, &comparison.labels))));
    // Of two models, the table says the same.
    let at_least_one = (found.pairs.len() > 1).then(|| {
        let share = share(Some(found.oracle));
        Block::Text(format!(
            "At least one model is right on {share}% of the samples."
        ))
    });
    let mut blocks = vec![heading(3, "Do the models err on different samples?")];
    blocks.extend(at_least_one);
    blocks.extend([Block::Table(table), Block::List(saves.collect())]);
    blocks
}

fn ensembles(found: &Ensembles, least: f64) -> Vec<Block> {
    let row = |e: &crate::comparison::Ensemble| {
        let is_shown = e.gains || e.loses;
        Row::new(vec![
            Cell::text(joined(&e.members)),
            share_cell(Some(e.accuracy)),
            Cell::number(points(e.gain), Some(e.gain.value)).drawn(
                Some(e.gain),
                (-0.1, 0.1),
                Some(0.0),
            ),
            Cell::text(corrected_p_value(
                Some(e.p_adjusted),
                e.gain,
                is_shown,
                least,
            )),
            Cell::text(ensemble_words(e)),
        ])
    };
    let table = Table {
        caption:
            "Ensembles: accuracy of averaged predictions (where bars are drawn: gains from −10 to +10 points)"
                .into(),
        columns: vec![
            Column::text("members"),
            Column::number("accuracy, %"),
            Column::number("gain over the best single model"),
            Column::text("test"),
            Column::text("verdict"),
        ],
        rows: found.ensembles.iter().take(MOST_ROWS).map(row).collect(),
        last: None,
    };
    let mut blocks = vec![
        heading(3, "Ensembles"),
        Block::Text(format!(
            "Best single model: {}, {}%.",
            name(&found.best_single, NAME),
            share(Some(found.best_single_accuracy))
        )),
        Block::Table(table),
    ];
    let words = selection_words(&found.selection);
    blocks.extend(words.map(|words| Block::Text(capitalized(&words) + ".")));
    blocks
}

fn similarity(comparison: &Comparison) -> Vec<Block> {
    let all = &comparison.similarity;
    if all.pairs.is_empty() {
        return Vec::new();
    }
    let figure = |value: Option<Estimate>| {
        Cell::number(estimate(value, 3), value.map(|v| v.value)).drawn(value, SHARES, None)
    };
    let row = |pair: &crate::comparison::SetPair| {
        Row::new(vec![
            Cell::text(name(&pair.first, NAME)),
            Cell::text(name(&pair.second, NAME)),
            figure(pair.cka.map(|c| c.debiased)),
            figure(pair.neighbor_overlap),
        ])
    };
    // The layers of a model one after the other, and the layers that stand for their models.
    let neighbors = comparison.curves.iter().flat_map(|c| c.layers.windows(2));
    let mut wanted: Vec<(&str, &str)> = neighbors.map(|l| (&l[0].set[..], &l[1].set[..])).collect();
    let probe = comparison.measures.iter().find(|m| m.name == "probe");
    let main: Vec<&str> = probe
        .iter()
        .flat_map(|m| &m.models)
        .filter_map(|m| m.set.as_deref())
        .collect();
    for (at, first) in main.iter().enumerate() {
        wanted.extend(main[at + 1..].iter().map(|second| (*first, *second)));
    }
    let is_wanted = |p: &&crate::comparison::SetPair| {
        wanted.iter().any(|(a, b)| p.first == *a && p.second == *b)
    };
    let rows = all.pairs.iter().filter(is_wanted).take(MOST_ROWS).map(row);
    vec![
        heading(3, "How similar the feature sets are"),
        Block::Table(Table {
            caption: format!(
                "CKA (debiased): 1 if two sets are the same up to rotation and scale. Overlap: 1 if all samples have the \
                 same {} neighbors, {:.3} by chance. Listed: consecutive layers of each model, and the layers that \
                 represent the models",
                comparison.k, all.chance_overlap
            ),
            columns: vec![
                Column::text("set"),
                Column::text("and set"),
                Column::number("CKA"),
                Column::number("neighbor overlap"),
            ],
            rows: rows.collect(),
            last: None,
        }),
    ]
}

/// The chapter about the layers of each model, with all maps.
pub(super) fn layers(document: &Document, comparison: &Comparison) -> Vec<Block> {
    let mut blocks = Vec::new();
    for curve in comparison.curves.iter().filter(|c| c.layers.len() > 1) {
        if blocks.is_empty() {
            blocks.push(heading(2, "From layer to layer"));
        }
        blocks.push(heading(
            3,
            format!("Layers of {}", name(&curve.model, NAME)),
        ));
        blocks.extend(layers_of(document, comparison, curve));
    }
    blocks
}

/// The name of a layer without that of its model.
fn own(curve: &Found, set: &str) -> String {
    let rest = set
        .strip_prefix(curve.model.as_str())
        .and_then(|rest| rest.strip_prefix('/'));
    name(rest.unwrap_or(set), NAME)
}

fn layers_of(document: &Document, comparison: &Comparison, curve: &Found) -> Vec<Block> {
    let k = comparison.k;
    let maps = document
        .sets
        .iter()
        .enumerate()
        .filter(|(_, set)| set.model == curve.model);
    let map = |(at, set): (usize, &super::super::DescribedSet)| MapFigure {
        set: at,
        other: None,
        title: format!("Map of {}", name(&set.set, NAME)),
        caption: format!(
            "{}: {}",
            own(curve, &set.set),
            set::map_caption(&set.report)
        ),
    };
    let values =
        |of: fn(&LayerFigures) -> Estimate| curve.layers.iter().map(|l| Some(of(l))).collect();
    let chart = Curve {
        title: format!(
            "Layers of {}: how separable the classes are, in %",
            name(&curve.model, NAME)
        ),
        layers: curve.layers.iter().map(|l| own(curve, &l.set)).collect(),
        lines: vec![
            Line {
                name: "probe".into(),
                values: values(|l| l.probe),
            },
            Line {
                name: format!("{k}-NN same class"),
                values: values(|l| l.neighborhood_hit),
            },
        ],
    };
    let step = |step: &crate::comparison::LayerStep| {
        let (from, to) = (own(curve, &step.from), own(curve, &step.to));
        Item::new("", format!("{from} → {to}: {}", step_words(step)))
    };
    vec![
        Block::Strip(maps.map(map).collect()),
        Block::Note(
            "Each map is computed separately, so places in one map do not correspond to places in another. In \
             these small maps, points are placed to within a quarter of a pixel."
                .into(),
        ),
        Block::Curve(chart),
        Block::List(curve.steps.iter().map(step).collect()),
        Block::Table(curve_table(comparison, curve)),
        Block::Table(class_table(comparison, curve)),
    ]
}

fn curve_table(comparison: &Comparison, curve: &Found) -> Table {
    let figure = |value: Option<Estimate>| Cell::number(estimate(value, 3), value.map(|v| v.value));
    let row = |l: &LayerFigures| {
        Row::new(vec![
            Cell::text(own(curve, &l.set)),
            Cell::count(l.dimensions),
            share_cell(Some(l.probe)),
            share_cell(Some(l.neighborhood_hit)),
            figure(Some(l.soft_nearest_neighbor_loss)),
            figure(l.silhouette_squared),
            figure(l.class_separation_r2),
            figure(l.variance_ratio),
        ])
    };
    Table {
        caption: format!("Layers of {}: all classes", name(&curve.model, NAME)),
        columns: vec![
            Column::text("layer"),
            Column::number("features"),
            Column::number("probe, %"),
            Column::number(format!("{}-NN same class, %", comparison.k)),
            Column::number("soft nearest neighbor loss"),
            Column::number("squared silhouette"),
            Column::number("R²"),
            Column::number("variance ratio"),
        ],
        rows: curve.layers.iter().map(row).collect(),
        last: None,
    }
}

/// The recall of the probe by class and layer.
fn class_table(comparison: &Comparison, curve: &Found) -> Table {
    let mut columns = vec![Column::text("class")];
    columns.extend(
        curve
            .layers
            .iter()
            .map(|l| Column::number(own(curve, &l.set))),
    );
    let rows = comparison.labels.iter().enumerate().map(|(at, label)| {
        let mut cells = vec![Cell::class(&name(label, NAME), at)];
        let layers = curve.layers.iter();
        let count = comparison.counts.get(at).copied().unwrap_or(0);
        cells.extend(layers.map(|l| {
            let recall = l.classes.get(at).and_then(|c| c.probe);
            share_cell(recall.map(|recall| with_width(recall, count)))
        }));
        Row::of_class(at, cells)
    });
    Table {
        caption: format!(
            "Layers of {}: share of each class that the probe recognizes, in %",
            name(&curve.model, NAME)
        ),
        columns,
        rows: rows.take(MOST_ROWS).collect(),
        last: None,
    }
}
