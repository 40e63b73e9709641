# `make demo` and `make test` need nothing but Python 3.11 or newer and make: they set up .venv themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.set-up
# pywb stands alone: it brings another package under the name brotli, which Scrapy would take for its own.
REPLAY := .venv-pywb
REPLAY_SETUP := $(REPLAY)/.set-up

# Site generators whose sites the tests crawl: they are no business of ours otherwise.
ENGINES := .venv-engines
ENGINES_SETUP := $(ENGINES)/.set-up
AUDIT := .venv-audit
# The package that says whether a WACZ file is one; it wants other versions of what Marbre uses.
PACKAGES := .venv-wacz
PACKAGES_SETUP := $(PACKAGES)/.set-up
# The oldest libraries that pyproject.toml allows, and the tests that between them use every one of these.
OLDEST := .venv-oldest
OLDEST_SETUP := $(OLDEST)/.set-up
OLDEST_TESTS := end_to_end crawl cli search extraction urls encoding warc serving sites dates exchange_readers

.PHONY: help demo test test-oldest test-wordpress check audit docs bench constraints clean

help:
	@echo "make demo     crawl the bundled demo newspaper and show what landed"
	@echo "make test     every check, and every test but those of WordPress"
	@echo "make test-oldest      tests with the oldest libraries that are allowed"
	@echo "make test-wordpress   the tests against a real WordPress (Debian, as root)"
	@echo "make check    ruff and mypy only"
	@echo "make audit    known vulnerabilities of the packages in constraints.txt (asks PyPI)"
	@echo "make docs     write the generated pages of docs/ anew"
	@echo "make bench    the benchmarks"
	@echo "make clean    remove the virtual environment and the demo's archive"

$(SETUP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Marbre needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

demo: $(SETUP)
	$(BIN)/marbre demo

check: $(SETUP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# What a test needs and is not there (Chromium, wget) it says, and is skipped; tests/install.sh installs it all.
test: check $(REPLAY_SETUP) $(ENGINES_SETUP) $(PACKAGES_SETUP)
	PATH="$(CURDIR)/$(REPLAY)/bin:$(CURDIR)/$(PACKAGES)/bin:$$PATH" $(BIN)/python -m pytest -q -rs -n 2 --dist loadfile -m "not wordpress"

test-oldest: $(OLDEST_SETUP)
	$(OLDEST)/bin/python -m pytest -q -n 2 --dist loadfile $(OLDEST_TESTS:%=tests/test_%.py)

# Against a real WordPress, on loopback and in a folder of its own; installs Debian's packages, so it needs root.
test-wordpress: $(SETUP)
	sh tests/install.sh
	MARBRE_REQUIRE_ALL=1 $(BIN)/python -m pytest -q -n 2 --dist loadfile -m wordpress

$(REPLAY_SETUP): constraints-pywb.txt
	$(PYTHON) -m venv $(REPLAY)
	$(REPLAY)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints-pywb.txt pywb
	touch $@

$(ENGINES_SETUP): constraints-engines.txt
	$(PYTHON) -m venv $(ENGINES)
	$(ENGINES)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints-engines.txt pelican markdown nikola
	touch $@

$(PACKAGES_SETUP): constraints-wacz.txt
	$(PYTHON) -m venv $(PACKAGES)
	$(PACKAGES)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints-wacz.txt wacz
	touch $@

$(OLDEST_SETUP): pyproject.toml constraints-oldest.txt
	$(PYTHON) -m venv $(OLDEST)
	$(OLDEST)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints-oldest.txt --editable '.[dev]'
	touch $@

# Asks PyPI for each version; AUDIT_SERVICE=osv asks osv.dev instead. What cannot be asked about is a failure, too.
AUDIT_SERVICE ?= pypi
audit: constraints.txt
	$(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	$(AUDIT)/bin/pip-audit --strict --no-deps --disable-pip --vulnerability-service $(AUDIT_SERVICE) --requirement constraints.txt

docs: $(SETUP)
	$(BIN)/python docs/generate.py

# benchmarks/extraction.py needs pages with known answers: MARBRE_CORPUS=FOLDER .venv/bin/python benchmarks/extraction.py
bench: $(SETUP)
	$(BIN)/python benchmarks/crawl.py
	$(BIN)/python benchmarks/search.py
	$(BIN)/python benchmarks/dedup.py
	$(BIN)/python benchmarks/exchange.py

# The versions that development and CI use; without the addresses they came from.
constraints:
	$(BIN)/python -m pip freeze --exclude-editable > constraints.txt
	$(REPLAY)/bin/python -m pip freeze > constraints-pywb.txt
	$(ENGINES)/bin/python -m pip freeze > constraints-engines.txt
	$(PACKAGES)/bin/python -m pip freeze > constraints-wacz.txt
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --no-header --no-annotate --resolution lowest-direct --python-version 3.11 --extra parquet --extra javascript --no-emit-package pip --no-emit-package setuptools pyproject.toml > constraints-oldest.txt

clean:
	rm -rf $(VENV) $(REPLAY) $(ENGINES) $(PACKAGES) $(OLDEST) $(AUDIT) marbre-demo
