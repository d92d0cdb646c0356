"""The table in ipvsadm's words. The expected lines are what ipvsadm 1.31 printed of the same table."""

from ipaddress import ip_address

import pytest

from app.lvs.ipvs.counters import Counters, DestinationCounters, ServiceCounters
from app.lvs.ipvs.diff import diff
from app.lvs.ipvs.ipvsadm import commands, listing, saved
from app.lvs.ipvs.table import (
    Destination,
    DestinationKey,
    Family,
    Forward,
    SchedulerBits,
    Service,
    ServiceKey,
    Table,
    Transport,
)
from app.lvs.model.values import TunnelChecksum, TunnelType
from tests.lvs.apply import apply


def key(transport: Transport, address: str, port: int) -> ServiceKey:
    parsed = ip_address(address)
    return ServiceKey(Family(parsed.version), transport, parsed, port)


def destination(address: str, port: int, forward: Forward, weight: int = 1, **more: object) -> Destination:
    return Destination(DestinationKey(ip_address(address), port), forward, weight, **more)  # type: ignore[arg-type]


def table_of(*services: Service) -> Table:
    return {service.key: service for service in services}


TABLE = table_of(
    Service(ServiceKey(Family.IPV6, Transport.NONE, None, 0, 6), "rr", persistent_s=300, netmask=64),
    Service(ServiceKey(Family.IPV4, Transport.NONE, None, 0, 2**32 - 1), "rr"),
    Service(key(Transport.SCTP, "10.0.0.1", 99), "lc"),
    Service(
        key(Transport.TCP, "10.0.0.1", 80),
        "wlc",
        persistent_s=300,
        destinations=(
            destination("10.0.0.11", 80, Forward.ROUTE, 3, upper_threshold=100, lower_threshold=50),
            destination("10.0.0.12", 8080, Forward.MASQUERADE),
        ),
    ),
    Service(
        key(Transport.TCP, "10.0.0.2", 0),
        "sh",
        SchedulerBits.FLAG_1 | SchedulerBits.FLAG_2,
        persistent_s=60,
        netmask=0xFFFFFF00,
    ),
    Service(key(Transport.TCP, "10.0.0.4", 80), "rr", SchedulerBits.FLAG_1 | SchedulerBits.FLAG_3),
    Service(
        key(Transport.UDP, "10.0.0.1", 53),
        "mh",
        SchedulerBits.FLAG_2,
        one_packet=True,
        destinations=(
            destination("10.0.0.11", 53, Forward.TUNNEL, 0),
            destination(
                "10.0.0.12", 53, Forward.TUNNEL, tunnel_type=TunnelType.GUE, tunnel_port=6080,
                tunnel_checksum=TunnelChecksum.REMOTE,
            ),
            destination("10.0.0.13", 53, Forward.TUNNEL, tunnel_type=TunnelType.GRE),
        ),
    ),
    Service(
        key(Transport.UDP, "10.0.0.1", 5061), "rr", persistent_s=60, persistence_engine="sip", one_packet=True
    ),
    Service(
        key(Transport.TCP, "::ffff:1.2.3.4", 443),
        "nq",
        netmask=128,
        destinations=(
            destination("fd00:1111:2222:3333:4444:5555:6666:8888", 443, Forward.ROUTE),
            destination("10.0.0.11", 443, Forward.TUNNEL),
        ),
    ),
)  # fmt: skip

LISTING = """\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
FWM  -1 rr
TCP  10.0.0.1:80 wlc persistent 300
  -> 10.0.0.11:80                 Route   3      7          12       \x20
  -> 10.0.0.12:8080               Masq    1      7          12       \x20
TCP  10.0.0.2:0 sh (sh-fallback,sh-port) persistent 60 mask 255.255.255.0
TCP  10.0.0.4:80 rr (flag-1,flag-3)
UDP  10.0.0.1:53 mh (mh-port) ops
  -> 10.0.0.11:53                 Tunnel  0      7          12       \x20
  -> 10.0.0.12:53                 Tunnel  1      7          12       \x20
  -> 10.0.0.13:53                 Tunnel  1      7          12       \x20
UDP  10.0.0.1:5061 rr persistent 60 pe sip ops
SCTP 10.0.0.1:99 lc
TCP  [::ffff:1.2.3.4]:443 nq
  -> [fd00:1111:2222:3333:4444:5555:6666:8888]:443 Route   1      7          12       \x20
  -> 10.0.0.11:443                Tunnel  1      7          12       \x20
FWM  6 IPv6 rr persistent 300 mask 64
"""

SAVED = """\
-A -f 4294967295 -s rr
-A -t 10.0.0.1:80 -s wlc -p 300
-a -t 10.0.0.1:80 -r 10.0.0.11:80 -g -w 3
-a -t 10.0.0.1:80 -r 10.0.0.12:8080 -m -w 1
-A -t 10.0.0.2:0 -s sh -p 60 -M 255.255.255.0 -b sh-fallback,sh-port
-A -t 10.0.0.4:80 -s rr -b flag-1,flag-3
-A -u 10.0.0.1:53 -s mh -o -b mh-port
-a -u 10.0.0.1:53 -r 10.0.0.11:53 -i -w 0 --tun-type ipip
-a -u 10.0.0.1:53 -r 10.0.0.12:53 -i -w 1 --tun-type gue --tun-port 6080 --tun-remcsum
-a -u 10.0.0.1:53 -r 10.0.0.13:53 -i -w 1 --tun-type gre --tun-nocsum
-A -u 10.0.0.1:5061 -s rr -p 60 --pe sip -o
-A --sctp-service 10.0.0.1:99 -s lc
-A -t [::ffff:1.2.3.4]:443 -s nq
-a -t [::ffff:1.2.3.4]:443 -r [fd00:1111:2222:3333:4444:5555:6666:8888]:443 -g -w 1
-a -t [::ffff:1.2.3.4]:443 -r 10.0.0.11:443 -i -w 1 --tun-type ipip
-A -f 6 -6 -s rr -p 300 -M 64
"""


def test_the_listing_is_what_ipvsadm_prints() -> None:
    now = DestinationCounters(active=7, inactive=12, persistent=0, totals=Counters())
    counters = {
        service.key: ServiceCounters(Counters(), {member.key: now for member in service.destinations})
        for service in TABLE.values()
    }
    assert "\n".join(listing(TABLE, counters, "1.2.1 (size=4096)")) + "\n" == LISTING


def test_the_saved_form_is_what_ipvsadm_prints() -> None:
    assert "\n".join(saved(TABLE)) + "\n" == SAVED


@pytest.mark.parametrize(
    ("mark", "family", "written"),
    [
        (1, Family.IPV4, "-f 1"),
        (2**31 - 1, Family.IPV4, "-f 2147483647"),
        (2**31, Family.IPV4, "-f 2147483648"),
        (2**31 + 5, Family.IPV6, "-f 2147483653 -6"),
        (2**32 - 1, Family.IPV6, "-f 4294967295 -6"),
    ],
)
def test_a_mark_is_written_as_ipvsadm_reads_it_in_tables_and_in_commands(
    mark: int, family: Family, written: str
) -> None:
    web = Service(
        ServiceKey(family, Transport.NONE, None, 0, mark),
        "rr",
        netmask=128 if family is Family.IPV6 else 0xFFFFFFFF,
        destinations=(destination("2001:db8::11" if family is Family.IPV6 else "10.0.0.11", 0, Forward.ROUTE),),
    )
    table = table_of(web)
    lines = [*saved(table), *commands(diff({}, table, set()).steps), *commands(diff(table, {}, set(table)).steps)]
    assert len(lines) >= 5
    assert all(f" {written} " in f"{line} " for line in lines)


def test_each_step_is_the_command_that_does_the_same() -> None:
    old = table_of(
        Service(
            key(Transport.TCP, "10.0.0.1", 80), "rr", destinations=(destination("10.0.0.9", 80, Forward.ROUTE),)
        ),
        Service(key(Transport.TCP, "10.0.0.3", 80), "rr"),
    )
    new = table_of(*(service for service in TABLE.values() if service.key.port == 80))
    plan = diff(old, new, set(old))
    assert apply(plan.steps, old) == new
    assert list(commands(plan.steps)) == [
        "ipvsadm -A -t 10.0.0.4:80 -s rr -b flag-1,flag-3",
        "ipvsadm -a -t 10.0.0.1:80 -r 10.0.0.11:80 -g -w 3 -x 100 -y 50",
        "ipvsadm -a -t 10.0.0.1:80 -r 10.0.0.12:8080 -m -w 1",
        "ipvsadm -E -t 10.0.0.1:80 -s wlc -p 300",
        "ipvsadm -d -t 10.0.0.1:80 -r 10.0.0.9:80",
        "ipvsadm -D -t 10.0.0.3:80",
    ]
