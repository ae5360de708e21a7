//! Decimal numbers as the nearest doubles: the same bits as the standard library's, in less time.

/// All whole numbers up to this are doubles.
const LARGEST_EXACT: u64 = 1 << 53;
/// Powers of ten that are doubles.
const POWERS: [f64; MOST_DIGITS + 1] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19,
];
/// So many digits fit into 64 bits.
const MOST_DIGITS: usize = 19;
/// Inverses of the powers of five; that of the first one is not used.
const INVERSES: [Inverse; MOST_DIGITS + 1] = inverses();

/// The inverse of a power of five: `bits` / 2^`scale`, rounded down.
#[derive(Clone, Copy)]
struct Inverse {
    bits: u128,
    scale: i32,
}

const fn inverses() -> [Inverse; MOST_DIGITS + 1] {
    let mut all = [Inverse { bits: 0, scale: 0 }; MOST_DIGITS + 1];
    let (mut exponent, mut power) = (1, 5_u128);
    while exponent <= MOST_DIGITS {
        let length = 128 - power.leading_zeros();
        // Long division of 2^(127 + length), digit by digit.
        let mut rest = (1 << length) % power;
        let mut bits = (1 << length) / power;
        let mut digit = 0;
        while digit < 127 {
            rest <<= 1;
            bits = (bits << 1) | (rest >= power) as u128;
            rest %= power;
            digit += 1;
        }
        let scale = 127 + length as i32;
        all[exponent] = Inverse { bits, scale };
        power *= 5;
        exponent += 1;
    }
    all
}

/// The number that a cell holds, if it is digits with at most one point, perhaps after a minus, and
/// can be rounded without further thought.
pub(super) fn decimal(cell: &[u8]) -> Option<f64> {
    let (is_negative, digits) = match cell {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let (whole, rest) = number(digits, 0);
    let before = digits.len() - rest.len();
    let (value, after) = match rest {
        [] => (whole, 0),
        [b'.', fraction @ ..] => {
            let (value, rest) = number(fraction, whole);
            if !rest.is_empty() {
                return None;
            }
            (value, fraction.len())
        }
        _ => return None,
    };
    // Zeros before the first other digit do not count; more digits may have overflowed to zero.
    let is_zero = whole == 0 && before <= MOST_DIGITS;
    let counted = if is_zero { after } else { before + after };
    if before + after == 0 || counted > MOST_DIGITS {
        return None;
    }
    let number = quotient(value, after)?;
    Some(if is_negative { -number } else { number })
}

/// The digits that a text begins with, appended to a number, and what follows them.
#[inline]
fn number(mut text: &[u8], mut value: u64) -> (u64, &[u8]) {
    while let Some((eight, rest)) = text.split_first_chunk::<8>() {
        let Some(digits) = eight_digits(*eight) else {
            break;
        };
        value = value.wrapping_mul(100_000_000).wrapping_add(digits);
        text = rest;
    }
    while let [digit @ b'0'..=b'9', rest @ ..] = text {
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
        text = rest;
    }
    (value, text)
}

/// Eight digits at once (Lemire 2021, “Number parsing at a gigabyte per second”).
#[inline]
fn eight_digits(text: [u8; 8]) -> Option<u64> {
    const PAIRS: u64 = 0x0000_00ff_0000_00ff;
    let text = u64::from_le_bytes(text);
    let digits = text.wrapping_sub(0x3030_3030_3030_3030);
    let above = text.wrapping_add(0x4646_4646_4646_4646);
    if (digits | above) & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let first = (pairs & PAIRS).wrapping_mul(100 + (1_000_000 << 32));
    let second = ((pairs >> 16) & PAIRS).wrapping_mul(1 + (10_000 << 32));
    Some(first.wrapping_add(second) >> 32)
}

/// A whole number divided by a power of ten, rounded to the nearest double; nothing if that needs
/// more bits than are computed here.
#[inline]
fn quotient(number: u64, exponent: usize) -> Option<f64> {
    if number <= LARGEST_EXACT || exponent == 0 {
        // The division of two exact numbers is rounded correctly (Clinger 1990).
        return Some(number as f64 / POWERS.get(exponent)?);
    }
    let inverse = INVERSES.get(exponent)?;
    let zeros = number.leading_zeros();
    let number = u128::from(number << zeros);
    let (high, low) = (inverse.bits >> 64, inverse.bits & u128::from(u64::MAX));
    // The product without its last 64 bits, too small by less than 2.
    let product = number * high + ((number * low) >> 64);
    let shift = product.leading_zeros();
    // Too small by less than 4, if the first bit is 1.
    let product = product << shift;
    let (mantissa, rest) = ((product >> 75) as u64, product & ((1 << 75) - 1));
    let half = 1 << 74;
    if rest <= half && rest + 4 > half {
        return None;
    }
    let rounded = mantissa + u64::from(rest > half);
    let scale = 64 + 75 - zeros as i32 - shift as i32 - inverse.scale - exponent as i32;
    Some(rounded as f64 * f64::from_bits(((1023 + scale) as u64) << 52))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(cell: &str) -> Result<(), TestCaseError> {
        if let Some(found) = decimal(cell.as_bytes()) {
            let parsed: Result<f64, _> = cell.parse();
            prop_assert_eq!(parsed.map(f64::to_bits), Ok(found.to_bits()), "{}", cell);
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5000))]

        #[test]
        fn decimals_have_the_bits_of_the_standard_parser(
            cell in "-?[0-9]{0,20}[.]?[0-9]{0,30}|-?0[.]0{0,9}[0-9]{15,19}|[-+.e0-9]{0,9}"
        ) {
            check(&cell)?;
        }

        /// Doubles as they are written, and what is halfway between two of them.
        #[test]
        fn doubles_are_read_as_they_were_written(bits in any::<u64>(), places in 0_usize..30) {
            let value = f64::from_bits(bits & !(0x7ff << 52) | (1023 - 20 + bits % 60) << 52);
            check(&value.to_string())?;
            check(&format!("{value:.places$}"))?;
            let next = f64::from_bits(value.to_bits() + 1);
            check(&format!("{:.places$}", value + (next - value) / 2.0))?;
        }
    }

    #[test]
    fn most_numbers_of_tables_are_read_here() {
        for cell in [
            "0",
            "-7",
            "12.5",
            "0.12573021957349345",
            "-0.0013210486049105455",
            "1234567890123456789",
            "9007199254740993.5",
        ] {
            assert_eq!(decimal(cell.as_bytes()), cell.parse().ok(), "{cell}");
        }
        let zeros = format!("1{:064}", 0);
        for cell in [
            "18446744073709551616",
            "36893488147419103232",
            "-18446744073709551616.5",
            &zeros,
            "00000000000000000000.5",
        ] {
            assert_eq!(decimal(cell.as_bytes()), None, "{cell}");
        }
        // Exactly between two doubles.
        assert_eq!(decimal(b"9007199254740993.0"), None);
        for cell in [
            "",
            "-",
            ".",
            "-.",
            "+1",
            "1e5",
            "1.2.3",
            "nan",
            "12345678901234567890",
        ] {
            assert_eq!(decimal(cell.as_bytes()), None, "{cell}");
        }
    }
}
