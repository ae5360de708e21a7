//! What can go wrong: where it happened, what was found, and what to do about it.
//!
//! Every fallible function of the crate returns [`Error`], whose message fits on one line. Errors
//! name values and the fields of option structs; the command line puts its own option names
//! in their place ([`Error::message`]). Text from files is escaped when it enters a message, so
//! that an error can be printed to any terminal.

use std::path::PathBuf;

/// The crate's result. The second parameter keeps `use disentangle::*` harmless in notebooks.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong in the library and the program.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused to read or write a file.
    #[error("cannot {action} {}: {source}{}", printable(&path.display().to_string()), remedy(action, source))]
    Io {
        /// What was tried: "read", "write", "create".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's own reason.
        #[source]
        source: std::io::Error,
    },
    /// A file's content is malformed, unsupported or does not fit the other files.
    #[error("{}", self.message(|field| format!("`{field}`")))]
    Input {
        /// The file as the user named it, with the member or column where there is one.
        file: String,
        /// What is wrong and where (row, column, header field), with the value found.
        problem: String,
        /// What to do about it.
        remedy: String,
        /// The field of the options that does it, if there is one: the remedy ends "with `field`".
        field: Option<&'static str>,
    },
    /// A field of an option struct, or a parameter, has a value that cannot be used.
    #[error("{}", self.message(str::to_owned))]
    Option {
        /// The field's name, for example `perplexity`.
        field: &'static str,
        /// The value found.
        value: String,
        /// What is wrong and which values are possible.
        problem: String,
    },
    /// There is too little data for the requested stage.
    #[error(
        "{stage} needs at least {needed} samples, but there {} {found}",
        if *found == 1 { "is" } else { "are" }
    )]
    TooFewSamples {
        /// The stage, for example "t-SNE".
        stage: &'static str,
        /// The least number of samples.
        needed: usize,
        /// The number of samples found.
        found: usize,
    },
    /// Arrays that must describe the same samples have different lengths.
    #[error(
        "{what}: {found} rows, but the features have {expected}; both must describe the same samples"
    )]
    Mismatch {
        /// The array that does not fit, for example "labels".
        what: String,
        /// Rows of the features.
        expected: usize,
        /// Rows found.
        found: usize,
    },
    /// The neighbor graph holds too few neighbors per sample for the perplexity.
    #[error(
        "perplexity {perplexity} needs {needed} neighbors per sample, but the graph holds {found}; \
         build it with at least {needed}"
    )]
    TooFewNeighbors {
        /// The perplexity asked for.
        perplexity: f64,
        /// Three times the perplexity.
        needed: usize,
        /// Neighbors per sample in the graph.
        found: usize,
    },
    /// The data and settings need more memory than there is.
    #[error(
        "{what} would need {needed:.1} GiB of memory, but {available:.1} GiB are available; {remedy}"
    )]
    Memory {
        /// What needs it.
        what: String,
        /// Estimated need in GiB.
        needed: f64,
        /// What is available in GiB.
        available: f64,
        /// What would fit.
        remedy: String,
    },
    /// The positions stopped being finite numbers.
    #[error(
        "the optimization diverged at iteration {iteration}; lower the learning rate or the exaggeration"
    )]
    Diverged {
        /// The iteration after which a position was not finite.
        iteration: usize,
    },
    /// The user or the system asked the program to stop.
    #[error("interrupted")]
    Interrupted,
    /// The system asked the program to end (SIGTERM).
    #[error("terminated")]
    Terminated,
    /// The worker thread ended, so that it takes no more commands.
    #[error("the worker has stopped: {reason}")]
    WorkerStopped {
        /// Why it stopped.
        reason: String,
    },
    /// The terminal cannot be used.
    #[error("terminal: {problem}; {remedy}")]
    Terminal {
        /// What is wrong.
        problem: String,
        /// What to do about it.
        remedy: String,
    },
}

impl Error {
    /// An input file that cannot be used: the file (with member or column), what is wrong and
    /// where, and what to do about it.
    pub fn input(
        file: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::Input {
            file: file.into(),
            problem: problem.into(),
            remedy: remedy.into(),
            field: None,
        }
    }

    /// The same error; its remedy is carried out with this field of the options.
    ///
    /// ```
    /// use disentangle::prelude::*;
    /// let error = Error::input("a.npy", "row 7 is NaN", "leave it out").with("drop_invalid");
    /// assert_eq!(error.to_string(), "a.npy: row 7 is NaN; leave it out with `drop_invalid`");
    /// ```
    #[must_use]
    pub fn with(mut self, name: &'static str) -> Self {
        if let Self::Input { field, .. } = &mut self {
            *field = Some(name);
        }
        self
    }

    /// A file that could not be read or written.
    pub fn io(action: &'static str, path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::Io {
            action,
            path: path.into(),
            source,
        }
    }

    /// A field of an option struct, or a parameter, whose value cannot be used.
    pub fn option(
        field: &'static str,
        value: impl std::fmt::Display,
        problem: impl Into<String>,
    ) -> Self {
        Self::Option {
            field,
            value: value.to_string(),
            problem: problem.into(),
        }
    }

    /// The message, with fields written as `name` writes them: the command line names its options.
    ///
    /// ```
    /// use disentangle::prelude::*;
    /// let error = Error::option("perplexity", -3, "must be positive");
    /// assert_eq!(error.to_string(), "perplexity -3: must be positive");
    /// let message = error.message(|field| format!("--{field}"));
    /// assert_eq!(message, "--perplexity -3: must be positive");
    /// ```
    pub fn message(&self, name: impl Fn(&str) -> String) -> String {
        match self {
            Self::Input {
                file,
                problem,
                remedy,
                field,
            } => {
                let with = field.map_or_else(String::new, |f| format!(" with {}", name(f)));
                format!("{}: {problem}; {remedy}{with}", printable(file))
            }
            Self::Option {
                field,
                value,
                problem,
            } => format!("{} {}: {problem}", name(field), printable(value)),
            other => other.to_string(),
        }
    }
}

/// What to do where the system refuses to write.
fn remedy(action: &str, source: &std::io::Error) -> &'static str {
    use std::io::ErrorKind;
    match source.kind() {
        _ if action != "write" => "",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "; free some space, or write to another folder"
        }
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => "; write to another folder",
        ErrorKind::FileTooLarge => "; raise the limit of the size of files (ulimit -f)",
        _ => "",
    }
}

/// As its message.
impl serde::Serialize for Error {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Text from a file made safe to print: control characters and the characters that reorder
/// or hide text (bidirectional controls, zero-width characters) are shown escaped.
///
/// ```
/// use disentangle::printable;
/// assert_eq!(printable("cat\u{1b}[31m"), "cat\\u{1b}[31m");
/// assert_eq!(printable("naïve 猫"), "naïve 猫");
/// ```
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || is_invisible(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Characters that are invisible or change the order of what is printed.
fn is_invisible(c: char) -> bool {
    matches!(
        u32::from(c),
        0x00ad | 0x034f | 0x061c | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f
            | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0x3164 | 0xfe00..=0xfe0f
            | 0xfeff | 0xffa0 | 0xfff0..=0xfffb | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff
    )
}
