//! What `doctor` says about threads, memory and jobs.

use std::path::Path;

use serde_json::Value;

use super::{Folder, disentangle, text};

/// The findings, in an environment without Slurm but for these variables.
fn findings(variables: &[(&str, &str)]) -> Value {
    let mut command = disentangle();
    command.args(["doctor", "--json"]).env("PATH", "");
    for name in ["SLURM_CPUS_PER_TASK", "SLURM_JOB_ID", "RAYON_NUM_THREADS"] {
        command.env_remove(name);
    }
    let output = command.envs(variables.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn available() -> u64 {
    std::thread::available_parallelism().unwrap().get() as u64
}

#[test]
fn a_job_gets_the_threads_of_its_task_and_never_more_than_there_are() {
    let threads = |given| findings(&[("SLURM_CPUS_PER_TASK", given)])["threads"].as_u64();
    assert_eq!(findings(&[])["threads"].as_u64(), Some(available()));
    assert_eq!(threads("1"), Some(1));
    assert_eq!(threads("100000"), Some(available()));
    for nonsense in ["", "0", "-3", "many"] {
        assert_eq!(threads(nonsense), Some(available()), "{nonsense:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_processors_that_the_process_may_run_on_bound_its_threads() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let mut lines = status.lines();
    let allowed = lines.find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    let first = allowed.unwrap().trim().split([',', '-']).next().unwrap();
    let program = assert_cmd::cargo::cargo_bin("disentangle");
    let output = std::process::Command::new("taskset")
        .args(["-c", first])
        .arg(program)
        .args(["doctor", "--json"])
        .output();
    let Ok(output) = output else {
        eprintln!("skipped: there is no taskset");
        return;
    };
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["threads"], 1);
    assert_eq!(found["allowed_processors"], 1);
    assert!(found["processors"].as_u64() >= Some(1));
}

#[cfg(target_os = "linux")]
#[test]
fn what_may_be_used_of_the_memory_is_not_more_than_is_available() {
    let found = findings(&[]);
    let bytes = |key: &str| found[key].as_u64().unwrap();
    assert!(bytes("usable_memory_bytes") > 0);
    assert!(bytes("usable_memory_bytes") <= bytes("memory_bytes"));
}

#[test]
fn slurm_without_a_job_looks_like_a_login_node() {
    let folder = Folder::new();
    folder.file("sbatch", "");
    let path = Path::new(&folder.path("sbatch"))
        .parent()
        .unwrap()
        .display()
        .to_string();
    let on_node = findings(&[("PATH", &path)]);
    assert_eq!(on_node["login_node"], true);
    let in_job = findings(&[("PATH", &path), ("SLURM_JOB_ID", "12")]);
    assert_eq!(in_job["login_node"], false);
    assert_eq!(findings(&[])["login_node"], false);
    let mut command = disentangle();
    let output = command
        .arg("doctor")
        .env("PATH", &path)
        .env_remove("SLURM_JOB_ID")
        .output()
        .unwrap();
    let text = text(&output.stdout);
    assert!(text.contains("! this looks like a login node"), "{text}");
}
