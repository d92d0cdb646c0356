"""The verb ``table`` of the stand-in for pulse: rows made of a recorded report, chosen as pulse chooses them."""

import re
import time
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from app.lvs.ipvs.counters import Counters, DestinationCounters
from app.lvs.ipvs.ipvsadm import FORWARD_WORDS
from app.lvs.ipvs.table import (
    NO_SCHEDULER_BITS,
    Destination,
    DestinationKey,
    Family,
    Forward,
    SchedulerBits,
    Service,
    ServiceKey,
    Transport,
)
from app.lvs.reports.status import CountersReport, DestinationReport, ServerReport, ServiceReport, StatusReport
from app.lvs.table_page.document import counts, group_reports, places_of, rates_of
from app.lvs.table_page.ipvsadm_tables import TABLES
from app.lvs.table_page.query import RAW_LINES_A_PAGE, SAVED, read_query_document
from app.lvs.table_page.rows import (
    SERVER_STATES,
    SERVICE_STATES,
    ServerEntry,
    ServiceEntry,
    reach_of,
    state_of_service,
)
from app.lvs.table_page.view import choose, find

FORWARDS = {word: forward for forward, word in FORWARD_WORDS.items()}


def table_answer(report: StatusReport, request: Mapping[str, Any], saved: list[str]) -> dict[str, Any]:
    """Return what pulse would answer to `request` where it knows what `report` says."""
    question = read_query_document(request)
    rows = rows_of(report)
    shown = choose(rows, question.query())
    health = {(server["position"], server["index"]): server for server in report["servers"]}
    lines = saved if question.raw == SAVED else list(TABLES[question.raw or "plain"](report))
    told = {
        name: part for name, part in report.items() if name not in ("services", "ipvsadm", "servers", "devices")
    }
    raw = {"lines": len(lines), "offset": 0, "raw": lines if question.is_whole else lines[:RAW_LINES_A_PAGE]}
    return {
        **told,
        "addresses_up": sum(address["state"] == "up" for address in report["addresses"]),
        "addresses_of": len(report["addresses"]),
        "read_at": time.time(),
        "groups": group_reports(shown, question.tab, lambda *place: health.get(place), {}),
        "services": shown.services,
        "servers": shown.servers,
        "services_found": shown.services_found,
        "servers_found": shown.servers_found,
        "service_states": counts(shown.service_states, SERVICE_STATES),
        "server_states": counts(shown.server_states, SERVER_STATES),
        "per_s": rates_of(rows),
        "places": places_of(find(rows, question.query())) if question.wants_places else [],
        **(raw if question.raw else {"lines": shown.lines, "offset": shown.offset, "raw": []}),
    }


def rows_of(report: StatusReport) -> list[ServiceEntry]:
    """Return the rows of the services in `report`."""
    states = {address["address"]: address["state"] for address in report["addresses"]}
    return [_row(service, report["servers"], states) for service in report["services"]]


def _row(service: ServiceReport, judged: list[ServerReport], states: dict[str, str]) -> ServiceEntry:
    own = [verdict for verdict in judged if verdict["position"] == service["position"] is not None]
    servers = [_server(service, destination, own) for destination in service["destinations"]]
    there = {server.place for server in servers}
    servers += [_held_out(address) for address in own if address["index"] not in there]
    destinations = tuple(server.destination for server in servers if server.destination)
    key = _key(service)
    return ServiceEntry(
        service["owner"] or "",
        service["position"],
        key,
        Service(key, service["scheduler"], **_flags(service["flags"]), destinations=destinations),
        _counters(service["counters"]),
        service["scheduler"],
        servers,
        "foreign" if service["owner"] is None else state_of_service(servers, reach_of(key.address, states)),
    )


def _server(service: ServiceReport, report: DestinationReport, own: list[ServerReport]) -> ServerEntry:
    key = DestinationKey(ip_address(report["address"]), report["port"])
    destination = Destination(
        key,
        FORWARDS.get(report["forward"], Forward.ROUTE),
        report["weight"],
        report["upper_threshold"],
        report["lower_threshold"],
    )
    counted = DestinationCounters(
        report["active"], report["inactive"], report["persistent"], _counters(report["counters"])
    )
    found = next((it for it in own if (it["address"], it["name"]) == (report["address"], report["name"])), None)
    state = "foreign" if service["owner"] is None else "unknown"
    if found is not None:
        state = found["state"] if found["admin"] == "ready" else found["admin"]
    return ServerEntry(report["name"] or "", found["index"] if found else None, key, destination, counted, state)


def _held_out(report: ServerReport) -> ServerEntry:
    key = DestinationKey(ip_address(report["address"]), report["port"])
    state = report["state"] if report["admin"] == "ready" else report["admin"]
    return ServerEntry(report["name"], report["index"], key, None, None, "held" if state == "up" else state)


def _key(service: ServiceReport) -> ServiceKey:
    family = Family(service["family"])
    if service["fwmark"]:
        return ServiceKey(family, Transport.NONE, None, 0, service["fwmark"])
    return ServiceKey(family, Transport[service["protocol"]], ip_address(service["address"]), service["port"])


def _flags(text: str) -> dict[str, Any]:
    persistent, mask = re.search(r"persistent (\d+)", text), re.search(r"mask ([0-9.]+)", text)
    return {
        "persistent_s": int(persistent[1]) if persistent else 0,
        "netmask": int(ip_address(mask[1])) if mask else 0xFFFFFFFF,
        "scheduler_flags": SchedulerBits.FLAG_2 if "(sh-port)" in text else NO_SCHEDULER_BITS,
    }


def _counters(counted: CountersReport) -> Counters:
    return Counters(**counted)
