# Everything a person or CI needs. Only Python 3.11 or newer, pip and make are wanted; the rest goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
export DAGSTER_DISABLE_TELEMETRY := yes

.DEFAULT_GOAL := help
.PHONY: help demo test check dev lock clean

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' Makefile

demo: $(INSTALLED)  ## run everything once on a simulated SalesLoft, and show what came out
	$(BIN)/salesloft-pipeline demo

test: $(INSTALLED)  ## run the tests
	$(BIN)/python -m pytest -n 2

check: $(INSTALLED)  ## format, lint and types, nothing changed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

dev: $(INSTALLED)  ## Dagster's UI and daemon, on a simulated SalesLoft unless .env names a key; until Ctrl-C
	$(BIN)/salesloft-pipeline dev

lock: $(INSTALLED)  ## write requirements.lock anew from pyproject.toml
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-strip-extras --no-annotate --quiet --upgrade -o requirements.lock

clean:  ## remove the virtual environment and what the demo wrote
	rm -rf $(VENV) data/dagster data/warehouse.duckdb data/warehouse.duckdb.wal

# The lock holds every hash, so what is installed is what was tested.
$(INSTALLED): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@
