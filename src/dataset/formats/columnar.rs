//! What Parquet and Arrow have in common: pandas' description of a table, dates and times as text.

/// Space for so many cells, but not for more than a file of this size can hold in earnest.
pub(super) fn reserve<C>(cells: usize, bytes: usize) -> Vec<C> {
    Vec::with_capacity(cells.min(bytes.saturating_mul(64)))
}

/// The name of the column that pandas saved its index in, by its description of the table (JSON).
pub(super) fn pandas_index(description: &str) -> Option<String> {
    let description: serde_json::Value = serde_json::from_str(description).ok()?;
    let index = description.get("index_columns")?.get(0)?;
    index.as_str().map(ToString::to_string)
}

/// A date as people write it, from days since 1970-01-01 (Hinnant, “chrono-compatible low-level
/// date algorithms”).
pub(super) fn date(days: i64) -> String {
    let shifted = i128::from(days) + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i128::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A point in time as people write it, from ticks since 1970-01-01.
pub(super) fn timestamp(ticks: i64, per_second: i64) -> String {
    let (seconds, rest) = (ticks.div_euclid(per_second), ticks.rem_euclid(per_second));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let day = date(days);
    let fraction = if rest == 0 {
        String::new()
    } else {
        let digits = per_second.ilog10() as usize;
        let text = format!("{rest:0digits$}");
        format!(".{}", text.trim_end_matches('0'))
    };
    if second == 0 && fraction.is_empty() {
        return day;
    }
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!("{day} {hour:02}:{minute:02}:{:02}{fraction}", second % 60)
}
