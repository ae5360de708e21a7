//! Tables: with dots and intervals beside numbers, and shares as shades of one color.

use maud::{Markup, html};

use super::super::Document;
use super::super::block::{Cell, Column, Heat, Look, Row, Table};
use super::{Shown, colors, map};

/// Width of an axis.
const AXIS: f64 = 100.0;
/// Text up to this length (characters) stands on one line.
const SHORT: usize = 24;

/// A table that scrolls sideways where it is too wide.
pub(super) fn table(document: &Document, table: &Table) -> Markup {
    html! {
        div.scroll role="group" tabindex="0" aria-label=(Shown(&table.caption)) {
            table.sortable {
                caption { span { (Shown(&table.caption)) } }
                thead {
                    tr {
                        @for column in &table.columns {
                            th scope="col" class=[column.is_number.then_some("number")] { (Shown(&column.name)) }
                        }
                    }
                }
                tbody { @for row in &table.rows { (cells(document, &table.columns, row)) } }
                @if let Some(last) = &table.last {
                    tfoot { (cells(document, &table.columns, last)) }
                }
            }
        }
    }
}

fn cells(document: &Document, columns: &[Column], row: &Row) -> Markup {
    html! {
        tr data-class=[row.class] {
            @for (at, cell) in row.cells.iter().enumerate() {
                @let is_number = columns.get(at).is_some_and(|c| c.is_number);
                @if at == 0 {
                    th scope="row" data-value=[cell.value] class=[is_number.then_some("number")] {
                        (content(document, cell))
                    }
                } @else {
                    td data-value=[cell.value] class=[kind(cell, is_number)] { (content(document, cell)) }
                }
            }
        }
    }
}

/// How a cell is laid out: a number, or text of several lines.
fn kind(cell: &Cell, is_number: bool) -> Option<&'static str> {
    if is_number {
        return Some("number");
    }
    (cell.text.chars().count() > SHORT).then_some("long")
}

fn content(document: &Document, cell: &Cell) -> Markup {
    match cell.look {
        Look::Plain => html! { (Shown(&cell.text)) },
        Look::Class(class) => html! { (map::mark(document, class)) bdi { (Shown(&cell.text)) } },
        Look::Interval {
            estimate,
            axis: (from, to),
            reference,
        } => {
            let place = |value: f64| {
                let at = AXIS * ((value - from) / (to - from)).clamp(0.0, 1.0);
                (10.0 * at).round() / 10.0
            };
            let ends = estimate.low.zip(estimate.high);
            html! {
                span.value { (Shown(&cell.text)) }
                svg.interval viewBox="-4 0 108 14" aria-hidden="true" {
                    path.axis d={ "M0 7H" (AXIS) } {}
                    @if let Some(reference) = reference {
                        path.reference d={ "M" (place(reference)) " 1V13" } {}
                    }
                    @if let Some((low, high)) = ends {
                        path.range d={ "M" (place(low)) " 7H" (place(high)) } {}
                    }
                    circle cx=(place(estimate.value)) cy="7" r="3" {}
                }
            }
        }
    }
}

/// Shares of classes among classes.
pub(super) fn heat(heat: &Heat) -> Markup {
    html! {
        div.scroll role="group" tabindex="0" aria-label=(Shown(&heat.caption)) {
            table.heat {
                caption { span { (Shown(&heat.caption)) } }
                thead {
                    tr {
                        td {}
                        @for label in &heat.labels { th scope="col" { bdi { (Shown(label)) } } }
                    }
                }
                tbody {
                    @for (at, (label, row)) in heat.labels.iter().zip(&heat.rows).enumerate() {
                        tr data-class=(at) {
                            th scope="row" { bdi { (Shown(label)) } }
                            @for cell in row {
                                td class={ "h" (colors::level(cell.share)) } title=(Shown(&cell.title)) {
                                    (crate::text::plain(100.0 * cell.share, 1))
                                    @if cell.is_marked { span.above { "▲" } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
