//! Which part of the screen goes where, by size alone.
//!
//! ```text
//! ┌ title ──────────────────────────────────────────────┐   one line
//! │ map                             │ panels, stacked:   │   side by side from 76 columns,
//! │ (about square: t-SNE maps are)  │ classes, neighbors │   on top of each other where it is
//! │                                 │ ladder, divergence │   narrow and high, else one at a time
//! ├─────────────────────────────────────────────────────┤
//! │ ladder and divergence                                │   from 16 lines
//! │ message, progress or prompt                          │
//! │ keys                                                 │
//! └─────────────────────────────────────────────────────┘
//! ```
//! Nothing is cut off silently: a panel that does not fit is reached with Tab, and its frame says
//! so. Both drawing and mouse clicks ask here.

use ratatui::layout::Rect;

/// The smallest terminal that is drawn to (columns, rows).
pub(crate) const SMALLEST: (u16, u16) = (40, 12);
/// From this width on, panels stand beside the map.
const SIDE_BY_SIDE: u16 = 76;
/// The narrowest and widest that the panels become beside the map.
const PANEL_WIDTHS: (u16, u16) = (40, 96);
/// From this height of the body on, a narrow terminal shows the map above a panel.
const STACKED: u16 = 24;
/// A divergence panel fills what is left from this height on.
const FILLER: u16 = 6;

/// What can stand beside the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Panel {
    /// The map itself, where it does not share the screen.
    Map,
    /// Figures by class, and the legend.
    Classes,
    /// Whose neighbors bear which labels.
    Neighbors,
    /// Perplexities side by side.
    Ladder,
    /// The divergence over the iterations; fills spare room.
    Divergence,
}

/// The panels that Tab leads through, besides the map.
pub(crate) const PANELS: [Panel; 3] = [Panel::Classes, Panel::Neighbors, Panel::Ladder];

impl Panel {
    /// Its name on the frame.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Map => "Map",
            Self::Classes => "Classes",
            Self::Neighbors => "Neighbors",
            Self::Ladder => "Ladder",
            Self::Divergence => "Divergence",
        }
    }
}

/// Where everything is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Screen {
    /// The first line.
    pub(crate) title: Rect,
    /// The map with its frame, if it is shown.
    pub(crate) map: Option<Rect>,
    /// The panels shown with their frames, from the top.
    pub(crate) panels: Vec<(Panel, Rect)>,
    /// Ladder and divergence, if there is room.
    pub(crate) status: Option<Rect>,
    /// Messages, progress, prompts.
    pub(crate) message: Rect,
    /// The keys.
    pub(crate) footer: Rect,
    /// True where Tab leads to the map too, because it does not share the screen.
    pub(crate) one_at_a_time: bool,
}

impl Screen {
    /// The rectangle of a panel, if it is shown.
    pub(crate) fn panel(&self, panel: Panel) -> Option<Rect> {
        self.panels
            .iter()
            .find_map(|(p, rect)| (*p == panel).then_some(*rect))
    }
}

/// The rows that each of [`PANELS`] would like, its frame included.
pub(crate) type Wishes = [u16; 3];

/// Lays out a screen, or `None` if it is smaller than [`SMALLEST`].
pub(crate) fn arrange(area: Rect, focus: Panel, wishes: Wishes) -> Option<Screen> {
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        return None;
    }
    let line = |row: u16| Rect::new(area.x, area.y + row, area.width, 1);
    let status_lines = u16::from(area.height >= 16);
    let body = Rect::new(
        area.x,
        area.y + 1,
        area.width,
        area.height - 3 - status_lines,
    );
    let mut screen = Screen {
        title: line(0),
        status: (status_lines > 0).then(|| line(area.height - 3)),
        message: line(area.height - 2),
        footer: line(area.height - 1),
        ..Screen::default()
    };
    if body.width >= SIDE_BY_SIDE {
        let (map, side) = split_columns(body);
        screen.map = Some(map);
        screen.panels = stack(side, in_panel(focus), wishes);
    } else if body.height >= STACKED {
        let below = (body.height / 2).min(wishes.into_iter().max().unwrap_or(0).max(8));
        let (map, rest) = split_rows(body, body.height - below);
        screen.map = Some(map);
        screen.panels = stack(rest, in_panel(focus), wishes);
    } else {
        screen.one_at_a_time = true;
        if focus == Panel::Map {
            screen.map = Some(body);
        } else {
            screen.panels = vec![(focus, body)];
        }
    }
    Some(screen)
}

/// The panel meant where the map is shown anyway.
fn in_panel(focus: Panel) -> Panel {
    if focus == Panel::Map {
        Panel::Classes
    } else {
        focus
    }
}

/// Map and panels beside each other: the map about square, the panels within their limits.
fn split_columns(body: Rect) -> (Rect, Rect) {
    // Two cells of frame each way; a cell is twice as high as wide.
    let square = (2 * body.height).saturating_sub(2);
    let narrowest = (body.width * 2 / 5).clamp(PANEL_WIDTHS.0, PANEL_WIDTHS.1);
    let side = body
        .width
        .saturating_sub(square)
        .clamp(narrowest, PANEL_WIDTHS.1)
        .min(body.width * 11 / 20);
    let map = Rect {
        width: body.width - side,
        ..body
    };
    let side = Rect {
        x: map.right(),
        width: side,
        ..body
    };
    (map, side)
}

/// The upper `rows` rows and the rest.
fn split_rows(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    (
        Rect {
            height: rows,
            ..area
        },
        Rect {
            y: area.y + rows,
            height: area.height - rows,
            ..area
        },
    )
}

/// Stacks the panels: the one in focus first of all, then the others as far as they fit whole;
/// what is left goes to the divergence, or to the last of them.
fn stack(area: Rect, focus: Panel, wishes: Wishes) -> Vec<(Panel, Rect)> {
    let wish = |panel: Panel| {
        let at = PANELS.iter().position(|p| *p == panel).unwrap_or(0);
        wishes[at]
    };
    let mut left = area.height.saturating_sub(wish(focus));
    let mut shown = vec![focus];
    for panel in PANELS {
        if panel != focus && wish(panel) <= left {
            left -= wish(panel);
            shown.push(panel);
        }
    }
    let mut panels = Vec::new();
    let mut rest = area;
    for panel in PANELS.into_iter().filter(|p| shown.contains(p)) {
        let (here, below) = split_rows(rest, wish(panel));
        panels.push((panel, here));
        rest = below;
    }
    if rest.height >= FILLER {
        panels.push((Panel::Divergence, rest));
    } else if let Some((_, last)) = panels.last_mut() {
        last.height += rest.height;
    }
    panels
}

#[cfg(test)]
mod tests {
    use super::*;

    const WISHES: Wishes = [10, 9, 9];

    fn at(width: u16, height: u16, focus: Panel) -> Screen {
        arrange(Rect::new(0, 0, width, height), focus, WISHES).unwrap()
    }

    #[test]
    fn everything_stays_within_the_screen_and_apart() {
        for width in (SMALLEST.0..=130).chain([200, 220, 300, 1000]) {
            for height in SMALLEST.1..=60 {
                for focus in [Panel::Map, Panel::Classes, Panel::Neighbors, Panel::Ladder] {
                    let screen = at(width, height, focus);
                    let mut parts = vec![screen.title, screen.message, screen.footer];
                    parts.extend(screen.status);
                    parts.extend(screen.map);
                    parts.extend(screen.panels.iter().map(|p| p.1));
                    let full = Rect::new(0, 0, width, height);
                    let sum: u32 = parts.iter().map(|p| p.area()).sum();
                    assert_eq!(sum, full.area(), "{width}×{height} {focus:?}");
                    assert!(parts.iter().all(|p| full.intersection(*p) == *p));
                    if focus != Panel::Map {
                        assert!(screen.panel(focus).is_some());
                    }
                }
            }
        }
    }

    #[test]
    fn the_usual_sizes_show_what_they_should() {
        let small = at(80, 24, Panel::Map);
        assert_eq!(small.map.unwrap().width, 38);
        assert_eq!(small.panels[0].0, Panel::Classes);
        let large = at(200, 50, Panel::Map);
        let panels: Vec<Panel> = large.panels.iter().map(|p| p.0).collect();
        assert_eq!(
            panels,
            [
                Panel::Classes,
                Panel::Neighbors,
                Panel::Ladder,
                Panel::Divergence
            ]
        );
        assert!(at(40, 12, Panel::Map).one_at_a_time);
        assert!(at(40, 12, Panel::Ladder).map.is_none());
        assert_eq!(arrange(Rect::new(0, 0, 39, 50), Panel::Map, WISHES), None);
    }
}
