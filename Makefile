# make run: the whole service on this machine, with a simulated phone.   make test: everything.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
TEST_WORKERS ?= 2
export PYTHONDONTWRITEBYTECODE :=# or each process that a test starts would compile every module again

.PHONY: run test check fix bench chaos drills nightly lock catalogues docs pictures clean

run: $(VENV)/.run
	@exec $(BIN)/smsgate run

test: $(VENV)/.dev browser
	$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -n $(TEST_WORKERS) --dist loadgroup

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/smsgate check catalogues

fix: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev
	$(BIN)/python -m bench

chaos: $(VENV)/.dev
	$(BIN)/python -m chaos

# Stores, gateways and disks that hang, drip or fill up, and clocks that go back; --list says which.
drills: $(VENV)/.dev
	$(BIN)/python -m drills

# What `make test` leaves out: every test on both databases, a whole year, the long machine and the long chaos.
nightly: $(VENV)/.dev browser
	TEST_WORKERS=$(TEST_WORKERS) $(BIN)/python -m tests.nightly

# The template from the sources, the catalogues from the template. pybabel would write dates and addresses into a
# header, so each catalogue keeps its own: the lines up to the first empty one. The template tells where a text is said,
# by which the console sorts the texts that a group may reword.
catalogues: $(VENV)/.dev
	set -e; for domain in smsgate console; do \
		pot=smsgate/locales/$$domain.pot; \
		$(BIN)/pybabel -q extract -F smsgate/locales/$$domain.cfg -k _ -k ngettext:1,2 --add-location=file --sort-output --omit-header --no-wrap -o $$pot smsgate; \
		for language in sw fr; do \
			po=smsgate/locales/$$language/LC_MESSAGES/$$domain.po; sed '/^$$/q' $$po >$$po.new; \
			$(BIN)/pybabel -q update -i $$pot -o $$po -l $$language --no-fuzzy-matching --ignore-obsolete --omit-header --no-wrap; \
			sed '/^#: /d; $${/^$$/d;}' $$po >>$$po.new; mv $$po.new $$po; \
		done; \
	done

# Exact versions with hashes and no address of any registry.
LOCK := $(BIN)/pip-compile --quiet --all-build-deps --allow-unsafe --generate-hashes --strip-extras --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options
lock: $(VENV)/.dev
	$(LOCK) --upgrade --extra dev -o requirements-dev.lock pyproject.toml
	$(LOCK) -c requirements-dev.lock -o requirements.lock pyproject.toml
	$(LOCK) -c requirements-dev.lock --extra docs -o requirements-docs.lock pyproject.toml

# The site of docs/ in build/site. A link that leads nowhere ends it, and so does whatever a page would fetch.
docs: $(VENV)/.docs
	$(BIN)/sphinx-build --quiet --fail-on-warning --fresh-env -d build/doctrees docs build/site
	! grep -rEn --include=*.html --include=*.css '(src|srcset)="(https?:)?//|<link[^>]*href="(https?:)?//|@import|url\(.?(https?:)?//' build/site

# What docs/ shows, taken anew from the running service.
pictures: $(VENV)/.dev browser
	$(BIN)/python -m tests.support.pictures

$(BIN)/python:
	@$(PYTHON) -c "import ensurepip" 2>/dev/null || bin/with-root apt-get install -y python3-venv
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) install --quiet --require-hashes -r requirements.lock
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.run

$(VENV)/.docs: requirements-docs.lock pyproject.toml | $(BIN)/python
	$(PIP) install --quiet --require-hashes -r requirements-docs.lock
	@touch $@

# An installed Chromium, else the package manager's, else the browser tool's own.
.PHONY: browser
browser: $(VENV)/.dev
	@bin/chromium $(BIN)/python

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
