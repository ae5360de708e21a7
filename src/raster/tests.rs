use proptest::prelude::*;

use super::*;

fn draw(positions: &[[f32; 2]], classes: &[u16], area: Area) -> Raster {
    let view = Viewport::new([0.0, 0.0], 1.0);
    Raster::draw(&Points::new(positions, classes), view, area)
}

#[test]
fn the_majority_wins_in_any_order() {
    // One cell is 2 × 4 dots around the center.
    let spots = [[-0.5, 0.5], [0.5, 0.5], [-0.5, -0.5], [0.5, 1.5]];
    let area = Area::new(1, 1);
    let one = draw(&spots, &[3, 3, 3, 1], area);
    let other = draw(&spots, &[1, 3, 3, 3], area);
    for raster in [&one, &other] {
        let cell = raster.cell(0, 0).unwrap();
        assert_eq!((cell.majority, cell.majority_count, cell.total), (3, 3, 4));
        let expected = [(1, 1), (3, 3)].map(|(class, count)| ClassCount { class, count });
        assert_eq!(raster.counts(cell), expected);
    }
    assert_eq!(one.to_text(), other.to_text());
}

#[test]
fn equal_counts_fall_to_the_smaller_class() {
    let spots = [[0.5, 0.5]; 4];
    let cell = *draw(&spots, &[7, 2, 7, 2], Area::new(1, 1))
        .cell(0, 0)
        .unwrap();
    assert_eq!(cell.majority, 2);
    let unlabeled = *draw(&spots, &[UNLABELED, 9, UNLABELED, 9], Area::new(1, 1))
        .cell(0, 0)
        .unwrap();
    assert_eq!(unlabeled.majority, 9);
}

#[test]
fn each_dot_sets_its_own_bit() {
    let area = Area::new(1, 1);
    let mut all = 0;
    for x in [-0.5, 0.5] {
        for y in [-1.5, -0.5, 0.5, 1.5] {
            let cell = *draw(&[[x, y]], &[0], area).cell(0, 0).unwrap();
            assert_eq!(cell.dots.count_ones(), 1);
            all |= cell.dots;
        }
    }
    assert_eq!(all, 0xff);
    assert_eq!(draw(&[[-0.5, 1.5]], &[0], area).to_text(), "⠁");
    assert_eq!(draw(&[[0.5, -1.5]], &[0], area).to_text(), "⢀");
}

#[test]
fn hidden_classes_leave_no_trace() {
    let spots = [[-0.5, 0.5], [0.5, 0.5], [0.5, -0.5]];
    let points = Points {
        positions: &spots,
        classes: &[0, 1, UNLABELED],
        shown: &[true, false],
        unlabeled_shown: false,
        ..Points::new(&[], &[])
    };
    let raster = Raster::draw(&points, Viewport::new([0.0; 2], 1.0), Area::new(1, 1));
    assert_eq!(raster.cell(0, 0).unwrap().total, 1);
    assert_eq!((raster.inside(), raster.outside()), (1, 0));
}

#[test]
fn what_is_not_finite_is_skipped_and_what_is_beyond_is_counted() {
    let spots = [
        [f32::NAN, 0.0],
        [0.0, f32::INFINITY],
        [f32::NEG_INFINITY, f32::NAN],
        [1e30, 0.0],
        [0.0, 0.0],
    ];
    let raster = draw(&spots, &[0; 5], Area::new(3, 3));
    assert_eq!((raster.inside(), raster.outside()), (1, 1));
}

#[test]
fn areas_of_no_size_draw_nothing() {
    for area in [Area::new(0, 0), Area::new(0, 5), Area::new(5, 0)] {
        let raster = draw(&[[0.0, 0.0]; 3], &[0; 3], area);
        assert_eq!(raster.inside(), 0);
        assert_eq!(raster.to_text().trim(), "");
        assert!(raster.cell(0, 0).is_none());
    }
}

#[test]
fn many_classes_and_too_few_labels_are_no_trouble() {
    let positions: Vec<[f32; 2]> = (0..5000).map(|i| [(i % 50) as f32, 0.0]).collect();
    let classes: Vec<u16> = (0..4000).collect();
    let area = Area::new(60, 10);
    let view = Viewport::fit(&positions, area);
    let raster = Raster::draw(&Points::new(&positions, &classes), view, area);
    let total: u32 = raster.lines().flatten().map(|c| c.total).sum();
    assert_eq!(total, 5000);
    assert!(
        raster
            .counts
            .iter()
            .any(|c| c.class == UNLABELED && c.count > 1)
    );
}

proptest! {
    #[test]
    fn counts_add_up_and_do_not_depend_on_order(
        points in prop::collection::vec((prop::array::uniform2(-9.0..9.0f32), 0..5u16), 0..80),
        columns in 0..6u16, rows in 0..4u16,
    ) {
        let area = Area::new(columns, rows);
        let split = |p: &[([f32; 2], u16)]| -> (Vec<[f32; 2]>, Vec<u16>) {
            p.iter().copied().unzip()
        };
        let (positions, classes) = split(&points);
        let raster = draw(&positions, &classes, area);
        prop_assert_eq!(raster.inside() + raster.outside(), points.len());
        for cell in raster.lines().flatten() {
            let counts = raster.counts(cell);
            prop_assert_eq!(counts.iter().map(|c| c.count).sum::<u32>(), cell.total);
            prop_assert!(counts.iter().all(|c| c.count <= cell.majority_count));
            prop_assert!(counts.is_sorted_by(|a, b| a.class < b.class));
            prop_assert_eq!(cell.total == 0, cell.dots == 0);
        }
        let backward: Vec<_> = points.iter().rev().copied().collect();
        let (positions, classes) = split(&backward);
        let again = draw(&positions, &classes, area);
        prop_assert_eq!(raster.cells, again.cells);
        prop_assert_eq!(raster.counts, again.counts);
    }
}
