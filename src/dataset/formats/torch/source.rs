//! Where the values of a column are.

use std::borrow::Cow;

use super::tensor::Tensor;
use crate::dataset::column::Values;
use crate::dataset::formats::array::Header;

/// Where the values of a column are.
pub(super) enum Source<'a> {
    Tensor(Tensor<'a>),
    Array(Header, Cow<'a, [u8]>),
    Plain(Values),
    /// The column says why there are none.
    Refused,
}
