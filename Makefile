# Everything a newcomer needs: `make demo`, `make test`, `make up`, `make down`. Needs Python 3.11+.

UV := $(or $(shell command -v uv 2>/dev/null),.tools/bin/uv)
RUN := $(UV) run --locked
PYTEST := $(RUN) pytest -n 2 --dist loadgroup

.PHONY: help install demo up down status doctor test faults long check lint format types arch bench clean

help:  ## Show what there is to make
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: .venv/.installed  ## Install everything into .venv (and uv into .tools where it is missing)

.tools/bin/uv:
	@python3 -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed"'
	python3 -m venv .tools
	.tools/bin/pip install --quiet uv

.venv/.installed: pyproject.toml uv.lock | $(filter .tools/bin/uv,$(UV))
	$(UV) sync --locked --quiet
	@touch $@

demo: install  ## Fill a graph from the sample registry, update it, and ask it a question
	@$(RUN) python -m src.cli demo

up: install  ## Start the local stack with the Dagster UI
	@$(RUN) python -m src.cli up

down: install  ## Stop the local stack
	@$(RUN) python -m src.cli down

status: install  ## Show what runs
	@$(RUN) python -m src.cli status

doctor: install  ## Say in plain words what is misconfigured or cannot be reached
	@$(RUN) python -m src.cli doctor

test: install  ## Run the tests
	@$(PYTEST) -m "not faults and not long"

faults: install  ## Run the tests of kills, outages and hostile input
	@$(PYTEST) -m faults

long: install  ## Run the tests that take minutes: repeated runs, whole samples on Neo4j
	@$(PYTEST) -m "long and not faults"

lint: install
	@$(RUN) ruff check --no-cache .
	@$(RUN) ruff format --check .

format: install  ## Put all code into shape
	@$(RUN) ruff check --fix .
	@$(RUN) ruff format .

types: install
	@$(RUN) mypy

arch: install
	@PYTHONPATH=. $(RUN) lint-imports

check: lint types arch test  ## Lint, format, types, architecture, tests
	@$(UV) lock --check --quiet
	@$(RUN) dagster definitions validate -m src.dagster_app --log-level warning

bench: install  ## Measure ingestion, listings, quiet updates, advisories
	@$(RUN) python -m bench

clean: down  ## Remove what the local stack keeps, and the environment
	rm -rf .ssc .venv .tools
