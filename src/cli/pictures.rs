//! Maps as pictures: `embed -o map.svg`, `embed --record map.cast`, `draw map.npy`.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::Args;

use super::data::{Knowledge, one_set};
use super::output::Force;
use crate::dataset::{Dataset, UNLABELED, read};
use crate::error::{Error, Result};
use crate::export::{
    Cast, Drawing, LegendEntry, MapFormat, check_map_path, picture_to_bytes, text_area,
};
use crate::palette::{Background, ColorDepth, ColorSet, Palette};
use crate::picture::{Coloring, Glyphs, Look, ValueScale, Winner, label_probabilities, outcomes};
use crate::raster::Points;
use crate::tsne::Embedding;

/// How a picture looks.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Picture")]
pub(super) struct PictureOptions {
    /// What the colors mean; outcome: whether the prediction is right, value: the probability of
    /// the label
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    color: Coloring,
    /// Where classes overlap, show the color of the one with the fewest samples in the whole map,
    /// instead of the one with the most in the cell
    #[arg(long)]
    rarest: bool,
    /// Colors of the classes
    #[arg(long, value_name = "NAME", value_enum, default_value_t)]
    palette: ColorSet,
    /// Background of the picture [default: light for .svg and .png; for text, the terminal's, or dark
    /// if that is not known]
    #[arg(long, value_name = "WHICH", value_enum)]
    background: Option<Background>,
    /// Characters that a text picture is drawn with
    #[arg(long, value_name = "NAME", value_enum)]
    glyphs: Option<Glyphs>,
    /// Size in pixels, or in characters for text [default: 1600x1200, or 100x40]
    #[arg(long, value_name = "WxH", value_parser = size)]
    size: Option<(u32, u32)>,
}

fn size(text: &str) -> std::result::Result<(u32, u32), String> {
    let numbers = text
        .split_once(['x', 'X', '×'])
        .and_then(|(width, height)| {
            Some((width.trim().parse().ok()?, height.trim().parse().ok()?))
        });
    numbers.ok_or_else(|| "must be two numbers, as in 1600x1200".into())
}

/// `disentangle draw`.
#[derive(Debug, Args)]
pub(super) struct Draw {
    /// Map (n × 2), in any input format
    #[arg(value_name = "MAP")]
    map: PathBuf,
    #[command(flatten)]
    knowledge: Knowledge,
    /// File for the picture: .svg, .png, .ans or .txt [default: standard output, as text]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    force: Force,
    #[command(flatten)]
    picture: PictureOptions,
}

/// Draws a map from a file.
pub(super) fn run(args: Draw) -> Result<()> {
    if let Some(output) = &args.output {
        picture_format(output)?;
        check_map_path(output)?;
        let inputs = args.knowledge.files().chain([&args.map]).collect();
        args.force.check("--output", output, &inputs)?;
    }
    one_set("MAP", &args.map)?;
    let data = read(&args.map, &args.knowledge.of_one()?);
    let data = data.map_err(|error| match error {
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
    })?;
    if data.dimensions() != 2 {
        return Err(Error::input(
            args.map.display().to_string(),
            format!("a map has 2 columns, but this has {}", data.dimensions()),
            "compute a map with `disentangle embed` and draw that",
        ));
    }
    check_coloring(&data, &args.picture)?;
    let rows = data.features();
    let positions: Vec<[f32; 2]> = rows.rows().into_iter().map(|r| [r[0], r[1]]).collect();
    let small_print = format!("disentangle {}", env!("CARGO_PKG_VERSION"));
    if let Some(path) = &args.output {
        let bytes = picture(path, &positions, &data, &args.picture, &small_print)?;
        return args.force.write(path, &bytes);
    }
    super::output::print_as_it_is(&as_text(&positions, &data, &args.picture, &small_print)?)
}

/// Refuses colors that need data which is missing.
pub(super) fn check_coloring(data: &Dataset, options: &PictureOptions) -> Result<()> {
    let has_labels = data.labels().is_some();
    let (value, has, needs) = match options.color {
        Coloring::Class | Coloring::Density => return Ok(()),
        Coloring::Mixing => (
            "mixing",
            has_labels,
            "needs labels: name them with --labels",
        ),
        Coloring::Outcome => (
            "outcome",
            has_labels && data.predictions().is_some(),
            "needs labels and --predictions (or --probabilities)",
        ),
        Coloring::Value => (
            "value",
            has_labels && data.probabilities().is_some(),
            "needs labels and --probabilities",
        ),
    };
    if has {
        Ok(())
    } else {
        Err(Error::option("--color", value, needs))
    }
}

/// A picture for standard output, with colors if that is a terminal with colors.
fn as_text(
    positions: &[[f32; 2]],
    data: &Dataset,
    options: &PictureOptions,
    small_print: &str,
) -> Result<String> {
    let variable = |name: &str| std::env::var(name).ok();
    let is_terminal = std::io::stdout().is_terminal();
    let depth = if is_terminal {
        ColorDepth::detect(variable)
    } else {
        ColorDepth::None
    };
    let ground = Background::detect(variable).unwrap_or_default();
    let mut options = options.clone();
    options.glyphs = options.glyphs.or_else(|| {
        Some(Glyphs::detect(variable)).filter(|g| is_terminal && *g != Glyphs::default())
    });
    let material = Material::new(data, &options, depth, ground);
    let drawing = material.drawing(positions, data, small_print);
    Ok(drawing.to_ansi(text_area(options.size)?))
}

/// The format that a file's name asks for.
fn picture_format(path: &Path) -> Result<MapFormat> {
    match MapFormat::of_path(path) {
        Ok(format @ (MapFormat::Svg | MapFormat::Png | MapFormat::Text)) => Ok(format),
        _ => Err(Error::option(
            "--output",
            path.display(),
            "the name of a picture must end in .svg, .png, .ans or .txt",
        )),
    }
}

/// A picture in the format that the file's name asks for.
pub(super) fn picture(
    path: &Path,
    positions: &[[f32; 2]],
    data: &Dataset,
    options: &PictureOptions,
    small_print: &str,
) -> Result<Vec<u8>> {
    let format = picture_format(path)?;
    let (depth, ground) = match format {
        MapFormat::Svg | MapFormat::Png => (ColorDepth::True, Background::Light),
        _ if path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("txt")) =>
        {
            (ColorDepth::None, Background::Dark)
        }
        _ => (ColorDepth::True, Background::Dark),
    };
    let material = Material::new(data, options, depth, ground);
    let drawing = material.drawing(positions, data, small_print);
    picture_to_bytes(&drawing, format, options.size)
}

/// What a drawing borrows: look, colors and values.
struct Material {
    look: Look,
    palette: Palette,
    outcomes: Vec<u16>,
    values: Option<(Vec<f32>, ValueScale)>,
}

impl Material {
    fn new(
        data: &Dataset,
        options: &PictureOptions,
        depth: ColorDepth,
        ground: Background,
    ) -> Self {
        let letters = depth == ColorDepth::None && data.labels().is_some();
        let default = if letters {
            Glyphs::Letters
        } else {
            Glyphs::default()
        };
        let labels = data.labels();
        let outcomes = match (labels, data.predictions()) {
            (Some(labels), Some(predictions)) => outcomes(labels.indices(), predictions),
            _ => vec![UNLABELED; data.samples()],
        };
        Self {
            look: Look {
                glyphs: options.glyphs.unwrap_or(default),
                coloring: options.color,
                winner: if options.rarest {
                    Winner::Rarest
                } else {
                    Winner::Majority
                },
            },
            palette: Palette::of(depth, options.palette, options.background.unwrap_or(ground)),
            outcomes,
            values: label_probabilities(data),
        }
    }

    fn drawing<'a>(
        &'a self,
        positions: &'a [[f32; 2]],
        data: &'a Dataset,
        small_print: &str,
    ) -> Drawing<'a> {
        let mut points = Points::new(positions, data.labels().map_or(&[], |l| l.indices()));
        let values = self.values.as_ref();
        let values = values.filter(|_| self.look.coloring == Coloring::Value);
        if let Some((values, _)) = values {
            points.values = values;
        } else if self.look.coloring == Coloring::Outcome {
            points.groups = &self.outcomes;
        }
        Drawing {
            points,
            values: values.map(|(_, scale)| scale),
            look: self.look,
            palette: self.palette,
            window: None,
            title: data.name().to_owned(),
            classes: LegendEntry::of(data),
            small_print: small_print.to_owned(),
        }
    }
}

/// A recording of the optimization that grows while it runs.
pub(super) struct Recorder<'a> {
    path: PathBuf,
    cast: Cast,
    data: &'a Dataset,
    material: Material,
    /// Iterations from one frame to the next.
    every: usize,
}

impl<'a> Recorder<'a> {
    /// Most frames of a recording.
    const FRAMES: usize = 150;

    /// Starts a recording of this many iterations.
    pub(super) fn new(
        path: PathBuf,
        data: &'a Dataset,
        options: &PictureOptions,
        iterations: usize,
    ) -> Result<Self> {
        if MapFormat::of_path(&path).ok() != Some(MapFormat::Cast) {
            return Err(Error::option(
                "--record",
                path.display(),
                "the name of a recording must end in .cast",
            ));
        }
        check_map_path(&path)?;
        let size = options.size.filter(|size| size.0 <= 400);
        Ok(Self {
            path,
            cast: Cast::new(text_area(size)?),
            data,
            material: Material::new(data, options, ColorDepth::True, Background::Dark),
            every: iterations.div_ceil(Self::FRAMES).max(1),
        })
    }

    /// Adds a frame if one is due.
    pub(super) fn watch(&mut self, map: &Embedding) {
        if map.iteration().is_multiple_of(self.every) {
            self.frame(map);
        }
    }

    fn frame(&mut self, map: &Embedding) {
        let positions = map.positions();
        let small_print = format!(
            "perplexity {} · iteration {}",
            super::summary::rounded(map.affinities().perplexity()),
            map.iteration()
        );
        let drawing = self.material.drawing(&positions, self.data, &small_print);
        self.cast.push(&drawing);
    }

    /// Writes the file, ending with the last iteration.
    pub(super) fn finish(mut self, map: &Embedding, force: Force) -> Result<()> {
        if !map.iteration().is_multiple_of(self.every) {
            self.frame(map);
        }
        force.write(&self.path, self.cast.text().as_bytes())
    }
}
