"""What a server without new clients still waits for, in a sentence: connections, sticky clients, for how long."""

from collections.abc import Mapping

from app.lvs.reports.status import DestinationReport, ServiceReport
from app.web.frame.filters import duration

CLOSING_S = 120
"""The longest of the kernel's own times for a TCP connection that is being closed."""

EMPTY = "empty: no connections left"


def waits_for(
    service: ServiceReport, destination: DestinationReport, timeouts: Mapping[str, int], persistent_s: int
) -> str:
    """Return what `destination`, at weight 0, still has; `timeouts` are the kernel's (tcp, tcpfin, udp), in s.

    A bound only, and from the last packet on: how long a client keeps sending is unknown.
    """
    active, inactive, sticky = destination["active"], destination["inactive"], destination["persistent"]
    parts = []
    if active or inactive:
        bound_s = _bound_s(service["protocol"], bool(active), timeouts)
        counts = [f"{number} {word}" for number, word in ((active, "active"), (inactive, "inactive")) if number]
        noun = "connection" if active + inactive == 1 else "connections"
        ends = f", each expiring at most {_time(bound_s)} after its last packet" if bound_s else ""
        parts.append(f"waiting for {' and '.join(counts)} {noun}{ends}")
    if sticky:
        clients = f"{sticky} sticky {'client' if sticky == 1 else 'clients'}"
        bound = f" for up to {_time(persistent_s)} after the last one" if persistent_s else ""
        parts.append(f"{clients} may still open new connections{bound}")
    return "; ".join(parts) or EMPTY


def _time(seconds: int) -> str:
    return duration(seconds) if seconds % 60 or seconds >= 3600 else f"{seconds // 60} min"


def _bound_s(protocol: str, is_active: bool, timeouts: Mapping[str, int]) -> int:
    """Return how long after its last packet a connection is forgotten; 0: not known."""
    tcp_s = timeouts.get("tcp", 0) if is_active else max(timeouts.get("tcpfin", 0), CLOSING_S)
    match protocol:
        case "TCP":
            return tcp_s
        case "UDP":
            return timeouts.get("udp", 0)
        case "FWM":
            return max(tcp_s, timeouts.get("udp", 0))
    return 0
