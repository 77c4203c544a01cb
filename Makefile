PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# Half of the time of the tests is waiting for other processes.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(2 * (os.cpu_count() or 1))')
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard handlers/locales/*/LC_MESSAGES/*.po))

# Tests and benchmarks start the bot again and again: it is not to be compiled each time.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help venv demo tour run test soak quick unit lint types format texts screenshots bench lock

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: $(INSTALLED) $(CATALOGUES) ## make or bring up to date the virtual environment and the compiled texts

demo: venv ## try the bot in a browser: no token, no account, no network
	@$(BIN)/python -m emulators

tour: venv ## watch a scripted person use the bot, from the first message to the last
	$(BIN)/python -m emulators tour

run: venv ## run the bot with the settings in .env
	$(BIN)/python -OO -m bot run

test: venv ## run every test and hold the floor of coverage
	$(BIN)/pytest -n $(WORKERS) --cov --cov-report=term

soak: venv ## the tests under fire in their long form
	SOAK=1 $(BIN)/pytest -n $(WORKERS) tests/reliability

# Side by side: each of them is waited for while one works.
quick: venv ## lint, check types and run the unit tests
	@$(MAKE) --no-print-directory -j3 lint types unit

# The services' emulators have tests of their own, which `make test` runs.
unit: venv
	$(BIN)/pytest -q -m "not process and not browser and not emulated" --ignore tests/emulators

lint: venv ## check style and formatting
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: venv ## check types
	$(BIN)/mypy

format: venv ## repair what can be repaired, and format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

texts: venv ## collect the texts anew after one was added or changed, for translators and for docs/texts.md
	$(BIN)/pybabel --quiet extract -F babel.cfg -k t -k plain -k mark -k n:1,2 -k count:1,2 --no-location --sort-output \
	  --project onefichier-bot --version 0.1.0 -o handlers/locales/bot.pot .
	$(BIN)/pybabel --quiet update -D bot -i handlers/locales/bot.pot -d handlers/locales --no-fuzzy-matching --ignore-obsolete --no-wrap \
	  --ignore-pot-creation-date
	$(BIN)/pybabel --quiet compile -D bot -d handlers/locales
	$(BIN)/python -m tests.handlers.catalogue > docs/texts.md

screenshots: venv ## make pictures of the demo's page in build/screenshots; needs Chromium
	$(BIN)/python -m tests.browser.screenshots build/screenshots

bench: venv ## measure and write benchmarks/results.md; SHORT=1 only sees that it runs, ONLY=upload chooses
	$(BIN)/python -m benchmarks $(if $(SHORT),--short) $(if $(ONLY),--only $(ONLY))

$(INSTALLED): requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "This project needs Python 3.11 or newer, as $(PYTHON). Another one: make PYTHON=/path/to/python3.12 venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@# Compiles the libraries as the bot has them, without docstrings: else many a first start at once would do it.
	@$(BIN)/python -OO -c 'import bot.__main__'
	@touch $@

%.mo: %.po $(INSTALLED)
	$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

# The hashes are those of every file PyPI holds for a release, so one lock serves every machine: whatever
# index or folder of wheels this machine's pip is configured with is left out of it.
COMPILE = env -u PIP_INDEX_URL -u PIP_EXTRA_INDEX_URL -u PIP_FIND_LINKS PIP_CONFIG_FILE=/dev/null \
  CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --no-strip-extras --generate-hashes --allow-unsafe \
  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host $(if $(UPGRADE),--upgrade)
DEV_GROUP = import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"], sep="\n")

lock: venv ## lock the dependencies anew; UPGRADE=1 takes newer versions
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
	  || { echo "Lock with Python 3.11, the oldest one supported: it needs every package that newer ones need." >&2; exit 1; }
	$(COMPILE) --output-file requirements.lock pyproject.toml
	$(BIN)/python -c '$(DEV_GROUP)' | $(COMPILE) --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml -
