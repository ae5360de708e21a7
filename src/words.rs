//! How numbers, lists and names are written in sentences: in readings, reports and messages.
//!
//! docs/statistics.md (“How numbers are written”) explains the notation to users. Tables keep their
//! own formats, because their columns have to line up.

use crate::statistics::Estimate;
use crate::text;

/// Stands for a value that is not defined.
pub(crate) const NONE: &str = "–";

/// The smallest share, in percent, that is written without a decimal.
const WHOLE_PERCENT: f64 = 9.95;

/// A p-value below this is not the reason why a difference is not shown.
pub(crate) const CLEAR: f64 = 0.025;

/// "41%", "5.4%": shares below 10% have one decimal.
pub(crate) fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    let decimals = decimals(percent);
    format!("{percent:.decimals$}%")
}

/// "5%", "2.5%": a share that is a setting, as it was given.
pub(crate) fn percent_setting(share: f64) -> String {
    format!("{}%", (1e4 * share).round() / 100.0)
}

/// "97% (82–99%)": a share with its 95% interval, if it has one.
pub(crate) fn percent_with_interval(share: &Estimate) -> String {
    let value = percent(share.value);
    let Some((low, high)) = share.interval() else {
        return value;
    };
    let decimals = decimals(100.0 * share.value);
    // A normal interval may reach beyond what a share can be.
    let end = |share: f64| 100.0 * share.clamp(0.0, 1.0);
    format!(
        "{value} ({:.decimals$}–{:.decimals$}%)",
        end(low),
        end(high)
    )
}

fn decimals(percent: f64) -> usize {
    usize::from(percent > 0.0 && percent < WHOLE_PERCENT)
}

/// "0.512 ± 0.013": a value with its margin, if it has one; `–` where it is not defined.
pub(crate) fn estimate(value: Option<Estimate>, decimals: usize) -> String {
    value.map_or_else(
        || NONE.into(),
        |v| {
            let margin = v.margin().and_then(|m| text::margin(m, decimals));
            let margin = margin.map_or_else(String::new, |m| format!(" ± {m}"));
            text::plain(v.value, decimals) + &margin
        },
    )
}

/// "51.2 ± 1.3": a share in percent with its margin, if it has one.
pub(crate) fn share(value: Option<Estimate>) -> String {
    estimate(value.map(|v| v.scaled(100.0)), 1)
}

/// "+2.3 points (+1.5 to +3.1)": a difference of shares, in percentage points, with its 95% interval.
pub(crate) fn points(difference: Estimate) -> String {
    with_points(difference, signed_points)
}

/// "2.3 points (1.5 to 3.1)": the same where a verb gives the direction, as in "gains 2.3 points".
pub(crate) fn unsigned_points(difference: Estimate) -> String {
    with_points(difference, |share| {
        signed_points(share).trim_start_matches('+').to_owned()
    })
}

fn with_points(difference: Estimate, points: impl Fn(f64) -> String) -> String {
    let interval = difference.interval();
    let interval = interval.map(|(low, high)| format!(" ({} to {})", points(low), points(high)));
    format!(
        "{} points{}",
        points(difference.value),
        interval.unwrap_or_default()
    )
}

/// "+2.3": a difference of shares in percentage points.
pub(crate) fn signed_points(difference: f64) -> String {
    signed(100.0 * difference, 1)
}

/// "+0.12", "−0.05": a number with its sign; "0.00" where no digit is left.
pub(crate) fn signed(number: f64, decimals: usize) -> String {
    let text = text::plain(number, decimals);
    let is_zero = !text.contains(|c: char| c.is_ascii_digit() && c != '0');
    if is_zero || text.starts_with('−') {
        text
    } else {
        format!("+{text}")
    }
}

/// "p = 0.012", or "p < 0.001".
pub(crate) fn p_value(p: Option<f64>) -> String {
    match p {
        Some(p) if p < 0.001 => "p < 0.001".into(),
        Some(p) => format!("p = {p:.3}"),
        None => "not tested".into(),
    }
}

/// "p = 0.275", and where nothing is shown although the interval of the difference excludes zero, the reason:
/// "p = 0.275 after correction for all tests" (intervals are not corrected), or "p < 0.001, but a
/// difference below 10 points is not reported".
pub(crate) fn corrected_p_value(
    p: Option<f64>,
    difference: Estimate,
    shown: bool,
    least: f64,
) -> String {
    let reason = if shown || p.is_none() || !excludes_zero(difference) {
        String::new()
    } else if difference.value.abs() < least && p.is_some_and(|p| p < CLEAR) {
        let least = percent_setting(least);
        let points = least.trim_end_matches('%');
        format!(", but a difference below {points} points is not reported")
    } else {
        " after correction for all tests".into()
    };
    p_value(p) + &reason
}

/// Whether the interval of a difference has only one sign.
pub(crate) fn excludes_zero(difference: Estimate) -> bool {
    let interval = difference.interval();
    interval.is_some_and(|(low, high)| low > 0.0 || high < 0.0)
}

/// "p ≤ 0.012": the largest p-value of several, rounded up.
pub(crate) fn p_value_at_most(p: Option<f64>) -> String {
    match p {
        Some(p) if p < 0.001 => "p < 0.001".into(),
        Some(p) => format!("p ≤ {:.3}", (1000.0 * p).ceil() / 1000.0),
        None => "not tested".into(),
    }
}

/// "1 sample", "2 samples".
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// "a", "a and b", "a, b and c".
pub(crate) fn join<S: AsRef<str>>(parts: &[S]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// The text with its first letter in upper case.
pub(crate) fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// A name from a file, safe to print and at most `columns` wide.
pub(crate) fn short(name: &str, columns: usize) -> String {
    match name {
        "" => "(empty)".into(),
        name => text::name(name, columns.max(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_a_decimal_below_ten_percent() {
        assert_eq!(percent(0.0), "0%");
        assert_eq!(percent(0.0543), "5.4%");
        assert_eq!(percent(0.0996), "10%");
        assert_eq!(percent(1.0), "100%");
        assert_eq!(percent_setting(0.05), "5%");
        assert_eq!(percent_setting(0.025), "2.5%");
    }

    #[test]
    fn intervals_have_the_decimals_of_their_value() {
        assert_eq!(
            percent_with_interval(&Estimate::within(0.97, (0.82, 0.994))),
            "97% (82–99%)"
        );
        assert_eq!(
            percent_with_interval(&Estimate::within(0.054, (0.021, 1.2))),
            "5.4% (2.1–100.0%)"
        );
        assert_eq!(
            points(Estimate::within(-0.01, (-0.022, 0.003))),
            "−1.0 points (−2.2 to +0.3)"
        );
        assert_eq!(
            unsigned_points(Estimate::within(0.078, (0.059, 0.096))),
            "7.8 points (5.9 to 9.6)"
        );
    }

    #[test]
    fn figures_carry_their_margin() {
        let figure = Estimate::around(0.5, 0.125);
        assert_eq!(estimate(Some(figure), 3), "0.500 ± 0.125");
        assert_eq!(share(Some(figure)), "50.0 ± 12.5");
        assert_eq!(share(Some(Estimate::exact(0.25))), "25.0");
        assert_eq!(estimate(None, 2), NONE);
    }

    #[test]
    fn a_difference_that_is_not_shown_has_its_reason() {
        let difference = Estimate::within(0.04, (0.02, 0.06));
        let words = |p, shown, least| corrected_p_value(Some(p), difference, shown, least);
        assert_eq!(
            words(0.0001, false, 0.1),
            "p < 0.001, but a difference below 10 points is not reported"
        );
        assert_eq!(
            words(0.0001, false, 0.055),
            "p < 0.001, but a difference below 5.5 points is not reported"
        );
        // The other reason comes first where it alone suffices.
        let corrected = "p = 0.275 after correction for all tests";
        assert_eq!(words(0.275, false, 0.1), corrected);
        assert_eq!(words(0.275, false, 0.005), corrected);
        // Nothing to explain: it is shown, or its interval includes zero.
        assert_eq!(words(0.0001, true, 0.005), "p < 0.001");
        let unclear = Estimate::within(0.04, (-0.01, 0.06));
        assert_eq!(
            corrected_p_value(Some(0.01), unclear, false, 0.1),
            "p = 0.010"
        );
    }

    #[test]
    fn the_largest_p_value_is_rounded_up() {
        assert_eq!(p_value_at_most(Some(0.0101)), "p ≤ 0.011");
        assert_eq!(p_value(Some(0.0004)), "p < 0.001");
    }
}
