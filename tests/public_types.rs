//! What users may keep: a notebook stores values between cells and moves them to threads, so public
//! types own what they hold.

use disentangle::affinities::{Affinities, Conditional, Weighting};
use disentangle::alignment::Orientation;
use disentangle::dataset::{Dataset, Inspection, Labels, Metric, ReadOptions};
use disentangle::decisions::{Decision, Decisions};
use disentangle::diagnosis::{
    DiagnosisOptions, Fidelity, SampleDiagnosis, Stability, SubsetDiagnosis,
};
use disentangle::neighbors::Neighbors;
use disentangle::picture::{Look, Picture};
use disentangle::prelude::*;
use disentangle::raster::{Raster, Viewport};
use disentangle::reduce::Reduction;
use disentangle::report::{StabilityReport, SuspectsReport, TsneSummary};
use disentangle::run::{MapOf, Snapshot, VisitedMap};
use disentangle::statistics::{Labeled, MapIndex, Mixing, PerSample, RidgeProbe, Silhouettes};
use disentangle::tsne::{EmbeddingState, Initialization, Step, TransformParams};

fn can_be_kept<T: Send + Sync + 'static>() {}

/// Compiles only if it holds.
#[test]
fn public_types_are_owned_and_cross_threads() {
    can_be_kept::<Error>();
    can_be_kept::<Execution>();
    can_be_kept::<(Dataset, Labels, Metric, ReadOptions, Inspection)>();
    can_be_kept::<(Study, StudyOptions, Decisions, Decision)>();
    can_be_kept::<(Reduction, Neighbors, Affinities, Conditional, Weighting)>();
    can_be_kept::<(Embedding, EmbeddingState, TsneParams, Initialization, Step)>();
    can_be_kept::<(TransformParams, Orientation, MapOf)>();
    can_be_kept::<(Run, RunOptions, Snapshot, VisitedMap)>();
    can_be_kept::<(
        Labeled,
        MapIndex,
        Mixing,
        PerSample,
        RidgeProbe,
        Silhouettes,
    )>();
    can_be_kept::<(Diagnosis, DiagnosisOptions, Fidelity, Stability)>();
    can_be_kept::<(SampleDiagnosis, SubsetDiagnosis, Suspects, SuspectOptions)>();
    can_be_kept::<(Comparison, ComparisonOptions)>();
    can_be_kept::<(Report, StabilityReport, SuspectsReport, TsneSummary)>();
    can_be_kept::<(Raster, Viewport, Picture, Look)>();
}
