"""What the kernel needs besides the table: two kinds of switches, and the connection time-outs."""

from collections.abc import Iterator

from app.host.ipvs.table import IPVS
from app.host.ipvs.values import Timeouts
from app.host.network.sysctl import Sysctl, SysctlFailed, is_on, keep_advertised_routes, switch_on
from app.lvs.desired.table import active_virtuals, forwarding, service_key
from app.lvs.ipvs.table import Family
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config
from app.lvs.model.values import Network

_FORWARDING = {Family.IPV4: Sysctl.IPV4_FORWARDING, Family.IPV6: Sysctl.IPV6_FORWARDING}


class Sysctls:
    """Keeps two kinds of switches on, and never switches one off: others may need it.

    Packet forwarding, for each address family with a service by NAT. Direct routing and tunnelling send packets
    out by themselves and need no switch on the director; with NAT the answers of the real servers come back as
    packets to be forwarded.

    And that a client that uses a port again, whose last connection has ended, is given a server anew. Else the
    kernel sends it to the server it had for two minutes, and drops what it sends if that one is not in the table
    any more. `expire_nodest_conn` would do more, but cut the open connections of a server that is taken out for a
    moment.

    What the real servers need is theirs to set: with direct routing arp_ignore 1 and arp_announce 2 (all), with
    tunnelling these and rp_filter 0 on the tunnel.
    """

    def __init__(self) -> None:
        self._families: tuple[Family, ...] = ()

    def apply_config(self, config: Config) -> None:
        """Want what `config` needs from now on; `converge` brings it about."""
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
        """Switch on what is not; yield what failed."""
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


def set_timeouts(ipvs: IPVS, config: Config) -> None:
    """Set the connection time-outs `config` names (0 or absent: left alone); raise IPVSFailed."""
    wanted = Timeouts(
        effective(config, "tcp_timeout"), effective(config, "tcpfin_timeout"), effective(config, "udp_timeout")
    )
    if any((wanted.tcp_s, wanted.tcpfin_s, wanted.udp_s)):
        ipvs.set_timeouts(wanted)
