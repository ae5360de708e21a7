//! Which file of `src` uses which: every `use` and every path in the code, in macros and in
//! attributes, from the tokens of Rust's own lexer, followed through re-exports to the file that
//! defines the item. Code under `#[cfg(test)]` is left out.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// `from` uses an item that `to` defines. Both are module paths of files: `["tui", "view"]`.
#[derive(Clone, Debug)]
pub(crate) struct Arrow {
    pub(crate) from: Vec<String>,
    pub(crate) to: Vec<String>,
    /// For messages: `src/tui/view.rs:12: crate::run::Run`.
    pub(crate) place: String,
}

/// What is known of the crate.
pub(crate) struct Source {
    /// From one file to another; those of one pair of files in the order of the lines.
    pub(crate) arrows: Vec<Arrow>,
    /// Paths from `crate`, `self` or `super` that lead nowhere: the reader missed something.
    pub(crate) unresolved: Vec<String>,
}

/// A module: a file of its own or a part of one.
#[derive(Default)]
struct Module {
    path: Vec<String>,
    /// The module path of the file that it stands in.
    home: Vec<String>,
    file: PathBuf,
    defined: HashSet<String>,
    imported: HashMap<String, Vec<String>>,
    globs: Vec<Vec<String>>,
    used: Vec<(Vec<String>, usize)>,
}

enum Found {
    Module(Vec<String>),
    /// An item that the module with this path defines.
    Item(Vec<String>),
    /// Another crate's, or a name that only the compiler knows.
    Elsewhere,
    Nothing,
}

pub(crate) fn read(root: &Path) -> Source {
    let mut modules = BTreeMap::new();
    read_file(root, &root.join("src/lib.rs"), Vec::new(), &mut modules);
    let mut source = Source {
        arrows: Vec::new(),
        unresolved: Vec::new(),
    };
    for module in modules.values() {
        for (path, line) in &module.used {
            let place = format!("{}:{line}: {}", module.file.display(), path.join("::"));
            match resolve(&modules, module, path, &mut HashSet::new()) {
                Found::Item(to) if modules[&to].home != module.home => source.arrows.push(Arrow {
                    from: module.home.clone(),
                    to: modules[&to].home.clone(),
                    place,
                }),
                Found::Nothing => source.unresolved.push(place),
                _ => {}
            }
        }
    }
    source
}

fn read_file(
    root: &Path,
    file: &Path,
    path: Vec<String>,
    modules: &mut BTreeMap<Vec<String>, Module>,
) {
    let text =
        std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let module = Module {
        path: path.clone(),
        home: path,
        file: file.strip_prefix(root).unwrap_or(file).to_path_buf(),
        ..Module::default()
    };
    let mut reader = Reader {
        tokens: &tokens(&text),
        at: 0,
        modules,
        files: Vec::new(),
    };
    reader.module(module);
    for child in reader.files {
        let folder = root.join("src").join(child.iter().collect::<PathBuf>());
        read_file(root, &folder.with_extension("rs"), child, modules);
    }
}

/// The names in a file, outside comments and texts.
pub(crate) fn names(file: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let tokens = tokens(&text);
    tokens.iter().filter_map(word).map(str::to_owned).collect()
}

/// What matters of a token, and its line.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    Name(String, usize),
    /// Two colons.
    Path,
    Mark(char),
    Other,
}

fn tokens(text: &str) -> Vec<Token> {
    use ra_ap_rustc_lexer::TokenKind as Kind;
    let (mut at, mut line) = (0, 1);
    let mut found = Vec::new();
    for token in ra_ap_rustc_lexer::tokenize(text) {
        let part = &text[at..at + token.len as usize];
        at += token.len as usize;
        match token.kind {
            Kind::LineComment { .. } | Kind::BlockComment { .. } | Kind::Whitespace => {}
            Kind::Ident => found.push(Token::Name(part.to_owned(), line)),
            Kind::RawIdent => found.push(Token::Name(part[2..].to_owned(), line)),
            Kind::Colon if found.last() == Some(&Token::Mark(':')) => {
                found.pop();
                found.push(Token::Path);
            }
            Kind::Literal { .. } | Kind::Lifetime { .. } => found.push(Token::Other),
            _ => found.extend(part.chars().map(Token::Mark)),
        }
        line += part.matches('\n').count();
    }
    found
}

/// Goes through the tokens of one file.
struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    modules: &'a mut BTreeMap<Vec<String>, Module>,
    /// Modules in files of their own.
    files: Vec<Vec<String>>,
}

impl Reader<'_> {
    /// Reads to the end of a module: of the file, or of the brace that it stands in.
    fn module(&mut self, mut module: Module) {
        let mut depth = 0;
        while let Some(token) = self.next() {
            match token {
                Token::Mark('#') => self.attribute(&mut module),
                Token::Mark('{' | '(' | '[') => depth += 1,
                Token::Mark('}' | ')' | ']') if depth == 0 => break,
                Token::Mark('}' | ')' | ']') => depth -= 1,
                Token::Path => {
                    // The rest of a path that begins with a type or with another crate.
                    self.name();
                }
                Token::Name(word, line) => match (word.as_str(), self.peek(0)) {
                    ("mod", Some(Token::Name(..))) => self.child(&module),
                    ("use", Some(Token::Name(..))) => self.import(&mut module, Vec::new(), line),
                    (keyword, Some(Token::Name(name, _))) if depth == 0 && defines(keyword) => {
                        module.defined.insert(name);
                    }
                    ("macro_rules", Some(Token::Mark('!'))) => self.macro_items(&mut module),
                    (_, Some(Token::Path)) => self.path(&mut module, word, line),
                    _ => {}
                },
                _ => {}
            }
        }
        self.modules.insert(module.path.clone(), module);
    }

    /// What a macro of this module defines counts as defined here.
    fn macro_items(&mut self, module: &mut Module) {
        self.at += 2;
        let start = self.at;
        self.skip_group();
        for pair in self.tokens[start..self.at].windows(2) {
            if let [Token::Name(keyword, _), Token::Name(name, _)] = pair
                && defines(keyword)
            {
                module.defined.insert(name.clone());
            }
        }
    }

    fn child(&mut self, parent: &Module) {
        let path = join(&parent.path, &self.name().unwrap_or_default());
        match self.next() {
            Some(Token::Mark('{')) => self.module(Module {
                path,
                home: parent.home.clone(),
                file: parent.file.clone(),
                ..Module::default()
            }),
            _ => self.files.push(path),
        }
    }

    /// An attribute, and the item below it if that is compiled for tests only.
    fn attribute(&mut self, module: &mut Module) {
        if self.peek(0) == Some(Token::Mark('!')) {
            self.at += 1;
        }
        let start = self.at;
        self.skip_group();
        let names: Vec<&str> = self.tokens[start..self.at]
            .iter()
            .filter_map(word)
            .collect();
        if matches!(names[..], ["cfg", "test" | "doctest"]) {
            self.skip_item();
            return;
        }
        let end = self.at;
        self.at = start + 1;
        while self.at < end {
            if let Some(Token::Name(name, line)) = self.next()
                && self.peek(0) == Some(Token::Path)
            {
                self.path(module, name, line);
            }
        }
    }

    fn skip_item(&mut self) {
        loop {
            match self.peek(0) {
                Some(Token::Mark('(' | '[')) => self.skip_group(),
                Some(Token::Mark('{')) => return self.skip_group(),
                Some(Token::Mark(';')) | None => return,
                _ => self.at += 1,
            }
        }
    }

    /// From an opening bracket to behind the one that closes it.
    fn skip_group(&mut self) {
        let mut depth = 0;
        while let Some(token) = self.next() {
            match token {
                Token::Mark('{' | '(' | '[') => depth += 1,
                Token::Mark('}' | ')' | ']') => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn path(&mut self, module: &mut Module, first: String, line: usize) {
        let mut path = vec![first];
        while self.peek(0) == Some(Token::Path)
            && let Some(Token::Name(name, _)) = self.peek(1)
        {
            path.push(name);
            self.at += 2;
        }
        // A single name is an import, which counts where it is imported, or this file's own.
        if path.len() > 1 {
            module.used.push((path, line));
        }
    }

    /// What follows `use` or a `::` of it.
    fn import(&mut self, module: &mut Module, mut path: Vec<String>, line: usize) {
        match self.next() {
            Some(Token::Mark('*')) => module.globs.push(path),
            Some(Token::Mark('{')) => {
                while self.peek(0) != Some(Token::Mark('}')) {
                    self.import(module, path.clone(), line);
                    if self.peek(0) == Some(Token::Mark(',')) {
                        self.at += 1;
                    }
                }
                self.at += 1;
            }
            Some(Token::Name(name, line)) => {
                if name != "self" || path.is_empty() {
                    path.push(name);
                }
                match self.peek(0) {
                    Some(Token::Path) => {
                        self.at += 1;
                        self.import(module, path, line);
                    }
                    Some(Token::Name(word, _)) if word == "as" => {
                        self.at += 1;
                        let name = self.name().unwrap_or_default();
                        module.used.push((path.clone(), line));
                        module.imported.insert(name, path);
                    }
                    _ => {
                        let name = path.last().cloned().unwrap_or_default();
                        module.used.push((path.clone(), line));
                        module.imported.insert(name, path);
                    }
                }
            }
            other => panic!("{}:{line}: {other:?} in `use`", module.file.display()),
        }
    }

    fn name(&mut self) -> Option<String> {
        match self.peek(0)? {
            Token::Name(name, _) => {
                self.at += 1;
                Some(name)
            }
            _ => None,
        }
    }

    fn next(&mut self) -> Option<Token> {
        self.at += 1;
        self.tokens.get(self.at - 1).cloned()
    }

    fn peek(&self, ahead: usize) -> Option<Token> {
        self.tokens.get(self.at + ahead).cloned()
    }
}

fn defines(keyword: &str) -> bool {
    let keywords = [
        "fn", "struct", "enum", "trait", "type", "const", "static", "union",
    ];
    keywords.contains(&keyword)
}

fn word(token: &Token) -> Option<&str> {
    match token {
        Token::Name(name, _) => Some(name),
        _ => None,
    }
}

fn resolve(
    modules: &BTreeMap<Vec<String>, Module>,
    from: &Module,
    path: &[String],
    seen: &mut HashSet<(Vec<String>, String)>,
) -> Found {
    let mut rest = path.iter();
    let mut here = from.path.clone();
    let inside = match path.first().map(String::as_str) {
        Some("crate") => {
            here.clear();
            true
        }
        Some("self") => true,
        Some("super") => here.pop().is_some(),
        _ => false,
    };
    if inside {
        rest.next();
    }
    let mut first = !inside;
    for name in rest {
        if name == "super" {
            here.pop();
            continue;
        }
        match look_up(modules, &here, name, seen) {
            Found::Module(path) => here = path,
            Found::Nothing if first => return Found::Elsewhere,
            found => return found,
        }
        first = false;
    }
    Found::Module(here)
}

fn look_up(
    modules: &BTreeMap<Vec<String>, Module>,
    here: &[String],
    name: &str,
    seen: &mut HashSet<(Vec<String>, String)>,
) -> Found {
    let child = join(here, name);
    if modules.contains_key(&child) {
        return Found::Module(child);
    }
    let module = &modules[here];
    if module.defined.contains(name) {
        return Found::Item(here.to_vec());
    }
    if !seen.insert((here.to_vec(), name.to_owned())) {
        return Found::Elsewhere;
    }
    if let Some(path) = module.imported.get(name) {
        return resolve(modules, module, path, seen);
    }
    for glob in &module.globs {
        if let Found::Module(path) = resolve(modules, module, glob, seen)
            && let found @ (Found::Module(_) | Found::Item(_)) = look_up(modules, &path, name, seen)
        {
            return found;
        }
    }
    Found::Nothing
}

fn join(path: &[String], name: &str) -> Vec<String> {
    let mut joined = path.to_vec();
    joined.push(name.to_owned());
    joined
}

/// Groups of nodes that reach one another, each sorted; single nodes are left out.
pub(crate) fn circles<N: Ord + Clone>(arrows: &BTreeSet<(N, N)>) -> Vec<BTreeSet<N>> {
    let mut reach: BTreeMap<&N, BTreeSet<&N>> = BTreeMap::new();
    for (start, _) in arrows {
        let mut open = vec![start];
        let reached = reach.entry(start).or_default();
        while let Some(node) = open.pop() {
            for (_, next) in arrows.iter().filter(|(from, _)| from == node) {
                if reached.insert(next) {
                    open.push(next);
                }
            }
        }
    }
    let groups: BTreeSet<BTreeSet<N>> = reach
        .iter()
        .filter(|(node, reached)| reached.contains(*node))
        .map(|(node, reached)| {
            let back = |other: &&&N| reach.get(**other).is_some_and(|set| set.contains(node));
            reached.iter().filter(back).map(|&n| n.clone()).collect()
        })
        .collect();
    groups.into_iter().collect()
}
