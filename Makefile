# Everything is installed into .venv; needs python3.11 or newer, make, and a package index.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN := $(abspath $(VENV))/bin
MADE := $(VENV)/.made
ENGINES := $(VENV)/engines/.made

# Jupyter and IPython would otherwise read and write folders of the user's home.
export IPYTHONDIR := $(abspath $(VENV))/ipython
export JUPYTER_CONFIG_DIR := $(abspath $(VENV))/jupyter/config
export JUPYTER_DATA_DIR := $(abspath $(VENV))/jupyter/data
export JUPYTER_RUNTIME_DIR := $(abspath $(VENV))/jupyter/runtime
export JUPYTER_PREFER_ENV_PATH := 1
export DSML_HOME := $(abspath $(VENV))/dsml
export DSML_CACHE := $(abspath $(VENV))/dsml/cache
# What is imported again and again by new processes is compiled once.
unexport PYTHONDONTWRITEBYTECODE
# A test or benchmark must not take every core of a shared machine.
export OMP_NUM_THREADS ?= 1

.PHONY: help setup demo test lint types unit doctests suite all mutants bench format constraints clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: $(MADE) $(ENGINES)  ## make .venv and install everything into it, and the engines of the tests beside it

$(MADE): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Expected python3.11 or newer on the path, got: $$(python3 --version 2>&1)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(MADE)

$(ENGINES): $(MADE) tests/export/engines.txt
	$(BIN)/python tests/export/environments.py
	@touch $(ENGINES)

demo: $(MADE)  ## run the tour headless, convert it, run the script as a job
	@rm -rf demo && mkdir demo && cp notebooks/tour.ipynb demo/
	cd demo && $(BIN)/jupyter nbconvert --log-level WARN --to notebook --execute --inplace tour.ipynb
	cd demo && $(BIN)/jupyter nbconvert --log-level WARN --to html tour.ipynb
	cd demo && $(BIN)/jupyter nbconvert --log-level WARN --to dsml tour.ipynb
	cd demo && $(BIN)/python tour.py
	@echo
	@echo "The executed notebook:     demo/tour.ipynb  (to read: demo/tour.html)"
	@echo "The profile:               demo/penguins.html"
	@echo "The notebook as a job:     demo/tour.py     (options: $(VENV)/bin/python demo/tour.py --help)"
	@echo "Its predictions:           demo/sexed.csv"
	@echo "Runs, packages, lineage:   demo/mlflow.db   (to see: cd demo && $(BIN)/mlflow ui --port 5000)"

test: $(MADE) $(ENGINES)  ## lint, type-check and run all tests
	@$(MAKE) --no-print-directory --jobs=4 lint types doctests suite

lint: $(MADE)  ## check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(MADE)  ## check the types, strictly
	$(BIN)/mypy

unit: $(MADE)  ## run the tests that are fast: what is left out starts engines, servers or whole projects
	$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadfile --no-loadscope-reorder

all: doctests suite  ## run all tests

doctests: $(MADE)
	$(BIN)/python -m pytest --doctest-modules $$(grep -rl '>>> ' --include='*.py' dsml_magics)

suite: $(MADE) $(ENGINES)
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder --durations=30

mutants: $(MADE)  ## put faults into the code, one at a time, and print how many of them the tests notice
	$(BIN)/python tests/mutants.py

bench: $(MADE)  ## print the benchmarks' ratios
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

format: $(MADE)  ## rewrite the code in the project's format
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

constraints: $(MADE)  ## pin what is installed now as what CI tests
	$(BIN)/python -m pip freeze --exclude-editable | sed "s/+cpu$$//" > constraints.txt

clean:  ## remove what the targets made
	rm -rf $(VENV) demo .mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis
