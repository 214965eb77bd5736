# The daily commands. Each installs what it needs: rustup, a C compiler and just are all it takes.

component := "target/wasm32-wasip2/component/proofpoint_connector.wasm"
# Builds name no folder of the machine they were made on.
remap := "--remap-path-prefix=" + justfile_directory() + "=/src --remap-path-prefix=" + env("CARGO_HOME", env("HOME") + "/.cargo") + "=/cargo"

export CARGO_TERM_COLOR := env("CARGO_TERM_COLOR", "auto")

# Show the recipes
default:
    @just --list

# Run the demonstration on the built-in simulator
demo *args: build
    target/debug/proofpoint demo {{ args }}

# Build the component and the command line next to each other, in target/debug
build: component
    cargo build --locked -p proofpoint-host
    cp {{ component }} target/debug/connector.wasm

# Build the component alone
component: setup
    RUSTFLAGS="-C relocation-model=static {{ remap }}" cargo build --locked --profile component -p proofpoint-connector --target wasm32-wasip2

# Build both optimised, into dist/
dist: component
    cargo build --locked --release -p proofpoint-host
    mkdir -p dist
    cp {{ component }} dist/connector.wasm
    cp target/release/proofpoint dist/proofpoint

# Start the simulator on a port (0: any free one)
simulate port="0" *args: build
    target/debug/proofpoint simulate --port {{ port }} {{ args }}

# Install the toolchain of rust-toolchain.toml and the component's target
[private]
setup:
    @rustup show active-toolchain >/dev/null 2>&1 || rustup toolchain install
    @rustup target list --installed | grep -q wasm32-wasip2 || rustup target add wasm32-wasip2
