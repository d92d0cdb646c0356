"""The kinds of checks that can be run: a line for each.

The file of a kind is loaded when the first check of it is run: what nobody checks with costs neither memory nor
time at the start.
"""

from collections.abc import Awaitable, Callable
from importlib import import_module

from app.host.probes.kinds.program import Programs
from app.host.probes.transport.attempt import Attempt
from app.lvs.checks.check import Check, CheckKind

Probe = Callable[[Check, Attempt], Awaitable[None]]

FILES = {
    CheckKind.TCP: "tcp",
    CheckKind.SEND_EXPECT: "send_expect",
    CheckKind.UDP: "udp",
    CheckKind.HTTP: "http",
    CheckKind.PING: "ping",
    CheckKind.DNS: "dns",
    CheckKind.SMTP: "smtp",
    CheckKind.IMAP: "imap",
    CheckKind.POP3: "pop3",
    CheckKind.LDAP: "ldap",
    CheckKind.MYSQL: "mysql",
    CheckKind.POSTGRESQL: "postgresql",
    CheckKind.REDIS: "redis",
    CheckKind.RADIUS: "radius",
    CheckKind.SIP: "sip",
    CheckKind.NTP: "ntp",
    CheckKind.GRPC: "grpc",
    CheckKind.AGENT: "agent",
}


class Registry:
    """Finds the probe of each kind; `programs` runs those that are programs."""

    def __init__(self, programs: Programs) -> None:
        self._found: dict[CheckKind, Probe] = {CheckKind.PROGRAM: programs.probe}

    def __getitem__(self, kind: CheckKind) -> Probe:
        """Return the probe of `kind`."""
        probe = self._found.get(kind)
        if probe is None:
            probe = self._found[kind] = import_module(f"app.host.probes.kinds.{FILES[kind]}").probe
        return probe
