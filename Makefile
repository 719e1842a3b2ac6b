# The two commands a newcomer needs: make run, make test. Another Python: make run PYTHON=python3.12
PYTHON ?= python3
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11

.PHONY: help run test lint lock bench chaos proof base dev

help:
	@echo "make run    start the product; prints its address, Ctrl-C ends it (PORT, DATA_DIR)"
	@echo "make test   the whole suite, on SQLite and on PostgreSQL (REQUIRE_BROWSER=1: no skipping)"
	@echo "make lint   style, formatting, migrations, settings"
	@echo "make bench  the figures we hold, as a table"
	@echo "make chaos  kill everything at random, on both databases, for about half an hour; nothing may be lost"
	@echo "make proof  10,000 random steps of people and workers on each database; no promise may break"
	@echo "make lock   resolve requirements/*.in to hash-locked files"

run: base
	@exec $(BIN)/python manage.py up

# Both databases side by side, then the browser alone, which is in a hurry; each may fail the target, and 5
# means: nothing selected.
PYTEST = $(BIN)/python -m pytest -q --durations=15 $(ARGS)
test: dev
	@log=$$(mktemp); status=0; \
	TEST_DATABASE=postgresql $(PYTEST) -m "not browser and not once" >$$log 2>&1 & postgresql=$$!; \
	trap "kill $$postgresql; rm -f $$log" INT TERM; \
	echo "== SQLite"; $(PYTEST) -m "not browser" || [ $$? -eq 5 ] || status=1; \
	wait $$postgresql || [ $$? -eq 5 ] || status=1; echo "== PostgreSQL"; cat $$log; \
	echo "== Chromium"; $(PYTEST) -m browser || [ $$? -eq 5 ] || status=1; \
	rm -f $$log; exit $$status

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check --fail-level WARNING

lock: dev
	$(COMPILE) requirements/base.in -o requirements/base.txt
	$(COMPILE) requirements/dev.in -o requirements/dev.txt

bench: dev
	$(BIN)/python -m tests.bench

proof: dev
	PROOF_STEPS=10000 $(BIN)/python -m pytest -q tests/features/test_machine.py
	TEST_DATABASE=postgresql PROOF_STEPS=10000 $(BIN)/python -m pytest -q tests/features/test_machine.py

# At least 500 kills a database. Another order of kills: make chaos ARGS="--seed 5"
chaos: dev
	@status=0; \
	for database in sqlite postgresql; do \
		$(BIN)/python -m tests.chaos --long --database $$database $(ARGS) || status=1; \
	done; \
	exit $$status

base dev:
	@$(PYTHON) requirements/install.py $@
