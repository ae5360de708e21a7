//! Content as a fragment of HTML: paragraphs, tables and pictures, without scripts, links and style sheets.
//!
//! All text goes through [`Html::text`], which escapes it.

use super::show::{Block, Cell, Content, Ink, Table};
use crate::export::{PictureSize, escaped, to_svg};
use crate::palette::{Background, ColorDepth, ColorSet, Palette, Scale};

/// Size of a picture.
const PICTURE: PictureSize = PictureSize {
    width: 960,
    height: 720,
    dpi: 110,
};
/// Columns of lines that are laid out already.
const COLUMNS: usize = 100;
/// Rows of a table that are written.
const MOST_ROWS: usize = 200;

/// The fragment.
pub(super) fn write(content: Content<'_>) -> String {
    let palette = Palette::of(ColorDepth::True, ColorSet::default(), Background::Light);
    let mut html = Html(String::new());
    html.open("div", "");
    for block in content {
        match block {
            Block::Text(text) => html.element("p", "margin: 0.3em 0", &text),
            Block::Note(text) => html.element("p", "margin: 0.3em 0; opacity: 0.7", &text),
            Block::Table(table) => html.table(&table, palette),
            Block::Lines(write) => html.element("pre", "", &write(COLUMNS)),
            Block::Map(mut drawing) => {
                drawing.palette = palette;
                // The size is within the bounds.
                html.0 += &to_svg(&drawing, PICTURE).unwrap_or_default();
            }
        }
    }
    html.close("div");
    html.0
}

/// Elements, one after the other.
struct Html(String);

impl Html {
    fn open(&mut self, name: &'static str, style: &str) {
        self.0 += "<";
        self.0 += name;
        if !style.is_empty() {
            self.0 += " style=\"";
            self.text(style);
            self.0 += "\"";
        }
        self.0 += ">";
    }

    fn text(&mut self, text: &str) {
        let lines: Vec<String> = text.split('\n').map(escaped).collect();
        self.0 += &lines.join("\n");
    }

    fn close(&mut self, name: &'static str) {
        self.0 += "</";
        self.0 += name;
        self.0 += ">\n";
    }

    fn element(&mut self, name: &'static str, style: &str, text: &str) {
        self.open(name, style);
        self.text(text);
        self.close(name);
    }

    fn table(&mut self, table: &Table, palette: Palette) {
        self.open("table", "border-collapse: collapse; margin: 0.5em 0");
        if !table.title.is_empty() {
            self.element("caption", "text-align: left", &table.title);
        }
        self.open("tr", "");
        for name in &table.head {
            self.element("th", "padding: 0.1em 0.6em; text-align: left", name);
        }
        self.close("tr");
        for row in table.rows.iter().take(MOST_ROWS) {
            self.open("tr", "");
            for cell in row {
                self.element("td", &style(cell, palette), &cell.text);
            }
            self.close("tr");
        }
        self.close("table");
        if let Some(left) = table.rows.len().checked_sub(MOST_ROWS + 1) {
            self.element("p", "", &format!("… {} more rows", left + 1));
        }
    }
}

/// The style of a cell: levels as the color behind the text, which stays readable.
fn style(cell: &Cell, palette: Palette) -> String {
    let align = if cell.is_number { "right" } else { "left" };
    let base = format!("padding: 0.1em 0.6em; text-align: {align}");
    let color = match cell.ink {
        Ink::Plain => None,
        Ink::Level(share) => palette.level(Scale::Sequential, share),
        Ink::Class(class) => palette.color(class as u16),
    };
    let Some((red, green, blue)) = color.map(crate::palette::Color::rgb) else {
        return base;
    };
    let color = format!("#{red:02x}{green:02x}{blue:02x}");
    match (cell.ink, Background::of_rgb(red, green, blue)) {
        (Ink::Class(_), _) => format!("{base}; border-left: 0.4em solid {color}"),
        (_, Background::Light) => format!("{base}; background: {color}; color: #000"),
        (_, Background::Dark) => format!("{base}; background: {color}; color: #fff"),
    }
}
