//! Maps as pictures: how they look, and recordings of the optimization.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::{ArgAction, Args};

use super::output::Force;
use crate::dataset::{Dataset, UNLABELED};
use crate::error::{Error, Result};
use crate::export::{
    Cast, Drawing, LegendEntry, MapFormat, PictureSize, check_map_path, endings, picture_to_bytes,
    text_area,
};
use crate::palette::{Background, ColorDepth, ColorSet, Palette};
use crate::picture::{Coloring, Glyphs, Look, ValueScale, Winner, label_probabilities, outcomes};
use crate::raster::names::MOST_CLASSES;
use crate::raster::{Area, Points, Turn};
use crate::text::whole;
use crate::tsne::Embedding;

/// How a picture looks.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Picture")]
pub(super) struct PictureOptions {
    /// What the colors mean; outcome: whether the prediction is right; probability: the one that the
    /// model gives to the label
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    color: Coloring,
    /// Where classes overlap, show the color of the one with the fewest samples in the whole map,
    /// instead of the one with the most in the cell
    #[arg(long)]
    rarest: bool,
    /// Colors of the classes
    #[arg(long, value_name = "NAME", value_enum, default_value_t)]
    palette: ColorSet,
    /// Background of the picture [default: light for .svg and .png, dark for .ans and .txt; on standard
    /// output the terminal's, or dark if that is not known]
    #[arg(long, value_name = "WHICH", value_enum)]
    background: Option<Background>,
    /// Characters that a text picture is drawn with
    #[arg(long, value_name = "NAME", value_enum)]
    glyphs: Option<Glyphs>,
    /// Size in pixels (1600x1200), on paper (6x4in, 15x10cm), or in characters for text (100x40)
    /// [default: 1600x1200, or 100x40]
    #[arg(long, value_name = "WxH", value_parser = size)]
    size: Option<Size>,
    /// Pixels per inch; letters and points keep their size on paper [default: 300 for a size on
    /// paper, 200 for one in pixels]
    #[arg(long, value_name = "N", value_parser = whole(20_u32..=2400))]
    dpi: Option<u32>,
    /// Write the names of the classes on the map, in .svg and .png [default: true for up to 30
    /// classes]
    #[arg(long, value_name = "BOOL")]
    names: Option<bool>,
    /// Turn the map so that its long axis lies along the longer side of the picture; the positions
    /// in files stay as they are
    #[arg(long, value_name = "BOOL", action = ArgAction::Set, default_value_t = true)]
    turn: bool,
    /// Text above the map; "" for none [default: the name of the data]
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
}

/// A size as the user writes it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Size {
    /// In pixels, or in characters.
    Count(u32, u32),
    /// In inches.
    Paper(f64, f64),
}

/// Centimeters in an inch.
const CENTIMETERS: f64 = 2.54;
/// Pixels per inch of a size on paper.
const PAPER_DPI: u32 = 300;

fn size(text: &str) -> std::result::Result<Size, String> {
    let text = text.trim();
    let units = [("in", 1.0), ("cm", CENTIMETERS), ("mm", 10.0 * CENTIMETERS)];
    let unit = units
        .iter()
        .find_map(|(name, per_inch)| Some((text.strip_suffix(name)?, per_inch)));
    let sides = |text: &str| {
        let (width, height) = text.split_once(['x', 'X', '×'])?;
        Some((width.trim().to_owned(), height.trim().to_owned()))
    };
    let found = match unit {
        None => sides(text).and_then(|(w, h)| Some(Size::Count(w.parse().ok()?, h.parse().ok()?))),
        Some((numbers, per_inch)) => sides(numbers).and_then(|(w, h)| {
            let inches = |text: String| text.parse::<f64>().ok().map(|v| v / per_inch);
            let paper = Size::Paper(inches(w)?, inches(h)?);
            matches!(paper, Size::Paper(w, h) if (0.0..1e3).contains(&w) && (0.0..1e3).contains(&h))
                .then_some(paper)
        }),
    };
    found.ok_or_else(|| "must be two numbers, as in 1600x1200, 6x4in or 15x10cm".into())
}

impl PictureOptions {
    /// The size of a picture in a format; for text in characters, for which sizes on paper mean nothing.
    fn size(&self, format: MapFormat) -> Option<PictureSize> {
        let is_text = matches!(format, MapFormat::Text | MapFormat::Cast);
        match self.size {
            None | Some(Size::Paper(..)) if is_text => None,
            None => self.dpi.map(|dpi| PictureSize {
                dpi,
                ..PictureSize::default()
            }),
            Some(Size::Count(width, height)) => Some(PictureSize {
                dpi: self.dpi.unwrap_or(PictureSize::SCREEN_DPI),
                ..PictureSize::pixels(width, height)
            }),
            Some(Size::Paper(width, height)) => {
                let dpi = self.dpi.unwrap_or(PAPER_DPI);
                let pixels = |inches: f64| (inches * f64::from(dpi)).round() as u32;
                let (width, height) = (pixels(width), pixels(height));
                Some(PictureSize { width, height, dpi })
            }
        }
    }

    /// The size of text in characters, if one was chosen.
    fn characters(&self) -> Option<(u32, u32)> {
        let size = self.size(MapFormat::Text)?;
        Some((size.width, size.height))
    }
}

/// Refuses colors that need data which is missing.
pub(super) fn check_coloring(data: &Dataset, options: &PictureOptions) -> Result<()> {
    let has_labels = data.labels().is_some();
    let (value, has, needs) = match options.color {
        Coloring::Class | Coloring::Density => return Ok(()),
        Coloring::Mixing => (
            "mixing",
            has_labels,
            "needs labels: give them with --labels",
        ),
        Coloring::Outcome => (
            "outcome",
            has_labels && data.predictions().is_some(),
            "needs labels and --predictions (or --probabilities)",
        ),
        Coloring::Value => (
            "probability",
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
pub(super) fn as_text(
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
    Ok(drawing.to_ansi(text_area(options.characters())?))
}

/// The format that a file's name asks for.
pub(super) fn picture_format(path: &Path) -> Result<MapFormat> {
    match MapFormat::of_path(path) {
        Ok(format @ (MapFormat::Svg | MapFormat::Png | MapFormat::Text)) => Ok(format),
        _ => Err(Error::option(
            "--output",
            path.display(),
            format!(
                "the name of a picture must end in {}",
                endings::one_of(endings::PICTURES)
            ),
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
    picture_to_bytes(&drawing, format, options.size(format))
}

/// What a drawing borrows: look, colors and values.
struct Material {
    look: Look,
    names: bool,
    title: String,
    /// How the map is turned; `None` to fill the picture.
    turn: Option<Turn>,
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
        let classes = labels.map_or(0, |labels| labels.names().len());
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
            names: options.names.unwrap_or(classes <= MOST_CLASSES) && classes > 0,
            title: options
                .title
                .clone()
                .unwrap_or_else(|| data.name().to_owned()),
            turn: (!options.turn).then(Turn::default),
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
            turn: self.turn,
            names: self.names,
            title: self.title.clone(),
            classes: LegendEntry::of(data),
            small_print: small_print.to_owned(),
        }
    }
}

/// A recording of the optimization that grows while it runs.
pub(super) struct Recorder<'a> {
    path: PathBuf,
    cast: Cast,
    area: Area,
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
        let size = options.characters().filter(|size| size.0 <= 400);
        let area = text_area(size)?;
        Ok(Self {
            path,
            cast: Cast::new(area),
            area,
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
        // The turn of the first frame holds for all: the map is not turned while it forms.
        let fill = || Turn::to_fill(self.area, &positions, Turn::default());
        self.material.turn = Some(self.material.turn.unwrap_or_else(fill));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_in_pixels_or_on_paper() {
        assert_eq!(size("1600x1200"), Ok(Size::Count(1600, 1200)));
        assert_eq!(size("6x4in"), Ok(Size::Paper(6.0, 4.0)));
        assert_eq!(size(" 6.5 × 4 in"), Ok(Size::Paper(6.5, 4.0)));
        assert_eq!(size("254x127mm"), Ok(Size::Paper(10.0, 5.0)));
        assert_eq!(size("25.4x12.7cm"), Ok(Size::Paper(10.0, 5.0)));
        for wrong in [
            "", "6", "6in", "6x", "6.5x4", "-6x4in", "infx4in", "nanx4cm", "6x4ft",
        ] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
