# `make help` lists the targets. Each installs what it needs first; a second time that takes no time.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# The Python to make .venv with: 3.11 to 3.13. Unset, one is looked for.
PYTHON ?=
# How many tests at once: half of their time is waiting, but some wait for what must happen soon. One file stays in one process.
JOBS ?= 3
# Further arguments of the program a target starts, as in: make test ARGS="-k barrier"
ARGS ?=

# Byte code is kept, or each program that a test starts would compile our modules anew.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
INSTALLED := .venv/installed.stamp
MODELS := .venv/plate-models.stamp

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: install
install: $(INSTALLED) $(MODELS) ## make .venv with everything, system packages included

.PHONY: demo
demo: install ## a gate at work with simulated traffic, in the browser (Ctrl-C ends it)
	@$(BIN)/gatehouse-sim demo $(ARGS)

.PHONY: test
test: install ## every test at its quick size
	$(BIN)/pytest --numprocesses=$(JOBS) --dist=loadfile --no-loadscope-reorder $(ARGS)

.PHONY: check
check: install ## style, types, import rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@! grep -n '://' requirements.lock || { echo 'requirements.lock names an address' >&2; exit 1; }

.PHONY: coverage
coverage: install ## the lanes' and the decision's own tests, and every branch of theirs reached
	$(BIN)/coverage run -m pytest -m "not programs" tests/access tests/edge/gate $(ARGS)
	$(BIN)/coverage report

.PHONY: soak
soak: install ## every test at its judged size (hours)
	GATEHOUSE_SIZE=soak $(BIN)/pytest --timeout=0 $(ARGS)

.PHONY: bench
bench: install ## every benchmark at its judged size
	for program in $$(grep -l __main__ bench/*.py); do $(BIN)/python $$program $(ARGS); done

# The oldest Python is named, else a newer one in .venv would leave its versions out.
.PHONY: lock
lock: ## write requirements.lock after pyproject.toml (needs uv; ARGS=--upgrade for the newest versions)
	uv pip compile pyproject.toml --extra all --group dev --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet --output-file requirements.lock $(ARGS)

.PHONY: clean
clean: ## remove caches and builds (.venv stays)
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -path ./.venv -prune -o -name __pycache__ -exec rm -rf {} +

.PHONY: system
system:
	@PYTHON='$(PYTHON)' scripts/install-system-packages

$(INSTALLED): requirements.lock pyproject.toml | system
	python=$$(scripts/find-python '$(PYTHON)'); [[ -x $(BIN)/pip ]] || "$$python" -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# Plates are not read without the two models; all else works, so a failure warns and the next run tries again.
$(MODELS): $(INSTALLED)
	@if $(BIN)/gatehouse-device plates install-models; then touch $@; else \
		echo 'The plate models are not installed: cameras will show pictures, but no plate is read.' >&2; \
		echo 'Try again: $(BIN)/gatehouse-device plates install-models' >&2; fi
