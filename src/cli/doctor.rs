//! `disentangle doctor`: what the program detects of the terminal and the machine.
//!
//! It reads the environment, the answers of the terminal, and `/proc` and `/sys` where they exist.
//! Nothing is changed.

use std::fmt::Write as _;
use std::io::IsTerminal;

use clap::Args;
use ratatui::crossterm::terminal;
use serde::Serialize;

use crate::encode::json;
use crate::error::{Error, Result, printable};
use crate::execution::Execution;
use crate::machine::Machine;
use crate::palette::{Background, ColorDepth};
use crate::picture::Glyphs;
use crate::tui::{Answers, ask};

#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

/// What was detected; `None` where that was not possible.
#[derive(Debug, Serialize)]
struct Findings {
    version: &'static str,
    term: Option<String>,
    colorterm: Option<String>,
    term_program: Option<String>,
    no_color: bool,
    multiplexer: Option<&'static str>,
    ssh: bool,
    locale: Option<String>,
    terminal: bool,
    columns: Option<u16>,
    rows: Option<u16>,
    color_depth: &'static str,
    glyphs: &'static str,
    background: Option<&'static str>,
    background_color: Option<String>,
    answers: bool,
    synchronized_updates: Option<bool>,
    braille_columns: Option<u16>,
    octant_columns: Option<u16>,
    wide_columns: Option<u16>,
    threads: usize,
    simd: String,
    processors: Option<usize>,
    allowed_processors: Option<usize>,
    cgroup_cpu_limit: Option<f64>,
    slurm_cpus_per_task: Option<String>,
    login_node: bool,
    memory_bytes: Option<u64>,
    memory_available_bytes: Option<u64>,
    cgroup_memory_limit_bytes: Option<u64>,
    usable_memory_bytes: Option<u64>,
}

pub(super) fn run(args: &Doctor) -> Result<()> {
    let findings = findings();
    if args.json {
        super::output::print(&json("findings", &findings)?)
    } else {
        super::output::print(&text(&findings)?)
    }
}

fn findings() -> Findings {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let is_terminal = std::io::stdout().is_terminal() && std::io::stdin().is_terminal();
    let answers = if is_terminal {
        ask()
    } else {
        Answers::default()
    };
    let size = terminal::size().ok().filter(|_| is_terminal);
    let told = answers
        .background
        .map(|(r, g, b)| Background::of_rgb(r, g, b));
    let multiplexer = if variable("TMUX").is_some() {
        Some("tmux")
    } else if variable("STY").is_some() {
        Some("screen")
    } else {
        None
    };
    let machine = Machine::here();
    Findings {
        version: env!("CARGO_PKG_VERSION"),
        term: variable("TERM"),
        colorterm: variable("COLORTERM"),
        term_program: variable("TERM_PROGRAM"),
        no_color: variable("NO_COLOR").is_some(),
        multiplexer,
        ssh: variable("SSH_CONNECTION")
            .or_else(|| variable("SSH_TTY"))
            .is_some(),
        locale: ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .find_map(variable),
        terminal: is_terminal,
        columns: size.map(|size| size.0),
        rows: size.map(|size| size.1),
        color_depth: match ColorDepth::detect(variable) {
            ColorDepth::None => "none",
            ColorDepth::Sixteen => "16",
            ColorDepth::Indexed => "256",
            ColorDepth::True => "24-bit",
        },
        glyphs: Glyphs::detect(variable).name(),
        background: Background::detect(variable).or(told).map(Background::name),
        background_color: answers
            .background
            .map(|(r, g, b)| format!("#{r:02x}{g:02x}{b:02x}")),
        answers: answers.complete,
        synchronized_updates: answers.synchronized,
        braille_columns: answers.columns[0],
        octant_columns: answers.columns[1],
        wide_columns: answers.columns[2],
        threads: Execution::default().run(|_| rayon::current_num_threads()),
        simd: crate::simd::level(),
        processors: machine.all_processors(),
        allowed_processors: machine.processors(),
        cgroup_cpu_limit: machine.processor_quota(),
        slurm_cpus_per_task: variable("SLURM_CPUS_PER_TASK"),
        login_node: has_slurm(variable)
            && variable("SLURM_JOB_ID").is_none()
            && !machine.is_in_job(),
        memory_bytes: machine.memory("MemTotal:"),
        memory_available_bytes: machine.memory("MemAvailable:"),
        cgroup_memory_limit_bytes: machine.memory_limit(),
        usable_memory_bytes: machine.free_memory(),
    }
}

/// Whether jobs can be sent to Slurm from here.
fn has_slurm(variable: impl Fn(&str) -> Option<String>) -> bool {
    let folders = variable("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join("sbatch").exists())
}

/// The findings as text, with advice.
fn text(findings: &Findings) -> Result<String> {
    let value = serde_json::to_value(findings)
        .map_err(|e| Error::input("findings", e.to_string(), "please report this"))?;
    let mut text = String::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        let shown = match value {
            serde_json::Value::Null => "–".to_owned(),
            serde_json::Value::String(value) => printable(value),
            serde_json::Value::Bool(value) => if *value { "yes" } else { "no" }.into(),
            serde_json::Value::Number(n) if name.ends_with("_bytes") => {
                format!("{:.1} GiB", n.as_f64().unwrap_or(0.0) / f64::from(1 << 30))
            }
            other => other.to_string(),
        };
        let name = match name.as_str() {
            "terminal" => "in a terminal".to_owned(),
            "answers" => "terminal answers".to_owned(),
            "braille_columns" => "width of braille".to_owned(),
            "octant_columns" => "width of octants".to_owned(),
            "wide_columns" => "width of wide letters".to_owned(),
            "slurm_cpus_per_task" => "SLURM_CPUS_PER_TASK".to_owned(),
            "no_color" => "NO_COLOR is set".to_owned(),
            "color_depth" => "colors".to_owned(),
            "cgroup_cpu_limit" => "cgroup limit of cores".to_owned(),
            name => name.trim_end_matches("_bytes").replace('_', " "),
        };
        let _ = writeln!(text, "{name:<24}{shown}");
    }
    for advice in advice(findings) {
        let _ = writeln!(text, "! {advice}");
    }
    Ok(text)
}

/// What could be better.
fn advice(findings: &Findings) -> Vec<&'static str> {
    let mut advice = Vec::new();
    if findings.color_depth == "16" || (findings.color_depth == "256" && findings.ssh) {
        advice.push("more colors: set COLORTERM=truecolor if the terminal supports 24-bit color (SSH does not forward the variable)");
    }
    if findings.color_depth == "none" {
        advice.push("no colors: NO_COLOR is set, or TERM names a terminal without colors");
    }
    if findings.terminal && !findings.answers {
        advice.push("the terminal does not answer queries: frames are sent at a low, fixed rate");
    }
    if findings.braille_columns.is_some_and(|columns| columns != 1) {
        advice.push("braille is not one column wide here: use --glyphs ascii");
    }
    if findings.columns.is_some_and(|c| c < 76) {
        advice.push("narrow window: from 76 columns on, panels are shown beside the map");
    }
    if findings.login_node {
        advice.push("this looks like a login node: Slurm is installed, but the program does not run in a job. Ask for one (srun --cpus-per-task=8 --mem=16G --pty disentangle …), or use --threads 2 here");
    }
    advice
}
