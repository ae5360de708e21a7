//! A recording of the optimization as asciicast, version 2: a line of JSON that describes it, then
//! one per frame with the time and the bytes for the terminal.
//!
//! In: drawings one after the other. Out: text. Of each frame only the lines that changed are
//! written. Times follow from the number of frames, never from a clock: the same map gives the
//! same bytes. Format: docs.asciinema.org, asciicast v2.

use std::fmt::Write as _;

use super::ansi;
use super::drawing::Drawing;
use crate::raster::Area;

/// Seconds between frames.
const INTERVAL: f64 = 0.1;

/// A recording that grows by frames.
#[derive(Debug)]
pub struct Cast {
    area: Area,
    text: String,
    frames: usize,
    shown: Vec<String>,
}

impl Cast {
    /// An empty recording of maps of this size.
    pub fn new(area: Area) -> Self {
        Self {
            area,
            text: String::new(),
            frames: 0,
            shown: Vec::new(),
        }
    }

    /// Adds a frame.
    pub fn push(&mut self, drawing: &Drawing<'_>) {
        let lines = ansi::lines(drawing, self.area);
        let mut output = String::new();
        if self.frames == 0 {
            output.push_str("\x1b[?25l\x1b[2J");
            self.text = header(self.area, lines.len(), &drawing.title);
        }
        for (row, line) in lines.iter().enumerate() {
            if self.shown.get(row) != Some(line) {
                let _ = write!(output, "\x1b[{};1H{line}\x1b[0m\x1b[K", row + 1);
            }
        }
        let time = self.frames as f64 * INTERVAL;
        let event = serde_json::json!([time, "o", output]);
        let _ = writeln!(self.text, "{event}");
        self.frames += 1;
        self.shown = lines;
    }

    /// The recording so far.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// The first line.
fn header(area: Area, rows: usize, title: &str) -> String {
    let header = serde_json::json!({
        "version": 2,
        "width": area.columns,
        "height": rows,
        "title": crate::error::printable(title),
        "env": { "TERM": "xterm-256color" },
    });
    format!("{header}\n")
}
