"""What the running application was made with, for the view functions: settings, store, pulse's status."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import Flask, current_app, request

from app.accept.accept import AcceptContext
from app.accept.on_disk import LvsCfWatch, OnDisk
from app.accept.rule_cache import RuleCache
from app.host.names import HostNames
from app.lvs.grammar.writer import Writer
from app.lvs.keywords.table import effective
from app.lvs.model.machine import Machine
from app.lvs.pair.interface_names import DeviceNames
from app.lvs.reports.pair import PairReport
from app.lvs.reports.table import TableReport
from app.lvs.table_page.query import QueryDocument
from app.settings import Settings
from app.store import Store
from app.web.status.machine import machine_of
from app.web.status.partner_client import PartnerClient, PartnerSeen
from app.web.status.pulse_client import Answer, PulseClient, Seen

_KEY = "palometa"


@dataclass(frozen=True, slots=True)
class _AppParts:
    settings: Settings
    store: Store
    pulse: PulseClient
    judge: RuleCache
    lvs_cf: LvsCfWatch
    partner: PartnerClient
    host_names: HostNames
    writer: Writer


def attach(app: Flask, settings: Settings, store: Store) -> None:
    """Give `app` what its views need."""
    app.extensions[_KEY] = _AppParts(
        settings,
        store,
        PulseClient(settings.pulse_socket),
        RuleCache(),
        LvsCfWatch(settings, store),
        PartnerClient(settings.partner_socket, store),
        HostNames(),
        Writer(),
    )


def settings() -> Settings:
    """Return the settings of this installation."""
    return _parts().settings


def store() -> Store:
    """Return the store the pages edit."""
    return _parts().store


def pulse(serial_no: int | None = None) -> Seen:
    """Return what pulse says of itself, at most a second old, and of after `serial_no` was applied if it was."""
    return _parts().pulse.read(serial_no)


def machine() -> Machine | None:
    """Return what pulse says of this machine, its interfaces by the names the configuration has for them."""
    return device_names().shared_machine(machine_of(pulse_part().report))


def device_names() -> DeviceNames:
    """Return this router's own names of its interfaces."""
    return store().partners.device_names()


def partner_now() -> PartnerSeen:
    """Return what `palometa partner` says this moment, whether there is a partner or not."""
    return _parts().partner.ask(store().partners.find())


def partner() -> PartnerSeen:
    """Return what `palometa partner` says of the other router, at most a second old."""
    return _parts().partner.read()


def pair() -> PairReport | None:
    """Return what pulse says of the pair, at most a second old; it is not asked where there is none."""
    if not effective(store().snapshot().config, "backup_active"):
        return None
    report = pulse_part().report
    return report["pair"] if report is not None else None


def pulse_part(positions: Iterable[int] = (), serial_no: int | None = None) -> Seen:
    """Return the same with the services and servers of the virtual servers at `positions` only."""
    return _parts().pulse.part(positions, serial_no)


def table(question: QueryDocument, serial_no: int | None = None) -> Answer[TableReport]:
    """Return one page of the routing table, at most a second old."""
    return _parts().pulse.table(question, serial_no)


def recent(services: Sequence[str]) -> dict[str, list[float | None]]:
    """Return the new connections per second of `services` in the last ten minutes, as far as pulse knows them."""
    return _parts().pulse.recent(services)


def accept_context(author: str) -> AcceptContext:
    """Return what a change by `author` needs; the one writer keeps the text of virtual servers between changes."""
    return AcceptContext(settings(), store(), _parts().writer, author, request.remote_addr, machine(), judge())


def judge() -> RuleCache:
    """Return who asks the rules, and remembers what they said."""
    return _parts().judge


def host_names() -> HostNames:
    """Return the names of hosts, as far as they are known by now."""
    return _parts().host_names


def lvs_cf() -> OnDisk:
    """Return how lvs.cf stands to what was last written there."""
    return _parts().lvs_cf.compare()


def _parts() -> _AppParts:
    parts = current_app.extensions[_KEY]
    if not isinstance(parts, _AppParts):
        raise TypeError("the application was not made by create_app")
    return parts
