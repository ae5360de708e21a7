//! Maps as SVG within the page, and the legend of the classes.

use maud::{Markup, PreEscaped, html};

use super::super::Document;
use super::super::block::MapFigure;
use super::Shown;
use crate::dataset::UNLABELED;
use crate::error::Result;
use crate::export::{PictureSize, mark_to_svg, to_embedded_svg};
use crate::palette::Background;
use crate::text;

/// A large map, and a small one. Letters are as large as at this number of pixels per inch.
const LARGE: PictureSize = PictureSize {
    width: 960,
    height: 720,
    dpi: 140,
};
const SMALL: PictureSize = PictureSize {
    width: 320,
    height: 240,
    dpi: 80,
};
/// Parts of a pixel to which places are exact.
const LARGE_PARTS: f64 = 10.0;
const SMALL_PARTS: f64 = 4.0;
/// Classes in a legend.
const MOST_CLASSES: usize = 200;
/// Columns of a name in a legend.
const NAME: usize = 32;

/// A large map with its legend.
pub(super) fn large(document: &Document, map: &MapFigure) -> Result<Markup> {
    let drawing = document.drawing(map);
    let picture = to_embedded_svg(&drawing, LARGE, LARGE_PARTS)?;
    Ok(html! {
        figure.map {
            (svg(map, LARGE, picture))
            (legend(document))
            figcaption { (Shown(&map.caption)) }
        }
    })
}

/// Small maps side by side.
pub(super) fn strip(document: &Document, maps: &[MapFigure]) -> Result<Markup> {
    let mut pictures = Vec::new();
    for map in maps {
        let sampled = document.sampled(map);
        let picture = to_embedded_svg(&sampled.drawing(document), SMALL, SMALL_PARTS)?;
        let drawn = sampled
            .remark()
            .map_or_else(String::new, |remark| format!(" {remark}"));
        pictures.push((map, picture, drawn));
    }
    Ok(html! {
        div.strip {
            @for (map, picture, drawn) in pictures {
                figure.map {
                    (svg(map, SMALL, picture))
                    figcaption { (Shown(&map.caption)) (drawn) }
                }
            }
        }
    })
}

fn svg(map: &MapFigure, size: PictureSize, content: String) -> Markup {
    html! {
        svg role="img" aria-label=(Shown(&map.title)) viewBox={ "0 0 " (size.width) " " (size.height) } {
            (PreEscaped(content))
        }
    }
}

/// The mark of a class.
pub(super) fn mark(document: &Document, class: usize) -> Markup {
    let class = document
        .legend
        .get(class)
        .map_or(UNLABELED, |entry| entry.class);
    let mark = Document::palette(Background::Light).mark(class);
    html! {
        svg.mark viewBox="0 0 20 20" aria-hidden="true" { (PreEscaped(mark_to_svg(mark, class))) }
    }
}

fn legend(document: &Document) -> Markup {
    let all = document.legend.len();
    let shown = all.min(MOST_CLASSES);
    html! {
        @if all > 0 {
            ul.legend aria-label="Classes" {
                @for (at, entry) in document.legend[..shown].iter().enumerate() {
                    li data-class=(at) {
                        (mark(document, at))
                        bdi { (Shown(&text::name(&entry.name, NAME))) }
                        span.count { " " (text::count(entry.count)) }
                    }
                }
                @if all > shown { li { "and " (text::count(all - shown)) " more" } }
            }
        }
    }
}
