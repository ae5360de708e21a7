//! Text in fixed columns: escaped, measured by display width, shortened, wrapped; and numbers as
//! text.
//!
//! A name from a file may hold escape sequences, characters that reorder or hide text, wide and
//! combining characters, or a megabyte. [`safe`] makes it printable; everything else here measures
//! in terminal columns, so that a line is as wide as it says.

#[cfg(feature = "tui")]
mod numbers;
mod similar;

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

#[cfg(feature = "tui")]
pub(crate) use self::numbers::{number as any_number, whole};
pub(crate) use self::similar::{did_you_mean, most_similar};
use crate::error::printable;

/// Names are cut after this many characters before anything else looks at them.
const LONGEST: usize = 400;
/// More combining characters than this on one base pile up over the lines above.
const MOST_COMBINING: usize = 2;

/// Text from a file made safe to print: escaped as by [`printable`], and without stacks of accents.
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

/// The width of a text in columns.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The longest start of a text that is at most `columns` wide.
pub(crate) fn head(text: &str, columns: usize) -> &str {
    if text.len() <= columns {
        return text;
    }
    let mut end = 0;
    for (start, c) in text.char_indices() {
        let next = start + c.len_utf8();
        if width(&text[..next]) > columns {
            break;
        }
        end = next;
    }
    &text[..end]
}

/// The longest end of a text that is at most `columns` wide.
pub(crate) fn tail(text: &str, columns: usize) -> &str {
    let starts = text.char_indices().map(|(start, _)| start);
    let mut fitting = starts.filter(|start| width(&text[*start..]) <= columns);
    fitting.next().map_or("", |start| &text[start..])
}

/// A text of at most `columns`; what does not fit at its end becomes `…`.
pub(crate) fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if text.len() <= columns || width(text) <= columns {
        return Cow::Borrowed(text);
    }
    match columns {
        0 => Cow::Borrowed(""),
        _ => Cow::Owned(format!("{}…", head(text, columns - 1))),
    }
}

/// A name of at most `columns`; what does not fit in its middle becomes `…`, since names often
/// differ at their ends.
pub(crate) fn shorten(name: &str, columns: usize) -> Cow<'_, str> {
    if columns < 5 || name.len() <= columns || width(name) <= columns {
        return cut(name, columns);
    }
    let end = (columns - 1) / 3;
    let start = head(name, columns - 1 - end);
    Cow::Owned(format!("{start}…{}", tail(name, end)))
}

/// An id of at most `columns`; what does not fit in its middle becomes `…`. Ids differ at their ends, of which
/// more is kept than of a name's.
pub(crate) fn shorten_id(id: &str, columns: usize) -> Cow<'_, str> {
    if columns < 3 || id.len() <= columns || width(id) <= columns {
        return cut(id, columns);
    }
    let start = head(id, (columns - 1) / 4);
    let end = tail(id, columns - 1 - width(start));
    Cow::Owned(format!("{start}…{end}"))
}

/// A sentence of at most `columns`. Of what does not fit, whole parts are left out at its end, so that no
/// number is cut; `…` stands for them. Where little would be left, whole words are.
pub(crate) fn whole_parts(sentence: &str, columns: usize) -> Cow<'_, str> {
    let part = first_parts(sentence, columns);
    part.unwrap_or_else(|| {
        let room = head(sentence, columns.saturating_sub(2)).len();
        let starts = (sentence.char_indices().filter(|(_, c)| *c == ' ')).map(|(at, _)| at);
        match starts.take_while(|at| *at <= room).last() {
            None | Some(0) => cut(sentence, columns),
            Some(end) => {
                let words = sentence[..end].trim_end_matches([',', ';', ':', '.']);
                Cow::Owned(format!("{words} …"))
            }
        }
    })
}

/// A sentence of at most `columns`, without the last of its parts: what stands in parentheses or after a comma and
/// the like. What precedes `…` says where it was left out. `None` if less than half of the line would be filled.
pub(crate) fn first_parts(sentence: &str, columns: usize) -> Option<Cow<'_, str>> {
    if width(sentence) <= columns {
        return Some(Cow::Borrowed(sentence));
    }
    let room = |omission: &str| head(sentence, columns.saturating_sub(width(omission))).len();
    let (after_mark, in_parentheses) = (room(" …"), room(" (…)"));
    let mut depth = 0_usize;
    let mut kept = (0, "");
    for (at, c) in sentence.char_indices() {
        match c {
            ' ' if depth > 0 => {}
            ' ' if sentence[at..].starts_with(" (") && at <= in_parentheses => kept = (at, " (…)"),
            ' ' if sentence[..at].ends_with([',', ';', ':', '.']) && at <= after_mark => {
                kept = (at, " …");
            }
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    let (end, omission) = kept;
    (end > 0 && 2 * end >= after_mark).then(|| Cow::Owned(sentence[..end].to_owned() + omission))
}

/// One of several names, shortened as by [`shorten`], with a longer end where another one would look the
/// same: from where it differs from those on.
pub(crate) fn shorten_among(
    name: &str,
    all: impl Iterator<Item = String>,
    columns: usize,
) -> String {
    let short = shorten(name, columns);
    if columns < 5 || short == name {
        return short.into_owned();
    }
    let alike = all.filter(|other| other != name && shorten(other, columns) == short);
    let common = |other: String| {
        let same = name.char_indices().zip(other.chars());
        let end = same.take_while(|((_, a), b)| a == b).last();
        end.map_or(0, |((at, c), _)| at + c.len_utf8())
    };
    let Some(differs) = alike.map(common).max() else {
        return short.into_owned();
    };
    let start = head(name, (columns - 1) / 3);
    let end = cut(&name[differs..], columns - 1 - width(start));
    format!("{start}…{end}")
}

/// A name from a file, safe to print, shortened to at most `columns`.
pub(crate) fn name(name: &str, columns: usize) -> String {
    shorten(&safe(name), columns).into_owned()
}

/// A text in exactly `columns`, at the left.
pub(crate) fn fit(text: &str, columns: usize) -> String {
    let text = cut(text, columns);
    let space = columns.saturating_sub(width(&text));
    format!("{text}{}", " ".repeat(space))
}

/// A text in exactly `columns`, at the right.
pub(crate) fn fit_right(text: &str, columns: usize) -> String {
    let text = cut(text, columns);
    let space = columns.saturating_sub(width(&text));
    format!("{}{text}", " ".repeat(space))
}

/// The words of a text in lines of at most `columns`; a longer word is broken. Several spaces between
/// words stay several.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    wrap_indented(text, columns, 0, 0)
}

/// As [`wrap`], with the first line indented by `first` columns and the others by `rest`.
pub(crate) fn wrap_indented(text: &str, columns: usize, first: usize, rest: usize) -> Vec<String> {
    let columns = columns.max(first.max(rest) + 2);
    let indent = " ".repeat(rest);
    let mut lines = Vec::new();
    let mut line = " ".repeat(first);
    let mut begun = false;
    for word in whole_words(text.trim(), 2 * columns / 3) {
        if begun && width(&line) + 1 + width(word) > columns {
            lines.push(std::mem::replace(&mut line, indent.clone()));
        } else if begun {
            line.push(' ');
        }
        let mut left = word;
        while width(&line) + width(left) > columns {
            let piece = head(left, columns - width(&line));
            line.push_str(piece);
            left = &left[piece.len()..];
            lines.push(std::mem::replace(&mut line, indent.clone()));
        }
        line.push_str(left);
        begun = true;
    }
    lines.push(line);
    lines
}

/// The words of a text; a sign and its number (`± 1.8`, `p = 0.02`) are one of them, up to a width.
fn whole_words(text: &str, widest: usize) -> Vec<&str> {
    let belongs = |word: &str| matches!(word, "±" | "=" | "<" | "≤" | "≥");
    let mut words: Vec<&str> = Vec::new();
    let (mut start, mut end, mut is_open) = (0, 0, false);
    for word in text.split(' ') {
        let at = if words.is_empty() { 0 } else { end + 1 };
        end = at + word.len();
        let is_sign = belongs(word);
        let joined = (is_sign || is_open) && width(&text[start..end]) <= widest;
        if let Some(last) = words.last_mut().filter(|_| joined) {
            *last = &text[start..end];
        } else {
            start = at;
            words.push(word);
        }
        is_open = is_sign;
    }
    words
}

/// "a, b, …": the first of several, as many as `most`.
pub(crate) fn first<T>(all: &[T], most: usize, write: impl Fn(&T) -> String) -> String {
    let shown: Vec<String> = all.iter().take(most).map(write).collect();
    let more = if all.len() > most { ", …" } else { "" };
    shown.join(", ") + more
}

/// A name as one word of a command line, in quotes where a shell needs them.
pub(crate) fn word(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:".contains(c);
    if !name.is_empty() && name.chars().all(is_plain) {
        name.to_owned()
    } else if name.contains('\'') && !name.contains(['"', '$', '`', '\\', '!']) {
        format!("\"{}\"", printable(name))
    } else {
        format!("'{}'", printable(name).replace('\'', "'\\''"))
    }
}

/// A name for an option that takes several, divided by commas, in which `*` stands for any text.
pub(crate) fn pattern(name: &str) -> String {
    word(&name.replace(',', "*"))
}

/// A number with this many decimals and a minus sign, not a hyphen. Never `−0.00`.
pub(crate) fn plain(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let is_zero = !text.contains(|c: char| c.is_ascii_digit() && c != '0');
    match text.strip_prefix('-') {
        Some(zero) if is_zero => zero.to_owned(),
        Some(number) => format!("−{number}"),
        None => text,
    }
}

/// A margin with this many decimals, or with one more where it would read as none; `None` where that would,
/// too.
pub(crate) fn margin(margin: f64, decimals: usize) -> Option<String> {
    let mut written = [decimals, decimals + 1]
        .map(|d| plain(margin, d))
        .into_iter();
    written.find(|text| text.contains(|c: char| c.is_ascii_digit() && c != '0'))
}

/// A number with this many decimals, `–` where it is not defined. Never `−0.00`.
pub(crate) fn number(value: Option<f64>, decimals: usize) -> String {
    match value {
        Some(value) if value.is_finite() => plain(value, decimals),
        _ => "–".into(),
    }
}

/// A number with two decimals, `–` where it is not defined.
pub(crate) fn decimal(value: Option<f64>) -> String {
    number(value, 2)
}

/// A share in percent with this many decimals, `–` where it is not defined.
pub(crate) fn percent_with(share: Option<f64>, decimals: usize) -> String {
    match share {
        Some(value) if value.is_finite() => format!("{}%", number(Some(100.0 * value), decimals)),
        _ => "–".into(),
    }
}

/// A share in whole percent, `–` where it is not defined.
pub(crate) fn percent(share: Option<f64>) -> String {
    percent_with(share, 0)
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
        fn fitted_text_has_the_width_it_says(text in ".{0,40}", columns in 0..30usize) {
            let text = safe(&text);
            prop_assert_eq!(width(&fit(&text, columns)), columns);
            prop_assert_eq!(width(&fit_right(&text, columns)), columns);
            prop_assert!(width(head(&text, columns)) <= columns);
            prop_assert!(width(tail(&text, columns)) <= columns);
            prop_assert!(width(&shorten(&text, columns)) <= columns);
            prop_assert!(width(&shorten_id(&text, columns)) <= columns);
            prop_assert!(width(&whole_parts(&text, columns)) <= columns);
        }

        #[test]
        fn wrapping_keeps_every_word_within_the_lines(
            text in "[a-zé日\u{301} ]{0,60}",
            columns in 4..30usize,
            first in 0..3usize,
            rest in 0..3usize,
        ) {
            let lines = wrap_indented(&text, columns, first, rest);
            prop_assert!(lines.iter().all(|line| width(line) <= columns), "{:?}", lines);
            let letters = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(letters(&lines.join(" ")), letters(&text));
        }
    }

    #[test]
    fn names_are_cut_with_an_ellipsis() {
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
    fn long_names_keep_both_ends() {
        assert_eq!(shorten("adenocarcinoma grade 3", 12), "adenocar…e 3");
        assert_eq!(shorten("grade 3", 7), "grade 3");
        assert_eq!(shorten("grade 3", 4), "gra…");
        assert_eq!(shorten("grade 3", 0), "");
    }

    #[test]
    fn ids_keep_more_of_their_ends() {
        assert_eq!(shorten_id("digits-1605", 6), "d…1605");
        assert_eq!(shorten_id("digits-1605", 8), "d…s-1605");
        assert_eq!(shorten_id("digits-1605", 11), "digits-1605");
        assert_eq!(shorten_id("digits-1605", 4), "…605");
        assert_eq!(shorten_id("digits-1605", 0), "");
    }

    #[test]
    fn sentences_lose_whole_parts() {
        let sentence =
            "A probe reaches a balanced accuracy of 98% (96–98%), against 10% by chance.";
        assert_eq!(whole_parts(sentence, 80), sentence);
        let without_chance = "A probe reaches a balanced accuracy of 98% (96–98%), …";
        let without_interval = "A probe reaches a balanced accuracy of 98% (…)";
        assert_eq!(whole_parts(sentence, 70), without_chance);
        assert_eq!(whole_parts(sentence, 54), without_chance);
        assert_eq!(whole_parts(sentence, 53), without_interval);
        assert_eq!(whole_parts(sentence, 46), without_interval);
        assert_eq!(first_parts(sentence, 46).unwrap(), without_interval);
        // Less than a part: whole words, and no number.
        assert_eq!(first_parts(sentence, 45), None);
        assert_eq!(
            whole_parts(sentence, 43),
            "A probe reaches a balanced accuracy of …"
        );
        // Little would be left of a sentence whose first part is short.
        let sentence = "On held-out samples, a probe reaches a balanced accuracy of 98% (96–98%).";
        assert_eq!(first_parts(sentence, 60), None);
        assert_eq!(
            whole_parts(sentence, 60),
            "On held-out samples, a probe reaches a balanced accuracy …"
        );
        assert_eq!(whole_parts("abcdefgh", 4), "abc…");
    }

    #[test]
    fn names_that_begin_and_end_alike_are_told_apart() {
        let begin = "colorectal_adenocarcinoma_";
        let names =
            ["tu_graded", "st_graded", "tu_gradex", "tu_xxaded"].map(|n| format!("{begin}{n}"));
        for columns in 8..40 {
            let short = names.each_ref().map(|name| {
                let short = shorten_among(name, names.iter().cloned(), columns);
                assert!(width(&short) <= columns, "{short}");
                short
            });
            let mut distinct = short.to_vec();
            distinct.sort_unstable();
            distinct.dedup();
            assert_eq!(distinct.len(), names.len(), "{columns}: {short:?}");
        }
        assert_eq!(
            shorten_among(&names[1], names.iter().cloned(), 20),
            "colore…st_graded"
        );
    }

    #[test]
    fn wrapped_lines_hang_and_long_words_break() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a longest-word", 6), ["a", "longes", "t-word"]);
        let hanging = wrap_indented("one two three four", 7, 0, 2);
        assert_eq!(hanging, ["one two", "  three", "  four"]);
        assert_eq!(wrap("", 7), [""]);
        // A sign stays with its number.
        assert_eq!(wrap("it is 91 ± 1.8 here", 18), ["it is 91 ± 1.8", "here"]);
        assert_eq!(wrap("so it is 91 ± 1.8", 16), ["so it is", "91 ± 1.8"]);
        assert_eq!(wrap("as seen, p = 0.020.", 18), ["as seen,", "p = 0.020."]);
    }

    #[test]
    fn numbers_are_written_as_people_read_them() {
        assert_eq!(decimal(Some(-0.001)), "0.00");
        assert_eq!(decimal(Some(f64::NAN)), "–");
        assert_eq!(number(Some(-1.5), 1), "−1.5");
        assert_eq!(margin(0.04, 1).as_deref(), Some("0.04"));
        assert_eq!(margin(0.4, 1).as_deref(), Some("0.4"));
        assert_eq!((margin(0.0, 0), margin(0.004, 1)), (None, None));
        assert_eq!(percent(Some(0.912)), "91%");
        assert_eq!(percent_with(Some(0.0716), 1), "7.2%");
        assert_eq!(percent(None), "–");
        assert_eq!(
            (count(1797), count(70_000), count(1_234_567)),
            ("1797".into(), "70,000".into(), "1,234,567".into())
        );
    }
}
