//! How the mixed pairs of classes are arranged, and whether mixing follows the order of the classes.
//!
//! In: the pairs, and the order of the classes if they have one. Out: a [`Structure`]. The arrangement
//! describes which pairs are mixed, as a graph; it needs no test beyond those of the pairs. Whether
//! mixing decreases with the distance in an order is tested (`statistics/order.rs`), and if it does,
//! whether each class lies between its neighbors in the order.

use serde::{Deserialize, Serialize};

use crate::statistics::Estimate;
use crate::statistics::inference::{benjamini_hochberg, normal_tail};
use crate::statistics::order::{OrderTest, test_order};

/// Fewer mixed pairs have no arrangement.
const FEWEST_PAIRS: usize = 3;
/// A hub mixes with at least this share of the other classes.
const HUB_DEGREE: f64 = 0.75;
/// And the mixed pairs without it are at most this share of those with it.
const HUB_OTHERS: f64 = 0.25;
/// At least this share of the pairs within a group are mixed.
const GROUP_DENSITY: f64 = 2.0 / 3.0;
/// Most pairs mix if at least this share does.
const MOST: f64 = 0.5;
/// Level of the test of the order.
const ORDER_LEVEL: f64 = 0.02;
/// Level of the tests of single classes, after correction.
const BETWEEN_LEVEL: f64 = 0.05;

/// How the mixed pairs of classes are arranged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[non_exhaustive]
pub enum Arrangement {
    /// Each class mixes with the next one only.
    Chain {
        /// The classes in the order of the chain.
        classes: Vec<usize>,
    },
    /// One class mixes with all or most others, which hardly mix with each other.
    Hub {
        /// The class.
        class: usize,
        /// Classes that it mixes with.
        partners: usize,
    },
    /// Classes mix within groups only.
    Groups {
        /// The classes of each group, the largest group first.
        groups: Vec<Vec<usize>>,
    },
    /// Most pairs mix.
    Most {
        /// The pairs that do not mix.
        except: Vec<(usize, usize)>,
    },
}

/// A class that lies between two others: it mixes with each of them more than they mix with each
/// other.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Between {
    /// The class.
    pub class: usize,
    /// Its neighbors in the order.
    pub neighbors: (usize, usize),
    /// p-value, corrected for the number of classes.
    pub p_value: f64,
}

/// Whether mixing follows the order of the classes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// The classes in their order.
    pub classes: Vec<usize>,
    /// The test.
    #[serde(flatten)]
    pub test: OrderTest,
    /// Whether mixing follows the order: the p-value is at most 0.02.
    pub followed: bool,
    /// Classes that are shown to lie between their neighbors in the order; empty if mixing does not
    /// follow it.
    pub between: Vec<Between>,
}

/// The structure of the mixing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Structure {
    /// How the mixed pairs are arranged; `None` if there are few, or no simple arrangement.
    pub arrangement: Option<Arrangement>,
    /// Whether mixing follows the order of the classes; `None` if they have none, or are fewer than
    /// five.
    pub order: Option<Order>,
}

/// A pair of classes, by their indices.
pub(super) struct Pair {
    pub(super) classes: (usize, usize),
    pub(super) overlap: Estimate,
    pub(super) mixed: bool,
}

impl Structure {
    /// `pairs` are all pairs of `members`, the classes that have enough samples; `order` holds all
    /// classes in their order.
    pub(super) fn of(members: &[usize], pairs: &[Pair], order: Option<&[usize]>) -> Self {
        let mut overlaps = Table::new(members);
        for pair in pairs {
            overlaps.set(pair);
        }
        Self {
            arrangement: overlaps.arrangement(),
            order: order.and_then(|order| overlaps.order(order)),
        }
    }
}

/// The pairs as a table of the member classes.
struct Table<'a> {
    members: &'a [usize],
    /// Members × members, `None` on the diagonal.
    overlaps: Vec<Option<Estimate>>,
    mixed: Vec<bool>,
}

impl<'a> Table<'a> {
    fn new(members: &'a [usize]) -> Self {
        let cells = members.len() * members.len();
        Self {
            members,
            overlaps: vec![None; cells],
            mixed: vec![false; cells],
        }
    }

    fn place(&self, class: usize) -> Option<usize> {
        self.members.binary_search(&class).ok()
    }

    fn set(&mut self, pair: &Pair) {
        let (a, b) = pair.classes;
        if let (Some(a), Some(b)) = (self.place(a), self.place(b)) {
            for cell in [a * self.members.len() + b, b * self.members.len() + a] {
                self.overlaps[cell] = Some(pair.overlap);
                self.mixed[cell] = pair.mixed;
            }
        }
    }

    fn is_mixed(&self, a: usize, b: usize) -> bool {
        self.mixed[a * self.members.len() + b]
    }

    /// The members that a member mixes with.
    fn partners(&self, a: usize) -> Vec<usize> {
        let all = 0..self.members.len();
        all.filter(|&b| self.is_mixed(a, b)).collect()
    }

    fn arrangement(&self) -> Option<Arrangement> {
        let classes = self.members.len();
        let partners: Vec<Vec<usize>> = (0..classes).map(|a| self.partners(a)).collect();
        let mixed = partners.iter().map(Vec::len).sum::<usize>() / 2;
        if mixed < FEWEST_PAIRS {
            return None;
        }
        (self.chain(&partners, mixed))
            .or_else(|| self.hub(&partners, mixed))
            .or_else(|| self.groups(&partners))
            .or_else(|| self.most(mixed))
    }

    fn named(&self, places: &[usize]) -> Vec<usize> {
        places.iter().map(|&at| self.members[at]).collect()
    }

    /// All mixed pairs form one path.
    fn chain(&self, partners: &[Vec<usize>], mixed: usize) -> Option<Arrangement> {
        let involved = partners.iter().filter(|p| !p.is_empty()).count();
        let start = partners.iter().position(|p| p.len() == 1)?;
        if involved != mixed + 1 || partners.iter().any(|p| p.len() > 2) {
            return None;
        }
        let mut path = vec![start];
        while let Some(&next) = partners[path[path.len() - 1]]
            .iter()
            .find(|next| !path.contains(next))
        {
            path.push(next);
        }
        (path.len() == involved).then(|| Arrangement::Chain {
            classes: self.named(&path),
        })
    }

    fn hub(&self, partners: &[Vec<usize>], mixed: usize) -> Option<Arrangement> {
        let (at, of_hub) = partners
            .iter()
            .enumerate()
            .rev()
            .max_by_key(|(_, p)| p.len())?;
        let degree = of_hub.len();
        let is_hub = degree >= FEWEST_PAIRS
            && degree as f64 >= HUB_DEGREE * (partners.len() - 1) as f64
            && (mixed - degree) as f64 <= HUB_OTHERS * degree as f64;
        is_hub.then(|| Arrangement::Hub {
            class: self.members[at],
            partners: degree,
        })
    }

    fn groups(&self, partners: &[Vec<usize>]) -> Option<Arrangement> {
        let mut found: Vec<Vec<usize>> = Vec::new();
        let mut seen = vec![false; partners.len()];
        for start in 0..partners.len() {
            if seen[start] || partners[start].is_empty() {
                continue;
            }
            seen[start] = true;
            let mut group = vec![start];
            let mut next = 0;
            while next < group.len() {
                for &other in &partners[group[next]] {
                    if !seen[other] {
                        seen[other] = true;
                        group.push(other);
                    }
                }
                next += 1;
            }
            group.sort_unstable();
            let arcs: usize = group.iter().map(|&a| partners[a].len()).sum();
            let possible = group.len() * (group.len() - 1);
            if (arcs as f64) < GROUP_DENSITY * possible as f64 {
                return None;
            }
            found.push(group);
        }
        let is_structure = found.iter().any(|group| group.len() > 2)
            && found.iter().all(|group| group.len() < partners.len());
        found.sort_by_key(|group| std::cmp::Reverse(group.len()));
        is_structure.then(|| Arrangement::Groups {
            groups: found.iter().map(|group| self.named(group)).collect(),
        })
    }

    fn most(&self, mixed: usize) -> Option<Arrangement> {
        let classes = self.members.len();
        let total = classes * (classes - 1) / 2;
        if (mixed as f64) < MOST * total as f64 {
            return None;
        }
        let pairs = (0..classes).flat_map(|a| (a + 1..classes).map(move |b| (a, b)));
        let unmixed = pairs.filter(|&(a, b)| !self.is_mixed(a, b));
        Some(Arrangement::Most {
            except: unmixed
                .map(|(a, b)| (self.members[a], self.members[b]))
                .collect(),
        })
    }

    fn order(&self, order: &[usize]) -> Option<Order> {
        let places: Vec<usize> = order.iter().filter_map(|&c| self.place(c)).collect();
        let classes = places.len();
        let overlap =
            |a: usize, b: usize| self.overlaps[places[a] * self.members.len() + places[b]];
        let mut mixing = vec![0.0; classes * classes];
        for a in 0..classes {
            for b in (0..classes).filter(|&b| b != a) {
                mixing[a * classes + b] = overlap(a, b)?.value;
            }
        }
        let test = test_order(&mixing, classes)?;
        let followed = test.p_value <= ORDER_LEVEL;
        let mut between = Vec::new();
        if followed {
            let inner = 1..classes - 1;
            let p_value = |b: usize| {
                let apart = overlap(b - 1, b + 1);
                let sides = [overlap(b - 1, b), overlap(b, b + 1)];
                let p = sides.map(|side| side.zip(apart).map_or(1.0, |(x, y)| exceeds(x, y)));
                p[0].max(p[1])
            };
            let p_values: Vec<f64> = inner.clone().map(p_value).collect();
            for (b, p_value) in inner.zip(benjamini_hochberg(&p_values)) {
                if p_value <= BETWEEN_LEVEL {
                    let class = |at: usize| self.members[places[at]];
                    between.push(Between {
                        class: class(b),
                        neighbors: (class(b - 1), class(b + 1)),
                        p_value,
                    });
                }
            }
        }
        let classes = self.named(&places);
        Some(Order {
            classes,
            test,
            followed,
            between,
        })
    }
}

/// p-value of one overlap being no larger than another, by the widths of their intervals, as if the pairs were
/// independent. They share a class: where its samples lie on the sides of both others, their difference is more
/// certain than this assumes; where on one side or the other, a little less.
fn exceeds(x: Estimate, y: Estimate) -> f64 {
    let error = |e: Estimate| e.interval().map(|(low, high)| (high - low) / (2.0 * 1.96));
    match error(x).zip(error(y)) {
        Some((a, b)) if a.hypot(b) > 0.0 => normal_tail((x.value - y.value) / a.hypot(b)),
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests;
