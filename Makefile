# The front door for people: `make` lists what there is. Needs Python 3.11 or newer, pip and make.
# All paths are relative, so that the folder may lie anywhere and its name may hold spaces.
PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
INSTALLED := .venv/installed

# Nothing that runs here reports to anybody.
export DAGSTER_DISABLE_TELEMETRY := 1
export RUNTIME__DLTHUB_TELEMETRY := false
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test check audit coverage mutants bench chaos soak dev lock docs clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

setup: $(INSTALLED) ## .venv with everything in it, as requirements.lock says

demo: $(INSTALLED) ## the whole pipeline once, on a simulated SalesLoft
	$(BIN)/salesloft-pipeline demo

# Three at once also on two cores: a test waits a quarter of its time.
test: $(INSTALLED) ## all tests; one of them: make test ARGS="-k keyset"
	$(BIN)/python -m pytest -n 3 --dist worksteal $(ARGS)

check: $(INSTALLED) ## format, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

audit: $(INSTALLED) ## are there known holes in what both locks list? Asks the network
	test -x .venv/audit/bin/pip-audit || { $(PYTHON) -m venv .venv/audit && .venv/audit/bin/pip install --quiet pip-audit; }
	.venv/audit/bin/pip-audit --strict --disable-pip --require-hashes -r requirements.lock -r deploy/requirements.lock

# The tests that hold what pyproject.toml lists under [tool.coverage.run].
coverage: $(INSTALLED) ## is every branch of what decides taken by a test? Half a minute of CPU
	$(BIN)/coverage run -m pytest -n 0 salesloft_pipeline_tests/salesloft salesloft_pipeline_tests/reverse_sync/test_plan.py \
		salesloft_pipeline_tests/reverse_sync/test_plan_exact.py salesloft_pipeline_tests/ingest/test_plan_exact.py \
		salesloft_pipeline_tests/ingest/test_reading_alone.py salesloft_pipeline_tests/ingest/test_readers_alone.py
	$(BIN)/coverage report

mutants: $(INSTALLED) ## does a test fail when what decides is changed a little? docs/mutants.md, in half an hour
	test -x .venv/mutants/bin/mutmut || { $(PYTHON) -m venv .venv/mutants && .venv/mutants/bin/pip install --quiet 'mutmut>=3.8,<4'; }
	$(BIN)/python -c 'import pytest; print(pytest.__path__[0].rpartition("/")[0])' > \
		"$$(.venv/mutants/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/project.pth"
	nice -n 10 $(BIN)/python -m mutation $(ARGS)

bench: $(INSTALLED) ## what is promised of speed, measured, as one table; some of it: make bench ARGS="--only startup"
	$(BIN)/python -m benchmarks $(ARGS)

chaos: $(INSTALLED) ## things broken on purpose, and what is left compared with SalesLoft; others: make chaos ARGS="--seed 2"
	$(BIN)/python -m salesloft_pipeline_tests.chaos $(ARGS)

soak: $(INSTALLED) ## a simulated day of full life at 200 times the speed, then whether everything held; ten minutes
	$(BIN)/python -m salesloft_pipeline_tests.soak $(ARGS)

dev: $(INSTALLED) ## Dagster's UI and daemon until Ctrl-C; on a simulated SalesLoft unless .env names a key
	$(BIN)/salesloft-pipeline dev $(ARGS)

lock: $(INSTALLED) ## requirements.lock out of pyproject.toml, and the image's; newer versions: make lock ARGS=--upgrade
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --no-strip-extras --quiet -o requirements.lock $(ARGS)
	$(BIN)/uv pip compile pyproject.toml deploy/requirements.in --constraint requirements.lock --universal \
		--python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras --quiet \
		-o deploy/requirements.lock $(ARGS)

docs: $(INSTALLED) ## docs/data-dictionary.md, and the pictures of the README, which need Chromium
	$(BIN)/python -m salesloft_pipeline.transform.dictionary
	$(BIN)/python docs/picture.py

clean: ## takes away .venv and what the demo wrote
	rm -rf .venv mutants data/dagster data/serving data/warehouse.duckdb data/warehouse.duckdb.wal

# The package itself comes last and without its dependencies: the lock has settled them.
$(INSTALLED): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo 'Installing what requirements.lock lists: one or two minutes, once.'
	$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $(INSTALLED)
