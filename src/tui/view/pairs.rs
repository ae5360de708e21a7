//! The panel of pairs: which classes mix, by two witnesses, in the map, and in the classifier's own
//! answers.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::classes::no_labels;
use super::style;
use super::table::Pen;
use crate::diagnosis::{HeadVerdict, PairMixing, Pairs};
use crate::statistics::Uncertain;
use crate::tui::app::App;
use crate::tui::app::panels::{self, Panel};
use crate::tui::text;

/// What the pairs can be sorted by.
pub(crate) const ORDERS: &[&str] = &[
    "overlap, the smaller of the two",
    "overlap by the neighbors",
    "overlap by the linear rule",
    "overlap in the map",
    "confusion by the classifier",
];

/// Columns of a share with its interval, the space before included.
const SHARE: usize = 9;
/// Columns of a share without one.
const PLAIN: usize = 6;
/// Columns of both directions' share and enrichment.
const DIRECTIONS: usize = 26;
/// Columns of a share with its interval, and of one without, in whole percent.
const SHORT_SHARE: usize = 6;
const SHORT_PLAIN: usize = 4;
/// Least and most columns of a class name.
const NAME: (usize, usize) = (6, 16);

/// Which columns there is room for, and how wide they are.
struct Columns {
    name: usize,
    between: &'static str,
    share: usize,
    plain: usize,
    head: bool,
    map: bool,
    directions: bool,
}

impl Columns {
    fn new(width: usize, has_head: bool) -> Self {
        // The map's figure stands beside those of the features: rather whole percent than none.
        let all = 2 + 3 + 2 * SHARE + 2 * NAME.0 + PLAIN + if has_head { PLAIN + 2 } else { 0 };
        let (between, share, plain) = if width < all {
            ("|", SHORT_SHARE, SHORT_PLAIN)
        } else {
            (" | ", SHARE, PLAIN)
        };
        let fixed = 2 + between.len() + 2 * share;
        let mut left = width.saturating_sub(fixed + 2 * NAME.0);
        let mut take = |columns: usize, wanted: bool| {
            let fits = wanted && left >= columns;
            left -= if fits { columns } else { 0 };
            fits
        };
        let map = take(plain, true);
        let head = take(plain + 2, has_head);
        let directions = take(DIRECTIONS, true);
        Self {
            name: (NAME.0 + left / 2).min(NAME.1),
            between,
            share,
            plain,
            head,
            map,
            directions,
        }
    }

    fn is_short(&self) -> bool {
        self.share == SHORT_SHARE
    }
}

fn pairs(app: &App) -> Option<&Pairs> {
    app.run.diagnosis.as_deref()?.pairs.as_ref()
}

/// The rows of the table.
pub(crate) fn rows(app: &App) -> usize {
    pairs(app).map_or(0, |p| p.listed.len())
}

/// The lines that the panel would like.
pub(crate) fn wish(app: &App) -> u16 {
    if app.panels.chosen == Panel::Pairs {
        4 + panels::rows(rows(app)).max(2)
    } else {
        0
    }
}

fn order(app: &App, pairs: &Pairs) -> Vec<usize> {
    app.state(Panel::Pairs)
        .sorted(pairs.listed.len(), |order, row| {
            let pair = pairs.listed.get(row)?;
            let figure = match order {
                1 => Some(pair.neighbor_overlap),
                2 => pair.linear_overlap,
                3 => pair.map_neighbor_overlap.filter(|_| app.map_figures_hold()),
                _ => pair.head_confusion,
            };
            figure.map(|f| f.value)
        })
}

/// A figure in percent, with a decimal or without.
fn percent(share: f64, decimals: usize) -> String {
    let percent = 100.0 * share;
    if decimals == 0 && percent > 0.0 && percent < 0.5 {
        return "<1".into();
    }
    format!("{percent:.decimals$}")
}

/// A share in percent with the reach of its interval.
fn share(value: Option<Uncertain>, decimals: usize) -> String {
    value.map_or_else(
        || "–".into(),
        |v| {
            let reach = v
                .reach()
                .map_or_else(String::new, |r| format!("±{:.decimals$}", 100.0 * r));
            percent(v.value, decimals) + &reach
        },
    )
}

fn plain(value: Option<Uncertain>, decimals: usize) -> String {
    value.map_or_else(|| "–".into(), |v| percent(v.value, decimals))
}

/// Draws the panel.
pub(crate) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let state = app.state(Panel::Pairs);
    let count = rows(app);
    let fitting = usize::from(area.height.saturating_sub(Panel::Pairs.entry().overhead));
    let first = state.first_of(count, fitting);
    let focused = app.is_focused(Panel::Pairs);
    let shown = style::shown_of(first, fitting, count);
    let has_head = pairs(app).is_some_and(|p| p.listed.iter().any(|p| p.head.is_some()));
    let head = if has_head {
        "head: = mixes, too  ! wastes  + parts better"
    } else {
        ""
    };
    let below = [shown.as_str(), "● mixed; % on the other's side", head];
    let below: Vec<&str> = below.into_iter().filter(|part| !part.is_empty()).collect();
    let title = ("Pairs of classes", below.join(" · "));
    let inner = style::frame(app, (title.0, &title.1), focused, area, buffer);
    if app.classes() == 0 {
        no_labels(inner, buffer);
        return;
    }
    let Some(pairs) = pairs(app) else {
        let waiting = if app.run.diagnosis.is_some() {
            "not computed yet, or fewer than two classes"
        } else {
            "computing"
        };
        Pen::new(buffer, inner, 0).write(waiting, style::DIM);
        return;
    };
    Pen::new(buffer, inner, 0).write(&summary(pairs), style::BOLD);
    let columns = Columns::new(usize::from(inner.width), has_head);
    draw_heading(app, &columns, &mut Pen::new(buffer, inner, 1));
    for (at, row) in order(app, pairs)
        .into_iter()
        .enumerate()
        .skip(first)
        .take(fitting)
    {
        let mut pen = Pen::new(buffer, inner, 2 + (at - first) as u16);
        draw_pair(app, &columns, &pairs.listed[row], &mut pen);
        if focused && state.row == at {
            pen.restyle(style::CURSOR);
        }
    }
}

fn summary(pairs: &Pairs) -> String {
    let least = pairs.thresholds.least_percent();
    if pairs.mixed == 0 {
        format!(
            "no pair of {} overlaps by {least} % or more",
            text::count(pairs.total)
        )
    } else {
        let (mixed, total) = (text::count(pairs.mixed), text::count(pairs.total));
        format!("{mixed} of {total} overlap by {least} % or more")
    }
}

fn draw_heading(app: &App, columns: &Columns, pen: &mut Pen<'_>) {
    let state = app.state(Panel::Pairs);
    pen.skip(2);
    pen.left_in(
        2 * columns.name + columns.between.len(),
        &state.heading(0, "classes"),
        style::DIM,
    );
    let (neighbors, linear, map, head) = if columns.is_short() {
        ("knn", "lin", "map", "hd")
    } else {
        ("neighb.", "linear", "map", "head")
    };
    pen.right_in(columns.share, &state.heading(1, neighbors), style::DIM);
    pen.right_in(columns.share, &state.heading(2, linear), style::DIM);
    if columns.map {
        pen.right_in(columns.plain, &state.heading(3, map), style::DIM);
    }
    if columns.head {
        pen.right_in(columns.plain, &state.heading(4, head), style::DIM);
        pen.skip(2);
    }
    if columns.directions {
        for arrow in ["→", "←"] {
            pen.write(&format!("  {arrow} "), style::DIM);
            pen.right_in(4, "%", style::DIM);
            pen.right_in(5, "×", style::DIM);
        }
    }
}

fn draw_pair(app: &App, columns: &Columns, pair: &PairMixing, pen: &mut Pen<'_>) {
    let look = if pair.mixed { style::BOLD } else { style::DIM };
    pen.write(if pair.mixed { "● " } else { "  " }, look);
    let (a, b) = pair.classes;
    pen.left_in(
        columns.name,
        &app.entry_name(a),
        style::class(app.palette, a as u16),
    );
    pen.write(columns.between, style::DIM);
    pen.left_in(
        columns.name,
        &app.entry_name(b),
        style::class(app.palette, b as u16),
    );
    let decimals = usize::from(!columns.is_short());
    let neighbors = share(Some(pair.neighbor_overlap), decimals);
    pen.right_in(columns.share, &neighbors, look);
    pen.right_in(columns.share, &share(pair.linear_overlap, decimals), look);
    if columns.map {
        let in_map = pair.map_neighbor_overlap.filter(|_| app.map_figures_hold());
        pen.right_in(columns.plain, &plain(in_map, decimals), Style::new());
    }
    if columns.head {
        let head = plain(pair.head_confusion, decimals);
        pen.right_in(columns.plain, &head, Style::new());
        let (mark, look) = match pair.head {
            Some(HeadVerdict::WastesSeparation) => (" !", style::problem(app.palette)),
            Some(HeadVerdict::ConfusesMixed) => (" =", Style::new()),
            Some(HeadVerdict::SeparatesMixed) => (" +", Style::new()),
            _ => ("  ", Style::new()),
        };
        pen.write(mark, look);
    }
    if columns.directions {
        for (direction, arrow) in pair.directions.iter().zip(["→", "←"]) {
            let times =
                (direction.enrichment).map_or_else(String::new, |e| format!("×{:.1}", e.value));
            pen.write(&format!("  {arrow} "), style::DIM);
            pen.right_in(4, &plain(Some(direction.share), 1), Style::new());
            pen.right_in(5, &times, Style::new());
        }
    }
}
