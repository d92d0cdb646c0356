"""What the kernel says of IPVS as a whole, as values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a connection without traffic is remembered, in seconds; for the whole network namespace."""

    tcp_s: int
    tcpfin_s: int
    udp_s: int


@dataclass(frozen=True, slots=True)
class Version:
    """IPVS's own version, as ``1.2.1``, and the number of rows of its connection table."""

    number: str
    connection_table_size: int

    def __str__(self) -> str:
        return f"{self.number} (size={self.connection_table_size})"
