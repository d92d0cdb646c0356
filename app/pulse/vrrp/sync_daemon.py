"""Keeps the kernel's sync daemon in this router's role: it sends connections, or receives them."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from app.host.ipvs.table import IPVS, IPVSFailed
from app.host.ipvs.values import SyncDaemon
from app.host.network.link import Link
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config
from app.lvs.reports.pair import Role, SyncReport

SyncRole = Literal["", "master", "backup"]
_ID_BITS = 0xFF
"""Piranha accepted any number, of which the kernel uses eight bits."""

log = logging.getLogger("pulse")


class SyncDaemons:
    """The one owner of sync daemons: one of the wanted role, and none of the other.

    The new one is started before the old one is stopped, so that no message is missed in between. One with other
    settings is stopped first, as the kernel runs only one of each role; so is one whose interface was recreated,
    on which it would neither send nor hear. Without a pair, only those that were started here are stopped. `find`
    returns the interface that a name means.
    """

    def __init__(self, find: Callable[[str], Link | None]) -> None:
        self._find = find
        self._indexes: dict[SyncRole, int] = {}
        self._started: dict[SyncRole, SyncDaemon] = {}
        self._role: SyncRole = ""
        self._trouble = ""

    def apply_role(self, ipvs: IPVS, config: Config, role: SyncRole) -> None:
        """Run the sync daemon of `role`; a failure is reported and retried."""
        self._role = role if effective(config, "syncdaemon") else ""
        try:
            self._converge(ipvs, self._wanted(config, self._role) if self._role else None)
            self._say("")
        except IPVSFailed as failed:
            where = effective(config, "syncd_iface")
            self._say(f"The sync daemon cannot run as {self._role or 'configured'} on {where}: {failed}")

    def report(self) -> SyncReport:
        """Return the wanted role, and why the daemon does not run."""
        return {"role": self._role, "trouble": self._trouble}

    def _converge(self, ipvs: IPVS, wanted: SyncDaemon | None) -> None:
        running = {daemon.is_master: daemon for daemon in ipvs.daemons()}
        if wanted is not None:
            found, link = running.get(wanted.is_master), self._find(wanted.interface)
            is_other = link is not None and self._indexes.get(self._role, link.index) != link.index
            if link is not None:
                self._indexes[self._role] = link.index
            if found is not None and (is_other or not _is(self._by_its_name(found), wanted)):
                ipvs.stop_daemon(found)
                found = None
            if found is None:
                ipvs.start_daemon(wanted)
                log.info("started the sync daemon as %s on %s", self._role, wanted.interface)
            self._started[self._role] = wanted
        for is_master, daemon in running.items():
            role: SyncRole = "master" if is_master else "backup"
            if (wanted is None and role in self._started) or (
                wanted is not None and is_master != wanted.is_master
            ):
                ipvs.stop_daemon(daemon)
                self._started.pop(role, None)

    def _wanted(self, config: Config, role: SyncRole) -> SyncDaemon:
        return self._by_its_name(
            SyncDaemon(
                is_master=role == "master",
                interface=effective(config, "syncd_iface"),
                sync_id=effective(config, "syncd_id") & _ID_BITS,
                maxlen=config.syncd_maxlen or 0,
                group=config.syncd_group,
                port=config.syncd_port or 0,
                ttl=config.syncd_ttl or 0,
            )
        )

    def _by_its_name(self, daemon: SyncDaemon) -> SyncDaemon:
        """Return `daemon` with the name that its interface has now."""
        link = self._find(daemon.interface)
        return daemon if link is None else replace(daemon, interface=link.name)

    def _say(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            log.error("%s", trouble)
        self._trouble = trouble


def _is(found: SyncDaemon, wanted: SyncDaemon) -> bool:
    """Return whether the running daemon is the wanted one; what is left to the kernel may be anything."""
    return (found.interface, found.sync_id) == (wanted.interface, wanted.sync_id) and all(
        setting in (0, None) or setting == there
        for setting, there in (
            (wanted.maxlen, found.maxlen),
            (wanted.group, found.group),
            (wanted.port, found.port),
            (wanted.ttl, found.ttl),
        )
    )


def sync_role(role: Role) -> SyncRole:
    """Return the sync daemon's role on a router of that role; empty: none."""
    if role == "owner":
        return "master"
    return "backup" if role in ("standby", "fault", "starting") else ""
