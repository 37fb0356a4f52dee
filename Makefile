# Each target does all of its own set-up; `make setup` does the set-up alone.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2
SOURCES = $(shell find src bench docs -name '*.py')

.PHONY: demo test check bench bench-full conformance differential herd soak fuzz setup clean

# A timeline of a session's life, on a server in memory.  make demo SERVER=local|docker|host:port
demo: $(VENV)/$(if $(filter docker,$(SERVER)),.testing,.core)
	@$(BIN)/python docs/examples/demo.py $(SERVER)

# Unit, property and integration tests; fails where no provider can start a ZooKeeper.
test: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(JOBS) $(TESTS)

# Lint and types, on all of src without exemptions.
check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	@$(BIN)/flake8-async $(SOURCES)
	@$(BIN)/flake8-async --enable ASYNC910,ASYNC911,ASYNC913 \
		$(filter src/zkwire/_trio/% src/coordinator/%,$(SOURCES))
	$(BIN)/mypy
	$(BIN)/pyright

# Speed and session timeouts beside seven other clients, in some ten minutes; prints the goals.
# The page shows a full run where there is one: three quarters of an hour.  ARGS="gets --look"
bench: $(VENV)/.dev
	@$(BIN)/python -m bench $(ARGS)

# The same, often enough to go by; writes docs/reference/benchmarks.md.
bench-full: $(VENV)/.dev
	@$(BIN)/python -m bench --full $(ARGS)

# Every check of the protocol on every release line of ZooKeeper; writes the page in docs/.
conformance: $(VENV)/.dev
	$(BIN)/python docs/reference/make_conformance.py

# The server in memory against a real one: random operations on three sessions, some six minutes.
SEQUENCES ?= 2000
differential: $(VENV)/.dev
	DIFFERENTIAL_SEQUENCES=$(SEQUENCES) $(BIN)/python -m pytest -n 0 -o timeout=0 \
		--log-cli-level=INFO tests/property/test_memory_against_real.py

# Thousands of clients through an outage of a minute, under a virtual clock.
herd: $(VENV)/.dev
	@$(BIN)/python -m bench.herd

# The guarantees, measured on real servers, half an hour; writes docs/explanation/guarantees.md.
# What fails stays on the page as failing.
soak: $(VENV)/.dev
	-@$(BIN)/python -m bench.soak
	@$(BIN)/python -m bench.soak --page

# What comes in from the network, against random input.  SECONDS for all targets together.
SECONDS ?= 60
fuzz: $(VENV)/.dev
	$(BIN)/python tests/fuzz/run.py --seconds $(SECONDS)

setup: $(VENV)/.dev

clean:
	rm -rf $(VENV) dist

# Debian keeps the module that makes environments in a package of its own.
$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "setup: no $(PYTHON); set PYTHON=" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "setup: $(PYTHON) is older than 3.11; set PYTHON= to a newer one" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) >$(VENV).log 2>&1 || { \
		rm -rf $(VENV); \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "setup: installing python3-venv"; \
			{ apt-get install -qq --yes python3-venv || \
				{ apt-get update -qq && apt-get install -qq --yes python3-venv; }; \
			} >$(VENV).log 2>&1 && $(PYTHON) -m venv $(VENV); \
		else false; fi; \
	} || { cat $(VENV).log >&2; rm -rf $(VENV) $(VENV).log; \
		echo "setup: $(PYTHON) makes no virtual environment; install python3-venv" >&2; exit 1; }
	@rm -f $(VENV).log

$(VENV)/.core: pyproject.toml | $(VENV)/bin/python
	@echo "setup: installing zkwire into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.testing: pyproject.toml | $(VENV)/.core
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[testing]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/.core
	@echo "setup: installing the tools for tests, checks and benchmarks into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--editable '.[testing,sasl,cli,otel]' --group dev
	@touch $@
