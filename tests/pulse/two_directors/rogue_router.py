"""A router that tells everybody, ten times a second for three seconds, that it owns a virtual router.

`python -m tests.pulse.two_directors.rogue_router ID SOURCE [ADDRESS [TO...]]`: ADDRESS is what it says it has, by
default the marker of that virtual router; it tells the group, and each TO besides.
"""

import socket
import struct
import sys
import time

GROUP, PROTOCOL, HIGHEST, TIMES = "224.0.0.18", 112, 254, 30


def advert(router_id: int, source: str, to: str, address: str) -> bytes:
    """Return an advertisement of version 3 with the checksum over its pseudo-header."""
    body = struct.pack("!BBBBHH4s", 0x31, router_id, HIGHEST, 1, 10, 0, socket.inet_aton(address))
    pseudo = socket.inet_aton(source) + socket.inet_aton(to) + struct.pack("!BBH", 0, PROTOCOL, len(body))
    words = sum(struct.unpack(f"!{(len(pseudo) + len(body)) // 2}H", pseudo + body))
    words = (words & 0xFFFF) + (words >> 16)
    return body[:6] + struct.pack("!H", ~(words + (words >> 16)) & 0xFFFF) + body[8:]


def main(router_id: int, source: str, address: str, others: list[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, PROTOCOL) as sender:
        sender.bind((source, 0))
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 255)
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(source))
        for _ in range(TIMES):
            for to in (GROUP, *others):
                sender.sendto(advert(router_id, source, to, address), (to, 0))
            time.sleep(0.1)


if __name__ == "__main__":
    number = int(sys.argv[1])
    main(number, sys.argv[2], (sys.argv[3:4] or [f"169.254.36.{number}"])[0], sys.argv[4:])
