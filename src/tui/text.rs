//! Text on the screen: see [`crate::text`].
pub(crate) use crate::text::*;
