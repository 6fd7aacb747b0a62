PYTHON ?= python3
BIN := .venv/bin
# Builds a package's own environment; not the one of whoever runs make.
UV := VIRTUAL_ENV= $(CURDIR)/$(BIN)/uv

.PHONY: help new test test-slow lint bench docs lock

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

new: .venv/ready ## Render a package with the default answers and run its tests: make new DEST=path/to/scripts/new_pkg
	@test -n "$(DEST)" || { echo "make new needs DEST, such as: make new DEST=/tmp/x/scripts/new_pkg" >&2; exit 2; }
	$(BIN)/copier copy --defaults --vcs-ref HEAD "$(CURDIR)" "$(DEST)"
	$(UV) venv --quiet --allow-existing --python $(BIN)/python "$(DEST)/.venv"
	cd "$(DEST)" && $(UV) pip install --quiet --python .venv/bin/python -e ".[test]" && .venv/bin/python -m pytest

test: .venv/ready ## Run the tests, but the slowest
	$(BIN)/pytest -m "not slow" -n 2 --dist loadgroup

test-slow: .venv/ready ## Run what test leaves out: images, which need root and debootstrap, and more of the rest
	$(BIN)/pytest -m slow -n 2 --dist loadgroup

lint: .venv/ready ## Check this project's own code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/ready ## Print the figures of README.md
	$(BIN)/python -m benchmarks

docs: .venv/ready ## Draw the pictures of README.md and write the list of rules
	$(BIN)/python -m docs.pictures
	$(BIN)/python -m docs.rules

lock: .venv/ready ## Lock the newest versions of what csa and its build need, with hashes
	$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --universal --python-version=3.11 \
	  --group=build --output-file=requirements.lock pyproject.toml

.venv/ready: pyproject.toml HISTORY.md
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --group dev --editable .
	@touch $@
