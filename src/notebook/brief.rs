//! `{:?}` in one line for values that would otherwise fill the screen: evcxr prints it for what a cell ends in
//! and cannot show otherwise, for example a value in an `Option`.

use crate::affinities::Conditional;
use crate::comparison::{Comparison, Complementarity, Curve, Ensembles, Measure, SetSimilarity};
use crate::dataset::{Labels, Metadata};
use crate::decisions::Decisions;
use crate::diagnosis::{
    Confusion, Diagnosis, Fidelity, MixingDifference, Pairs, PointFidelity, Reading,
    SampleDiagnosis, Separation, Stability, SubsetDiagnosis, Suspect, Suspects,
};
use crate::picture::Picture;
use crate::raster::Raster;
use crate::reduce::Reduction;
use crate::report::{Report, StabilityReport, SuspectsReport};
use crate::run::{MapOf, Snapshot, VisitedMap};
use crate::statistics::{Mixing, PerSample, RidgeProbe, Silhouettes};
use crate::study::{Model, Study};
use crate::tsne::EmbeddingState;

/// `Type(value): "fields", arguments;` for each type.
macro_rules! brief {
    ($($kind:ident($value:ident): $($arguments:expr),+;)+) => {$(
        impl std::fmt::Debug for $kind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let $value = self;
                write!(f, "{} {{ {} }}", stringify!($kind), format_args!($($arguments),+))
            }
        }
    )+};
}

brief! {
    Labels(l): "samples: {}, classes: {}", l.indices().len(), l.classes();
    Metadata(m): "name: {:?}, values: {}", m.name, m.values.len();
    Study(s): "name: {:?}, samples: {}, sets: {}", s.name(), s.samples(), s.sets().count();
    Model(m): "name: {:?}, layers: {}", m.name(), m.layers().len();
    Reduction(r): "samples: {}, components: {}", r.scores.nrows(), r.scores.ncols();
    Conditional(c): "samples: {}, k: {}", c.precisions.len(), c.k;
    EmbeddingState(e): "samples: {}, perplexity: {}, iteration: {}", e.positions.len(), e.perplexity, e.iteration;
    PerSample(p): "features: {}, map: {}", p.features.is_some(), p.map.is_some();
    Silhouettes(s): "samples: {}, mean: {:.3}", s.samples.len(), s.mean.value;
    Mixing(m): "k: {}, classes: {}", m.k, m.shares.len();
    RidgeProbe(p): "samples: {}, accuracy: {:.3}", p.predictions.len(), p.accuracy;
    Diagnosis(d): "labeled: {}, classes: {}, map: {}", d.labeled, d.classes.len(), d.fidelity.is_some();
    Confusion(c): "k: {}, classes: {}", c.k, c.labels.len();
    Separation(s): "classes: {}, evidence: {:?}", s.classes.len(), s.evidence;
    Pairs(p): "total: {}, mixed: {}", p.total, p.mixed;
    Reading(r): "statements: {}", r.statements.len();
    Fidelity(f): "k: {}, samples: {}", f.k, f.samples;
    PointFidelity(p): "samples: {}", p.knn_recall.len();
    MixingDifference(m): "k: {}, classes: {}", m.k, m.difference.len();
    Stability(s): "maps: {}, kept: {:.3}", s.maps, s.mean_kept.value;
    SampleDiagnosis(s): "sample: {}, silhouette: {:?}", s.sample, s.silhouette;
    SubsetDiagnosis(s): "count: {}, classes: {}", s.count, s.classes.len();
    Suspects(s): "ranked: {}, probably_mislabeled: {}", s.ranked, s.verdicts.probably_mislabeled;
    Suspect(s): "rank: {}, row: {}, label: {:?}, suggested: {:?}, probability: {:.3}", s.rank, s.row, s.label,
        s.suggested, s.probability;
    Decisions(d): "count: {}", d.len();
    Comparison(c): "name: {:?}, models: {}, labeled: {}", c.name, c.curves.len(), c.labeled;
    Curve(c): "model: {:?}, layers: {}", c.model, c.layers.len();
    Measure(m): "name: {:?}, models: {}", m.name, m.models.len();
    Ensembles(e): "ensembles: {}", e.ensembles.len();
    SetSimilarity(s): "pairs: {}", s.pairs.len();
    Complementarity(c): "pairs: {}", c.pairs.len();
    Report(r): "name: {:?}, samples: {}, classes: {}", r.name, r.samples, r.classes.len();
    SuspectsReport(r): "name: {:?}, suspects: {:?}", r.name, r.suspects;
    StabilityReport(r): "name: {:?}, maps: {}", r.name, r.maps.len();
    Snapshot(s): "perplexity: {}, iteration: {}, activity: {:?}", s.perplexity, s.iteration, s.activity;
    VisitedMap(v): "perplexity: {}, seed: {}, iteration: {}", v.perplexity, v.seed, v.iteration;
    MapOf(m): "perplexity: {}, seed: {}, samples: {}", m.perplexity, m.seed, m.positions.len();
    Raster(r): "cells: {}", r.cells().len();
    Picture(p): "lines: {}", p.lines().count();
}
