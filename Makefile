# Needs make and Python 3.11 or newer (PYTHON=python3.12 make …). Everything else is installed into .venv.
PYTHON ?= python3
BIN := .venv/bin

serve: .venv/installed  ## Serve the chat window and the API at http://127.0.0.1:7860
	$(BIN)/dateline serve

test: .venv/installed-dev  ## Run the whole test suite
	$(BIN)/pytest -n 2 --dist worksteal

check: .venv/installed-dev  ## Lint, format and type checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Dateline needs Python 3.11 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --disable-pip-version-check -c constraints.txt -e .
	touch $@

.venv/installed-dev: .venv/installed
	$(BIN)/pip install --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

.PHONY: serve test check
