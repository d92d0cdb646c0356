"""Hears, on the other end of a pair of interfaces, which addresses a machine announces."""

import socket
from collections import Counter
from ipaddress import ip_address

from app.host.packets.probe_frames import claim
from app.lvs.model.values import Address

_ALL_FRAMES = 0x0003


class AnnouncementListener:
    """Hears at eth1 what this machine claims; goes on over a new pair of interfaces."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL_FRAMES))
        self._socket.setblocking(False)
        self.heard: Counter[Address] = Counter()

    def hear(self) -> "Counter[Address]":
        while True:
            try:
                frame, sender = self._socket.recvfrom(2048)
            except BlockingIOError:
                return self.heard
            if sender[0] == "eth1" and (found := claim(frame)) is not None and not found.is_probe:
                self.heard[found.address] += 1

    def forget(self) -> None:
        self.hear()
        self.heard.clear()

    def has_heard(self, times: int, *addresses: str) -> bool:
        heard = self.hear()
        # A gratuitous ARP is a request and a reply.
        return all(
            heard[ip_address(text)] >= times * (2 if ip_address(text).version == 4 else 1) for text in addresses
        )

    def close(self) -> None:
        self._socket.close()
