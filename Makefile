# What one does with a clone of Palometa. Each goal does its own set-up; PYTHON names the Python to make .venv with.
PYTHON ?= python3
export PYTHON
export PATH := $(PATH):/usr/local/sbin:/usr/sbin:/sbin

python := .venv/bin/python
# One time limit for all that runs in a kernel: a hung test must not hang the caller.
kernel_time_limit_s ?= 2400
# How many kernels share the tests that need one out among them, each with a processor; one runs what is named.
kernels ?= $(if $(ARGUMENTS),1,$(shell n=$$(nproc); echo $$((n > 4 ? 4 : n))))

# How long `make fuzz` tries to break the reader of lvs.cf.
fuzz_s ?= 60
# How long `make bench-checks` watches.
checks_s ?= 600

.PHONY: help setup run demo test lint format unit kernel fuzz bench bench-checks bench-pair docs clean

help:
	@echo "make run      set up, then run Palometa: on this machine's kernel if it has IPVS and you are root,"
	@echo "              or else in an embedded kernel with a demonstration cluster; Ctrl-C stops it"
	@echo "make demo     the same, always in the embedded kernel"
	@echo "make test     set up, then run every check and test"
	@echo "make lint     ruff and mypy             make format   let ruff lay out the code"
	@echo "make unit     the tests without a kernel; make kernel   those inside one"
	@echo "              (both take ARGUMENTS='tests/lab -x' for pytest)"
	@echo "make fuzz     try to break the reader of lvs.cf for $(fuzz_s) s (fuzz_s=600 for longer)"
	@echo "make bench    speed and scale beside ipvsadm, keepalived and ldirectord, at three sizes; writes"
	@echo "              docs/performance.md; about half an hour"
	@echo "make bench-checks  1,000 servers checked, 300 of them bad: how late the checks of the others begin, and what"
	@echo "              memory and descriptors do, over $(checks_s) s (checks_s=60 for shorter)"
	@echo "make bench-pair    two routers in each fault, beside plain keepalived; writes docs/pair-figures.md; ten minutes"
	@echo "make docs     write docs/lvs.cf.md anew from the table of keys"
	@echo "make setup    only the set-up           make clean    remove what was made, but not ./var"
	@echo "Settings: PALOMETA_PORT, PALOMETA_ADDRESS; PALOMETA_KERNEL=native or embedded"

setup:
	@lab/setup test

run:
	@lab/setup run
	@$(python) -m lab.run

demo:
	@lab/setup demo
	@$(python) -m lab.run --demo

test: lint unit kernel

lint: setup
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(python) -m mypy

format: setup
	$(python) -m ruff check --fix .
	$(python) -m ruff format .

# Shared out among the processors, and those with a browser apart: it brings an event loop that stays, in a process in
# which no other test could then run one of its own.
unit: setup
ifdef ARGUMENTS
	$(python) -m pytest -m "not kernel" $(ARGUMENTS)
else
	$(python) -m pytest -m "not kernel and not browser" --numprocesses auto --dist loadfile
	$(python) -m pytest -m "browser and not kernel" --numprocesses auto --dist loadfile
endif

kernel: setup
	$(python) -m lab.together $(kernels) --time-limit $(kernel_time_limit_s) -- \
		$(CURDIR)/$(python) -m pytest -m kernel -p no:cacheprovider $(ARGUMENTS)

fuzz: setup
	$(python) -m tests.lvs.fuzz_reading $(fuzz_s)

bench: setup
	@lab/protocol-servers bench
	$(python) -m bench

bench-checks: setup
	$(python) -m bench.checks --seconds $(checks_s)

bench-pair: setup
	$(python) -m bench.pair

docs: setup
	$(python) -c 'from app.lvs.formats.reference_page import keyword_page; print(keyword_page(), end="")' >docs/lvs.cf.md

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
