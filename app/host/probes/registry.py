"""The kinds of checks that can be run: a line for each."""

from collections.abc import Awaitable, Callable, Mapping

from app.host.probes import http, ping, send_expect, tcp, udp
from app.host.probes.attempt import Attempt
from app.host.probes.program import Programs
from app.lvs.check import Check, CheckKind

Probe = Callable[[Check, Attempt], Awaitable[None]]


def registry(programs: Programs) -> Mapping[CheckKind, Probe]:
    """Return the probe of each kind; `programs` runs those that are programs."""
    return {
        CheckKind.TCP: tcp.probe,
        CheckKind.SEND_EXPECT: send_expect.probe,
        CheckKind.UDP: udp.probe,
        CheckKind.PROGRAM: programs.probe,
        CheckKind.HTTP: http.probe,
        CheckKind.PING: ping.probe,
    }
