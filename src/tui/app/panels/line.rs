//! Lines of text for panels: pieces with roles, to which the view gives styles.

use crate::statistics::Estimate;
use crate::text;
use crate::tui::app::App;

/// How a piece of text looks; the view gives each role its style.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Role {
    /// As the row it stands in, or as the terminal's text.
    #[default]
    Plain,
    /// Matters less.
    Dim,
    /// Matters more.
    Bold,
    /// In the color of a class.
    Class(u16),
    /// A share, in percent, by color: the higher, the further from the background. True where it matters
    /// more.
    Share(u8, bool),
    /// Something is wrong.
    Problem,
    /// Is in effect.
    Focus,
}

/// A piece of text that looks one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) text: String,
    /// How it looks.
    pub(crate) role: Role,
}

/// A line of pieces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// The pieces, from the left.
    pub(crate) spans: Vec<Span>,
    /// What stands in its place in a cell that is too narrow.
    pub(crate) short: Option<String>,
}

impl Line {
    /// A line of one piece.
    pub(crate) fn of(text: impl Into<String>, role: Role) -> Self {
        Self::default().and(text, role)
    }

    /// With another piece at its end.
    pub(crate) fn and(mut self, text: impl Into<String>, role: Role) -> Self {
        let text = text.into();
        self.spans.push(Span { text, role });
        self
    }

    /// With another line at its end.
    pub(crate) fn then(mut self, other: Self) -> Self {
        self.spans.extend(other.spans);
        self
    }

    /// With a text for cells that are too narrow.
    pub(crate) fn or(mut self, short: impl Into<String>) -> Self {
        self.short = Some(short.into());
        self
    }

    /// The name of a class in its color, in at most `columns`.
    pub(crate) fn named(app: &App, entry: usize, columns: usize) -> Self {
        let class = app.run.class_of(entry);
        Self::of(app.entry_name_in(entry, columns), Role::Class(class))
    }

    /// A class by its mark and name, in at most `columns`.
    pub(crate) fn class(app: &App, entry: usize, columns: usize) -> Self {
        let class = app.run.class_of(entry);
        let name = app.entry_name_in(entry, columns.saturating_sub(2));
        Self::of(app.mark(class).to_string(), Role::Class(class))
            .and(format!(" {name}"), Role::Plain)
    }

    /// Its short form, if it has one and is too wide.
    pub(crate) fn fitting(self, columns: usize) -> Self {
        match (&self.short, self.spans.first()) {
            (Some(short), Some(first)) if self.width() > columns => Self::of(short, first.role),
            _ => self,
        }
    }

    /// Its width in columns.
    pub(crate) fn width(&self) -> usize {
        self.spans.iter().map(|s| text::width(&s.text)).sum()
    }

    /// Its text.
    #[cfg(test)]
    pub(crate) fn text(&self) -> String {
        self.spans.iter().map(|s| s.text.as_str()).collect()
    }

    /// Its words in lines of at most `columns`, all but the first indented.
    pub(crate) fn wrap(&self, columns: usize, indent: usize) -> Vec<Self> {
        let mut lines = vec![Self::default()];
        let mut used = 0;
        for Span { text, role } in &self.spans {
            for word in text.split_inclusive(' ') {
                if used > 0 && used + text::width(word.trim_end()) > columns {
                    if let Some(last) = lines.last_mut().and_then(|line| line.spans.last_mut()) {
                        last.text.truncate(last.text.trim_end().len());
                    }
                    lines.push(Self::of(" ".repeat(indent), Role::Plain));
                    used = indent;
                }
                used += text::width(word);
                if let Some(line) = lines.last_mut() {
                    *line = std::mem::take(line).and(word, *role);
                }
            }
        }
        if let Some(last) = lines.last_mut().and_then(|line| line.spans.last_mut()) {
            last.text.truncate(last.text.trim_end().len());
        }
        lines
    }
}

impl<T: Into<String>> From<T> for Line {
    fn from(text: T) -> Self {
        Self::of(text, Role::Plain)
    }
}

/// A share with the margin of its interval, both in percent: "91±1.8";
/// `–` where it is not defined.
pub(crate) fn with_margin(share: Option<Estimate>, decimals: usize, of_margin: usize) -> String {
    let margin = share.and_then(|share| share.margin());
    let margin = margin.and_then(|m| text::margin(100.0 * m, of_margin));
    let margin = margin.map(|m| format!("±{m}"));
    percent(share, decimals) + &margin.unwrap_or_default()
}

/// A share in percent without the sign; "<1" where whole percent would read
/// as none.
pub(crate) fn percent(share: Option<Estimate>, decimals: usize) -> String {
    match share.map(|share| 100.0 * share.value) {
        Some(share) if decimals == 0 && share > 0.0 && share < 0.5 => "<1".to_owned(),
        share => text::number(share, decimals),
    }
}
