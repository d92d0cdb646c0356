"""The difference between two kernel tables as a value: what to do, in an order of which every prefix is safe."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from app.lvs.ipvs.table import Destination, DestinationKey, Service, ServiceKey, Table


@dataclass(frozen=True, slots=True)
class AddService:
    """Make a service without destinations (`service.destinations` is not read)."""

    service: Service


@dataclass(frozen=True, slots=True)
class SetService:
    """Change the settings of a service that is there."""

    service: Service


@dataclass(frozen=True, slots=True)
class DeleteService:
    """Remove a service with all it has."""

    key: ServiceKey


@dataclass(frozen=True, slots=True)
class AddDestination:
    service: ServiceKey
    destination: Destination


@dataclass(frozen=True, slots=True)
class SetDestination:
    service: ServiceKey
    destination: Destination


@dataclass(frozen=True, slots=True)
class DeleteDestination:
    service: ServiceKey
    key: DestinationKey


Step = AddService | SetService | DeleteService | AddDestination | SetDestination | DeleteDestination


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in the order they are applied; empty when there is nothing to do."""

    steps: tuple[Step, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.steps)

    def __len__(self) -> int:
        return len(self.steps)


Owned = Collection[ServiceKey]
"""The services that are ours to delete: those a configuration of ours has named."""


def closed_first(steps: Iterable[Step], table: Table) -> tuple[list[Step], list[DeleteDestination]]:
    """Return what to do at once of a plan for `table`, and what after a moment: its DeleteDestinations.

    At once is all else, and weight 0 for those that go.
    """
    at_once: list[Step] = []
    leaving: list[DeleteDestination] = []
    for step in steps:
        if isinstance(step, DeleteDestination):
            leaving.append(step)
        else:
            at_once.append(step)
    for step in leaving:
        for destination in table[step.service].destinations:
            if destination.key == step.key and destination.weight:
                at_once.append(SetDestination(step.service, replace(destination, weight=0)))
    return at_once, leaving
