//! The shapes of marks: discs, triangles, squares and diamonds, filled and open.

#[cfg(feature = "png")]
use tiny_skia::{Path, PathBuilder};

/// Width of the outline of open shapes, as a share of their radius.
pub(super) const OUTLINE: f64 = 0.5;

/// A mark's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    kind: Kind,
    is_open: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Disc,
    Triangle,
    Square,
    Diamond,
}

impl Shape {
    /// The shape of a mark of the palette; a disc for every other character.
    pub(super) fn of(mark: char) -> Self {
        let kind = match mark {
            '▲' | '△' => Kind::Triangle,
            '■' | '□' => Kind::Square,
            '◆' | '◇' => Kind::Diamond,
            _ => Kind::Disc,
        };
        let is_open = matches!(mark, '○' | '△' | '□' | '◇');
        Self { kind, is_open }
    }

    /// True if only the outline is drawn.
    pub(super) fn is_open(self) -> bool {
        self.is_open
    }

    /// True for a filled disc.
    pub(super) fn is_disc(self) -> bool {
        self.kind == Kind::Disc && !self.is_open
    }

    /// The corners around the middle, clockwise; none for a disc. All shapes cover about the same area
    /// as a disc of this radius.
    pub(super) fn corners(self, radius: f64) -> Vec<[f64; 2]> {
        let corners: &[[f64; 2]] = match self.kind {
            Kind::Disc => &[],
            Kind::Triangle => &[[0.0, -1.35], [1.25, 0.85], [-1.25, 0.85]],
            Kind::Square => &[[-0.88, -0.88], [0.88, -0.88], [0.88, 0.88], [-0.88, 0.88]],
            Kind::Diamond => &[[0.0, -1.25], [1.25, 0.0], [0.0, 1.25], [-1.25, 0.0]],
        };
        corners.iter().map(|c| c.map(|v| v * radius)).collect()
    }
}

/// The outline of a shape around the origin.
#[cfg(feature = "png")]
pub(super) fn outline(shape: Shape, radius: f64) -> Option<Path> {
    let corners = shape.corners(radius);
    let Some((first, rest)) = corners.split_first() else {
        return PathBuilder::from_circle(0.0, 0.0, radius as f32);
    };
    let mut path = PathBuilder::new();
    path.move_to(first[0] as f32, first[1] as f32);
    for [x, y] in rest {
        path.line_to(*x as f32, *y as f32);
    }
    path.close();
    path.finish()
}
