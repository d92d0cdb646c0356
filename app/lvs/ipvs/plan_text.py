"""A plan as sentences: for each step what differs between the kernel and the configuration."""

from collections.abc import Iterable, Iterator, Mapping

from app.lvs.ipvs.ipvsadm import FORWARD_WORDS, flags_text
from app.lvs.ipvs.plan import (
    AddDestination,
    AddService,
    DeleteDestination,
    DeleteService,
    SetDestination,
    SetService,
    Step,
)
from app.lvs.ipvs.service_names import endpoint_text, protocol_word, service_name
from app.lvs.ipvs.table import Destination, DestinationKey, Service, ServiceKey, Table
from app.lvs.model.values import TunnelType


def sentences(steps: Iterable[Step], current: Table, names: Mapping[ServiceKey, str]) -> Iterator[str]:
    """Yield for each step, in words, what is to be done to `current`; `names` are those of the virtual servers."""
    for step in steps:
        yield _sentence(step, current, names)


def _sentence(step: Step, current: Table, names: Mapping[ServiceKey, str]) -> str:
    match step:
        case AddService(service):
            return f"The service {_service(service.key, names)} is missing: add it with scheduler {_way(service)}."
        case SetService(service):
            there = current.get(service.key)
            was = f" instead of {_way(there)}" if there is not None else ""
            return f"The service {_service(service.key, names)} differs: set it to {_way(service)}{was}."
        case DeleteService(key):
            return (
                f"The service {_service(key, names)} is managed by Palometa and no longer configured: delete it."
            )
        case AddDestination(key, destination):
            return f"{_of(destination.key, key, names)} is missing: add it with {_settings(destination)}."
        case SetDestination(key, destination):
            found = _find(current, key, destination.key)
            was = f" instead of {_settings(found)}" if found is not None else ""
            return f"{_of(destination.key, key, names)} differs: set it to {_settings(destination)}{was}."
        case DeleteDestination(key, destination_key):
            return f"{_of(destination_key, key, names)} is not configured: delete it."


def _service(key: ServiceKey, names: Mapping[ServiceKey, str]) -> str:
    text = f"{protocol_word(key)} {service_name(key)}"
    return f"{text} ({names[key]})" if key in names else text


def _of(destination: DestinationKey, service: ServiceKey, names: Mapping[ServiceKey, str]) -> str:
    return f"The server {endpoint_text(destination.address, destination.port)} of {_service(service, names)}"


def _way(service: Service) -> str:
    return " ".join(filter(None, (service.scheduler, flags_text(service))))


def _settings(destination: Destination) -> str:
    words = [f"{FORWARD_WORDS[destination.forward]} weight {destination.weight}"]
    if destination.upper_threshold or destination.lower_threshold:
        words.append(f"thresholds {destination.upper_threshold} and {destination.lower_threshold}")
    if destination.tunnel_type is not TunnelType.IPIP:
        port = f" port {destination.tunnel_port}" if destination.tunnel_port else ""
        words.append(f"{destination.tunnel_type} tunnel{port}, {destination.tunnel_checksum}")
    return ", ".join(words)


def _find(table: Table, service: ServiceKey, wanted: DestinationKey) -> Destination | None:
    there = table.get(service)
    return (
        next((destination for destination in there.destinations if destination.key == wanted), None)
        if there is not None
        else None
    )
