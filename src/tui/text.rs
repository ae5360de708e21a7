//! Text from files on a screen of fixed columns: safe, measured by display width, cut with `…`.
//!
//! A name may hold escape sequences, characters that reorder or hide text, wide and combining
//! characters, or a megabyte. What leaves here prints as it looks, in as many columns as it says.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::error::printable;

/// No name is looked at further than this many characters.
const LONGEST: usize = 400;
/// More combining characters than this on one base pile up over the lines above.
const MOST_COMBINING: usize = 2;

/// Text from a file made safe to print: see [`printable`], and without towers of accents.
pub(crate) fn safe(text: &str) -> String {
    let head: Cow<'_, str> = match text.char_indices().nth(LONGEST) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    };
    let mut combining = MOST_COMBINING;
    printable(&head)
        .chars()
        .filter(|c| {
            combining = if c.width() == Some(0) {
                combining + 1
            } else {
                0
            };
            combining <= MOST_COMBINING
        })
        .collect()
}

/// Columns that a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// A text in at most `columns` columns, cut with `…` if need be.
pub(crate) fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if text.len() <= columns || width(text) <= columns {
        return Cow::Borrowed(text);
    }
    if columns == 0 {
        return Cow::Borrowed("");
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if width(&kept) >= columns {
            // A wide character may fill the last column; a combining one may follow.
            while width(&kept) > columns - 1 {
                kept.pop();
            }
            break;
        }
    }
    kept.push('…');
    Cow::Owned(kept)
}

/// A text in exactly `columns` columns, to the left.
pub(crate) fn fit(text: &str, columns: usize) -> String {
    let text = cut(text, columns);
    let space = columns.saturating_sub(width(&text));
    format!("{text}{}", " ".repeat(space))
}

/// A text in exactly `columns` columns, to the right.
pub(crate) fn fit_right(text: &str, columns: usize) -> String {
    let text = cut(text, columns);
    let space = columns.saturating_sub(width(&text));
    format!("{}{text}", " ".repeat(space))
}

/// The end of a text in at most `columns` columns.
pub(crate) fn tail(text: &str, columns: usize) -> &str {
    let mut start = 0;
    for (next, c) in text.char_indices() {
        start = next;
        if width(&text[next..]) <= columns {
            return &text[next..];
        }
        start += c.len_utf8();
    }
    &text[start.min(text.len())..]
}

/// Words in lines of at most `columns` columns.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let word = cut(word, columns);
        let Some(line) = lines.last_mut() else {
            continue;
        };
        if line.is_empty() {
            line.push_str(&word);
        } else if width(line) + 1 + width(&word) <= columns {
            line.push(' ');
            line.push_str(&word);
        } else {
            lines.push(word.into_owned());
        }
    }
    lines
}

/// A figure with two decimals, `–` where it is not defined.
pub(crate) fn decimal(figure: Option<f64>) -> String {
    match figure {
        Some(value) if value.is_finite() => {
            let text = format!("{value:.2}");
            if text == "-0.00" { "0.00".into() } else { text }
        }
        _ => "–".into(),
    }
}

/// A share as whole percent, `–` where it is not defined.
pub(crate) fn percent(share: Option<f64>) -> String {
    match share {
        Some(value) if value.is_finite() => format!("{:.0}%", value * 100.0),
        _ => "–".into(),
    }
}

/// A number with commas between thousands from five digits on.
pub(crate) fn count(number: usize) -> String {
    let digits = number.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_fitted_has_the_width_it_says(text in ".{0,40}", columns in 0..30usize) {
            let text = safe(&text);
            prop_assert_eq!(width(&fit(&text, columns)), columns);
            prop_assert_eq!(width(&fit_right(&text, columns)), columns);
            prop_assert!(width(tail(&text, columns)) <= columns);
            for line in wrap(&text, columns) {
                prop_assert!(width(&line) <= columns);
            }
        }
    }

    #[test]
    fn names_of_every_kind_are_cut_with_an_ellipsis() {
        assert_eq!(fit("cat", 5), "cat  ");
        assert_eq!(fit("a long name", 6), "a lon…");
        assert_eq!(fit("日本語の名前", 6), "日本… ");
        assert_eq!(fit_right("日本", 5), " 日本");
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
        assert_eq!(safe(&"x".repeat(10_000)).chars().count(), LONGEST + 1);
        assert_eq!(safe("a\u{301}\u{301}\u{301}\u{301}b"), "a\u{301}\u{301}b");
        assert!(!safe("\u{1b}[2J\u{202e}evil\u{200b}").contains('\u{1b}'));
        assert_eq!(tail("some/long/path", 4), "path");
    }

    #[test]
    fn figures_are_written_as_people_read_them() {
        assert_eq!(decimal(Some(-0.001)), "0.00");
        assert_eq!(decimal(Some(f64::NAN)), "–");
        assert_eq!(percent(Some(0.912)), "91%");
        assert_eq!(percent(None), "–");
        assert_eq!(
            (count(1797), count(70_000), count(1_234_567)),
            ("1797".into(), "70,000".into(), "1,234,567".into())
        );
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
    }
}
