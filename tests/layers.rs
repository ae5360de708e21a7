//! The tables of docs/architecture.md that say which module uses which, compared with the code.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use source::{Arrow, Source};

#[path = "layers/source.rs"]
mod source;

type Arrows = BTreeSet<(String, String)>;

/// How many arrows between files of `tui` may point up.
const UPWARD_AT_MOST: usize = 5;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn document() -> String {
    std::fs::read_to_string(root().join("docs/architecture.md")).unwrap()
}

fn code() -> Source {
    let source = source::read(root());
    assert!(
        source.unresolved.is_empty(),
        "paths that lead nowhere: {:#?}",
        source.unresolved
    );
    source
}

/// The cells of the table under a heading, each as the names in it that stand in `backticks`,
/// without those of remarks in parentheses.
fn table(document: &str, heading: &str) -> Vec<Vec<Vec<String>>> {
    let start = document.find(&format!("\n{heading}\n"));
    let start = start.unwrap_or_else(|| panic!("docs/architecture.md has no heading {heading:?}"));
    document[start..]
        .lines()
        .skip(2)
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| line.trim_matches('|').split('|').map(names).collect())
        .collect()
}

fn names(cell: &str) -> Vec<String> {
    let mut plain = String::new();
    let mut depth = 0;
    for letter in cell.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if depth == 0 => plain.push(letter),
            _ => {}
        }
    }
    plain
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// The arrows that a table of users and used draws.
fn drawn(table: &[Vec<Vec<String>>]) -> Arrows {
    table
        .iter()
        .flat_map(|row| {
            row[0]
                .iter()
                .flat_map(|from| row[1].iter().map(|to| (from.clone(), to.clone())))
        })
        .collect()
}

/// Arrows between the parts that `part` names, each with the first place in the code.
fn between(
    arrows: &[Arrow],
    part: impl Fn(&[String]) -> Option<String>,
) -> BTreeMap<(String, String), String> {
    let mut found = BTreeMap::new();
    for arrow in arrows {
        if let (Some(from), Some(to)) = (part(&arrow.from), part(&arrow.to))
            && from != to
        {
            found
                .entry((from, to))
                .or_insert_with(|| arrow.place.clone());
        }
    }
    found
}

/// What the document and the code do not agree on, in words.
fn differences(document: &Arrows, code: &BTreeMap<(String, String), String>) -> Vec<String> {
    let missing = code
        .iter()
        .filter(|(arrow, _)| !document.contains(arrow))
        .map(|((from, to), place)| {
            format!("{from} uses {to}, which the table does not say ({place})")
        });
    let untrue = document
        .iter()
        .filter(|arrow| !code.contains_key(arrow))
        .map(|(from, to)| format!("{from} does not use {to}, though the table says so"));
    missing.chain(untrue).collect()
}

fn file(path: &[String]) -> String {
    path.join("/")
}

#[test]
fn modules_use_what_the_document_says() {
    let table = table(&document(), "### Who imports whom");
    // The prelude offers what others define.
    let module = |path: &[String]| path.first().filter(|name| *name != "prelude").cloned();
    let code = between(&code().arrows, module);
    let differences = differences(&drawn(&table), &code);
    assert!(differences.is_empty(), "{differences:#?}");

    let rows: BTreeSet<&String> = table.iter().flat_map(|row| &row[0]).collect();
    let without: Vec<_> = code
        .keys()
        .map(|(from, _)| from)
        .filter(|m| !rows.contains(m))
        .collect();
    assert!(without.is_empty(), "modules without a row: {without:?}");
}

#[test]
fn modules_form_no_circle() {
    let arrows = between(&code().arrows, |path| path.first().cloned());
    let circles = source::circles(&arrows.into_keys().collect());
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn floors_of_the_screen_use_what_the_document_says() {
    let document = document();
    let table = table(&document, "### The floors of `tui`");
    let floor = |path: &[String]| path.get(1).filter(|_| path[0] == "tui").cloned();
    let arrows = code().arrows;
    let mut code = between(&arrows, floor);
    let order: Vec<&String> = table.iter().flat_map(|row| &row[0]).collect();
    let height = |name: &str| {
        let height = order.iter().position(|floor| *floor == name);
        height.unwrap_or_else(|| panic!("{name} is not in the table of the floors"))
    };

    // What points up is listed file by file, with its reason.
    let upward = |from: &str, to: &str| height(from) < height(to);
    code.retain(|(from, to), _| !upward(from, to));
    let differences = differences(&drawn(&table), &code);
    assert!(differences.is_empty(), "{differences:#?}");
    let upward: BTreeMap<(String, String), String> = arrows
        .iter()
        .filter(|arrow| match (floor(&arrow.from), floor(&arrow.to)) {
            (Some(from), Some(to)) => upward(&from, &to),
            _ => false,
        })
        .map(|arrow| {
            (
                (file(&arrow.from[1..]), file(&arrow.to[1..])),
                arrow.place.clone(),
            )
        })
        .collect();
    let listed = drawn(&self::table(&document, "### Against the flow"));
    let differences = self::differences(&listed, &upward);
    assert!(differences.is_empty(), "{differences:#?}");
    assert!(listed.len() <= UPWARD_AT_MOST, "{listed:#?}");
}

#[test]
fn files_of_the_state_use_only_what_the_document_puts_below_them() {
    let table = table(&document(), "### The floors of `tui/app`");
    // A name that ends in a slash is a folder; of several names that fit, the longest counts.
    let height = |path: &[String]| {
        let name = path.get(2..).map(|rest| rest.join("/"));
        let name = name.filter(|_| path[..2] == ["tui", "app"])?;
        let name = if name.is_empty() { "app" } else { &name };
        let rows = table.iter().enumerate();
        let named =
            rows.flat_map(|(at, row)| row[1].iter().map(move |known| (known.len(), at, known)));
        let fits = |known: &str| known == name || known.ends_with('/') && name.starts_with(known);
        let found = named.filter(|(_, _, known)| fits(known)).max();
        let (_, at, _) =
            found.unwrap_or_else(|| panic!("{name} is not in the table of the floors"));
        Some(at)
    };
    let upward: Vec<String> = code()
        .arrows
        .iter()
        .filter(|arrow| match (height(&arrow.from), height(&arrow.to)) {
            (Some(from), Some(to)) => from < to,
            _ => false,
        })
        .map(|arrow| arrow.place.clone())
        .collect();
    assert!(upward.is_empty(), "{upward:#?}");
}

#[test]
fn files_of_a_module_form_no_circle() {
    // The files of a folder may use the types of the module that the folder belongs to.
    let arrows: Arrows = code()
        .arrows
        .iter()
        .filter(|arrow| arrow.from.first() == arrow.to.first())
        .filter(|arrow| !arrow.from.starts_with(&arrow.to))
        .map(|arrow| (file(&arrow.from), file(&arrow.to)))
        .collect();
    let circles = source::circles(&arrows);
    assert!(circles.is_empty(), "{circles:#?}");
}

/// All files of Rust below a folder.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The only file with unsafe code: it sets how the system's allocator works.
const UNSAFE: &str = "src/cli/allocator.rs";

/// `forbid(unsafe_code)` cannot say it, since the macro `s!` of ndarray allows it in what it makes.
#[test]
fn no_other_file_has_unsafe_code_or_allows_it() {
    let files = rust_files(&root().join("src"));
    assert!(files.len() > 100, "{files:?}");
    for file in files {
        let names = source::names(&file);
        let found = names.iter().any(|name| name.starts_with("unsafe"));
        assert_eq!(found, file.ends_with(UNSAFE), "{}", file.display());
    }
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("unsafe_code = \"deny\""));
}
