"""Finds the probe of each kind of check: the function `probe` in the file of `kinds` that has the kind's name.

The file is loaded when the first check of its kind is run: a kind nobody uses costs neither memory nor start-up
time.
"""

from collections.abc import Awaitable, Callable
from importlib import import_module

from app.host.probes.kinds.program import Programs
from app.host.probes.transport.attempt import Attempt
from app.lvs.checks.check import Check
from app.lvs.model.check_kinds import CheckKind, ProbeKind

Probe = Callable[[Check, Attempt], Awaitable[None]]


class Registry:
    """Finds the probe of each kind; `programs` runs those that are programs."""

    def __init__(self, programs: Programs) -> None:
        self._found: dict[ProbeKind, Probe] = {CheckKind.PROGRAM: programs.probe}

    def __getitem__(self, kind: ProbeKind) -> Probe:
        """Return the probe of `kind`."""
        probe = self._found.get(kind)
        if probe is None:
            probe = self._found[kind] = import_module(f"app.host.probes.kinds.{kind}").probe
        return probe
