#!/bin/sh
# Everything that must pass: fmt, clippy, documentation, every test. Ends with the counts.
set -u

log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0
failed=0

# The heading of a part, with the time so far: what makes the whole slow is found by reading its output.
heading() { echo "== $1 (at $(($(date +%s) - began)) s)"; }
began=$(date +%s)

step() {
  name=$1
  shift
  heading "$name"
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $name"; fi
}

# The official library of the carrier is an independent oracle for signatures; without it those tests skip loudly.
oracle() {
  [ -n "${HOLDFAST_ORACLE_PYTHON:-}" ] && return 0
  venv=target/oracle
  if ! "$venv/bin/python" -c 'import twilio' 2>/dev/null && command -v python3 >/dev/null 2>&1; then
    rm -rf "$venv"
    mkdir -p target
    { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet twilio==9.13.0; } >/dev/null 2>&1 || rm -rf "$venv"
  fi
  if "$venv/bin/python" -c 'import twilio' 2>/dev/null; then
    HOLDFAST_ORACLE_PYTHON=$(pwd)/$venv/bin/python
    export HOLDFAST_ORACLE_PYTHON
  fi
}

oracle
step "fmt" cargo fmt --all --check
step "clippy" cargo clippy --locked --workspace --all-targets -- -D warnings
step "documentation" env RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items

heading "tests"
cargo test --locked --workspace --no-fail-fast -- --nocapture >"$log" 2>&1
ended=$?
grep -E '^(SKIPPED|test result|test .* FAILED|failures:|error|---- |thread .* panicked)|panicked at|crash points' "$log"
ran=$(sed -n 's/^test result:.* \([0-9]*\) passed; .*/\1/p' "$log" | awk '{s+=$1} END {print s+0}')
broke=$(sed -n 's/^test result:.* \([0-9]*\) failed; .*/\1/p' "$log" | awk '{s+=$1} END {print s+0}')
skipped=$(grep -c '^SKIPPED' "$log")
[ "$ended" -ne 0 ] && [ "$broke" -eq 0 ] && { broke=1; tail -50 "$log"; }

passed=$((passed + ran))
failed=$((failed + broke))

# The pages: types, words, looks, journeys by keyboard against a double of the services, then against a real night of the demo.
pages() {
  heading "pages: $1"
  (cd services/web && npm run --silent "$1") >"$log" 2>&1
  ended=$?
  grep -E '^(# BAR|not ok|# (pass|fail|skipped))|error TS' "$log"
  grep -A 4 '  error: ' "$log"
  ran=$(sed -n 's/^# pass \([0-9]*\)$/\1/p' "$log" | awk '{s+=$1} END {print s+0}')
  broke=$(sed -n 's/^# fail \([0-9]*\)$/\1/p' "$log" | awk '{s+=$1} END {print s+0}')
  [ "$ended" -ne 0 ] && [ "$broke" -eq 0 ] && { broke=1; tail -50 "$log"; }
  passed=$((passed + ran))
  failed=$((failed + broke))
}
# What runs the tests of the pages takes this option since Node 20.14; Debian 12's Node 18 only builds them.
node_runs_tests() { node --test-force-exit --version >/dev/null 2>&1; }

if [ ! -f services/web/dist/build ]; then
  echo "SKIPPED the pages: they were not built (make web says why)"
  skipped=$((skipped + 1))
elif ! node_runs_tests; then
  echo "SKIPPED the pages' own tests: they need Node 20.14 or later, and here is $(node --version 2>/dev/null || echo none)"
  skipped=$((skipped + 1))
elif ! sh deploy/needs.sh chromium; then
  echo "SKIPPED the pages in a browser: there is no Chromium"
  skipped=$((skipped + 1))
else
  pages test
  HOLDFAST_BINARY=${CARGO_TARGET_DIR:-$(pwd)/target}/debug/holdfast
  export HOLDFAST_BINARY
  pages real
fi
echo
if [ "$skipped" -gt 0 ]; then
  echo "$passed passed, $failed failed, $skipped skipped"
else
  echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ]
