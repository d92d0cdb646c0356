"""How services, addresses and networks are written, and how typed ones are read; the only such place."""

import socket
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import NamedTuple

from app.lvs.ipvs.table import Family, ServiceKey, Transport
from app.lvs.model.values import Address

Network = IPv4Network | IPv6Network


class AddressPort(NamedTuple):
    """An address, and a port or None for any."""

    address: Address
    port: int | None


def read_network(text: str) -> Network:
    """Return the address or network a person typed; raise ValueError with a sentence."""
    try:
        return ip_network(text.strip().strip("[]"), strict=False)
    except ValueError as error:
        raise ValueError(
            f"{text!r} is not an address: a client is an address or a network, such as "
            "192.0.2.7, 192.0.2.0/24 or 2001:db8::/64"
        ) from error


def read_endpoint(text: str) -> AddressPort:
    """Return the address, with a port or without, a person typed; raise ValueError with a sentence."""
    found = text.strip()
    address, port = found, ""
    if found.startswith("[") and "]" in found:
        address, _, port = found[1:].partition("]")
        port = port.removeprefix(":")
    elif found.count(":") == 1:
        address, _, port = found.partition(":")
    try:
        number = None if not port else int(port) if port.isascii() and port.isdigit() else -1
        if number is not None and not 0 <= number <= 0xFFFF:
            raise ValueError(port)
        return AddressPort(ip_address(address), number)
    except ValueError as error:
        raise ValueError(
            f"{text!r} is not an address: write ADDRESS or ADDRESS:PORT, such as 192.0.2.7:80 or [2001:db8::7]:80"
        ) from error


def read_service(text: str) -> ServiceKey:
    """Return the service a person typed, as ipvsadm names it; raise ValueError with a sentence.

    ``tcp 192.0.2.1:80``, ``udp [2001:db8::1]:53``, ``fwm 5``, ``fwm 5 IPv6``; without a protocol it is TCP.
    """
    words = text.split()
    protocol = words.pop(0).upper() if words and words[0].isalpha() else "TCP"
    try:
        if protocol == "FWM":
            family = Family.IPV6 if words[1:] and words[1].casefold() == "ipv6" else Family.IPV4
            mark = int(words[0]) % (1 << 32)
            return ServiceKey(family, Transport.NONE, None, 0, mark)
        if protocol not in ("TCP", "UDP", "SCTP") or len(words) != 1:
            raise ValueError(text)
        address, port = read_endpoint(words[0])
    except (ValueError, IndexError) as error:
        raise ValueError(
            f"{text!r} is not a service: write tcp, udp or sctp and ADDRESS:PORT, such as 'tcp 192.0.2.1:80', or "
            "fwm and a mark, such as 'fwm 5' or 'fwm 5 IPv6'"
        ) from error
    return ServiceKey(Family(address.version), Transport[protocol], address, port or 0)


def service_text(key: ServiceKey) -> str:
    """Return what `read_service` takes back."""
    if key.address is None:
        return f"fwm {mark_name(key.fwmark, key.family)}"
    return f"{key.transport.name.lower()} {endpoint_text(key.address, key.port)}"


def address_text(address: Address) -> str:
    """Return `address` as glibc writes it, which ipvsadm prints (``::ffff:192.0.2.1``, where Python would not)."""
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    return socket.inet_ntop(family, address.packed)


def endpoint_text(address: Address, port: int) -> str:
    """Return ``ADDRESS:PORT``, an IPv6 address in brackets."""
    return host_port(address_text(address), port)


def host_port(host: str, port: int) -> str:
    """Return ``HOST:PORT`` for an address or host name, with an IPv6 address in brackets."""
    return f"{bracketed(host)}:{port}"


def bracketed(host: str) -> str:
    """Return `host` as it appears before a port and in a URL: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


def protocol_word(key: ServiceKey) -> str:
    """Return ipvsadm's first column: TCP, UDP, SCTP or FWM."""
    return "FWM" if key.fwmark else key.transport.name


def service_name(key: ServiceKey) -> str:
    """Return the service as the second column of a listing names it."""
    if key.address is None:
        return mark_name(signed_mark(key.fwmark), key.family)
    return endpoint_text(key.address, key.port)


def mark_name(mark: int, family: int) -> str:
    """Return a firewall mark as ipvsadm lists it: ``5``, ``5 IPv6``."""
    return f"{mark} IPv6" if family == Family.IPV6 else str(mark)


def signed_mark(mark: int) -> int:
    """Return `mark` as a signed 32-bit number: ipvsadm prints marks that way, and accepts only the other."""
    return mark - (1 << 32) if mark >= 1 << 31 else mark
