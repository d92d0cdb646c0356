"""What is ours in the kernel, remembered over a crash: the services a configuration named, the addresses added.

Kept in the runtime directory, which a reboot empties together with the kernel's table. Written before the
kernel is told, so that a successor always knows what its predecessor may have left.
"""

import json
import logging
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from app.host.lvs_cf_file import LvsCfUnreadable, prepare, read
from app.lvs.desired.addresses import VirtualAddress
from app.lvs.ipvs.table import Family, ServiceKey, Transport

log = logging.getLogger("pulse")


class OwnedState:
    """The services and addresses that are ours, and the last lvs.cf that was good."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "owned.json"
        self._last_good = directory / "applied.cf"
        self.services: frozenset[ServiceKey] = frozenset()
        self.addresses: frozenset[VirtualAddress] = frozenset()
        self._load()

    def own(self, services: Iterable[ServiceKey], addresses: Iterable[VirtualAddress]) -> None:
        """Remember these besides what is remembered already."""
        self._keep(self.services | frozenset(services), self.addresses | frozenset(addresses))

    def keep_only(self, services: Iterable[ServiceKey], addresses: Iterable[VirtualAddress]) -> None:
        """Forget all but these."""
        self._keep(self.services & frozenset(services), self.addresses & frozenset(addresses))

    @property
    def last_good(self) -> bytes | None:
        """The text of the last lvs.cf that was applied; None when there is none that can be read."""
        try:
            return read(self._last_good)
        except LvsCfUnreadable as unreadable:
            log.error("%s", unreadable)
            return None

    def remember_good(self, data: bytes) -> None:
        """Keep `data` as the last good lvs.cf."""
        if self.last_good != data:
            prepare(self._last_good, data).publish()

    def _keep(self, services: frozenset[ServiceKey], addresses: frozenset[VirtualAddress]) -> None:
        if (services, addresses) == (self.services, self.addresses):
            return
        self.services, self.addresses = services, addresses
        document = {
            "services": [_service_to_json(key) for key in services],
            "addresses": [[str(item.address), item.prefix, item.device] for item in addresses],
        }
        prepare(self._path, json.dumps(document).encode()).publish()

    def _load(self) -> None:
        try:
            data = read(self._path)
            document = json.loads(data) if data is not None else {"services": [], "addresses": []}
            self.services = frozenset(_service_from_json(item) for item in document["services"])
            self.addresses = frozenset(_address_from_json(item) for item in document["addresses"])
        except (LvsCfUnreadable, ValueError, KeyError, TypeError) as error:
            # Not knowing what is ours, nothing is taken for ours: what left lvs.cf meanwhile stays where it is.
            log.error("%s cannot be used, so nothing in the kernel is known to be ours: %s", self._path, error)


def _service_to_json(key: ServiceKey) -> list[Any]:
    return [int(key.family), int(key.transport), str(key.address) if key.address else None, key.port, key.fwmark]


def _service_from_json(item: list[Any]) -> ServiceKey:
    family, transport, address, port, fwmark = item
    return ServiceKey(Family(family), Transport(transport), ip_address(address) if address else None, port, fwmark)


def _address_from_json(item: list[Any]) -> VirtualAddress:
    address, prefix, device = item
    return VirtualAddress(ip_address(address), prefix, device)
