//! `disentangle draw`: a picture of a finished map, or of one that it computes first.

use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args};

use super::embed::{How, Source};
use super::output::{Force, print_as_it_is};
use super::pictures::{PictureOptions, as_text, check_coloring, picture, picture_format};
use super::summary::{small_print, summary_of_map};
use super::watch::Watch;
use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::export::check_map_path;
use crate::run::{DAMPED, embed_with};

#[derive(Debug, Args)]
#[command(mut_arg("features", |argument| argument.value_name("MAP").help(
    "Map (n × 2), in any input format; or features, of which a map is computed first"
)))]
pub(super) struct Draw {
    #[command(flatten)]
    source: Source,
    /// File for the picture: .svg, .png, .ans or .txt [default: standard output, as text]
    #[arg(short, long, value_name = "FILE", help_heading = "Results")]
    output: Option<PathBuf>,
    #[command(flatten, next_help_heading = "Results")]
    force: Force,
    #[command(flatten)]
    picture: PictureOptions,
}

pub(super) fn run(args: Draw, given: &ArgMatches) -> Result<()> {
    if let Some(output) = &args.output {
        picture_format(output)?;
        check_map_path(output)?;
        args.force
            .check("--output", output, &args.source.inputs())?;
    }
    let (mut data, how) = args.source.read().map_err(of_map)?;
    check_coloring(&data, &args.picture)?;
    let (positions, small_print) = if data.dimensions() == 2 {
        no_options_of_maps(given)?;
        let rows = data.features();
        let positions = rows.rows().into_iter().map(|r| [r[0], r[1]]).collect();
        (
            positions,
            format!("disentangle {}", env!("CARGO_PKG_VERSION")),
        )
    } else {
        let threads = how.threads();
        let options = how.options(&mut data)?;
        let watch = Watch::new()?;
        watch.notes(data.notes());
        let execution = watch.execution(threads);
        let map = watch.outcome(embed_with(&data, &options, &mut |_| {}, &execution))?;
        if map.damping() < 1.0 {
            watch.notes(&[DAMPED.to_owned()]);
        }
        watch.finish();
        let print = small_print(&data, &summary_of_map(&data, &options, &map));
        (map.positions(), print)
    };
    draw(
        args.output.as_deref(),
        &positions,
        &data,
        &args.picture,
        args.force,
        &small_print,
    )
}

/// Refuses options of how a map is made, where the map is there.
fn no_options_of_maps(given: &ArgMatches) -> Result<()> {
    let options = How::augment_args(clap::Command::new("map"));
    let is_typed = |option: &&Arg| {
        let id = option.get_id().as_str();
        id != "threads" && given.value_source(id) == Some(ValueSource::CommandLine)
    };
    let Some(option) = options.get_arguments().find(is_typed) else {
        return Ok(());
    };
    let values = given.get_raw(option.get_id().as_str());
    let values = values.into_iter().flatten();
    let values: Vec<_> = values.map(|value| value.to_string_lossy()).collect();
    let name = option.get_long().unwrap_or_default();
    Err(Error::input(
        format!("--{name} {}", values.join(",")),
        "cannot change a finished map (n × 2)",
        "leave it out, or name the features to compute a map of",
    ))
}

/// Writes the picture.
fn draw(
    output: Option<&Path>,
    positions: &[[f32; 2]],
    data: &Dataset,
    options: &PictureOptions,
    force: Force,
    small_print: &str,
) -> Result<()> {
    match output {
        Some(path) => {
            let bytes = picture(path, positions, data, options, small_print)?;
            force.write(path, &bytes)
        }
        None => print_as_it_is(&as_text(positions, data, options, small_print)?),
    }
}

/// The error of files that are not of the same samples: what is drawn is a map.
fn of_map(error: Error) -> Error {
    match error {
        Error::Mismatch {
            what,
            expected,
            found,
        } => Error::input(
            what,
            format!("{found} rows, but the map has {expected}"),
            "both must describe the same samples",
        ),
        other => other,
    }
}
