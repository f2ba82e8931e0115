# The short front door. Each target makes the virtual environment it needs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
NUMPY_ONLY := $(VENV)-numpy

.DEFAULT_GOAL := help
.PHONY: help tour test test-all test-numpy-only judges lint format bench notebook pictures clean

help:
	@echo "make tour             run the guided tour and write its HTML report"
	@echo "make test             run the test suite, but for slow tests"
	@echo "make test-all         run it whole, with the live judges (PyTorch, mpmath, Optax)"
	@echo "make test-numpy-only  run the part that needs nothing but NumPy, with nothing but NumPy"
	@echo "make judges           install these judges, so that make test compares with them live"
	@echo "make lint             check format, style and types"
	@echo "make format           mend format and style"
	@echo "make bench            time glassnet beside its peers (about 25 minutes)"
	@echo "make notebook         render notebooks/ from their paired scripts"
	@echo "make pictures         draw the README's pictures again"
	@echo "make clean            remove environments, caches, builds and the tour's report"

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# One stamp per set of packages: a target installs only what it needs, once.
$(VENV)/.run: pyproject.toml | $(BIN)/python
	@echo "installing glassnet ..."
	@$(PIP) --editable .
	@touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	@echo "installing glassnet and what its tests need ..."
	@$(PIP) --editable ".[test]"
	@touch $@ $(VENV)/.run

$(VENV)/.judges: pyproject.toml | $(BIN)/python
	@echo "installing the judges (PyTorch, mpmath, Optax) ..."
	@$(PIP) --editable ".[test,judges]"
	@touch $@ $(VENV)/.test $(VENV)/.run

$(VENV)/.bench: pyproject.toml | $(BIN)/python
	@echo "installing glassnet and its peers (PyTorch, JAX, Optax, ONNX Runtime) ..."
	@$(PIP) --editable ".[bench]"
	@touch $@ $(VENV)/.run

$(VENV)/.lint: pyproject.toml | $(BIN)/python
	@echo "installing the linters ..."
	@$(PIP) --editable ".[lint]"
	@touch $@ $(VENV)/.run

$(NUMPY_ONLY)/.done: pyproject.toml
	$(PYTHON) -m venv $(NUMPY_ONLY)
	@$(NUMPY_ONLY)/bin/python -m pip install --quiet --disable-pip-version-check "numpy>=2.0"
	@touch $@

tour: $(VENV)/.run
	$(BIN)/glassnet tour

test: $(VENV)/.test
	$(BIN)/python -m pytest -n auto -m "not slow"

test-all: $(VENV)/.judges test-numpy-only
	$(BIN)/python -m pytest -n auto

test-numpy-only: $(NUMPY_ONLY)/.done
	PYTHONPATH=src $(NUMPY_ONLY)/bin/python -W error tests/numpy_only.py

judges: $(VENV)/.judges

lint: $(VENV)/.lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/.lint
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.bench
	$(BIN)/python benchmarks/run.py

notebook: $(VENV)/.test
	$(BIN)/python notebooks/render.py

pictures: $(VENV)/.run
	$(BIN)/python docs/pictures.py

clean:
	rm -rf $(VENV) $(NUMPY_ONLY) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis glassnet_tour.html
