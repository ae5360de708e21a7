//! The panel of the map's fidelity: how much of the neighborhoods it keeps, by class, and where it
//! shows classes otherwise than the features hold.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::style;
use super::table::Pen;
use crate::diagnosis::{Estimate, Fidelity, Misleading, MisleadingPair, Stability};
use crate::tui::app::App;
use crate::tui::app::panels::Panel;
use crate::tui::text;

/// Columns of a figure.
const FIGURE: usize = 7;
/// The narrowest and widest column of names.
const NAME: (usize, usize) = (8, 24);

/// One line: its cells side by side, or a sentence.
enum Line {
    Figures(String, [String; 4], Style),
    Text(String, Style),
}

/// All lines, wrapped to the width of the panel.
fn lines(app: &App, area: Rect) -> Vec<Line> {
    let columns = usize::from(area.width.saturating_sub(2)).max(8);
    let mut out = Vec::new();
    let say = |text: &str, look: Style, out: &mut Vec<Line>| {
        out.extend((text::wrap(text, columns).into_iter()).map(|line| Line::Text(line, look)));
    };
    let diagnosis = app
        .run
        .diagnosis
        .as_deref()
        .filter(|_| app.map_figures_hold());
    let Some(fidelity) = diagnosis.and_then(|d| d.fidelity.as_ref()) else {
        say("No map is measured yet.", style::DIM, &mut out);
        return out;
    };
    table(app, fidelity, &mut out);
    if let Some(anchors) = fidelity.anchors {
        let text = format!("~ from {} anchors", text::count(anchors));
        say(&text, style::DIM, &mut out);
    }
    if let Some(correlation) = fidelity.distance_correlation {
        let error = correlation
            .standard_error
            .map(|e| format!(" ± {:.2}", 1.96 * e));
        let text = format!(
            "Distances near and far: rank correlation {:.2}{}.",
            correlation.value,
            error.unwrap_or_default()
        );
        say(&text, Style::new(), &mut out);
    }
    for text in diagnosis
        .and_then(|d| d.stability.as_deref())
        .map(|s| stability(app, s))
        .unwrap_or_default()
    {
        say(&text, Style::new(), &mut out);
    }
    let Some(mixing) = &fidelity.mixing else {
        return out;
    };
    for (kind, head) in [
        (Misleading::MixedInMap, "Mixed here, less in the features:"),
        (
            Misleading::HiddenInMap,
            "Hidden here, mixed in the features:",
        ),
    ] {
        let of_kind = |pair: &&MisleadingPair| pair.kind == kind;
        let all = mixing.misleading.iter().chain(&mixing.misleading_hits);
        let mut named = all.filter(of_kind).peekable();
        if named.peek().is_some() {
            say(head, style::BOLD, &mut out);
        }
        for pair in named {
            say(&sentence(app, pair), Style::new(), &mut out);
        }
    }
    if mixing.misleading.is_empty() && mixing.misleading_hits.is_empty() {
        let text = "The map mixes the classes as the features do, as far as can be told.";
        say(text, Style::new(), &mut out);
    }
    if fidelity.trustworthiness.is_none() {
        let text = "trustworthiness, continuity and R_NX come when the map stands still";
        say(text, style::DIM, &mut out);
    }
    out
}

/// What the maps of all visited perplexities have in common.
fn stability(app: &App, found: &Stability) -> Vec<String> {
    let kept = found.mean_kept;
    let error = kept.standard_error.map(|e| format!(" ± {:.0}", 196.0 * e));
    let mut out = vec![format!(
        "{} maps at other perplexities: {:.0}{} % of the neighbors in one are neighbors in another.",
        found.maps,
        100.0 * kept.value,
        error.unwrap_or_default()
    )];
    let classes = found.classes.iter().enumerate();
    let in_some = classes.filter_map(|(c, class)| Some((c, class.apart.filter(|&a| a > 0)?)));
    let named: Vec<String> = in_some
        .map(|(c, maps)| {
            format!(
                "{} in {maps} of {}",
                text::cut(&app.entry_name(c), 16),
                found.maps
            )
        })
        .collect();
    if !named.is_empty() {
        out.push(format!("Apart in the map: {}.", named.join(", ")));
    }
    out
}

/// The figures overall, then by class.
fn table(app: &App, fidelity: &Fidelity, out: &mut Vec<Line>) {
    let head = ["trust", "contin", "recall", "R_NX"].map(str::to_owned);
    let k = format!("{} near", fidelity.k);
    out.push(Line::Figures(k, head, style::DIM));
    let figures = [
        fidelity.trustworthiness,
        fidelity.continuity,
        fidelity.knn_recall,
        fidelity.rnx_area,
    ];
    out.push(Line::Figures(
        "all".into(),
        figures.map(decimal),
        style::BOLD,
    ));
    for (c, class) in fidelity.classes.iter().enumerate() {
        let figures = [
            class.trustworthiness,
            class.continuity,
            class.knn_recall,
            class.rnx_area,
        ];
        let name = format!("{} {}", app.palette.mark(c as u16), app.entry_name(c));
        out.push(Line::Figures(name, figures.map(decimal), Style::new()));
    }
}

/// " 2 → 1: 16% of neighbors, 9% in the features (+7 ±3)".
fn sentence(app: &App, pair: &MisleadingPair) -> String {
    let name = |class: usize| text::cut(&app.entry_name(class), 16).into_owned();
    let who = if pair.from == pair.to {
        format!("{} itself", name(pair.from))
    } else {
        format!("{} → {}", name(pair.from), name(pair.to))
    };
    format!(
        " {who}: {} of neighbors, {} in the features ({:+.0} ± {:.0})",
        text::percent(Some(pair.map)),
        text::percent(Some(pair.features)),
        100.0 * pair.difference,
        196.0 * pair.standard_error
    )
}

/// A figure, marked if it is an estimate; `–` where it is not computed.
fn decimal(figure: Option<Estimate>) -> String {
    figure.map_or_else(
        || "–".into(),
        |f| {
            let mark = if f.standard_error.is_some() { "~" } else { "" };
            format!("{mark}{:.3}", f.value)
        },
    )
}

/// Lines in this panel.
pub(crate) fn rows(app: &App, area: Rect) -> usize {
    lines(app, area).len()
}

/// Draws the panel.
pub(crate) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let lines = lines(app, area);
    let fitting = usize::from(area.height.saturating_sub(Panel::Fidelity.entry().overhead));
    let first = app.state(Panel::Fidelity).first_of(lines.len(), fitting);
    let below = style::shown_of(first, fitting, lines.len());
    let title = ("Fidelity · can the map be believed?", below.as_str());
    let inner = style::frame(app, title, app.is_focused(Panel::Fidelity), area, buffer);
    let name = usize::from(inner.width)
        .saturating_sub(4 * FIGURE)
        .clamp(NAME.0, NAME.1);
    for (row, line) in lines.iter().skip(first).take(fitting).enumerate() {
        let mut pen = Pen::new(buffer, inner, row as u16);
        match line {
            Line::Text(text, look) => pen.write(text, *look),
            Line::Figures(label, figures, look) => {
                pen.left_in(name, label, *look);
                for figure in figures {
                    pen.right_in(FIGURE, figure, *look);
                }
            }
        }
    }
}
