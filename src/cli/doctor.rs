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
    memory_bytes: Option<u64>,
    memory_available_bytes: Option<u64>,
    cgroup_memory_limit_bytes: Option<u64>,
    cgroup_cpu_limit: Option<f64>,
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
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
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
        threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        simd: crate::simd::level(),
        memory_bytes: kibibytes(&memory, "MemTotal:"),
        memory_available_bytes: kibibytes(&memory, "MemAvailable:"),
        cgroup_memory_limit_bytes: read_number("/sys/fs/cgroup/memory.max"),
        cgroup_cpu_limit: cpu_limit(),
    }
}

/// A line of `/proc/meminfo` in bytes.
fn kibibytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let number: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(number * 1024)
}

fn read_number(path: &str) -> Option<u64> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// Cores that the control group allows: quota over period.
fn cpu_limit() -> Option<f64> {
    let text = std::fs::read_to_string("/sys/fs/cgroup/cpu.max").ok()?;
    let (quota, period) = text.trim().split_once(' ')?;
    let (quota, period): (f64, f64) = (quota.parse().ok()?, period.parse().ok()?);
    (period > 0.0).then_some(quota / period)
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
            "no_color" => "NO_COLOR is set".to_owned(),
            "color_depth" => "colors".to_owned(),
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
    advice
}
