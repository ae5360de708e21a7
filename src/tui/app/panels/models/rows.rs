//! The lines of the Models panel, and where each leads.

use crate::comparison::{Advice, Comparison, Curve, LayerFigures, Measure, Recommendation};
use crate::statistics::Estimate;
use crate::text;
use crate::tui::app::App;
use crate::tui::app::panels::content::{Line, Role};
use crate::words;

/// Heights of a sparkline.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Columns of a share in the table by class, its mark included.
const CELL: usize = 7;
/// The widest column of names, and the narrowest.
const NAME: (usize, usize) = (10, 24);
/// Classes in the table at the top.
const MOST_CLASSES: usize = 12;
/// The section that is open at the start.
const READING: &str = "What the results say";
/// The section that the lines at the top stand for.
const ADVICE: &str = "What to do with each model";

/// Where a line leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leads {
    Nowhere,
    /// It opens or closes a section.
    Section(usize),
    Model(usize),
    Set(usize),
}

/// A line of the panel.
pub(super) struct Row {
    pub(super) line: Line,
    pub(super) leads: Leads,
    /// Of the heading of a section: whether it is open.
    pub(super) is_open: bool,
}

impl Row {
    fn new(line: impl Into<Line>, leads: Leads) -> Self {
        Self {
            line: line.into(),
            leads,
            is_open: false,
        }
    }
}

/// All lines: what to do, the table by class, the sections.
pub(super) fn rows(app: &App, comparison: &Comparison, columns: usize) -> Vec<Row> {
    let advice = comparison.recommendations.iter();
    let mut rows: Vec<Row> = advice
        .map(|advice| verdict(app, comparison, advice, columns))
        .collect();
    if let Some(measure) = comparison.measures.first() {
        rows.push(Row::new("", Leads::Nowhere));
        rows.extend(by_class(
            app,
            measure,
            &comparison.without_predictions,
            columns,
        ));
    }
    rows.push(Row::new("", Leads::Nowhere));
    sections(app, comparison, columns, &mut rows);
    rows
}

/// The place of a model among those that are open.
fn model(app: &App, name: &str) -> Leads {
    let of_model =
        |set: &str| set == name || set.strip_prefix(name).is_some_and(|r| r.starts_with('/'));
    let found = app.sets.names.iter().find(|set| of_model(&set.name));
    found.map_or(Leads::Nowhere, |set| Leads::Model(set.model))
}

fn set(app: &App, name: &str) -> Leads {
    let found = app.sets.names.iter().position(|set| set.name == name);
    found.map_or(Leads::Nowhere, Leads::Set)
}

/// What to do with a model, in a line.
fn verdict(app: &App, all: &Comparison, advice: &Recommendation, columns: usize) -> Row {
    let word = match advice.advice {
        Advice::Keep => "keep",
        Advice::Combine => "combine",
        Advice::Check => "check",
        Advice::Discard => "discard",
    };
    let measure = all.measures.first();
    let best = measure.and_then(|m| m.ranking.first()?.first());
    let names = all
        .recommendations
        .iter()
        .map(|r| text::width(&text::name(&r.model, NAME.1)));
    let longest = names.max().unwrap_or(0).min(columns / 4);
    let balanced = measure.and_then(|m| m.models.iter().find(|m| m.model == advice.model));
    let balanced = balanced.map_or_else(String::new, |m| words::share(Some(m.balanced)) + "%");
    let line = Line::of(format!("{word:<8}"), Role::Bold)
        .and(
            text::fit(&text::name(&advice.model, longest), longest),
            Role::Bold,
        )
        .and(format!("  {balanced:>12}  "), Role::Plain);
    let room = columns.saturating_sub(line.width());
    let why = why(advice, best.map_or("", String::as_str), measure);
    Row::new(
        line.and(text::whole_parts(&why, room), Role::Dim),
        model(app, &advice.model),
    )
}

/// The reason in a few words; the section has all of it.
fn why(advice: &Recommendation, best: &str, measure: Option<&Measure>) -> String {
    let name = |model: &str| text::name(model, NAME.0);
    let names = |all: &[String]| {
        let names: Vec<String> = all.iter().map(|one| name(one)).collect();
        names.join(" + ")
    };
    let is_shown = measure.is_some_and(|m| {
        let of = |a: &str, b: &str| a == advice.model && b == best;
        let mut pairs = m.pairs.iter();
        pairs.any(|p| p.change.shown && (of(&p.first, &p.second) || of(&p.second, &p.first)))
    });
    match advice.advice {
        Advice::Combine => format!("better when averaged: {}", names(&advice.ensemble)),
        Advice::Check => "at chance level: check its rows".into(),
        Advice::Discard => format!("behind {}", name(best)),
        Advice::Keep if advice.model == best => "highest".into(),
        Advice::Keep if is_shown && !advice.best_classes.is_empty() => {
            format!("best in {}", names(&advice.best_classes))
        }
        Advice::Keep if !is_shown => "not shown to differ".into(),
        Advice::Keep => String::new(),
    }
}

/// The first measure by class and model, colored by its size.
fn by_class(app: &App, measure: &Measure, without: &[String], columns: usize) -> Vec<Row> {
    let what = match measure.name.as_str() {
        "predictions" => "recall of the predictions",
        "probe" => "recall of the linear probe",
        _ => "same-class neighbors",
    };
    let why = if without.is_empty() || without.len() == measure.models.len() {
        String::new()
    } else {
        let names: Vec<String> = without
            .iter()
            .map(|name| text::name(name, NAME.1))
            .collect();
        format!(" · of probes: no predictions for {}", names.join(", "))
    };
    let name = (columns / 3).clamp(NAME.0, NAME.1);
    let fitting = (columns.saturating_sub(name) / CELL)
        .max(1)
        .min(measure.models.len());
    let mut rows = vec![Row::new(
        Line::of(
            text::whole_parts(&format!("{what}, % (* best by test){why}"), columns),
            Role::Bold,
        ),
        Leads::Nowhere,
    )];
    if let Some(layers) = measure.layers() {
        let layers = format!("features: {layers}");
        let layers = text::whole_parts(&layers, columns);
        rows.push(Row::new(Line::of(layers, Role::Dim), Leads::Nowhere));
    }
    let mut head = Line::of(" ".repeat(name), Role::Dim);
    for model in &measure.models[..fitting] {
        let title = text::name(&model.model, CELL - 2);
        head = head.and(text::fit_right(&title, CELL - 1) + " ", Role::Dim);
    }
    rows.push(Row::new(head, Leads::Nowhere));
    let cell = |value: Option<Estimate>, is_best: bool| {
        let mark = if is_best { "*" } else { " " };
        let share = value.map(|v| (100.0 * v.value).round().clamp(0.0, 100.0) as u8);
        let role = share.map_or(Role::Dim, |share| Role::Share(share, is_best));
        let text = text::number(value.map(|v| 100.0 * v.value), 0);
        (format!("{}{mark}", text::fit_right(&text, CELL - 1)), role)
    };
    for at in listed(measure) {
        let class = &measure.classes[at];
        let mut line = Line::named(app, at, name - 1);
        let rest = name.saturating_sub(line.width());
        line = line.and(" ".repeat(rest), Role::Plain);
        for (value, model) in class.values.iter().zip(&measure.models).take(fitting) {
            let (text, role) = cell(*value, class.best.as_ref() == Some(&model.model));
            line = line.and(text, role);
        }
        rows.push(Row::new(line, Leads::Nowhere));
    }
    let mean = "mean of classes";
    let mean = if text::width(mean) <= name {
        mean
    } else {
        "mean"
    };
    for (title, of) in [
        (
            mean,
            (|m| m.balanced) as fn(&crate::comparison::ModelFigure) -> Estimate,
        ),
        ("all samples", |m| m.overall),
    ] {
        let mut line = Line::of(text::fit(title, name), Role::Dim);
        for model in &measure.models[..fitting] {
            let (text, role) = cell(Some(of(model)), false);
            line = line.and(text, role);
        }
        rows.push(Row::new(line, Leads::Nowhere));
    }
    let (left, models) = (
        measure.classes.len().saturating_sub(MOST_CLASSES),
        measure.models.len() - fitting,
    );
    if left + models > 0 {
        let more =
            format!("… {left} more classes and {models} more models are in the sections below");
        rows.push(Row::new(
            Line::of(text::cut(&more, columns), Role::Dim),
            Leads::Nowhere,
        ));
    }
    rows
}

/// The classes in the table at the top: all or, if there are many, those in which the models differ most.
fn listed(measure: &Measure) -> Vec<usize> {
    let mut all: Vec<usize> = (0..measure.classes.len()).collect();
    if all.len() <= MOST_CLASSES {
        return all;
    }
    let spread = |at: &usize| {
        let values = measure.classes[*at]
            .values
            .iter()
            .flatten()
            .map(|v| v.value);
        let (low, high) = values.fold((1.0_f64, 0.0_f64), |(low, high), v| {
            (low.min(v), high.max(v))
        });
        high - low
    };
    all.sort_by(|a, b| spread(b).total_cmp(&spread(a)));
    all.truncate(MOST_CLASSES);
    all.sort_unstable();
    all
}

/// The comparison's text, section by section.
fn sections(app: &App, comparison: &Comparison, columns: usize, rows: &mut Vec<Row>) {
    let text = comparison.to_text(columns.saturating_sub(1));
    let mut curves = comparison.curves.iter().filter(|c| c.layers.len() > 1);
    for (section, paragraph) in text.trim_end().split("\n\n").enumerate() {
        let mut lines = paragraph.lines();
        let first = lines.next().unwrap_or("");
        let (heading, body): (&str, Vec<&str>) = match section {
            0 => ("Data", std::iter::once(first).chain(lines).collect()),
            _ if first.starts_with('(') => (
                "How to read the numbers",
                std::iter::once(first).chain(lines).collect(),
            ),
            _ => (first, lines.collect()),
        };
        let curve = if heading.starts_with("Layers of ") {
            curves.next()
        } else {
            None
        };
        let is_open = (heading == READING) != app.panels.toggled.contains(&section);
        let mark = if is_open { "▾ " } else { "▸ " };
        let heading = match heading {
            ADVICE => "Why keep or discard them",
            other => other,
        };
        let line = Line::of(text::cut(&format!("{mark}{heading}"), columns), Role::Bold);
        rows.push(Row {
            is_open,
            ..Row::new(line, Leads::Section(section))
        });
        if let Some(curve) = curve.filter(|_| is_open) {
            rows.push(Row::new(drawn(curve), Leads::Nowhere));
        }
        if is_open {
            let leads = curve.map_or_else(Vec::new, |curve| steps(app, curve, &body));
            let leads = leads.into_iter().chain(std::iter::repeat(Leads::Nowhere));
            rows.extend(
                body.iter()
                    .zip(leads)
                    .map(|(line, leads)| Row::new(*line, leads)),
            );
        }
    }
}

/// Where the lines of a curve lead: to the layer of a row, and to that after a step.
fn steps(app: &App, curve: &Curve, body: &[&str]) -> Vec<Leads> {
    let layers = curve.layers.iter().map(|layer| set(app, &layer.set));
    let mut leads = vec![Leads::Nowhere];
    leads.extend(layers);
    let mut steps = curve.steps.iter();
    let mut current = Leads::Nowhere;
    for line in &body[leads.len().min(body.len())..] {
        if !line.starts_with("   ") {
            current = steps
                .next()
                .map_or(Leads::Nowhere, |step| set(app, &step.to));
        }
        leads.push(current);
    }
    leads
}

/// The curve of a model as sparklines, each between its least and largest value.
fn drawn(curve: &Curve) -> Line {
    let line = |title: &str, figure: fn(&LayerFigures) -> Estimate| {
        let values: Vec<f64> = curve.layers.iter().map(|l| figure(l).value).collect();
        format!("{title} {}", sparkline(&values))
    };
    let lines = [
        line("probe", |l| l.probe),
        line("hit", |l| l.neighborhood_hit),
        line("loss", |l| l.soft_nearest_neighbor_loss),
    ];
    lines.join("   ").into()
}

fn sparkline(values: &[f64]) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let spread = largest - least;
    let bar = |value: f64| {
        let height = if spread > 0.0 {
            (value - least) / spread
        } else {
            0.5
        };
        BARS[((height * 7.0).round() as usize).min(7)]
    };
    values.iter().map(|&v| bar(v)).collect()
}
