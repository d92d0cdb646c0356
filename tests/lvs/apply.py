"""What a plan does to a table: the pure twin of what the host does to the kernel, for tests and previews."""

from collections.abc import Iterable
from dataclasses import replace

from app.lvs.ipvs.plan import (
    AddDestination,
    AddService,
    DeleteDestination,
    DeleteService,
    SetDestination,
    SetService,
    Step,
)
from app.lvs.ipvs.table import Destination, DestinationKey, Service, ServiceKey, Table, destination_order


class StepRefused(Exception):
    """A step does not fit the table, as the kernel would say: adding what is there, changing what is not."""


def apply(steps: Iterable[Step], table: Table) -> Table:
    """Return `table` after `steps`; raise StepRefused where the kernel would refuse one."""
    services = dict(table)
    for step in steps:
        match step:
            case AddService(service):
                _require(service.key not in services, step)
                services[service.key] = replace(service, destinations=())
            case SetService(service):
                _require(service.key in services, step)
                services[service.key] = replace(service, destinations=services[service.key].destinations)
            case DeleteService(key):
                _require(key in services, step)
                del services[key]
            case AddDestination(key, destination) | SetDestination(key, destination):
                there = _destinations(services, key, step)
                _require((destination.key in there) is isinstance(step, SetDestination), step)
                _put(services, key, {**there, destination.key: destination})
            case DeleteDestination(key, destination_key):
                there = _destinations(services, key, step)
                _require(destination_key in there, step)
                _put(services, key, {k: v for k, v in there.items() if k != destination_key})
    return services


def _require(condition: bool, step: Step) -> None:
    if not condition:
        raise StepRefused(str(step))


def _destinations(
    services: dict[ServiceKey, Service], key: ServiceKey, step: Step
) -> dict[DestinationKey, Destination]:
    _require(key in services, step)
    return {destination.key: destination for destination in services[key].destinations}


def _put(services: dict[ServiceKey, Service], key: ServiceKey, there: dict[DestinationKey, Destination]) -> None:
    ordered = sorted(there.values(), key=lambda destination: destination_order(destination.key))
    services[key] = replace(services[key], destinations=tuple(ordered))
