//! `disentangle report`: the page as a browser reads it, its numbers beside those of the JSON, names that would
//! do harm, Markdown and its pictures.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

#[path = "report/page.rs"]
mod page;

use page::{Element, Page};

/// Names that mean something to HTML, SVG, Markdown, terminals and spreadsheets.
const HOSTILE: [&str; 4] = [
    "<script>alert(1)</script>",
    "\"q\" onload='x' ]]> & <b>",
    "\u{202e}back\u{1b}[31m\u{200b}",
    "[x](javascript:y) `z` |=cmd|",
];

/// Numbers that look random, the same each time.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f64 / (1u64 << 24) as f64 - 0.5
    }
}

/// Two models, one with two layers, of four classes with these names.
struct Study(tempfile::TempDir);

impl Study {
    fn new(names: &[&str; 4]) -> Self {
        let study = Self(tempfile::tempdir().unwrap());
        let samples = 60;
        let lines = |line: &dyn Fn(usize) -> String| -> String {
            let lines: Vec<String> = (0..samples).map(line).collect();
            lines.join("\n") + "\n"
        };
        study.write("labels.txt", &lines(&|i| (i % 4).to_string()));
        let names = names.map(|name| name.replace(['\n', '\r'], " "));
        study.write("names.txt", &(names.join("\n") + "\n"));
        study.write("ids.txt", &lines(&|i| format!("<i>{i}</i>")));
        for (file, gap, seed) in [("a1.csv", 0.5, 1), ("a2.csv", 2.0, 2), ("b.csv", 0.8, 3)] {
            let mut noise = Noise(seed);
            let mut text = String::from("x1,x2,x3,x4,x5,x6\n");
            for i in 0..samples {
                let mut row: Vec<String> = Vec::new();
                for x in 0..6 {
                    let near = if x == i % 4 { gap } else { 0.0 };
                    row.push(format!("{:.4}", near + noise.next() + noise.next()));
                }
                writeln!(text, "{}", row.join(",")).unwrap();
            }
            study.write(file, &text);
        }
        let decisions =
            "row,id,label,decision,relabel,note\n3,<i>3</i>,,unsure,,see <img src=x onerror=y>\n";
        study.write("decisions.csv", decisions);
        study
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs the program in the folder; exit code and standard error.
    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let mut command = Command::cargo_bin("disentangle").unwrap();
        let output = command
            .current_dir(self.0.path())
            .args(arguments)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), said)
    }

    /// Writes the report of the study.
    fn report(&self, output: &str, more: &[&str]) {
        let mut arguments = vec![
            "report",
            "A/<one>=a1.csv",
            "A/two=a2.csv",
            "B & b=b.csv",
            "--labels",
            "labels.txt",
            "--class-names",
            "names.txt",
            "--ids",
            "ids.txt",
            "--iterations",
            "60",
            "-o",
            output,
        ];
        arguments.extend(more);
        let (code, said) = self.run(&arguments);
        assert_eq!((code, said.as_str()), (0, ""), "{arguments:?}");
    }
}

fn names() -> [&'static str; 4] {
    ["zero", "one", "two", "three"]
}

#[test]
fn the_page_is_sound_and_needs_nothing_else() {
    let study = Study::new(&names());
    study.report("r.html", &["--decisions", "decisions.csv"]);
    let text = study.read("r.html");
    let page = Page::read(&text);
    assert_eq!(page.all("html")[0].get("lang"), "en");
    assert_eq!(page.all("h1").len(), 1);
    let mut last = 1;
    let headings = page
        .elements
        .iter()
        .filter_map(|e| e.name.strip_prefix('h')?.parse().ok());
    for level in headings {
        let level: usize = level;
        assert!(
            level <= last + 1,
            "a heading of level {level} after one of level {last}"
        );
        last = level;
    }
    let ids: Vec<&str> = page
        .elements
        .iter()
        .filter_map(|e| e.attribute("id"))
        .collect();
    assert_eq!(
        ids.len(),
        ids.iter().collect::<BTreeSet<_>>().len(),
        "names of headings differ"
    );
    for link in page.all("a") {
        let target = link.get("href").strip_prefix('#').unwrap();
        assert!(ids.contains(&target), "{target}");
    }
    for table in page.all("table") {
        assert_eq!(page.within(table, "caption").len(), 1);
        for head in page.within(table, "th") {
            assert!(["col", "row"].contains(&head.get("scope")));
        }
    }
    for svg in page.all("svg") {
        assert!(svg.attribute("aria-hidden").is_some() || !svg.get("aria-label").is_empty());
    }
    assert_nothing_is_loaded(&text, &page);
}

/// No address in any attribute, style or script; only elements and attributes that load and run nothing.
fn assert_nothing_is_loaded(text: &str, page: &Page) {
    for element in &page.elements {
        let known = [
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "header",
            "h1",
            "h2",
            "h3",
            "p",
            "nav",
            "ul",
            "li",
            "a",
            "main",
            "script",
            "bdi",
            "span",
            "dl",
            "div",
            "dt",
            "dd",
            "pre",
            "code",
            "figure",
            "figcaption",
            "svg",
            "g",
            "path",
            "text",
            "circle",
            "rect",
            "table",
            "caption",
            "thead",
            "tbody",
            "tfoot",
            "tr",
            "th",
            "td",
        ];
        assert!(known.contains(&element.name.as_str()), "<{}>", element.name);
        for (name, value) in &element.attributes {
            assert!(
                !name.starts_with("on") && name != "src" && name != "style",
                "{name}={value}"
            );
            let is_link = name == "href";
            assert!(!is_link || value.starts_with('#'), "{value}");
            assert!(!value.contains("url("), "{value}");
        }
    }
    assert_eq!(page.all("script").len(), 1);
    let style = page.all("style");
    assert_eq!(style.len(), 1);
    for code in [&style[0].text, &page.all("script")[0].text] {
        for address in [
            "http", "//", "url(", "@import", "fetch", "XMLHttp", "import(",
        ] {
            let code: String = code
                .lines()
                .filter(|line| !line.starts_with("// "))
                .collect();
            assert!(!code.contains(address), "{address}");
        }
    }
    assert!(text.contains("default-src 'none'"));
}

#[test]
fn named_selections_are_in_every_report() {
    let study = Study::new(&names());
    let selections = |rows: &str| {
        format!(
            r#"{{"schema":"disentangle.selections/1","samples":60,"selections":{{"<b>odd|ones":{rows},
               "none":[]}},"views":{{}}}}"#
        )
    };
    study.write(
        "a2.selections.json",
        &selections(r#"["<i>1</i>", "<i>5</i>", "<i>2</i>"]"#),
    );
    study.report("r.json", &[]);
    let report: Value = serde_json::from_str(&study.read("r.json")).unwrap();
    let notes = report["notes"].to_string();
    let odd = serde_json::json!({
        "name": "<b>odd|ones",
        "samples": 3,
        "classes": [{"label": "one", "count": 2}, {"label": "two", "count": 1}],
        "unlabeled": 0,
        "rows": [1, 2, 5],
    });
    assert_eq!(report["selections"][0], odd, "{notes}");
    assert_eq!(report["selections"][1]["samples"], 0);
    study.report("r.html", &[]);
    let text = study.read("r.html");
    let page = Page::read(&text);
    assert_nothing_is_loaded(&text, &page);
    let found = &rows(&page, "Selections that were given names")[0].text;
    assert!(
        found.contains("<b>odd|ones") && found.contains("one (2), two (1)"),
        "{found}"
    );
    study.report("r.md", &["--inline"]);
    let text = study.read("r.md");
    assert!(text.contains("## Named selections"));
    assert!(text.contains("one (2), two (1)"), "{text}");
    assert!(!text.contains("<b>odd|ones"));
    // A file about other data is named, and not used.
    study.write("a2.selections.json", &selections("[500]"));
    study.report("other.json", &[]);
    let report: Value = serde_json::from_str(&study.read("other.json")).unwrap();
    assert_eq!(report["selections"], serde_json::json!([]));
    let notes = report["notes"].to_string();
    assert!(notes.contains("there is no row 500"), "{notes}");
}

#[test]
fn names_from_files_do_no_harm_on_the_page() {
    let study = Study::new(&HOSTILE);
    study.report("r.html", &["--decisions", "decisions.csv"]);
    let text = study.read("r.html");
    let page = Page::read(&text);
    assert_nothing_is_loaded(&text, &page);
    let all: String = page.elements.iter().map(|e| e.text.as_str()).collect();
    assert!(
        all.contains("<script>alert(1)</script>"),
        "names are shown as they are"
    );
    assert!(all.contains("see <img src=x onerror=y>"));
    assert!(all.contains("<i>3</i>"));
    assert!(all.contains("\\u{202e}back\\u{1b}[31m"));
    assert_printable(&text);
}

/// No characters that hide or reorder text.
fn assert_printable(text: &str) {
    let hidden = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}');
    let bad = |c: char| (c.is_control() && c != '\n') || hidden(c);
    assert_eq!(text.chars().find(|&c| bad(c)), None);
}

#[test]
fn names_from_files_do_no_harm_in_markdown_and_its_pictures() {
    let study = Study::new(&HOSTILE);
    study.report("r.md", &["--decisions", "decisions.csv"]);
    let text = study.read("r.md");
    assert_printable(&text);
    let outside_code: String = text.split("```").step_by(2).collect();
    let pictures = outside_code.matches("](<r-map-").count();
    assert!(
        !outside_code
            .replace("](<r-map-", "")
            .replace(".svg>)", "")
            .contains(['<', '>'])
    );
    assert!(
        outside_code.contains(r"\[x\](javascript:y) \`z\` \|=cmd\|"),
        "brackets are escaped"
    );
    assert_eq!(pictures, 2 + 2, "the sets in full and the layers of A");
    for number in 1..=pictures {
        let svg = study.read(&format!("r-map-{number}.svg"));
        assert!(!svg.contains("<script") && !svg.contains("]]>"));
        assert_printable(&svg);
        assert_eq!(Page::read(&svg).all("script").len(), 0);
    }
    study.report("inline.md", &["--inline"]);
    let inline = study.read("inline.md");
    assert!(inline.contains("```text\n") && !inline.contains(".svg"));
    assert_printable(&inline);
    assert!(
        inline.contains("●") && !inline.contains('\u{1b}'),
        "few samples are marks, without color"
    );
}

fn value(json: &Value, path: &str) -> f64 {
    json.pointer(path)
        .unwrap_or_else(|| panic!("{path}"))
        .as_f64()
        .unwrap()
}

/// The numbers of a row of a table, by column.
fn sorted_by(page: &Page, row: &Element) -> Vec<Option<f64>> {
    let cells = page
        .within(row, "th")
        .into_iter()
        .chain(page.within(row, "td"));
    cells
        .map(|cell| cell.attribute("data-value").map(|v| v.parse().unwrap()))
        .collect()
}

/// The rows of the table with this caption.
fn rows<'a>(page: &'a Page, caption: &str) -> Vec<&'a Element> {
    let is_it = |table: &&&Element| page.within(table, "caption")[0].text.starts_with(caption);
    let tables = page.all("table");
    let table = tables
        .iter()
        .find(is_it)
        .unwrap_or_else(|| panic!("{caption}"));
    page.within(page.within(table, "tbody")[0], "tr")
}

/// Recalls of the probes and curves over the layers.
fn numbers_of_the_comparison(page: &Page, comparison: &Value) {
    let recall = rows(page, "Recall of the leave-one-out probe");
    let probe = comparison["measures"]
        .as_array()
        .unwrap()
        .iter()
        .find(|m| m["name"] == "probe")
        .unwrap();
    for (at, row) in recall.iter().enumerate() {
        let numbers = sorted_by(page, row);
        assert_eq!(
            numbers[2],
            Some(value(probe, &format!("/classes/{at}/values/0/value")))
        );
        assert_eq!(
            numbers[3],
            Some(value(probe, &format!("/classes/{at}/values/1/value")))
        );
    }
    for (at, row) in rows(page, "Layers of A: all classes").iter().enumerate() {
        let layer = &comparison["curves"][0]["layers"][at];
        let numbers = sorted_by(page, row);
        assert_eq!(numbers[2], Some(value(layer, "/probe/value")));
        assert_eq!(numbers[3], Some(value(layer, "/neighborhood_hit/value")));
    }
}

#[test]
fn the_numbers_are_those_of_the_json() {
    let study = Study::new(&names());
    study.report("r.html", &[]);
    study.report("r.json", &[]);
    let json: Value = serde_json::from_str(&study.read("r.json")).unwrap();
    let page = Page::read(&study.read("r.html"));
    assert_eq!(json["schema"], "disentangle.document/1");
    let first = json["first"].as_u64().unwrap() as usize;
    let full: Vec<usize> = (0..3)
        .filter(|&s| json["sets"][s]["in_full"] == true)
        .collect();
    assert_eq!(full, [1, 2]);
    assert_eq!(first, 1);

    // The first table of classes is that of the first set in full.
    let report = &json["sets"][full[0]]["report"];
    for (at, row) in rows(&page, "The classes in the features")
        .iter()
        .enumerate()
    {
        let numbers = sorted_by(&page, row);
        let class = &report["classes"][at];
        let separation = &report["separation"]["classes"][at];
        assert_eq!(numbers[1], class["count"].as_f64());
        assert_eq!(numbers[3], Some(value(separation, "/probe_recall/value")));
        assert_eq!(
            numbers[4],
            Some(value(separation, "/logistic_recall/value"))
        );
        assert_eq!(
            numbers[5],
            Some(value(class, "/neighborhood_hit/features/value"))
        );
        assert_eq!(
            numbers[6],
            Some(value(class, "/neighborhood_hit/map/value"))
        );
        assert_eq!(numbers[7], Some(value(class, "/neighborhood_hit_chance")));
        assert_eq!(numbers[8], Some(value(class, "/silhouette/features/value")));
        assert_eq!(numbers[9], Some(value(class, "/silhouette/map/value")));
    }
    for space in ["features", "map"] {
        let table = rows(&page, &format!("In the {space}: classes"));
        assert_eq!(table.len(), 4);
        for (from, row) in table.iter().enumerate() {
            for (to, cell) in page.within(row, "td").iter().enumerate() {
                let share = value(report, &format!("/confusion/{space}/{from}/{to}"));
                assert!(
                    cell.text.starts_with(&format!("{:.1}", 100.0 * share)),
                    "{} {share}",
                    cell.text
                );
            }
        }
    }
    numbers_of_the_comparison(&page, &json["comparison"]);
    let suspects = &report["suspects"]["entries"];
    let listed = rows(
        &page,
        &format!("The {} most suspicious", suspects.as_array().unwrap().len()),
    );
    for (at, row) in listed.iter().enumerate() {
        let numbers = sorted_by(&page, row);
        assert_eq!(numbers[0], suspects[at]["rank"].as_f64());
        assert_eq!(numbers[6], Some(value(&suspects[at], "/scores/neighbors")));
        assert_eq!(
            numbers[7],
            Some(value(&suspects[at], "/scores/linear_probe"))
        );
    }
    let text: String = page.elements.iter().map(|e| e.text.as_str()).collect();
    let readings = full.iter().map(|&s| &json["sets"][s]["report"]["reading"]);
    for reading in readings.chain([&json["comparison"]["reading"]]) {
        for statement in reading["statements"].as_array().unwrap() {
            assert!(text.contains(statement["text"].as_str().unwrap()));
        }
    }
    for input in json["inputs"].as_array().unwrap() {
        assert!(text.contains(input["sha256"].as_str().unwrap()));
    }
}

#[test]
fn the_page_is_the_same_for_any_number_of_threads() {
    let study = Study::new(&names());
    study.report("1.json", &["--threads", "1"]);
    study.report("2.json", &["--threads", "2"]);
    let read = |name: &str| -> Value { serde_json::from_str(&study.read(name)).unwrap() };
    let (one, two) = (read("1.json"), read("2.json"));
    assert_eq!(one["sets"], two["sets"]);
    assert_eq!(one["comparison"], two["comparison"]);
}

#[test]
fn a_single_set_with_and_without_labels() {
    let study = Study::new(&names());
    let set = ["report", "a2.csv", "--iterations", "60"];
    let labels = ["--labels", "labels.txt"];
    let (code, said) = study.run(&[&set[..], &labels[..], &["-o", "one.html"]].concat());
    assert_eq!((code, said.as_str()), (0, ""));
    let page = Page::read(&study.read("one.html"));
    assert!(page.all("h2").iter().any(|h| h.text == "Labels to check"));
    for more in [&[][..], &["--no-clusters"][..]] {
        let (code, said) = study.run(&[&set[..], more, &["-o", "bare.html", "--force"]].concat());
        assert_eq!((code, said.as_str()), (0, ""));
        let page = Page::read(&study.read("bare.html"));
        assert!(page.all("svg").iter().any(|svg| svg.get("role") == "img"));
    }
}

#[test]
fn what_cannot_be_written_is_said_before_the_work() {
    let study = Study::new(&names());
    for (output, more, complaint) in [
        (
            "r.pdf",
            &[][..],
            "the name of a report must end in .html, .md or .json",
        ),
        ("r.html", &["--inline"][..], "--inline"),
        ("a1.csv", &[][..], "the name of a report must end in"),
        ("kept.html", &[][..], "exists; name another file"),
    ] {
        study.write("kept.html", "mine");
        let arguments = [&["report", "a1.csv", "-o", output][..], more].concat();
        let (code, said) = study.run(&arguments);
        assert_eq!(code, 2, "{said}");
        assert!(said.contains(complaint), "{said}");
        assert_eq!(study.read("kept.html"), "mine");
    }
    assert!(!Path::new("r.html").exists());
}
