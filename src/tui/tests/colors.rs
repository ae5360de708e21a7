//! What the colors of the map can mean, and the keys that choose it.

use super::keys::{answer, app};
use super::*;

#[test]
fn the_colors_come_round_and_leave_out_what_the_data_does_not_have() {
    use crate::picture::Coloring::{Class, Density, Mixing};
    let mut app = app();
    // Without what the diagnosis knows of each sample.
    app.map.values = Vec::new();
    let mut seen = vec![app.map.look.coloring];
    for _ in 0..3 {
        type_in(&mut app, "v");
        seen.push(app.map.look.coloring);
    }
    assert_eq!(seen, [Class, Mixing, Density, Class]);
    type_in(&mut app, "V");
    assert_eq!(app.map.look.coloring, Density);
    assert!(screen(&app, 80, 24).contains("samples per cell 1 ■"));
    type_in(&mut app, "VO");
    assert_eq!(app.map.look.coloring, Mixing);
    assert!(screen(&app, 80, 24).contains("effective classes 1 ■■■■■■■■ 3+"));
    type_in(&mut app, "V");
    assert!(screen(&app, 80, 24).contains("rarest on top"));
    let before = app.palette;
    type_in(&mut app, "C");
    assert_ne!(app.palette, before);
    type_in(&mut app, "CC");
    assert_eq!(app.palette, before);
}

#[test]
fn values_of_samples_color_the_map_while_there_are_any() {
    use crate::palette::Scale;
    use crate::picture::{Coloring, ValueScale};
    use crate::tui::app::values::SampleValues;
    let mut app = app();
    app.map.values = vec![SampleValues {
        values: vec![0.75; fake::SAMPLES].into(),
        scale: ValueScale {
            name: "trustworthiness".into(),
            low: 0.5,
            high: 1.0,
            scale: Scale::Diverging,
            marked_below: None,
        },
        fold: crate::raster::Fold::Mean,
        words: "low: neighbors on the map that are not neighbors in the features",
        of_map: true,
    }];
    type_in(&mut app, "vvv");
    assert_eq!(app.map.look.coloring, Coloring::Value);
    assert!(screen(&app, 80, 24).contains("trustworthiness 0.5 ■■■■■■■■ 1"));
    let inks: std::collections::HashSet<_> = buffer(&app, 80, 24)
        .content()
        .iter()
        .filter(|cell| ('\u{2801}'..='\u{28ff}').contains(&cell.symbol().chars().next().unwrap()))
        .map(|cell| cell.fg)
        .collect();
    assert!(inks.iter().any(|ink| Some(*ink)
        == app.palette.level(Scale::Diverging, 0.5).map(|c| {
            let (red, green, blue) = c.rgb();
            ratatui::style::Color::Rgb(red, green, blue)
        })));
    // Another map: its values are not known yet, and the legend says what is shown instead.
    answer(&mut app, |s| s.generation += 1);
    assert!(screen(&app, 80, 24).contains("samples per cell"));
}
