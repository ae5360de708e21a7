//! What this process may use of the machine: memory and processors.
//!
//! In: `/proc` and `/sys` where they exist, and the environment. The limits are those of the process itself, of its
//! control groups (versions 1 and 2), and of the Slurm job that it belongs to. Nothing is kept: each call asks again.

use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

/// A machine, by the folder that holds its `/proc` and `/sys`.
pub(crate) struct Machine(PathBuf);

/// A control group of the process.
struct Group {
    folder: PathBuf,
    /// Whether it is of version 2, which names its files differently.
    is_unified: bool,
}

impl Machine {
    pub(crate) fn here() -> Self {
        Self("/".into())
    }

    /// The bytes that this process may still take, given what the machine has available and all limits.
    pub(crate) fn free_memory(&self) -> Option<u64> {
        let machine = self.memory("MemAvailable:")?;
        let limits = self.read("proc/self/limits").unwrap_or_default();
        let own = limits
            .lines()
            .find_map(|l| l.strip_prefix("Max address space"))
            .and_then(|l| l.split_whitespace().next()?.parse().ok());
        let groups = self.groups("memory").into_iter().filter_map(|group| {
            let used = group.number(["memory.current", "memory.usage_in_bytes"]);
            Some(group.memory_limit()?.saturating_sub(used.unwrap_or(0)))
        });
        groups.chain(own).chain([machine]).min()
    }

    /// The tightest limit that control groups set on memory, in bytes.
    #[cfg(feature = "tui")]
    pub(crate) fn memory_limit(&self) -> Option<u64> {
        let groups = self.groups("memory");
        let tightest = groups.iter().filter_map(Group::memory_limit).min()?;
        // Without a limit, version 1 has a number beyond any memory.
        (tightest < self.memory("MemTotal:").unwrap_or(u64::MAX)).then_some(tightest)
    }

    /// A line of `/proc/meminfo`, in bytes.
    pub(crate) fn memory(&self, name: &str) -> Option<u64> {
        let text = self.read("proc/meminfo")?;
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
        Some(kibibytes * 1024)
    }

    /// Processors that this process may run on.
    #[cfg(feature = "tui")]
    pub(crate) fn processors(&self) -> Option<usize> {
        let status = self.read("proc/self/status")?;
        let mut lines = status.lines();
        listed(lines.find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?)
    }

    /// The processors of the machine that are in use.
    #[cfg(feature = "tui")]
    pub(crate) fn all_processors(&self) -> Option<usize> {
        listed(&self.read("sys/devices/system/cpu/online")?)
    }

    /// Processors' worth of time that control groups allow, at the tightest.
    #[cfg(feature = "tui")]
    pub(crate) fn processor_quota(&self) -> Option<f64> {
        let groups = self.groups("cpu");
        let quotas = groups.iter().filter_map(Group::processor_quota);
        quotas.min_by(f64::total_cmp)
    }

    /// Whether this process is in a control group that Slurm made for a job.
    #[cfg(feature = "tui")]
    pub(crate) fn is_in_job(&self) -> bool {
        let groups = self.read("proc/self/cgroup").unwrap_or_default();
        groups.contains("slurm") && groups.contains("/job_")
    }

    fn read(&self, path: &str) -> Option<String> {
        std::fs::read_to_string(self.0.join(path)).ok()
    }

    /// This process's control groups for a controller. A group's limit also applies to all groups below it, so every
    /// level is listed. In a container, the group's path may be one of the host, which does not exist there: then the
    /// mount itself is the group.
    fn groups(&self, controller: &str) -> Vec<Group> {
        let memberships = self.read("proc/self/cgroup").unwrap_or_default();
        let mut groups = Vec::new();
        for line in memberships.lines() {
            // hierarchy : controllers : path
            let mut fields = line.splitn(3, ':');
            let (id, controllers) = (fields.next(), fields.next().unwrap_or_default());
            let path = fields.next().unwrap_or("/").trim_start_matches('/');
            let is_unified = id == Some("0") && controllers.is_empty();
            let mut mount = self.0.join("sys/fs/cgroup");
            if !is_unified {
                if !controllers.split(',').any(|one| one == controller) {
                    continue;
                }
                mount.push(controller);
            }
            groups.extend(Path::new(path).ancestors().map(|below| Group {
                folder: mount.join(below),
                is_unified,
            }));
        }
        groups
    }
}

impl Group {
    /// The number in a file, named for version 2 and version 1. What is not a number, such as "max", is no limit.
    fn number(&self, [unified, first]: [&str; 2]) -> Option<u64> {
        let name = if self.is_unified { unified } else { first };
        let text = std::fs::read_to_string(self.folder.join(name)).ok()?;
        text.trim().parse().ok()
    }

    fn memory_limit(&self) -> Option<u64> {
        self.number(["memory.max", "memory.limit_in_bytes"])
    }

    /// Processors' worth of time: the quota over its period.
    #[cfg(feature = "tui")]
    fn processor_quota(&self) -> Option<f64> {
        let read = |name: &str| std::fs::read_to_string(self.folder.join(name)).ok();
        let text = if self.is_unified {
            read("cpu.max")?
        } else {
            read("cpu.cfs_quota_us")? + " " + &read("cpu.cfs_period_us")?
        };
        let mut numbers = text.split_whitespace().map(str::parse::<f64>);
        let (quota, period) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
        // Version 1 has a quota of −1 for none.
        (quota > 0.0 && period > 0.0).then_some(quota / period)
    }
}

/// How many numbers a list such as `0-3,8` holds.
#[cfg(feature = "tui")]
fn listed(list: &str) -> Option<usize> {
    let mut count = 0;
    for part in list.trim().split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
        count += last.checked_sub(first)? + 1;
    }
    Some(count)
}

/// The threads that a Slurm job was given for each task, at most those that the process may use; `None` outside a
/// job that says so. Without it, affinity and control groups decide, which the standard library knows.
pub(crate) fn threads_of_job() -> Option<usize> {
    let given = std::env::var("SLURM_CPUS_PER_TASK").ok()?;
    let given: usize = given.trim().parse().ok().filter(|given| *given > 0)?;
    Some(given.min(available_parallelism().map_or(usize::MAX, usize::from)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    const MEMINFO: &str = "MemTotal:  8000 kB\nMemFree: 1 kB\nMemAvailable:   4000 kB\n";

    /// What a made-up machine says.
    fn of<T>(files: &[(&str, &str)], question: impl Fn(&Machine) -> T) -> T {
        let root = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        question(&Machine(root.path().into()))
    }

    fn machine(files: &[(&str, &str)]) -> Option<u64> {
        of(files, Machine::free_memory)
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

    #[cfg(feature = "tui")]
    #[test]
    fn the_limit_on_memory_is_the_tightest_group_s_and_below_what_the_machine_has() {
        let limit = |bytes| {
            let files = [
                ("proc/meminfo", MEMINFO),
                ("proc/self/cgroup", "4:memory:/job/step\n"),
                ("sys/fs/cgroup/memory/job/memory.limit_in_bytes", bytes),
            ];
            of(&files, Machine::memory_limit)
        };
        assert_eq!(limit("3000000\n"), Some(3_000_000));
        assert_eq!(limit("9223372036854771712\n"), None);
    }

    #[cfg(feature = "tui")]
    #[test]
    fn processors_are_counted_from_lists() {
        let count = |list: &str| {
            let status = format!("Name:\tdisentangle\nCpus_allowed_list:\t{list}\n");
            of(&[("proc/self/status", &status)], Machine::processors)
        };
        assert_eq!(count("0"), Some(1));
        assert_eq!(count("0-3,8,10-11"), Some(7));
        assert_eq!(count("3-0"), None);
        assert_eq!(count(""), None);
        let files = [("sys/devices/system/cpu/online", "0-63\n")];
        assert_eq!(of(&files, Machine::all_processors), Some(64));
        assert_eq!(of(&[], Machine::all_processors), None);
    }

    #[cfg(feature = "tui")]
    #[test]
    fn the_tightest_quota_counts_in_both_versions() {
        let found = of(
            &[
                ("proc/self/cgroup", "0::/user.slice/job\n"),
                ("sys/fs/cgroup/user.slice/job/cpu.max", "max 100000\n"),
                ("sys/fs/cgroup/user.slice/cpu.max", "150000 100000\n"),
                ("sys/fs/cgroup/cpu.max", "400000 100000\n"),
            ],
            Machine::processor_quota,
        );
        assert_eq!(found, Some(1.5));
        let first = |quota| {
            let files = [
                ("proc/self/cgroup", "3:cpuset:/x\n7:cpu,cpuacct:/job\n"),
                ("sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", quota),
                ("sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "50000\n"),
                ("sys/fs/cgroup/cpuset/x/cpu.cfs_quota_us", "1\n"),
                ("sys/fs/cgroup/cpuset/x/cpu.cfs_period_us", "1000\n"),
            ];
            of(&files, Machine::processor_quota)
        };
        assert_eq!(first("200000\n"), Some(4.0));
        assert_eq!(first("-1\n"), None);
    }

    #[cfg(feature = "tui")]
    #[test]
    fn a_job_of_slurm_is_known_by_its_group() {
        let is_in_job = |groups| of(&[("proc/self/cgroup", groups)], Machine::is_in_job);
        assert!(is_in_job(
            "0::/system.slice/slurmstepd.scope/job_12/step_extern/user\n"
        ));
        assert!(is_in_job(
            "9:memory:/slurm/uid_1000/job_12/step_0\n1:name=systemd:/\n"
        ));
        assert!(!is_in_job(
            "0::/user.slice/user-1000.slice/session-3.scope\n"
        ));
    }
}
