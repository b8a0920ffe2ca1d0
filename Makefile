# diagpacte: `make demo` and `make test` need Python >= 3.11, git and make; nothing else.
export UV_PYTHON_DOWNLOADS = never
PYTHON ?= python3
VENV := .venv
UV := $(shell command -v uv 2>/dev/null)
BIN := $(VENV)/bin
EXPORT := uv export --frozen --quiet --no-emit-project --no-header --format requirements-txt

.PHONY: help demo test long fuzz check format lock bench clean
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | sort

demo: $(VENV)/.core ## the whole job on the demonstration workspace, in ./demonstration
	$(BIN)/diagpacte demo demonstration

test: $(VENV)/.tests ## every test
	$(BIN)/python -m pytest -n 2 --dist loadfile

long: $(VENV)/.tests ## the tests that `make test` has no time for
	$(BIN)/python -m pytest -n 2 --dist loadfile -m long

fuzz: $(VENV)/.tests ## 10,000 mutated workbooks: a table or a French error, never a value the cell does not hold
	$(BIN)/python tools/fuzz.py --count 10000 --jobs 2

check: $(VENV)/.tests ## format, style, types, lock export
	$(BIN)/ruff format --check src tests tools
	$(BIN)/ruff check src tests tools
	$(BIN)/mypy
	$(BIN)/python tools/check_lock.py

format: $(VENV)/.tests ## rewrite in the house style
	$(BIN)/ruff format src tests tools
	$(BIN)/ruff check --fix src tests tools

lock: ## refresh uv.lock and its two exports (needs uv)
	uv lock
	$(EXPORT) --no-default-groups --group build -o requirements.txt
	$(EXPORT) -o requirements-dev.txt

bench: $(VENV)/.tests ## speed and memory, as ratios against the named baseline
	$(BIN)/python tools/bench.py

clean: ## remove what the targets made
	rm -rf $(VENV) demonstration dist

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "diagpacte demande Python 3.11 ou plus récent ; « $(PYTHON) » est absent ou plus ancien. Essayer : make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
ifneq ($(UV),)
	@uv venv --quiet --allow-existing --python $(PYTHON) $(VENV)
else
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "Il manque le module venv de Python. Sous Debian ou Ubuntu : sudo apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
endif
	@touch $@

define install
$(if $(UV),uv pip install --quiet --python $(BIN)/python,$(BIN)/python -m pip install --quiet --disable-pip-version-check)
endef

$(VENV)/.core: $(VENV)/.python requirements.txt pyproject.toml
	@$(install) --require-hashes --no-deps -r requirements.txt
	@$(install) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.tests: $(VENV)/.core requirements-dev.txt
	@$(install) --require-hashes --no-deps -r requirements-dev.txt
	@touch $@
