"""Palometa as it runs from a clone: its directories, who owns them, and the privileges of its two processes.

The web part runs as a user of its own without any capability. Pulse runs as another, with CAP_NET_ADMIN (the
table, addresses, network settings) and CAP_NET_RAW (ARP) and no more; a scheduler's module is loaded by the kernel
itself. Pulse is in the web part's group: so it reads the lvs.cf that the web part writes, and lets it use the
control socket. The numbers need no accounts. Starts nothing.
"""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

WEB_USER = 3636
PULSE_USER = 3637
GROUP = 3636

_AS_USER = ("setpriv", f"--regid={GROUP}", "--clear-groups", "--no-new-privs")
_NO_CAPABILITY = ("--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all")
_NETWORK = "-all,+net_admin,+net_raw"
AS_WEB = (*_AS_USER, f"--reuid={WEB_USER}", *_NO_CAPABILITY, "--")
AS_PULSE = (
    *_AS_USER,
    f"--reuid={PULSE_USER}",
    f"--inh-caps={_NETWORK}",
    f"--ambient-caps={_NETWORK}",
    f"--bounding-set={_NETWORK}",
    "--",
)


@dataclass(frozen=True, slots=True)
class Installation:
    """Where one Palometa keeps its things and where its page is; `public_url` is what a browser outside types."""

    command: Path
    directory: Path
    runtime_directory: Path
    address: str = "127.0.0.1"
    port: int = 3636
    public_url: str = ""
    trusted_hosts: str = ""

    @property
    def web(self) -> list[str]:
        """The web part's command line, to be run as root: it gives its privileges up."""
        return [*AS_WEB, str(self.command), "web"]

    @property
    def pulse(self) -> list[str]:
        """Pulse's command line, to be run as root: it gives most of its privileges up."""
        # The database, and perhaps a password in its URL, is none of pulse's business.
        return [*AS_PULSE, "env", "--unset=PALOMETA_DATABASE_URL", str(self.command), "pulse"]

    @property
    def partner(self) -> list[str]:
        """The command line of the link to a second router; it shares the web part's user, and its database."""
        return [*AS_WEB, str(self.command), "partner"]

    def has_partner(self, base: Mapping[str, str]) -> bool:
        """Return whether that link is wanted: its address is set, or it has run before."""
        return bool(base.get("PALOMETA_PARTNER_ADDRESS")) or (self.directory / "state/partner.pem").exists()

    @property
    def lvs_cf(self) -> Path:
        """The configuration that the web part writes and pulse reads."""
        return self.directory / "ha/lvs.cf"

    def prepare(self) -> None:
        """Make the directories, each for its owner only and lvs.cf's for pulse to read; keep what is there."""
        self.directory.mkdir(parents=True, exist_ok=True)
        for path, owner, mode in (
            (self.directory / "state", WEB_USER, 0o700),
            (self.lvs_cf.parent, WEB_USER, 0o750),
            (self.runtime_directory, PULSE_USER, 0o750),
            (self.directory / "history", PULSE_USER, 0o750),
        ):
            path.mkdir(exist_ok=True)
            os.chown(path, owner, GROUP)
            path.chmod(mode)

    def require_readable(self) -> None:
        """Exit with a sentence if the web part's user cannot run the command, say after a clone with umask 077."""
        tried = subprocess.run([*AS_WEB, str(self.command), "--version"], capture_output=True, check=False)
        if tried.returncode != 0:
            clone = self.command.parents[2]
            words = tried.stderr.decode(errors="replace").strip().splitlines() or ["it says nothing"]
            raise SystemExit(
                f"The web part runs as user {WEB_USER}, who cannot run {self.command} ({words[-1]}): "
                f"let others read the clone (chmod -R go+rX {clone}) and the Python it uses."
            )

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of both processes: what `base` sets of Palometa's settings stays."""
        settings = {
            "PALOMETA_ADDRESS": self.address,
            "PALOMETA_PORT": str(self.port),
            "PALOMETA_LVS_CF": str(self.lvs_cf),
            "PALOMETA_STATE_DIRECTORY": str(self.directory / "state"),
            "PALOMETA_RUNTIME_DIRECTORY": str(self.runtime_directory),
            "PALOMETA_HISTORY_DIRECTORY": str(self.directory / "history"),
            "PALOMETA_PUBLIC_URL": self.public_url,
            "PALOMETA_TRUSTED_HOSTS": self.trusted_hosts,
            "HOME": str(self.directory / "state"),
        }
        return dict(base) | {
            name: value
            for name, value in settings.items()
            if value and not (name.startswith("PALOMETA_") and base.get(name))
        }
