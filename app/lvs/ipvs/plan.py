"""The difference between two kernel tables as a value: what to do, in an order of which every prefix is safe."""

from collections.abc import Collection
from dataclasses import dataclass

from app.lvs.ipvs.table import Destination, DestinationKey, Service, ServiceKey


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
