//! The program: parse, run, and turn the error into an exit code.

fn main() {}
