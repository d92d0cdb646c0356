"""The kernel's connection table as it prints it, and the services it belongs to."""

from collections.abc import Iterable

from app.lvs.ipvs.connection_table import (
    ConnectionFilter,
    chooser,
    words_of,
)
from app.lvs.ipvs.service_names import read_endpoint, read_service
from app.lvs.ipvs.table import Destination, DestinationKey, Forward, Service, Table

TITLE = b"Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData"


LINES = b"""\
TCP 0A090001 C592 0A090001 0050 7F000001 0050 CLOSE_WAIT       59
UDP 0A090002 D9DC 0A090002 14E9 7F000001 14E9 UDP             299
IP  0A090002 0000 00000007 0000 7F000001 0000 ASSURED          59
TCP 0A090000 0000 0A090001 0050 7F000001 0050 ASSURED         299
TCP 0A090001 C586 0A090001 0050 7F000001 0050 ESTABLISHED     899
TCP 0A090002 E34E 0A090002 0051 7F000001 0051 ESTABLISHED     899
TCP fd00:1111:2222:3333:4444:5555:6666:8888 B1AE fd00:1111:2222:3333:4444:5555:6666:8888 0050 \
fd00:0000:0000:0000:0000:0000:0000:0001 0050 ESTABLISHED     899
TCP fd00:1111:2222:3333:4444:5555:6666:8888 0000 fd00:1111:2222:3333:4444:5555:6666:8888 0050 \
fd00:0000:0000:0000:0000:0000:0000:0001 0050 ASSURED          59
""".splitlines()


def service(name: str, *servers: str, persistent_s: int = 0, netmask: int = 0xFFFFFFFF) -> Service:
    """Return the service `name`, as `read_service` takes it, with weight 1 for each of `servers`."""
    found = [read_endpoint(server) for server in servers]
    return Service(
        read_service(name),
        "rr",
        persistent_s=persistent_s,
        netmask=netmask,
        destinations=tuple(
            Destination(DestinationKey(connection.address, connection.port or 0), Forward.MASQUERADE, 1)
            for connection in found
        ),
    )


def table_of(*services: Service) -> Table:
    return {held.key: held for held in services}


TABLE = table_of(
    service("tcp 10.9.0.1:80", "127.0.0.1:80", persistent_s=300, netmask=0xFFFFFF00),
    service("udp 10.9.0.2:5353", "127.0.0.1:5353"),
    service("fwm 7", "127.0.0.1:81", persistent_s=60),
    service("tcp [fd00:1111:2222:3333:4444:5555:6666:8888]:80", "[fd00::1]:80", persistent_s=60, netmask=128),
)


def found(query: ConnectionFilter, table: Table = TABLE, lines: Iterable[bytes] = LINES) -> list[int]:
    """Return the numbers, from 0, of the lines that are chosen."""
    chosen = chooser(query, table)
    return [number for number, line in enumerate(lines) if chosen(words_of(line) or ())]
