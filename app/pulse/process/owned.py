"""What we own in the kernel, remembered over a crash: services of our configurations, and added addresses.

It is kept in the runtime directory, which a reboot clears together with the kernel's table, and written before the
kernel is changed, so that the next pulse always knows what the previous one may have left.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from app.host.files.atomic_file import FileUnreadable, prepare, read
from app.lvs.desired.addresses import VirtualAddress
from app.lvs.ipvs.table import Family, ServiceKey, Transport

log = logging.getLogger("pulse")


class OwnedState:
    """The services and addresses that we own, the index of each interface by name, and the last good lvs.cf."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "owned.json"
        self._last_good = directory / "applied.cf"
        self.services: frozenset[ServiceKey] = frozenset()
        self.addresses: frozenset[VirtualAddress] = frozenset()
        self.interfaces: dict[str, int] = {}
        self._load()

    def own(self, services: Iterable[ServiceKey], addresses: Iterable[VirtualAddress]) -> None:
        """Remember these in addition to what is already remembered."""
        self._keep(self.services | frozenset(services), self.addresses | frozenset(addresses))

    def keep_only(self, services: Iterable[ServiceKey], addresses: Iterable[VirtualAddress]) -> None:
        """Forget all but these."""
        self._keep(self.services & frozenset(services), self.addresses & frozenset(addresses))

    def rename_interfaces(self, names: Mapping[str, str]) -> None:
        """Remember the addresses on an interface in `names` as on the one of the name it has there."""
        self._keep(
            self.services,
            frozenset(virtual.on(names.get(virtual.interface, virtual.interface)) for virtual in self.addresses),
        )

    def keep_interfaces(self, indexes: dict[str, int]) -> None:
        """Remember the index of each interface by its name, and no other."""
        self._keep(self.services, self.addresses, indexes)

    @property
    def last_good(self) -> bytes | None:
        """The contents of the last lvs.cf that was applied; None: there is none, or it cannot be read."""
        try:
            return read(self._last_good)
        except FileUnreadable as unreadable:
            log.error("%s", unreadable)
            return None

    def remember_good(self, data: bytes) -> None:
        """Keep `data` as the last good lvs.cf."""
        if self.last_good != data:
            prepare(self._last_good, data).publish()

    def _keep(
        self,
        services: frozenset[ServiceKey],
        addresses: frozenset[VirtualAddress],
        interfaces: dict[str, int] | None = None,
    ) -> None:
        interfaces = self.interfaces if interfaces is None else interfaces
        if (services, addresses, interfaces) == (self.services, self.addresses, self.interfaces):
            return
        self.services, self.addresses, self.interfaces = services, addresses, interfaces
        document = {
            "services": [_service_to_json(key) for key in services],
            "addresses": [[str(item.address), item.prefix, item.device] for item in addresses],
            "interfaces": interfaces,
        }
        prepare(self._path, json.dumps(document).encode()).publish()

    def _load(self) -> None:
        try:
            data = read(self._path)
            document = json.loads(data.decode()) if data is not None else {"services": [], "addresses": []}
            self.services = frozenset(_service_from_json(item) for item in document["services"])
            self.addresses = frozenset(_address_from_json(item) for item in document["addresses"])
            self.interfaces = {str(name): int(index) for name, index in document.get("interfaces", {}).items()}
        except (FileUnreadable, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            # Then nothing counts as ours, and what was removed from lvs.cf meanwhile stays in the kernel.
            log.error("%s cannot be used, so everything in the kernel counts as unmanaged: %s", self._path, error)


def _service_to_json(key: ServiceKey) -> list[Any]:
    return [int(key.family), int(key.transport), str(key.address) if key.address else None, key.port, key.fwmark]


def _service_from_json(item: list[Any]) -> ServiceKey:
    family, transport, address, port, fwmark = item
    return ServiceKey(Family(family), Transport(transport), ip_address(address) if address else None, port, fwmark)


def _address_from_json(item: list[Any]) -> VirtualAddress:
    address, prefix, device = item
    return VirtualAddress(ip_address(address), prefix, device)
