# Finale: `make run` opens the apps, `make test` runs all tests. `make help` lists the rest.
VENV   ?= .venv
PYTHON ?= python3
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
TESTED := $(VENV)/.tested
ARGS   ?=
INSTALL ?= $(BIN)/python -m pip install --quiet --no-compile
# Compiled files are wanted: without them every start compiles the libraries again.
unexport PYTHONDONTWRITEBYTECODE
# Threads that wait should sleep: spinning ones slow a busy machine many times over.
export OMP_WAIT_POLICY ?= PASSIVE

.DEFAULT_GOAL := help
.PHONY: help setup run test browser-test bench lint lock

help:  ## List what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

setup: $(READY)  ## Set up what the apps need in .venv

run: $(READY)  ## Open the apps in a browser (ARGS="--port 8600")
	$(BIN)/finale apps $(ARGS)

test: $(TESTED)  ## Run all tests but the browser ones (ARGS="-k ledger")
	$(BIN)/python -m pytest -m "not browser" $(ARGS)

browser-test: $(VENV)/.browser  ## Run the tests that drive Chromium (needs the system's chromium)
	$(BIN)/python -m pytest -m browser $(ARGS)

bench: $(TESTED)  ## Print the benchmark tables
	@for file in benchmarks/*/__main__.py; do echo "== $$file"; $(BIN)/python -m $$(dirname $$file | tr / .) $(ARGS); done

lint: $(TESTED)  ## Check style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

lock:  ## Write constraints.txt anew from pyproject.toml (needs uv)
	uv pip compile --universal --python-version 3.11 --extra dev --extra e2e --extra hub --extra cutout --no-header --no-annotate pyproject.toml -o constraints.txt

# What runs the apps and what tests them are two installs: the second brings torch, for one embedder's tests and those of SDXL.
$(READY): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(INSTALL) -c constraints.txt -e .
	touch $@

$(TESTED): $(READY)
	$(INSTALL) -c constraints.txt 'torch==2.13.0'
	$(INSTALL) -c constraints.txt -e '.[dev]'
	touch $@

$(VENV)/.browser: $(TESTED)
	$(INSTALL) -c constraints.txt -e '.[dev,e2e]'
	touch $@
