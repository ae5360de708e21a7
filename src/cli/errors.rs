//! Errors as the command line reports them: with the names of its options, and as exit codes.

use super::file_of;
use crate::dataset::Dataset;
use crate::error::{Error, printable};
use crate::text::{first, word};
use crate::tui::Outcome;

/// Columns that are listed.
const MOST_NAMES: usize = 6;

/// Fields whose option has a name that differs from theirs.
const OPTIONS: &[(&str, &str)] = &[
    ("annealing", "--perplexity-annealing"),
    ("combined", "--perplexity-combination"),
    ("components", "--pca"),
    ("feature_columns", "--features"),
    ("header: Some(false)", "--no-header"),
    ("header: Some(true)", "--header"),
    ("features", "FEATURES"),
    ("initialization", "--init"),
    ("path", "--output"),
];
/// Fields that no option sets.
const NO_OPTIONS: &[&str] = &[
    "first",
    "largest_gradient",
    "largest_step",
    "models",
    "set",
    "sets",
];

/// The option that sets a field of the library's option structs.
fn option(field: &str) -> String {
    // Errors of the command line itself name the option.
    if field.starts_with('-') || field.starts_with(char::is_uppercase) {
        return field.to_owned();
    }
    if NO_OPTIONS.contains(&field) {
        return field.replace('_', " ");
    }
    match OPTIONS.iter().find(|(name, _)| *name == field) {
        Some((_, option)) => (*option).to_owned(),
        None => format!("--{}", field.replace('_', "-")),
    }
}

/// An error's message, with options in the place of fields.
pub(super) fn message(error: &Error) -> String {
    error.message(option)
}

/// The error of a command that needs labels where there are none. `what` needs them.
pub(super) fn no_labels(data: &Dataset, what: &str) -> Error {
    let file = file_of(data);
    let possible = data.possible_labels();
    let problem = format!("there are no labels, but {what} need them");
    let by_file = "name a file of labels with --labels";
    match possible {
        [] if data.columns().is_empty() => Error::input(file, problem, by_file),
        [] => {
            let columns = first(data.columns(), MOST_NAMES, |c| printable(&c.column));
            let by_column = format!(
                "{by_file}, or the label column with --label-column; the columns are {columns}"
            );
            Error::input(file, problem, by_column)
        }
        [name, ..] => Error::input(
            file,
            format!(
                "{problem}, and no label column was recognized; the label could be {}",
                first(possible, MOST_NAMES, |name| printable(name))
            ),
            format!("name it, for example --label-column {}", word(name)),
        ),
    }
}

/// 2 for input or options that cannot be used, 130 and 143 for an interruption, 1 for every other
/// failure.
pub(super) fn exit_code(error: &Error) -> i32 {
    match error {
        Error::Io { action, .. } if *action != "read" => 1,
        Error::Io { .. }
        | Error::Input { .. }
        | Error::Option { .. }
        | Error::TooFewSamples { .. }
        | Error::Mismatch { .. }
        | Error::Memory { .. }
        | Error::TooFewNeighbors { .. } => 2,
        Error::Interrupted => 130,
        Error::Terminated => 143,
        Error::Diverged { .. } | Error::WorkerStopped { .. } | Error::Terminal { .. } => 1,
    }
}

/// 0, 128 + the signal, or 129 (as for a hang-up) where the terminal is gone.
pub(super) fn outcome_code(outcome: Outcome) -> i32 {
    match outcome {
        Outcome::Quit => 0,
        Outcome::Signal(signal) => 128 + signal,
        Outcome::TerminalGone => 129,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_become_options() {
        for (field, named) in [
            ("perplexity", "--perplexity"),
            ("least_difference", "--least-difference"),
            ("components", "--pca"),
            ("--json", "--json"),
            ("MAP", "MAP"),
            ("largest_step", "largest step"),
        ] {
            assert_eq!(option(field), named);
        }
    }

    #[test]
    fn codes_say_who_is_at_fault() {
        let option = Error::option("perplexity", -3, "must be positive");
        assert_eq!(exit_code(&option), 2);
        assert_eq!(exit_code(&Error::Interrupted), 130);
        assert_eq!(outcome_code(Outcome::Quit), 0);
        assert_eq!(outcome_code(Outcome::Signal(15)), 143);
    }
}
