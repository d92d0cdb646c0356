"""The numbers of IPVS in generic netlink, from linux/ip_vs.h."""

import enum
import socket

from app.lvs.ipvs.table import Family
from app.lvs.model.values import TunnelChecksum, TunnelType

FAMILY_NAME = "IPVS"
VERSION = 1


class Command(enum.IntEnum):
    """The commands in use. The one that flushes the whole table is left out on purpose."""

    NEW_SERVICE = 1
    SET_SERVICE = 2
    DELETE_SERVICE = 3
    GET_SERVICE = 4
    NEW_DESTINATION = 5
    SET_DESTINATION = 6
    DELETE_DESTINATION = 7
    GET_DESTINATION = 8
    NEW_DAEMON = 9
    DELETE_DAEMON = 10
    GET_DAEMON = 11
    SET_CONFIG = 12
    GET_CONFIG = 13
    GET_INFO = 15
    ZERO = 16


class Top:
    """Attributes of the first level."""

    SERVICE = 1
    DESTINATION = 2
    DAEMON = 3
    TIMEOUT_TCP = 4
    TIMEOUT_TCP_FIN = 5
    TIMEOUT_UDP = 6


class OfService:
    """Attributes inside SERVICE."""

    FAMILY = 1
    PROTOCOL = 2
    ADDRESS = 3
    PORT = 4
    FWMARK = 5
    SCHEDULER = 6
    FLAGS = 7
    TIMEOUT = 8
    NETMASK = 9
    STATS = 10
    ENGINE = 11
    STATS64 = 12


class OfDestination:
    """Attributes inside DESTINATION."""

    ADDRESS = 1
    PORT = 2
    FORWARD = 3
    WEIGHT = 4
    UPPER = 5
    LOWER = 6
    ACTIVE = 7
    INACTIVE = 8
    PERSISTENT = 9
    STATS = 10
    FAMILY = 11
    STATS64 = 12
    TUNNEL_TYPE = 13
    TUNNEL_PORT = 14
    TUNNEL_FLAGS = 15


class OfDaemon:
    """Attributes inside DAEMON."""

    STATE = 1
    INTERFACE = 2
    SYNC_ID = 3
    MAXLEN = 4
    GROUP = 5
    GROUP6 = 6
    PORT = 7
    TTL = 8


class DaemonState:
    """The role of a sync daemon."""

    MASTER = 1
    BACKUP = 2


class OfInfo:
    """Attributes of the answer to GET_INFO."""

    VERSION = 1
    TABLE_SIZE = 2


class Flag:
    """Bits of a service's FLAGS; all others (0x2, 'hashed') are internal to the kernel."""

    PERSISTENT = 0x01
    ONE_PACKET = 0x04
    SCHEDULER = 0x38


ALL_ONES = 0xFFFFFFFF
FORWARD_MASK = 0x7

ADDRESS_FAMILY = {Family.IPV4: int(socket.AF_INET), Family.IPV6: int(socket.AF_INET6)}
TUNNEL_TYPE = {TunnelType.IPIP: 0, TunnelType.GUE: 1, TunnelType.GRE: 2}
TUNNEL_FLAGS = {TunnelChecksum.NONE: 0, TunnelChecksum.FULL: 1, TunnelChecksum.REMOTE: 2}


def each_alone(family: Family) -> int:
    """Return the persistence mask that treats every client separately."""
    return ALL_ONES if family is Family.IPV4 else 128
