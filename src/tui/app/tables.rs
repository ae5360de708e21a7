//! Keys and commands as tables, and the help that is made from them.

pub(crate) mod bindings;
pub(crate) mod commands;
pub(crate) mod complete;
pub(crate) mod find;
pub(crate) mod glossary;
pub(crate) mod help;
pub(crate) mod keys;
