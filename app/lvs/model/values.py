"""The small values lvs.cf and the kernel share: addresses, masks, and the words that name choices."""

import enum
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

Address = IPv4Address | IPv6Address


class Network(enum.StrEnum):
    """How a packet reaches the real server; lvs.cf's ``network``, on the pages 'network type'."""

    NAT = "nat"
    DIRECT = "direct"
    TUNNEL = "tunnel"


class Protocol(enum.StrEnum):
    TCP = "tcp"
    UDP = "udp"
    SCTP = "sctp"


class TunnelType(enum.StrEnum):
    IPIP = "ipip"
    GUE = "gue"
    GRE = "gre"


class TunnelChecksum(enum.StrEnum):
    """ipvsadm's ``--tun-nocsum``, ``--tun-csum``, ``--tun-remcsum``."""

    NONE = "nocsum"
    FULL = "csum"
    REMOTE = "remcsum"


class ClusterType(enum.StrEnum):
    """lvs.cf's ``service``: virtual servers, or Piranha's abandoned failover services."""

    LVS = "lvs"
    FOS = "fos"


class ReservationConflictAction(enum.StrEnum):
    NOTHING = "nothing"
    PREEMPT = "preempt"


class OnStop(enum.StrEnum):
    """What pulse does with its addresses and services when it is stopped."""

    KEEP = "keep"
    WITHDRAW = "withdraw"


class AdminState(enum.StrEnum):
    """The administrative state of a real server, independent of its checks."""

    READY = "ready"
    DRAIN = "drain"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True)
class Prefix:
    """A netmask written as a prefix length (``/64``); the only form for IPv6."""

    length: int

    def __str__(self) -> str:
        return f"/{self.length}"


Netmask = IPv4Address | Prefix
"""A dotted IPv4 mask as Piranha wrote it (contiguous or not), or a prefix length."""


def prefix_length(mask: Netmask | None, address: Address) -> int | None:
    """Return the prefix length `mask` means for `address`.

    None: no mask is given (absent or 0.0.0.0, Piranha's 'Unused'), or the dotted mask is not contiguous.
    """
    if mask is None:
        return None
    if isinstance(mask, Prefix):
        return mask.length if 0 < mask.length <= address.max_prefixlen else None
    bits = int(mask)
    inverted = bits ^ 0xFFFFFFFF
    if bits == 0 or inverted & (inverted + 1) or address.version != 4:
        return None
    return 32 - inverted.bit_length()


@dataclass(frozen=True, slots=True)
class Floating:
    """An address pulse brings up, and the device it goes on (``10.0.0.1 eth0:1``).

    `device` may be empty only on a page; lvs.cf always has both words.
    """

    address: Address
    device: str

    @property
    def interface(self) -> str:
        """The device without its alias part: ``eth0`` of ``eth0:1``."""
        return self.device.partition(":")[0]

    def __str__(self) -> str:
        return f"{self.address} {self.device}"


AGENT = "agent"
"""The word of ``load_monitor`` that is ours."""
