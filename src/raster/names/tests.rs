//! Where names stand: at their class, apart from each other, and still while the map moves.

use proptest::prelude::*;

use super::*;

/// Points in a square around each center.
fn blobs(centers: &[([f32; 2], usize)]) -> (Vec<[f32; 2]>, Vec<u16>) {
    let mut positions = Vec::new();
    let mut classes = Vec::new();
    for (class, (center, count)) in centers.iter().enumerate() {
        for i in 0..*count {
            let [x, y] = [(i % 7) as f32, (i / 7 % 7) as f32].map(|v| v / 6.0 - 0.5);
            positions.push([center[0] + x, center[1] + y]);
            classes.push(class as u16);
        }
    }
    (positions, classes)
}

fn place(
    positions: &[[f32; 2]],
    sampled: &Sampled,
    area: Area,
    widths: &[u16],
    before: &[NamePlace],
) -> Vec<NamePlace> {
    let ground = Ground {
        positions,
        sampled,
        shown: &[],
        wanted: &[],
        view: Viewport::fit(positions, area),
        area,
    };
    place_names(&ground, widths, before)
}

#[test]
fn names_stand_on_their_clusters() {
    let (positions, classes) = blobs(&[([0.0, 0.0], 49), ([8.0, 0.0], 49), ([0.0, 8.0], 49)]);
    let area = Area::new(60, 30);
    let places = place(&positions, &Sampled::of(&classes, 3), area, &[4, 4, 4], &[]);
    let view = Viewport::fit(&positions, area);
    assert_eq!(places.len(), 3);
    for place in &places {
        let centers = [[0.0, 0.0], [8.0, 0.0], [0.0, 8.0]];
        let [x, y] = view.to_dot(area, centers[usize::from(place.class)]);
        let middle = f64::from(place.column) + f64::from(place.width) / 2.0;
        assert!((middle - x / 2.0).abs() <= 4.0, "{place:?}");
        assert!((f64::from(place.row) - y / 4.0).abs() <= 2.0, "{place:?}");
    }
}

#[test]
fn a_name_leaves_most_points_of_a_small_class_to_see() {
    let (positions, classes) = blobs(&[([0.0, 0.0], 400), ([30.0, 0.0], 33), ([15.0, 14.0], 200)]);
    let area = Area::new(60, 30);
    let places = place(&positions, &Sampled::of(&classes, 3), area, &[4, 3, 4], &[]);
    let view = Viewport::fit(&positions, area);
    let name = places.iter().find(|place| place.class == 1).unwrap();
    let is_covered = |position: &[f32; 2]| {
        let [x, y] = view.to_dot(area, position.map(f64::from));
        let (column, row) = ((x / 2.0) as u16, (y / 4.0) as u16);
        row == name.row && (name.column..name.column + name.width).contains(&column)
    };
    let own = (0..positions.len()).filter(|at| classes[*at] == 1);
    let covered = own.filter(|at| is_covered(&positions[*at])).count();
    assert!(covered <= 33 / 2, "{covered} of 33 under {name:?}");
    // It stands near them nevertheless.
    let [x, y] = view.to_dot(area, [30.0, 0.0]);
    assert!((f64::from(name.column + name.width / 2) - x / 2.0).abs() < 8.0);
    assert!((f64::from(name.row) - y / 4.0).abs() <= 3.0);
}

#[test]
fn a_class_in_two_large_parts_has_its_name_twice() {
    let (mut positions, _) = blobs(&[([0.0, 0.0], 49), ([9.0, 0.0], 49), ([4.0, 6.0], 49)]);
    let mut classes = [vec![0; 98], vec![1; 49]].concat();
    let area = Area::new(60, 30);
    let count = |positions: &[[f32; 2]], classes: &[u16]| {
        let places = place(positions, &Sampled::of(classes, 2), area, &[3, 3], &[]);
        places.iter().filter(|p| p.class == 0).count()
    };
    assert_eq!(count(&positions, &classes), 2);
    // A few samples elsewhere are no part.
    positions.drain(49..90);
    classes.drain(49..90);
    assert_eq!(count(&positions, &classes), 1);
}

#[test]
fn a_name_stays_while_its_class_moves_a_little_and_follows_it_further() {
    let (positions, classes) = blobs(&[([0.0, 0.0], 49), ([8.0, 4.0], 49)]);
    let sampled = Sampled::of(&classes, 2);
    let area = Area::new(96, 40);
    let view = Viewport::fit(&positions, area);
    let at = |shift: f32, before: &[NamePlace]| {
        let moved: Vec<[f32; 2]> = positions.iter().map(|p| [p[0] + shift, p[1]]).collect();
        let ground = Ground {
            positions: &moved,
            sampled: &sampled,
            shown: &[],
            wanted: &[],
            view,
            area,
        };
        place_names(&ground, &[5, 5], before)
    };
    let first = at(0.0, &[]);
    assert_eq!(at(0.1, &first), first);
    let far = at(-3.0, &first);
    assert!(far.iter().all(|place| !first.contains(place)));
}

#[test]
fn hidden_classes_and_empty_ones_have_no_name() {
    let (positions, classes) = blobs(&[([0.0, 0.0], 49), ([8.0, 4.0], 49)]);
    let sampled = Sampled::of(&classes, 3);
    let area = Area::new(60, 30);
    let ground = Ground {
        positions: &positions,
        sampled: &sampled,
        shown: &[false, true, true],
        wanted: &[],
        view: Viewport::fit(&positions, area),
        area,
    };
    let places = place_names(&ground, &[3, 3, 3], &[]);
    assert_eq!(places.iter().map(|p| p.class).collect::<Vec<_>>(), [1]);
    let nothing = Ground {
        area: Area::new(0, 0),
        ..ground
    };
    assert!(place_names(&nothing, &[3, 3, 3], &[]).is_empty());
}

#[test]
fn a_name_leaves_a_wanted_sample_uncovered() {
    let (positions, classes) = blobs(&[([0.0, 0.0], 49), ([8.0, 4.0], 49)]);
    let sampled = Sampled::of(&classes, 2);
    let area = Area::new(60, 30);
    let ground = Ground {
        positions: &positions,
        sampled: &sampled,
        shown: &[],
        wanted: &[],
        view: Viewport::fit(&positions, area),
        area,
    };
    let before = place_names(&ground, &[6, 6], &[]);
    let hides = |places: &[NamePlace], sample: u32| {
        let cell = ground.cell(sample).unwrap();
        let covers =
            |p: &NamePlace| p.row == cell.1 && (p.column..p.column + p.width).contains(&cell.0);
        places.iter().any(covers)
    };
    let hidden = (0..98).find(|sample| hides(&before, *sample)).unwrap();
    let wanted = [hidden];
    let ground = Ground {
        wanted: &wanted,
        ..ground
    };
    // Neither by a new name nor by one that stood there before.
    for stood in [&[][..], &before] {
        let places = place_names(&ground, &[6, 6], stood);
        assert!(places.len() == 2 && !hides(&places, hidden), "{places:?}");
    }
}

proptest! {
    #[test]
    fn names_lie_within_the_picture_and_apart(
        points in prop::collection::vec((prop::array::uniform2(-5.0..5.0f32), 0..6u16), 0..300),
        widths in prop::collection::vec(0..14u16, 6),
        columns in 0..90u16, rows in 0..40u16,
    ) {
        let (mut positions, classes): (Vec<[f32; 2]>, Vec<u16>) = points.into_iter().unzip();
        if let Some(first) = positions.first_mut() {
            *first = [f32::NAN, 0.0];
        }
        let area = Area::new(columns, rows);
        let sampled = Sampled::of(&classes, 6);
        let places = place(&positions, &sampled, area, &widths, &[]);
        for (i, place) in places.iter().enumerate() {
            prop_assert!(place.row < rows && place.column + place.width <= columns);
            prop_assert_eq!(place.width, widths[usize::from(place.class)] + 2);
            prop_assert!(places[i + 1..].iter().all(|other| !other.overlaps(place)));
        }
        // Where nothing moved, nothing moves.
        let again = place_names(
            &Ground {
                positions: &positions,
                sampled: &sampled,
                shown: &[],
                wanted: &[],
                view: Viewport::fit(&positions, area),
                area,
            },
            &widths,
            &places,
        );
        let sorted = |mut places: Vec<NamePlace>| {
            places.sort_by_key(|p| (p.row, p.column));
            places
        };
        prop_assert_eq!(sorted(again), sorted(places));
    }
}
