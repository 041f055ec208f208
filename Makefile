# One command surface; CI (.ci/run) uses the same words.
# Needs: Python 3.11 or newer with venv, and make. Everything else is fetched into .uv/ and .venv/.

PYTHON ?= python3
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
BIN := .venv/bin
HOST ?= 127.0.0.1
PORT ?= 8080
HISTORIES ?= 200

PACKAGES := -e packages/flask-rewind -e packages/qingbo
# A worker that is done takes tests over from the others; so most modules stay with one, and their fixtures are made once.
WORKERS := -n auto --dist worksteal
INSTALL := VIRTUAL_ENV=.venv $(UV) pip install --quiet --compile-bytecode
LOCK := $(UV) pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
	--no-emit-package flask-rewind

.PHONY: help run test test-slow test-oldest test-all prove prove-crash lint check bench bench-backup bench-moves bench-search bench-soak bench-stalls bench-start bench-tables bench-writes dist docs lock messages screenshots clean

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: .venv/.run ## serve the blog in ./qingbo-data, with a small sample the first time
	@$(BIN)/qingbo serve --demo --host $(HOST) --port $(PORT)

test: .venv/.dev ## the everyday tests, on every database engine found here (about 4 minutes)
	@$(BIN)/pytest $(WORKERS) -m "not slow"

test-slow: .venv/.dev ## the tests that `make test` leaves out: served for real, in a real browser, the laws case by case
	@$(BIN)/pytest $(WORKERS) -m slow

test-oldest: .venv-oldest/.done ## the everyday tests and a few random histories on the oldest Alembic and SQLAlchemy supported
	@.venv-oldest/bin/pytest packages/flask-rewind/tests $(WORKERS) -m "not slow or histories"

test-all: .venv/.dev ## test and test-slow in one run
	@$(BIN)/pytest $(WORKERS)

prove: .venv/.dev .venv-oldest/.done ## the long proofs, of which CI runs a small part (many hours; HISTORIES=2000 for more)
	@REWIND_HISTORIES=$(HISTORIES) FLOOD_TIMES=1000 KILLED_SAVES=200 RESTORED_BLOGS=30 ROUNDS=20 SERVER_KILLS=20 \
		EXPORTED_BLOGS=50 DAMAGED_EXPORTS=5000 ROWS_UNDER_LOAD=50000 ALL_COMBINATIONS=1 INSTALL_FOR_REAL=1 \
		$(BIN)/pytest $(WORKERS) --timeout 0 -m "slow or combinations"
	@ALL_COMBINATIONS=1 .venv-oldest/bin/pytest packages/flask-rewind/tests $(WORKERS)

prove-crash: .venv/.dev ## of these, every kill, cut line and signal in a move, many movers at once, and moves under load (some hours)
	@REWIND_HISTORIES=$(HISTORIES) ROUNDS=20 SERVER_KILLS=20 ROWS_UNDER_LOAD=50000 ALL_COMBINATIONS=1 \
		$(BIN)/pytest $(WORKERS) --timeout 0 -m slow \
		$(addprefix packages/flask-rewind/tests/,crash galera test_leases.py)

check: .venv/.dev ## everything CI checks
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory test-all
	@$(MAKE) --no-print-directory test-oldest

lint: .venv/.dev ## style, types, layers, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint packages/qingbo/src --lint --quiet

bench: .venv/.dev ## pages per second, rows read and memory, against floors of the same run (BENCH="--engine sqlite --posts 1000")
	@$(BIN)/python benchmarks/pages.py $(BENCH)

bench-writes: .venv/.dev ## how long comments, posts and sign-ins take with many people at once (BENCH="--engine sqlite")
	@$(BIN)/python benchmarks/writes.py $(BENCH)

bench-soak: .venv/.dev ## five minutes of 200 connections with writes mixed in: no error, no growth (BENCH="--minutes 1")
	@$(BIN)/python benchmarks/soak.py $(BENCH)

bench-tables: .venv/.dev ## write what was measured into docs/performance.md
	@$(BIN)/python benchmarks/tables.py

bench-search: .venv/.dev ## how fast posts are found among 100,000, beside LIKE, on three engines (about half an hour)
	@$(BIN)/python benchmarks/search.py

bench-start: .venv/.dev ## how long the blog takes to start, beside a floor measured in the same run (a minute)
	@$(BIN)/python benchmarks/start.py

bench-moves: .venv/.dev ## what moves cost beside stock Flask-Migrate, on three engines (about half an hour)
	@$(BIN)/python benchmarks/moves.py

bench-stalls: .venv/.dev ## how long writers wait while tables are moved, beside stock Flask-Migrate (BENCH="--engine mariadb --rows 5000")
	@$(BIN)/python benchmarks/stalls.py $(BENCH)

bench-backup: .venv/.dev ## seconds and memory of backup and restore of 100,000 posts (BENCH="--engine mariadb --posts 1000")
	@$(BIN)/python benchmarks/backup.py $(BENCH)

dist: .venv/.dev ## build the sdist and the wheel of both packages into dist/
	@$(BIN)/python tools/dist.py

messages: .venv/.dev ## collect and compile the texts of the pages (zh, en)
	@$(BIN)/python tools/messages.py

screenshots: .venv/.dev ## photograph every page in both languages, light and dark, on a phone and on a desk
	@$(BIN)/python tools/screenshots.py

docs: .venv/.dev ## build the documentation in both languages, into build/docs
	@for language in en zh; do \
		DOCS_LANGUAGE=$$language $(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --conf-dir docs \
			--doctree-dir build/doctrees/$$language . build/docs/$$language || exit 1; done
	@cp docs/languages.html build/docs/index.html
	@echo "Open build/docs/index.html"

lock: $(firstword $(filter .uv/%,$(UV)) Makefile) ## compile requirements/*.txt anew, with hashes
	$(LOCK) --no-annotate requirements/uv.in -o requirements/uv.txt
	$(LOCK) packages/*/pyproject.toml requirements/run.in -o requirements/run.txt
	$(LOCK) packages/*/pyproject.toml requirements/run.in requirements/dev.in -c requirements/run.txt -o requirements/dev.txt
	$(LOCK) packages/flask-rewind/pyproject.toml requirements/oldest.in -o requirements/oldest.txt

clean: ## remove what make and the tools made; the blog's data folder stays
	rm -rf .venv .venv-oldest .uv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist screenshots
	find packages tests benchmarks tools -name __pycache__ -prune -exec rm -rf {} +

.uv/bin/uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; $(PYTHON) is older. Try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "Fetching uv into .uv/ ..."
	@$(PYTHON) -m venv .uv
	@.uv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

.venv/bin/python: | $(filter .uv/%,$(UV))
	@$(UV) venv --quiet --python $(PYTHON) .venv

.venv/.run: requirements/run.txt packages/flask-rewind/pyproject.toml packages/qingbo/pyproject.toml | .venv/bin/python
	@echo "Installing what the blog needs into .venv/ ..."
	@$(INSTALL) --require-hashes -r requirements/run.txt
	@$(INSTALL) --no-deps --no-build-isolation $(PACKAGES)
	@touch $@

.venv/.dev: .venv/.run requirements/dev.txt
	@echo "Installing what the tests need into .venv/ ..."
	@$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

.venv-oldest/.done: requirements/oldest.txt packages/flask-rewind/pyproject.toml | $(filter .uv/%,$(UV))
	@echo "Installing the oldest supported versions into .venv-oldest/ ..."
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv-oldest
	@VIRTUAL_ENV=.venv-oldest $(UV) pip install --quiet --compile-bytecode --require-hashes -r requirements/oldest.txt
	@VIRTUAL_ENV=.venv-oldest $(UV) pip install --quiet --no-deps --no-build-isolation -e packages/flask-rewind
	@touch $@
