//! Numbers that a user types, for options of the command line: what is wrong with one is said in plain words.

use std::fmt::Display;
use std::ops::{Bound, RangeBounds};
use std::str::FromStr;

/// Reads whole numbers within limits.
pub(crate) fn whole<T: Display + FromStr + PartialOrd>(
    limits: impl RangeBounds<T> + Clone,
) -> impl Fn(&str) -> Result<T, String> + Clone {
    move |text| {
        let number = text.trim().parse().ok();
        number.filter(|n| limits.contains(n)).ok_or_else(|| {
            let allowed = match (limits.start_bound(), limits.end_bound()) {
                (Bound::Included(least), Bound::Included(most)) => {
                    format!("from {least} to {most}")
                }
                (_, Bound::Included(most)) => format!("from 0 to {most}"),
                (Bound::Included(least), _) => format!("of at least {least}"),
                _ => "of at least 0".into(),
            };
            format!("must be a whole number {allowed}")
        })
    }
}

/// Reads any number.
pub(crate) fn number(text: &str) -> Result<f64, String> {
    let number = text.trim().parse();
    number.map_err(|_| "must be a number, written as 20 or 2.5".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_outside_their_limits_are_refused_in_words() {
        let k = whole(1_u64..=1_000);
        assert_eq!(k("1000"), Ok(1000));
        for wrong in ["0", "1001", "1.5", "-1", "ten", ""] {
            let problem = "must be a whole number from 1 to 1000".to_owned();
            assert_eq!(k(wrong), Err(problem), "{wrong}");
        }
        let problem = |limits: Result<u32, String>| limits.unwrap_err();
        assert!(problem(whole(..=9_u32)("10")).ends_with("number from 0 to 9"));
        assert!(problem(whole(2_u32..)("1")).ends_with("number of at least 2"));
        assert!(problem(whole(..)("x")).ends_with("number of at least 0"));
    }

    #[test]
    fn numbers_have_a_point() {
        assert_eq!(number(" -0.5"), Ok(-0.5));
        assert!(number("0,5").unwrap_err().ends_with("written as 20 or 2.5"));
    }
}
