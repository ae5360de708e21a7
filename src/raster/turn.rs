//! How a map is turned in its picture. The positions stay as they are.

/// A rotation of the map in its picture.
///
/// ```
/// use disentangle::raster::{Area, Turn, Viewport};
/// let upright = [[0.0, 0.0], [0.0, 9.0], [1.0, 3.0], [1.0, 6.0]];
/// let area = Area::new(40, 10);
/// let turn = Turn::to_fill(area, &upright, Turn::default());
/// assert!(Viewport::fit_turned(&upright, area, turn).scale() < Viewport::fit(&upright, area).scale());
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turn {
    /// Cosine and sine of the angle, counterclockwise.
    cos: f64,
    sin: f64,
}

impl Default for Turn {
    fn default() -> Self {
        Self { cos: 1.0, sin: 0.0 }
    }
}

impl Turn {
    /// Its angle in whole degrees, counterclockwise.
    #[cfg(feature = "tui")]
    pub(crate) fn degrees(self) -> i32 {
        self.sin.atan2(self.cos).to_degrees().round() as i32
    }

    /// A turn by an angle, counterclockwise.
    pub(crate) fn by_degrees(degrees: i32) -> Self {
        match degrees.rem_euclid(360) {
            0 => Self::default(),
            90 => Self { cos: 0.0, sin: 1.0 },
            180 => Self {
                cos: -1.0,
                sin: 0.0,
            },
            270 => Self {
                cos: 0.0,
                sin: -1.0,
            },
            degrees => {
                let (sin, cos) = f64::from(degrees).to_radians().sin_cos();
                Self { cos, sin }
            }
        }
    }

    /// The same, and a quarter more.
    pub(super) fn then_quarter(self) -> Self {
        Self {
            cos: -self.sin,
            sin: self.cos,
        }
    }

    /// The same, upside down.
    pub(super) fn opposite(self) -> Self {
        Self {
            cos: -self.cos,
            sin: -self.sin,
        }
    }

    /// The cosine of the angle between two turns.
    pub(super) fn likeness(self, other: Self) -> f64 {
        self.cos * other.cos + self.sin * other.sin
    }

    /// Where a step on the map leads in the picture.
    pub fn apply(self, [x, y]: [f64; 2]) -> [f64; 2] {
        [self.cos * x - self.sin * y, self.sin * x + self.cos * y]
    }

    /// Where a step in the picture leads on the map.
    pub fn undo(self, [x, y]: [f64; 2]) -> [f64; 2] {
        [self.cos * x + self.sin * y, self.cos * y - self.sin * x]
    }
}
