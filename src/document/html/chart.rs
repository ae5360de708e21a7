//! The curve over the layers: a point and its interval for each layer.

use maud::{Markup, html};

use super::super::block::{Curve, Line};
use super::Shown;
use crate::statistics::Estimate;
use crate::text;

/// Size of the drawing, and of what surrounds the curve in it.
const WIDTH: f64 = 760.0;
const TOP: f64 = 12.0;
const LEFT: f64 = 48.0;
const RIGHT: f64 = 150.0;
const HEIGHT: f64 = 220.0;
/// Between two names at the right end.
const LINE: f64 = 16.0;
/// Columns of a layer's name below the curve.
const NAME: usize = 16;

/// A chart that scrolls sideways where it is too wide.
pub(super) fn curve(curve: &Curve) -> Markup {
    let turned = curve.layers.len() > 5;
    let bottom = if turned { 96.0 } else { 32.0 };
    let ends = ends(&curve.lines);
    html! {
        figure.chart {
            div.scroll role="group" tabindex="0" aria-label=(Shown(&curve.title)) {
                svg role="img" aria-label=(Shown(&description(curve)))
                    viewBox={ "0 0 " (WIDTH) " " (TOP + HEIGHT + bottom) } {
                    @for percent in [0, 25, 50, 75, 100] {
                        @let y = down(f64::from(percent) / 100.0);
                        path.grid d={ "M" (LEFT) " " (y) "H" (WIDTH - RIGHT) } {}
                        text.scale x=(LEFT - 8.0) y=(y + 4.0) { (percent) "%" }
                    }
                    @for (at, layer) in curve.layers.iter().enumerate() {
                        @let (x, y) = (across(curve, at, 0.0), TOP + HEIGHT + 20.0);
                        @if turned {
                            text.layer.turned x=(x) y=(y) transform={ "rotate(-40 " (x) " " (y) ")" } {
                                (Shown(&text::name(layer, NAME)))
                            }
                        } @else {
                            text.layer x=(x) y=(y) { (Shown(&text::name(layer, NAME))) }
                        }
                    }
                    @for (number, line) in curve.lines.iter().enumerate() {
                        g class={ "line l" (number) } {
                            (points(curve, number, line))
                            @if let Some(end) = ends[number] {
                                text.name x=(WIDTH - RIGHT + 8.0) y=(end + 4.0) { (Shown(&line.name)) }
                            }
                        }
                    }
                }
            }
            figcaption { (Shown(&curve.title)) " (bars: 95% interval)" }
        }
    }
}

fn rounded(value: f64) -> f64 {
    (10.0 * value).round() / 10.0
}

fn down(share: f64) -> f64 {
    rounded(TOP + HEIGHT * (1.0 - share.clamp(0.0, 1.0)))
}

/// Where a layer stands; lines are a little apart, so that intervals do not cover each other.
fn across(curve: &Curve, at: usize, shift: f64) -> f64 {
    let room = WIDTH - RIGHT - LEFT - 40.0;
    let steps = curve.layers.len().saturating_sub(1).max(1) as f64;
    rounded(LEFT + 20.0 + room * at as f64 / steps + shift)
}

fn points(curve: &Curve, number: usize, line: &Line) -> Markup {
    let shift = 6.0 * number as f64 - 3.0;
    let places = line.values.iter().enumerate();
    let places: Vec<(f64, Estimate)> = places
        .filter_map(|(at, value)| Some((across(curve, at, shift), (*value)?)))
        .collect();
    let path: Vec<String> = places
        .iter()
        .map(|(x, value)| format!("{x} {}", down(value.value)))
        .collect();
    html! {
        path.course d={ "M" (path.join("L")) } {}
        @for (x, value) in &places {
            @if let Some((low, high)) = value.low.zip(value.high) {
                path.range d={ "M" (x) " " (down(low)) "V" (down(high)) } {}
            }
            @if number == 0 {
                circle cx=(x) cy=(down(value.value)) r="4" {}
            } @else {
                rect x=(rounded(x - 4.0)) y=(rounded(down(value.value) - 4.0)) width="8" height="8" {}
            }
        }
    }
}

/// Where the names of the lines stand: at their ends, but never over each other.
fn ends(lines: &[Line]) -> Vec<Option<f64>> {
    let mut ends: Vec<Option<f64>> = lines
        .iter()
        .map(|line| Some(down(line.values.last().copied().flatten()?.value)))
        .collect();
    let mut order: Vec<usize> = (0..ends.len()).filter(|&n| ends[n].is_some()).collect();
    order.sort_by(|&a, &b| ends[a].unwrap_or(0.0).total_cmp(&ends[b].unwrap_or(0.0)));
    let mut least = f64::MIN;
    for number in order {
        let end = ends[number].unwrap_or(0.0).max(least);
        ends[number] = Some(end);
        least = end + LINE;
    }
    ends
}

/// The values in words, for readers who do not see the drawing.
fn description(curve: &Curve) -> String {
    let lines = curve.lines.iter().map(|line| {
        let values = curve.layers.iter().zip(&line.values).map(|(layer, value)| {
            let value = text::percent_with(value.map(|v| v.value), 1);
            format!("{layer} {value}")
        });
        format!("{}: {}", line.name, values.collect::<Vec<_>>().join(", "))
    });
    format!("{}. {}.", curve.title, lines.collect::<Vec<_>>().join("; "))
}
