"""What a check needs to know of the director it comes from, taken from lvs.cf."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from app.lvs.desired.table import forwarding
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config
from app.lvs.model.values import Address, Network


@dataclass(frozen=True)
class CheckOrigin:
    """The director, as far as `config` says who it is."""

    config: Config

    @property
    def helo_name(self) -> str:
        """What mail servers are told it is called; blank: what it can be called."""
        return self.config.helo_name or ""

    @cached_property
    def shared(self) -> frozenset[Address]:
        """The virtual IPs that real servers have as well, because packets reach them without NAT."""
        return frozenset(self._shared())

    def _shared(self) -> Iterator[Address]:
        network = effective(self.config, "network")
        for virtual in self.config.virtual:
            if virtual.address is not None and any(
                forwarding(virtual, server, network) is not Network.NAT for server in virtual.server
            ):
                yield virtual.address.address


NOWHERE = CheckOrigin(Config())
"""Of a director about which nothing is known."""
