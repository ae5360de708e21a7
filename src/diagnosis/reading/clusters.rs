//! Sentences about clusters that were found in the features: how many, how sure, how much is noise, which
//! are near each other, and how they lie in the map. That they are separated is never said: they were
//! found as what is separated.

use std::cmp::Ordering;

use super::names::Names;
use crate::clusters::{Cluster, Clusters};
use crate::diagnosis::{Backing, Diagnosis, Statement, Topic};
use crate::words::{capitalized, count, join, percent};

/// Clusters and pairs of clusters that one sentence names.
const MOST_NAMED: usize = 4;
/// Smaller shares of neighbors are not mentioned.
const LEAST_SHARE: f64 = 0.02;

/// Adds the sentences about clusters.
pub(super) fn clusters(
    diagnosis: &Diagnosis,
    found: &Clusters,
    names: &Names,
    out: &mut Vec<Statement>,
) {
    let mut say = |text: String, figures| out.push(Statement::new(Topic::Clusters, text, figures));
    let total = Backing::new("clusters.samples", found.samples as f64);
    if found.clusters.is_empty() {
        let smallest = found.options.smallest(found.samples);
        let text = format!(
            "No clusters were found in the features: the samples form one cloud, or clusters of fewer than {smallest} samples."
        );
        say(text, vec![total]);
        return;
    }
    say(how_many(found), vec![total]);
    say(how_sure(found), recurrences(found));
    if let Some(text) = noise(found) {
        let noise = Backing::new("clusters.noise", found.noise as f64);
        say(text, vec![noise]);
    }
    if let Some((text, figures)) = nearest(diagnosis, names) {
        say(text, figures);
    }
    if let Some((text, figures)) = in_map(diagnosis) {
        say(text, figures);
    }
}

/// "11 clusters of at least 15 samples were found in the features: c1 (118 samples) to c11 (31 samples). They are not
/// labels. Clustering itself sets them apart, so their separation proves nothing."
fn how_many(found: &Clusters) -> String {
    let sized = |c: &Cluster| format!("{} ({})", c.name, count(c.size, "sample", "samples"));
    let clusters = count(found.clusters.len(), "cluster", "clusters");
    let smallest = found.options.smallest(found.samples);
    let named = match &found.clusters[..] {
        [first, .., last] if found.clusters.len() > MOST_NAMED => {
            format!("{} to {}", sized(first), sized(last))
        }
        all => join(&all.iter().map(sized).collect::<Vec<_>>()),
    };
    let verb = if found.clusters.len() == 1 {
        "was"
    } else {
        "were"
    };
    format!(
        "{clusters} of at least {smallest} samples {verb} found in the features: {named}. They are not labels. Clustering itself sets them apart, so their separation proves nothing."
    )
}

/// Which clusters come back in random parts of the samples, and which do not.
fn how_sure(found: &Clusters) -> String {
    let mut unsure: Vec<&Cluster> = found.clusters.iter().filter(|c| !c.is_stable()).collect();
    // The least sure first.
    unsure.sort_by(|a, b| {
        a.recurrence
            .partial_cmp(&b.recurrence)
            .unwrap_or(Ordering::Equal)
    });
    let (all, stable) = (found.clusters.len(), found.stable());
    if unsure.is_empty() {
        return match all {
            1 => "It is found again when random parts of the samples are clustered.".into(),
            _ => {
                "All of them are found again when random parts of the samples are clustered.".into()
            }
        };
    }
    let similar = |c: &&Cluster| {
        let recurrence = c
            .recurrence
            .map_or_else(|| "–".into(), |r| format!("{r:.2}"));
        format!("{} ({recurrence})", c.name)
    };
    let mut named: Vec<String> = unsure.iter().take(MOST_NAMED).map(similar).collect();
    if unsure.len() > MOST_NAMED {
        named.push(format!("{} more", unsure.len() - MOST_NAMED));
    }
    let (verb, may_be) = if unsure.len() == 1 {
        (
            "is",
            "it may be part of another cluster, or several clusters in one",
        )
    } else {
        (
            "are",
            "each may be part of another cluster, or several clusters in one",
        )
    };
    let again = if stable == 1 { "is" } else { "are" };
    let stable = if stable == 0 {
        "None".to_owned()
    } else {
        stable.to_string()
    };
    format!(
        "{stable} of the {all} {again} found again when random parts of the samples are clustered; {} {verb} uncertain (recurrence below 0.75): {may_be}.",
        join(&named)
    )
}

fn recurrences(found: &Clusters) -> Vec<Backing> {
    let known = found.clusters.iter().enumerate();
    known
        .filter_map(|(c, cluster)| {
            let field = format!("clusters.clusters[{c}].recurrence");
            Some(Backing::new(field, cluster.recurrence?))
        })
        .collect()
}

/// How many samples are in no cluster, and how many only joined one.
fn noise(found: &Clusters) -> Option<String> {
    let joined: usize = found.clusters.iter().map(|c| c.size - c.core).sum();
    let share = |samples: usize| percent(samples as f64 / found.samples.max(1) as f64);
    let outside = || {
        let verb = if found.noise == 1 { "is" } else { "are" };
        let samples = count(found.noise, "sample", "samples");
        format!(
            "{samples} ({}) {verb} in no cluster (noise)",
            share(found.noise)
        )
    };
    let at_rim = || {
        let samples = count(joined, "sample", "samples");
        format!(
            "{samples} ({}) at the edges {} added to the cluster that most of {} neighbors belong to",
            share(joined),
            if joined == 1 { "was" } else { "were" },
            if joined == 1 { "its" } else { "their" }
        )
    };
    match (found.noise, joined) {
        (0, 0) => None,
        (_, 0) => Some(format!("{}.", outside())),
        (0, _) => Some(format!("{}.", capitalized(&at_rim()))),
        _ => Some(format!("{}; {}.", outside(), at_rim())),
    }
}

/// The pairs of clusters that share most neighbors.
fn nearest(diagnosis: &Diagnosis, names: &Names) -> Option<(String, Vec<Backing>)> {
    let shares = diagnosis.confusion.features.as_ref()?;
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for (a, row) in shares.iter().enumerate() {
        for (b, &share) in row.iter().enumerate().skip(a + 1) {
            let (share, a, b) = if share >= shares[b][a] {
                (share, a, b)
            } else {
                (shares[b][a], b, a)
            };
            pairs.push((share, a, b));
        }
    }
    if pairs.is_empty() {
        return None;
    }
    pairs.retain(|pair| pair.0 >= LEAST_SHARE);
    pairs.sort_by(|x, y| y.0.total_cmp(&x.0));
    pairs.truncate(MOST_NAMED - 1);
    if pairs.is_empty() {
        return Some((
            "No two clusters share more than a few neighbors.".into(),
            Vec::new(),
        ));
    }
    let named: Vec<String> = (pairs.iter())
        .map(|&(share, a, b)| {
            let (from, to) = (names.of(a), names.of(b));
            format!(
                "{from} and {to} ({} of {from}'s neighbors are in {to})",
                percent(share)
            )
        })
        .collect();
    let backing = |&(share, a, b): &(f64, usize, usize)| {
        Backing::new(format!("confusion.features[{a}][{b}]"), share)
    };
    let text = format!(
        "Nearest to each other in the features: {}.",
        named.join("; ")
    );
    Some((text, pairs.iter().map(backing).collect()))
}

/// Whether the clusters are together in the map.
fn in_map(diagnosis: &Diagnosis) -> Option<(String, Vec<Backing>)> {
    let hit = &diagnosis.neighborhood_hit;
    let (features, map) = (hit.in_features()?, hit.in_map()?);
    let text = format!(
        "On the map, {} of a sample's neighbors are of its own cluster, in the features {}.",
        percent(map),
        percent(features)
    );
    let figures = vec![
        Backing::new("neighborhood_hit.map.value", map),
        Backing::new("neighborhood_hit.features.value", features),
    ];
    Some((text, figures))
}
