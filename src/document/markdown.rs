//! The report as Markdown, with the maps as pictures beside it, or as braille in the text.

use std::fmt::Write as _;

use super::Document;
use super::block::{Block, Cell, Heat, Item, MapFigure, Row, Table};
use super::contents::{contents, subject};
use crate::error::{Result, printable};
use crate::export::{Drawing, PictureSize, to_plain_text, to_svg};
use crate::raster::Area;
use crate::text;

/// Size of a picture, and of a map in characters.
const LARGE: PictureSize = PictureSize {
    width: 1600,
    height: 1200,
    dpi: 200,
};
const SMALL: PictureSize = PictureSize {
    width: 800,
    height: 600,
    dpi: 100,
};
const TEXT: [u16; 2] = [100, 36];

/// Where the maps go.
#[derive(Clone, Copy)]
pub(crate) enum Pictures<'a> {
    /// Into files whose names begin with this.
    Beside(&'a str),
    /// Into the text.
    Inline,
}

/// A text, and the files that belong to it: names and contents.
pub(crate) struct Written {
    pub(crate) text: String,
    pub(crate) files: Vec<(String, String)>,
}

/// The text and its files.
pub(super) fn write(document: &Document, pictures: Pictures<'_>) -> Result<Written> {
    let mut writer = Writer {
        document,
        pictures,
        text: String::new(),
        files: Vec::new(),
    };
    let title = if document.name.is_empty() {
        "Report"
    } else {
        &document.name
    };
    writer.paragraph(&format!("# {}", escaped(title)));
    writer.paragraph(&escaped(&subject(document)));
    for block in contents(document) {
        writer.block(&block)?;
    }
    Ok(Written {
        text: writer.text,
        files: writer.files,
    })
}

struct Writer<'a> {
    document: &'a Document,
    pictures: Pictures<'a>,
    text: String,
    files: Vec<(String, String)>,
}

impl Writer<'_> {
    /// Adds lines and an empty one.
    fn paragraph(&mut self, text: &str) {
        let _ = writeln!(self.text, "{}\n", text.trim_end());
    }

    fn block(&mut self, block: &Block) -> Result<()> {
        match block {
            Block::Heading { level, text } => {
                let marks = "#".repeat(usize::from(*level));
                self.paragraph(&format!("{marks} {}", escaped(text)));
            }
            Block::Text(text) | Block::Note(text) => self.paragraph(&escaped(text)),
            Block::List(items) => self.list(items),
            Block::Terms(terms) => {
                let line = |(term, text): &(String, String)| {
                    format!("- **{}**: {}\n", escaped(term), escaped(text))
                };
                self.paragraph(&terms.iter().map(line).collect::<String>());
            }
            Block::Table(table) => self.table(table),
            Block::Heat(heat) => self.heat(heat),
            Block::Map(map) => {
                let drawing = self.document.drawing(map);
                self.map(map, &drawing, LARGE)?;
            }
            Block::Strip(maps) => {
                for map in maps {
                    let sampled = self.document.sampled(map);
                    self.map(map, &sampled.drawing(self.document), SMALL)?;
                    if let Some(remark) = sampled.remark() {
                        self.paragraph(&escaped(&remark));
                    }
                }
            }
            // Its values are in the table that follows.
            Block::Curve(_) => {}
            Block::Drawn(_, lines) => {
                let lines: Vec<String> = lines.iter().map(|line| printable(line)).collect();
                self.code(&lines.join("\n"));
            }
            Block::Command(text) => self.code(&printable(text)),
        }
        Ok(())
    }

    /// Lines as they are.
    fn code(&mut self, lines: &str) {
        // Longer than any fence within.
        let mut longest = 0;
        let mut run = 0;
        for c in lines.chars() {
            run = if c == '`' { run + 1 } else { 0 };
            longest = longest.max(run);
        }
        let fence = "`".repeat((longest + 1).max(3));
        self.paragraph(&format!(
            "{fence}text\n{}\n{fence}",
            lines.trim_end_matches('\n')
        ));
    }

    fn list(&mut self, items: &[Item]) {
        let line = |item: &Item| {
            if item.about.is_empty() {
                format!("- {}\n", escaped(&item.text))
            } else {
                format!("- **{}**: {}\n", escaped(&item.about), escaped(&item.text))
            }
        };
        self.paragraph(&items.iter().map(line).collect::<String>());
    }

    fn table(&mut self, table: &Table) {
        let heads: Vec<String> = table.columns.iter().map(|c| escaped(&c.name)).collect();
        let rules = table.columns.iter();
        let rules: Vec<&str> = rules
            .map(|c| if c.is_number { "---:" } else { "---" })
            .collect();
        let mut lines = vec![line(&heads), line(&rules)];
        let cells = |row: &Row| line(&row.cells.iter().map(cell).collect::<Vec<_>>());
        lines.extend(table.rows.iter().chain(&table.last).map(cells));
        self.paragraph(&escaped(&table.caption));
        self.paragraph(&lines.concat());
    }

    fn heat(&mut self, heat: &Heat) {
        let mut heads = vec![String::new()];
        heads.extend(heat.labels.iter().map(|label| escaped(label)));
        let rules: Vec<&str> = (0..heads.len())
            .map(|at| if at == 0 { "---" } else { "---:" })
            .collect();
        let mut lines = vec![line(&heads), line(&rules)];
        for (label, row) in heat.labels.iter().zip(&heat.rows) {
            let mut cells = vec![escaped(label)];
            cells.extend(row.iter().map(|c| {
                let mark = if c.is_marked { " ▲" } else { "" };
                format!("{}{mark}", text::plain(100.0 * c.share, 1))
            }));
            lines.push(line(&cells));
        }
        self.paragraph(&escaped(&heat.caption));
        self.paragraph(&lines.concat());
    }

    fn map(&mut self, map: &MapFigure, drawing: &Drawing<'_>, size: PictureSize) -> Result<()> {
        match self.pictures {
            Pictures::Inline => {
                self.paragraph(&escaped(&map.title));
                let [columns, rows] = TEXT;
                let mut drawing = drawing.clone();
                drawing.names = true;
                self.code(&to_plain_text(&drawing, Area::new(columns, rows)));
            }
            Pictures::Beside(stem) => {
                let name = format!("{stem}-map-{}.svg", self.files.len() + 1);
                let mut drawing = drawing.clone();
                drawing.title.clone_from(&map.title);
                self.files.push((name.clone(), to_svg(&drawing, size)?));
                self.paragraph(&format!("![{}](<{}>)", escaped(&map.title), target(&name)));
            }
        }
        self.paragraph(&escaped(&map.caption));
        Ok(())
    }
}

/// A row of a table.
fn line<T: AsRef<str>>(cells: &[T]) -> String {
    let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
    format!("| {} |\n", cells.join(" | "))
}

fn cell(cell: &Cell) -> String {
    escaped(&cell.text)
}

/// A text in which nothing means anything to Markdown, nor to HTML within it.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in printable(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '$' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    // Addresses become links without any brackets, as names of people do (`@` above).
    out.replace("://", "&#58;//").replace("www.", "www&#46;")
}

/// The name of a file as the target of a link between angle brackets.
fn target(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
