"""Who asks, how and for which host: what a trusted proxy says of it is believed, what anybody else says is not.

werkzeug's ProxyFix counts proxies and asks no address, so that who reaches the port directly could be anybody.
Here the connection has to come from an address in PALOMETA_TRUSTED_PROXY.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING

from app.settings import Network

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Address = IPv4Address | IPv6Address

_CLIENT, _SCHEME, _HOST = "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST"
SCHEMES = ("http", "https")


class TrustedProxy:
    """A WSGI application before `application` that puts the client in the place of the proxy."""

    def __init__(self, application: "WSGIApplication", proxies: Sequence[Network]) -> None:
        self._application = application
        self._proxies = proxies

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer the request of `environ`."""
        said = {name: environ.pop(name, "") for name in (_CLIENT, _SCHEME, _HOST)}
        remote = environ.get("REMOTE_ADDR", "")
        address = _address(remote)
        if address is not None:
            # The same client has one address, whether the socket speaks IPv6 or not.
            environ["REMOTE_ADDR"] = str(address)
        if is_trusted(remote, self._proxies):
            environ["REMOTE_ADDR"] = client_behind(remote, said[_CLIENT], self._proxies)
            scheme, host = _last(said[_SCHEME]).lower(), _last(said[_HOST])
            if scheme in SCHEMES:
                environ["wsgi.url_scheme"] = scheme
            if host:
                environ["HTTP_HOST"] = host
        return self._application(environ, start_response)


def is_trusted(remote: str, proxies: Sequence[Network]) -> bool:
    """Return whether `remote` is the address of a proxy."""
    address = _address(remote) if proxies else None
    return address is not None and any(address in network for network in proxies)


def client_behind(remote: str, forwarded_for: str, proxies: Sequence[Network]) -> str:
    """Return the client's address: the last one in X-Forwarded-For that is not a proxy's.

    Each proxy appends who asked it, so what stands before that was said by the client, and may be invented.
    """
    found = _address(remote)
    for word in reversed(forwarded_for.split(",")):
        if found is None or not is_trusted(str(found), proxies):
            break
        address = _address(_without_port(word.strip()))
        if address is None:
            break
        found = address
    return str(found) if found is not None else remote


def _last(text: str) -> str:
    return text.rpartition(",")[2].strip()


def _without_port(text: str) -> str:
    """Return `192.0.2.1` of `192.0.2.1:4000`, and `2001:db8::1` of `"[2001:db8::1]:4000"`."""
    text = text.strip('"')
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _address(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return address if mapped is None else mapped
