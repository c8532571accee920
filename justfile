# The chores of a contributor. `just` alone lists them.

_list:
    @just --list

# Everything that has to hold before a change is merged.
check: fmt clippy doc test deny

# Whether the code is formatted.
fmt:
    cargo fmt --check

# What clippy says.
clippy:
    cargo clippy --all-targets --locked -- -D warnings

# Whether the documentation builds without a warning.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked

# The tests, doc examples included.
test:
    cargo test

# The faults that the program survives, at length: 300 kills, and more of everything else.
faults *arguments:
    cargo test --release --test faults -- --runs 300 {{ arguments }}

# Advisories, licences, duplicates and origins of dependencies (needs cargo-deny).
deny:
    cargo deny check

# What CI runs, beside cargo-deny.
ci:
    bash .ci/run

# Races the release build with other readers over a farm of feeds; `bench` is the folder with `farm.sh` and the peers.
race bench="../shared/bench" *options:
    cargo build --release
    python3 benches/race.py {{ bench }} {{ options }}

# Every fuzz target over its seeds and for some seconds (needs cargo-fuzz).
fuzz seconds="30" *targets:
    bash .ci/fuzz {{ seconds }} {{ targets }}

# One pass over every due feed.
once *arguments:
    cargo run --release -- --once {{ arguments }}
