//! Whether something fits into memory, checked first, since a failed allocation ends the program.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Share of the available memory that may be taken.
const SHARE: f64 = 0.8;

/// Refuses what would not fit. `what` and `remedy` are parts of the message.
pub(crate) fn check(what: &str, bytes: f64, remedy: &str) -> Result<()> {
    match available(Path::new("/")) {
        Some(available) if bytes > SHARE * available as f64 => Err(Error::Memory {
            what: what.into(),
            needed: bytes / f64::from(1 << 30),
            available: available as f64 / f64::from(1 << 30),
            remedy: remedy.into(),
        }),
        _ => Ok(()),
    }
}

/// The approximate number of bytes that a map of n samples × d dimensions takes at k neighbors per
/// sample: three copies of the features, the graph while it is sorted, conditional and joint
/// affinities and their renumbered copy, with half as many more entries from symmetry.
pub(crate) fn of_map(samples: usize, dimensions: usize, k: usize) -> f64 {
    samples as f64 * (12.0 * dimensions as f64 + 44.0 * k as f64)
}

/// The largest number of neighbors with which a map fits, if there is one.
pub(crate) fn largest_k(samples: usize, dimensions: usize) -> Option<usize> {
    let bytes = SHARE * available(Path::new("/"))? as f64 / samples as f64;
    let k = (bytes - 12.0 * dimensions as f64) / 44.0;
    (k >= 1.0).then_some(k as usize)
}

/// The memory that this process may still take, given what the machine has available and the
/// limits of the process and its control groups. `root` is where /proc and /sys are.
fn available(root: &Path) -> Option<u64> {
    let text = read(root, "proc/meminfo")?;
    let line = text.lines().find(|l| l.starts_with("MemAvailable:"))?;
    let machine = line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024;
    let limits = read(root, "proc/self/limits").unwrap_or_default();
    let own = limits
        .lines()
        .find_map(|l| l.strip_prefix("Max address space"))
        .and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok());
    groups(root).chain(own).chain([machine]).min()
}

fn read(root: &Path, path: &str) -> Option<String> {
    std::fs::read_to_string(root.join(path)).ok()
}

/// What each control group of this process leaves, in version 1 or 2. A group's limit also applies
/// to all groups below it, so every level is read. In a container, the group's path may be one of
/// the host, which does not exist there: then the mount itself is the group.
fn groups(root: &Path) -> impl Iterator<Item = u64> {
    let memberships = read(root, "proc/self/cgroup").unwrap_or_default();
    let mut folders: Vec<(PathBuf, [&str; 2])> = Vec::new();
    for line in memberships.lines() {
        // hierarchy : controllers : path
        let mut fields = line.splitn(3, ':');
        let (id, controllers) = (fields.next(), fields.next().unwrap_or_default());
        let path = fields.next().unwrap_or("/").trim_start_matches('/');
        let (mount, files) = if id == Some("0") && controllers.is_empty() {
            ("sys/fs/cgroup", ["memory.max", "memory.current"])
        } else if controllers.split(',').any(|c| c == "memory") {
            let files = ["memory.limit_in_bytes", "memory.usage_in_bytes"];
            ("sys/fs/cgroup/memory", files)
        } else {
            continue;
        };
        let below = Path::new(path);
        folders.extend(below.ancestors().map(|p| (root.join(mount).join(p), files)));
    }
    folders.into_iter().filter_map(|(folder, [limit, used])| {
        let number = |name: &str| -> Option<u64> {
            std::fs::read_to_string(folder.join(name))
                .ok()?
                .trim()
                .parse()
                .ok()
        };
        // What is not a number, such as "max", is not a limit.
        Some(number(limit)?.saturating_sub(number(used).unwrap_or(0)))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    const MEMINFO: &str = "MemTotal:  8000 kB\nMemFree: 1 kB\nMemAvailable:   4000 kB\n";

    /// A made-up machine.
    fn machine(files: &[(&str, &str)]) -> Option<u64> {
        let root = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        available(root.path())
    }

    #[test]
    fn a_machine_without_limits_has_what_it_says() {
        assert_eq!(machine(&[("proc/meminfo", MEMINFO)]), Some(4_096_000));
        assert_eq!(machine(&[]), None);
        assert_eq!(machine(&[("proc/meminfo", "nonsense")]), None);
    }

    #[test]
    fn the_tightest_group_of_version_2_counts() {
        let found = machine(&[
            ("proc/meminfo", MEMINFO),
            ("proc/self/cgroup", "0::/user.slice/job\n"),
            ("sys/fs/cgroup/user.slice/job/memory.max", "max\n"),
            ("sys/fs/cgroup/user.slice/job/memory.current", "5\n"),
            ("sys/fs/cgroup/user.slice/memory.max", "3000000\n"),
            ("sys/fs/cgroup/user.slice/memory.current", "1000000\n"),
        ]);
        assert_eq!(found, Some(2_000_000));
    }

    #[test]
    fn a_container_sees_its_group_at_the_mount() {
        let found = machine(&[
            ("proc/meminfo", MEMINFO),
            ("proc/self/cgroup", "0::/\n"),
            ("sys/fs/cgroup/memory.max", "1000000\n"),
            ("sys/fs/cgroup/memory.current", "2000000\n"),
        ]);
        assert_eq!(found, Some(0));
        let of_host = machine(&[
            ("proc/meminfo", MEMINFO),
            (
                "proc/self/cgroup",
                "5:cpu,memory:/docker/0123\n1:name=systemd:/docker/0123\n",
            ),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "700000\n"),
            ("sys/fs/cgroup/memory/memory.usage_in_bytes", "100000\n"),
        ]);
        assert_eq!(of_host, Some(600_000));
    }

    #[test]
    fn no_limit_of_version_1_is_a_number_beyond_the_machine() {
        let found = machine(&[
            ("proc/meminfo", MEMINFO),
            ("proc/self/cgroup", "4:memory:/job\n"),
            (
                "sys/fs/cgroup/memory/job/memory.limit_in_bytes",
                "9223372036854771712\n",
            ),
            ("sys/fs/cgroup/memory/job/memory.usage_in_bytes", "1\n"),
            (
                "proc/self/limits",
                "Max address space         3500000    unlimited    bytes\n",
            ),
        ]);
        assert_eq!(found, Some(3_500_000));
    }
}
