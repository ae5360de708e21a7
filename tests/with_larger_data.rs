//! Tests on larger data, whose folder `DISENTANGLE_DATA` names. Without it they are skipped, which the last
//! line says with their number; none of them counts as passed.

#![allow(
    dead_code,
    unused_imports,
    clippy::print_stdout,
    clippy::duplicate_mod,
    reason = "the modules hold tests of other targets, too, and what is skipped is said"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

#[path = "with_larger_data/bad_files.rs"]
mod bad_files;
mod common;
#[path = "comparison.rs"]
mod comparison;
#[path = "fidelity.rs"]
mod fidelity;
#[path = "with_larger_data/field_files.rs"]
mod field_files;
#[path = "with_larger_data/field_statements.rs"]
mod field_statements;
#[path = "golden.rs"]
mod golden;
#[path = "reading.rs"]
mod reading;
#[path = "separation.rs"]
mod separation;
#[path = "sessions.rs"]
mod sessions;
#[path = "statistics.rs"]
mod statistics;
#[path = "with_larger_data/studies.rs"]
mod studies;
#[path = "suspects.rs"]
mod suspects;

/// Names of functions with their names.
macro_rules! named {
    ($($module:ident::$name:ident),* $(,)?) => {
        &[$((concat!(stringify!($module), "::", stringify!($name)), $module::$name)),*]
    };
}

type Test = fn(&Path);

const TESTS: &[(&str, Test)] = named![
    reading::real_data_are_read_as_a_statistician_would,
    sessions::the_same_journey_through_grades_of_retinas,
    fidelity::the_map_of_an_early_layer_misleads_and_says_where,
    separation::figures_of_cells_and_retinas_agree_with_their_definitions,
    separation::blood_cells_are_told_apart_and_what_mixes_is_named,
    separation::grades_of_retinopathy_mix_and_none_is_said_to_stand_apart,
    statistics::every_layer_of_the_larger_data_agrees,
    comparison::separable_cells_are_told_apart_layer_by_layer,
    comparison::models_within_noise_are_not_told_apart,
    suspects::blood_cells_with_planted_errors,
    suspects::where_wrong_labels_cannot_be_found_it_says_so,
    golden::components_of_many_pixels_span_the_same_space,
    golden::larger_data_reaches_the_divergence_of_open_tsne,
    bad_files::features_are_read_or_refused,
    bad_files::labels_are_read_or_refused,
    bad_files::probabilities_are_read_with_a_remark,
    bad_files::every_file_of_the_folder_is_expected,
    bad_files::invalid_rows_can_be_dropped,
    bad_files::odd_numbers_give_finite_maps,
    field_files::files_of_the_field_are_read_as_they_were_meant,
    field_files::every_file_of_the_field_is_expected,
    field_files::a_set_with_its_rows_in_another_order_is_questioned,
    field_statements::the_order_of_rows_decides_nothing,
    field_statements::rare_classes_of_noise_are_not_called_wrong,
    field_statements::classes_smaller_than_k_stand_apart,
    field_statements::long_names_are_told_apart,
    studies::init_finds_the_models_and_layers_of_a_folder,
];

fn main() -> ExitCode {
    let folder = std::env::var_os("DISENTANGLE_DATA").map(PathBuf::from);
    let trials = TESTS.iter().map(|&(name, test)| {
        let folder = folder.clone();
        let missing = folder.is_none();
        Trial::test(name, move || {
            test(&folder.ok_or("DISENTANGLE_DATA is not set")?);
            Ok(())
        })
        .with_ignored_flag(missing)
    });
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials.collect());
    if folder.is_none() {
        println!(
            "skipped: {} tests need the larger data (DISENTANGLE_DATA is not set)",
            conclusion.num_ignored
        );
    }
    conclusion.exit_code()
}
