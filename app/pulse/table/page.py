"""The control verb ``table``: one page of the routing table. Its cost grows only with the rows that are shown.

Rows are selected by the last reading of the audit, which runs every second; the services on the page are read
again, once for all clients. Nothing is read for a table that nobody views.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from app.host.ipvs.table import IPVSFailed
from app.lvs.ipvs.ipvsadm import listing, saved
from app.lvs.ipvs.table import ServiceKey
from app.lvs.model.config import Config
from app.lvs.reports.status import AddressReport, PulseReport, ServerReport
from app.lvs.reports.table import TableReport
from app.lvs.table_page.document import counts, group_reports, places_of, rates_of
from app.lvs.table_page.ipvsadm_tables import TABLES
from app.lvs.table_page.query import RAW_LINES_A_PAGE, SAVED, QueryDocument, read_query_document
from app.lvs.table_page.rows import SERVER_STATES, SERVICE_STATES, ServiceEntry
from app.lvs.table_page.view import Pair, Shown, ShownGroup, choose, find
from app.pulse.health.keeper import HealthKeeper
from app.pulse.process.control import VerbRefused
from app.pulse.table.absences import Entry
from app.pulse.table.keeper import TableKeeper
from app.pulse.table.report import service_reports
from app.pulse.table.rows import Kernel, TableRows

FRESH_S = 1.0
"""A reading younger than this serves all clients."""
READ_AT_ONCE = 200
"""At most so many services are read again for a request; the others are as the audit read them."""
EVENTS_SHOWN = 20
ADDRESSES_SHOWN = 50

_EMPTY = Shown((), 0, 0, 0, 0, 0, 0, {}, {})


class TablePage:
    """Answers the verb. `pulse` returns the report about pulse, `config` the configuration in force."""

    def __init__(
        self,
        keeper: Callable[[], TableKeeper | None],
        config: Callable[[], Config | None],
        health: HealthKeeper,
        pulse: Callable[[], PulseReport],
        refresh: Callable[[], None],
        absences: Callable[[], Mapping[Entry, str]],
    ) -> None:
        self._keeper = keeper
        self._config = config
        self._health = health
        self._pulse = pulse
        self._refresh = refresh
        self._absences = absences
        self._rows = TableRows(health)

    async def answer(self, request: Mapping[str, Any]) -> TableReport:
        """Return the page `request` asks for; raise VerbRefused."""
        try:
            question = read_query_document(request)
        except ValueError as error:
            raise VerbRefused(str(error)) from error
        keeper = self._keeper()
        if keeper is None:
            return self._document(question, _EMPTY, [], 0.0, self._pulse())
        if question.raw:
            self._refresh()
            return self._raw(question, keeper)
        pulse = self._pulse()
        kernel = _kernel(keeper, pulse)
        rows = self._rows.all(self._config(), kernel)
        shown = choose(rows, question.query())
        keys = _keys(shown)
        # What the kernel refuses here it also refuses the audit, which reports it.
        with suppress(IPVSFailed):
            if keeper.refresh(keys, FRESH_S, READ_AT_ONCE):
                shown = self._renewed(shown, _kernel(keeper, pulse))
        oldest = min((keeper.read_times.get(key, 0.0) for key in keys), default=None)
        return self._document(question, shown, rows, keeper.epoch(oldest), pulse)

    def _renewed(self, shown: Shown, kernel: Kernel) -> Shown:
        """Return the same rows with the latest readings."""
        times = self._health.times()
        fresh: dict[ServiceKey, ServiceEntry] = {
            key: self._rows.row(key, kernel, times) for key in _keys(shown) if key in kernel.table
        }

        def renewed(pair: Pair) -> Pair:
            entry, server = pair
            now = fresh.get(entry.key) if entry.service is not None and entry.key else None
            if now is None:
                return pair
            same = (known for known in now.servers if (known.key, known.place) == (server.key, server.place))
            return now, next(same, server)

        def again(earlier: ShownGroup) -> ShownGroup:
            service = earlier.group.service
            now = fresh.get(service.key, service) if service and service.service and service.key else service
            group = replace(earlier.group, service=now, members=[renewed(pair) for pair in earlier.group.members])
            return replace(earlier, group=group, members=[renewed(pair) for pair in earlier.members])

        return replace(shown, groups=[again(group) for group in shown.groups])

    def _document(
        self, question: QueryDocument, shown: Shown, rows: list[ServiceEntry], read_at: float, pulse: PulseReport
    ) -> TableReport:
        addresses = pulse["addresses"]
        report: TableReport = {
            **pulse,
            "events": pulse["events"][-EVENTS_SHOWN:],
            "addresses": _in_trouble_first(addresses)[:ADDRESSES_SHOWN],
            "addresses_up": sum(address["state"] == "up" for address in addresses),
            "addresses_of": len(addresses),
            "read_at": read_at or pulse["table_read_at"],
            "groups": group_reports(shown, question.tab, self._health_of, self._absences()),
            "lines": shown.lines,
            "offset": shown.offset,
            "services": shown.services,
            "servers": shown.servers,
            "services_found": shown.services_found,
            "servers_found": shown.servers_found,
            "service_states": counts(shown.service_states, SERVICE_STATES),
            "server_states": counts(shown.server_states, SERVER_STATES),
            "per_s": rates_of(rows),
            "raw": [],
            "places": places_of(find(rows, question.query())) if question.wants_places else [],
        }
        return report

    def _health_of(self, position: int, index: int) -> ServerReport | None:
        config = self._config()
        return self._health.report(position, index, config.virtual[position]) if config is not None else None

    def _raw(self, question: QueryDocument, keeper: TableKeeper) -> TableReport:
        report = self._document(question, _EMPTY, [], keeper.epoch(keeper.read_at), self._pulse())
        lines = list(self._lines(question.raw, keeper, report["kernel"]))
        offset = 0 if question.is_whole else min(question.offset, max(0, len(lines) - 1))
        offset -= offset % RAW_LINES_A_PAGE
        end = len(lines) if question.is_whole else offset + RAW_LINES_A_PAGE
        return {
            **report,
            "services": len(keeper.table),
            "servers": sum(len(service.destinations) for service in keeper.table.values()),
            "lines": len(lines),
            "offset": offset,
            "raw": lines[offset:end],
        }

    def _lines(self, raw: str, keeper: TableKeeper, kernel: str) -> Iterator[str]:
        table, counters = keeper.table, keeper.counters
        if raw == SAVED:
            return saved(table)
        if raw == "plain":
            return listing(table, counters, kernel)
        services = list(service_reports(table, counters, None))
        return TABLES[raw]({**self._pulse(), "services": services, "ipvsadm": [], "servers": [], "devices": []})


def _kernel(keeper: TableKeeper, pulse: PulseReport) -> Kernel:
    states = {address["address"]: address["state"] for address in pulse["addresses"]}
    return Kernel(keeper.table, keeper.counters, keeper.totals, keeper.is_known, states)


def _keys(shown: Shown) -> set[ServiceKey]:
    """Return the services that are on the page, or that have a server on it."""
    keys: set[ServiceKey] = set()
    for group in shown.groups:
        entries = [group.group.service] if group.group.service else [entry for entry, _ in group.group.members]
        keys.update(entry.key for entry in entries if entry.service is not None and entry.key is not None)
    return keys


def _in_trouble_first(addresses: list[AddressReport]) -> list[AddressReport]:
    return sorted(addresses, key=lambda address: address["state"] == "up")
