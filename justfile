# The daily commands. Each installs what it needs: rustup, a C compiler and just are all it takes.

component := "target/wasm32-wasip2/component/proofpoint_connector.wasm"
# Builds name no folder of the machine they were made on.
remap := "--remap-path-prefix=" + justfile_directory() + "=/src --remap-path-prefix=" + env("CARGO_HOME", env("HOME") + "/.cargo") + "=/cargo"

tools := "target/tools"

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

# Build the component alone; it carries the list of what it is made of
component: setup auditable
    RUSTFLAGS="-C relocation-model=static -C link-arg=--compress-relocations --cfg sha2_backend_soft=\"compact\" {{ remap }}" {{ tools }}/bin/cargo-auditable auditable build --locked --profile component -p proofpoint-connector --target wasm32-wasip2

# Build the component in two different folders and compare: it holds nothing of the machine
reproducible: setup auditable
    @folders=$(mktemp -d) && trap 'rm -rf "$folders"' EXIT && \
    for name in one another/one; do \
        mkdir -p "$folders/$name" && git ls-files -z | xargs -0 cp --parents -t "$folders/$name" && \
        mkdir -p "$folders/$name/target" && ln -s "$PWD/{{ tools }}" "$folders/$name/target/tools" && \
        (cd "$folders/$name" && env -u CARGO_TARGET_DIR just component) || exit 1; \
    done; \
    cd "$folders" && sha256sum one/{{ component }} another/one/{{ component }} && cmp one/{{ component }} another/one/{{ component }}

# Build both optimised, into dist/
dist: component
    cargo build --locked --release -p proofpoint-host
    mkdir -p dist
    cp {{ component }} dist/connector.wasm
    cp target/release/proofpoint dist/proofpoint

# Run every test: units, schedules of fetch, the component in the host, the component in Node and Python
test: targets && polyglot
    cargo test --locked

# All targets at once: with the features of one selection everything is compiled only once
[private]
targets: component
    cargo build --locked --all-targets
    cp {{ component }} target/debug/connector.wasm

# Check format, lints, documentation, licences and unused dependencies
check: setup tools
    cargo fmt --check
    cargo fmt --check --manifest-path tests/fuzz/Cargo.toml
    cargo clippy --locked --all-targets -- --deny warnings
    cargo clippy --locked -p proofpoint-connector --target wasm32-wasip2 -- --deny warnings
    RUSTDOCFLAGS="--deny warnings" cargo doc --locked --no-deps
    {{ tools }}/bin/cargo-machete
    {{ tools }}/bin/cargo-deny --locked check --hide-inclusion-graph bans licenses sources

# Ask the advisory database about the dependencies (needs the network)
audit: tools
    {{ tools }}/bin/cargo-deny --locked check advisories

# The long run: schedules of fetch by the ten thousand, kills, load, tenants; writes docs/reliability.md
soak schedules="50000": targets
    rm -f target/fetch-figures
    FETCH_FIGURES=$PWD/target/fetch-figures FETCH_SCHEDULES={{ schedules }} cargo test --locked --release -p proofpoint-core --test it fetch_property
    PROOFPOINT_SOAK=1 FETCH_FIGURES=$PWD/target/fetch-figures cargo test --locked --test soak -- --include-ignored --nocapture --test-threads 1

# Measure speed and start-up, as ratios within one run
bench: component
    cargo bench --locked -p proofpoint-tests

# Fuzz every target for so many seconds, two at a time (or some: `just fuzz 60 mails times`)
fuzz seconds *targets: component fuzz-tools
    PATH="$PWD/{{ tools }}/bin:$PATH" PROOFPOINT_COMPONENT="$PWD/{{ component }}" tests/fuzz/run {{ seconds }} {{ targets }}

# Check lints of the fuzz project, which `check` leaves alone
check-fuzz: setup
    cargo clippy --locked --manifest-path tests/fuzz/Cargo.toml --lib --bins --examples -- --deny warnings

# Format the code
fmt:
    cargo fmt
    cargo fmt --manifest-path tests/fuzz/Cargo.toml

# Start the simulator on a port (0: any free one)
simulate port="0" *args: build
    target/debug/proofpoint simulate --port {{ port }} {{ args }}

# Test the component in Node and Python
test-polyglot: build polyglot

# The same with what is built
[private]
polyglot:
    @node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null || { echo 'error: Node 20 or later is needed' >&2; exit 1; }
    @python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null || { echo 'error: Python 3.9 or later is needed, with venv' >&2; exit 1; }
    cd tests/polyglot/node && { [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci; }
    cd tests/polyglot/node && node --test
    cd tests/polyglot/python && { [ -x .venv/bin/pip ] || python3 -m venv .venv; }
    cd tests/polyglot/python && .venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements.txt
    cd tests/polyglot/python && .venv/bin/python -m unittest

# Install the toolchain of rust-toolchain.toml and the component's target
[private]
setup:
    @rustup show active-toolchain >/dev/null 2>&1 || rustup toolchain install
    @rustup target list --installed | grep -q wasm32-wasip2 || rustup target add wasm32-wasip2

# Install what lists the component's parts in it
[private]
auditable:
    @[ -x {{ tools }}/bin/cargo-auditable ] || cargo install --locked --debug --root {{ tools }} cargo-auditable@0.7.7

# Install the tools of `check` at fixed versions, into target/; unoptimised they are there in a third of the time
[private]
tools:
    @[ -x {{ tools }}/bin/cargo-machete ] || cargo install --locked --debug --root {{ tools }} cargo-machete@0.9.2
    @[ -x {{ tools }}/bin/cargo-deny ] || cargo install --locked --debug --root {{ tools }} cargo-deny@0.20.2

# Install what fuzzing needs, the same way
[private]
fuzz-tools:
    @[ -x {{ tools }}/bin/cargo-fuzz ] || cargo install --locked --debug --root {{ tools }} cargo-fuzz@0.13.1
