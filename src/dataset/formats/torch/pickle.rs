//! What a Python pickle describes, as a tree. Nothing in it is looked up or called: a class stays a
//! name, and a call is a name with arguments.
//!
//! In: bytes. Out: nodes that refer to each other by number, possibly in circles. There are at most
//! as many as the pickle has bytes, and never more than [`MOST_NODES`]. Lists that name the same list again and again
//! could stand for far more values: [`Tree::spend`] counts them.

use std::cell::Cell;
use std::collections::HashMap;

/// Most objects that a pickle may hold.
const MOST_NODES: usize = 1 << 22;
/// How often a value of a list may be looked at: it has at least one byte, and is looked at a few times.
const MOST_VISITS: usize = 8;

/// What is wrong with an object, and what to do about it.
pub(super) type Problem = (String, String);

/// What to do about damage.
pub(super) const SAVE_AGAIN: &str = "save it again with torch.save";

/// The number of a node.
pub(super) type Id = usize;

/// An object.
pub(super) enum Node<'a> {
    Nothing,
    Truth(bool),
    Integer(i128),
    Float(f64),
    Text(&'a str),
    Bytes(&'a [u8]),
    Tuple(Vec<Id>),
    List(Vec<Id>),
    Dictionary(Vec<(Id, Id)>),
    /// A class or function, by its module and its name.
    Global(&'a str, &'a str),
    /// What is stored outside of the pickle.
    Outside(Id),
    Call(Box<Call>),
    /// A set, or a number without bounds.
    Other,
}

/// What a class or function makes of arguments, and what is done to it afterwards.
pub(super) struct Call {
    pub(super) function: Id,
    pub(super) arguments: Id,
    pub(super) state: Option<Id>,
    pub(super) items: Vec<Id>,
    pub(super) entries: Vec<(Id, Id)>,
}

/// All objects of a pickle.
pub(super) struct Tree<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) root: Id,
    /// Bytes of the pickle.
    pub(super) length: usize,
    /// Values that may still be read from its lists.
    left: Cell<usize>,
}

impl<'a> Tree<'a> {
    /// Reads the pickle that some bytes begin with.
    ///
    /// # Errors
    /// What is wrong with it, for a message.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, String> {
        let mut machine = Machine {
            bytes,
            at: 0,
            nodes: Vec::new(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
        };
        while machine.step()? {}
        Ok(Self {
            root: machine.pop()?,
            nodes: machine.nodes,
            length: machine.at,
            left: Cell::new(machine.at.saturating_mul(MOST_VISITS)),
        })
    }

    /// Counts values that are about to be read; `None` if they and those before are more than the pickle can hold.
    pub(super) fn spend(&self, values: usize) -> Option<()> {
        let left = self.left.get().checked_sub(values);
        self.left.set(left.unwrap_or(0));
        left.map(drop)
    }

    /// Whether more values were asked for than the pickle can hold.
    pub(super) fn is_spent(&self) -> bool {
        self.left.get() == 0
    }

    pub(super) fn node(&self, id: Id) -> &Node<'a> {
        self.nodes.get(id).unwrap_or(&Node::Other)
    }

    /// The members of a list or tuple.
    pub(super) fn items(&self, id: Id) -> Option<&[Id]> {
        match self.node(id) {
            Node::List(items) | Node::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// A call by the module and name of what is called.
    pub(super) fn call(&self, id: Id) -> Option<(&'a str, &'a str, &Call)> {
        let Node::Call(call) = self.node(id) else {
            return None;
        };
        match self.node(call.function) {
            Node::Global(module, name) => Some((module, name, call)),
            _ => None,
        }
    }

    pub(super) fn text(&self, id: Id) -> Option<&'a str> {
        match self.node(id) {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number from 0.
    pub(super) fn size(&self, id: Id) -> Option<usize> {
        match self.node(id) {
            Node::Integer(value) => usize::try_from(*value).ok(),
            _ => None,
        }
    }
}

/// The state of reading.
struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    nodes: Vec<Node<'a>>,
    stack: Vec<Id>,
    /// Heights of the stack.
    marks: Vec<usize>,
    memo: HashMap<u32, Id>,
}

impl<'a> Machine<'a> {
    /// Carries out one instruction; false after the last one.
    fn step(&mut self) -> Result<bool, String> {
        let code = self.byte()?;
        match code {
            b'.' => return Ok(false),
            // The version, and the length of a frame.
            0x80 => drop(self.take(1)?),
            0x95 => drop(self.take(8)?),
            b'(' => self.marks.push(self.stack.len()),
            b'0' => drop(self.pop()?),
            b'1' => drop(self.marked()?),
            b'2' => {
                let top = self.top()?;
                self.stack.push(top);
            }
            b'q' | b'r' | 0x94 => self.remember(code)?,
            b'h' | b'j' => {
                let key = self.key(code == b'h')?;
                let id = self.memo.get(&key).copied();
                self.stack
                    .push(id.ok_or("it refers to an object that does not exist")?);
            }
            b'a' | b'e' | 0x90 => self.append(code == b'a')?,
            b's' | b'u' => self.set(code == b's')?,
            b'b' => self.build()?,
            _ => {
                let node = self.plain(code)?;
                let node = node.map_or_else(|| self.compound(code), Ok)?;
                self.push(node)?;
            }
        }
        Ok(true)
    }

    /// An object without parts.
    fn plain(&mut self, code: u8) -> Result<Option<Node<'a>>, String> {
        let node = match code {
            b'N' => Node::Nothing,
            0x88 => Node::Truth(true),
            0x89 => Node::Truth(false),
            b'J' => {
                let bytes = self.array::<4>()?;
                Node::Integer(i32::from_le_bytes(bytes).into())
            }
            b'K' => Node::Integer(self.number(1)? as i128),
            b'M' => Node::Integer(self.number(2)? as i128),
            0x8a | 0x8b => {
                let length = self.number(if code == 0x8a { 1 } else { 4 })?;
                integer(self.take(length)?)
            }
            b'G' => Node::Float(f64::from_be_bytes(self.array()?)),
            // Text, with its length in 1, 4 or 8 bytes.
            0x8c | b'X' | 0x8d => {
                let length = self.number(match code {
                    0x8c => 1,
                    b'X' => 4,
                    _ => 8,
                })?;
                let text = std::str::from_utf8(self.take(length)?);
                Node::Text(text.map_err(|_| "a text is not UTF-8")?)
            }
            // Bytes; the first two are the text of Python 2.
            b'U' | b'T' | b'C' | b'B' | 0x8e | 0x96 => {
                let length = self.number(match code {
                    b'U' | b'C' => 1,
                    b'T' | b'B' => 4,
                    _ => 8,
                })?;
                let bytes = self.take(length)?;
                match (code, std::str::from_utf8(bytes)) {
                    (b'U' | b'T', Ok(text)) => Node::Text(text),
                    _ => Node::Bytes(bytes),
                }
            }
            b'c' => Node::Global(self.line()?, self.line()?),
            _ => return Ok(None),
        };
        Ok(Some(node))
    }

    /// An object that is made of those on the stack.
    fn compound(&mut self, code: u8) -> Result<Node<'a>, String> {
        Ok(match code {
            b']' => Node::List(Vec::new()),
            b'l' => Node::List(self.marked()?),
            b')' => Node::Tuple(Vec::new()),
            b't' => Node::Tuple(self.marked()?),
            0x85..=0x87 => Node::Tuple(self.popped(usize::from(code - 0x84))?),
            b'}' => Node::Dictionary(Vec::new()),
            b'd' => Node::Dictionary(pairs(&self.marked()?)),
            0x8f => Node::Other,
            0x91 => {
                self.marked()?;
                Node::Other
            }
            0x93 => {
                let names = self.popped(2)?;
                match (&self.nodes[names[0]], &self.nodes[names[1]]) {
                    (Node::Text(module), Node::Text(name)) => Node::Global(module, name),
                    _ => return Err("a class has no name".into()),
                }
            }
            b'Q' => Node::Outside(self.pop()?),
            b'R' | 0x81 | 0x92 => {
                if code == 0x92 {
                    self.pop()?;
                }
                let arguments = self.pop()?;
                Node::Call(Box::new(Call {
                    function: self.pop()?,
                    arguments,
                    state: None,
                    items: Vec::new(),
                    entries: Vec::new(),
                }))
            }
            other => return Err(format!("it has the unknown instruction {other:#04x}")),
        })
    }

    fn remember(&mut self, code: u8) -> Result<(), String> {
        let key = match code {
            0x94 => self.memo.len() as u32,
            _ => self.key(code == b'q')?,
        };
        let top = self.top()?;
        self.memo.insert(key, top);
        Ok(())
    }

    /// Adds objects to a list or a set.
    fn append(&mut self, one: bool) -> Result<(), String> {
        let new = if one {
            vec![self.pop()?]
        } else {
            self.marked()?
        };
        let top = self.top()?;
        match &mut self.nodes[top] {
            Node::List(items) => items.extend(new),
            Node::Call(call) => call.items.extend(new),
            Node::Other => {}
            _ => return Err("it appends to something that is not a list".into()),
        }
        Ok(())
    }

    /// Adds keys and values to a dictionary.
    fn set(&mut self, one: bool) -> Result<(), String> {
        let new = if one { self.popped(2)? } else { self.marked()? };
        let top = self.top()?;
        match &mut self.nodes[top] {
            Node::Dictionary(entries) => entries.extend(pairs(&new)),
            Node::Call(call) => call.entries.extend(pairs(&new)),
            _ => return Err("it adds keys to something that is not a dictionary".into()),
        }
        Ok(())
    }

    fn build(&mut self) -> Result<(), String> {
        let state = self.pop()?;
        let top = self.top()?;
        if let Node::Call(call) = &mut self.nodes[top] {
            call.state = Some(state);
        }
        Ok(())
    }

    fn push(&mut self, node: Node<'a>) -> Result<(), String> {
        if self.nodes.len() >= MOST_NODES {
            return Err(format!("it holds more than {MOST_NODES} objects"));
        }
        self.stack.push(self.nodes.len());
        self.nodes.push(node);
        Ok(())
    }

    fn top(&self) -> Result<Id, String> {
        let top = self.stack.last().copied();
        Ok(top.ok_or("it uses more objects than there are")?)
    }

    fn pop(&mut self) -> Result<Id, String> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    /// The last objects of the stack.
    fn popped(&mut self, count: usize) -> Result<Vec<Id>, String> {
        let left = self.stack.len().checked_sub(count);
        Ok(self
            .stack
            .split_off(left.ok_or("it uses more objects than there are")?))
    }

    /// The objects above the last mark.
    fn marked(&mut self) -> Result<Vec<Id>, String> {
        let mark = self.marks.pop().filter(|&mark| mark <= self.stack.len());
        Ok(self
            .stack
            .split_off(mark.ok_or("it uses a mark that was never set")?))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], String> {
        let end = self.at.checked_add(length);
        let taken = end.and_then(|end| self.bytes.get(self.at..end));
        let taken = taken.ok_or("it is truncated")?;
        self.at += length;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, String> {
        Ok(self.take(1)?[0])
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let bytes = self.take(N)?;
        Ok(bytes.try_into().map_err(|_| "it is truncated")?)
    }

    /// A number of one to eight bytes.
    fn number(&mut self, bytes: usize) -> Result<usize, String> {
        let fold = |value: u64, &byte: &u8| (value << 8) | u64::from(byte);
        let value = self.take(bytes)?.iter().rev().fold(0, fold);
        usize::try_from(value).map_err(|_| "a length is larger than any memory".into())
    }

    fn key(&mut self, short: bool) -> Result<u32, String> {
        Ok(self.number(if short { 1 } else { 4 })? as u32)
    }

    fn line(&mut self) -> Result<&'a str, String> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|&byte| byte == b'\n');
        let line = self.take(length.ok_or("it is truncated")?)?;
        self.at += 1;
        Ok(std::str::from_utf8(line).map_err(|_| "a name is not UTF-8")?)
    }
}

/// A whole number, with its lowest byte first and its sign in the highest bit.
fn integer(bytes: &[u8]) -> Node<'_> {
    if bytes.len() > 16 {
        return Node::Other;
    }
    let is_negative = bytes.last().is_some_and(|&byte| byte >= 0x80);
    let mut wide = [if is_negative { 0xff } else { 0 }; 16];
    wide[..bytes.len()].copy_from_slice(bytes);
    Node::Integer(i128::from_le_bytes(wide))
}

fn pairs(items: &[Id]) -> Vec<(Id, Id)> {
    items
        .chunks_exact(2)
        .map(|pair| (pair[0], pair[1]))
        .collect()
}
