"""The part of pulse's report that one page of the routing table shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.lvs.past_report import PastServiceReport
from app.lvs.report import ServiceReport
from app.web.filters import host_port

SERVICES_A_PAGE = 100


@dataclass(frozen=True, slots=True)
class Shown:
    """The services of one page. `found` of `total` match the filter; `page` of `pages` counts from 1."""

    services: Sequence[ServiceReport]
    found: int
    total: int
    page: int
    pages: int


def choose(services: Sequence[ServiceReport], wanted: str, page: int) -> Shown:
    """Return page `page` of those `services` that hold each word of `wanted`, in the order they came."""
    words = wanted.casefold().split()
    found = [service for service in services if _holds(service, words)] if words else services
    pages = max(1, -(-len(found) // SERVICES_A_PAGE))
    page = min(max(page, 1), pages)
    first = (page - 1) * SERVICES_A_PAGE
    return Shown(found[first : first + SERVICES_A_PAGE], len(found), len(services), page, pages)


def local_address(service: ServiceReport | PastServiceReport) -> str:
    """Return what ipvsadm -n prints under LocalAddress:Port; a firewall mark stands there as its number."""
    if service["fwmark"]:
        return f"{service['fwmark']} IPv6" if service["family"] == 6 else str(service["fwmark"])
    return host_port(service["address"], service["port"])


def _holds(service: ServiceReport, words: Sequence[str]) -> bool:
    text = "\n".join(_texts(service)).casefold()
    return all(word in text for word in words)


def _texts(service: ServiceReport) -> Iterator[str]:
    yield from (service["protocol"], local_address(service), service["scheduler"], service["flags"])
    yield service["owner"] or "not ours"
    for destination in service["destinations"]:
        yield host_port(destination["address"], destination["port"])
        yield from (destination["name"] or "", destination["forward"])
