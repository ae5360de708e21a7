//! Sets of samples as bits, so that tests and splits count bits.

/// A set of samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bits {
    words: Vec<u64>,
    samples: usize,
}

impl Bits {
    /// The samples for which `is` holds.
    pub(super) fn new(samples: usize, mut is: impl FnMut(usize) -> bool) -> Self {
        let mut words = vec![0; samples.div_ceil(64)];
        for sample in (0..samples).filter(|&s| is(s)) {
            words[sample / 64] |= 1 << (sample % 64);
        }
        Self { words, samples }
    }

    /// Number of samples in all.
    pub(super) fn samples(&self) -> usize {
        self.samples
    }

    /// Whether a sample is in the set.
    pub(super) fn has(&self, sample: usize) -> bool {
        self.words
            .get(sample / 64)
            .is_some_and(|word| word >> (sample % 64) & 1 == 1)
    }

    /// How many samples are in the set.
    pub(super) fn count(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// How many samples are in both sets.
    pub(super) fn count_and(&self, other: &Self) -> usize {
        let both = self.words.iter().zip(&other.words);
        both.map(|(a, b)| (a & b).count_ones() as usize).sum()
    }

    /// How many samples of `among` are in this set and not in the other.
    pub(super) fn count_without(&self, other: &Self, among: &Self) -> usize {
        let all = self.words.iter().zip(&other.words).zip(&among.words);
        all.map(|((a, b), c)| (a & !b & c).count_ones() as usize)
            .sum()
    }

    /// The samples that are in any of some sets.
    pub(super) fn any<'a>(samples: usize, sets: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut words = vec![0; samples.div_ceil(64)];
        for set in sets {
            for (word, other) in words.iter_mut().zip(&set.words) {
                *word |= other;
            }
        }
        Self { words, samples }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_those_of_sets() {
        let even = Bits::new(131, |i| i % 2 == 0);
        let third = Bits::new(131, |i| i % 3 == 0);
        let all = Bits::new(131, |_| true);
        assert_eq!((even.count(), third.count(), all.count()), (66, 44, 131));
        assert_eq!(even.count_and(&third), 22);
        assert_eq!(even.count_without(&third, &all), 44);
        assert_eq!(Bits::any(131, [&even, &third]).count(), 88);
        assert!(even.has(130) && !even.has(129) && !even.has(1000));
    }
}
