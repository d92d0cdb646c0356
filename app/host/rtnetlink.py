"""Links and addresses of this network namespace over rtnetlink, by pyroute2.

pyroute2 runs an event loop of its own for each call, which cannot nest in the daemon's loop; so its socket
lives in a thread of its own, and a call here waits for that thread.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address
from types import TracebackType
from typing import Any, Self, TypeVar

from pyroute2 import IPRoute
from pyroute2.netlink.exceptions import NetlinkError

from app.lvs.values import Address

IS_SECONDARY = 0x01
NO_DUPLICATE_DETECTION = 0x02
IS_DEPRECATED = 0x20
_IS_RUNNING = 0x40

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Link:
    """A network interface; `is_up`: switched on and with a carrier. `hardware` is empty where there is none."""

    index: int
    name: str
    is_up: bool
    hardware: str


@dataclass(frozen=True, slots=True)
class LinkAddress:
    """An address on the interface `index`, with all that is needed to put it back."""

    index: int
    address: Address
    prefix: int
    label: str | None = None
    broadcast: str | None = None
    scope: int = 0
    flags: int = 0


class RouteSocket:
    """Use with ``with``; the network namespace is that of the thread which enters. Errors are OSError."""

    def __enter__(self) -> Self:
        self._thread = ThreadPoolExecutor(1, "rtnetlink")
        try:
            self._route = self._call(IPRoute)
        except BaseException:
            self._thread.shutdown()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._call(self._route.close)
        finally:
            self._thread.shutdown()

    def links(self) -> tuple[Link, ...]:
        """Return the interfaces in the kernel's order."""
        return tuple(
            Link(
                index=message["index"],
                name=message.get_attr("IFLA_IFNAME"),
                is_up=bool(message["flags"] & _IS_RUNNING),
                hardware=message.get_attr("IFLA_ADDRESS") or "",
            )
            for message in self._call(lambda: list(self._route.get_links()))
        )

    def addresses(self) -> tuple[LinkAddress, ...]:
        """Return the addresses of all interfaces."""
        return tuple(_address(message) for message in self._call(lambda: list(self._route.get_addr())))

    def add(self, address: LinkAddress) -> None:
        """Put `address` on its interface; FileExistsError when it is there."""
        self._call(lambda: self._route.addr("add", **_words(address)))

    def delete(self, address: LinkAddress) -> None:
        """Take `address` off its interface; its label and flags are not looked at."""
        named = {"index": address.index, "address": str(address.address), "prefixlen": address.prefix}
        self._call(lambda: self._route.addr("del", **named))

    def _call(self, question: Callable[[], _Answer]) -> _Answer:
        try:
            return self._thread.submit(question).result()
        except NetlinkError as error:
            # OSError picks its own subclass by the number.
            raise OSError(error.code, str(error.args[-1])) from error


def _words(address: LinkAddress) -> dict[str, Any]:
    words: dict[str, Any] = {
        "index": address.index,
        "address": str(address.address),
        "prefixlen": address.prefix,
        "scope": address.scope,
        "flags": address.flags,
    }
    if address.flags & IS_DEPRECATED:
        # The flag is the kernel's to set: it does where the preferred lifetime is over.
        words["preferred_lft"] = 0
    if address.label is not None:
        words["label"] = address.label
    if address.broadcast is not None:
        words["broadcast"] = address.broadcast
    return words


def _address(message: Any) -> LinkAddress:
    # On a point-to-point link ADDRESS is the other end, LOCAL is ours; IPv6 has LOCAL only there.
    text = message.get_attr("IFA_LOCAL") or message.get_attr("IFA_ADDRESS")
    address = ip_address(text)
    is_ipv4 = isinstance(address, IPv4Address)
    return LinkAddress(
        index=message["index"],
        address=address,
        prefix=message["prefixlen"],
        label=message.get_attr("IFA_LABEL") if is_ipv4 else None,
        broadcast=message.get_attr("IFA_BROADCAST") if is_ipv4 else None,
        scope=message["scope"],
        flags=message.get_attr("IFA_FLAGS") or message["flags"],
    )
