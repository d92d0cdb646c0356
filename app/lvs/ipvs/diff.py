"""From two tables to a plan: the changes that turn `current` into `wanted`."""

from collections.abc import Iterator

from app.lvs.ipvs.plan import (
    AddDestination,
    AddService,
    DeleteDestination,
    DeleteService,
    Owned,
    Plan,
    SetDestination,
    SetService,
    Step,
)
from app.lvs.ipvs.table import Service, Table, same_settings, service_order


def diff(current: Table, wanted: Table, owned: Owned) -> Plan:
    """Return the plan from `current` to `wanted`; of what is not wanted only `owned` services are deleted.

    The order is such that any prefix leaves a table that works: services come before their destinations, new
    destinations before old ones go, and services go last. A service in `wanted` that is there already, whoever
    made it, is taken over and brought to its settings.
    """
    added: list[Step] = []
    filled: list[Step] = []
    changed: list[Step] = []
    emptied: list[Step] = []
    for key, service in wanted.items():
        there = current.get(key)
        if there is service:
            continue
        if there is None:
            added.append(AddService(service))
            filled.extend(AddDestination(key, destination) for destination in service.destinations)
            continue
        if not same_settings(there, service):
            changed.append(SetService(service))
        for step in _destination_steps(there, service):
            lists = {AddDestination: filled, SetDestination: changed, DeleteDestination: emptied}
            lists[type(step)].append(step)
    gone = sorted((key for key in current if key not in wanted and key in owned), key=service_order)
    return Plan((*added, *filled, *changed, *emptied, *(DeleteService(key) for key in gone)))


def _destination_steps(
    current: Service, wanted: Service
) -> Iterator[AddDestination | SetDestination | DeleteDestination]:
    there = {destination.key: destination for destination in current.destinations}
    for destination in wanted.destinations:
        known = there.pop(destination.key, None)
        if known is None:
            yield AddDestination(wanted.key, destination)
        elif known != destination:
            yield SetDestination(wanted.key, destination)
    for key in there:
        yield DeleteDestination(wanted.key, key)
