"""The kernel's connection table as /proc/net/ip_vs_conn writes it: reading its lines, choosing among them.

A table may have a million lines, so a line is judged by its words as they stand, and only one that is shown
becomes a `Connection`. What identifies a service is in `table.py`; the table of services is needed to tell
whose a connection is, because the kernel does not say.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple

from app.lvs.ipvs.service_names import AddressPort, Network, endpoint_text
from app.lvs.ipvs.table import Family, Service, ServiceKey, Table
from app.lvs.model.values import Address
from app.lvs.reports.connections import ConnectionReport

Words = Sequence[bytes]
"""One line: protocol, client, port, virtual, port, destination, port, state, seconds, engine, data."""

CLIENT, CLIENT_PORT, VIRTUAL, VIRTUAL_PORT, SERVER, SERVER_PORT, STATE, EXPIRES = range(1, 9)
_WORDS_MIN = 9
_NO_PORT = b"0000"
_IPV4_SIZE = 8
_MARK_PROTOCOL = b"IP"
COLUMNS = "pro expire state       source             virtual            destination"

Chosen = Callable[[Words], bool]


class Virtual(NamedTuple):
    """Protocol, address and port of a virtual service in the words of the table."""

    protocol: bytes
    address: bytes
    port: bytes


@dataclass(frozen=True, slots=True)
class ConnectionFilter:
    """Which connections are asked for; None: all. `client` is one address or a network."""

    service: ServiceKey | None = None
    server: AddressPort | None = None
    client: Network | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """One entry of the table; it is forgotten in `expires_s` seconds unless another packet comes.

    A persistence template has the client port 0: it is no connection, but says where the next one of that
    client (or of its network) goes. With a firewall mark its `protocol` is IP and `virtual` is the mark.
    `engine` and `engine_data` are the persistence engine's, empty without one.
    """

    protocol: str
    client: Address
    client_port: int
    virtual: Address
    virtual_port: int
    server: Address
    server_port: int
    state: str
    expires_s: int
    engine: str = ""
    engine_data: str = ""

    @property
    def is_template(self) -> bool:
        """Whether this is a persistence template."""
        return self.client_port == 0

    @property
    def fwmark(self) -> int:
        """The firewall mark a template is for; 0: it is for an address, or this is a connection."""
        if self.protocol != "IP" or not self.is_template:
            return 0
        # An IPv6 template has the mark in its first four bytes, where the IPv4 address is in the kernel's union.
        return int.from_bytes(self.virtual.packed[:4])


def words_of(line: bytes) -> Words | None:
    """Return the words of `line`; None: it is the title, an empty line, or nothing this program knows."""
    words = line.split()
    return words if len(words) >= _WORDS_MIN and words[EXPIRES].isdigit() else None


def connection_of(words: Words) -> Connection:
    """Return the entry on a line; raise ValueError when a word is not what the kernel writes."""
    data = b" ".join(words[10:]).decode("ascii", "replace")
    return Connection(
        protocol=words[0].decode("ascii", "replace"),
        client=_address(words[CLIENT]),
        client_port=int(words[CLIENT_PORT], 16),
        virtual=_address(words[VIRTUAL]),
        virtual_port=int(words[VIRTUAL_PORT], 16),
        server=_address(words[SERVER]),
        server_port=int(words[SERVER_PORT], 16),
        state=words[STATE].decode("ascii", "replace"),
        expires_s=int(words[EXPIRES]),
        engine=words[9].decode("ascii", "replace") if len(words) > 9 else "",
        engine_data=data,
    )


def is_template(words: Words) -> bool:
    """Return whether a line is a persistence template."""
    return words[CLIENT_PORT] == _NO_PORT


def chooser(query: ConnectionFilter, table: Table) -> Chosen:
    """Return whether a line is one of those `query` asks for, in a kernel that holds the services of `table`.

    A template of the client's network counts as the client's own: it is where the client goes.
    """
    judges: list[Chosen] = []
    if query.state is not None:
        state = query.state.upper().encode()
        judges.append(lambda words: words[STATE] == state)
    if query.client is not None:
        judges.append(_of_client(query.client, table))
    if query.server is not None:
        judges.append(_of_server(query.server))
    if query.service is not None:
        judges.append(_of_service(query.service, table))
    if len(judges) == 1:
        return judges[0]
    return lambda words: all(judge(words) for judge in judges)


def virtual_of(key: ServiceKey) -> Virtual:
    """Return what the templates of a service, and with an address its connections, have as their virtual."""
    if key.address is None:
        packed = key.fwmark.to_bytes(4)
        mark = IPv6Address(packed.ljust(16, b"\0")) if key.family is Family.IPV6 else IPv4Address(packed)
        return Virtual(_MARK_PROTOCOL, address_word(mark), _NO_PORT)
    return Virtual(key.transport.name.encode(), address_word(key.address), b"%04X" % key.port)


def persistence_client(client: Address, service: Service) -> Address | None:
    """Return the address under which a template of `service` has `client`; None: another family, or none."""
    if client.version != service.key.family or not service.persistent_s:
        return None
    if service.key.family is Family.IPV4:
        return IPv4Address(int(client) & service.netmask)
    shift = 128 - service.netmask
    return IPv6Address(int(client) >> shift << shift)


def address_word(address: Address) -> bytes:
    """Return `address` as the kernel writes it in the table."""
    return address.exploded.encode() if address.version == 6 else b"%08X" % int(address)


def address_of_word(word: bytes) -> Address:
    """Return the address the kernel has written; raise ValueError."""
    return _address(word)


def connection_lines(connections: Sequence[Connection]) -> Iterator[str]:
    """Yield the lines of ``ipvsadm -Lnc``."""
    yield "IPVS connection entries"
    yield COLUMNS
    for connection in connections:
        minutes, seconds = divmod(connection.expires_s, 60)
        client = endpoint_text(connection.client, connection.client_port)
        virtual = endpoint_text(connection.virtual, connection.virtual_port)
        server = endpoint_text(connection.server, connection.server_port)
        expires = f"{minutes:02}:{seconds:02}"
        yield f"{connection.protocol:<3} {expires:<6} {connection.state:<11} {client:<18} {virtual:<18} {server}"


def _of_server(server: AddressPort) -> Chosen:
    address = address_word(server.address)
    if server.port is None:
        return lambda words: words[SERVER] == address
    port = b"%04X" % server.port
    return lambda words: words[SERVER] == address and words[SERVER_PORT] == port


def _of_client(network: Network, table: Table) -> Chosen:
    if network.prefixlen < network.max_prefixlen:
        size = _IPV4_SIZE if network.version == 4 else 39
        shift = network.max_prefixlen - network.prefixlen
        prefix = int(network.network_address) >> shift
        return lambda words: len(words[CLIENT]) == size and _number(words[CLIENT]) >> shift == prefix
    client = network.network_address
    word = address_word(client)
    groups: dict[Virtual, bytes] = {}
    for key, service in table.items():
        group = persistence_client(client, service)
        if group is not None:
            groups[virtual_of(key)] = address_word(group)

    def is_clients(words: Words) -> bool:
        if words[CLIENT] == word:
            return True
        return words[CLIENT_PORT] == _NO_PORT and groups.get(_virtual(words)) == words[CLIENT]

    return is_clients


def _of_service(key: ServiceKey, table: Table) -> Chosen:
    wanted = virtual_of(key)
    if key.address is not None and key.port:
        return lambda words: words[VIRTUAL] == wanted.address and _virtual(words) == wanted
    named = {virtual_of(other) for other in table if other.address is not None}
    if key.address is not None:
        # All ports but those that are services of their own.
        return lambda words: (
            (words[0], words[VIRTUAL]) == wanted[:2]
            and (_virtual(words) == wanted or _virtual(words) not in named)
        )
    service = table.get(key)
    servers = {address_word(destination.key.address) for destination in service.destinations} if service else set()
    sizes = {_IPV4_SIZE} if key.family is Family.IPV4 else {39}

    def is_marked(words: Words) -> bool:
        if is_template(words):
            return _virtual(words) == wanted
        # The kernel does not say by which mark it came: it is one that no service with an address explains.
        if words[SERVER] not in servers or len(words[VIRTUAL]) not in sizes:
            return False
        there = _virtual(words)
        return there not in named and there._replace(port=_NO_PORT) not in named

    return is_marked


def _virtual(words: Words) -> Virtual:
    return Virtual(words[0], words[VIRTUAL], words[VIRTUAL_PORT])


def _number(word: bytes) -> int:
    return int(word.replace(b":", b""), 16)


def _address(word: bytes) -> Address:
    if len(word) == _IPV4_SIZE:
        return IPv4Address(int(word, 16))
    return IPv6Address(word.decode("ascii"))


def connection_of_report(row: ConnectionReport) -> Connection:
    """Return the entry in `row`."""
    return Connection(
        row["protocol"],
        ip_address(row["client"]),
        row["client_port"],
        ip_address(row["virtual"]),
        row["virtual_port"],
        ip_address(row["server"]),
        row["server_port"],
        row["state"],
        row["expires_s"],
        row["engine"],
        row["engine_data"],
    )
