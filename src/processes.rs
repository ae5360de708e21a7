//! This process and others: which machine it runs on, and whether another one is still there.

#[cfg(feature = "tui")]
use rustix::process::{Pid, test_kill_process};

/// Letters of a machine's name that are used.
const LONGEST: usize = 40;

/// The name of the machine, as a part of file names: letters, digits, points and underscores.
pub(crate) fn machine() -> String {
    let name = rustix::system::uname();
    let name = name.nodename().to_string_lossy();
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || c == '.' {
            c
        } else {
            '_'
        }
    };
    name.chars().map(safe).take(LONGEST).collect()
}

/// When a process of this machine began, by the kernel's clock; nothing where that is not known.
#[cfg(feature = "tui")]
pub(crate) fn began(process: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of the program, in parentheses, may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(19)?.parse().ok()
}

/// Whether a process of this machine is there.
#[cfg(feature = "tui")]
pub(crate) fn is_alive(process: u32) -> bool {
    let pid = i32::try_from(process).ok().and_then(Pid::from_raw);
    // One that belongs to somebody else may not be asked, but is there.
    pid.is_some_and(|pid| test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}
