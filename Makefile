# make demo: set everything up, build the made-up Wulong, run a turn of the cycle, serve it.
# make test: set everything up, run the tests.
SHELL := /bin/bash
PY := .venv/bin/python
ARGS ?=

.PHONY: demo test setup setup-dev check fix bench lock clean

demo: setup
	.venv/bin/yimi demo $(ARGS)

test: setup-dev
	$(PY) -m tests.run $(ARGS)

setup: .venv/.locked
setup-dev: .venv/.locked-dev

# uv is much faster than pip where it is present or can be had; pip alone does as well.
.venv/.locked: requirements.lock pyproject.toml
	@bash .ci/install requirements.lock
	@touch $@

.venv/.locked-dev: requirements-dev.lock requirements.lock pyproject.toml
	@bash .ci/install requirements-dev.lock
	@touch .venv/.locked $@

check: setup-dev
	.venv/bin/ruff check src tests bench
	.venv/bin/ruff format --check src tests bench
	.venv/bin/mypy
	.venv/bin/lint-imports

fix: setup-dev
	.venv/bin/ruff check --fix src tests bench
	.venv/bin/ruff format src tests bench

bench: setup-dev
	$(PY) -m bench $(ARGS)

lock:
	uv pip compile --universal --generate-hashes --no-header --no-annotate pyproject.toml --extra postgres -o requirements.lock
	uv pip compile --universal --generate-hashes --no-header --no-annotate pyproject.toml --extra postgres --extra dev -o requirements-dev.lock
	uv pip compile --universal --generate-hashes --no-header --no-annotate pyproject.toml --extra postgres --extra spark -o requirements-spark.lock

clean:
	rm -rf .venv var .pytest_cache .mypy_cache .ruff_cache
