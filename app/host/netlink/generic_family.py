"""The number the kernel has given a generic netlink family in this boot (linux/genetlink.h).

Asked for over our own socket, since the commands that use it must not load pyroute2 for one number.
"""

import os
import sys

from app.host.netlink.frames import (
    ACK,
    FrameType,
    attribute,
    error_number,
    generic_attributes,
    generic_message,
    messages,
)
from app.host.netlink.socket import NetlinkSocket

_CONTROLLER = 0x10
_CONTROLLER_VERSION = 2
_GET_FAMILY = 3
_FAMILY_ID, _FAMILY_NAME = 1, 2


def family_id(socket: NetlinkSocket, name: str) -> int:
    """Return the number of the family `name`, whose module the kernel loads if it can; raise OSError (ENOENT)."""
    sequence = socket.next_sequence()
    asked = attribute(_FAMILY_NAME, name.encode("ascii") + b"\0")
    socket.send(generic_message(_CONTROLLER, _GET_FAMILY, _CONTROLLER_VERSION, ACK, sequence, asked))
    number = 0
    while True:
        for kind, _, answered, body in messages(socket.receive()):
            if answered != sequence:
                continue
            if kind != FrameType.ERROR:
                number = int.from_bytes(generic_attributes(body)[_FAMILY_ID], sys.byteorder)
            elif code := error_number(body):
                raise OSError(code, os.strerror(code))
            else:
                return number
