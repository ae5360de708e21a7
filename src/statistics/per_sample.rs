//! A value of each sample, in the features and in the map, for colors and for means over a
//! selection.
//!
//! In: silhouettes of the labeled samples. Out: one value per sample of the dataset, in 32 bits. Cost:
//! O(n).

use std::sync::Arc;

use super::{Labeled, Silhouettes};

/// A value of each sample of the dataset (NaN for those without a label), in the feature space and,
/// if there is one, in the map.
#[derive(Clone, Default)]
pub struct PerSample {
    /// In the feature space.
    pub features: Option<Arc<[f32]>>,
    /// In the map.
    pub map: Option<Arc<[f32]>>,
}

impl PerSample {
    /// The silhouettes in both spaces, as far as they are known.
    pub(crate) fn silhouettes(
        labeled: &Labeled,
        features: Option<&Silhouettes>,
        map: Option<&Silhouettes>,
    ) -> Self {
        let spread = |silhouettes: &Silhouettes| labeled.spread(&silhouettes.samples);
        Self {
            features: features.map(spread),
            map: map.map(spread),
        }
    }
}

/// NaN equals NaN here: values are compared by their bits.
impl PartialEq for PerSample {
    fn eq(&self, other: &Self) -> bool {
        let bits = |values: &Option<Arc<[f32]>>| -> Option<Vec<u32>> {
            let values = values.as_ref()?;
            Some(values.iter().map(|value| value.to_bits()).collect())
        };
        bits(&self.features) == bits(&other.features) && bits(&self.map) == bits(&other.map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Labels, UNLABELED};

    #[test]
    fn values_stand_at_their_samples() {
        let labels = Labels::new(vec!["a".into(), "b".into()], vec![0, UNLABELED, 1, 0]).unwrap();
        let labeled = Labeled::new(&labels);
        let all = labeled.spread(&[0.5, -1.0, 0.25]);
        assert!(all[1].is_nan());
        let known = [all[0], all[2], all[3]].map(f32::to_bits);
        assert_eq!(known, [0.5_f32, -1.0, 0.25].map(f32::to_bits));
        let figure = |features: &Arc<[f32]>| PerSample {
            features: Some(Arc::clone(features)),
            map: None,
        };
        assert_eq!(figure(&all), figure(&all.to_vec().into()));
        assert_ne!(figure(&all), PerSample::default());
    }
}
