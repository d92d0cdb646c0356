"""The parts of the running application, for the view functions: settings, store, pulse's client and the rest."""

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app, request
from werkzeug.local import LocalProxy

from app.accept.accept import AcceptContext
from app.accept.on_disk import LvsCfWatch
from app.accept.rule_cache import RuleCache
from app.host.names import HostNames
from app.lvs.grammar.writer import Writer
from app.lvs.keywords.table import effective
from app.lvs.model.machine import Machine
from app.lvs.pair.interface_names import DeviceNames
from app.lvs.reports.pair import PairReport
from app.settings import Settings
from app.store import Store
from app.web.status.machine import machine_of
from app.web.status.partner_client import PartnerClient, PartnerSeen
from app.web.status.pulse_client import PulseClient

_KEY = "palometa"


@dataclass(frozen=True, slots=True)
class AppParts:
    """What an application was made with, and what several views ask of these parts together."""

    settings: Settings
    store: Store
    pulse: PulseClient
    judge: RuleCache
    lvs_cf: LvsCfWatch
    partner: PartnerClient
    host_names: HostNames
    writer: Writer

    def machine(self) -> Machine | None:
        """Return what pulse reports of this machine, its interfaces by their names in the configuration."""
        return self.device_names().shared_machine(machine_of(self.pulse.part().report))

    def device_names(self) -> DeviceNames:
        """Return this router's own names for its interfaces."""
        return self.store.partners.device_names()

    def partner_now(self) -> PartnerSeen:
        """Return what `palometa partner` reports at this moment, whether there is a partner or not."""
        return self.partner.ask(self.store.partners.find())

    def pair(self) -> PairReport | None:
        """Return what pulse reports of the pair, at most a second old; pulse is not asked if there is no pair."""
        if not effective(self.store.snapshot().config, "backup_active"):
            return None
        report = self.pulse.part().report
        return report["pair"] if report is not None else None

    def accept_context(self, author: str) -> AcceptContext:
        """Return what a change by `author` needs; its one writer keeps the text of unchanged virtual servers."""
        remote = request.remote_addr
        return AcceptContext(self.settings, self.store, self.writer, author, remote, self.machine(), self.judge)


def attach(app: Flask, settings: Settings, store: Store) -> None:
    """Give `app` its parts."""
    app.extensions[_KEY] = AppParts(
        settings,
        store,
        PulseClient(settings.pulse_socket),
        RuleCache(),
        LvsCfWatch(settings, store),
        PartnerClient(settings.partner_socket, store),
        HostNames(),
        Writer(),
    )


def _parts() -> AppParts:
    parts = current_app.extensions[_KEY]
    if not isinstance(parts, AppParts):
        raise TypeError("the application was not made by create_app")
    return parts


current = cast(AppParts, LocalProxy(_parts))
"""The parts of the application that serves the present request."""
