# make demo: look at it.  make test: before a commit.  make proof: the long proofs and the figures, on a quiet machine.
# Everything is installed into .venv, in the versions of requirements.lock; nothing else needs to be there but Python.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements.lock

# pip of the virtual environment; where it has none (Debian without python3-venv), the system's pip acts on it.
pip = if $(1)/bin/python -m pip --version >/dev/null 2>&1; then pip="$(1)/bin/python -m pip"; \
	else pip="$(PYTHON) -m pip --python $(1)/bin/python"; fi; \
	export PIP_DISABLE_PIP_VERSION_CHECK=1

.PHONY: demo test proof browser peers lock

demo: $(VENV)/.runtime
	@$(BIN)/callboard demo

test: $(VENV)/.test browser
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/pytest -n auto

proof: $(VENV)/.test browser peers
	$(BIN)/pytest -m proof
	@set -e; for bench in tests/bench/bench_*.py; do echo "== $$bench"; PYTHONPATH=tests $(BIN)/python $$bench; done

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; name it: make PYTHON=python3.12 ..." >&2; exit 1; }
	@if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then $(PYTHON) -m venv $(VENV); \
	elif $(PYTHON) -m pip --version >/dev/null 2>&1; then $(PYTHON) -m venv --without-pip $(VENV); \
	else echo "Python has neither pip nor ensurepip; on Debian: apt-get install python3-pip" >&2; exit 1; fi

# The build backend is installed first and from the lock too, so that building needs nothing unlocked.
$(VENV)/.runtime: pyproject.toml $(LOCK) | $(BIN)/python
	@echo "Installing into $(VENV); the first time this takes about half a minute."
	@$(call pip,$(VENV)); $$pip install -q -c $(LOCK) hatchling && $$pip install -q -c $(LOCK) --no-build-isolation -e .
	@touch $@

$(VENV)/.test: $(VENV)/.runtime
	@echo "Installing what the tests need into $(VENV)."
	@$(call pip,$(VENV)); $$pip install -q -c $(LOCK) setuptools && \
	$$pip install -q -c $(LOCK) --no-build-isolation -e '.[test]'
	@touch $@

# Chromium for the page tests, a font for Arabic, and Node for a client of another API's push, from the system's packages
# where they are missing and we may. Chromium's shell makes page tests three times as fast; once it is tried to get it.
browser:
	@missing=; better=; for name in chromium chromium-browser google-chrome none; do command -v $$name >/dev/null && break; done; \
	[ $$name != none ] || missing="chromium"; \
	fc-list :lang=ar 2>/dev/null | grep -q . || missing="$$missing fontconfig fonts-noto-core"; \
	command -v node >/dev/null && command -v npm >/dev/null || missing="$$missing nodejs npm"; \
	command -v chromium-headless-shell >/dev/null || [ -e $(VENV)/.shell ] || better=chromium-headless-shell; \
	[ -n "$$missing$$better" ] || exit 0; \
	if [ "$$(id -u)" = 0 ]; then as=; elif sudo -n true 2>/dev/null; then as="sudo -n"; else as=false; fi; \
	install="$$as apt-get install -q -y --no-install-recommends"; touch $(VENV)/.shell 2>/dev/null; \
	echo "Installing for the tests: $$missing $$better"; \
	$$as apt-get update -q -o Acquire::http::Timeout=20 && { $$install $$missing $$better || $$install $$missing; } || \
	[ -z "$$missing" ] || \
	echo "Not installed, so some tests cannot run. On Debian, as root: apt-get install $$missing" >&2

# nginx with nchan, to be measured beside us: unpacked and not installed, since an installed one serves at once.
NCHAN := usr/lib/nginx/modules/ngx_nchan_module.so
peers:
	@[ -e /$(NCHAN) ] || [ -e build/nchan/$(NCHAN) ] || { mkdir -p build/nchan && cd build/nchan && \
	apt-get download -q nginx libnginx-mod-nchan && for package in *.deb; do dpkg -x $$package . || exit 1; done && \
	mkdir -p /var/lib/nginx; } >/dev/null 2>&1 || \
	echo "Left out of the comparison: nginx with nchan. On Debian, as root: apt-get install nginx libnginx-mod-nchan" >&2
	@command -v cc >/dev/null || echo "The fan-out cannot be measured without a C compiler (Debian: gcc libc6-dev)." >&2

# Newest versions of everything into the lock; on Debian 12, whose Python needs a package more than later ones do.
lock:
	@rm -rf build/lock && $(PYTHON) -m venv --without-pip build/lock
	@$(call pip,build/lock); $$pip install -q -U setuptools hatchling && \
	$$pip install -q --no-build-isolation '.[test]' && $$pip freeze --all > build/freeze
	@sed '/^[^#]/d' $(LOCK) > build/head && grep -Ev '^(pip|callboard)\b' build/freeze | LC_ALL=C sort -f > build/body
	@cat build/head build/body > $(LOCK)
