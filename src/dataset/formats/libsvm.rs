//! The text format of libsvm and svmlight: a label and the features that are not 0, line by line.
//!
//! In: lines `3 1:0.5 7:2`, perhaps with `qid:4` after the label and a comment after `#`. Out: the
//! arrays `features` (dense), `labels` if the lines have some, and `qid`. Features are counted from 1,
//! or from 0 if a 0 occurs or the comment of scikit-learn says so.

use super::entries::Entries;
use super::{Contents, Format, Layout, Reader};
use crate::dataset::column::{Column, ColumnKind, LARGEST_WHOLE, Matrix, Values, shaped};
use crate::dataset::raw::RawFile;
use crate::error::{Error, Result, printable};

/// Bytes that decide whether a file is of this format.
const SAMPLE: usize = 1 << 16;
const SAVE_AGAIN: &str = "write lines such as `3 1:0.5 7:2`";

pub(super) const FORMAT: Format = Format { recognizes, open };

/// A line as its parts.
struct Line<'a> {
    label: Option<&'a str>,
    qid: Option<&'a str>,
    pairs: std::str::SplitAsciiWhitespace<'a>,
}

impl<'a> Line<'a> {
    /// The parts of a line; `None` if nothing but a comment is in it.
    fn of(line: &'a str) -> Option<Self> {
        let text = line.split('#').next().unwrap_or_default();
        let mut rest = text.split_ascii_whitespace();
        let first = rest.clone().next()?;
        let label = (!first.contains(':')).then_some(first);
        if label.is_some() {
            rest.next();
        }
        let qid = rest
            .clone()
            .next()
            .and_then(|word| word.strip_prefix("qid:"));
        if qid.is_some() {
            rest.next();
        }
        Some(Self {
            label,
            qid,
            pairs: rest,
        })
    }
}

fn pair(word: &str) -> Option<(u32, f64)> {
    let (index, value) = word.split_once(':')?;
    Some((index.parse().ok()?, value.parse().ok()?))
}

/// Whether the first lines are all of this form, and some have features.
fn recognizes(file: &RawFile) -> bool {
    let sample = &file.head()[..file.head().len().min(SAMPLE)];
    let Some(text) = std::str::from_utf8(sample).ok().or_else(|| {
        // The sample may end within a character.
        std::str::from_utf8(&sample[..sample.len().saturating_sub(3)]).ok()
    }) else {
        return false;
    };
    let is_cut = sample.len() < file.length();
    let lines: Vec<&str> = text.lines().collect();
    let whole = lines.len().saturating_sub(usize::from(is_cut));
    let mut has_pairs = false;
    lines[..whole]
        .iter()
        .filter_map(|line| Line::of(line))
        .all(|line| {
            let is_label = line
                .label
                .is_none_or(|l| l.split(',').all(|l| l.parse::<f64>().is_ok()));
            let mut pairs = line.pairs;
            has_pairs |= pairs.clone().next().is_some();
            is_label && pairs.all(|word| pair(word).is_some())
        })
        && has_pairs
}

/// What a file holds.
#[derive(Default)]
struct Samples<'a> {
    file: &'a str,
    bytes: usize,
    lines: Vec<u64>,
    labels: Vec<f64>,
    qids: Vec<i128>,
    entries: Entries,
    /// The number of the first feature.
    first: u32,
    width: usize,
}

fn open(file: &RawFile) -> Result<Contents<'_>> {
    let samples = Samples::of(file)?;
    let rows = samples.lines.len();
    let column = |name: &str, shape: Vec<usize>, description| Column {
        name: name.into(),
        kind: ColumnKind::Number,
        shape,
        description,
        refusal: None,
    };
    let width = samples.width;
    let features = format!("numbers {rows} × {width}, counted from {}", samples.first);
    let mut columns = vec![column("features", vec![rows, width], features)];
    for (name, found) in [(LABELS, samples.labels.len()), (QID, samples.qids.len())] {
        if found > 0 {
            columns.push(column(name, vec![rows], format!("numbers × {rows}")));
        }
    }
    Ok(Contents::new(
        &file.name,
        "libsvm",
        Layout::Archive,
        columns,
        samples,
    ))
}

const LABELS: &str = "labels";
const QID: &str = "qid";

impl<'a> Samples<'a> {
    fn of(file: &'a RawFile) -> Result<Self> {
        let bytes = file.bytes()?;
        let text = std::str::from_utf8(bytes).map_err(|e| {
            let line = 1 + bytes[..e.valid_up_to()]
                .iter()
                .filter(|&&b| b == b'\n')
                .count();
            let problem = format!("line {line} is not UTF-8 text");
            Error::input(&file.name, problem, SAVE_AGAIN)
        })?;
        let mut samples = Self {
            file: &file.name,
            bytes: bytes.len(),
            ..Self::default()
        };
        let mut is_from_zero = false;
        for (number, line) in (1..).zip(text.lines()) {
            match Line::of(line) {
                Some(parts) => samples.add(number, parts)?,
                None => is_from_zero |= line.contains("zero-based"),
            }
        }
        samples.check_counts()?;
        let columns = || samples.entries.places.iter().map(|p| p.1);
        let last = columns().max().unwrap_or(0);
        samples.first = u32::from(!is_from_zero && columns().all(|c| c > 0));
        samples.width = (last + 1 - samples.first) as usize;
        for (_, column) in &mut samples.entries.places {
            *column -= samples.first;
        }
        Ok(samples)
    }

    fn wrong(&self, line: u64, problem: &str) -> Error {
        Error::input(self.file, format!("line {line}: {problem}"), SAVE_AGAIN)
    }

    fn add(&mut self, number: u64, line: Line<'_>) -> Result<()> {
        let row = self.lines.len() as u32;
        let begin = self.entries.places.len();
        for word in line.pairs {
            let Some((column, value)) = pair(word).filter(|pair| pair.0 < u32::MAX) else {
                let problem = format!("\"{}\" is not a feature and its value", printable(word));
                return Err(self.wrong(number, &problem));
            };
            self.entries.push(row, column, value);
        }
        let mut columns: Vec<u32> = self.entries.places[begin..].iter().map(|p| p.1).collect();
        columns.sort_unstable();
        if let Some([twice, ..]) = columns.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(self.wrong(number, &format!("the feature {twice} occurs twice")));
        }
        if let Some(label) = line.label {
            let value = label.parse().map_err(|_| {
                let several = label.contains(',');
                let label = printable(label);
                let what = if several {
                    "several labels"
                } else {
                    "no number"
                };
                self.wrong(number, &format!("the label \"{label}\" is {what}"))
            })?;
            self.labels.push(value);
        }
        if let Some(qid) = line.qid {
            let qid = qid.parse::<i64>();
            let qid = qid.map_err(|_| self.wrong(number, "the qid is not a whole number"))?;
            self.qids.push(qid.into());
        }
        self.lines.push(number);
        Ok(())
    }

    /// Refuses labels and qids that only some lines have.
    fn check_counts(&self) -> Result<()> {
        let rows = self.lines.len();
        if rows == 0 || self.entries.places.is_empty() {
            return Err(Error::input(self.file, "no line has features", SAVE_AGAIN));
        }
        for (what, found) in [("a label", self.labels.len()), ("a qid", self.qids.len())] {
            if found != 0 && found != rows {
                let problem = format!("only {found} of {rows} lines have {what}");
                return Err(Error::input(self.file, problem, SAVE_AGAIN));
            }
        }
        Ok(())
    }
}

impl Reader for Samples<'_> {
    fn matrix(&mut self, columns: &[usize]) -> Result<Matrix> {
        let rows = self.lines.len();
        match columns {
            [0] => {
                let dense = self
                    .entries
                    .dense((rows, self.width), self.file, self.bytes)?;
                Ok(Matrix::Double(dense))
            }
            _ => Ok(Matrix::Double(shaped(
                self.labels.clone(),
                (rows, 1),
                self.file,
            )?)),
        }
    }

    fn values(&mut self, column: usize) -> Result<Values> {
        let whole = |v: &f64| v.fract() == 0.0 && v.abs() <= LARGEST_WHOLE;
        match (column, self.labels.is_empty()) {
            (0, _) => Ok(Values::Matrix(self.matrix(&[0])?)),
            (1, false) if self.labels.iter().all(whole) => {
                let labels = self.labels.iter().map(|&v| v as i128);
                Ok(Values::Integers(labels.collect()))
            }
            (1, false) => Ok(Values::Matrix(self.matrix(&[1])?)),
            _ => Ok(Values::Integers(self.qids.clone())),
        }
    }

    fn line(&self, row: usize) -> Option<u64> {
        self.lines.get(row).copied()
    }
}
