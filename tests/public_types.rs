//! What users may keep: a notebook stores values between cells and moves them to threads, so public
//! types own what they hold, and show themselves in short.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use disentangle::affinities::{Affinities, Conditional, Weighting};
use disentangle::alignment::Orientation;
use disentangle::comparison::{Curve, Ensembles, Measure, SetSimilarity};
use disentangle::dataset::{Dataset, Inspection, Labels, Metric, ReadOptions};
use disentangle::decisions::{Decision, Decisions};
use disentangle::diagnosis::{
    Confusion, DiagnosisOptions, Fidelity, Pairs, Reading, SampleDiagnosis, Stability,
    SubsetDiagnosis, Suspect,
};
use disentangle::neighbors::Neighbors;
use disentangle::notebook::Saved;
use disentangle::picture::{Look, Picture};
use disentangle::prelude::*;
use disentangle::raster::{Raster, Viewport};
use disentangle::reduce::{Reduction, principal_components};
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
    can_be_kept::<(Map, Tsne, Saved)>();
}

/// What a cell ends in shows itself, by a method that needs no import.
macro_rules! shows {
    ($($kind:ty),+ $(,)?) => {$(
        let _: fn(&$kind) = <$kind>::evcxr_display;
        let _: fn(&$kind) -> String = <$kind>::to_html;
        let _: fn(&$kind) -> String = <$kind as ToString>::to_string;
    )+};
}

#[test]
fn results_show_themselves() {
    shows!(Dataset, Labels, Study, Tsne, Map, Saved);
    shows!(
        Diagnosis, Reading, Confusion, Pairs, Fidelity, Suspects, Suspect
    );
    shows!(Comparison, Curve, Measure, Ensembles, SetSimilarity);
    shows!(Report, StabilityReport);
}

/// What cannot show itself is printed by `{:?}`, which must not fill the screen.
#[test]
fn large_values_print_one_line() {
    let data = Dataset::load("fixtures/digits_mlp.npz").unwrap();
    let options = RunOptions::default().with_iterations(20);
    let map = embed(&data, &options, &Execution::default()).unwrap();
    let positions = map.positions();
    let diagnosis = data.diagnose(None).unwrap();
    let study = Study::new("one", vec![("A".into(), String::new(), data.clone())]).unwrap();
    let comparison = study.compare().unwrap();
    let reduction = principal_components(data.features(), 5, 1, &Execution::default()).unwrap();
    let texts = [
        format!("{data:?}"),
        format!("{:?}", data.labels()),
        format!("{study:?}"),
        format!("{map:?}"),
        format!("{:?}", map.state()),
        format!("{diagnosis:?}"),
        format!("{:?}", diagnosis.suspects),
        format!("{:?}", diagnosis.separation),
        format!("{:?}", diagnosis.pairs),
        format!("{comparison:?}"),
        format!("{:?}", comparison.curves),
        format!("{reduction:?}"),
        format!("{:?}", SampleDiagnosis::of(&data, 7, 10)),
        format!("{:?}", MapIndex::new(&positions)),
        format!("{:?}", Snapshot::default()),
    ];
    for text in texts {
        assert!(text.len() < 200 && !text.contains('\n'), "{text}");
    }
}
