//! Makes a constant of the names and defaults in `wit/config-keys.tsv`: their meanings are for people, and
//! would only weigh on the component.

use std::fmt::Write as _;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let table = "../../wit/config-keys.tsv";
    println!("cargo::rerun-if-changed={table}");
    let mut code = String::from("&[\n");
    for line in fs::read_to_string(table)?.lines() {
        let mut columns = line.split('\t');
        let (name, default) = (columns.next().unwrap_or_default(), columns.next().unwrap_or_default());
        let _infallible = writeln!(code, "    ({name:?}, {default:?}),");
    }
    code.push_str("]\n");
    let directory = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(format!("{directory}/keys.rs"), code)
}
