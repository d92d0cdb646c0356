# Targets for a clone of Palometa. Each runs the set-up it needs; PYTHON is the Python interpreter for .venv.
PYTHON ?= python3
export PYTHON
export PATH := $(PATH):/usr/local/sbin:/usr/sbin:/sbin
# pytest rewrites the assertions of each test file, and would do so again in each process and each kernel.
unexport PYTHONDONTWRITEBYTECODE

python := .venv/bin/python
# Time limit for everything that runs in a kernel: a hung test must not block the caller.
kernel_time_limit_s ?= 2400
# Number of processes among which the tests are divided that need no kernel: some of them wait, for what takes its time.
workers ?= $(shell echo $$(($$(nproc) * 3 / 2)))
# Number of kernels among which the kernel tests are divided, for the same reason; with ARGUMENTS, a single kernel.
kernels ?= $(if $(ARGUMENTS),1,$(shell n=$$(nproc); echo $$((n > 3 ? 4 : n + 1))))

# Duration of `make fuzz`.
fuzz_s ?= 60
# Duration of `make bench-checks`.
checks_s ?= 600
# Duration of `make soak`.
soak_s ?= 600

.PHONY: help setup run demo test lint compiled format unit kernel fuzz mutants bench bench-checks bench-pair soak docs clean

help:
	@echo "make run          run Palometa: on this machine's kernel if it has IPVS and you are root, otherwise in an"
	@echo "                  embedded kernel with a demonstration cluster; Ctrl-C stops it"
	@echo "make demo         the same, always in the embedded kernel"
	@echo "make test         run all checks and tests"
	@echo "make lint         run ruff and mypy"
	@echo "make format       format the code with ruff"
	@echo "make unit         run the tests that need no kernel"
	@echo "make kernel       run the tests in a kernel with IPVS"
	@echo "                  (unit and kernel take arguments for pytest: ARGUMENTS='tests/lab -x')"
	@echo "make fuzz         fuzz the lvs.cf parser for $(fuzz_s) s (to change: fuzz_s=600), then look for new examples"
	@echo "                  that break what app/lvs promises, in its property tests"
	@echo "make mutants      break the pure parts at random places, and count the breaks that their tests notice"
	@echo "                  (arguments: ARGUMENTS='--seed 7 --count 20 lvs/health')"
	@echo "make bench        measure speed and scale in comparison with ipvsadm, keepalived and ldirectord at three"
	@echo "                  sizes; writes docs/performance.md; takes about half an hour"
	@echo "make bench-checks check 1,000 servers, 300 of them failing, for $(checks_s) s (to change: checks_s=60);"
	@echo "                  prints the start delay of the other checks, memory and descriptors"
	@echo "make bench-pair   cause faults in a pair of routers, in comparison with plain keepalived;"
	@echo "                  writes docs/pair-figures.md; takes about ten minutes"
	@echo "make soak         kill the daemons of a pair at random for $(soak_s) s (to change: soak_s=60) under traffic and"
	@echo "                  edits; prints what of it was lost"
	@echo "make docs         generate docs/lvs.cf.md from the keyword table"
	@echo "make setup        install what is missing"
	@echo "make clean        remove generated files, except ./var"
	@echo "Settings: PALOMETA_PORT, PALOMETA_ADDRESS; PALOMETA_KERNEL=native or embedded; PALOMETA_DEMO_DIRECTORY, where"
	@echo "the demonstration keeps its state (default: var)"

setup:
	@lab/setup test

run:
	@lab/setup run
	@$(python) -m lab.run

demo:
	@lab/setup demo
	@$(python) -m lab.run --demo

# mypy uses one processor; on another one the test files are compiled meanwhile, once for all processes and kernels.
test:
	@$(MAKE) --jobs=2 lint compiled
	@$(MAKE) unit kernel

compiled: setup
	@out=$$($(python) -m pytest --collect-only --quiet 2>&1) || { echo "$$out"; exit 1; }

lint: setup
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(python) -m mypy

format: setup
	$(python) -m ruff check --fix .
	$(python) -m ruff format .

# Divided among the processors. Browser tests run separately, because their event loop persists in the process and would
# prevent other tests from running their own.
unit: setup
ifdef ARGUMENTS
	$(python) -m pytest -m "not kernel" $(ARGUMENTS)
else
	$(python) -m pytest -m "not kernel and not browser" --numprocesses $(workers) --dist loadfile --no-loadscope-reorder
	$(python) -m pytest -m "browser and not kernel" --numprocesses $(workers) --dist loadfile --no-loadscope-reorder
endif

kernel: setup
	$(python) -m lab.together $(kernels) --time-limit $(kernel_time_limit_s) -- \
		$(CURDIR)/$(python) -m pytest -m kernel -p no:cacheprovider $(ARGUMENTS)

fuzz: setup
	$(python) -m tests.lvs.fuzz_reading $(fuzz_s)
	$(python) -m pytest -m hypothesis --hypothesis-profile=fuzz --numprocesses $(workers) tests/lvs

mutants: setup
	$(python) -m tests.mutants $(ARGUMENTS)

bench: setup
	@lab/protocol-servers bench
	$(python) -m bench

bench-checks: setup
	$(python) -m bench.checks --seconds $(checks_s)

bench-pair: setup
	$(python) -m bench.pair

soak: setup
	$(python) -m bench.soak --seconds $(soak_s)

docs: setup
	$(python) -c 'from app.lvs.formats.reference_page import keyword_page; print(keyword_page(), end="")' >docs/lvs.cf.md

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
