//! Reports in a notebook: their text, cut to the screen.

use super::display::shown;
use super::show::{Block, Content, Show};
use crate::report::{Report, StabilityReport};

impl Show for Report {
    fn content(&self) -> Content<'_> {
        vec![Block::Lines(Box::new(|width| self.to_text(width)))]
    }
}

impl Show for StabilityReport {
    fn content(&self) -> Content<'_> {
        vec![Block::Lines(Box::new(|_| self.to_text()))]
    }
}

shown!(Report, StabilityReport);
