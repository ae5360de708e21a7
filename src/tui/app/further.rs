//! Further maps of the same features, to see what is the same in all of them.

use super::ladder::{same, shown};
use super::maps::MapId;
/// Maps of the current perplexity that are compared, the current one included.
const SEEDS: u64 = 4;

/// The maps to compare a map with: of the next seeds, and of the lower and higher perplexity.
pub(crate) fn further_maps(current: MapId, perplexities: &[f64]) -> Vec<(f64, u64)> {
    let MapId { perplexity, seed } = current;
    let seeds = (1..SEEDS).map(|next| (perplexity, seed.wrapping_add(next)));
    let others = || perplexities.iter().filter(|p| !same(**p, perplexity));
    let lower = others().filter(|p| **p < perplexity).copied();
    let higher = others().filter(|p| **p > perplexity).copied();
    let beside = [lower.reduce(f64::max), higher.reduce(f64::min)];
    let beside = beside.into_iter().flatten();
    let beside = beside.map(|perplexity| (perplexity, seed.wrapping_add(1)));
    seeds.chain(beside).collect()
}

/// "seeds 1, 2, 3, 4 at perplexity 30, seed 2 at 10 and 50".
pub(crate) fn named(maps: &[(f64, u64)]) -> String {
    let Some(first) = maps.first() else {
        return String::new();
    };
    let (here, others): (Vec<_>, Vec<&(f64, u64)>) =
        (maps.iter()).partition(|map| same(map.0, first.0));
    let seeds: Vec<String> = here
        .iter()
        .map(|map: &&(f64, u64)| map.1.to_string())
        .collect();
    let text = format!(
        "seeds {} at perplexity {}",
        seeds.join(", "),
        shown(first.0)
    );
    let others: Vec<String> = (others.iter().map(|map| shown(map.0))).collect();
    if others.is_empty() {
        return text;
    }
    format!("{text}, and perplexity {}", others.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_seeds_and_the_neighboring_perplexities() {
        let current = MapId {
            perplexity: 30.0,
            seed: 7,
        };
        let maps = further_maps(current, &[5.0, 15.0, 30.0, 50.0, 100.0]);
        let expected = [(30.0, 8), (30.0, 9), (30.0, 10), (15.0, 8), (50.0, 8)];
        assert_eq!(maps, expected);
        let maps: Vec<(f64, u64)> = [(30.0, 7)].into_iter().chain(maps).collect();
        assert_eq!(
            named(&maps),
            "seeds 7, 8, 9, 10 at perplexity 30, and perplexity 15 and 50"
        );
        assert_eq!(further_maps(current, &[30.0]).len(), 3);
    }
}
