//! Which parts of the spanning tree are clusters: condensed tree and excess of mass.
//!
//! In: the links of the tree. Out: the cluster of each sample. As the threshold of density (1 / weight)
//! rises, the samples fall apart. A part that splits into several of at least the smallest size ends, and
//! those begin; from other parts samples only fall off. Of nested parts those are clusters that together
//! have the largest excess of mass: the sum over the samples of the densities through which they belong to
//! the part (Campello, Moulavi & Sander 2013). The whole is never a cluster. Links of equal weight are cut at
//! once, so that their order does not matter. O(n).

use super::links::{Link, Sets};

/// The cluster of each sample, and each cluster's excess of mass as a share of the mass from density 0 on.
pub(super) struct Parts {
    pub(super) assignment: Vec<Option<u32>>,
    pub(super) persistence: Vec<f64>,
}

/// Finds the clusters of n samples.
pub(super) fn clusters(n: usize, links: &[Link], smallest: usize) -> Parts {
    let (nodes, roots) = merge(n, links);
    // Identical samples have twice the density of the nearest ones that differ.
    let least = links.iter().map(|l| l.weight).find(|&weight| weight > 0.0);
    let least = least.unwrap_or(1.0) / 2.0;
    let mut condensed = Condensed {
        n,
        nodes: &nodes,
        smallest,
        density: |weight: f64| 1.0 / weight.max(least),
        parts: Vec::new(),
        home: vec![None; n],
    };
    for root in roots {
        condensed.condense(root);
    }
    condensed.select()
}

/// A merger of parts: of samples (below n) and other mergers (n + place).
struct Node {
    weight: f64,
    size: usize,
    children: Vec<u32>,
}

/// The mergers, and the last of each tree.
fn merge(n: usize, links: &[Link]) -> (Vec<Node>, Vec<u32>) {
    let mut nodes: Vec<Node> = Vec::new();
    let mut sets = Sets::new(n);
    let mut newest: Vec<u32> = (0..n as u32).collect();
    for link in links {
        let [a, b] = link.ends.map(|end| sets.find(end));
        let [x, y] = [a, b].map(|set| newest[set as usize]);
        sets.join([a, b]);
        let is_open = |node: u32, nodes: &[Node]| {
            let node = (node as usize).checked_sub(n).map(|at| &nodes[at]);
            node.is_some_and(|node| node.weight.total_cmp(&link.weight).is_eq())
        };
        let size = |node: u32, nodes: &[Node]| match (node as usize).checked_sub(n) {
            Some(at) => nodes[at].size,
            None => 1,
        };
        let (mut into, mut other) = (x, y);
        if !is_open(into, &nodes)
            || is_open(other, &nodes) && size(other, &nodes) > size(into, &nodes)
        {
            std::mem::swap(&mut into, &mut other);
        }
        let total = size(x, &nodes) + size(y, &nodes);
        newest[a as usize] = if is_open(into, &nodes) {
            let added = if is_open(other, &nodes) {
                std::mem::take(&mut nodes[other as usize - n].children)
            } else {
                vec![other]
            };
            let node = &mut nodes[into as usize - n];
            node.children.extend(added);
            node.size = total;
            into
        } else {
            nodes.push(Node {
                weight: link.weight,
                size: total,
                children: vec![x, y],
            });
            (n + nodes.len() - 1) as u32
        };
    }
    let mut roots: Vec<u32> = (0..n as u32)
        .map(|i| newest[sets.find(i) as usize])
        .collect();
    roots.retain(|&root| root as usize >= n);
    roots.sort_unstable();
    roots.dedup();
    (nodes, roots)
}

/// A part of the condensed tree.
struct Part {
    parent: Option<usize>,
    /// The density at which it begins.
    birth: f64,
    /// Excess of mass.
    excess: f64,
    /// Mass from density 0 on.
    mass: f64,
}

struct Condensed<'a, D> {
    n: usize,
    nodes: &'a [Node],
    smallest: usize,
    density: D,
    /// Each after its parent.
    parts: Vec<Part>,
    /// The last part that each sample belongs to.
    home: Vec<Option<u32>>,
}

impl<D: Fn(f64) -> f64> Condensed<'_, D> {
    /// Adds the parts of a tree.
    fn condense(&mut self, root: u32) {
        let mut open = vec![(root, self.begin(None, 0.0))];
        while let Some((node, part)) = open.pop() {
            let node = &self.nodes[node as usize - self.n];
            let density = (self.density)(node.weight);
            let is_large = |&child: &u32| self.size(child) >= self.smallest;
            let (large, small): (Vec<u32>, Vec<u32>) =
                node.children.iter().partition(|c| is_large(c));
            let stays = if let [only] = large[..] {
                self.size(only)
            } else {
                0
            };
            let leaving = (node.size - stays) as f64;
            let own = &mut self.parts[part];
            own.excess += leaving * (density - own.birth);
            own.mass += leaving * density;
            for child in small {
                self.settle(child, part);
            }
            match large[..] {
                [only] => open.push((only, part)),
                _ => {
                    for child in large {
                        let part = self.begin(Some(part), density);
                        open.push((child, part));
                    }
                }
            }
        }
    }

    fn begin(&mut self, parent: Option<usize>, birth: f64) -> usize {
        self.parts.push(Part {
            parent,
            birth,
            excess: 0.0,
            mass: 0.0,
        });
        self.parts.len() - 1
    }

    fn size(&self, node: u32) -> usize {
        let node = (node as usize).checked_sub(self.n);
        node.map_or(1, |at| self.nodes[at].size)
    }

    /// Notes the last part of all samples below a node.
    fn settle(&mut self, node: u32, part: usize) {
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            match (node as usize).checked_sub(self.n) {
                Some(at) => open.extend(&self.nodes[at].children),
                None => self.home[node as usize] = Some(part as u32),
            }
        }
    }

    /// The parts with the largest excess of mass together.
    fn select(self) -> Parts {
        let count = self.parts.len();
        // The largest excess of parts below each part; none for one without any.
        let mut below: Vec<Option<f64>> = vec![None; count];
        let mut is_best = vec![false; count];
        for at in (0..count).rev() {
            let part = &self.parts[at];
            let Some(parent) = part.parent else {
                continue;
            };
            is_best[at] = below[at].is_none_or(|below| part.excess >= below);
            let best = if is_best[at] {
                part.excess
            } else {
                below[at].unwrap_or_default()
            };
            below[parent] = Some(below[parent].unwrap_or_default() + best);
        }
        // The uppermost of the best.
        let (mut cluster_of, mut chosen) = (vec![None; count], Vec::new());
        for at in 0..count {
            let above = self.parts[at].parent.and_then(|parent| cluster_of[parent]);
            cluster_of[at] = above.or_else(|| {
                is_best[at].then(|| {
                    chosen.push(at);
                    chosen.len() as u32 - 1
                })
            });
        }
        Parts {
            persistence: chosen.iter().map(|&at| self.share(at)).collect(),
            assignment: (self.home.iter())
                .map(|home| home.and_then(|home| cluster_of[home as usize]))
                .collect(),
        }
    }

    fn share(&self, at: usize) -> f64 {
        let part = &self.parts[at];
        if part.mass > 0.0 {
            part.excess / part.mass
        } else {
            0.0
        }
    }
}
