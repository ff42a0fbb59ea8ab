# make setup   everything installed, developers' tools too      make check    the quick one: style, types, contracts, unit tests
# make up      set up, then a demo brand on localhost:8000      make test     everything; what CI runs
# make torture the long violent tests                           make lock     write the locks anew
PYTHON ?= python3
BIN := .venv/bin
QUIETLY := PIP_DISABLE_PIP_VERSION_CHECK=1
PG15 := /usr/lib/postgresql/15/bin
SOURCES := src tests lints

.DEFAULT_GOAL := help
.PHONY: help setup up test check torture pictures lock style types contracts lints chromium unit

help:
	@sed -n 's/^# //p' Makefile

setup: .venv/.set-up src/townhall/web/static/vendor/.set-up

.venv/.set-up: requirements/dev.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(QUIETLY) $(BIN)/pip install --quiet --require-hashes -r requirements/dev.lock
	$(QUIETLY) $(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

src/townhall/web/static/vendor/.set-up: package.json package-lock.json .venv/.set-up
	npm ci --no-fund --no-audit --loglevel=error
	$(BIN)/python -m townhall.web.vendor
	touch $@

up: setup
	$(BIN)/townhall demo

check: setup style types contracts lints unit

style:
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)

types:
	$(BIN)/mypy src

contracts:
	$(BIN)/lint-imports

lints:
	$(BIN)/python -m lints

unit:
	$(BIN)/pytest -n 2 --dist loadfile -m "not database and not browser and not slow"

test: setup chromium style types contracts lints
	$(BIN)/pytest -n 2 --dist loadfile -m "not browser"
	$(BIN)/pytest -n 2 --dist loadfile -m browser
	@if test -x $(PG15)/postgres; then TOWNHALL_PG_BIN=$(PG15) $(BIN)/pytest -n 2 --dist loadfile tests/database tests/journal tests/flow tests/hooks; \
	else echo "PostgreSQL 15 is not installed here: the storage tests ran on the embedded server only (apt-get install postgresql-15)."; fi

torture: setup
	TOWNHALL_TORTURE=1000 $(BIN)/pytest -m "slow or database" tests/database tests/run tests/outbound tests/flow

chromium:
	@command -v chromium-headless-shell >/dev/null || ( as=; test "$$(id -u)" = 0 || as="sudo -n"; \
	$$as apt-get update -qq && $$as apt-get install -y -qq --no-install-recommends chromium-headless-shell ) \
	|| command -v chromium >/dev/null || command -v chromium-browser >/dev/null \
	|| { echo "The tests in a browser need Chromium. Install it once: apt-get install chromium-headless-shell (or chromium, which is slower here)" >&2; exit 1; }

lock:
	$(BIN)/python -m pip show --quiet uv || $(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml $(LOCKED) -o requirements/base.lock
	$(BIN)/uv pip compile pyproject.toml requirements/build.in --extra dev $(LOCKED) -o requirements/dev.lock
LOCKED := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header

pictures: setup chromium
	$(BIN)/pytest -q tests/pages/pictures.py
