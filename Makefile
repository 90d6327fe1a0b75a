# make demo, make test: nothing else has to be typed. The packages go to .venv beside this file and nowhere else.
PYTHON ?= python3
VENV ?= .venv
WORKERS ?= 2
TESTS ?=
ARGS ?=

bin := $(VENV)/bin
install := $(bin)/pip install --disable-pip-version-check -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile

demo: $(VENV)/demo.stamp ## open the demo on http://127.0.0.1:7860 (ARGS="--port 8000 --model gpt2" and so on)
	$(bin)/python app.py $(ARGS)

test: $(VENV)/test.stamp ## run every test (TESTS=tests/engine for some of them, ARGS="-x" and so on for pytest)
	CHROMIUM="$$(sh .ci/chromium)" $(bin)/python -m pytest -n $(WORKERS) --dist loadfile $(or $(TESTS),tests) $(ARGS)

lint: $(VENV)/test.stamp ## check style and format (ruff)
	$(bin)/ruff check .
	$(bin)/ruff format --check .

bench: $(VENV)/demo.stamp ## measure the speed of this machine
	$(bin)/python -m gpt2demo bench $(ARGS)

clean: ## remove the environment and the caches
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis
	find gpt2demo tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(bin)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "gpt2demo needs Python 3.11 or newer; $(PYTHON) says: $$($(PYTHON) --version 2>&1)." \
	    "Name another: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "$(PYTHON) cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }

# A stamp is as old as the last install; a changed list of packages makes it out of date.
$(VENV)/demo.stamp: requirements.txt constraints.txt | $(bin)/pip
	@echo "Installing the packages into $(VENV), once; this takes a few minutes."
	$(install) -r requirements.txt
	@touch $@

$(VENV)/test.stamp: tests/requirements.txt requirements-train.txt requirements.txt constraints.txt | $(bin)/pip
	@echo "Installing the packages into $(VENV), once; this takes a few minutes."
	$(install) -r tests/requirements.txt
	@touch $(VENV)/demo.stamp $@
