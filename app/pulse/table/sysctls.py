"""What the kernel needs in addition to the table: two kinds of sysctls, and the connection timeouts."""

from collections.abc import Iterator

from app.host.ipvs.table import IPVS, IPVSFailed
from app.host.ipvs.values import Timeouts
from app.host.network.sysctl import Sysctl, SysctlFailed, is_on, keep_advertised_routes, switch_on
from app.lvs.desired.table import active_virtuals, forwarding, service_key
from app.lvs.ipvs.table import Family
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config
from app.lvs.model.values import Network

_FORWARDING = {Family.IPV4: Sysctl.IPV4_FORWARDING, Family.IPV6: Sysctl.IPV6_FORWARDING}


class Sysctls:
    """Keeps two kinds of sysctls on, and never turns one off, as others may need it.

    One is packet forwarding, for each address family with a service by NAT: there the answers of the real servers
    come back as packets to be forwarded. Direct routing and tunnelling need no sysctl on the director.

    The other makes the kernel schedule a client again that reuses a port after its connection has ended.
    Otherwise, for two minutes, the kernel sends it to its previous server, and drops its packets if that one is
    no longer in the table. `expire_nodest_conn` would do more, but cut the open connections of a server that is
    taken out for a moment.

    The real servers have to set their own: with direct routing arp_ignore 1 and arp_announce 2 (all), with
    tunnelling these and rp_filter 0 on the tunnel.
    """

    def __init__(self) -> None:
        self._families: tuple[Family, ...] = ()

    def apply_config(self, config: Config) -> None:
        """Want the sysctls that `config` needs; `converge` sets them."""
        network = effective(config, "network")
        families = {
            key.family
            for virtual in active_virtuals(config)
            if (key := service_key(virtual)) is not None
            and any(
                forwarding(virtual, server, network) is Network.NAT for server in virtual.server if server.active
            )
        }
        self._families = tuple(sorted(families))

    def converge(self) -> Iterator[str]:
        """Turn on those that are off; yield what failed."""
        try:
            switch_on(Sysctl.PORTS_USED_AGAIN)
        except SysctlFailed as failed:
            yield str(failed)
        for family in self._families:
            try:
                if family is Family.IPV6 and not is_on(Sysctl.IPV6_FORWARDING):
                    keep_advertised_routes()
                switch_on(_FORWARDING[family])
            except SysctlFailed as failed:
                yield str(failed)


class ConnectionTimeouts:
    """Sets the connection timeouts of a configuration once; a failure is reported and tried again."""

    def __init__(self) -> None:
        self._wanted: Timeouts | None = None

    def apply_config(self, config: Config) -> None:
        """Want the timeouts in `config` (0 or absent: unchanged)."""
        wanted = Timeouts(
            effective(config, "tcp_timeout"), effective(config, "tcpfin_timeout"), effective(config, "udp_timeout")
        )
        self._wanted = wanted if any((wanted.tcp_s, wanted.tcpfin_s, wanted.udp_s)) else None

    def converge(self, ipvs: IPVS) -> Iterator[str]:
        """Set those that are still to be set; yield what failed."""
        if self._wanted is None:
            return
        try:
            ipvs.set_timeouts(self._wanted)
            self._wanted = None
        except IPVSFailed as failed:
            yield f"cannot set the connection timeouts: {failed}"
