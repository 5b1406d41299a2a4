# Two commands: `make demo` runs the main job, `make test` passes every test. Both install what they need.
.DEFAULT_GOAL := help
.PHONY: help demo test web lint crash kill model measured compare freed load peers bench doc clean

CARGO ?= cargo
NPM ?= npm
# What the faces are built of; they are built anew when one of these is newer than the last build.
WEB_SOURCES := $(shell find services/web/app services/web/build.mjs services/web/package-lock.json -type f 2>/dev/null)

help: ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

web: ## build the faces: desk, board and wall (without Node the plain board stays)
	@if sh deploy/needs.sh node; then $(MAKE) --no-print-directory services/web/dist/build; else \
	  echo "The desk and the board are left out; /board/plain works without them."; fi

services/web/dist/build: $(WEB_SOURCES)
	@if (cd services/web && $(NPM) ci --no-audit --no-fund); then \
	  (cd services/web && $(NPM) run --silent build) && touch $@; \
	else echo "npm could not fetch what the faces need, so they are left out; /board/plain works without them."; fi

demo: web ## a crisis line at work, in one process, with simulated callers (DEMO="--headless --seconds 20 --json" for a short one)
	@sh deploy/needs.sh cargo cc
	$(CARGO) build --locked --release -p holdfast
	./target/release/holdfast demo $(DEMO)

test: web ## everything that must pass, ends with "N passed, N failed"
	@sh deploy/needs.sh cargo cc
	@sh deploy/test.sh

lint: ## fmt and clippy, warnings denied
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

crash: ## 100,000 crash points of the disk journal
	HOLDFAST_CRASH_POINTS=100000 $(CARGO) test --locked -p holdfast-journal --test it crash -- --nocapture

kill: ## 200 kills of a serving process under load
	HOLDFAST_KILLS=200 $(CARGO) test --locked -p holdfast --test kill -- --nocapture

model: ## every combination of five steps around a handoff, by voice and in writing
	HOLDFAST_MODEL_DEPTH=5 $(CARGO) test --locked --release -p holdfast-core --test model -- --nocapture

measured:
	@sh deploy/needs.sh cargo cc
	$(CARGO) build --locked --release -p holdfast -p holdfast-loadtests

compare: measured ## Holdfast beside a null route, alternately: rate at the knee, latency, processor time (COMPARE="--runs 5")
	./target/release/holdfast-loadtests compare $(COMPARE)

freed: measured ## from a counselor who becomes free to the next person offered to them (FREED="--rate 200")
	./target/release/holdfast-loadtests freed $(FREED)

load: measured ## a scenario of loadtests/scenarios, and its report (SCENARIO=national_peak LOAD="--minutes 2")
	./target/release/holdfast-loadtests run loadtests/scenarios/$(or $(SCENARIO),national_peak).toml --out target/load/$(or $(SCENARIO),national_peak) $(LOAD)

peers: measured ## Holdfast beside the same work by Postgres and by BullMQ, in turn (PEERS="--runs 5 --rate 200")
	cd loadtests/peers && $(NPM) ci --silent
	./target/release/holdfast-loadtests peers $(PEERS)

bench: ## decisions, bytes for each person who waits, the journal's cost, recovery after a crash
	$(CARGO) bench --locked -p holdfast-core -p holdfast-journal -p holdfast-router

doc: ## the documentation, warnings denied
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps --document-private-items

clean: ## remove what was built
	$(CARGO) clean
