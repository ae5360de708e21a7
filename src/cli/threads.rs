//! The option `--threads`, which all commands that compute share.

use clap::Args;

use crate::execution::{Execution, MOST_THREADS};
use crate::text::whole;

#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Threads {
    /// Threads (0: all allowed); they change the time, never the result
    #[arg(long, value_name = "T", default_value_t = 0,
          value_parser = whole(..=MOST_THREADS as u64))]
    threads: u64,
}

impl Threads {
    /// A call on this many threads.
    pub(super) fn execution(self) -> Execution {
        Execution::default().threads(self.threads as usize)
    }
}
