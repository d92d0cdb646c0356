"""Which server a client's next connection goes to, and why: template, hash or scheduler."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.lvs.ipvs.connection_table import Connection, persistence_client
from app.lvs.ipvs.service_names import endpoint_text, service_text
from app.lvs.ipvs.table import Destination, DestinationKey, Service, ServiceKey, Table, Transport, service_order
from app.lvs.model.values import Address
from app.lvs.reports.connections import Why

_HASHED = {"sh": "the client's address", "mh": "the client's address", "dh": "the virtual address"}
_CACHED = ("lblc", "lblcr")


@dataclass(frozen=True, slots=True)
class NextServer:
    """The answer for one service; `server` is None where it cannot be predicted."""

    service: ServiceKey
    why: Why
    sentence: str
    server: DestinationKey | None = None
    expires_s: int | None = None


def next_servers(
    client: Address, table: Table, templates: Iterable[Connection], only: ServiceKey | None = None
) -> Iterator[NextServer]:
    """Yield for each service the client can reach (or `only` that one) where its next connection goes.

    `templates` are those of the connection table; others than this client's do no harm.
    """
    found = {
        (template.protocol, template.virtual, template.virtual_port, template.client): template
        for template in templates
        if template.is_template
    }
    marks = {(choice.fwmark, choice.client): choice for choice in found.values() if choice.fwmark}
    for key in sorted(table, key=service_order):
        service = table[key]
        if key.family != client.version or (only is not None and key != only):
            continue
        template = None
        if group := persistence_client(client, service):
            if key.address is None:
                template = marks.get((key.fwmark, group))
            else:
                template = found.get((key.transport.name, key.address, key.port, group))
        yield _by_template(service, template) if template else _by_scheduler(service)


def _by_template(service: Service, template: Connection) -> NextServer:
    place = DestinationKey(template.server, template.server_port)
    name = endpoint_text(place.address, place.port)
    there = next(
        (destination for destination in service.destinations if _is_same(destination, place, service.key)), None
    )
    who = template.client if service.netmask not in (0xFFFFFFFF, 128) else "this client"
    sentence = f"a persistence template keeps {who} on {name} for another {template.expires_s} s"
    if there is None:
        sentence += ", but that server is no longer in the service: the next connection is scheduled again"
    elif not there.weight:
        sentence += "; its weight is 0, but the template still counts unless expire_quiescent_template is set"
    return NextServer(service.key, "template", f"{sentence}.", place, template.expires_s)


def _is_same(destination: Destination, place: DestinationKey, service: ServiceKey) -> bool:
    # A template of all ports, or of a mark, may name port 0.
    return destination.key.address == place.address and (
        destination.key.port == place.port or not place.port or service.transport is Transport.NONE
    )


def _by_scheduler(service: Service) -> NextServer:
    open_for_new = [destination for destination in service.destinations if destination.weight]
    if not open_for_new:
        return NextServer(service.key, "nobody", "no server has a weight above 0, so a new connection is refused.")
    names = ", ".join(
        endpoint_text(destination.key.address, destination.key.port) for destination in open_for_new[:5]
    )
    if len(open_for_new) > 5:
        names += f" and {len(open_for_new) - 5} more"
    only = open_for_new[0].key if len(open_for_new) == 1 else None
    if service.scheduler in _HASHED:
        by = _HASHED[service.scheduler]
        sentence = (
            f"{service.scheduler} hashes {by}: always the same one of {names} while this set does not change."
        )
        return NextServer(service.key, "hash", sentence, only)
    if service.scheduler in _CACHED:
        sentence = f"{service.scheduler} keeps one server for each virtual address, one of {names}."
        return NextServer(service.key, "hash", sentence, only)
    lost = " No persistence template applies." if service.persistent_s else ""
    sentence = f"{service.scheduler} picks a server for each new connection from {names}.{lost}"
    return NextServer(service.key, "scheduler", sentence, only)


def next_server_name(where: NextServer) -> str:
    """Return the service of `where` as the filters take it."""
    return service_text(where.service)
