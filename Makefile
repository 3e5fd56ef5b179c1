# The portal's commands. `make` alone lists them.
#
# Everything a target needs is made on the way: the virtual environment from the
# locked requirements, and system packages only where one is missing.

VENV ?= .venv
PORT ?= 8000
KALTURA_PORT ?= 8090
SERVICES ?=
WITH_SERVICES := $(filter-out 0 no false,$(SERVICES))
PYTHON ?= python3
ARGS ?=

PY := $(VENV)/bin/python
SUDO := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test proof lint conformance bench run worker beat migrations messages web-push-keys lock clean packages-services packages-fonts packages-test packages-proof
.DELETE_ON_ERROR:

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  make demo takes PORT=$(PORT) KALTURA_PORT=$(KALTURA_PORT), and SERVICES=1 for PostgreSQL and Redis."

# --- Environment ------------------------------------------------------------

# Debian's python3 comes without ensurepip: python3-venv is the one package the demo may need.
$(PY):
	@echo "Making the virtual environment in $(VENV) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| $(MAKE) -s packages PACKAGES="$$($(PYTHON) -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')"
	@$(PYTHON) -m venv --clear $(VENV)

# Stamps hold the lock they were installed from, so a lock that changes installs again.
define install
@echo "Installing $< ..."
@$(PY) -m pip install -q --require-hashes -r $<
@cp $< $@
endef

$(VENV)/.base: requirements/base.txt | $(PY)
	$(install)

$(VENV)/.prod: requirements/prod.txt | $(PY)
	$(install)

$(VENV)/.dev: requirements/dev.txt | $(PY)
	$(install)
	@cp requirements/base.txt $(VENV)/.base; cp requirements/prod.txt $(VENV)/.prod

# --- System packages --------------------------------------------------------

PG_BIN = $$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
MISSING_SERVICES = $$([ -x "$(PG_BIN)/initdb" ] || command -v initdb >/dev/null || echo postgresql; \
	command -v redis-server >/dev/null || echo redis-server)
PDF_FONTS = /usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf
MISSING_FONTS = $$([ -n "$$PDF_FONT" ] || [ -e $(PDF_FONTS) ] || echo fonts-dejavu-core)
MISSING_PROGRAMS = $$(command -v chromium >/dev/null || echo chromium; command -v curl >/dev/null || echo curl)

MISSING_OFFICE = $$(command -v soffice >/dev/null || command -v libreoffice >/dev/null || echo libreoffice-calc-nogui)

packages-services:
	@$(MAKE) -s packages PACKAGES="$$(echo $(MISSING_SERVICES))"

# Certificates and reports as PDF need it. Where it cannot be had the demo goes on without, and
# says so when somebody asks for a PDF: no question, no failure, no long wait.
packages-fonts:
	@[ -z "$$(echo $(MISSING_FONTS))" ] || ! command -v apt-get >/dev/null \
		|| { [ "$$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; } \
		|| timeout 60 $(MAKE) -s packages PACKAGES="$$(echo $(MISSING_FONTS))" >/dev/null 2>&1 \
		|| echo "Goes on without the font DejaVu (fonts-dejavu-core): PDFs need it."

packages-test:
	@$(MAKE) -s packages PACKAGES="$$(echo $(MISSING_SERVICES) $(MISSING_FONTS) $(MISSING_PROGRAMS))"

# Some 200 MB. Where it cannot be had, the tests that open files in it say that they are skipped.
packages-proof: packages-test
	@$(MAKE) -s packages PACKAGES="$$(echo $(MISSING_OFFICE))" \
		|| echo "LibreOffice is not there; the tests that open files in it are skipped." >&2

.PHONY: packages
packages:
	@[ -z "$(strip $(PACKAGES))" ] || { \
		echo "Installing system packages: $(PACKAGES) ..."; \
		command -v apt-get >/dev/null || { echo "Please install: $(PACKAGES)" >&2; exit 1; }; \
		[ "$$(id -u)" = 0 ] || [ -n "$(SUDO)" ] || { echo "Please install as root: apt-get install $(PACKAGES)" >&2; exit 1; }; \
		$(SUDO) apt-get update -qq \
		&& $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(PACKAGES) >/dev/null; }

# --- The product ------------------------------------------------------------

# exec: Ctrl-C then reaches the demo itself, which stops its parts in order.
demo: $(if $(WITH_SERVICES),$(VENV)/.prod packages-services,$(VENV)/.base) packages-fonts ## Run the whole product with demo data (Ctrl-C stops it)
	@exec $(PY) -m portal.demo --port $(PORT) --kaltura-port $(KALTURA_PORT) $(if $(WITH_SERVICES),--services)

demo-reset: ## Delete the demo's data; the next `make demo` starts over
	@$(if $(wildcard $(PY)),$(PY),$(PYTHON)) -m portal.demo.reset

# Starts what ends by itself again; Ctrl-C stops both.
SUPERVISED = $(PY) -m portal.supervise

run: $(VENV)/.prod ## Run the portal alone, with the settings of .env
	@$(PY) manage.py migrate --noinput -v 0 && $(PY) manage.py collectstatic --noinput -v 0
	@BIND="$${BIND:-127.0.0.1:$(PORT)}" exec $(SUPERVISED) $(VENV)/bin/gunicorn -c python:portal.gunicorn portal.wsgi

worker: $(VENV)/.prod ## Run a background worker (needs REDIS_URL)
	@exec $(SUPERVISED) $(VENV)/bin/celery -A portal worker $(ARGS)

beat: $(VENV)/.prod ## Run the scheduler (needs REDIS_URL; one is enough)
	@exec $(SUPERVISED) $(VENV)/bin/celery -A portal beat $(ARGS)

# --- Checks -----------------------------------------------------------------

test: $(VENV)/.dev packages-test ## Run the tests, on SQLite and on PostgreSQL (ARGS="-k word" for some)
	@$(PY) -m tests $(ARGS)

proof: $(VENV)/.dev packages-proof ## Run the exhaustive tests, which take longer
	@$(PY) -m tests --proof $(ARGS)

lint: $(VENV)/.dev ## Check style, types, layers, templates, migrations and deployment
	@PY=$(PY) BIN=$(VENV)/bin sh tests/lint.sh

conformance: $(VENV)/.dev ## Take steps recorded at a real Kaltura server at the local one
	@$(PY) -m tests.kaltura_simulator.conformance

bench: $(VENV)/.dev ## Measure the portal
	@$(PY) -m tests.bench $(ARGS)

# --- Upkeep -----------------------------------------------------------------

# With the tests' settings: it needs no .env, and no database either.
migrations: $(VENV)/.dev ## Write the migrations that changed models need
	@DJANGO_SETTINGS_MODULE=tests.settings TEST_DATABASE_URL=sqlite://:memory: \
		$(PY) manage.py makemigrations $(ARGS)

messages: $(VENV)/.dev ## Renew the catalogues in locale/ from the texts of the sources
	@$(MAKE) -s packages PACKAGES="$$(command -v xgettext >/dev/null || echo gettext)"
	@$(PY) -m tests.messages

web-push-keys: $(VENV)/.base ## Make the key of browsers' notifications, into .env
	@$(PY) manage.py web_push_keys --write .env

lock: $(VENV)/.dev ## Renew the locks in requirements/ from the .in files
	@for name in base simulator prod dev; do \
		$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
			--no-header --no-emit-find-links --no-emit-index-url $(ARGS) requirements/$$name.in -o requirements/$$name.txt || exit 1; \
	done

clean: ## Delete what can be made again (not the data in var/)
	@rm -rf $(VENV) .boot staticfiles .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
