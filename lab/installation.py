"""An installation of Palometa in a clone: its directories, their owners, and the privileges of its processes.

The web part runs as its own user without any capability. Pulse runs as another, with only CAP_NET_ADMIN (the
table, addresses, network settings) and CAP_NET_RAW (ARP); the kernel itself loads the modules of schedulers.
Pulse is in the web part's group, so that it can read the lvs.cf written by the web part and let it use the
control socket. The user IDs need no accounts. Starts nothing.
"""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.privileges import Privileges

WEB_USER = 3636
PULSE_USER = 3637
GROUP = 3636

WEB = Privileges(WEB_USER, GROUP)
PULSE = Privileges(PULSE_USER, GROUP, ("net_admin", "net_raw"))
AS_WEB, AS_PULSE = WEB.setpriv, PULSE.setpriv


@dataclass(frozen=True, slots=True)
class Installation:
    """The directories and the address of one installation; `public_url` is the URL for a browser outside."""

    command: Path
    directory: Path
    runtime_directory: Path
    address: str = "127.0.0.1"
    port: int = 3636
    public_url: str = ""
    trusted_hosts: str = ""

    @property
    def web(self) -> list[str]:
        """The command line of the web part, to be run as root: it drops all privileges."""
        return [*AS_WEB, str(self.command), "web"]

    @property
    def pulse(self) -> list[str]:
        """The command line of pulse, to be run as root: it drops most privileges."""
        # The database, and perhaps a password in its URL, must not reach pulse.
        return [*AS_PULSE, "env", "--unset=PALOMETA_DATABASE_URL", str(self.command), "pulse"]

    @property
    def partner(self) -> list[str]:
        """The command line of the partner link, which shares the web part's user and database."""
        return [*AS_WEB, str(self.command), "partner"]

    def has_partner(self, base: Mapping[str, str]) -> bool:
        """Return whether to start the partner link: its address is set, or it has run before."""
        return bool(base.get("PALOMETA_PARTNER_ADDRESS")) or (self.directory / "state/partner.pem").exists()

    @property
    def lvs_cf(self) -> Path:
        """The configuration file, written by the web part and read by pulse."""
        return self.directory / "ha/lvs.cf"

    def prepare(self) -> None:
        """Create the directories, private to their owners, with lvs.cf readable for pulse; keep their contents."""
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
        """Exit with a message if the web part's user cannot run the command, as after a clone with umask 077."""
        tried = subprocess.run([*AS_WEB, str(self.command), "--version"], capture_output=True, check=False)
        if tried.returncode != 0:
            clone = self.command.parents[2]
            words = tried.stderr.decode(errors="replace").strip().splitlines() or ["no output"]
            raise SystemExit(
                f"The web part runs as user {WEB_USER}, which cannot run {self.command} ({words[-1]}): "
                f"let others read the clone (chmod -R go+rX {clone}) and the Python it uses."
            )

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of the processes; Palometa settings in `base` take precedence."""
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
