# One stamp file a kind of installation: `make demo` needs no test tools.
VENV := .venv
PYTHON ?= python3
RUN := $(VENV)/bin
export PREFECT_SERVER_ANALYTICS_ENABLED := false

.PHONY: help demo test check up bench figures soak reference format clean

help:  ## what each target does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(RUN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-test: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(RUN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@ $(VENV)/.installed

demo: $(VENV)/.installed  ## find anomalies in three real tables
	@$(RUN)/vigil demo

up: $(VENV)/.installed  ## Prefect server, deployments and a worker; Ctrl-C ends all three
	@$(RUN)/vigil up

test: $(VENV)/.installed-test  ## the whole test suite
	$(RUN)/pytest --numprocesses 2 --dist loadfile

check: $(VENV)/.installed-test  ## lint, format, types, direction of imports
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/lint-imports

bench: $(VENV)/.installed-test  ## side by side with peers, as ratios; OPTIONS=--quick in a minute and a half
	$(RUN)/python -m benchmarks $(OPTIONS)

figures: $(VENV)/.installed-test  ## the same into docs/benchmarks.md
	@mkdir -p build
	{ sed '/^```text$$/q' docs/benchmarks.md && $(RUN)/python -m benchmarks $(OPTIONS) \
	  && echo '```'; } > build/benchmarks.md
	mv build/benchmarks.md docs/benchmarks.md

soak: $(VENV)/.installed-test  ## what takes long: does anything grow?
	$(RUN)/python -m benchmarks.soak

reference: $(VENV)/.installed  ## write docs/reference.md: settings and commands as the code has them
	$(RUN)/python -m docs.reference

format: $(VENV)/.installed-test  ## rewrite to the project's format
	$(RUN)/ruff check --fix .
	$(RUN)/ruff format .

clean:  ## remove what the targets above made
	rm -rf $(VENV) .demo .up build *.egg-info
