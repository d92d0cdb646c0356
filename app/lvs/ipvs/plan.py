"""The difference between two kernel tables as a value: steps in an order of which every prefix is safe."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from app.lvs.ipvs.table import Destination, DestinationKey, Service, ServiceKey, Table


@dataclass(frozen=True, slots=True)
class AddService:
    """Add a service without destinations (`service.destinations` is not read)."""

    service: Service

    @property
    def service_key(self) -> ServiceKey:
        """The service the step concerns."""
        return self.service.key


@dataclass(frozen=True, slots=True)
class SetService:
    """Change the settings of an existing service."""

    service: Service

    @property
    def service_key(self) -> ServiceKey:
        """The service the step concerns."""
        return self.service.key


@dataclass(frozen=True, slots=True)
class DeleteService:
    """Remove a service with its destinations."""

    service_key: ServiceKey


@dataclass(frozen=True, slots=True)
class AddDestination:
    """Add a destination to the service `service_key`."""

    service_key: ServiceKey
    destination: Destination


@dataclass(frozen=True, slots=True)
class SetDestination:
    """Change the settings of a destination of the service `service_key`."""

    service_key: ServiceKey
    destination: Destination


@dataclass(frozen=True, slots=True)
class DeleteDestination:
    """Remove a destination from the service `service_key`."""

    service_key: ServiceKey
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
"""The services Palometa may delete: those one of its configurations has named."""


def closed_first(steps: Iterable[Step], table: Table) -> tuple[list[Step], list[DeleteDestination]]:
    """Split the steps of a plan for `table` into those to apply immediately and those to apply after a moment.

    The latter are its DeleteDestinations; the destinations they remove get weight 0 immediately.
    """
    at_once: list[Step] = []
    leaving: list[DeleteDestination] = []
    for step in steps:
        if isinstance(step, DeleteDestination):
            leaving.append(step)
        else:
            at_once.append(step)
    for step in leaving:
        for destination in table[step.service_key].destinations:
            if destination.key == step.key and destination.weight:
                at_once.append(SetDestination(step.service_key, replace(destination, weight=0)))
    return at_once, leaving
