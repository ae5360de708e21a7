//! Where the journal of a study or of other data is kept, and how the screen goes on with it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::data::Origin;
use crate::dataset::Dataset;
use crate::decisions::beside;
use crate::journal::{Event, Opened, Read, Settings};
use crate::run::RunOptions;
use crate::tsne::Initialization;
use crate::tui::KeptJournal;

/// The journal's file: beside the study file, or else beside the features, as decisions are.
pub(super) fn journal_file(study_file: Option<&Path>, data: &Dataset) -> PathBuf {
    match study_file {
        Some(study) => study.with_extension("journal.jsonl"),
        None => beside(data, "journal.jsonl"),
    }
}

/// The journal to append to, and what to say about it. One that cannot be read is left alone.
pub(super) fn kept_journal(
    origin: &Origin,
    name: &str,
    data: &Dataset,
    options: &RunOptions,
    k: usize,
) -> (Option<KeptJournal>, Vec<String>) {
    let file = journal_file(origin.study_file.as_deref(), data);
    // Also a broken link: what cannot be read is not written to.
    let exists = std::fs::symlink_metadata(&file).is_ok();
    let read = if exists {
        Read::file(&file)
    } else {
        Ok(Read::default())
    };
    let read = match read {
        Ok(read) => read,
        Err(error) => return (None, vec![format!("no journal is kept: {error}")]),
    };
    let folder = file.parent().unwrap_or_else(|| Path::new(""));
    let opened = Opened {
        program: env!("CARGO_PKG_VERSION").into(),
        name: name.into(),
        samples: data.samples(),
        inputs: data.sources().to_vec(),
        is_single: origin.is_single,
        data: origin.data.clone().map(|data| data.seen_from(folder)),
        settings: settings(options, k),
    };
    let journal = KeptJournal {
        entries: read.entries.into_iter().map(Arc::new).collect(),
        opened: Event::Opened(Box::new(opened)),
        begins_at_once: exists || origin.study_file.is_some(),
        file,
    };
    (Some(journal), read.notes)
}

pub(super) fn settings(options: &RunOptions, k: usize) -> Settings {
    let given = matches!(options.initialization, Initialization::Given(_));
    Settings {
        seed: options.seed,
        initialization: (!given).then(|| options.initialization.clone()),
        pca_components: options.components,
        weighting: options.weighting.clone(),
        annealing: options.annealing,
        tsne: options.tsne.clone(),
        k,
    }
}
