"""Where messages go and from whom, as lvs.cf writes it: mail addresses, servers, a webhook. Only parses them."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from app.lvs.model.printable import shown

SMTP_PORT = 25
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`~-]{1,64}(@[A-Za-z0-9.-]{1,253})?")
_HOST = re.compile(r"[A-Za-z0-9_.-]{1,253}|[0-9A-Fa-f:.]{2,45}")
_FULL_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})+")
_LITERAL = re.compile(r"\[(IPv6:)?([0-9A-Fa-f.:]{2,45})\]")
_URL_LETTERS = re.compile(r"[!-~]+")


class AddressRefused(Exception):
    """A text that is no such address; the message says what was found and what is accepted."""


@dataclass(frozen=True, slots=True)
class WebhookAddress:
    """An address that takes messages by POST; `path` begins with a slash and has the query with it."""

    is_tls: bool
    host: str
    port: int
    path: str


def mail_addresses(text: str) -> tuple[str, ...]:
    """Return the addresses of `text`, which has commas between them; raise AddressRefused."""
    addresses = tuple(word.strip() for word in text.split(",") if word.strip())
    for address in addresses:
        if _MAIL.fullmatch(address) is None:
            raise AddressRefused(
                f"{shown(address)} is not a mail address: write addresses such as admin@example.com, separated by "
                "commas and without names."
            )
    return addresses


def mail_server(text: str) -> tuple[str, int]:
    """Return host and port of `text`: HOST, HOST:PORT, or [IPV6]:PORT; raise AddressRefused."""
    host, port = text.strip(), str(SMTP_PORT)
    if host.startswith("["):
        host, bracket, rest = host[1:].partition("]")
        port = rest.removeprefix(":") or port if bracket else ""
    elif host.count(":") == 1:
        host, _, port = host.partition(":")
    is_port = port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65535
    if _HOST.fullmatch(host) is None or not is_port:
        raise AddressRefused(
            f"{shown(text)} is not a mail server: write its address or name, and its port unless it is "
            f"{SMTP_PORT}, such as 127.0.0.1:25 or [::1]:25."
        )
    return host, int(port)


def helo_name(text: str) -> str:
    """Return the name in `text` by which mail servers know this machine; raise AddressRefused."""
    literal = _LITERAL.fullmatch(text)
    if not (_FULL_NAME.fullmatch(text) if literal is None else _is_address(literal[2], 6 if literal[1] else 4)):
        raise AddressRefused(
            f"{shown(text)} is not a full name: write one with its domain, such as lb.example.com, or an address "
            "in brackets, such as [192.0.2.2] or [IPv6:2001:db8::2]."
        )
    return text


def _is_address(text: str, version: int) -> bool:
    try:
        return ip_address(text).version == version
    except ValueError:
        return False


def webhook(text: str) -> WebhookAddress:
    """Return the address `text` is; raise AddressRefused."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _no_webhook() from None
    host = parts.hostname or ""
    is_tls = parts.scheme == "https"
    is_understood = parts.scheme in ("http", "https") and _HOST.fullmatch(host) and _URL_LETTERS.fullmatch(text)
    if not is_understood or port == 0:
        raise _no_webhook()
    if "@" in parts.netloc:
        raise AddressRefused(
            "a user name and password in the URL are not supported: use a webhook identified by its path alone."
        )
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    return WebhookAddress(is_tls, host, port or (443 if is_tls else 80), path)


def _no_webhook() -> AddressRefused:
    # The text is not shown: who knows it may send messages there.
    return AddressRefused(
        "this is not an http or https URL: write one such as https://chat.example.com/hook/abc, in ASCII and "
        "without blanks."
    )
