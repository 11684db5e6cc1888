# Two commands: `make run` does the main job on examples/, `make test` runs every test. Both install what they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKSPACE ?= workspace
SERVE ?=
PYTEST ?=

.PHONY: run test check serve docs bench clean system system-test

run: system $(VENV)/.run
	$(BIN)/headrace init $(WORKSPACE) --from examples
	$(BIN)/headrace run $(WORKSPACE)
	@if [ -n "$(SERVE)" ]; then exec $(BIN)/headrace serve $(WORKSPACE); fi

test: system-test $(VENV)/.test check
	$(BIN)/pytest -n 2 --dist worksteal $(PYTEST)

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

serve: system $(VENV)/.run
	$(BIN)/headrace serve $(WORKSPACE)

docs: $(VENV)/.test
	$(BIN)/python -m tools.catalogs
	$(BIN)/pytest tests/test_house.py

bench: $(VENV)/.test
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) $(WORKSPACE) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis

system:
	@tools/install-system-packages run

system-test:
	@tools/install-system-packages test

$(VENV)/bin/python: | system
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python pyproject.toml constraints.txt | system
	$(BIN)/pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.test: $(VENV)/bin/python pyproject.toml constraints.txt | system-test
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@ $(VENV)/.run
