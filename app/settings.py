"""The settings of this installation, from the environment.

Paths, addresses and the database only; everything about the cluster is in lvs.cf.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from app.lvs.ipvs.service_names import host_port

Network = IPv4Network | IPv6Network


class SettingRefused(Exception):
    """A PALOMETA_ variable has an invalid value; the message names it and says what is accepted."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings; each is set by the environment variable named PALOMETA_ and the field in capitals.

    `public_url` is the base of the set-up link, for pages that are reached at another address than `address`.
    `trusted_proxy` holds the addresses of proxies in front of the pages; what they say of the client is believed.
    `check_directory` holds the programs that may be run as checks; `check_user` runs them if pulse is root.
    `partner_address` is the address `palometa partner` listens on; empty means all addresses.
    """

    address: str = "127.0.0.1"
    port: int = 3636
    lvs_cf: Path = Path("/etc/sysconfig/ha/lvs.cf")
    state_directory: Path = Path("/var/lib/palometa")
    runtime_directory: Path = Path("/run/palometa")
    history_directory: Path = Path("/var/lib/palometa-history")
    database_url: str = ""
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    trusted_hosts: tuple[str, ...] = ()
    trusted_proxy: tuple[Network, ...] = ()
    public_url: str = ""
    check_directory: Path = Path("/etc/palometa/checks")
    check_user: str = "nobody"
    partner_address: str = ""
    partner_port: int = 3637

    @property
    def pulse_socket(self) -> Path:
        """The control socket of pulse."""
        return self.runtime_directory / "pulse.sock"

    @property
    def secret_key_file(self) -> Path:
        """The key that signs CSRF tokens; created at the first start, readable only by its owner."""
        return self.state_directory / "secret_key"

    @property
    def lock_file(self) -> Path:
        """Locked while a change is written to the database and to lvs.cf, so that both keep the same order."""
        return self.state_directory / "lvs.cf.lock"

    @property
    def partner_socket(self) -> Path:
        """The socket on which `palometa partner` serves the pages."""
        return self.state_directory / "partner.sock"

    @property
    def partner_identity(self) -> Path:
        """This router's key and certificate; created at the first start, readable only by its owner."""
        return self.state_directory / "partner.pem"

    @property
    def url(self) -> str:
        """The URL of the pages, as typed into a browser."""
        if self.public_url:
            return self.public_url.rstrip("/")
        return f"{'https' if self.tls_certificate else 'http'}://{host_port(self.address, self.port)}"

    @property
    def is_open_to_eavesdroppers(self) -> bool:
        """Whether passwords cross a network in clear: beyond this machine, without TLS here or in a proxy.

        A public URL on loopback says that a relay or a tunnel of this machine is what reaches the pages.
        """
        public = urlsplit(self.url)
        is_local = _is_loopback(self.address) or _is_loopback(public.hostname or "")
        is_encrypted = self.tls_certificate is not None or public.scheme == "https"
        return not (is_local or is_encrypted or self.trusted_proxy)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Return the settings in `environment`; raise SettingRefused for an invalid one."""

        def word(name: str, default: str = "") -> str:
            return environment.get(f"PALOMETA_{name}", "") or default

        def path(name: str) -> Path | None:
            text = word(name)
            return Path(text) if text else None

        certificate, key = path("TLS_CERTIFICATE"), path("TLS_KEY")
        if (certificate is None) != (key is None):
            raise SettingRefused(
                "Only one of PALOMETA_TLS_CERTIFICATE and PALOMETA_TLS_KEY is set: set both, for TLS, or neither."
            )
        state = path("STATE_DIRECTORY") or Path("/var/lib/palometa")
        return cls(
            address=word("ADDRESS", "127.0.0.1"),
            port=_port("PORT", word("PORT", "3636")),
            lvs_cf=path("LVS_CF") or Path("/etc/sysconfig/ha/lvs.cf"),
            state_directory=state,
            runtime_directory=path("RUNTIME_DIRECTORY") or Path("/run/palometa"),
            history_directory=path("HISTORY_DIRECTORY") or Path("/var/lib/palometa-history"),
            database_url=word("DATABASE_URL", f"sqlite:///{state / 'palometa.db'}"),
            tls_certificate=certificate,
            tls_key=key,
            trusted_hosts=tuple(word("TRUSTED_HOSTS").replace(",", " ").split()),
            trusted_proxy=tuple(map(_network, word("TRUSTED_PROXY").replace(",", " ").split())),
            public_url=word("PUBLIC_URL"),
            check_directory=path("CHECK_DIRECTORY") or Path("/etc/palometa/checks"),
            check_user=word("CHECK_USER", "nobody"),
            partner_address=word("PARTNER_ADDRESS"),
            partner_port=_port("PARTNER_PORT", word("PARTNER_PORT", "3637")),
        )


def _port(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        default = 3636 if name == "PORT" else 3637
        raise SettingRefused(f"PALOMETA_{name} is '{text}': use a port from 1 to 65535 (default: {default}).")
    return int(text)


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        found = str(error) if "host bits" in str(error) else f"'{text}' is neither an address nor a network"
        raise SettingRefused(
            f"PALOMETA_TRUSTED_PROXY: {found}. List the addresses from which proxies reach the pages, or their "
            "networks, separated by commas: 127.0.0.1, 192.0.2.0/24, 2001:db8::/64."
        ) from None


def _is_loopback(text: str) -> bool:
    try:
        return text == "localhost" or ip_address(text.strip("[]")).is_loopback
    except ValueError:
        return False
