"""Which virtual IPs should be up on this router: what the configuration wants, and what the pair leaves of it."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from app.lvs.desired.addresses import VirtualAddress, virtual_addresses
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config
from app.lvs.model.values import Address
from app.lvs.pair.role import Claim
from app.pulse.addresses.present import PresentAddresses


@dataclass(slots=True)
class WantedAddresses:
    """`addresses` are all the configuration wants; `version` is incremented with every change.

    `configured` are the same as the configuration names their interfaces, in the same order; in `addresses` they
    have the names the interfaces have. `counts` says how many of them each interface has. With a partner the claim
    has been decided between the two.
    """

    config: Config | None = None
    configured: tuple[VirtualAddress, ...] = ()
    addresses: tuple[VirtualAddress, ...] = ()
    words: frozenset[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict)
    claim: Claim = Claim.ALL
    has_partner: bool = False
    version: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    targets: frozenset[Address] = frozenset()

    def apply_config(self, config: Config) -> None:
        """Want what `config` wants."""
        self.config = config
        self._want(virtual_addresses(config))

    def drop_all(self) -> None:
        """Want nothing from now on."""
        self._want(())

    def name_interfaces(self, names: Mapping[str, str]) -> None:
        """Let the interface of each word of the configuration be the one that is its name in `names`."""
        if names != self.names:
            self.names = names
            self._want(self.configured)

    def apply_claim(self, claim: Claim, *, has_partner: bool) -> bool:
        """Let `claim` hold; return whether it is another one."""
        is_other = claim is not self.claim
        self.version += is_other or has_partner is not self.has_partner
        self.claim, self.has_partner = claim, has_partner
        return is_other

    def claimed(
        self, present: PresentAddresses, up: Collection[VirtualAddress] = ()
    ) -> tuple[VirtualAddress, ...]:
        """Return those that should be up here, where `present` are, and `up` were until now.

        With the first address of a subnet the kernel may have removed those that are held.
        """
        if self.claim is Claim.HOLD:
            return tuple(virtual for virtual in self.addresses if virtual in present or virtual in up)
        return self.addresses if self.claim is Claim.ALL else ()

    @property
    def are_probed(self) -> bool:
        """Whether other machines are asked for an address before it is brought up.

        In a pair they are not: which router has the addresses has been decided by then.
        """
        is_asked_for = self.config is not None and bool(effective(self.config, "probe_duplicates"))
        return is_asked_for and not self.has_partner

    @property
    def announced_again_s(self) -> int:
        """How long after it came up an address is announced once more; 0: it is not."""
        return int(effective(self.config, "announce_again")) if self.config is not None else 0

    @property
    def announced_every_s(self) -> int:
        """How often each address is announced; 0: only when it comes up."""
        return int(effective(self.config, "announce_every")) if self.config is not None else 0

    def _want(self, configured: tuple[VirtualAddress, ...]) -> None:
        self.configured = configured
        self.words = frozenset(virtual.interface for virtual in configured)
        addresses = tuple(
            virtual.on(self.names.get(virtual.interface, virtual.interface)) for virtual in configured
        )
        self.addresses = addresses
        self.counts = dict(Counter(virtual.interface for virtual in addresses))
        self.targets = frozenset(virtual.address for virtual in addresses)
        self.version += 1
