"""The global values of IPVS in the kernel."""

from dataclasses import dataclass

from app.lvs.model.values import Address


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a connection without traffic is remembered, in seconds; for the whole network namespace."""

    tcp_s: int
    tcpfin_s: int
    udp_s: int


@dataclass(frozen=True, slots=True)
class KernelVersion:
    """The version of IPVS, such as ``1.2.1``, and the number of rows of its connection table."""

    number: str
    connection_table_size: int

    def __str__(self) -> str:
        return f"{self.number} (size={self.connection_table_size})"


@dataclass(frozen=True, slots=True)
class SyncDaemon:
    """A thread of the kernel that sends connections to a backup router, or receives them there.

    `maxlen` is the longest message in bytes; `group` None: a kernel before 4.3, which reports only the first
    three.
    """

    is_master: bool
    interface: str
    sync_id: int
    maxlen: int = 0
    group: Address | None = None
    port: int = 0
    ttl: int = 0
