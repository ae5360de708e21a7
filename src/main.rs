//! The program: everything it does is in the library.

fn main() {
    std::process::exit(disentangle::cli::main());
}
