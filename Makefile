# Tandem: `make demo` runs the main job, `make test` runs all tests. Both set up what they lack.
# `make help` lists the rest. Needs only Python 3.11 or newer, git and make.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PEER   := .venvs/litellm
DAV    := .venvs/radicale
PIP    := .venvs/pip
UV     := .venvs/uv

# One pip installs into all environments, so that they hold what their lock names and nothing else.
# Every file is checked against the hash in its lock; wheels only, so nothing is built and no package's
# set-up script runs; bytecode is written when a module is first imported, which halves the wait.
INSTALL := install -qq --no-input --no-compile --no-deps --only-binary :all:
LOCKED  := $(INSTALL) --require-hashes
comma   := ,
pip_in   = $(PIP)/bin/python -m pip --disable-pip-version-check --python $(1)/bin/python

.PHONY: servers demo offline test setup check format lint types imports house joint docs lock clean help
.DEFAULT_GOAL := help

demo: $(VENV)/.tandem  ## set up the runtime alone and run the live tour
	@$(BIN)/tandem demo

test: $(VENV)/.dev $(PEER)/.made $(DAV)/.made servers  ## set up what is lacking and run all tests
	@$(BIN)/python -m pytest $(ARGS)

# Nothing but loopback exists in a network namespace of its own: what needs a network fails there.
offline: $(VENV)/.dev $(PEER)/.made $(DAV)/.made servers  ## all tests without a network (Linux, unshare)
	@unshare --net $$([ "$$(id -u)" = 0 ] || echo --map-root-user) \
	  sh -c 'ip link set lo up && exec $(BIN)/python -m pytest $(ARGS)'

setup: $(VENV)/.dev $(PEER)/.made $(DAV)/.made servers  ## only make the environments that tests and benches need

check: $(VENV)/.dev $(PEER)/.made $(DAV)/.made servers  ## format, lint, types, import contracts, house, all tests
	@$(MAKE) --no-print-directory lint types imports
	@$(BIN)/python -m pytest $(ARGS)

format: $(VENV)/.dev  ## write the one format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix --exit-zero --select I,UP,RUF100 --quiet .

lint: $(VENV)/.dev  ## format and rules, nothing written
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .

types: $(VENV)/.dev  ## pyright, strict on src; its node comes locked too
	@PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright

imports: $(VENV)/.dev  ## the direction of imports
	@$(BIN)/lint-imports --no-logo

house: $(VENV)/.dev  ## the map, the locks and the rules about the rules
	@$(BIN)/python -m pytest -q tests/test_house.py

joint: $(VENV)/.dev  ## joint decoding's bench, reduced: every floor, in about a minute of CPU
	@OMP_NUM_THREADS=1 $(BIN)/python -m bench.joint --json --reduced >/dev/null

docs: $(VENV)/.dev  ## write docs/reference anew from the code
	@$(BIN)/python docs/write_reference.py

lock: $(UV)/.made  ## write the locks anew from pyproject.toml and requirements/*.in
	$(UV)/bin/uv pip compile $(LOCK_FLAGS) --extra dev -o requirements/dev.lock pyproject.toml
	$(UV)/bin/uv pip compile $(LOCK_FLAGS) -c requirements/dev.lock -o requirements/run.lock pyproject.toml
	$(UV)/bin/uv pip compile $(LOCK_FLAGS) -c requirements/dev.lock -o requirements/build.lock requirements/build.in
	$(UV)/bin/uv pip compile $(LOCK_FLAGS) -o requirements/litellm.lock requirements/litellm.in
	$(UV)/bin/uv pip compile $(LOCK_FLAGS) -o requirements/radicale.lock requirements/radicale.in

LOCK_FLAGS := --quiet --generate-hashes --universal --python-version 3.11 --no-header --no-annotate $(LOCK_ARGS)

clean:  ## remove the environments and what was built
	rm -rf $(VENV) .venvs dist

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*##/\1\t/p' Makefile | expand -t 10

# --- environments: one stamp per lock, so that a repeat costs nothing and a changed lock reinstalls ---

# $(call debian,TEST,PACKAGE): a Debian package that TEST, a line of Python, shows to be lacking. Root
# gets it installed; anyone else is told its name.
define debian
@$(PYTHON) -c '$(1)' 2>/dev/null || { \
  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
    echo "Installing $(2) ..."; export DEBIAN_FRONTEND=noninteractive; \
    apt-get update -qq && apt-get install -y -qq --no-install-recommends $(2) >/dev/null; \
  else \
    echo "$(2) is missing. On Debian and Ubuntu: sudo apt-get install $(2)" >&2; exit 1; \
  fi; }
endef

# venv: Debian ships it apart from Python. libgomp1: llama.cpp computes with it, and only compilers
# bring it along.
$(PIP)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Tandem needs Python 3.11 or newer: make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	$(call debian,import ensurepip$(comma) venv,python3-venv)
	$(if $(filter Linux,$(shell uname)),$(call debian,import ctypes; ctypes.CDLL("libgomp.so.1"),libgomp1))
	@$(PYTHON) -m venv $(PIP) || { rm -rf $(PIP); exit 1; }

%/bin/python: | $(PIP)/bin/python
	@$(PYTHON) -m venv --without-pip $*

$(VENV)/.run: requirements/run.lock requirements/build.lock | $(BIN)/python
	@echo "Setting up $(VENV): the runtime, about 75 MB to fetch ..."
	@$(call pip_in,$(VENV)) $(LOCKED) -r requirements/run.lock -r requirements/build.lock
	@touch $@

$(VENV)/.tandem: pyproject.toml $(VENV)/.run
	@$(call pip_in,$(VENV)) $(INSTALL) --no-index --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.run | $(VENV)/.tandem
	@echo "Setting up $(VENV): what tests and benches need ..."
	@$(call pip_in,$(VENV)) $(LOCKED) -r requirements/dev.lock
	@touch $@

$(PEER)/.made: requirements/litellm.lock | $(PEER)/bin/python
	@echo "Setting up $(PEER): a peer and a client, for tests and benches alone ..."
	@$(call pip_in,$(PEER)) $(LOCKED) -r requirements/litellm.lock
	@touch $@

$(DAV)/.made: requirements/radicale.lock | $(DAV)/bin/python
	@echo "Setting up $(DAV): the calendar server of tests and benches ..."
	@$(call pip_in,$(DAV)) $(LOCKED) -r requirements/radicale.lock
	@touch $@

# Dovecot: the mail server of the tests. Not root, the tests that need it are skipped and say so.
servers:
	@command -v dovecot >/dev/null || [ -x /usr/sbin/dovecot ] || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing dovecot-imapd dovecot-lmtpd ..."; export DEBIAN_FRONTEND=noninteractive; \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends \
	      dovecot-imapd dovecot-lmtpd >/dev/null; \
	  else \
	    echo "dovecot is missing: tests against a real mail server are skipped." >&2; \
	    echo "On Debian and Ubuntu: sudo apt-get install dovecot-imapd dovecot-lmtpd" >&2; \
	  fi; }

$(UV)/.made: | $(UV)/bin/python
	@$(call pip_in,$(UV)) $(INSTALL) uv
	@touch $@
